//! The control plane: every process of the tree, and what happens when one starts, ends, or is told to.
//!
//! [`System`] is a state machine. The engine feeds it [`Input`]s with the time, carries out the [`Effect`]s that it asks
//! for, and calls [`System::handle_timeout`] when [`System::poll_timeout`] says so. Its parts: `supervise` decides what
//! supervisors do, `links` tells who else is concerned, `view` shows it.

mod effect;
mod input;
mod links;
mod supervise;
mod view;

pub use effect::{Effect, Notice};
pub use input::{ChildSpec, Input, Monitor, What};
pub use view::{ProcessView, SupervisorView};

use crate::{Address, Addresses, Instant, Intensity, Name, Reason, Shutdown, Strategy};
use links::Ties;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use supervise::Supervisor;

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
