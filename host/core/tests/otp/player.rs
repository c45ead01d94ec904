//! The same case on the core: plays the engine, and writes down what the Erlang program does.

use crate::case::{Case, Node, Order, Rule, Step, Supervisor, When, Worker};
use greenroom_core::system::{
    self, Answer, Blueprint, Caller, ChildSpec, Effect, Input, Notice, Phase, ProcessView, Standing, Template, What,
    Which,
};
use greenroom_core::{Address, Addresses, Flags, Instant, Intensity, Reason, Shutdown, System};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

pub(crate) struct Player {
    system: System,
    ids: HashMap<String, Address>,
    names: HashMap<Address, String>,
    /// Blueprints of dynamic children, which may be without a name.
    ones: Vec<String>,
    orders: Vec<Order>,
    up: HashSet<Address>,
    /// Incarnations that the engine has.
    live: HashMap<Address, u64>,
    failing: HashMap<String, u32>,
    ignoring: HashMap<String, u32>,
    hooks: HashMap<(When, String), Vec<Step>>,
    events: Vec<String>,
}

/// What happened, step by step.
pub(crate) fn play(case: &Case) -> Vec<Vec<String>> {
    let children = case.root.children.iter().map(spec).collect();
    let system = System::new(&Arc::new(Addresses::new(1, [2, 3])), children, flags(&case.root));
    let root = system.tree().address;
    let mut player = Player {
        system,
        ids: HashMap::from([("root".into(), root)]),
        names: HashMap::from([(root, "root".into())]),
        ones: Vec::new(),
        orders: Vec::new(),
        up: HashSet::new(),
        live: HashMap::new(),
        failing: HashMap::new(),
        ignoring: HashMap::new(),
        hooks: HashMap::new(),
        events: Vec::new(),
    };
    for step in &case.before {
        player.step(step);
    }
    let mut steps = vec![player.feed(Input::Start)];
    for step in &case.steps {
        player.step(step);
        steps.push(std::mem::take(&mut player.events));
    }
    steps.push(player.feed(Input::Stop));
    steps
}

fn flags(supervisor: &Supervisor) -> Flags {
    let intensity = Intensity { restarts: supervisor.intensity, within: Duration::from_secs(100_000) };
    Flags { intensity, auto_shutdown: supervisor.auto, ..Flags::default() }
}

fn shutdown(brutal: bool) -> Shutdown {
    if brutal { Shutdown::Brutal } else { Shutdown::WORKER }
}

fn worker(worker: &Worker) -> ChildSpec {
    ChildSpec {
        name: worker.id.parse().unwrap(),
        restart: worker.restart,
        shutdown: shutdown(worker.brutal),
        significant: worker.significant,
        what: What::Worker(Blueprint(0)),
    }
}

fn spec(node: &Node) -> ChildSpec {
    let supervisor = match node {
        Node::Worker(of) => return worker(of),
        Node::Supervisor(supervisor) => supervisor,
    };
    let flags = flags(supervisor);
    let what = match supervisor.rule {
        Rule::Static(strategy) => {
            What::Supervisor { strategy, flags, children: supervisor.children.iter().map(spec).collect() }
        }
        Rule::Dynamic { restart, brutal, significant } => {
            What::Dynamic { flags, template: Template { restart, shutdown: shutdown(brutal), significant } }
        }
    };
    ChildSpec {
        name: supervisor.id.parse().unwrap(),
        restart: supervisor.restart,
        shutdown: Shutdown::SUPERVISOR,
        significant: supervisor.significant,
        what,
    }
}

impl Player {
    fn feed(&mut self, input: Input) -> Vec<String> {
        self.input(input);
        self.effects();
        std::mem::take(&mut self.events)
    }

