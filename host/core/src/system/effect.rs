//! What the core has the engine do.

use super::Monitor;
use crate::{Address, Name, Reason};

/// What the engine has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Start an incarnation, and say `Input::Started`, `Input::Ignored` or `Input::Ended`.
    Start {
        /// The actor.
        address: Address,
        /// The incarnation's number, from 1.
        incarnation: u64,
    },
    /// Ask an incarnation to stop in order; it ends, in its own time.
    Stop {
        /// The actor.
        address: Address,
        /// Which of its incarnations.
        incarnation: u64,
        /// Why.
        reason: Reason,
    },
    /// End an incarnation now, with this reason, and say `Input::Ended`.
    Kill {
        /// The actor.
        address: Address,
        /// Which of its incarnations.
        incarnation: u64,
        /// Why.
        reason: Reason,
    },
    /// Tell an actor that traps exits that a linked one ended.
    Exited {
        /// Who is told.
        to: Address,
        /// Who ended.
        who: Address,
        /// Why.
        why: Reason,
    },
    /// Tell a watcher that the actor it watches ended.
    Down {
        /// Who is told.
        to: Address,
        /// Its monitor, which is used up.
        monitor: Monitor,
        /// Who ended.
        who: Address,
        /// Why.
        why: Reason,
    },
    /// The actor will never run again: its mailbox and its address are done with.
    Forget {
        /// The actor.
        address: Address,
        /// Why its last incarnation ended.
        reason: Reason,
    },
    /// This name now leads here.
    Bind {
        /// The name.
        name: Name,
        /// The actor.
        address: Address,
    },
    /// This name leads nowhere any more.
    Unbind {
        /// The name.
        name: Name,
    },
    /// The root supervisor ended: the host is done.
    Halt {
        /// Why: `shutdown` when it was asked for.
        reason: Reason,
    },
    /// Something worth telling people.
    Notice(Notice),
}

/// Something worth telling people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A process runs.
    Started(Address),
    /// An incarnation ended.
    Ended(Address, Reason),
    /// A supervisor restarts a child, and what it stopped with it.
    Restarting {
        /// The supervisor.
        supervisor: Address,
        /// The child that ended.
        child: Address,
        /// Restarts in the window, this one included.
        restarts: u32,
        /// Restarts that it makes within the window.
        limit: u32,
    },
    /// A supervisor made all the restarts that it may, and ends.
    GaveUp(Address),
}
