//! Errors: the one that ends an actor, and what the host answers to what it cannot do.

use crate::{Duration, Reason};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What ends an actor when its [`init`](crate::Actor::init) or [`handle`](crate::Actor::handle) returns it: a text. Made
/// from any error by `?`.
#[derive(Debug)]
pub struct Error(Why);

#[derive(Debug)]
enum Why {
    Text(String),
    Ignore,
}

/// A result whose error is a text that ends the actor.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error with a text: what is wrong, and what would be right.
    pub fn new(text: impl fmt::Display) -> Self {
        Self::text(format_args!("{text}"))
    }

    #[cold]
    #[inline(never)]
    fn text(text: fmt::Arguments<'_>) -> Self {
        Self(Why::Text(text.to_string()))
    }

    /// Returned by [`init`](crate::Actor::init): there is nothing to do, and that is no failure (Erlang's `ignore`).
    pub fn ignore() -> Self {
        Self(Why::Ignore)
    }

    pub(crate) fn is_ignore(&self) -> bool {
        matches!(self.0, Why::Ignore)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Why::Text(text) => f.write_str(text),
            Why::Ignore => f.write_str("there is nothing to do"),
        }
    }
}

// Like anyhow's, it is no `std::error::Error` itself, so that this does not overlap with `From<Error>`.
impl<E: std::error::Error> From<E> for Error {
    fn from(error: E) -> Self {
        Self::new(error)
    }
}

/// Why a message was not accepted. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The address is of an actor that has ended for good, or never was.
    #[error("there is no such actor")]
    NoActor,
    /// The receiver's mailbox is full and its policy is to refuse.
    #[error("the receiver's mailbox is full")]
    MailboxFull,
    /// The body is longer than this many bytes.
    #[error("the body is longer than {0} bytes")]
    TooLarge(u32),
    /// The kind is malformed, or a time is out of range.
    #[error("{0}")]
    Invalid(String),
    /// The manifest does not allow it. The text is the grant that would.
    #[error("not granted: the manifest has to grant `{0}`")]
    NotGranted(String),
    /// What a later host has to say.
    #[error("{0}")]
    Other(String),
}

/// Why a question has no answer. In JSON as the contract has it, so that it can be part of a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AskError {
    /// The address is of an actor that has ended for good, or never was.
    #[error("there is no such actor")]
    NoActor,
    /// The receiver's mailbox is full and its policy is to refuse.
    #[error("the receiver's mailbox is full")]
    MailboxFull,
    /// The body is longer than this many bytes.
    #[error("the body is longer than {0} bytes")]
    TooLarge(u32),
    /// The kind is malformed, or a time is out of range.
    #[error("{0}")]
    Invalid(String),
    /// The manifest does not allow it. The text is the grant that would.
    #[error("not granted: the manifest has to grant `{0}`")]
    NotGranted(String),
    /// No answer came in time. The other side is unaffected; a late answer is dropped.
    #[error("no answer came in time")]
    TimedOut,
    /// The other actor is being restarted.
    #[error("it is being restarted")]
    Restarting,
    /// The answer could never come: the text names the cycle of actors that wait for each other.
    #[error("the answer could never come: {0}")]
    WouldDeadlock(String),
    /// The other side refused. The text says what it expects.
    #[error("{0}")]
    Refused(String),
    /// The other actor ended before it answered.
    #[error("it ended before it answered: {0}")]
    Ended(Reason),
    /// Its host could not be reached.
    #[error("its host could not be reached")]
    Unreachable,
    /// What a later host has to say, or an answer that does not fit.
    #[error("{0}")]
    Other(String),
}

/// Why no actor was spawned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpawnError {
    /// The manifest has no `[behavior.NAME]` of this name.
    #[error("the manifest has no `[behavior.NAME]` of this name")]
    UnknownBehavior,
    /// The manifest does not allow it. The text is the grant that would.
    #[error("not granted: the manifest has to grant `{0}`")]
    NotGranted(String),
    /// The host's or this actor's limit of actors is reached: the limit, and what to do.
    #[error("{0}")]
    Limit(String),
    /// An actor of this name is alive.
    #[error("an actor of this name is alive")]
    NameTaken,
    /// The name, the configuration or a grant is malformed.
    #[error("{0}")]
    Invalid(String),
    /// What a later host has to say.
    #[error("{0}")]
    Other(String),
}

/// Why a name was not registered or looked up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Another living actor has it.
    #[error("another living actor has this name")]
    Taken,
    /// It is no name: why.
    #[error("{0}")]
    Invalid(String),
    /// The manifest does not allow it. The text is the grant that would.
    #[error("not granted: the manifest has to grant `{0}`")]
    NotGranted(String),
    /// What a later host has to say.
    #[error("{0}")]
    Other(String),
}

/// Why there is no value. An input that fails is a value, never a crash.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The manifest does not allow it. The text is the grant that would.
    #[error("not granted: the manifest has to grant `{0}`")]
    NotGranted(String),
    /// The manifest has no such device.
    #[error("the manifest has no such device")]
    NoDevice,
    /// The last good value is this old, in nanoseconds.
    #[error("the last value is {} old", Duration::from_nanos(*.0))]
    Stale(u64),
    /// It can't be read: what happened, and what to do.
    #[error("{0}")]
    Failed(String),
    /// What a later host has to say.
    #[error("{0}")]
    Other(String),
}

/// Why an output was not set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// The manifest does not allow it. The text is the grant that would.
    #[error("not granted: the manifest has to grant `{0}`")]
    NotGranted(String),
    /// The manifest has no such device.
    #[error("the manifest has no such device")]
    NoDevice,
    /// The device is an input.
    #[error("the device is an input")]
    ReadOnly,
    /// Another actor writes it: its name.
    #[error("`{0}` writes it")]
    Busy(String),
    /// Not a value of this device: what would be.
    #[error("{0}")]
    OutOfRange(String),
    /// It was on for longer than its `max-on` and stays off until it has been written off once.
    #[error("it was on for longer than its `max-on`: switch it off once")]
    MaxOn,
    /// It could not be driven the last time: what happened.
    #[error("{0}")]
    Failed(String),
    /// What a later host has to say.
    #[error("{0}")]
    Other(String),
}

/// Why nothing was published or subscribed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TopicError {
    /// Not a topic or pattern: why.
    #[error("{0}")]
    Invalid(String),
    /// The manifest does not allow it. The text is the grant that would.
    #[error("not granted: the manifest has to grant `{0}`")]
    NotGranted(String),
    /// The body is longer than this many bytes.
    #[error("the body is longer than {0} bytes")]
    TooLarge(u32),
    /// The manifest names no topic registry.
    #[error("the manifest names no topic registry (`host.topics`)")]
    NoRegistry,
    /// What a later host has to say.
    #[error("{0}")]
    Other(String),
}
