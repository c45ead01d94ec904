//! What supervisors do: OTP's `supervisor`, as a state machine. One thing at a time: a supervisor that starts or stops
//! children takes in what else happens when it is done, as OTP's does from its message queue.

use super::{Notice, Phase, System};
use crate::budget::Budget;
use crate::system::Effect;
use crate::{Address, Intensity, Reason, Restart, Shutdown, Strategy};
use std::collections::VecDeque;

/// A supervisor's state.
#[derive(Debug)]
pub(super) struct Supervisor {
    pub(super) strategy: Strategy,
    pub(super) budget: Budget,
    /// In start order.
    pub(super) children: Vec<Child>,
    activity: Activity,
    /// What happened while it was busy.
    inbox: VecDeque<Job>,
    /// It was told to stop while it was busy.
    stop: Option<Reason>,
}

#[derive(Debug)]
pub(super) struct Child {
    pub(super) address: Address,
    restart: Restart,
    shutdown: Shutdown,
    /// Its restart failed and is tried again: only then does such a job count.
    retry: bool,
}

#[derive(Debug)]
enum Activity {
    Idle,
    /// Waits for one child to start; then the rest, in order. `first`: a failure ends the supervisor's own start.
    Starting {
        at: Address,
        rest: VecDeque<Address>,
        first: bool,
    },
    /// Waits for one child to end; then the rest, in order.
    Stopping {
        at: Address,
        rest: VecDeque<Address>,
        then: Then,
    },
    /// Killed: waits for all that is left to end.
    Dying {
        reason: Reason,
    },
}

#[derive(Debug)]
enum Then {
    Start(VecDeque<Address>),
    End(Reason),
}

#[derive(Debug)]
enum Job {
    /// A child ended, in this incarnation.
    Ended(Address, u64, Reason),
    /// A restart failed: again.
    TryAgain(Address),
    /// An operator wants it stopped and started.
    Cycle(Address),
}

impl Supervisor {
    pub(super) fn new(strategy: Strategy, intensity: Intensity) -> Self {
        Self {
            strategy,
            budget: Budget::new(intensity),
            children: Vec::new(),
            activity: Activity::Idle,
            inbox: VecDeque::new(),
            stop: None,
        }
    }

    pub(super) fn adopt(&mut self, address: Address, restart: Restart, shutdown: Shutdown) {
        self.children.push(Child { address, restart, shutdown, retry: false });
    }

    fn child(&mut self, address: Address) -> Option<&mut Child> {
        self.children.iter_mut().find(|child| child.address == address)
    }

    /// Whom a restart of `child` concerns, in start order.
    fn group(&self, child: Address) -> Vec<Address> {
        let addresses = self.children.iter().map(|child| child.address);
        match self.strategy {
            Strategy::OneForOne => vec![child],
            Strategy::OneForAll => addresses.collect(),
            Strategy::RestForOne => addresses.skip_while(|address| *address != child).collect(),
        }
    }
}

impl System {
    fn supervisor(&mut self, address: Address) -> Option<&mut Supervisor> {
        self.process(address)?.supervisor.as_mut()
    }

    /// Starts a supervisor: all its children, in order, with a fresh budget.
    pub(super) fn start_children(&mut self, address: Address) {
        let Some(supervisor) = self.supervisor(address) else { return };
        supervisor.budget = Budget::new(supervisor.budget.intensity());
        supervisor.inbox.clear();
        supervisor.stop = None;
        let all = supervisor.children.iter().map(|child| child.address).collect();
        self.start_next(address, all, true);
    }

    fn start_next(&mut self, address: Address, mut rest: VecDeque<Address>, first: bool) {
        let Some(supervisor) = self.supervisor(address) else { return };
        if let Some(reason) = supervisor.stop.take() {
            return self.stop_all(address, reason);
        }
        match rest.pop_front() {
            Some(at) => {
                if let Some(child) = supervisor.child(at) {
                    child.retry = false;
                }
                supervisor.activity = Activity::Starting { at, rest, first };
                self.start(at);
            }
            None => {
                supervisor.activity = Activity::Idle;
                if first {
                    self.up(address);
                }
                self.work(address);
            }
        }
    }

    pub(super) fn child_started(&mut self, address: Address, child: Address) {
        self.take_start(address, child);
    }

    /// A child that had nothing to do counts as started; a temporary one's spec is gone.
    pub(super) fn child_ignored(&mut self, address: Address, child: Address) {
        self.drop_temporary(address, child, &Reason::Normal);
        let stopping = self
            .supervisor(address)
            .is_some_and(|supervisor| !matches!(supervisor.activity, Activity::Starting { .. } | Activity::Idle));
        match stopping {
            true => self.child_stopped(address, child, Reason::Normal),
            false => self.take_start(address, child),
        }
    }

    /// Goes on after the child that was waited for has started.
    fn take_start(&mut self, address: Address, child: Address) {
        let Some(supervisor) = self.supervisor(address) else { return };
        match std::mem::replace(&mut supervisor.activity, Activity::Idle) {
            Activity::Starting { at, rest, first } if at == child => self.start_next(address, rest, first),
            other => supervisor.activity = other,
        }
    }

