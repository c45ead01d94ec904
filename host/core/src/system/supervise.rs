//! How supervisors start, and what they do about what happens: OTP's `supervisor`, as a state machine. One thing at a
//! time: a supervisor that starts or stops children takes in what else happens when it is done, as OTP's does from its
//! message queue. Beside it: `restart` decides about ends, `stop` ends children, `admin` answers orders.

use super::supervisor::{Activity, Child, Job, Rule, Supervisor, Then, Why};
use super::{ChildSpec, Effect, Notice, Phase, Refusal, Standing, Step, System, What};
use crate::budget::Budget;
use crate::{Address, Name, Reason, Restart};
use std::collections::{BTreeMap, VecDeque};

impl System {
    pub(super) fn supervisor(&mut self, address: Address) -> Option<&mut Supervisor> {
        self.process(address)?.supervisor.as_deref_mut()
    }

    pub(super) fn child(&mut self, supervisor: Address, child: Address) -> Option<&mut Child> {
        self.supervisor(supervisor)?.children.get_mut(child)
    }

    /// Makes the processes of a spec: they have addresses and names, and run nothing yet.
    pub(super) fn lay_out(&mut self, parent: Address, spec: &ChildSpec) -> Child {
        let child = Child::new(self.addresses.fresh(), spec);
        let mut left = vec![(child.address, parent, spec.clone())];
        while let Some((address, parent, spec)) = left.pop() {
            let supervisor = match spec.what {
                What::Worker(blueprint) => {
                    self.effects.push_back(Effect::Create { address, name: Some(spec.name.clone()), blueprint });
                    None
                }
                What::Supervisor { strategy, flags, children } => {
                    let mut supervisor = Supervisor::new(Rule::Static { strategy, specs: children.clone() }, flags);
                    let from = left.len();
                    for spec in &*children {
                        let child = Child::new(self.addresses.fresh(), spec);
                        left.push((child.address, address, spec.clone()));
                        supervisor.children.push(child);
                    }
                    left[from..].reverse();
                    Some(supervisor)
                }
                What::Dynamic { flags, template } => Some(Supervisor::new(Rule::Dynamic(template), flags)),
            };
            self.add(address, Some(spec.name), Some(parent), supervisor);
        }
        child
    }

    /// Starts a supervisor: all its children, in order, with a fresh budget.
    pub(super) fn start_children(&mut self, address: Address) {
        self.as_specified(address);
        let Some(supervisor) = self.supervisor(address) else { return };
        supervisor.budget = Budget::new(supervisor.flags.intensity);
        supervisor.stop = None;
        let all = supervisor.children.addresses().collect();
        self.start_next(address, all, Why::First);
    }

    /// Each start begins with the specs, whatever became of the children before: temporary ones and deleted ones are back.
    /// Those that are still there keep their addresses.
    fn as_specified(&mut self, address: Address) {
        let Some(supervisor) = self.supervisor(address) else { return };
        let Rule::Static { specs, .. } = &supervisor.rule else { return };
        let specs = specs.clone();
        let before = std::mem::take(&mut supervisor.children);
        let mut known: BTreeMap<Name, Address> = BTreeMap::new();
        for child in before.addresses() {
            if let Some(name) = self.processes.get(&child).and_then(|process| process.name.clone()) {
                known.insert(name, child);
            }
        }
        for spec in &*specs {
            let kept = known.get(&spec.name).copied().filter(|kept| self.fits(*kept, spec));
            let child = match kept {
                Some(kept) => {
                    known.remove(&spec.name);
                    Child::new(kept, spec)
                }
                None => {
                    if let Some(other) = known.remove(&spec.name) {
                        self.forget_all(other, &Reason::Shutdown);
                    }
                    self.lay_out(address, spec)
                }
            };
            if let Some(supervisor) = self.supervisor(address) {
                let at = child.address;
                supervisor.children.push(child);
                self.settle(address, at);
            }
        }
        for gone in known.into_values() {
            self.forget_all(gone, &Reason::Shutdown);
        }
    }

