//! The control plane: every process of the tree, and what happens when one starts, ends, or is told to.
//!
//! [`System`] is a state machine. The engine feeds it [`Input`]s with the time, carries out the [`Effect`]s that it asks
//! for, and calls [`System::handle_timeout`] when [`System::poll_timeout`] says so. Its parts: `supervisor` is what a
//! supervisor knows, `supervise` starts children, `restart` decides about those that end, `stop` ends them, `admin` answers
//! orders, `reshape` takes new specs in, `links` tells who else is concerned, `view` shows it.

mod admin;
mod effect;
mod input;
mod links;
mod reshape;
mod restart;
mod stop;
mod supervise;
mod supervisor;
mod view;

pub use effect::{Answer, ChildView, Count, Effect, Notice, Parked, Refusal, Standing};
pub use input::{Blueprint, Caller, ChildSpec, Input, Monitor, Order, Template, What, Which};
pub use view::{ProcessView, SupervisorView};

use crate::{Address, Addresses, Flags, Instant, Name, Reason, Strategy};
use links::Ties;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use supervisor::{Activity, Job, Rule, Supervisor};

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
    /// Until when its orderly stop may take.
    deadline: Option<Instant>,
    /// Boxed, since most processes are actors, and there may be a million.
    supervisor: Option<Box<Supervisor>>,
}

/// Something that is due at a time, about one process.
#[derive(Debug)]
enum Timeout {
    /// This incarnation's orderly stop took too long.
    Kill { incarnation: u64 },
    /// The wait before its restart is over.
    Restart { supervisor: Address },
}

/// Something to go on with: in a queue, so that trees of any depth and width need no deep stack.
#[derive(Debug)]
enum Step {
    /// A supervisor starts.
    Begin(Address),
    /// A supervisor's child runs.
    Up(Address, Address),
    /// A supervisor's child ended, in this incarnation.
    Ended(Address, Address, u64, Reason),
    /// A supervisor's child had nothing to do.
    Ignored(Address, Address),
    /// A supervisor may have something to do.
    Work(Address),
    /// A supervisor is to stop.
    Stop(Address, Reason),
    /// A process beneath a killed supervisor.
    Kill(Address),
}

/// What the root supervisor is called.
const ROOT: &str = "root";

/// The state of all processes. All of it is ordered: the same inputs have the same effects in the same order, and the same
/// state looks the same to who debugs or explores it.
#[derive(Debug)]
pub struct System {
    addresses: Arc<Addresses>,
    processes: BTreeMap<Address, Process>,
    names: BTreeMap<Name, Address>,
    /// Names of specs: kept for them even while they have no process.
    reserved: BTreeSet<Name>,
    root: Address,
    steps: VecDeque<Step>,
    effects: VecDeque<Effect>,
    timeouts: BTreeMap<(Instant, Address), Timeout>,
    /// Chance, for the back-off: nothing that has to be secret.
    chance: u64,
    now: Instant,
}

impl System {
    /// A system with these children of its root supervisor, which is one-for-one. Nothing is started yet.
    pub fn new(addresses: &Arc<Addresses>, root: Vec<ChildSpec>, flags: Flags) -> Self {
        let mut system = Self {
            addresses: addresses.clone(),
            processes: BTreeMap::new(),
            names: BTreeMap::new(),
            reserved: BTreeSet::new(),
            root: addresses.fresh(),
            steps: VecDeque::new(),
            effects: VecDeque::new(),
            timeouts: BTreeMap::new(),
            chance: addresses.fresh().key,
            now: Instant::ORIGIN,
        };
        system.reserve(&root);
        let specs: Arc<[ChildSpec]> = root.into();
        let rule = Rule::Static { strategy: Strategy::OneForOne, specs: specs.clone() };
        let mut supervisor = Supervisor::new(rule, flags);
        for spec in &*specs {
            supervisor.children.push(system.lay_out(system.root, spec));
        }
        system.add(system.root, ROOT.parse().ok(), None, Some(supervisor));
        system
    }

    fn reserve(&mut self, specs: &[ChildSpec]) {
        let mut left: Vec<&ChildSpec> = specs.iter().collect();
        while let Some(spec) = left.pop() {
            self.reserved.insert(spec.name.clone());
            if let What::Supervisor { children, .. } = &spec.what {
                left.extend(&**children);
            }
        }
    }