    pub(super) fn child_ended(&mut self, address: Address, child: Address, incarnation: u64, reason: Reason) {
        let Some(supervisor) = self.supervisor(address) else { return };
        match &supervisor.activity {
            Activity::Starting { at, .. } if *at == child => self.start_failed(address, child, reason),
            Activity::Stopping { at, .. } if *at == child => self.child_stopped(address, child, reason),
            Activity::Dying { .. } => self.child_stopped(address, child, reason),
            _ => {
                supervisor.inbox.push_back(Job::Ended(child, incarnation, reason));
                self.work(address);
            }
        }
    }

    /// A child could not be started. At the supervisor's own start, that fails too, and what was started is stopped. In a
    /// restart, it is tried again, after what else there is to do (OTP `try_again_restart`).
    fn start_failed(&mut self, address: Address, child: Address, reason: Reason) {
        let name = self.processes.get(&child).and_then(|process| process.name.clone());
        let Some(supervisor) = self.supervisor(address) else { return };
        let first = matches!(supervisor.activity, Activity::Starting { first: true, .. });
        supervisor.activity = Activity::Idle;
        if first {
            let name = name.as_ref().map_or("a child", |name| name.as_str());
            let why = Reason::Failed(format!("`{name}` did not start: {reason}"));
            return self.stop_all(address, why);
        }
        if let Some(child) = supervisor.child(child) {
            child.retry = true;
        }
        supervisor.inbox.push_back(Job::TryAgain(child));
        self.work(address);
    }

    /// A child that was to end has ended.
    fn child_stopped(&mut self, address: Address, child: Address, reason: Reason) {
        self.drop_temporary(address, child, &reason);
        let Some(supervisor) = self.supervisor(address) else { return };
        match std::mem::replace(&mut supervisor.activity, Activity::Idle) {
            Activity::Stopping { at, rest, then } if at == child => self.stop_next(address, rest, then),
            Activity::Dying { reason } => {
                supervisor.activity = Activity::Dying { reason };
                self.die_if_alone(address);
            }
            other => supervisor.activity = other,
        }
    }

    /// Takes in what happened meanwhile, as long as nothing keeps the supervisor busy.
    fn work(&mut self, address: Address) {
        while let Some(supervisor) = self.supervisor(address)
            && matches!(supervisor.activity, Activity::Idle)
        {
            if let Some(reason) = supervisor.stop.take() {
                return self.stop_all(address, reason);
            }
            let Some(job) = supervisor.inbox.pop_front() else { return };
            match job {
                Job::Ended(child, incarnation, reason) => {
                    // Started again by a group restart in the meantime: that is the next incarnation's affair.
                    if self.is_current(child, incarnation, &[Phase::Down]) {
                        self.decide(address, child, &reason);
                    }
                }
                Job::TryAgain(child) => {
                    if self.supervisor(address).and_then(|s| s.child(child)).is_some_and(|child| child.retry) {
                        self.restart(address, child);
                    }
                }
                Job::Cycle(child) => {
                    self.stop_next(address, [child].into(), Then::Start([child].into()));
                }
            }
        }
    }

    /// A child ended by itself: OTP's `do_restart`.
    fn decide(&mut self, address: Address, child: Address, reason: &Reason) {
        let Some(restart) = self.supervisor(address).and_then(|s| s.child(child)).map(|child| child.restart) else {
            return;
        };
        match restart {
            Restart::Permanent => self.restart(address, child),
            Restart::Transient if !reason.is_orderly() => self.restart(address, child),
            Restart::Transient => {}
            Restart::Temporary => self.drop_temporary(address, child, reason),
        }
    }

    fn restart(&mut self, address: Address, child: Address) {
        let now = self.now;
        let Some(supervisor) = self.supervisor(address) else { return };
        if !supervisor.budget.spend(now) {
            self.effects.push_back(Effect::Notice(Notice::GaveUp(address)));
            return self.stop_all(address, Reason::Shutdown);
        }
        let restarts = supervisor.budget.in_window(now);
        let limit = supervisor.budget.intensity().restarts;
        let group = supervisor.group(child);
        self.effects.push_back(Effect::Notice(Notice::Restarting { supervisor: address, child, restarts, limit }));
        let stop = group.iter().rev().copied().collect();
        self.stop_next(address, stop, Then::Start(group.into()));
    }

    /// Ends a supervisor: its children in reverse order, then itself.
    fn stop_all(&mut self, address: Address, reason: Reason) {
        let Some(process) = self.process(address) else { return };
        process.phase = Phase::Stopping;
        let Some(supervisor) = process.supervisor.as_mut() else { return };
        let all = supervisor.children.iter().rev().map(|child| child.address).collect();
        self.stop_next(address, all, Then::End(reason));
    }

