//! The control plane: every process of the tree, and what happens when one starts, ends, or is told to.
//!
//! [`System`] is a state machine. The engine feeds it [`Input`]s with the time, carries out the [`Effect`]s that it asks
//! for, and calls [`System::handle_timeout`] when [`System::poll_timeout`] says so. Its parts: `supervise` decides what
//! supervisors do, `links` tells who else is concerned, `view` shows it.

mod links;
mod supervise;
mod view;

pub use view::{ProcessView, SupervisorView};

use crate::{Address, Addresses, Instant, Intensity, Name, Reason, Restart, Shutdown, Strategy};
use links::Ties;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use supervise::Supervisor;

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
        /// The new actor, from [`Addresses::fresh`].
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

/// What the engine has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Start an incarnation, and say [`Input::Started`], [`Input::Ignored`] or [`Input::Ended`].
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
    /// End an incarnation now, with this reason, and say [`Input::Ended`].
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

/// Where a process is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Between two incarnations, before the first, or after the last.
    Down,
    /// An incarnation is starting.
    Starting,
    /// An incarnation runs.
    Running,
    /// An incarnation is ending.
    Stopping,
}

/// An actor or a supervisor: what Erlang calls a process.
#[derive(Debug)]
struct Process {
    name: Option<Name>,
    /// Its supervisor; none for the root, and for what an actor spawned.
    parent: Option<Address>,
    /// Who spawned it, if an actor did.
    spawner: Option<Address>,
    phase: Phase,
    /// The number of the current or last incarnation; 0 before the first.
    incarnation: u64,
    ties: Ties,
    supervisor: Option<Supervisor>,
}

/// The state of all processes.
#[derive(Debug)]
pub struct System {
    processes: HashMap<Address, Process>,
    names: HashMap<Name, Address>,
    root: Address,
    effects: VecDeque<Effect>,
    /// Until when an orderly stop may take, by process.
    stopping: BTreeMap<(Instant, Address), u64>,
    now: Instant,
}

impl System {
    /// A system with these children of its root supervisor, which is one-for-one. Nothing is started yet.
    pub fn new(addresses: &Arc<Addresses>, root: Vec<ChildSpec>, intensity: Intensity) -> Self {
        let mut system = Self {
            processes: HashMap::new(),
            names: HashMap::new(),
            root: addresses.fresh(),
            effects: VecDeque::new(),
            stopping: BTreeMap::new(),
            now: Instant::ORIGIN,
        };
        let supervisor = system.lay_out(addresses, system.root, Strategy::OneForOne, intensity, root);
        system.add(system.root, None, None, Some(supervisor));
        system
    }

    fn lay_out(
        &mut self,
        addresses: &Arc<Addresses>,
        parent: Address,
        strategy: Strategy,
        intensity: Intensity,
        specs: Vec<ChildSpec>,
    ) -> Supervisor {
        let mut supervisor = Supervisor::new(strategy, intensity);
        for spec in specs {
            let address = addresses.fresh();
            let below = match spec.what {
                What::Worker => None,
                What::Supervisor { strategy, intensity, children } => {
                    Some(self.lay_out(addresses, address, strategy, intensity, children))
                }
            };
            self.add(address, Some(spec.name), Some(parent), below);
            supervisor.adopt(address, spec.restart, spec.shutdown);
        }
        supervisor
    }

    fn add(&mut self, address: Address, name: Option<Name>, parent: Option<Address>, supervisor: Option<Supervisor>) {
        if let Some(name) = &name {
            self.bind(name.clone(), address);
        }
        let process = Process {
            name,
            parent,
            spawner: None,
            phase: Phase::Down,
            incarnation: 0,
            ties: Ties::default(),
            supervisor,
        };
        self.processes.insert(address, process);
    }

    /// Takes in what happened.
    pub fn handle(&mut self, now: Instant, input: Input) {
        self.now = now;
        match input {
            Input::Start => self.start(self.root),
            Input::Started { address, incarnation } => {
                if self.is_current(address, incarnation, &[Phase::Starting]) {
                    self.up(address);
                }
            }
            Input::Ended { address, incarnation, reason } => {
                if self.is_current(address, incarnation, &[Phase::Starting, Phase::Running, Phase::Stopping]) {
                    self.ended(address, reason);
                }
            }
            Input::Ignored { address, incarnation } => {
                if self.is_current(address, incarnation, &[Phase::Starting, Phase::Stopping]) {
                    self.ignored(address);
                }
            }
            Input::Renewed { address } => self.renew(address),
            Input::Spawn { spawner, address, name, link, monitor } => {
                self.spawn(spawner, address, name, link, monitor);
            }
            Input::Link(one, other) => self.link(one, other),
            Input::Unlink(one, other) => self.unlink(one, other),
            Input::Monitor { monitor, watcher, watched } => self.monitor(monitor, watcher, watched),
            Input::Demonitor { monitor, watcher } => self.demonitor(monitor, watcher),
            Input::TrapExits(address, on) => {
                if let Some(process) = self.processes.get_mut(&address) {
                    process.ties.traps_exits = on;
                }
            }
            Input::Exit { from, to, reason } => self.exit(from, to, reason),
            Input::Register(address, name) => self.register(address, name),
            Input::Unregister(address, name) => self.unregister(address, &name),
            Input::Cycle(address) => self.cycle(address),
            Input::Stop => self.stop_supervisor(self.root, Reason::Shutdown),
        }
    }

