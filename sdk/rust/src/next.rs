//! What a turn answers: what handles the next message.

/// What handles the next message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// This actor, as before.
    Same,
    /// This actor, in another state of its own: messages put aside with `Defer` are delivered again, oldest first.
    Changed,
    /// This actor; the message is put aside, with the question if it is one, until the next `Changed` or `Become`.
    Defer,
    /// This actor; the message was not understood. It goes to the dead letters with this text, and who asked is refused
    /// with it.
    Unhandled(String),
    /// Another behaviour of the manifest, at the same address and with the same mailbox. Needs the grant `spawn:NAME`.
    Become(String),
    /// Nothing: the actor ends, as `normal`.
    Stop,
}

impl Next {
    /// [`Next::Unhandled`] with a text that says what would be right.
    pub fn unhandled(why: impl Into<String>) -> Self {
        Self::Unhandled(why.into())
    }

    /// [`Next::Become`] another behaviour of the manifest.
    pub fn to(behavior: impl Into<String>) -> Self {
        Self::Become(behavior.into())
    }
}
