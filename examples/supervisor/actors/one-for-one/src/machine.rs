//! The state machine: whom to start and whom to stop, and when to give up. It knows no host and no clock: what happens is
//! told to it, and what is to be done is taken from it. The rules are those of OTP's `supervisor`.

mod orders;
#[cfg(test)]
mod tests;

use crate::budget::{Budget, Intensity};
use greenroom::supervisor::{Answer, ChildSpec, Refusal, Restart, Shutdown};
use greenroom::{Address, Duration, Instant, Reason};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

pub use orders::Order;

/// A supervisor's inside, as plain data: it outlives the code.
#[derive(Debug, Serialize, Deserialize)]
pub struct Machine {
    state: State,
    /// In start order.
    children: Vec<Child>,
    budget: Budget,
    /// Children that ended while it was busy, as in the message queue of OTP's.
    ended: VecDeque<(String, Reason)>,
    /// How often it has asked a child to stop: the number of the last time.
    stops: u64,
    #[serde(skip)]
    to_do: Vec<Do>,
}

/// What it is at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It waits for something to happen, and takes orders.
    Idle,
    /// It waits for a child to have started; others are to be started after it.
    Starting {
        /// The child.
        child: String,
        /// Those after it.
        left: VecDeque<String>,
        /// What this is about.
        why: Why,
    },
    /// It waits for a child to have ended; others are to be stopped after it.
    Stopping {
        /// The child.
        child: String,
        /// Those after it.
        left: VecDeque<String>,
        /// What comes when all have ended.
        then: Then,
    },
    /// It has ended.
    Over,
}

/// Why children are started.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// The supervisor itself starts.
    First,
    /// One has ended.
    Restart,
    /// Somebody wants it, and waits: `new` with its spec.
    Order {
        /// Whether the spec goes when the start fails.
        new: bool,
    },
}

/// What comes when children have been stopped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Then {
    /// Whoever ordered it is told.
    Answer,
    /// The supervisor ends.
    End(Reason),
}

/// A child.
#[derive(Debug, Serialize, Deserialize)]
pub struct Child {
    /// What it is.
    pub spec: ChildSpec,
    /// While it runs.
    pub address: Option<Address>,
    /// Its start failed, and is to be tried again.
    pub restarting: bool,
}

impl Child {
    fn new(spec: ChildSpec) -> Self {
        Self { spec, address: None, restarting: false }
    }
}

/// What is to be done, in this order.
#[derive(Debug, Clone, PartialEq)]
pub enum Do {
    /// Spawn it, linked; say [`Machine::spawned`] or [`Machine::not_spawned`], and [`Machine::up`] when its start is over.
    Start(ChildSpec),
    /// Send an exit signal.
    Exit(Address, Reason),
    /// Say [`Machine::late`] with this number after this time.
    Patience(u64, Duration),
    /// Say [`Machine::again`] after what waits already.
    Again(String),
    /// Answer who gave the order.
    Answer(Result<Answer, String>),
    /// Tell people.
    Say(String),
    /// End.
    End(Reason),
}

impl Machine {
    /// One that runs nothing yet.
    ///
    /// # Errors
    /// The specs cannot be: why.
    pub fn new(specs: Vec<ChildSpec>, intensity: Intensity) -> Result<Self, String> {
        for (at, spec) in specs.iter().enumerate() {
            if specs[..at].iter().any(|other| other.name == spec.name) {
                return Err(format!("there are two children of the name `{}`", spec.name));
            }
            fits(spec)?;
        }
        Ok(Self {
            state: State::Idle,
            children: specs.into_iter().map(Child::new).collect(),
            budget: Budget::new(intensity),
            ended: VecDeque::new(),
            stops: 0,
            to_do: Vec::new(),
        })
    }

    /// What it is at.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// What is to be done now.
    pub fn to_do(&mut self) -> Vec<Do> {
        std::mem::take(&mut self.to_do)
    }

    /// Starts all children, in order.
    pub fn begin(&mut self, now: Instant) {
        let all = self.children.iter().map(|child| child.spec.name.clone()).collect();
        self.start_next(all, Why::First, now);
    }

    /// The child that is being started has this address.
    pub fn spawned(&mut self, name: &str, address: Address) {
        if let Some(child) = self.child(name) {
            child.address = Some(address);
        }
    }

    /// The child that is being started could not even be spawned.
    pub fn not_spawned(&mut self, name: &str, why: String, now: Instant) {
        self.end_of(name, Reason::Failed(why), now);
    }

    /// The start of the child that is being started is over, and it runs.
    pub fn up(&mut self, now: Instant) {
        let State::Starting { child, left, why } = self.state.clone() else { return };
        let address = self.child(&child).and_then(|child| child.address);
        if let (Why::Order { .. }, Some(address)) = (&why, address) {
            self.to_do.push(Do::Answer(Ok(Answer::Started { address })));
        }
        self.start_next(left, why, now);
    }

    /// The start of the child that is being started takes too long: it is killed, and has not started.
    pub fn slow(&mut self) {
        let State::Starting { child, .. } = &self.state else { return };
        let name = child.clone();
        if let Some(address) = self.child(&name).and_then(|child| child.address) {
            self.to_do.push(Do::Exit(address, Reason::Killed));
        }
    }

    /// An actor has ended. One that is no child's, or not any more, is none of its business.
    pub fn ended(&mut self, who: Address, why: Reason, now: Instant) {
        if let Some(child) = self.children.iter_mut().find(|child| child.address == Some(who)) {
            child.address = None;
            let name = child.spec.name.clone();
            self.end_of(&name, why, now);
        }
    }