    /// Whether a process is of the kind that a spec wants.
    pub(super) fn fits(&self, address: Address, spec: &ChildSpec) -> bool {
        let rule = self.processes.get(&address).map(|process| process.supervisor.as_ref().map(|s| s.is_dynamic()));
        rule == Some(match spec.what {
            What::Worker(_) => None,
            What::Supervisor { .. } => Some(false),
            What::Dynamic { .. } => Some(true),
        })
    }

    pub(super) fn start_next(&mut self, address: Address, mut rest: VecDeque<Address>, why: Why) {
        let Some(supervisor) = self.supervisor(address) else { return };
        if let Some(reason) = supervisor.stop.take() {
            self.refuse(&why, Refusal::NoSupervisor);
            return self.stop_all(address, reason);
        }
        while let Some(at) = rest.pop_front() {
            let Some(child) = supervisor.children.get_mut(at) else { continue };
            if matches!((&why, &child.standing), (Why::Restart, Standing::Parked(_))) {
                continue;
            }
            child.standing = Standing::Settled;
            supervisor.activity = Activity::Starting { at, rest, why };
            return self.start(at);
        }
        supervisor.activity = Activity::Idle;
        if let Why::First = why {
            self.up(address);
        }
        self.work(address);
    }

    pub(super) fn child_started(&mut self, address: Address, child: Address) {
        let now = self.now;
        if let Some(child) = self.child(address, child) {
            child.up_since = Some(now);
        }
        self.take_start(address, child, Ok(super::Answer::Started(child)));
    }

    /// A child that had nothing to do counts as started; a temporary one's spec is gone, and so is one without a spec.
    pub(super) fn child_ignored(&mut self, address: Address, child: Address) {
        self.settle(address, child);
        let Some(supervisor) = self.supervisor(address) else { return };
        let dynamic = supervisor.is_dynamic();
        match &supervisor.activity {
            Activity::Starting { at, .. } if *at == child => {
                self.drop_child(address, child, dynamic, &Reason::Normal);
                self.take_start(address, child, Ok(super::Answer::Ignored));
            }
            _ => self.child_stopped(address, child, &Reason::Normal),
        }
    }

    /// Goes on after the child that was waited for has started.
    fn take_start(&mut self, address: Address, child: Address, answer: Result<super::Answer, Refusal>) {
        let Some(supervisor) = self.supervisor(address) else { return };
        match std::mem::replace(&mut supervisor.activity, Activity::Idle) {
            Activity::Starting { at, rest, why } if at == child => {
                if let Why::Order { caller, .. } = why {
                    self.answer(caller, answer);
                }
                self.start_next(address, rest, why.after());
            }
            other => supervisor.activity = other,
        }
    }

    /// All that became of a child so far is dealt with.
    fn settle(&mut self, address: Address, child: Address) {
        let incarnation = self.processes.get(&child).map_or(0, |process| process.incarnation);
        if let Some(child) = self.child(address, child) {
            child.settled = incarnation;
        }
    }

    /// Whether a child runs as far as its supervisor knows: one whose end it has not come to yet still does, as in OTP,
    /// where its exit signal waits in the supervisor's message queue.
    pub(super) fn seems_alive(&self, child: &Child) -> bool {
        let process = self.processes.get(&child.address);
        process.is_some_and(|process| process.phase != Phase::Down || process.incarnation > child.settled)
    }

