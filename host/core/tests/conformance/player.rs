//! Plays a script on the core: carries its effects out, and writes down what a host shows to those outside.

use crate::tree;
use greenroom_core::system::{
    Answer, Blueprint, Caller, Effect, Input, Monitor, Notice, Order, Phase, Refusal, Standing, Which,
};
use greenroom_core::{Address, Addresses, Flags, Instant, Name, Reason, System};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What a host says at once to who wants a name that somebody has.
const TAKEN: &str = "=> name-taken";

struct Player {
    system: System,
    addresses: Arc<Addresses>,
    now: Instant,
    names: HashMap<Address, String>,
    ids: HashMap<String, Address>,
    incarnations: HashMap<Address, u64>,
    failing: HashMap<String, u32>,
    ignoring: HashMap<String, u32>,
    stubborn: HashSet<String>,
    trace: Vec<String>,
}

pub(crate) fn play(tree: &str, reshaped: &str, script: &[String]) -> Vec<String> {
    let addresses = Arc::new(Addresses::new(1, [2, 3]));
    let system = System::new(&addresses, tree::parse(tree), Flags::default());
    let root = system.tree().address;
    let mut player = Player {
        system,
        addresses,
        now: Instant::ORIGIN,
        names: HashMap::from([(root, "root".into())]),
        ids: HashMap::from([("root".into(), root)]),
        incarnations: HashMap::new(),
        failing: HashMap::new(),
        ignoring: HashMap::new(),
        stubborn: HashSet::new(),
        trace: Vec::new(),
    };
    player.effects();
    if !script.iter().any(|step| step == "start") {
        player.input(Input::Start);
        player.trace.clear();
    }
    for step in script {
        match step.as_str() {
            "start" => player.input(Input::Start),
            "reshape" => player.input(Input::Reshape(tree::parse(reshaped))),
            step => player.step(step),
        }
    }
    player.trace
}

fn reason(word: &str) -> Reason {
    match word {
        "normal" => Reason::Normal,
        "shutdown" => Reason::Shutdown,
        "killed" => Reason::Killed,
        "trapped" => Reason::Trapped("scripted".into()),
        "out-of-time" => Reason::OutOfTime,
        "out-of-memory" => Reason::OutOfMemory,
        "failed" => Reason::Failed("scripted".into()),
        _ => panic!("no such reason: {word}"),
    }
}

impl Player {
    fn step(&mut self, line: &str) {
        let words: Vec<_> = line.split(' ').collect();
        let at = |name: &str| *self.ids.get(name).unwrap_or_else(|| panic!("who is `{name}` in `{line}`?"));
        let which = |name: &str| match self.ids.get(name) {
            Some(address) if name.starts_with('#') => Which::Address(*address),
            _ => Which::Name(name.parse().unwrap()),
        };
        let name = |name: &str| -> Name { name.parse().unwrap() };
        let monitor = |number: &str| Monitor(number.parse().unwrap());
        let input = match *words {
            ["stop"] => Input::Stop,
            ["mark"] => return self.trace.push("mark".into()),
            ["crash", who] => return self.end(who, "failed"),
            ["end", who, why] => return self.end(who, why),
            ["fail", who, times] => {
                self.failing.insert(who.into(), times.parse().unwrap());
                return;
            }
            ["ignore", who, times] => {
                self.ignoring.insert(who.into(), times.parse().unwrap());
                return;
            }
            ["stubborn", who] => {
                self.stubborn.insert(who.into());
                return;
            }
            ["wait", time] => return self.wait(tree::time(time)),
            ["lookup", name] => {
                let who = self.system.lookup(name).map_or("nobody", |address| self.name(address));
                return self.trace.push(format!("{name} is {who}"));
            }
            ["operator-restart", who] => Input::Cycle(at(who)),
            ["new-build", who] => Input::Release(at(who)),
            ["exit", who, "killed"] => Input::Exit { from: None, to: at(who), reason: Reason::Killed },
            ["exit", who, why, "from", from] => Input::Exit { from: Some(at(from)), to: at(who), reason: reason(why) },
            ["link", one, other] => Input::Link(at(one), at(other)),
            ["unlink", one, other] => Input::Unlink(at(one), at(other)),
            ["trap-exits", who] => Input::TrapExits(at(who), true),
            ["monitor", number, who, whom] => {
                Input::Monitor { monitor: monitor(number), watcher: at(who), watched: at(whom) }
            }
            ["demonitor", number, who] => Input::Demonitor { monitor: monitor(number), watcher: at(who) },
            ["register", _, as_] if self.system.is_taken(&name(as_)) => return self.trace.push(TAKEN.into()),
            ["register", who, as_] => Input::Register(at(who), name(as_)),
            ["unregister", who, as_] => Input::Unregister(at(who), name(as_)),
            ["spawn", who, whom, ref how @ ..] => {
                let spawner = at(who);
                let link = how.contains(&"link");
                let value = |key: &str| how.iter().find_map(|word| word.strip_prefix(key));
                let (monitor, name) = (value("monitor=").map(monitor), value("name=").map(name));
                if name.as_ref().is_some_and(|name| self.system.is_taken(name)) {
                    return self.trace.push(TAKEN.into());
                }
                let mut spawn = |who: &str| {
                    let address = self.addresses.fresh();
                    self.meet(who, address);
                    Input::Spawn { spawner, address, name: name.clone(), link, monitor }
                };
                // In the same turn: the second does not see that the first has the name.
                let (first, second) = (spawn(whom), value("twin=").map(spawn));
                self.input(first);
                return second.into_iter().for_each(|second| self.input(second));
            }
            ["add", of, ..] => {
                let spec = tree::child(&words[2..].join(" "), Vec::new());
                self.order(at(of), Order::Start(spec))
            }
            ["one", of] => self.order(at(of), Order::StartOne { blueprint: Blueprint(0), name: None }),
            ["one", of, who] => self.order(at(of), Order::StartOne { blueprint: Blueprint(0), name: Some(name(who)) }),
            ["terminate", of, who] => self.order(at(of), Order::Terminate(which(who))),
            ["restart", of, who] => self.order(at(of), Order::Restart(which(who))),
            ["delete", of, who] => self.order(at(of), Order::Delete(which(who))),
            ["list", of] => self.order(at(of), Order::List),
            ["count", of] => self.order(at(of), Order::Count),
            _ => panic!("no such step: `{line}`"),
        };
        self.input(input);
    }

