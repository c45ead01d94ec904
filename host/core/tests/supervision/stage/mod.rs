//! A stage for scripts: plays the engine, which starts and ends what the core asks for, at once unless told otherwise.

use greenroom_core::system::{
    Answer, Blueprint, Caller, ChildSpec, Effect, Input, Monitor, Notice, Order, Phase, ProcessView, Standing,
    Template, What, Which,
};
use greenroom_core::{
    Address, Addresses, AutoShutdown, BackOff, Flags, GiveUp, Instant, Intensity, Name, Reason, Restart, Shutdown,
    Strategy, System,
};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

pub(crate) struct Child(ChildSpec);

pub(crate) fn actor(name: &str) -> Child {
    let (name, what) = (name.parse().unwrap(), What::Worker(Blueprint(0)));
    Child(ChildSpec { name, restart: Restart::Permanent, shutdown: Shutdown::WORKER, significant: false, what })
}

fn flags(restarts: u32) -> Flags {
    let intensity = Intensity { restarts, within: Duration::from_secs(60) };
    Flags { intensity, ..Flags::default() }
}

fn above(name: &str, what: What) -> Child {
    let name = name.parse().unwrap();
    Child(ChildSpec { name, restart: Restart::Permanent, shutdown: Shutdown::SUPERVISOR, significant: false, what })
}

pub(crate) fn supervisor<const N: usize>(name: &str, strategy: Strategy, restarts: u32, children: [Child; N]) -> Child {
    let children = children.into_iter().map(|child| child.0).collect();
    above(name, What::Supervisor { strategy, flags: flags(restarts), children })
}

/// With as many children as there are, and a budget of 5.
pub(crate) fn nest(name: &str, strategy: Strategy, children: Vec<Child>) -> Child {
    let children = children.into_iter().map(|child| child.0).collect();
    above(name, What::Supervisor { strategy, flags: flags(5), children })
}

pub(crate) fn dynamic(name: &str, restart: Restart, restarts: u32) -> Child {
    let template = Template { restart, shutdown: Shutdown::WORKER, significant: false };
    above(name, What::Dynamic { flags: flags(restarts), template })
}

impl Child {
    pub(crate) fn restart(mut self, restart: Restart) -> Self {
        self.0.restart = restart;
        self
    }

    pub(crate) fn significant(mut self) -> Self {
        self.0.significant = true;
        self
    }

    /// Those of a dynamic supervisor.
    pub(crate) fn each_significant(mut self) -> Self {
        match &mut self.0.what {
            What::Dynamic { template, .. } => template.significant = true,
            _ => panic!("only a dynamic supervisor has a template"),
        }
        self
    }

    fn flags(mut self, change: impl FnOnce(&mut Flags)) -> Self {
        match &mut self.0.what {
            What::Worker(_) => panic!("an actor has no flags"),
            What::Supervisor { flags, .. } | What::Dynamic { flags, .. } => change(flags),
        }
        self
    }

    pub(crate) fn auto_shutdown(self, when: AutoShutdown) -> Self {
        self.flags(|flags| flags.auto_shutdown = when)
    }

    pub(crate) fn quarantine(self) -> Self {
        self.flags(|flags| flags.give_up = GiveUp::Quarantine)
    }

    /// Waits of 1 s, 2 s, 4 s, nothing left to chance; well after 10 s.
    pub(crate) fn back_off(self) -> Self {
        let (first, reset) = (Duration::from_secs(1), Duration::from_secs(10));
        let back_off = BackOff { first, reset, jitter: 0.0, ..BackOff::default() };
        self.flags(|flags| flags.back_off = Some(back_off))
    }
}

/// Runs a script on a fresh tree. What was done up to `started` is left out.
#[track_caller]
pub(crate) fn check(tree: &[Child], script: &str, expect: &str) {
    let mut stage = Stage::new(tree);
    stage.run(script);
    assert_eq!(stage.trace.join(", "), expect, "script: {script}");
}