    pub(super) fn child_ended(&mut self, address: Address, child: Address, incarnation: u64, reason: Reason) {
        let Some(supervisor) = self.supervisor(address) else { return };
        let waited_for = match &supervisor.activity {
            Activity::Starting { at, .. } | Activity::Stopping { at, .. } => *at == child,
            Activity::Ending { .. } => true,
            Activity::Idle => false,
        };
        if let Some(child) = supervisor.children.get_mut(child) {
            child.why = reason.clone();
            if waited_for {
                child.settled = incarnation;
            }
        }
        match &supervisor.activity {
            Activity::Starting { .. } if waited_for => self.start_failed(address, child, reason),
            _ if waited_for => self.child_stopped(address, child, &reason),
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
        let Activity::Starting { why, .. } = std::mem::replace(&mut supervisor.activity, Activity::Idle) else {
            return;
        };
        let record = supervisor.children.get_mut(child);
        match why {
            Why::First => {
                let name = name.as_ref().map_or("a child", |name| name.as_str());
                return self.stop_all(address, Reason::Failed(format!("`{name}` did not start: {reason}")));
            }
            // An operator wanted it again; nobody tries that twice.
            Why::Restart if record.as_ref().is_some_and(|record| record.restart == Restart::Temporary) => {
                self.drop_child(address, child, true, &reason);
            }
            Why::Restart => {
                if let Some(child) = record {
                    child.standing = Standing::Restarting(None);
                    child.up_since = None;
                }
                supervisor.inbox.push_back(Job::TryAgain(child));
            }
            Why::Order { caller, new } => {
                self.answer(caller, Err(Refusal::Failed(reason.clone())));
                self.drop_child(address, child, new, &reason);
            }
            Why::Release(parked) => {
                if let Some(child) = record {
                    child.standing = Standing::Parked(super::Parked { reason: reason.clone(), ..parked });
                }
                let quarantined = Notice::Quarantined { supervisor: address, child, reason };
                self.effects.push_back(Effect::Notice(quarantined));
            }
        }
        self.work(address);
    }

    /// Has a supervisor take in what happened meanwhile, as soon as nothing keeps it busy.
    pub(super) fn work(&mut self, address: Address) {
        self.steps.push_back(Step::Work(address));
    }

    pub(super) fn work_now(&mut self, address: Address) {
        while let Some(process) = self.process(address)
            && process.phase == Phase::Running
            && let Some(supervisor) = process.supervisor.as_mut()
            && supervisor.is_idle()
        {
            if let Some(reason) = supervisor.stop.take() {
                return self.stop_all(address, reason);
            }
            let Some(job) = supervisor.inbox.pop_front() else { return };
            match job {
                Job::Ended(child, incarnation, reason) => self.settle_end(address, child, incarnation, &reason),
                Job::TryAgain(child) => {
                    if self.child(address, child).is_some_and(|child| child.standing == Standing::Restarting(None)) {
                        self.restart(address, child);
                    }
                }
                Job::Due(child) => self.due(address, child),
                Job::Cycle(child) => self.cycle_now(address, child),
                Job::Release(child) => self.release_now(address, child),
                Job::Order(caller, order) => self.order_now(address, caller, order),
            }
        }
    }

    /// Forgets a child for good, if it is temporary or `always`.
    pub(super) fn drop_child(&mut self, address: Address, child: Address, always: bool, reason: &Reason) {
        let Some(supervisor) = self.supervisor(address) else { return };
        let temporary = |child: &Child| child.restart == Restart::Temporary;
        if supervisor.children.get(child).is_some_and(|child| always || temporary(child)) {
            supervisor.children.remove(child);
            self.forget_all(child, reason);
        }
    }

    /// Forgets a process that has ended, and what is beneath it.
    pub(super) fn forget_all(&mut self, address: Address, reason: &Reason) {
        let mut all = Vec::new();
        let mut left = vec![address];
        while let Some(next) = left.pop() {
            all.push(next);
            left.extend(self.supervisor(next).into_iter().flat_map(|supervisor| supervisor.children.addresses()));
        }
        for address in all.into_iter().rev() {
            self.forget(address, reason.clone());
        }
    }

    fn refuse(&mut self, why: &Why, refusal: Refusal) {
        if let Why::Order { caller, .. } = why {
            self.answer(*caller, Err(refusal));
        }
    }
}

impl Why {
    /// Why what comes after the first child is started: an order's answer is given.
    fn after(self) -> Self {
        match self {
            Self::First => Self::First,
            Self::Restart | Self::Order { .. } | Self::Release(_) => Self::Restart,
        }
    }
}

impl Then {
    /// Whether children are going to be started after this.
    pub(super) fn starts(&self) -> bool {
        matches!(self, Self::Start(..) | Self::Again(..) | Self::Wait(..))
    }
}
