//! Small trees, and everything that can happen to them: each start that succeeds, fails or finds nothing to do, each end,
//! each timeout and each order, in every order that an engine could bring them in. A breadth-first search of its own, since
//! a state of the core is reached by playing its inputs again, which needs no model beside it to be kept true.
#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]
#![expect(clippy::print_stderr, reason = "how much was visited, and where something does not hold")]

use greenroom_core::system::{
    Blueprint, Caller, ChildSpec, Effect, Input, Notice, Order, Phase, ProcessView, Standing, Template, What, Which,
};
use greenroom_core::{
    Address, Addresses, AutoShutdown, BackOff, Flags, GiveUp, Instant, Intensity, Name, Reason, Restart, Shutdown,
    Strategy, System,
};
use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::Arc;
use std::time::Duration;

#[derive(Debug, Clone, PartialEq)]
enum Choice {
    Started(Address, u64),
    Failed(Address, u64),
    Ignored(Address, u64),
    Crash(Address, u64),
    /// It ends as it was asked to.
    Obey(Address, u64, Reason),
    Time,
    /// The next of the orders.
    Order(usize),
    Kill(Address),
    Stop,
}

/// What an incarnation is doing, as the engine has it.
#[derive(Debug, Clone, PartialEq)]
enum Doing {
    Starting,
    Running,
    Asked(Reason),
}

struct World<'a> {
    case: &'a Case,
    system: System,
    now: Instant,
    live: BTreeMap<Address, (u64, Doing)>,
    last: BTreeMap<Address, u64>,
    /// Crashes, failed starts and the like that may still come.
    faults: u32,
    asked: BTreeSet<usize>,
    answered: BTreeSet<usize>,
    stopped: bool,
    halted: bool,
    killed: bool,
    /// Those that somebody wants down, or that had nothing to do.
    excused: BTreeSet<Address>,
}

struct Case {
    name: &'static str,
    tree: Vec<ChildSpec>,
    /// To the first supervisor.
    orders: Vec<Order>,
    faults: u32,
    kills: bool,
}

impl<'a> World<'a> {
    fn new(case: &'a Case) -> Self {
        let system = System::new(&Arc::new(Addresses::new(1, [2, 3])), case.tree.clone(), flags(1));
        let mut world = World {
            case,
            system,
            now: Instant::ORIGIN,
            live: BTreeMap::new(),
            last: BTreeMap::new(),
            faults: case.faults,
            asked: BTreeSet::new(),
            answered: BTreeSet::new(),
            stopped: false,
            halted: false,
            killed: false,
            excused: BTreeSet::new(),
        };
        world.input(Input::Start);
        world
    }

    fn choices(&self) -> Vec<Choice> {
        let mut choices = Vec::new();
        for (address, (incarnation, doing)) in &self.live {
            let (address, incarnation) = (*address, *incarnation);
            match doing {
                Doing::Starting => {
                    choices.push(Choice::Started(address, incarnation));
                    if self.faults > 0 {
                        choices.push(Choice::Failed(address, incarnation));
                        choices.push(Choice::Ignored(address, incarnation));
                    }
                }
                Doing::Running if self.faults > 0 => choices.push(Choice::Crash(address, incarnation)),
                Doing::Running => {}
                Doing::Asked(reason) => {
                    choices.push(Choice::Obey(address, incarnation, reason.clone()));
                    if self.faults > 0 {
                        choices.push(Choice::Crash(address, incarnation));
                    }
                }
            }
        }
        if self.system.poll_timeout().is_some() {
            choices.push(Choice::Time);
        }
        // Orders come in this order, at any time.
        if self.asked.len() < self.case.orders.len() {
            choices.push(Choice::Order(self.asked.len()));
        }
        if !self.stopped {
            choices.push(Choice::Stop);
        }
        if self.case.kills && !self.killed {
            choices.extend(self.supervisor().map(|supervisor| Choice::Kill(supervisor.address)));
        }
        choices
    }

    /// The first one beneath the root.
    fn supervisor(&self) -> Option<ProcessView> {
        self.system.tree().children.into_iter().next()
    }

