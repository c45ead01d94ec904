//! Orders to supervisors: OTP's administration calls, with OTP's answers.

use super::supervisor::{Activity, Child, Job, Rule, Then, Why};
use super::{Answer, Caller, ChildSpec, ChildView, Count, Effect, Order, Phase, Refusal, Standing, System, Which};
use super::{Blueprint, What};
use crate::{Address, Name, Reason};
use std::collections::{HashSet, VecDeque};

impl System {
    /// Somebody asks for something: it waits until the supervisor is not busy.
    pub(super) fn order(&mut self, address: Address, caller: Caller, order: Order) {
        let process = self.process(address);
        let open = process.as_ref().is_some_and(|p| matches!(p.phase, Phase::Starting | Phase::Running));
        match process.and_then(|process| process.supervisor.as_mut()).filter(|_| open) {
            Some(supervisor) => {
                supervisor.inbox.push_back(Job::Order(caller, order));
                self.work(address);
            }
            None => self.answer(caller, Err(Refusal::NoSupervisor)),
        }
    }

    pub(super) fn answer(&mut self, caller: Caller, answer: Result<Answer, Refusal>) {
        self.effects.push_back(Effect::Answer { caller, answer });
    }

    pub(super) fn order_now(&mut self, address: Address, caller: Caller, order: Order) {
        let done = match order {
            Order::Start(spec) => self.start_new(address, caller, &spec),
            Order::StartOne { blueprint, name } => self.start_one(address, caller, blueprint, name),
            Order::Terminate(which) => self.terminate(address, caller, &which),
            Order::Restart(which) => self.start_again(address, caller, &which),
            Order::Delete(which) => self.delete(address, caller, &which),
            Order::List => {
                let children = Answer::Children(self.list(address));
                self.answer(caller, Ok(children));
                Ok(())
            }
            Order::Count => {
                let count = Answer::Count(self.count(address));
                self.answer(caller, Ok(count));
                Ok(())
            }
        };
        if let Err(refusal) = done {
            self.answer(caller, Err(refusal));
        }
    }

    fn start_new(&mut self, address: Address, caller: Caller, spec: &ChildSpec) -> Result<(), Refusal> {
        let supervisor = self.supervisor(address).ok_or(Refusal::NoSupervisor)?;
        if supervisor.is_dynamic() {
            return Err(Refusal::Dynamic);
        }
        supervisor.flags.allow(spec.significant, spec.restart).map_err(Refusal::BadSpec)?;
        if let Some(known) = self.lookup(spec.name.as_str()) {
            return Err(match self.known_child(address, known) {
                Some(child) if self.seems_alive(child) => Refusal::AlreadyStarted(known),
                Some(_) => Refusal::AlreadyPresent,
                None => Refusal::NameTaken,
            });
        }
        let own = self.specified(address, spec.name.as_str());
        if own.is_empty() && self.reserved.contains(&spec.name) {
            return Err(Refusal::NameTaken);
        }
        self.fit_below(spec, &own)?;
        let child = self.lay_out(address, spec);
        self.begin_new(address, caller, Child { added: true, ..child });
        Ok(())
    }

    /// The names that this supervisor's own specs keep for a child of this name and what is beneath it.
    fn specified(&self, address: Address, name: &str) -> HashSet<Name> {
        let rule = self.processes.get(&address).and_then(|process| Some(&process.supervisor.as_ref()?.rule));
        let Some(Rule::Static { specs, .. }) = rule else { return HashSet::new() };
        let mut names = HashSet::new();
        let mut left: Vec<&ChildSpec> = specs.iter().filter(|spec| spec.name.as_str() == name).collect();
        while let Some(spec) = left.pop() {
            names.insert(spec.name.clone());
            if let What::Supervisor { children, .. } = &spec.what {
                left.extend(&**children);
            }
        }
        names
    }

    /// Whether the specs beneath a new child can be: every name is free or its own, every significant child may be one.
    fn fit_below(&self, spec: &ChildSpec, own: &HashSet<Name>) -> Result<(), Refusal> {
        let mut names = HashSet::from([&spec.name]);
        let mut left = vec![&spec.what];
        while let Some(what) = left.pop() {
            match what {
                What::Worker(_) => {}
                What::Dynamic { flags, template } => {
                    flags.allow(template.significant, template.restart).map_err(Refusal::BadSpec)?;
                }
                What::Supervisor { flags, children, .. } => {
                    for child in &**children {
                        let name = &child.name;
                        if !names.insert(name) {
                            return Err(Refusal::BadSpec("two children beneath it have the same name"));
                        }
                        if self.names.contains_key(name) || (self.reserved.contains(name) && !own.contains(name)) {
                            return Err(Refusal::NameTaken);
                        }
                        flags.allow(child.significant, child.restart).map_err(Refusal::BadSpec)?;
                        left.push(&child.what);
                    }
                }
            }
        }
        Ok(())
    }