pub(crate) struct Stage {
    system: System,
    addresses: Arc<Addresses>,
    names: HashMap<String, Address>,
    known: HashMap<Address, String>,
    incarnations: HashMap<Address, u64>,
    now: Instant,
    pub(crate) trace: Vec<String>,
    failing: HashMap<String, u32>,
    ignoring: HashSet<String>,
    stubborn: HashSet<String>,
    /// Starts that the script ends.
    slow: HashSet<String>,
    begun: bool,
}

impl Stage {
    pub(crate) fn new(tree: &[Child]) -> Self {
        let addresses = Arc::new(Addresses::new(1, [2, 3]));
        let specs = tree.iter().map(|child| child.0.clone()).collect();
        let system = System::new(&addresses, specs, Flags::default());
        let mut names = HashMap::from([("root".to_owned(), system.tree().address)]);
        let mut walk: Vec<ProcessView> = vec![system.tree()];
        while let Some(process) = walk.pop() {
            if let Some(name) = process.name {
                names.insert(name.to_string(), process.address);
            }
            walk.extend(process.children);
        }
        let known = names.iter().map(|(name, address)| (*address, name.clone())).collect();
        Self {
            system,
            addresses,
            names,
            known,
            incarnations: HashMap::new(),
            now: Instant::ORIGIN,
            trace: Vec::new(),
            failing: HashMap::new(),
            ignoring: HashSet::new(),
            stubborn: HashSet::new(),
            slow: HashSet::new(),
            begun: false,
        }
    }

    pub(crate) fn who_is(&self, name: &str) -> Option<&str> {
        self.system.lookup(name).map(|address| self.name(address))
    }

    fn name(&self, address: Address) -> &str {
        self.known.get(&address).map_or("?", String::as_str)
    }

    fn meet(&mut self, name: String, address: Address) {
        self.known.entry(address).or_insert_with(|| name.clone());
        self.names.insert(name, address);
    }

    pub(crate) fn run(&mut self, script: &str) {
        for line in script.split(';').map(str::trim).filter(|line| !line.is_empty()) {
            let words: Vec<_> = line.split(' ').collect();
            // What is set up before the tree starts must not start it.
            if !["fail", "ignore", "slow", "stubborn"].contains(&words[0]) || self.begun {
                self.begin();
            }
            self.step(&words);
        }
        self.begin();
    }

    fn begin(&mut self) {
        if !std::mem::replace(&mut self.begun, true) {
            self.input(Input::Start);
        }
    }

