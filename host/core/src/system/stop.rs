//! How children and supervisors are stopped: in reverse order and each within its time; a dynamic supervisor's all at
//! once; and what a kill does.

use super::supervisor::{Activity, Job, Then, Why};
use super::{Effect, Phase, Refusal, Standing, Step, System, Timeout};
use crate::{Address, Reason, Shutdown};
use std::collections::{BTreeSet, VecDeque};

impl System {
    /// Ends a supervisor: its children, then itself.
    pub(super) fn stop_all(&mut self, address: Address, reason: Reason) {
        let Some(process) = self.process(address) else { return };
        process.phase = Phase::Stopping;
        let Some(supervisor) = process.supervisor.as_mut() else { return };
        if !supervisor.is_dynamic() {
            let all = supervisor.children.addresses().rev().collect();
            return self.stop_next(address, all, Then::End(reason));
        }
        let all: Vec<_> = supervisor.children.iter().map(|child| (child.address, child.shutdown)).collect();
        if self.begin_to_end(address, reason) {
            // The one that it gives up on is among them, and has ended.
            for (child, shutdown) in all {
                if self.is_alive(child) {
                    self.stop_child(child, shutdown);
                }
            }
        }
    }

    /// From now on the supervisor only waits for its children to end. False: there are none, and it has ended.
    fn begin_to_end(&mut self, address: Address, reason: Reason) -> bool {
        let Some(supervisor) = self.processes.get(&address).and_then(|process| process.supervisor.as_ref()) else {
            return false;
        };
        let left: BTreeSet<_> = supervisor.children.addresses().filter(|child| self.is_alive(*child)).collect();
        if left.is_empty() {
            self.end_supervisor(address, reason);
            return false;
        }
        if let Some(supervisor) = self.supervisor(address) {
            let before = std::mem::replace(&mut supervisor.activity, Activity::Ending { left, reason });
            self.abandon(before);
        }
        true
    }

    /// Whoever waits for something that is not to be is told.
    fn abandon(&mut self, activity: Activity) {
        let caller = match activity {
            Activity::Starting { why: Why::Order { caller, .. }, .. } => caller,
            Activity::Stopping { then: Then::Answer(caller) | Then::Start(_, Why::Order { caller, .. }), .. } => caller,
            _ => return,
        };
        self.answer(caller, Err(Refusal::NoSupervisor));
    }

    /// A supervisor's children have ended, and so has it. What was added to its specs is gone with it.
    fn end_supervisor(&mut self, address: Address, reason: Reason) {
        let Some(supervisor) = self.supervisor(address) else { return };
        let before = std::mem::replace(&mut supervisor.activity, Activity::Idle);
        let jobs = std::mem::take(&mut supervisor.inbox);
        let added: Vec<_> = supervisor.children.iter().filter(|child| child.added).map(|child| child.address).collect();
        let waits: Vec<_> = supervisor
            .children
            .iter()
            .filter_map(|child| match child.standing {
                Standing::Restarting(Some(due)) => Some((due, child.address)),
                _ => None,
            })
            .collect();
        for wait in waits {
            self.timeouts.remove(&wait);
        }
        self.abandon(before);
        for job in jobs {
            if let Job::Order(caller, _) = job {
                self.answer(caller, Err(Refusal::NoSupervisor));
            }
        }
        for child in added {
            self.drop_child(address, child, true, &reason);
        }
        self.ended(address, reason);
    }