    fn make(&mut self, choice: &Choice) {
        match choice {
            Choice::Started(address, incarnation) => {
                self.live.get_mut(address).unwrap().1 = Doing::Running;
                self.input(Input::Started { address: *address, incarnation: *incarnation });
            }
            Choice::Ignored(address, incarnation) => {
                self.faults -= 1;
                self.live.remove(address);
                self.excused.insert(*address);
                self.input(Input::Ignored { address: *address, incarnation: *incarnation });
            }
            Choice::Failed(address, incarnation) | Choice::Crash(address, incarnation) => {
                self.faults -= 1;
                self.end(*address, *incarnation, Reason::OutOfTime);
            }
            Choice::Obey(address, incarnation, reason) => self.end(*address, *incarnation, reason.clone()),
            Choice::Time => {
                self.now = self.system.poll_timeout().unwrap();
                self.system.handle_timeout(self.now);
                self.effects();
            }
            Choice::Order(at) => {
                self.asked.insert(*at);
                let order = self.case.orders[*at].clone();
                let supervisor = self.supervisor().map_or(Address { node: 0, key: 0 }, |supervisor| supervisor.address);
                self.input(Input::Order { supervisor, caller: Caller(*at as u64), order });
            }
            Choice::Kill(supervisor) => {
                self.killed = true;
                self.input(Input::Exit { from: None, to: *supervisor, reason: Reason::Killed });
            }
            Choice::Stop => {
                self.stopped = true;
                self.input(Input::Stop);
            }
        }
    }

    fn end(&mut self, address: Address, incarnation: u64, reason: Reason) {
        self.live.remove(&address);
        self.input(Input::Ended { address, incarnation, reason });
    }

    fn input(&mut self, input: Input) {
        self.system.handle(self.now, input);
        self.effects();
    }

    fn effects(&mut self) {
        while let Some(effect) = self.system.poll_effect() {
            match effect {
                Effect::Start { address, incarnation } => {
                    assert!(!self.halted, "a start after the end");
                    let before = self.live.insert(address, (incarnation, Doing::Starting));
                    assert_eq!(before, None, "two incarnations at once");
                    let last = self.last.insert(address, incarnation).unwrap_or(0);
                    assert_eq!(incarnation, last + 1, "incarnations are counted");
                    self.alone(address);
                }
                Effect::Stop { address, incarnation, reason } => {
                    self.ask(address, incarnation, reason);
                    self.alone(address);
                }
                Effect::Kill { address, incarnation, reason } => self.ask(address, incarnation, reason),
                Effect::Answer { caller, answer } => {
                    if let (Ok(_), Order::Terminate(Which::Name(name))) = (answer, &self.case.orders[caller.0 as usize])
                    {
                        self.excused.extend(self.system.lookup(name.as_str()));
                    }
                    assert!(self.asked.contains(&(caller.0 as usize)), "an answer to nobody");
                    assert!(self.answered.insert(caller.0 as usize), "a second answer to {caller:?}");
                }
                Effect::Halt { .. } => {
                    assert!(!self.halted, "a second end");
                    assert!(self.live.is_empty(), "the end, and somebody lives");
                    self.halted = true;
                }
                Effect::Notice(Notice::Started(address)) => {
                    self.excused.remove(&address);
                }
                _ => {}
            }
        }
    }

    fn ask(&mut self, address: Address, incarnation: u64, reason: Reason) {
        let (live, doing) = self.live.get_mut(&address).expect("an effect for one that is dead");
        assert_eq!(*live, incarnation, "an effect for another incarnation");
        *doing = Doing::Asked(reason);
    }

    /// A supervisor of known children starts and stops one after the other, and in order.
    fn alone(&self, child: Address) {
        let mut left = vec![self.system.tree()];
        while let Some(mut process) = left.pop() {
            let place = process.children.iter().position(|below| below.address == child);
            if let Some(place) = place
                && process.supervisor.is_some_and(|supervisor| supervisor.strategy.is_some())
            {
                let busy = |at: &ProcessView| matches!(at.phase, Phase::Starting | Phase::Stopping);
                let others = process.children.iter().filter(|other| other.address != child);
                assert!(!others.clone().any(busy), "two children at once");
                match process.phase {
                    Phase::Stopping => {
                        let after = &process.children[place + 1..];
                        assert!(after.iter().all(|other| other.phase == Phase::Down), "stopped before those after it");
                    }
                    Phase::Starting => {
                        let after = &process.children[place + 1..];
                        assert!(after.iter().all(|other| other.phase == Phase::Down), "started after those after it");
                    }
                    _ => {}
                }
            }
            left.append(&mut process.children);
        }
    }