    fn step(&mut self, words: &[&str]) {
        let failed = Reason::Failed("crash".into());
        let address = |name: &str| self.names[name];
        let monitor = |number: &str| Monitor(number.parse().unwrap());
        match *words {
            ["started"] => self.trace.clear(),
            ["halt"] => self.input(Input::Stop),
            ["crash", name] => self.end(address(name), failed),
            ["end", name] => self.end(address(name), Reason::Normal),
            ["cycle", name] => self.input(Input::Cycle(address(name))),
            ["fail", name, times] => drop(self.failing.insert(name.into(), times.parse().unwrap())),
            ["ignore", name] => drop(self.ignoring.insert(name.into())),
            ["slow", name] => drop(self.slow.insert(name.into())),
            ["up", name] => {
                let address = address(name);
                let incarnation = self.incarnations[&address];
                self.input(Input::Started { address, incarnation });
            }
            ["release", name] => self.input(Input::Release(address(name))),
            ["terminate", of, name] => self.order(of, Order::Terminate(self.which(name))),
            ["restart", of, name] => self.order(of, Order::Restart(self.which(name))),
            ["delete", of, name] => self.order(of, Order::Delete(self.which(name))),
            ["add", of, name] => self.order(of, Order::Start(actor(name).0)),
            ["add-temporary", of, name] => self.order(of, Order::Start(actor(name).restart(Restart::Temporary).0)),
            ["add-significant", of, name] => self.order(of, Order::Start(actor(name).significant().0)),
            ["one", of] => self.order(of, Order::StartOne { blueprint: Blueprint(0), name: None }),
            ["one", of, name] => {
                self.order(of, Order::StartOne { blueprint: Blueprint(0), name: Some(name.parse().unwrap()) });
            }
            ["list", of] => self.order(of, Order::List),
            ["count", of] => self.order(of, Order::Count),
            ["willing", name] => drop(self.ignoring.remove(name)),
            ["reason", name, reason] => {
                let reason = if reason == "shutdown" { Reason::Shutdown } else { Reason::OutOfTime };
                self.end(address(name), reason);
            }
            // The engine says of an incarnation before this one that it runs, and that it ended.
            ["stale", name] => {
                let address = address(name);
                let incarnation = self.incarnations[&address] - 1;
                self.input(Input::Started { address, incarnation });
                self.input(Input::Ignored { address, incarnation });
                self.input(Input::Ended { address, incarnation, reason: failed });
            }
            ["stubborn", name] => drop(self.stubborn.insert(name.into())),
            ["wait", seconds] => self.wait(Duration::from_secs(seconds.parse().unwrap())),
            ["link", one, other] => self.input(Input::Link(address(one), address(other))),
            ["unlink", one, other] => self.input(Input::Unlink(address(one), address(other))),
            ["trap", name] => self.input(Input::TrapExits(address(name), true)),
            ["exit", name, reason] => {
                let reason = match reason {
                    "normal" => Reason::Normal,
                    "killed" => Reason::Killed,
                    _ => Reason::Shutdown,
                };
                self.input(Input::Exit { from: None, to: address(name), reason });
            }
            ["monitor", number, watcher, watched] => {
                let (watcher, watched) = (address(watcher), address(watched));
                self.input(Input::Monitor { monitor: monitor(number), watcher, watched });
            }
            ["demonitor", number, watcher] => {
                let watcher = address(watcher);
                self.input(Input::Demonitor { monitor: monitor(number), watcher });
            }
            ["spawn", name, spawner] => self.spawn(name, spawner, None, false),
            ["spawn-link", name, spawner] => self.spawn(name, spawner, None, true),
            ["spawn-named", name, spawner, registered] => self.spawn(name, spawner, Some(registered), false),
            ["register", name, registered] => {
                self.input(Input::Register(address(name), registered.parse().unwrap()));
            }
            _ => panic!("no such line: {words:?}"),
        }
    }

    fn spawn(&mut self, name: &str, spawner: &str, registered: Option<&str>, link: bool) {
        let address = self.addresses.fresh();
        self.meet(name.to_owned(), address);
        let (spawner, name) = (self.names[spawner], registered.map(|name| name.parse().unwrap()));
        self.input(Input::Spawn { spawner, address, name, link, monitor: None });
    }

    fn order(&mut self, supervisor: &str, order: Order) {
        let supervisor = self.names[supervisor];
        self.input(Input::Order { supervisor, caller: Caller(1), order });
    }

    fn which(&self, name: &str) -> Which {
        match self.names.get(name) {
            // One that was started without a name is known by its address.
            Some(address) if name.starts_with('#') => Which::Address(*address),
            _ => Which::Name(name.parse::<Name>().unwrap()),
        }
    }

    /// Orders a start of any child.
    pub(crate) fn add(&mut self, of: &str, child: Child) {
        self.order(of, Order::Start(child.0));
    }

    /// New specs for the tree.
    pub(crate) fn reshape(&mut self, tree: &[Child]) {
        self.input(Input::Reshape(tree.iter().map(|child| child.0.clone()).collect()));
    }

    fn end(&mut self, address: Address, reason: Reason) {
        let incarnation = self.incarnations.get(&address).copied().unwrap_or(0);
        self.input(Input::Ended { address, incarnation, reason });
    }

    fn wait(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(due) = self.system.poll_timeout().filter(|due| *due <= until) {
            self.now = due;
            self.system.handle_timeout(due);
            self.play();
        }
        self.now = until;
    }

    fn input(&mut self, input: Input) {
        self.system.handle(self.now, input);
        self.play();
    }