    pub(super) fn stop_next(&mut self, address: Address, mut rest: VecDeque<Address>, then: Then) {
        let Some(supervisor) = self.supervisor(address) else { return };
        // Told to stop in the middle of a group restart: then nothing is started any more.
        if then.starts()
            && let Some(reason) = supervisor.stop.take()
        {
            self.abandon(Activity::Stopping { at: address, rest, then });
            return self.stop_all(address, reason);
        }
        while let Some(at) = rest.pop_front() {
            let alive = self.is_alive(at);
            let incarnation = self.processes.get(&at).map_or(0, |process| process.incarnation);
            let Some(child) = self.child(address, at) else { continue };
            // Whatever was to become of it: that is settled now. One in quarantine stays there.
            let shutdown = child.shutdown;
            let standing = match &child.standing {
                Standing::Restarting(_) => std::mem::take(&mut child.standing),
                _ => Standing::Settled,
            };
            if alive {
                if let Some(supervisor) = self.supervisor(address) {
                    supervisor.activity = Activity::Stopping { at, rest, then };
                }
                return self.stop_child(at, shutdown);
            }
            child.settled = incarnation;
            if let Standing::Restarting(Some(due)) = standing {
                self.timeouts.remove(&(due, at));
            }
            self.drop_stopped(address, at, &then, &Reason::Shutdown);
        }
        if let Some(supervisor) = self.supervisor(address) {
            supervisor.activity = Activity::Idle;
        }
        match then {
            Then::Start(group, why) => return self.start_next(address, group, why),
            Then::Again(child, why) => return self.start_next(address, [child].into(), why),
            Then::Wait(child, wait) => self.begin_to_wait(address, child, wait),
            Then::Answer(caller) => self.answer(caller, Ok(super::Answer::Done)),
            Then::End(reason) => return self.end_supervisor(address, reason),
        }
        self.work(address);
    }

    /// A child was stopped: a temporary one is forgotten, and a dynamic one that somebody wanted gone.
    fn drop_stopped(&mut self, address: Address, child: Address, then: &Then, reason: &Reason) {
        if matches!(then, Then::Again(..)) {
            return;
        }
        let terminated = matches!(then, Then::Answer(_));
        let dynamic = self.supervisor(address).is_some_and(|supervisor| supervisor.is_dynamic());
        if terminated && let Some(child) = self.child(address, child) {
            child.standing = Standing::Settled;
        }
        self.drop_child(address, child, terminated && dynamic, reason);
    }

    /// A child that was to end has ended.
    pub(super) fn child_stopped(&mut self, address: Address, child: Address, reason: &Reason) {
        let Some(supervisor) = self.supervisor(address) else { return };
        match std::mem::replace(&mut supervisor.activity, Activity::Idle) {
            Activity::Stopping { at, rest, then } if at == child => {
                self.drop_stopped(address, child, &then, reason);
                self.stop_next(address, rest, then);
            }
            Activity::Ending { mut left, reason: why } => {
                left.remove(&child);
                if left.is_empty() {
                    return self.end_supervisor(address, why);
                }
                supervisor.activity = Activity::Ending { left, reason: why };
                self.drop_child(address, child, false, reason);
            }
            other => supervisor.activity = other,
        }
    }

    fn stop_child(&mut self, child: Address, shutdown: Shutdown) {
        let Some(process) = self.process(child) else { return };
        let (incarnation, is_worker) = (process.incarnation, process.supervisor.is_none());
        match shutdown {
            Shutdown::Brutal => return self.kill(child, Reason::Killed),
            Shutdown::After(time) => self.stop_until(child, incarnation, time),
            Shutdown::Infinity => {}
        }
        if !is_worker {
            return self.steps.push_back(Step::Stop(child, Reason::Shutdown));
        }
        if let Some(process) = self.process(child) {
            process.phase = Phase::Stopping;
        }
        self.effects.push_back(Effect::Stop { address: child, incarnation, reason: Reason::Shutdown });
    }

    fn stop_until(&mut self, address: Address, incarnation: u64, time: std::time::Duration) {
        let due = self.now + time;
        if let Some(process) = self.process(address) {
            process.deadline = Some(due);
            self.timeouts.insert((due, address), Timeout::Kill { incarnation });
        }
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
            Activity::Starting { .. } => supervisor.stop = Some(reason),
            Activity::Stopping { then, .. } if !matches!(then, Then::End(_)) => supervisor.stop = Some(reason),
            Activity::Stopping { .. } | Activity::Ending { .. } => {}
        }
    }

    /// Ends a supervisor now, with all that is beneath it.
    pub(super) fn kill_supervisor(&mut self, address: Address, reason: Reason) {
        let Some(process) = self.process(address) else { return };
        if process.phase == Phase::Down {
            return;
        }
        process.phase = Phase::Stopping;
        if self.begin_to_end(address, reason)
            && let Some(supervisor) = self.supervisor(address)
        {
            let all: Vec<_> = supervisor.children.addresses().collect();
            self.steps.extend(all.into_iter().map(Step::Kill));
        }
    }
}
