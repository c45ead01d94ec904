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

    /// In the making.
    const NONE: Self = Self(Text::Short(0, [0; SHORT]));

    /// Takes a text on, where it is, if that is as nearly all kinds are: short, and plain ASCII. False: it may still be a kind,
    /// which its text says.
    fn set_plain(&mut self, text: &[u8]) -> bool {
        let plain = (1..=SHORT).contains(&text.len()) && text.iter().all(|byte| matches!(byte, b' '..=b'~'));
        if plain {
            self.set_short(text);
        }
        plain
    }

    fn set_short(&mut self, text: &[u8]) {
        if let Text::Long(_) = self.0 {
            *self = Self::NONE;
        }
        if let Text::Short(length, bytes) = &mut self.0 {
            bytes[..text.len()].copy_from_slice(text);
            *length = text.len() as u8;
        }
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
        let mut kind = Self::NONE;
        kind.set_short(text.as_bytes());
        Ok(kind)
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

    /// A message whose kind is as nearly all are, short and plain ASCII. None: it may still be a kind, which its text says.
    #[must_use]
    pub fn plain(kind: &[u8], body: &[u8]) -> Option<Self> {
        let mut message = Self { kind: Kind::NONE, body: Content::EMPTY };
        message.set_plain(kind, body).then_some(message)
    }

    fn set_plain(&mut self, kind: &[u8], body: &[u8]) -> bool {
        self.body.set(body);
        self.kind.set_plain(kind)
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

impl Envelope {
    /// One that has not been written into.
    pub const EMPTY: Self =
        Self { sender: None, request: None, topic: None, message: Message { kind: Kind::NONE, body: Content::EMPTY } };

    /// Makes it a message of an actor's, where it is, if the kind is as nearly all are, short and plain ASCII. False: it may still be
    /// a kind, which its text says; of the envelope nothing is said then.
    #[must_use]
    pub fn write_plain(&mut self, sender: Address, kind: &[u8], body: &[u8]) -> bool {
        self.sender = Some(sender);
        self.request = None;
        self.topic = None;
        self.message.set_plain(kind, body)
    }

    /// Gives back what it shares with others.
    pub fn forget(&mut self) {
        self.topic = None;
        self.message.body.forget();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_checked_and_kept() {
        let check = |text: &str, expect: Result<(), KindError>| {
            let kind = text.parse::<Kind>();
            assert_eq!(kind.as_ref().map(Kind::as_str), expect.as_ref().map(|()| text), "{text:?}");
            if let Some(plain) = plain(text) {
                assert_eq!(Ok(plain.message.kind), kind);
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
        assert!(plain("set-temperature ~").is_some());
        assert!(["", "\u{e9}", "\n", &"k".repeat(SHORT + 1)].iter().all(|text| plain(text).is_none()));
    }

    fn plain(kind: &str) -> Option<Envelope> {
        let mut envelope = Envelope::EMPTY;
        envelope.write_plain(Address { node: 1, key: 2 }, kind.as_bytes(), b"{}").then_some(envelope)
    }

    #[test]
    fn an_envelope_that_is_written_in_one_step_is_as_any_other() {
        let mut again = Envelope::EMPTY;
        for body in [String::new(), "7".into(), "x".repeat(1000)] {
            let sender = Address { node: 1, key: 2 };
            let message = Message::new("set".parse().unwrap(), body.as_str());
            let envelope = Envelope { sender: Some(sender), request: None, topic: None, message };
            assert!(again.write_plain(sender, b"set", body.as_bytes()));
            assert_eq!(again, envelope);
        }
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
