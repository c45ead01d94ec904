//! Reading the short way: the fields of an object as programs write them, without white space and escapes, each name with
//! its value at once. What is written otherwise is left where it is, for `scan` to read, and to say what is wrong with it.

use super::number::usual;
use super::scan::{Ahead, Reader, Stand};
use super::word::{plain, word};
use crate::codec::Misfit;
use std::borrow::Cow;
use std::num::NonZero;

/// What comes next in an object.
pub(super) enum Field<'a> {
    /// A field of this name.
    Plain(&'a str),
    /// A field whose name has escapes: it lies in the reader.
    Escaped,
    /// Nothing more.
    End,
}

impl<'a> Reader<'a> {
    /// The next field of an object.
    #[inline(never)]
    pub(super) fn field(&mut self) -> Result<Field<'a>, Misfit> {
        match self.short() {
            Some(name) => Ok(Field::Plain(name)),
            None => self.long(),
        }
    }

    fn short(&mut self) -> Option<&'a str> {
        if self.is_slow() {
            return None;
        }
        let from = match self.stand {
            Stand::Value if self.text.get(self.at) == Some(&b',') => self.at + 1,
            Stand::Opened | Stand::Comma => self.at,
            _ => return None,
        };
        let at = self.plain_here(from)?;
        if self.text.get(at.get()) != Some(&b':') {
            return None;
        }
        let name = self.between(from, at);
        let at = at.get();
        (self.key_at, self.at, self.stand) = (from, at + 1, Stand::Value);
        self.look_ahead();
        Some(name)
    }

    /// Reads a value that is short, and the comma or the end after it.
    fn look_ahead(&mut self) -> Option<()> {
        let (value, at) = match self.text.get(self.at)? {
            b'0'..=b'9' | b'-' => usual(self.text, self.at).map(|(number, at)| (Ahead::Number(number), at))?,
            b'"' => self.plain(self.at).map(|at| (Ahead::Text(self.between(self.at, at)), at.get()))?,
            b't' => (Ahead::Bool(true), self.word_end("true")?),
            b'f' => (Ahead::Bool(false), self.word_end("false")?),
            b'n' => (Ahead::Null, self.word_end("null")?),
            _ => return None,
        };
        self.stand = match self.text.get(at)? {
            b',' => Stand::Comma,
            b'}' => Stand::Closed,
            _ => return None,
        };
        (self.ahead, self.at) = (value, at + 1);
        Some(())
    }

    fn word_end(&self, word: &str) -> Option<usize> {
        self.text[self.at..].starts_with(word.as_bytes()).then_some(self.at + word.len())
    }

    /// Where a string that is plain ASCII ends which begins with the quote at `from`.
    #[inline(always)]
    fn plain_here(&self, from: usize) -> Option<NonZero<usize>> {
        if self.text.get(from) != Some(&b'"') {
            return None;
        }
        let mut at = from + 1;
        loop {
            let length = plain(word(self.text, at));
            at += length;
            if length < 8 {
                break;
            }
        }
        if self.text.get(at) == Some(&b'"') { NonZero::new(at + 1) } else { None }
    }

    #[inline(never)]
    pub(super) fn plain(&self, from: usize) -> Option<NonZero<usize>> {
        self.plain_here(from)
    }

    /// The string that [`Reader::plain`] has found there.
    #[inline]
    pub(super) fn between(&self, from: usize, end: NonZero<usize>) -> &'a str {
        let text = self.text.get(from + 1..end.get() - 1).unwrap_or_default();
        // SAFETY: it is ASCII.
        unsafe { str::from_utf8_unchecked(text) }
    }

    #[cold]
    #[inline(never)]
    fn long(&mut self) -> Result<Field<'a>, Misfit> {
        Ok(match self.key()? {
            None => Field::End,
            Some(Cow::Borrowed(name)) => Field::Plain(name),
            Some(Cow::Owned(name)) => {
                self.escaped = Some(name.into());
                Field::Escaped
            }
        })
    }

    /// What does not fit is told with the name of its field.
    #[cold]
    #[inline(never)]
    pub(super) fn within(&self, key_at: usize, misfit: Misfit) -> Misfit {
        let mut again = Reader::new(self.text);
        again.at = key_at;
        misfit.within(&again.string().unwrap_or_default())
    }
}