    fn stop_next(&mut self, address: Address, mut rest: VecDeque<Address>, mut then: Then) {
        let Some(supervisor) = self.supervisor(address) else { return };
        // Told to stop in the middle of a group restart: then nothing is started any more.
        if let (Then::Start(_), Some(_)) = (&then, &supervisor.stop) {
            let reason = supervisor.stop.take().unwrap_or(Reason::Shutdown);
            return self.stop_all(address, reason);
        }
        while let Some(at) = rest.pop_front() {
            let alive = self.processes.get(&at).is_some_and(|process| process.phase != Phase::Down);
            if !alive {
                self.drop_temporary(address, at, &Reason::Shutdown);
                continue;
            }
            let Some(supervisor) = self.supervisor(address) else { return };
            let Some(shutdown) = supervisor.child(at).map(|child| child.shutdown) else { continue };
            supervisor.activity = Activity::Stopping { at, rest, then };
            return self.stop_child(at, shutdown);
        }
        match &mut then {
            Then::Start(group) => {
                let mut group = std::mem::take(group);
                if let Some(supervisor) = self.supervisor(address) {
                    group.retain(|child| supervisor.children.iter().any(|left| left.address == *child));
                }
                self.start_next(address, group, false);
            }
            Then::End(reason) => {
                let reason = reason.clone();
                if let Some(supervisor) = self.supervisor(address) {
                    supervisor.activity = Activity::Idle;
                    supervisor.inbox.clear();
                }
                self.ended(address, reason);
            }
        }
    }

    fn stop_child(&mut self, child: Address, shutdown: Shutdown) {
        let now = self.now;
        let Some(process) = self.process(child) else { return };
        if process.supervisor.is_none() {
            return self.stop_worker(child, shutdown, Reason::Shutdown);
        }
        let incarnation = process.incarnation;
        match shutdown {
            Shutdown::Brutal => return self.kill(child, Reason::Killed),
            Shutdown::After(time) => drop(self.stopping.insert((now + time, child), incarnation)),
            Shutdown::Infinity => {}
        }
        self.stop_supervisor(child, Reason::Shutdown);
    }

    /// Asks a supervisor to end. One that is starting or stopping children does so as soon as the current one is through.
    pub(super) fn stop_supervisor(&mut self, address: Address, reason: Reason) {
        let Some(process) = self.process(address) else { return };
        if process.phase == Phase::Down {
            return;
        }
        let Some(supervisor) = process.supervisor.as_mut() else { return };
        match &supervisor.activity {
            Activity::Idle => self.stop_all(address, reason),
            Activity::Starting { .. } | Activity::Stopping { then: Then::Start(_), .. } => {
                supervisor.stop = Some(reason);
            }
            Activity::Stopping { then: Then::End(_), .. } | Activity::Dying { .. } => {}
        }
    }

    pub(super) fn kill_supervisor(&mut self, address: Address, reason: Reason) {
        let Some(process) = self.process(address) else { return };
        if process.phase == Phase::Down {
            return;
        }
        process.phase = Phase::Stopping;
        let Some(supervisor) = process.supervisor.as_mut() else { return };
        supervisor.activity = Activity::Dying { reason };
        supervisor.inbox.clear();
        let children: Vec<_> = supervisor.children.iter().map(|child| child.address).collect();
        for child in children {
            self.kill(child, Reason::Killed);
        }
        self.die_if_alone(address);
    }

    fn die_if_alone(&mut self, address: Address) {
        let Some(supervisor) = self.supervisor(address) else { return };
        let Activity::Dying { reason } = &supervisor.activity else { return };
        let reason = reason.clone();
        let children: Vec<_> = supervisor.children.iter().map(|child| child.address).collect();
        let alone =
            children.iter().all(|child| self.processes.get(child).is_none_or(|process| process.phase == Phase::Down));
        if alone {
            if let Some(supervisor) = self.supervisor(address) {
                supervisor.activity = Activity::Idle;
            }
            self.ended(address, reason);
        }
    }

    /// An operator's restart: outside the budget.
    pub(super) fn cycle(&mut self, address: Address) {
        let Some(parent) = self.processes.get(&address).and_then(|process| process.parent) else { return };
        if let Some(supervisor) = self.supervisor(parent) {
            supervisor.inbox.push_back(Job::Cycle(address));
            self.work(parent);
        }
    }

    /// A temporary child that has ended is forgotten, with its spec and what is beneath it.
    fn drop_temporary(&mut self, address: Address, child: Address, reason: &Reason) {
        let Some(supervisor) = self.supervisor(address) else { return };
        let before = supervisor.children.len();
        supervisor.children.retain(|known| known.address != child || known.restart != Restart::Temporary);
        if supervisor.children.len() < before {
            self.forget_all(child, reason);
        }
    }

    fn forget_all(&mut self, address: Address, reason: &Reason) {
        let below: Vec<_> =
            self.supervisor(address).map(|s| s.children.iter().map(|c| c.address).collect()).unwrap_or_default();
        for child in below {
            self.forget_all(child, reason);
        }
        self.forget(address, reason.clone());
    }
}
