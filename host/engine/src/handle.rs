//! What the outside may ask of a running host. Neighbours on a message's path: the server and the command line before
//! it, the mailbox behind it.

use crate::hub::Hub;
use crate::view::{Counters, DeadLetter, Node, Tree};
use greenroom_core::{Message, Reason};
use greenroom_manifest::Plan;
use std::sync::Arc;
use std::time::Duration;

/// A running host. Cheap to clone.
#[derive(Clone)]
pub struct Handle {
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    plan: Plan,
    hub: Arc<Hub>,
}

/// Why somebody outside was not served. Each says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// No actor has this name or address.
    #[error("there is no actor `{0}`; GET /api/tree or `greenroom tree` lists those there are")]
    NoActor(String),
    /// It is a supervisor, which takes no messages and has no code.
    #[error("`{0}` is a supervisor: name one of its actors")]
    Supervisor(String),
    /// Its mailbox is full.
    #[error("the mailbox of `{0}` is full ({1} messages): try again later")]
    MailboxFull(String, usize),
    /// The body is too long.
    #[error("the message has {0} bytes, and `{1}` takes at most {2}")]
    TooLarge(usize, String, u32),
    /// No answer came in time.
    #[error("`{0}` did not answer within {1:?}")]
    TimedOut(String, Duration),
    /// It is being restarted.
    #[error("`{0}` is being restarted: try again")]
    Restarting(String),
    /// It refused, and says why.
    #[error("{0}")]
    Refused(String),
    /// It ended before it answered.
    #[error("`{0}` ended before it answered: {1}")]
    Ended(String, Reason),
    /// A new build was not taken; the old one runs on.
    #[error("the new build was not taken, the old one runs on: {stage}: {why}")]
    NotSwapped {
        /// Where it failed: `read`, `compile`, `world`, `grants`, `state`, `start`.
        stage: &'static str,
        /// What is wrong, and what to do.
        why: String,
    },
    /// The host is shutting down.
    #[error("the host is shutting down")]
    ShuttingDown,
}

/// What a reload did.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Reloaded {
    /// The digest before.
    pub from: String,
    /// The digest now; the same if there was nothing new.
    pub to: String,
    /// What became of the state: `kept`, `fresh`, or `unchanged` if there was nothing new.
    pub state: &'static str,
    /// How long it took, in milliseconds.
    pub milliseconds: f64,
}

impl Handle {
    /// The plan that the host runs.
    pub fn plan(&self) -> &Plan {
        &self.shared.plan
    }

    /// What is published: the streams' source.
    pub fn hub(&self) -> &Arc<Hub> {
        &self.shared.hub
    }

    /// The tree as it is now.
    pub fn tree(&self) -> Tree {
        todo!()
    }

    /// One actor or supervisor, by name or address.
    pub fn show(&self, _whom: &str) -> Result<Node, CallError> {
        todo!()
    }

    /// Sends a message: it is in the mailbox when this returns.
    pub fn tell(&self, _whom: &str, _message: Message) -> Result<(), CallError> {
        todo!()
    }

    /// Asks, and waits for the answer.
    pub async fn ask(&self, _whom: &str, _message: Message, _timeout: Duration) -> Result<Message, CallError> {
        todo!()
    }

    /// Ends an actor or supervisor as `shutdown` and starts it again, outside the budget.
    pub async fn restart(&self, _whom: &str) -> Result<(), CallError> {
        todo!()
    }

    /// Kills an actor, as a fault would: its supervisor decides.
    pub async fn kill(&self, _whom: &str) -> Result<(), CallError> {
        todo!()
    }

    /// Reads an actor's component again and swaps it in.
    pub async fn reload(&self, _whom: &str) -> Result<Reloaded, CallError> {
        todo!()
    }

    /// The last messages that reached nobody, oldest first.
    pub fn dead_letters(&self) -> Vec<DeadLetter> {
        todo!()
    }

    /// Counters since the start.
    pub fn counters(&self) -> Counters {
        todo!()
    }

    /// Whether every actor of the manifest runs.
    pub fn healthy(&self) -> Result<(), String> {
        todo!()
    }
}
