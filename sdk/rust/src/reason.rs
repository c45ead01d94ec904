//! Why an actor ended, in Erlang's words where it has one.

use serde::{Deserialize, Serialize};

/// Why an actor ended, or could not be reached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// It ended by itself, as planned.
    #[error("normal")]
    Normal,
    /// It was asked to stop, in order.
    #[error("shutdown")]
    Shutdown,
    /// It was killed; nothing could be done about it.
    #[error("killed")]
    Killed,
    /// It gave up, with a reason.
    #[error("failed: {0}")]
    Failed(String),
    /// Its code trapped: what happened and where.
    #[error("trapped: {0}")]
    Trapped(String),
    /// A turn took longer than its deadline.
    #[error("out-of-time")]
    OutOfTime,
    /// It wanted more memory than its limit.
    #[error("out-of-memory")]
    OutOfMemory,
    /// There was no such actor.
    #[error("no-actor")]
    NoActor,
    /// Its host could not be reached.
    #[error("unreachable")]
    Unreachable,
    /// A reason of a later host, or one that an actor made up.
    #[error("{0}")]
    Other(String),
}

impl Reason {
    /// Whether the end was in order: as planned, or as asked for.
    pub fn is_orderly(&self) -> bool {
        matches!(self, Self::Normal | Self::Shutdown)
    }
}