    /// The next thing to do.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When [`System::handle_timeout`] wants to be called.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.stopping.first_key_value().map(|((deadline, _), _)| *deadline)
    }

    /// Kills what took too long to stop.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.now = now;
        while let Some((&(deadline, address), &incarnation)) = self.stopping.first_key_value() {
            if deadline > now {
                return;
            }
            self.stopping.remove(&(deadline, address));
            if self.is_current(address, incarnation, &[Phase::Starting, Phase::Running, Phase::Stopping]) {
                self.kill(address, Reason::Killed);
            }
        }
    }

    /// Who has a name.
    pub fn lookup(&self, name: &str) -> Option<Address> {
        self.names.get(name).copied()
    }

    fn is_current(&self, address: Address, incarnation: u64, phases: &[Phase]) -> bool {
        self.processes
            .get(&address)
            .is_some_and(|process| process.incarnation == incarnation && phases.contains(&process.phase))
    }

    fn process(&mut self, address: Address) -> Option<&mut Process> {
        self.processes.get_mut(&address)
    }

    /// Begins an incarnation.
    fn start(&mut self, address: Address) {
        let Some(process) = self.process(address) else { return };
        process.phase = Phase::Starting;
        process.incarnation += 1;
        let incarnation = process.incarnation;
        match process.supervisor {
            Some(_) => self.start_children(address),
            None => self.effects.push_back(Effect::Start { address, incarnation }),
        }
    }

    /// An incarnation is ready.
    fn up(&mut self, address: Address) {
        let Some(process) = self.process(address) else { return };
        process.phase = Phase::Running;
        let parent = process.parent;
        self.effects.push_back(Effect::Notice(Notice::Started(address)));
        if let Some(parent) = parent {
            self.child_started(parent, address);
        }
    }

    /// An incarnation is over. Whoever is tied to it hears first, then its supervisor decides.
    fn ended(&mut self, address: Address, reason: Reason) {
        let Some((parent, incarnation)) = self.down(address, &reason) else { return };
        match parent {
            Some(parent) => self.child_ended(parent, address, incarnation, reason),
            None if address == self.root => self.effects.push_back(Effect::Halt { reason }),
            None => self.forget(address, reason),
        }
    }

    fn ignored(&mut self, address: Address) {
        let Some((parent, _)) = self.down(address, &Reason::Normal) else { return };
        match parent {
            Some(parent) => self.child_ignored(parent, address),
            None => self.forget(address, Reason::Normal),
        }
    }

    /// Notes that an incarnation is over and tells those tied to it. Its supervisor and its number.
    fn down(&mut self, address: Address, reason: &Reason) -> Option<(Option<Address>, u64)> {
        let process = self.process(address)?;
        process.phase = Phase::Down;
        let (parent, incarnation) = (process.parent, process.incarnation);
        self.stopping.retain(|(_, stopping), _| *stopping != address);
        self.effects.push_back(Effect::Notice(Notice::Ended(address, reason.clone())));
        self.sever(address, reason);
        Some((parent, incarnation))
    }

    fn renew(&mut self, address: Address) {
        let Some(process) = self.process(address) else { return };
        if process.phase != Phase::Running {
            return;
        }
        self.sever(address, &Reason::Shutdown);
    }

    /// A process will never run again.
    fn forget(&mut self, address: Address, reason: Reason) {
        let Some(process) = self.processes.remove(&address) else { return };
        if let Some(name) = process.name.filter(|name| self.names.get(name) == Some(&address)) {
            self.unbind(name);
        }
        self.effects.push_back(Effect::Forget { address, reason });
    }

    fn spawn(&mut self, spawner: Address, address: Address, name: Option<Name>, link: bool, monitor: Option<Monitor>) {
        let taken = name.as_ref().filter(|name| self.names.contains_key(*name)).cloned();
        self.add(address, name.filter(|_| taken.is_none()), None, None);
        if let Some(process) = self.process(address) {
            process.spawner = Some(spawner);
            process.phase = Phase::Starting;
        }
        if link {
            self.link(spawner, address);
        }
        if let Some(monitor) = monitor {
            self.monitor(monitor, spawner, address);
        }
        match taken {
            Some(name) => self.ended(address, Reason::Failed(format!("the name `{name}` is taken"))),
            // Linked to a spawner that is already gone: it ended before it began.
            None if !self.is_current(address, 0, &[Phase::Starting]) => {}
            None => self.start(address),
        }
    }

    /// Asks a worker to stop in order, or kills it, as its shutdown says.
    fn stop_worker(&mut self, address: Address, shutdown: Shutdown, reason: Reason) {
        let now = self.now;
        let Some(process) = self.process(address) else { return };
        let incarnation = process.incarnation;
        process.phase = Phase::Stopping;
        match shutdown {
            Shutdown::Brutal => self.effects.push_back(Effect::Kill { address, incarnation, reason: Reason::Killed }),
            Shutdown::After(time) => {
                self.stopping.insert((now + time, address), incarnation);
                self.effects.push_back(Effect::Stop { address, incarnation, reason });
            }
            Shutdown::Infinity => self.effects.push_back(Effect::Stop { address, incarnation, reason }),
        }
    }

    /// Ends a process now, and with a supervisor all that is beneath it.
    fn kill(&mut self, address: Address, reason: Reason) {
        let Some(process) = self.process(address) else { return };
        if process.supervisor.is_some() {
            return self.kill_supervisor(address, reason);
        }
        if process.incarnation == 0 {
            // Never started: there is nothing for the engine to end.
            return self.ended(address, reason);
        }
        if process.phase != Phase::Down {
            process.phase = Phase::Stopping;
            let incarnation = process.incarnation;
            self.effects.push_back(Effect::Kill { address, incarnation, reason });
        }
    }
}
