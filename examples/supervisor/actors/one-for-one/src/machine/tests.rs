//! By scripts, as the host's own supervisors are tested: what happens, and what it does about it.

use super::*;
use greenroom::Units;
use std::collections::{BTreeMap, BTreeSet};

/// Plays the host: starts and ends children at once, but those that are scripted otherwise.
struct Play {
    machine: Machine,
    now: Instant,
    addresses: BTreeMap<Address, String>,
    /// How many starts of a child are to fail.
    failing: BTreeMap<String, u32>,
    stubborn: BTreeSet<String>,
    patience: Vec<(Instant, u64)>,
    again: VecDeque<String>,
    log: Vec<String>,
}

fn spec(name: &str) -> ChildSpec {
    ChildSpec::new(name, "child")
}

impl Play {
    fn new(specs: Vec<ChildSpec>, restarts: u32) -> Self {
        let machine = Machine::new(specs, Intensity { restarts, within: 60.s() }).unwrap();
        Self {
            machine,
            now: Instant::default(),
            addresses: BTreeMap::new(),
            failing: BTreeMap::new(),
            stubborn: BTreeSet::new(),
            patience: Vec::new(),
            again: VecDeque::new(),
            log: Vec::new(),
        }
    }

    fn address(&self, name: &str) -> Address {
        self.machine.children.iter().find(|child| child.spec.name == name).unwrap().address.unwrap()
    }

    /// Carries out what the machine wants until it wants nothing.
    fn run(&mut self) {
        let mut to_do = VecDeque::from(self.machine.to_do());
        loop {
            let Some(next) = to_do.pop_front() else {
                let Some(name) = self.again.pop_front() else { return };
                self.machine.again(&name, self.now);
                to_do.extend(self.machine.to_do());
                continue;
            };
            match next {
                Do::Start(spec) => {
                    self.log.push(format!("start {}", spec.name));
                    let address = Address { node: 1, key: self.addresses.len() as u64 + 1 };
                    self.addresses.insert(address, spec.name.clone());
                    self.machine.spawned(&spec.name, address);
                    match self.failing.get_mut(&spec.name).filter(|left| **left > 0) {
                        Some(left) => {
                            *left -= 1;
                            self.machine.ended(address, Reason::Failed("scripted".into()), self.now);
                        }
                        None => self.machine.up(self.now),
                    }
                }
                Do::Exit(whom, why) => {
                    let name = self.addresses[&whom].clone();
                    let word = if why == Reason::Killed { "kill" } else { "stop" };
                    self.log.push(format!("{word} {name}"));
                    if why == Reason::Killed || !self.stubborn.contains(&name) {
                        self.machine.ended(whom, why, self.now);
                    }
                }
                Do::Patience(stop, time) => self.patience.push((self.now + time, stop)),
                Do::Again(name) => self.again.push_back(name),
                Do::Answer(answer) => self.log.push(match answer {
                    Ok(Answer::Started { .. }) => "started".into(),
                    Ok(Answer::Done) => "done".into(),
                    Ok(other) => format!("{other:?}"),
                    Err(why) => why.split(':').next().unwrap().to_owned(),
                }),
                Do::Say(_) => {}
                Do::End(why) => self.log.push(format!("end {why}")),
            }
            to_do.extend(self.machine.to_do());
        }
    }

    fn step(&mut self, words: &[&str]) {
        let order = match words {
            ["begin"] => return self.machine.begin(self.now),
            ["crash", name] => return self.machine.ended(self.address(name), Reason::Trapped("x".into()), self.now),
            ["end", name] => return self.machine.ended(self.address(name), Reason::Normal, self.now),
            ["fail", name, times] => {
                self.failing.insert((*name).into(), times.parse().unwrap());
                return;
            }
            ["stubborn", name] => {
                self.stubborn.insert((*name).into());
                return;
            }
            ["halt"] => return self.machine.stop(Reason::Normal, self.now),
            ["stranger"] => return self.machine.ended(Address { node: 9, key: 9 }, Reason::Killed, self.now),
            ["wait", seconds] => {
                self.now = self.now + seconds.parse::<u64>().unwrap().s();
                let (due, left) = std::mem::take(&mut self.patience).into_iter().partition(|(due, _)| *due <= self.now);
                self.patience = left;
                let due: Vec<(Instant, u64)> = due;
                return due.into_iter().for_each(|(_, stop)| self.machine.late(stop));
            }
            ["add", name] => Order::Start(spec(name)),
            ["terminate", name] => Order::Terminate((*name).into()),
            ["restart", name] => Order::Restart((*name).into()),
            ["delete", name] => Order::Delete((*name).into()),
            other => panic!("{other:?}"),
        };
        assert_eq!(self.machine.state, State::Idle, "an order waits until then");
        self.machine.order(order, self.now);
    }
}

#[track_caller]
fn check(specs: Vec<ChildSpec>, restarts: u32, script: &str, expect: &str) {
    let mut play = Play::new(specs, restarts);
    for step in script.split("; ") {
        if step == "begun" {
            play.step(&["begin"]);
            play.run();
            play.log.clear();
            continue;
        }
        play.step(&step.split(' ').collect::<Vec<_>>());
        play.run();
    }
    assert_eq!(play.log.join(", "), expect, "{script}");
}

fn three() -> Vec<ChildSpec> {
    ["a", "b", "c"].map(spec).into()
}

fn one(restart: Restart) -> Vec<ChildSpec> {
    vec![spec("a").restart(restart), spec("b")]
}

#[test]
fn children_start_in_order_and_stop_in_reverse() {
    check(three(), 5, "begin", "start a, start b, start c");
    check(three(), 5, "begun; halt", "stop c, stop b, stop a, end normal");
    check(vec![], 5, "begin; halt", "end normal");
}

