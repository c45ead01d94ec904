//! Reading, the part that knows no types: white space, words, strings, and where what begins and ends.

use super::number::{Number, number};
use super::word::{unescaped, word};
use crate::codec::{Misfit, NOT_JSON};
use serde::Deserialize;
use serde::de::{Error as _, Expected, IgnoredAny, Unexpected};
use std::borrow::Cow;

/// How deep JSON may nest: a component's stack is small.
const DEEPEST: u8 = 64;

/// JSON, and how far it has been read.
pub(crate) struct Reader<'a> {
    pub(super) text: &'a [u8],
    pub(super) at: usize,
    depth: u8,
    /// Of the innermost object.
    pub(super) stand: Stand,
    /// A value that has been read with its field's name, and is to be taken next.
    pub(super) ahead: Ahead<'a>,
    /// Where the name of the last field begins, and the name if it has escapes.
    pub(super) key_at: usize,
    pub(super) escaped: Option<Box<str>>,
    /// Only the long way is gone: what the short one is held against.
    #[cfg(test)]
    pub(super) slow: bool,
}

/// How far an object has been read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stand {
    /// To its opening.
    Opened,
    /// To a field's value, or its end.
    Value,
    /// To a comma.
    Comma,
    /// To its closing.
    Closed,
}

/// A value as it is read ahead.
#[derive(Clone, Copy)]
pub(super) enum Ahead<'a> {
    Nothing,
    Null,
    Bool(bool),
    Number(Number),
    Text(&'a str),
}

/// What a value begins with. Everything that is not about the type it is read as happens before, so that its code is
/// there once.
pub(super) enum Token<'a> {
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'a, str>),
    List,
    Table,
}

impl Token<'_> {
    #[cold]
    fn unfit(&self, expected: &dyn Expected) -> Misfit {
        let found = match self {
            Self::Null => Unexpected::Unit,
            Self::Bool(value) => Unexpected::Bool(*value),
            Self::Number(_) => Unexpected::Unsigned(0),
            Self::Text(text) => Unexpected::Str(text),
            Self::List => Unexpected::Seq,
            Self::Table => Unexpected::Map,
        };
        Misfit::invalid_type(found, expected)
    }
}

