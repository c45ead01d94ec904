//! Messages. On their path: made in `engine` imports or by the API, carried by mailboxes, handed to a component in a
//! turn.

use crate::{Address, Content, Topic};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// What a behaviour matches on: 1 to 64 bytes, no control characters. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Kind(Text);

/// Nearly all kinds are short. One that is needs no memory of its own, and who clones it shares nothing with anybody.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Text {
    /// So many of the bytes; the rest is zero.
    Short(u8, [u8; SHORT]),
    /// All that are longer, so that equal texts are of the same sort.
    Long(Arc<str>),
}

/// What fits where a long text's pointer would be, in 24 bytes altogether.
const SHORT: usize = 22;

/// Why a text is no [`Kind`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KindError {
    /// Nothing, or more than 64 bytes.
    #[error("a message's kind has 1 to 64 bytes, this one has {0}")]
    Length(usize),
    /// A control character.
    #[error("a message's kind has no control characters")]
    Control,
}

impl Kind {
    /// The text.
    pub fn as_str(&self) -> &str {
        // It was a text when it was copied, so it is one.
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    /// The text's bytes.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Text::Short(length, bytes) => &bytes[..usize::from(*length)],
            Text::Long(text) => text.as_bytes(),
        }
    }

    /// As nearly all kinds are, in one step: short and plain ASCII. None: it may still be a kind, which its text says.
    pub fn plain(bytes: &[u8]) -> Option<Self> {
        let plain = bytes.iter().all(|byte| matches!(byte, b' '..=b'~'));
        ((1..=SHORT).contains(&bytes.len()) && plain).then(|| Self::short(bytes))
    }

    /// Of a text that is no longer than that.
    fn short(text: &[u8]) -> Self {
        let mut bytes = [0; SHORT];
        bytes[..text.len()].copy_from_slice(text);
        Self(Text::Short(text.len() as u8, bytes))
    }
}

impl FromStr for Kind {
    type Err = KindError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() || text.len() > 64 {
            return Err(KindError::Length(text.len()));
        }
        if text.chars().any(char::is_control) {
            return Err(KindError::Control);
        }
        if text.len() > SHORT {
            return Ok(Self(Text::Long(text.into())));
        }
        Ok(Self::short(text.as_bytes()))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.as_str())
    }
}

/// A message. Cheap to clone, so that one publish reaches many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What a behaviour matches on.
    pub kind: Kind,
    /// By convention JSON; empty means no fields.
    pub body: Content,
}

impl Message {
    /// A message of a kind with a body.
    pub fn new(kind: Kind, body: impl Into<Content>) -> Self {
        Self { kind, body: body.into() }
    }
}

/// A question that waits for its answer; unique within the host's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Request(pub u64);

/// A message as it arrives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Who sent it; none: the host, or somebody outside.
    pub sender: Option<Address>,
    /// The question to answer, if the sender waits.
    pub request: Option<Request>,
    /// The topic that it was published on.
    pub topic: Option<Topic>,
    /// The message.
    pub message: Message,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_checked_and_kept() {
        let check = |text: &str, expect: Result<(), KindError>| {
            let kind = text.parse::<Kind>();
            assert_eq!(kind.as_ref().map(Kind::as_str), expect.as_ref().map(|()| text), "{text:?}");
            if let Some(plain) = Kind::plain(text.as_bytes()) {
                assert_eq!(Ok(plain), kind);
            }
        };
        check("a", Ok(()));
        check("Großer Bräu ☕", Ok(()));
        for length in [SHORT - 1, SHORT, SHORT + 1, 64] {
            check(&"k".repeat(length), Ok(()));
        }
        // A character at the border.
        check(&format!("{}é", "k".repeat(SHORT - 1)), Ok(()));
        check("", Err(KindError::Length(0)));
        check(&"k".repeat(65), Err(KindError::Length(65)));
        for text in ["a\nb", "\u{7f}", "\u{85}"] {
            check(text, Err(KindError::Control));
        }
        assert!(Kind::plain(b"set-temperature ~").is_some());
        assert!(["", "\u{e9}", "\n", &"k".repeat(SHORT + 1)].iter().all(|text| Kind::plain(text.as_bytes()).is_none()));
    }

    #[test]
    fn kinds_are_equal_when_their_texts_are() {
        let kind = |length: usize| "k".repeat(length).parse::<Kind>().unwrap();
        for (one, other) in [(1, 2), (SHORT, SHORT), (SHORT, SHORT + 1), (64, 64)] {
            assert_eq!(kind(one) == kind(other), one == other, "{one} {other}");
        }
        assert_eq!(size_of::<Kind>(), 24);
    }
}