    fn play(&mut self) {
        while let Some(effect) = self.system.poll_effect() {
            match &effect {
                // Without a name they are numbered.
                Effect::Create { address, name: None, .. } => self.meet(format!("#{}", self.names.len()), *address),
                Effect::Create { address, name: Some(name), .. } => self.meet(name.to_string(), *address),
                Effect::Bind { name, address } if !self.known.contains_key(address) => {
                    self.meet(name.to_string(), *address);
                }
                _ => {}
            }
            let line = self.line(&effect);
            self.trace.extend(line);
            self.carry_out(effect);
        }
    }

    fn line(&self, effect: &Effect) -> Option<String> {
        Some(match effect {
            Effect::Start { address, .. } => format!("start {}", self.name(*address)),
            Effect::Stop { address, .. } => format!("stop {}", self.name(*address)),
            Effect::Kill { address, reason, .. } => format!("kill {} {reason}", self.name(*address)),
            Effect::Exited { to, who, why } => format!("exited {} to {} {why}", self.name(*who), self.name(*to)),
            Effect::Down { to, monitor, who, why } => {
                format!("down {} {} to {} {why}", monitor.0, self.name(*who), self.name(*to))
            }
            Effect::Forget { address, .. } => format!("forget {}", self.name(*address)),
            Effect::Halt { reason } => format!("halt {reason}"),
            Effect::Notice(Notice::Restarting { child, restarts, limit, wait, .. }) => {
                let wait = if wait.is_zero() { String::new() } else { format!(" in {} s", wait.as_secs()) };
                format!("restart {} {restarts}/{limit}{wait}", self.name(*child))
            }
            Effect::Notice(Notice::Quarantined { child, reason, .. }) => {
                format!("park {} {reason}", self.name(*child))
            }
            Effect::Notice(Notice::Released { child, .. }) => format!("release {}", self.name(*child)),
            Effect::Notice(Notice::AutoShutdown(address)) => format!("{} shuts down", self.name(*address)),
            Effect::Answer { answer, .. } => match answer {
                Ok(Answer::Started(address)) => format!("=> started {}", self.name(*address)),
                Ok(Answer::Ignored) => "=> ignored".into(),
                Ok(Answer::Done) => "=> done".into(),
                Ok(Answer::Count(count)) => {
                    format!("=> {} {} {} {}", count.specs, count.active, count.supervisors, count.workers)
                }
                Ok(Answer::Children(children)) => {
                    let state = |phase, standing: &Standing| match (standing, phase) {
                        (Standing::Restarting(_), _) => "restarting",
                        (Standing::Parked(_), _) => "parked",
                        (Standing::Settled, Phase::Down) => "undefined",
                        (Standing::Settled, _) => "alive",
                    };
                    let children = children.iter();
                    let list: Vec<_> = children
                        .map(|child| format!("{}:{}", self.name(child.address), state(child.phase, &child.standing)))
                        .collect();
                    format!("=> [{}]", list.join(" "))
                }
                Err(refusal) => format!("=> {}", refusal.word()),
            },
            Effect::Notice(Notice::GaveUp(address)) => format!("{} gave up", self.name(*address)),
            Effect::Create { .. }
            | Effect::Bind { .. }
            | Effect::Unbind { .. }
            | Effect::Notice(Notice::Started(_) | Notice::Ended(..)) => {
                return None;
            }
        })
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Start { address, incarnation } => {
                self.incarnations.insert(address, incarnation);
                let name = self.name(address).to_owned();
                if self.slow.contains(&name) {
                    return;
                }
                let failing = self.failing.get_mut(&name).filter(|times| **times > 0).map(|times| *times -= 1);
                self.system.handle(
                    self.now,
                    if failing.is_some() {
                        Input::Ended { address, incarnation, reason: Reason::Failed("scripted".into()) }
                    } else if self.ignoring.contains(&name) {
                        Input::Ignored { address, incarnation }
                    } else {
                        Input::Started { address, incarnation }
                    },
                );
            }
            Effect::Stop { address, .. } if self.stubborn.contains(self.name(address)) => {}
            Effect::Stop { address, incarnation, reason } | Effect::Kill { address, incarnation, reason } => {
                self.system.handle(self.now, Input::Ended { address, incarnation, reason });
            }
            _ => {}
        }
    }
}
