//! What the core has the engine do.

use super::{Blueprint, Caller, Monitor, Phase};
use crate::{Address, Name, Reason, Restart};
use std::time::Duration;

/// What the engine has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Make room for an actor that is supervised: it has an address and a mailbox from now on, and runs nothing yet.
    Create {
        /// The actor.
        address: Address,
        /// Its name, if it has one.
        name: Option<Name>,
        /// What it will run.
        blueprint: Blueprint,
    },
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
    /// What came of an order.
    Answer {
        /// Who waits for it.
        caller: Caller,
        /// What came of it.
        answer: Result<Answer, Refusal>,
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
        /// How long it waits before it starts the child.
        wait: Duration,
    },
    /// A supervisor made all the restarts that it may, and ends.
    GaveUp(Address),
    /// A supervisor made all the restarts that it may, and put the child that ended in quarantine.
    Quarantined {
        /// The supervisor.
        supervisor: Address,
        /// The child.
        child: Address,
        /// Why the child ended the last time.
        reason: Reason,
    },
    /// A child is started out of quarantine.
    Released {
        /// The supervisor.
        supervisor: Address,
        /// The child.
        child: Address,
    },
    /// A supervisor ends since its significant children have ended.
    AutoShutdown(Address),
}

/// What came of an order that was carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The child runs.
    Started(Address),
    /// The child's start found nothing to do.
    Ignored,
    /// It is done.
    Done,
    /// The children, in start order.
    Children(Vec<ChildView>),
    /// How many children there are.
    Count(Count),
}

/// A child as its supervisor has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChildView {
    /// Its address.
    pub address: Address,
    /// Its name, if it has one.
    pub name: Option<Name>,
    /// Whether it is a supervisor.
    pub supervisor: bool,
    /// When it is restarted.
    pub restart: Restart,
    /// Where it is in its life.
    pub phase: Phase,
    /// What its supervisor has in mind with it.
    pub standing: Standing,
}

/// What a supervisor has in mind with a child that does not run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Standing {
    /// Nothing: it runs, or it has ended and stays so.
    #[default]
    Settled,
    /// Its restart failed or is to come: now, or at this time.
    Restarting(Option<crate::Instant>),
    /// It is in quarantine.
    Parked(Parked),
}

/// Why a child is in quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    /// Why it ended the last time.
    pub reason: Reason,
    /// How many restarts its supervisor had made within the window.
    pub restarts: u32,
    /// Since when.
    pub since: crate::Instant,
}

/// How many children there are (OTP `count_children/1`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Specs; of a dynamic supervisor always 1.
    pub specs: u64,
    /// Children that run.
    pub active: u64,
    /// Supervisors among the children, running or not.
    pub supervisors: u64,
    /// Workers among the children, running or not.
    pub workers: u64,
}

/// Why an order was not carried out. The words are OTP's where it has one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The child runs already.
    #[error("already-started: the supervisor has a child of this name, and it runs")]
    AlreadyStarted(Address),
    /// The child is there, and does not run.
    #[error("already-present: the supervisor has a child of this name; restart or delete it")]
    AlreadyPresent,
    /// There is no such child.
    #[error("not-found: the supervisor has no such child")]
    NotFound,
    /// The child runs.
    #[error("running: the child runs; terminate it first")]
    Running,
    /// The child is being restarted.
    #[error("restarting: the child is being restarted; terminate it first")]
    Restarting,
    /// Not for dynamic supervisors.
    #[error("dynamic: a dynamic supervisor keeps no specs; start one, or terminate it")]
    Dynamic,
    /// Only for dynamic supervisors.
    #[error("not-dynamic: the supervisor has no template; give the child's spec")]
    NotDynamic,
    /// Somebody else has the name.
    #[error("name-taken: another actor or supervisor has this name")]
    NameTaken,
    /// The spec cannot be.
    #[error("bad-spec: {0}")]
    BadSpec(&'static str),
    /// The start failed.
    #[error("failed: the child did not start: {0}")]
    Failed(Reason),
    /// It is no supervisor, or one that has ended or ends.
    #[error("no-supervisor: there is no such supervisor, or it is ending")]
    NoSupervisor,
}

impl Refusal {
    /// The refusal's stable word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::AlreadyStarted(_) => "already-started",
            Self::AlreadyPresent => "already-present",
            Self::NotFound => "not-found",
            Self::Running => "running",
            Self::Restarting => "restarting",
            Self::Dynamic => "dynamic",
            Self::NotDynamic => "not-dynamic",
            Self::NameTaken => "name-taken",
            Self::BadSpec(_) => "bad-spec",
            Self::Failed(_) => "failed",
            Self::NoSupervisor => "no-supervisor",
        }
    }
}