/// Methods for where only one kind of token fits: what it holds.
macro_rules! only {
    ($($method:ident $token:pat => $holds:expr, $type:ty;)*) => {$(
        #[inline(never)]
        pub(super) fn $method(&mut self, expected: &dyn Expected) -> Result<$type, Misfit> {
            match self.token()? {
                $token => Ok($holds),
                other => Err(other.unfit(expected)),
            }
        }
    )*};
}

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
            stand: Stand::Opened,
            ahead: Ahead::Nothing,
            key_at: 0,
            escaped: None,
            #[cfg(test)]
            slow: false,
        }
    }

    /// Whether only the long way is to be gone.
    #[inline]
    pub(super) fn is_slow(&self) -> bool {
        #[cfg(test)]
        return self.slow;
        #[cfg(not(test))]
        false
    }

    /// Nothing but white space is left.
    #[inline]
    pub(crate) fn end(&mut self) -> Result<(), Misfit> {
        if self.at == self.text.len() { Ok(()) } else { self.blank() }
    }

    #[inline(never)]
    fn blank(&mut self) -> Result<(), Misfit> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.wrong("nothing more")),
        }
    }

    /// The next byte that is no white space.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.text.get(self.at) {
            self.at += 1;
        }
        self.text.get(self.at).copied()
    }

    #[cold]
    #[inline(never)]
    pub(super) fn wrong(&self, expected: &str) -> Misfit {
        Misfit::new(format_args!("{NOT_JSON}expected {expected} at byte {}", self.at))
    }

    pub(super) fn expect(&mut self, byte: u8, name: &str) -> Result<(), Misfit> {
        if self.peek() != Some(byte) {
            return Err(self.wrong(name));
        }
        self.at += 1;
        Ok(())
    }

    fn word(&mut self, word: &str, token: Token<'a>) -> Result<Token<'a>, Misfit> {
        if !self.text[self.at..].starts_with(word.as_bytes()) {
            return Err(self.wrong(word));
        }
        self.at += word.len();
        Ok(token)
    }

    only! {
        null Token::Null => (), ();
        bool Token::Bool(value) => value, bool;
        number_token Token::Number(number) => number, Number;
        text_token Token::Text(text) => text, Cow<'a, str>;
        list Token::List => (), ();
        table_after_all Token::Table => (), ();
    }

    #[inline(never)]
    pub(super) fn token(&mut self) -> Result<Token<'a>, Misfit> {
        match std::mem::replace(&mut self.ahead, Ahead::Nothing) {
            Ahead::Nothing => {}
            Ahead::Null => return Ok(Token::Null),
            Ahead::Bool(value) => return Ok(Token::Bool(value)),
            Ahead::Number(number) => return Ok(Token::Number(number)),
            Ahead::Text(text) => return Ok(Token::Text(text.into())),
        }
        match self.peek() {
            Some(b'n') => self.word("null", Token::Null),
            Some(b't') => self.word("true", Token::Bool(true)),
            Some(b'f') => self.word("false", Token::Bool(false)),
            Some(b'"') => Ok(Token::Text(self.string()?)),
            Some(b'[') => self.enter(Token::List),
            Some(b'{') => self.enter(Token::Table),
            _ => {
                let (number, end) = number(self.text, self.at).ok_or_else(|| self.wrong("a value"))?;
                self.at = end;
                Ok(Token::Number(number))
            }
        }
    }

    /// The JSON of a value, as it is.
    pub(crate) fn raw(&mut self) -> Result<&'a [u8], Misfit> {
        self.peek();
        let from = self.at;
        IgnoredAny::deserialize(&mut *self)?;
        Ok(&self.text[from..self.at])
    }

    fn enter(&mut self, token: Token<'a>) -> Result<Token<'a>, Misfit> {
        if self.depth == DEEPEST {
            return Err(Misfit::new("the JSON nests more than 64 deep"));
        }
        self.depth += 1;
        self.at += 1;
        self.stand = Stand::Opened;
        Ok(token)
    }

    #[inline(never)]
    pub(super) fn number(&mut self, expected: &dyn Expected) -> Result<Number, Misfit> {
        if let Ahead::Nothing = self.ahead
            && let Some((number, end)) = number(self.text, self.at)
        {
            self.at = end;
            return Ok(number);
        }
        self.number_token(expected)
    }

    #[inline(never)]
    pub(super) fn text(&mut self, expected: &dyn Expected) -> Result<Cow<'a, str>, Misfit> {
        if let (Ahead::Nothing, Some(b'"')) = (self.ahead, self.text.get(self.at)) {
            return self.string();
        }
        self.text_token(expected)
    }

    /// An object begins.
    #[inline]
    pub(crate) fn table(&mut self, expected: &dyn Expected) -> Result<(), Misfit> {
        // One in another has been read up to its opening, and nothing ahead.
        if self.text.get(self.at) == Some(&b'{') && self.depth < DEEPEST && matches!(self.ahead, Ahead::Nothing) {
            self.depth += 1;
            self.at += 1;
            self.stand = Stand::Opened;
            return Ok(());
        }
        self.table_after_all(expected)
    }

    /// After an object has been read: its end.
    #[inline]
    pub(crate) fn leave_table(&mut self) -> Result<(), Misfit> {
        if self.stand == Stand::Closed {
            self.depth -= 1;
            self.stand = Stand::Value;
            return Ok(());
        }
        self.leave(b'}')
    }

    /// After a list or object has been read: its end.
    #[inline(never)]
    pub(super) fn leave(&mut self, close: u8) -> Result<(), Misfit> {
        self.depth -= 1;
        // What it was in goes on behind it.
        self.stand = Stand::Value;
        self.expect(close, if close == b']' { "`]`" } else { "`}`" })
    }

    /// Whether there is another item: the first, or one after a comma.
    #[inline(never)]
    pub(super) fn more(&mut self, first: &mut bool, close: u8) -> Result<bool, Misfit> {
        let first = std::mem::take(first);
        match self.peek() {
            Some(byte) if byte == close => Ok(false),
            Some(_) if first => Ok(true),
            Some(b',') => {
                self.at += 1;
                Ok(true)
            }
            _ => Err(self.wrong("`,` or the end of a list or object")),
        }
    }

    /// The name of the next field, up to its value.
    #[inline(never)]
    pub(crate) fn key(&mut self) -> Result<Option<Cow<'a, str>>, Misfit> {
        match self.stand {
            Stand::Closed => return Ok(None),
            Stand::Comma => {}
            Stand::Value if !matches!(self.ahead, Ahead::Nothing) => return Err(self.wrong("a value to be taken")),
            stand => {
                if !self.more(&mut (stand == Stand::Opened), b'}')? {
                    return Ok(None);
                }
            }
        }
        self.stand = Stand::Value;
        self.key_at = self.at;
        let key = self.string()?;
        self.expect(b':', "`:`")?;
        Ok(Some(key))
    }

    pub(super) fn string(&mut self) -> Result<Cow<'a, str>, Misfit> {
        if let Some(end) = self.plain(self.at)
            && !self.is_slow()
        {
            let text = self.between(self.at, end);
            self.at = end.get();
            return Ok(text.into());
        }
        self.expect(b'"', "a string")?;
        let from = self.at;
        let mut escaped = String::new();
        let mut run = from;
        loop {
            self.at += unescaped(word(self.text, self.at));
            match self.text.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped.push_str(self.utf8(run)?);
                    self.at += 1;
                    escaped.push(self.escape()?);
                    run = self.at;
                }
                Some(0..0x20) | None => return Err(self.wrong("the end of a string")),
                Some(_) => self.at += 1,
            }
        }
        let rest = self.utf8(run)?;
        self.at += 1;
        if run == from {
            return Ok(Cow::Borrowed(rest));
        }
        escaped.push_str(rest);
        Ok(Cow::Owned(escaped))
    }

    fn utf8(&self, from: usize) -> Result<&'a str, Misfit> {
        std::str::from_utf8(&self.text[from..self.at]).map_err(|_| self.wrong("UTF-8"))
    }

    fn escape(&mut self) -> Result<char, Misfit> {
        let byte = self.text.get(self.at).copied();
        self.at += 1;
        Ok(match byte {
            Some(byte @ (b'"' | b'\\' | b'/')) => byte.into(),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let mut code = self.hex()?;
                // What does not fit 16 bits is written as two halves.
                if (0xd800..0xdc00).contains(&code) && self.text[self.at..].starts_with(b"\\u") {
                    self.at += 2;
                    let low = self.hex()?.checked_sub(0xdc00).filter(|low| *low < 0x400);
                    code = 0x10000 + ((code - 0xd800) << 10) + low.ok_or_else(|| self.wrong("a low surrogate"))?;
                }
                char::from_u32(code).ok_or_else(|| self.wrong("a character"))?
            }
            _ => return Err(self.wrong("an escape")),
        })
    }

    fn hex(&mut self) -> Result<u32, Misfit> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.text.get(self.at).and_then(|byte| char::from(*byte).to_digit(16));
            code = code * 16 + digit.ok_or_else(|| self.wrong("a hexadecimal digit"))?;
            self.at += 1;
        }
        Ok(code)
    }
}