#[test]
fn restart_types_say_when() {
    check(one(Restart::Permanent), 5, "begun; end a", "start a");
    check(one(Restart::Transient), 5, "begun; end a; restart a", "start a, started");
    check(one(Restart::Transient), 5, "begun; crash a", "start a");
    check(one(Restart::Temporary), 5, "begun; crash a; restart a", "not-found");
    check(three(), 5, "begun; stranger", "");
}

#[test]
fn one_restart_too_many_ends_it() {
    check(three(), 1, "begun; crash a; crash a", "start a, stop c, stop b, end shutdown");
    check(three(), 0, "begun; crash b", "stop c, stop a, end shutdown");
    check(three(), 1, "begun; crash a; wait 60; crash b", "start a, stop c, stop a, end shutdown");
    check(three(), 1, "begun; crash a; wait 61; crash b", "start a, start b");
}

#[test]
fn a_first_start_that_fails_stops_what_was_started() {
    check(
        three(),
        5,
        "fail c 1; begin",
        "start a, start b, start c, stop b, stop a, end failed: `c` did not start: failed: scripted",
    );
}

#[test]
fn a_restart_that_fails_is_tried_again_and_counts() {
    check(three(), 5, "begun; fail b 2; crash b", "start b, start b, start b");
    check(three(), 2, "begun; fail b 2; crash b", "start b, start b, stop c, stop a, end shutdown");
}

#[test]
fn a_stop_that_takes_too_long_is_a_kill() {
    let stubborn = |shutdown| vec![spec("a").shutdown(shutdown), spec("b")];
    let script = |wait: u32| format!("begun; stubborn a; terminate a; wait {wait}");
    check(stubborn(Shutdown::After(2.s())), 5, &script(1), "stop a");
    check(stubborn(Shutdown::After(2.s())), 5, &script(2), "stop a, kill a, done");
    check(stubborn(Shutdown::Brutal), 5, &script(0), "kill a, done");
    check(stubborn(Shutdown::Infinity), 5, &script(3600), "stop a");
    // The time of an earlier stop is not this one's.
    let twice = "begun; terminate a; restart a; stubborn a; wait 1; terminate a; wait 1";
    check(stubborn(Shutdown::After(2.s())), 5, twice, "stop a, done, start a, started, stop a");
}

#[test]
fn what_happens_while_it_is_busy_is_taken_in_afterwards() {
    check(three(), 5, "begun; stubborn a; terminate a; crash b; end a", "stop a, done, start b");
    check(three(), 5, "begun; stubborn c; halt; crash b; end c", "stop c, stop a, end normal");
}

#[test]
fn orders_are_answered_as_otp_does() {
    check(three(), 5, "begun; add d; add d; add a", "start d, started, already-started, already-started");
    check(three(), 5, "begun; terminate b; terminate b; add b", "stop b, done, done, already-present");
    check(three(), 5, "begun; restart b; terminate b; restart b", "running, stop b, done, start b, started");
    check(three(), 5, "begun; delete b; terminate b; delete b; delete b", "running, stop b, done, done, not-found");
    check(three(), 5, "begun; fail d 1; add d; restart d", "start d, failed, not-found");
    check(
        three(),
        5,
        "begun; terminate b; fail b 1; restart b; restart b",
        "stop b, done, start b, failed, start b, started",
    );
    check(one(Restart::Temporary), 5, "begun; terminate a; restart a", "stop a, done, not-found");
    check(three(), 5, "begun; terminate x; restart x", "not-found, not-found");
    // Budgets are for restarts that nobody ordered.
    check(
        three(),
        0,
        "begun; terminate b; restart b; terminate b; restart b",
        "stop b, done, start b, started, stop b, done, start b, started",
    );
}

#[test]
fn a_start_that_keeps_failing_leaves_room_for_orders() {
    let mut play = Play::new(three(), 5);
    play.step(&["begin"]);
    play.run();
    play.failing.insert("b".into(), 9);
    // Up to the message that it sends itself, so that an order can come before it.
    play.machine.ended(play.address("b"), Reason::Normal, play.now);
    let Some(Do::Start(_)) = play.machine.to_do().pop() else { panic!("it restarts b") };
    play.machine.not_spawned("b", "scripted".into(), play.now);
    assert_eq!((play.machine.to_do(), play.machine.state()), (vec![Do::Again("b".into())], &State::Idle));
    play.step(&["restart", "b"]);
    play.step(&["delete", "b"]);
    play.step(&["terminate", "b"]);
    play.again.push_back("b".into());
    play.log.clear();
    play.run();
    assert_eq!(play.log, ["restarting", "restarting", "done"], "and it is not tried again");
}

#[test]
fn specs_that_cannot_be_are_refused() {
    let wrong = |specs| Machine::new(specs, Intensity::default()).map(|_| ()).unwrap_err();
    assert!(wrong(vec![spec("a"), spec("a")]).contains("two children of the name `a`"));
    assert!(wrong(vec![ChildSpec { significant: true, ..spec("a") }]).contains("auto-shutdown"));
}

#[test]
fn a_start_that_takes_too_long_is_one_that_failed() {
    let mut machine = Machine::new(vec![spec("a")], Intensity::default()).unwrap();
    machine.begin(Instant::default());
    let address = Address { node: 1, key: 1 };
    machine.spawned("a", address);
    machine.to_do();
    machine.slow();
    assert_eq!(machine.to_do(), [Do::Exit(address, Reason::Killed)]);
    machine.ended(address, Reason::Killed, Instant::default());
    assert_eq!(machine.to_do(), [Do::End(Reason::Failed("`a` did not start: killed".into()))]);
}