    /// What holds in every state; and more in those where nothing is under way.
    fn check(&self) {
        let idle =
            self.live.values().all(|(_, doing)| *doing == Doing::Running) && self.system.poll_timeout().is_none();
        if self.halted {
            assert!(self.live.is_empty() && self.system.poll_timeout().is_none(), "something after the end");
        }
        if idle {
            assert_eq!(self.asked, self.answered, "an order without an answer");
            assert!(self.halted || !self.stopped, "told to stop, and does not end");
        }
        let mut addresses = BTreeSet::new();
        let mut left = vec![(self.system.tree(), false)];
        while let Some((process, supervised)) = left.pop() {
            addresses.insert(process.address);
            if let Some(name) = &process.name {
                assert_eq!(self.system.lookup(name.as_str()), Some(process.address), "{name} is not its own");
            }
            if process.supervisor.is_none() {
                let lives = self.live.contains_key(&process.address);
                assert_eq!(lives, process.phase != Phase::Down, "alive in one view only: {:?}", process.name);
            }
            if idle && supervised {
                assert!(matches!(process.phase, Phase::Running | Phase::Down), "nothing comes of {:?}", process.name);
                let lost = process.phase == Phase::Down
                    && process.restart == Some(Restart::Permanent)
                    && !matches!(process.standing, Standing::Parked(_))
                    && !self.excused.contains(&process.address);
                assert!(!lost, "{:?} is lost", process.name);
                assert!(!matches!(process.standing, Standing::Restarting(_)), "nobody restarts {:?}", process.name);
            }
            let running = process.phase == Phase::Running && process.supervisor.is_some();
            left.extend(process.children.into_iter().map(|child| (child, running)));
        }
        for name in ["s", "d", "in", "a", "b", "c", "x", "y"] {
            let bound = self.system.lookup(name);
            assert!(bound.is_none_or(|address| addresses.contains(&address)), "`{name}` leads to nobody");
        }
    }
}

fn replay<'a>(case: &'a Case, path: &[Choice]) -> World<'a> {
    let mut world = World::new(case);
    for choice in path {
        world.make(choice);
    }
    world
}

/// Says where it was when something does not hold.
struct Trail<'a>(&'a str, &'a [Choice], &'a Choice);

impl Drop for Trail<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("in `{}`, after:", self.0);
            self.1.iter().chain([self.2]).for_each(|choice| eprintln!("  {choice:?}"));
        }
    }
}