    fn order(&self, supervisor: Address, order: Order) -> Input {
        Input::Order { supervisor, caller: Caller(0), order }
    }

    fn end(&mut self, who: &str, why: &str) {
        let address = self.ids[who];
        let incarnation = self.incarnations.get(&address).copied().unwrap_or(0);
        self.input(Input::Ended { address, incarnation, reason: reason(why) });
    }

    fn wait(&mut self, time: std::time::Duration) {
        let until = self.now + time;
        while let Some(due) = self.system.poll_timeout().filter(|due| *due <= until) {
            self.now = due;
            self.system.handle_timeout(due);
            self.effects();
        }
        self.now = until;
    }

    fn input(&mut self, input: Input) {
        self.system.handle(self.now, input);
        self.effects();
    }

    fn name(&self, address: Address) -> &str {
        self.names.get(&address).map_or("?", String::as_str)
    }

    fn meet(&mut self, id: &str, address: Address) {
        self.names.insert(address, id.into());
        self.ids.insert(id.into(), address);
    }

    fn effects(&mut self) {
        while let Some(effect) = self.system.poll_effect() {
            match effect {
                Effect::Create { address, name: None, .. } => {
                    let numbered = self.ids.keys().filter(|id| id.starts_with('#')).count() + 1;
                    self.meet(&format!("#{numbered}"), address);
                }
                Effect::Bind { name, address } if !self.names.contains_key(&address) => {
                    self.meet(name.as_str(), address);
                }
                Effect::Start { address, incarnation } => self.start(address, incarnation),
                Effect::Stop { address, .. } if self.stubborn.contains(self.name(address)) => {}
                Effect::Stop { address, incarnation, reason } | Effect::Kill { address, incarnation, reason } => {
                    self.system.handle(self.now, Input::Ended { address, incarnation, reason });
                }
                effect => {
                    let line = self.line(&effect);
                    self.trace.extend(line);
                }
            }
        }
    }

    fn start(&mut self, address: Address, incarnation: u64) {
        self.incarnations.insert(address, incarnation);
        let name = self.name(address).to_owned();
        let spend = |times: &mut HashMap<String, u32>| {
            times.get_mut(&name).filter(|times| **times > 0).map(|times| *times -= 1).is_some()
        };
        let input = if spend(&mut self.failing) {
            Input::Ended { address, incarnation, reason: reason("failed") }
        } else if spend(&mut self.ignoring) {
            Input::Ignored { address, incarnation }
        } else {
            Input::Started { address, incarnation }
        };
        self.system.handle(self.now, input);
    }

    fn line(&self, effect: &Effect) -> Option<String> {
        let name = |address: &Address| self.name(*address);
        Some(match effect {
            Effect::Exited { to, who, why } => format!("exited {} to {} {}", name(who), name(to), why.word()),
            Effect::Down { to, monitor, who, why } => {
                format!("down {} {} to {} {}", monitor.0, name(who), name(to), why.word())
            }
            Effect::Halt { reason } => format!("host exits {}", reason.word()),
            Effect::Answer { answer, .. } => self.answer(answer),
            Effect::Notice(notice) => match notice {
                Notice::Started(who) => format!("started {}", name(who)),
                Notice::Ended(who, why) => format!("ended {} {}", name(who), why.word()),
                Notice::Restarting { child, restarts, limit, wait, .. } if wait.is_zero() => {
                    format!("restarting {} {restarts}/{limit}", name(child))
                }
                Notice::Restarting { child, restarts, limit, wait, .. } => {
                    format!("restarting {} {restarts}/{limit} in {}ms", name(child), wait.as_millis())
                }
                Notice::GaveUp(who) => format!("gave-up {}", name(who)),
                Notice::Quarantined { child, .. } => format!("quarantined {}", name(child)),
                Notice::Released { child, .. } => format!("released {}", name(child)),
                Notice::AutoShutdown(who) => format!("auto-shutdown {}", name(who)),
            },
            _ => return None,
        })
    }

    fn answer(&self, answer: &Result<Answer, Refusal>) -> String {
        match answer {
            Ok(Answer::Started(who)) => format!("=> started {}", self.name(*who)),
            Ok(Answer::Ignored) => "=> ignored".into(),
            Ok(Answer::Done) => "=> done".into(),
            Ok(Answer::Count(count)) => format!(
                "=> specs {}, active {}, supervisors {}, workers {}",
                count.specs, count.active, count.supervisors, count.workers
            ),
            Ok(Answer::Children(children)) => {
                let state = |phase, standing: &Standing| match (standing, phase) {
                    (Standing::Restarting(_), _) => "restarting",
                    (Standing::Parked(_), _) => "quarantined",
                    (Standing::Settled, Phase::Down) => "down",
                    (Standing::Settled, _) => "up",
                };
                let each = children.iter();
                let each =
                    each.map(|child| format!("{} {}", self.name(child.address), state(child.phase, &child.standing)));
                format!("=> [{}]", each.collect::<Vec<_>>().join(", "))
            }
            Err(refusal) => format!("=> {}", refusal.word()),
        }
    }
}
