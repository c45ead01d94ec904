//! What becomes of a child that ended by itself: OTP's `do_restart`, and beyond it back-off and quarantine.

use super::supervisor::{Child, Job, Then, Why};
use super::{Effect, Notice, Parked, Phase, Standing, System, Timeout};
use crate::{Address, AutoShutdown, GiveUp, Reason, Restart};
use std::collections::VecDeque;
use std::time::Duration;

impl System {
    /// A child ended by itself, if that was not dealt with already: by a group restart that found it dead, for example.
    pub(super) fn settle_end(&mut self, address: Address, child: Address, incarnation: u64, reason: &Reason) {
        if !self.is_current(child, incarnation, &[Phase::Down]) {
            return;
        }
        let Some(record) = self.child(address, child).filter(|child| child.settled < incarnation) else { return };
        record.settled = incarnation;
        let (restart, significant) = (record.restart, record.significant);
        if restart == Restart::Permanent || (restart == Restart::Transient && !reason.is_orderly()) {
            return self.restart(address, child);
        }
        let dynamic = self.supervisor(address).is_some_and(|supervisor| supervisor.is_dynamic());
        self.drop_child(address, child, dynamic, reason);
        if significant {
            self.auto_shutdown(address);
        }
    }

    /// A significant child is no more (OTP `do_auto_shutdown`).
    fn auto_shutdown(&mut self, address: Address) {
        let Some(supervisor) = self.processes.get(&address).and_then(|process| process.supervisor.as_ref()) else {
            return;
        };
        let alive = |child: &Child| {
            self.seems_alive(child) || matches!(child.standing, Standing::Restarting(_) | Standing::Parked(_))
        };
        let ends = match supervisor.flags.auto_shutdown {
            AutoShutdown::Never => false,
            AutoShutdown::Any => true,
            AutoShutdown::All => !supervisor.children.iter().any(|child| child.significant && alive(child)),
        };
        if ends {
            self.effects.push_back(Effect::Notice(Notice::AutoShutdown(address)));
            self.stop_all(address, Reason::Shutdown);
        }
    }

    /// Restarts a child and whom it concerns, within the budget.
    pub(super) fn restart(&mut self, address: Address, child: Address) {
        let now = self.now;
        let Some(supervisor) = self.supervisor(address) else { return };
        let intensity = supervisor.budget.intensity();
        if !supervisor.budget.spend(now) {
            return self.give_up(address, child, intensity.restarts);
        }
        let restarts = supervisor.budget.in_window(now);
        let group = supervisor.group(child);
        let wait = self.wait(address, child);
        let limit = intensity.restarts;
        self.effects.push_back(Effect::Notice(Notice::Restarting {
            supervisor: address,
            child,
            restarts,
            limit,
            wait,
        }));
        let stop = group.iter().rev().copied().collect();
        let then = if wait.is_zero() { Then::Start(group, Why::Restart) } else { Then::Wait(child, wait) };
        self.stop_next(address, stop, then);
    }

    /// How long to wait before this restart.
    fn wait(&mut self, address: Address, child: Address) -> Duration {
        let now = self.now;
        let Some(back_off) = self.supervisor(address).and_then(|supervisor| supervisor.flags.back_off) else {
            return Duration::ZERO;
        };
        let chance = self.chance();
        let Some(child) = self.child(address, child) else { return Duration::ZERO };
        if child.up_since.is_some_and(|since| now.since(since) >= back_off.reset) {
            child.row = 0;
        }
        let wait = back_off.wait(child.row, chance);
        child.row = child.row.saturating_add(1);
        wait
    }

    /// The wait before a restart begins: the supervisor is free meanwhile.
    pub(super) fn begin_to_wait(&mut self, address: Address, child: Address, wait: Duration) {
        let due = self.now + wait;
        if let Some(record) = self.child(address, child) {
            record.standing = Standing::Restarting(Some(due));
            self.timeouts.insert((due, child), Timeout::Restart { supervisor: address });
        }
    }

    /// The wait is over. Since nothing counts twice, the budget is not asked again.
    pub(super) fn due(&mut self, address: Address, child: Address) {
        let Some(supervisor) = self.supervisor(address) else { return };
        let waits = |child: &Child| matches!(child.standing, Standing::Restarting(Some(_)));
        if supervisor.children.get(child).is_some_and(waits) {
            let group = supervisor.group(child);
            let stop = group.iter().rev().copied().collect();
            self.stop_next(address, stop, Then::Start(group, Why::Restart));
        }
    }

    /// One restart too many.
    fn give_up(&mut self, address: Address, child: Address, restarts: u32) {
        let now = self.now;
        let Some(supervisor) = self.supervisor(address) else { return };
        if supervisor.flags.give_up == GiveUp::Exit {
            self.effects.push_back(Effect::Notice(Notice::GaveUp(address)));
            return self.stop_all(address, Reason::Shutdown);
        }
        // What it used up is its own: the others begin anew.
        supervisor.budget = crate::budget::Budget::new(supervisor.flags.intensity);
        let group = supervisor.group(child);
        let Some(record) = supervisor.children.get_mut(child) else { return };
        let reason = record.why.clone();
        record.row = 0;
        let parked = Parked { reason: reason.clone(), restarts, since: now };
        let before = std::mem::replace(&mut record.standing, Standing::Parked(parked));
        self.effects.push_back(Effect::Notice(Notice::Quarantined { supervisor: address, child, reason }));
        // Its group was stopped for its restart, which is not to be: the others run on.
        if matches!(before, Standing::Restarting(_)) {
            let others: VecDeque<_> = group.into_iter().filter(|other| !self.is_alive(*other)).collect();
            self.start_next(address, others, Why::Restart);
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

    /// There is new code: whoever is in quarantine gets another chance.
    pub(super) fn release(&mut self, address: Address) {
        let Some(parent) = self.processes.get(&address).and_then(|process| process.parent) else { return };
        if let Some(supervisor) = self.supervisor(parent) {
            supervisor.inbox.push_back(Job::Release(address));
            self.work(parent);
        }
    }

    pub(super) fn release_now(&mut self, address: Address, child: Address) {
        if self.child(address, child).is_some_and(|child| matches!(child.standing, Standing::Parked(_))) {
            self.cycle_now(address, child);
        }
    }

    pub(super) fn cycle_now(&mut self, address: Address, child: Address) {
        let why = self.why_started(address, child, Why::Restart);
        self.stop_next(address, [child].into(), Then::Again(child, why));
    }

    /// One in quarantine is started as such, whoever asks: if it fails, it goes back.
    pub(super) fn why_started(&mut self, address: Address, child: Address, otherwise: Why) -> Why {
        match self.child(address, child).map(|child| std::mem::take(&mut child.standing)) {
            Some(Standing::Parked(parked)) => {
                self.effects.push_back(Effect::Notice(Notice::Released { supervisor: address, child }));
                Why::Release(parked)
            }
            Some(standing) => {
                if let Some(child) = self.child(address, child) {
                    child.standing = standing;
                }
                otherwise
            }
            None => otherwise,
        }
    }
}
