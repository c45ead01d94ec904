//! What a full mailbox does with one more message.

use std::fmt;

/// What a full mailbox does with one more message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// It has no place: the sender is told.
    Reject,
    /// It has no place until one is free, for a sender that can wait; any other is told.
    Wait,
    /// The oldest message goes.
    DropOldest,
    /// The new message goes.
    DropNewest,
    /// Also when not full: a message replaces the older one that it [makes superfluous](crate::Actor::replaces). When there is none and
    /// the mailbox is full, the oldest goes.
    Latest,
}

impl Policy {
    /// Whether a place is held from the sending on, so that a sender can be told that there is none. A mailbox that drops
    /// takes every message, and sees what goes only when it comes.
    pub(crate) fn holds_places(self) -> bool {
        matches!(self, Self::Reject | Self::Wait)
    }
}

/// A message that was not taken in, or had to make room for one that was.
#[derive(Debug, PartialEq, Eq)]
pub struct Lost<M> {
    /// The message.
    pub message: M,
    /// Why it is lost.
    pub why: Why,
}

/// Why a message is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The actor has ended between the sending and the end of the sender's turn.
    Ended,
    /// [`Policy::Latest`]: one that replaces it came.
    Replaced,
    /// [`Policy::DropNewest`]: the mailbox is full.
    Newest,
    /// [`Policy::DropOldest`] and [`Policy::Latest`]: the mailbox is full.
    Oldest,
    /// [`Policy::DropOldest`] and [`Policy::Latest`]: none waits that could go, because all were set aside.
    Aside,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ended => "the actor has ended",
            Self::Replaced => "a newer one of its kind came",
            Self::Newest => "the mailbox is full and drops the newest",
            Self::Oldest => "the mailbox is full and drops the oldest",
            Self::Aside => "the mailbox is full of messages that were set aside",
        })
    }
}