    fn add(&mut self, address: Address, name: Option<Name>, parent: Option<Address>, supervisor: Option<Supervisor>) {
        // A name that somebody was quicker to take stays with whom it is.
        let name = name.filter(|name| !self.names.contains_key(name));
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
            deadline: None,
            supervisor: supervisor.map(Box::new),
        };
        self.processes.insert(address, process);
    }

    /// Takes in what happened.
    pub fn handle(&mut self, now: Instant, input: Input) {
        self.now = now;
        self.take(input);
        self.go_on();
    }

    fn take(&mut self, input: Input) {
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
            Input::Release(address) => self.release(address),
            Input::Order { supervisor, caller, order } => self.order(supervisor, caller, order),
            Input::Reshape(specs) => {
                self.reserved.clear();
                self.reserve(&specs);
                self.reshape(specs.into());
            }
            Input::Stop => self.stop_supervisor(self.root, Reason::Shutdown),
        }
    }

    fn go_on(&mut self) {
        while let Some(step) = self.steps.pop_front() {
            match step {
                Step::Begin(supervisor) => self.start_children(supervisor),
                Step::Up(supervisor, child) => self.child_started(supervisor, child),
                Step::Ended(supervisor, child, incarnation, reason) => {
                    self.child_ended(supervisor, child, incarnation, reason);
                }
                Step::Ignored(supervisor, child) => self.child_ignored(supervisor, child),
                Step::Work(supervisor) => self.work_now(supervisor),
                Step::Stop(supervisor, reason) => self.stop_supervisor(supervisor, reason),
                Step::Kill(process) => {
                    if self.is_alive(process) {
                        self.kill(process, Reason::Killed);
                    }
                }
            }
        }
    }

    /// The next thing to do.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When [`System::handle_timeout`] wants to be called.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.timeouts.first_key_value().map(|((due, _), _)| *due)
    }

    /// Kills what took too long to stop, and restarts what has waited long enough.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.now = now;
        while let Some(entry) = self.timeouts.first_entry().filter(|entry| entry.key().0 <= now) {
            let address = entry.key().1;
            match entry.remove() {
                Timeout::Kill { incarnation } => {
                    if self.is_current(address, incarnation, &[Phase::Starting, Phase::Running, Phase::Stopping]) {
                        self.kill(address, Reason::Killed);
                    }
                }
                Timeout::Restart { supervisor } => {
                    if let Some(waiting) = self.supervisor(supervisor) {
                        waiting.inbox.push_back(Job::Due(address));
                        self.work(supervisor);
                    }
                }
            }
            self.go_on();
        }
    }

    /// A number in 0..1 that nothing depends on: SplitMix64 (Steele, Lea, Flood 2014).
    fn chance(&mut self) -> f64 {
        self.chance = self.chance.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.chance;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((x ^ (x >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Who has a name.
    pub fn lookup(&self, name: &str) -> Option<Address> {
        self.names.get(name).copied()
    }

    /// The name of the supervisor at an address, if there is one.
    pub fn supervisor_name(&self, address: Address) -> Option<&Name> {
        let process = self.processes.get(&address)?;
        process.supervisor.as_ref().and(process.name.as_ref())
    }

    /// The child that a supervisor waits for: one that starts or stops.
    pub fn waits_for(&self, supervisor: Address) -> Option<Address> {
        match &self.processes.get(&supervisor)?.supervisor.as_ref()?.activity {
            Activity::Starting { at, .. } | Activity::Stopping { at, .. } => Some(*at),
            Activity::Idle | Activity::Ending { .. } => None,
        }
    }

    /// Whether nobody else can have a name: it is somebody's, or a spec's.
    pub fn is_taken(&self, name: &Name) -> bool {
        self.names.contains_key(name) || self.reserved.contains(name)
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
            Some(_) => self.steps.push_back(Step::Begin(address)),
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
            self.steps.push_back(Step::Up(parent, address));
        }
    }

    /// An incarnation is over. Whoever is tied to it hears first, then its supervisor decides.
    fn ended(&mut self, address: Address, reason: Reason) {
        let Some((parent, incarnation)) = self.down(address, &reason) else { return };
        match parent {
            Some(parent) => self.steps.push_back(Step::Ended(parent, address, incarnation, reason)),
            None if address == self.root => self.effects.push_back(Effect::Halt { reason }),
            None => self.forget(address, reason),
        }
    }

    fn ignored(&mut self, address: Address) {
        let Some((parent, _)) = self.down(address, &Reason::Normal) else { return };
        match parent {
            Some(parent) => self.steps.push_back(Step::Ignored(parent, address)),
            None => self.forget(address, Reason::Normal),
        }
    }

    /// Notes that an incarnation is over and tells those tied to it. Its supervisor and its number.
    fn down(&mut self, address: Address, reason: &Reason) -> Option<(Option<Address>, u64)> {
        let process = self.process(address)?;
        process.phase = Phase::Down;
        let (parent, incarnation) = (process.parent, process.incarnation);
        if let Some(deadline) = process.deadline.take() {
            self.timeouts.remove(&(deadline, address));
        }
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
        let taken = name.as_ref().filter(|name| self.is_taken(name)).cloned();
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