    fn input(&mut self, input: Input) {
        self.system.handle(Instant::ORIGIN, input);
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Fail(id, times) => drop(self.failing.insert(id.clone(), *times)),
            Step::Ignore(id, times) => drop(self.ignoring.insert(id.clone(), *times)),
            Step::Hook(when, id, steps) => drop(self.hooks.insert((*when, id.clone()), steps.clone())),
            Step::Kill(id) => {
                let Some(process) = self.running(id) else { return };
                if process.supervisor.is_some() {
                    self.hooks.clear();
                }
                self.input(Input::Exit { from: None, to: process.address, reason: Reason::Killed });
            }
            Step::Order(of, order) => {
                let Some(process) = self.running(of).filter(|process| process.supervisor.is_some()) else { return };
                self.order(process.address, order);
            }
            Step::End(id, reason) => self.end(id, reason),
        }
        self.effects();
    }

    fn end(&mut self, id: &str, reason: &str) {
        let Some(process) = self.running(id).filter(|process| process.supervisor.is_none()) else { return };
        let reason = match reason {
            "normal" => Reason::Normal,
            "shutdown" => Reason::Shutdown,
            _ => Reason::Failed("crash".into()),
        };
        self.ended(process.address, process.incarnation, reason);
    }

    fn ended(&mut self, address: Address, incarnation: u64, reason: Reason) {
        self.live.remove(&address);
        self.input(Input::Ended { address, incarnation, reason });
    }

    fn order(&mut self, supervisor: Address, order: &Order) {
        let name = |id: &str| Which::Name(id.parse().unwrap());
        let caller = Caller(self.orders.len() as u64);
        self.orders.push(order.clone());
        let order = match order {
            Order::Start(of) => system::Order::Start(worker(of)),
            Order::One(id) => {
                let blueprint = Blueprint(self.ones.len() as u64);
                // Every other one has a name.
                let name = self.ones.len().is_multiple_of(2).then(|| id.parse().unwrap());
                self.ones.push(id.clone());
                system::Order::StartOne { blueprint, name }
            }
            Order::Terminate(id) => system::Order::Terminate(name(id)),
            Order::TerminateOne(id) => system::Order::Terminate(match self.ids.get(id) {
                Some(address) => Which::Address(*address),
                None => name(id),
            }),
            Order::Restart(id) => system::Order::Restart(name(id)),
            Order::Delete(id) => system::Order::Delete(name(id)),
            Order::List => system::Order::List,
            Order::Count => system::Order::Count,
        };
        self.input(Input::Order { supervisor, caller, order });
    }

    fn running(&self, id: &str) -> Option<ProcessView> {
        let address = self.ids.get(id)?;
        self.find(*address).filter(|process| process.phase == Phase::Running)
    }

    fn find(&self, address: Address) -> Option<ProcessView> {
        let mut left = vec![self.system.tree()];
        while let Some(mut process) = left.pop() {
            if process.address == address {
                return Some(process);
            }
            left.append(&mut process.children);
        }
        None
    }

    fn meet(&mut self, address: Address, id: String) {
        self.ids.insert(id.clone(), address);
        self.names.insert(address, id);
    }

    /// What a child's start or stop sets off, while its supervisor waits.
    fn hook(&mut self, when: When, child: Address) {
        let supervisor = self.parent(child);
        if when == When::Start && supervisor.phase != Phase::Running {
            return;
        }
        let supervisor = supervisor.address;
        let id = self.names[&child].clone();
        for step in self.hooks.remove(&(when, id)).unwrap_or_default() {
            match step {
                Step::Order(_, order) => self.order(supervisor, &order),
                Step::End(id, reason) => self.end(&id, reason),
                other => panic!("not in a hook: {other:?}"),
            }
        }
    }

    fn parent(&self, child: Address) -> ProcessView {
        let mut left = vec![self.system.tree()];
        while let Some(mut process) = left.pop() {
            if process.children.iter().any(|below| below.address == child) {
                return process;
            }
            left.append(&mut process.children);
        }
        panic!("no supervisor has {child}")
    }

    fn effects(&mut self) {
        while let Some(effect) = self.system.poll_effect() {
            match effect {
                Effect::Bind { name, address } => self.meet(address, name.to_string()),
                Effect::Create { address, name: None, blueprint } => {
                    let id = self.ones[blueprint.0 as usize].clone();
                    self.meet(address, id);
                }
                Effect::Start { address, incarnation } => self.start(address, incarnation),
                Effect::Stop { address, incarnation, reason } => {
                    assert_eq!(self.live.get(&address), Some(&incarnation), "a stop for one that is dead");
                    self.hook(When::Stop, address);
                    self.ended(address, incarnation, reason);
                }
                Effect::Kill { address, incarnation, reason } => {
                    assert_eq!(self.live.get(&address), Some(&incarnation), "a kill for one that is dead");
                    self.ended(address, incarnation, reason);
                }
                Effect::Notice(Notice::Started(address)) => {
                    self.up.insert(address);
                    self.events.push(format!("up {}", self.names[&address]));
                }
                Effect::Notice(Notice::Ended(address, reason)) if self.up.remove(&address) => {
                    let reason = if reason.word() == "failed" { "crash" } else { reason.word() };
                    self.events.push(format!("ended {} {reason}", self.names[&address]));
                }
                Effect::Halt { reason: Reason::Failed(_) } => self.events.push("ended root failed".into()),
                Effect::Answer { caller, answer } => {
                    let answer = self.answer(caller, answer);
                    self.events.push(answer);
                }
                _ => {}
            }
        }
    }

    fn start(&mut self, address: Address, incarnation: u64) {
        let id = self.names[&address].clone();
        self.events.push(format!("start {id}"));
        assert_eq!(self.live.insert(address, incarnation), None, "two incarnations at once");
        self.hook(When::Start, address);
        let spend = |times: &mut HashMap<String, u32>| match times.get_mut(&id) {
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        };
        // Both are spent at once, as in the Erlang program.
        let (fails, ignores) = (spend(&mut self.failing), spend(&mut self.ignoring));
        if fails {
            self.ended(address, incarnation, Reason::Failed("scripted".into()));
        } else if ignores {
            self.live.remove(&address);
            self.input(Input::Ignored { address, incarnation });
        } else {
            self.input(Input::Started { address, incarnation });
        }
    }

    fn answer(&self, caller: Caller, answer: Result<Answer, system::Refusal>) -> String {
        let name = |address: Address| self.names[&address].as_str();
        match (answer, &self.orders[caller.0 as usize]) {
            (Ok(Answer::Started(address)), _) => format!("=> started {}", name(address)),
            (Ok(Answer::Ignored), _) => "=> ignored".into(),
            (Ok(Answer::Done) | Err(system::Refusal::NotFound), Order::TerminateOne(_)) => "=> gone".into(),
            (Ok(Answer::Done), _) => "=> done".into(),
            (Ok(Answer::Count(count)), _) => {
                format!("=> count {} {} {} {}", count.specs, count.active, count.supervisors, count.workers)
            }
            (Ok(Answer::Children(children)), _) => {
                let mut line = "=> list".to_owned();
                for child in children {
                    let state = match (child.standing, child.phase) {
                        (Standing::Settled, Phase::Down) => "undefined",
                        (Standing::Settled, _) => "alive",
                        _ => "restarting",
                    };
                    line += &format!(" {}:{state}", name(child.address));
                }
                line
            }
            (Err(system::Refusal::AlreadyStarted(address)), _) => format!("=> already-started {}", name(address)),
            (Err(refusal), _) => format!("=> {}", refusal.word()),
        }
    }
}