/// Visits every state. How many there are, and in how many the host has ended.
fn explore(case: &Case) -> (usize, usize) {
    let hasher = BuildHasherDefault::<DefaultHasher>::default();
    let mut seen: HashSet<u64> = HashSet::new();
    let mut ends = 0;
    let mut left = VecDeque::from([Vec::new()]);
    while let Some(path) = left.pop_front() {
        let world = replay(case, &path);
        ends += usize::from(world.halted);
        for choice in world.choices() {
            let trail = Trail(case.name, &path, &choice);
            let mut world = replay(case, &path);
            world.make(&choice);
            world.check();
            drop(trail);
            let World { system, live, faults, asked, stopped, killed, excused, .. } = &world;
            if seen.insert(hasher.hash_one(format!("{:?}", (system, live, faults, asked, stopped, killed, excused)))) {
                let mut path = path.clone();
                path.push(choice);
                left.push_back(path);
            }
        }
    }
    (seen.len(), ends)
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn flags(restarts: u32) -> Flags {
    let intensity = Intensity { restarts, within: Duration::from_secs(60) };
    Flags { intensity, ..Flags::default() }
}

fn actor(text: &str, restart: Restart) -> ChildSpec {
    let (shutdown, what) = (Shutdown::WORKER, What::Worker(Blueprint(0)));
    ChildSpec { name: name(text), restart, shutdown, significant: false, what }
}

fn permanent(text: &str) -> ChildSpec {
    actor(text, Restart::Permanent)
}

fn above(text: &str, what: What) -> ChildSpec {
    ChildSpec { shutdown: Shutdown::SUPERVISOR, what, ..permanent(text) }
}

fn supervisor(text: &str, strategy: Strategy, flags: Flags, children: Vec<ChildSpec>) -> ChildSpec {
    above(text, What::Supervisor { strategy, flags, children: children.into() })
}

#[track_caller]
fn check(case: &Case, least: usize) {
    let (states, ends) = explore(case);
    eprintln!("{}: {states} states, {ends} of them ends", case.name);
    assert!(states >= least && ends > 0, "{}: {states} states, {ends} ends: not what it was written for", case.name);
}

fn which(text: &str) -> Which {
    Which::Name(name(text))
}

#[test]
fn each_strategy() {
    use Strategy::{OneForAll, OneForOne, RestForOne};
    for (name, strategy) in [("one-for-one", OneForOne), ("one-for-all", OneForAll), ("rest-for-one", RestForOne)] {
        let children = vec![permanent("a"), actor("b", Restart::Transient), actor("c", Restart::Temporary)];
        let tree = vec![supervisor("s", strategy, flags(1), children)];
        check(&Case { name, tree, orders: vec![], faults: 2, kills: false }, 500);
    }
}

#[test]
fn nested_and_killed() {
    let inner = supervisor("in", Strategy::OneForAll, flags(1), vec![permanent("a"), permanent("b")]);
    let tree = vec![supervisor("s", Strategy::RestForOne, flags(1), vec![inner, permanent("c")])];
    check(&Case { name: "nested", tree, orders: vec![], faults: 1, kills: true }, 300);
}

#[test]
fn orders_at_any_time() {
    for strategy in [Strategy::OneForOne, Strategy::OneForAll] {
        let tree = vec![supervisor("s", strategy, flags(1), vec![permanent("a"), permanent("b")])];
        let orders = vec![Order::Terminate(which("a")), Order::Restart(which("a")), Order::Start(permanent("x"))];
        check(&Case { name: "orders", tree, orders, faults: 1, kills: false }, 500);
    }
    let tree = vec![supervisor("s", Strategy::OneForOne, flags(1), vec![permanent("a"), permanent("b")])];
    let orders = vec![Order::Terminate(which("a")), Order::Delete(which("a")), Order::Start(permanent("a"))];
    check(&Case { name: "deleted", tree, orders, faults: 1, kills: true }, 500);
}

#[test]
fn dynamic() {
    for restart in [Restart::Permanent, Restart::Temporary] {
        let template = Template { restart, shutdown: Shutdown::WORKER, significant: false };
        let tree = vec![above("d", What::Dynamic { flags: flags(1), template })];
        let one = |text| Order::StartOne { blueprint: Blueprint(0), name: Some(name(text)) };
        let orders = vec![one("x"), one("y"), Order::Terminate(which("x"))];
        check(&Case { name: "dynamic", tree, orders, faults: 2, kills: true }, 300);
    }
}

#[test]
fn back_off_and_quarantine() {
    let first = Duration::from_secs(1);
    let back_off = Some(BackOff { first, jitter: 0.0, ..BackOff::default() });
    for strategy in [Strategy::OneForOne, Strategy::OneForAll] {
        let children = || vec![permanent("a"), permanent("b")];
        let waits = Flags { back_off, ..flags(3) };
        let orders = || vec![Order::Terminate(which("a")), Order::Restart(which("a"))];
        let tree = vec![supervisor("s", strategy, waits, children())];
        check(&Case { name: "back-off", tree, orders: vec![], faults: 3, kills: false }, 500);
        let tree = vec![supervisor("s", strategy, waits, vec![permanent("a")])];
        check(&Case { name: "back-off, killed", tree, orders: vec![], faults: 3, kills: true }, 300);
        let parks = Flags { give_up: GiveUp::Quarantine, ..flags(0) };
        let tree = vec![supervisor("s", strategy, parks, children())];
        check(&Case { name: "quarantine", tree, orders: orders(), faults: 2, kills: false }, 500);
    }
}

#[test]
fn significant() {
    for auto_shutdown in [AutoShutdown::Any, AutoShutdown::All] {
        let child = |text| ChildSpec { significant: true, ..actor(text, Restart::Temporary) };
        let inner = supervisor(
            "s",
            Strategy::OneForOne,
            Flags { auto_shutdown, ..flags(1) },
            vec![child("a"), child("b"), permanent("c")],
        );
        let tree = vec![inner];
        check(&Case { name: "significant", tree, orders: vec![], faults: 2, kills: false }, 500);
    }
}