    fn start_one(
        &mut self,
        address: Address,
        caller: Caller,
        blueprint: Blueprint,
        name: Option<Name>,
    ) -> Result<(), Refusal> {
        let supervisor = self.supervisor(address).ok_or(Refusal::NoSupervisor)?;
        let Rule::Dynamic(template) = supervisor.rule else { return Err(Refusal::NotDynamic) };
        if name.as_ref().is_some_and(|name| self.is_taken(name)) {
            return Err(Refusal::NameTaken);
        }
        let child = self.addresses.fresh();
        self.effects.push_back(Effect::Create { address: child, name: name.clone(), blueprint });
        self.add(child, name, Some(address), None);
        self.begin_new(address, caller, Child::after(child, template));
        Ok(())
    }

    fn begin_new(&mut self, address: Address, caller: Caller, child: Child) {
        let at = child.address;
        if let Some(supervisor) = self.supervisor(address) {
            supervisor.children.push(child);
            self.begin_one(address, at, Why::Order { caller, new: true });
        }
    }

    fn begin_one(&mut self, address: Address, child: Address, why: Why) {
        if let Some(supervisor) = self.supervisor(address) {
            supervisor.activity = Activity::Starting { at: child, rest: VecDeque::new(), why };
            self.start(child);
        }
    }

    fn terminate(&mut self, address: Address, caller: Caller, which: &Which) -> Result<(), Refusal> {
        let child = self.which(address, which).ok_or(Refusal::NotFound)?;
        self.stop_next(address, [child].into(), Then::Answer(caller));
        Ok(())
    }

    fn start_again(&mut self, address: Address, caller: Caller, which: &Which) -> Result<(), Refusal> {
        let child = self.stopped(address, which)?;
        match self.why_started(address, child, Why::Order { caller, new: false }) {
            // Started as one in quarantine is, so that it goes back if it fails; the caller hears that it begins.
            Why::Release(parked) => {
                self.answer(caller, Ok(Answer::Done));
                self.begin_one(address, child, Why::Release(parked));
            }
            why => self.begin_one(address, child, why),
        }
        Ok(())
    }

    fn delete(&mut self, address: Address, caller: Caller, which: &Which) -> Result<(), Refusal> {
        let child = self.stopped(address, which)?;
        self.drop_child(address, child, true, &Reason::Shutdown);
        self.answer(caller, Ok(Answer::Done));
        Ok(())
    }

    /// A child that does not run and is not about to.
    fn stopped(&mut self, address: Address, which: &Which) -> Result<Address, Refusal> {
        if self.supervisor(address).is_some_and(|supervisor| supervisor.is_dynamic()) {
            return Err(Refusal::Dynamic);
        }
        let child = self.which(address, which).ok_or(Refusal::NotFound)?;
        match self.known_child(address, child) {
            None => Err(Refusal::NotFound),
            Some(record) if self.seems_alive(record) => Err(Refusal::Running),
            Some(Child { standing: Standing::Restarting(_), .. }) => Err(Refusal::Restarting),
            Some(_) => Ok(child),
        }
    }

    fn known_child(&self, address: Address, child: Address) -> Option<&Child> {
        self.processes.get(&address)?.supervisor.as_ref()?.children.get(child)
    }

    fn which(&mut self, address: Address, which: &Which) -> Option<Address> {
        let child = match which {
            Which::Name(name) => self.lookup(name.as_str())?,
            Which::Address(child) => *child,
        };
        self.child(address, child).map(|child| child.address)
    }

    fn list(&self, address: Address) -> Vec<ChildView> {
        let supervisor = self.processes.get(&address).and_then(|process| process.supervisor.as_ref());
        let view = |child: &Child| {
            let process = self.processes.get(&child.address)?;
            Some(ChildView {
                address: child.address,
                name: process.name.clone(),
                supervisor: process.supervisor.is_some(),
                restart: child.restart,
                phase: process.phase,
                standing: child.standing.clone(),
            })
        };
        supervisor.into_iter().flat_map(|supervisor| supervisor.children.iter()).filter_map(view).collect()
    }

    fn count(&self, address: Address) -> Count {
        let Some(supervisor) = self.processes.get(&address).and_then(|process| process.supervisor.as_ref()) else {
            return Count::default();
        };
        let mut count = Count::default();
        for child in supervisor.children.iter() {
            count.specs += 1;
            count.active += u64::from(self.is_alive(child.address));
            match self.processes.get(&child.address).is_some_and(|process| process.supervisor.is_some()) {
                true => count.supervisors += 1,
                false => count.workers += 1,
            }
        }
        if supervisor.is_dynamic() {
            count.specs = 1;
        }
        count
    }
}
