//! Why an actor ended, in Erlang's words where it has one.

use std::fmt;

/// Why an actor ended, or could not be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It ended by itself, as planned.
    Normal,
    /// It was asked to stop, in order.
    Shutdown,
    /// It was killed.
    Killed,
    /// It gave up, with a reason.
    Failed(String),
    /// Its code trapped.
    Trapped(String),
    /// A turn took longer than its deadline.
    OutOfTime,
    /// It wanted more memory than its limit.
    OutOfMemory,
    /// There was no such actor.
    NoActor,
    /// Its host could not be reached.
    Unreachable,
    /// A reason that an actor made up.
    Other(String),
}

impl Reason {
    /// Whether the end was in order: what a *transient* child is not restarted for (OTP `supervisor`).
    pub fn is_orderly(&self) -> bool {
        matches!(self, Self::Normal | Self::Shutdown)
    }

    /// Whether an actor's own code is to blame.
    pub fn is_of_code(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::Trapped(_) | Self::OutOfTime | Self::OutOfMemory)
    }

    /// The reason's stable word, as the API and the contract have it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Shutdown => "shutdown",
            Self::Killed => "killed",
            Self::Failed(_) => "failed",
            Self::Trapped(_) => "trapped",
            Self::OutOfTime => "out-of-time",
            Self::OutOfMemory => "out-of-memory",
            Self::NoActor => "no-actor",
            Self::Unreachable => "unreachable",
            Self::Other(_) => "other",
        }
    }

    /// What there is to say beyond the word.
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::Failed(text) | Self::Trapped(text) | Self::Other(text) => Some(text),
            _ => None,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())?;
        self.detail().map_or(Ok(()), |detail| write!(f, ": {detail}"))
    }
}
