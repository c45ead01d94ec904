//! What the engine tells the core.

use crate::{Address, Intensity, Name, Reason, Restart, Shutdown, Strategy};

/// Names a monitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Monitor(pub u64);

/// A child of a supervisor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChildSpec {
    /// Its name, which no other process has.
    pub name: Name,
    /// When it is restarted.
    pub restart: Restart,
    /// How it is stopped.
    pub shutdown: Shutdown,
    /// A worker, or a supervisor with children.
    pub what: What,
}

/// What a child is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// An actor: what it runs is the engine's business.
    Worker,
    /// A supervisor.
    Supervisor {
        /// Which children are restarted when one ends.
        strategy: Strategy,
        /// How many restarts it makes.
        intensity: Intensity,
        /// Its children, in start order.
        children: Vec<ChildSpec>,
    },
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// An operator wants a supervised child stopped and started again, outside the budget.
    Cycle(Address),
    /// Stops the whole tree, in order.
    Stop,
}