    /// A child that was asked to stop has had its time.
    pub fn late(&mut self, stop: u64) {
        let State::Stopping { child, .. } = &self.state else { return };
        let name = child.clone();
        if stop != self.stops {
            return;
        }
        if let Some(address) = self.child(&name).and_then(|child| child.address) {
            self.to_do.push(Do::Exit(address, Reason::Killed));
        }
    }

    /// A start that failed is tried again, unless somebody has thought otherwise meanwhile.
    pub fn again(&mut self, name: &str, now: Instant) {
        if self.child(name).is_some_and(|child| child.restarting) {
            self.restart(name, now);
        }
    }

    /// Stops all children in reverse order, then ends.
    pub fn stop(&mut self, why: Reason, now: Instant) {
        let all = self.children.iter().rev().map(|child| child.spec.name.clone()).collect();
        self.stop_next(all, Then::End(why), now);
    }

    fn child(&mut self, name: &str) -> Option<&mut Child> {
        self.children.iter_mut().find(|child| child.spec.name == name)
    }

    fn forget(&mut self, name: &str) {
        self.children.retain(|child| child.spec.name != name);
    }

    fn start_next(&mut self, mut left: VecDeque<String>, why: Why, now: Instant) {
        while let Some(name) = left.pop_front() {
            let Some(child) = self.child(&name) else { continue };
            child.restarting = false;
            let spec = child.spec.clone();
            self.state = State::Starting { child: name, left, why };
            return self.to_do.push(Do::Start(spec));
        }
        self.idle(now);
    }

    fn stop_next(&mut self, mut left: VecDeque<String>, then: Then, now: Instant) {
        while let Some(name) = left.pop_front() {
            let Some(child) = self.child(&name) else { continue };
            child.restarting = false;
            let (shutdown, temporary) = (child.spec.shutdown, child.spec.restart == Restart::Temporary);
            let Some(address) = child.address else {
                if temporary {
                    self.forget(&name);
                }
                continue;
            };
            self.state = State::Stopping { child: name, left, then };
            self.stops += 1;
            let why = if shutdown == Shutdown::Brutal { Reason::Killed } else { Reason::Shutdown };
            self.to_do.push(Do::Exit(address, why));
            if let Shutdown::After(time) = shutdown {
                self.to_do.push(Do::Patience(self.stops, time));
            }
            return;
        }
        match then {
            Then::Answer => {
                self.to_do.push(Do::Answer(Ok(Answer::Done)));
                self.idle(now);
            }
            Then::End(why) => {
                self.state = State::Over;
                self.to_do.push(Do::End(why));
            }
        }
    }

    /// There is nothing to wait for: what happened meanwhile is taken in.
    fn idle(&mut self, now: Instant) {
        self.state = State::Idle;
        while self.state == State::Idle
            && let Some((name, why)) = self.ended.pop_front()
        {
            // One that was started again since has nothing to do with it.
            if self.child(&name).is_some_and(|child| child.address.is_none()) {
                self.settle(&name, &why, now);
            }
        }
    }

    /// A child has ended: it was waited for, or it is decided what becomes of it.
    fn end_of(&mut self, name: &str, why: Reason, now: Instant) {
        match self.state.clone() {
            State::Starting { child, why: about, .. } if child == name => self.start_failed(name, about, &why, now),
            State::Stopping { child, left, then } if child == name => {
                if self.child(name).is_some_and(|child| child.spec.restart == Restart::Temporary) {
                    self.forget(name);
                }
                self.stop_next(left, then, now);
            }
            State::Idle => self.settle(name, &why, now),
            State::Over => {}
            State::Starting { .. } | State::Stopping { .. } => self.ended.push_back((name.to_owned(), why)),
        }
    }

    /// At the supervisor's own start, that fails, too. In a restart it is tried again, after what waits (OTP
    /// `try_again_restart`): meanwhile orders are taken.
    fn start_failed(&mut self, name: &str, about: Why, why: &Reason, now: Instant) {
        match about {
            Why::First => return self.stop(Reason::Failed(format!("`{name}` did not start: {why}")), now),
            Why::Restart => {
                if let Some(child) = self.child(name) {
                    child.restarting = true;
                }
                self.to_do.push(Do::Again(name.to_owned()));
            }
            Why::Order { new } => {
                if new || self.child(name).is_some_and(|child| child.spec.restart == Restart::Temporary) {
                    self.forget(name);
                }
                let refusal = Refusal::Failed.because(format_args!("the child did not start: {why}"));
                self.to_do.push(Do::Answer(Err(refusal)));
            }
        }
        self.idle(now);
    }

    /// What becomes of a child that ended by itself (OTP `do_restart`).
    fn settle(&mut self, name: &str, why: &Reason, now: Instant) {
        let Some(restart) = self.child(name).map(|child| child.spec.restart) else { return };
        match restart {
            Restart::Permanent => self.restart(name, now),
            Restart::Transient if !why.is_orderly() => self.restart(name, now),
            Restart::Transient => {}
            Restart::Temporary => self.forget(name),
        }
    }

    fn restart(&mut self, name: &str, now: Instant) {
        if !self.budget.spend(now) {
            self.to_do.push(Do::Say(format!("gives up: `{name}` is one restart too many")));
            return self.stop(Reason::Shutdown, now);
        }
        self.to_do.push(Do::Say(format!("restarts `{name}`")));
        self.start_next([name.to_owned()].into(), Why::Restart, now);
    }
}

/// Whether a spec can be here.
fn fits(spec: &ChildSpec) -> Result<(), String> {
    match spec.significant {
        true => Err(format!("`{}` cannot be significant: this supervisor has no auto-shutdown", spec.name)),
        false => Ok(()),
    }
}
