//! Messages. On their path: made in `engine` imports or by the API, carried by mailboxes, handed to a component in a
//! turn.

use crate::{Address, Topic};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// What a behaviour matches on: 1 to 64 bytes, no control characters. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Kind(Arc<str>);

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
        &self.0
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
        Ok(Self(text.into()))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.0)
    }
}

/// A message. Cheap to clone, so that one publish reaches many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What a behaviour matches on.
    pub kind: Kind,
    /// By convention JSON; empty means no fields.
    pub body: Arc<[u8]>,
}

impl Message {
    /// A message of a kind with a body.
    pub fn new(kind: Kind, body: impl Into<Arc<[u8]>>) -> Self {
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
