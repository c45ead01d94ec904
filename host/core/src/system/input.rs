//! What the engine tells the core.

use crate::{Address, Flags, Name, Reason, Restart, Shutdown, Strategy};
use std::sync::Arc;

/// Names a monitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Monitor(pub u64);

/// What a worker runs: the engine's affair, which the core hands back in [`Effect::Create`](super::Effect::Create).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Blueprint(pub u64);

/// A child of a supervisor.
#[derive(Debug, Clone, PartialEq)]
pub struct ChildSpec {
    /// Its name, which no other process has.
    pub name: Name,
    /// When it is restarted.
    pub restart: Restart,
    /// How it is stopped.
    pub shutdown: Shutdown,
    /// Whether its supervisor may end because it has ended: see [`AutoShutdown`](crate::AutoShutdown).
    pub significant: bool,
    /// A worker, or a supervisor with children.
    pub what: What,
}

/// What a child is.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// An actor.
    Worker(Blueprint),
    /// A supervisor of children that are known.
    Supervisor {
        /// Which children are restarted when one ends.
        strategy: Strategy,
        /// What else it does.
        flags: Flags,
        /// Its children, in start order. Shared, since each level of a tree keeps those beneath it.
        children: Arc<[ChildSpec]>,
    },
    /// A supervisor of any number of children after one template, started when asked for (OTP `simple_one_for_one`).
    Dynamic {
        /// What it does.
        flags: Flags,
        /// How each child is treated.
        template: Template,
    },
}

/// How a dynamic supervisor treats its children.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    /// When one is restarted.
    pub restart: Restart,
    /// How one is stopped.
    pub shutdown: Shutdown,
    /// Whether each is significant.
    pub significant: bool,
}

/// Who waits for the answer to an [`Order`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Caller(pub u64);

/// Which child an [`Order`] means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// The one of this name.
    Name(Name),
    /// The one at this address.
    Address(Address),
}

/// What a supervisor can be asked for: the administration calls of OTP's `supervisor`. They wait until it is not busy.
#[derive(Debug, Clone, PartialEq)]
pub enum Order {
    /// Add this child and start it (`start_child/2`).
    Start(ChildSpec),
    /// Start one more child of a dynamic supervisor (`start_child/2`).
    StartOne {
        /// What it runs.
        blueprint: Blueprint,
        /// A name to register it under.
        name: Option<Name>,
    },
    /// Stop a child; its spec stays, unless it is temporary (`terminate_child/2`).
    Terminate(Which),
    /// Start a child that is stopped (`restart_child/2`); one in quarantine too.
    Restart(Which),
    /// Forget the spec of a child that is stopped (`delete_child/2`).
    Delete(Which),
    /// List the children (`which_children/1`).
    List,
    /// Count them (`count_children/1`).
    Count,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// Starts the tree. Once, and first.
    Start,
    /// An incarnation is ready.
    Started {
        /// The actor.
        address: Address,
        /// Which of its incarnations.
        incarnation: u64,
    },
    /// An incarnation ended; before it was ready, that is a failed start.
    Ended {
        /// The actor.
        address: Address,
        /// Which of its incarnations.
        incarnation: u64,
        /// Why.
        reason: Reason,
    },
    /// A start found nothing to do: there is no actor, and no failure (OTP's `ignore`).
    Ignored {
        /// The actor.
        address: Address,
        /// Which of its incarnations.
        incarnation: u64,
    },
    /// The running incarnation's code was replaced and its state was not: who is tied to it hears of a `shutdown`.
    Renewed {
        /// The actor.
        address: Address,
    },
    /// An actor spawns another, which no supervisor restarts.
    Spawn {
        /// Who spawns.
        spawner: Address,
        /// The new actor, from [`Addresses::fresh`](crate::Addresses::fresh).
        address: Address,
        /// A name to register it under. If it is taken by now, the actor ends as `failed` without a start.
        name: Option<Name>,
        /// Whether they are linked.
        link: bool,
        /// The spawner's monitor, if it wants one.
        monitor: Option<Monitor>,
    },
    /// Links two actors.
    Link(Address, Address),
    /// Removes the link.
    Unlink(Address, Address),
    /// Watches an actor.
    Monitor {
        /// The new monitor.
        monitor: Monitor,
        /// Who watches.
        watcher: Address,
        /// Who is watched.
        watched: Address,
    },
    /// Removes a monitor.
    Demonitor {
        /// The monitor.
        monitor: Monitor,
        /// Whose it is.
        watcher: Address,
    },
    /// Sets whether exits of linked actors end this one or are told to it.
    TrapExits(Address, bool),
    /// Sends an exit signal.
    Exit {
        /// From whom.
        from: Option<Address>,
        /// To whom.
        to: Address,
        /// With which reason.
        reason: Reason,
    },
    /// Registers an actor under a name, if that is free.
    Register(Address, Name),
    /// Gives a name up.
    Unregister(Address, Name),
    /// An operator wants a supervised child stopped and started again, outside the budget; one in quarantine is released.
    Cycle(Address),
    /// There is new code for a child: if it is in quarantine, it is released.
    Release(Address),
    /// Something for a supervisor to do, and to answer with [`Effect::Answer`](super::Effect::Answer).
    Order {
        /// The supervisor.
        supervisor: Address,
        /// Who waits for the answer.
        caller: Caller,
        /// What to do.
        order: Order,
    },
    /// The tree's specs are others now: children of the root supervisor. Changed ones apply at the next restart, new ones
    /// start when asked for, and removed ones run until they are stopped (OTP `supervisor:code_change/3`).
    Reshape(Vec<ChildSpec>),
    /// Stops the whole tree, in order.
    Stop,
}
