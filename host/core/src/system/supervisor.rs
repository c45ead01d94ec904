//! A supervisor's state: its children, what it is doing, and what waits until it is done.

use super::{Caller, ChildSpec, Order, Parked, Standing, Template};
use crate::budget::Budget;
use crate::{Address, Flags, Instant, Reason, Restart, Shutdown, Strategy};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

#[derive(Debug)]
pub(super) struct Supervisor {
    pub(super) rule: Rule,
    pub(super) flags: Flags,
    pub(super) budget: Budget,
    pub(super) children: Children,
    pub(super) activity: Activity,
    /// What happened while it was busy.
    pub(super) inbox: VecDeque<Job>,
    /// It was told to stop while it was busy.
    pub(super) stop: Option<Reason>,
}

/// Which children it has.
#[derive(Debug)]
pub(super) enum Rule {
    /// Those of its specs, each time it starts; and what was added since.
    Static { strategy: Strategy, specs: Arc<[ChildSpec]> },
    /// None when it starts.
    Dynamic(Template),
}

#[derive(Debug)]
pub(super) struct Child {
    pub(super) address: Address,
    pub(super) restart: Restart,
    pub(super) shutdown: Shutdown,
    pub(super) significant: bool,
    /// Not in the supervisor's specs: forgotten when the supervisor ends.
    pub(super) added: bool,
    pub(super) standing: Standing,
    /// The last incarnation whose end is dealt with.
    pub(super) settled: u64,
    /// Why it ended the last time.
    pub(super) why: Reason,
    /// Restarts in a row, for the back-off.
    pub(super) row: u32,
    /// When it last came up, if it has.
    pub(super) up_since: Option<Instant>,
}

#[derive(Debug)]
pub(super) enum Activity {
    Idle,
    /// Waits for one child to start; then the rest, in order.
    Starting {
        at: Address,
        rest: VecDeque<Address>,
        why: Why,
    },
    /// Waits for one child to end; then the rest, in order.
    Stopping {
        at: Address,
        rest: VecDeque<Address>,
        then: Then,
    },
    /// Waits for all that is left to end: killed, or dynamic.
    Ending {
        left: BTreeSet<Address>,
        reason: Reason,
    },
}

/// Why children are started, which says what a failure means.
#[derive(Debug)]
pub(super) enum Why {
    /// The supervisor itself starts: a failure is its own.
    First,
    /// A restart: it is tried again.
    Restart,
    /// An order: the caller is told, and one that is `new` is forgotten.
    Order { caller: Caller, new: bool },
    /// Out of quarantine: it goes back.
    Release(Parked),
}

/// What comes after children were stopped.
#[derive(Debug)]
pub(super) enum Then {
    /// They are started again.
    Start(VecDeque<Address>, Why),
    /// This one is started again, temporary or not, since an operator wants it.
    Again(Address, Why),
    /// They are started again after a wait, for this child's sake.
    Wait(Address, Duration),
    /// The caller is told.
    Answer(Caller),
    /// The supervisor ends.
    End(Reason),
}

#[derive(Debug)]
pub(super) enum Job {
    /// A child ended, in this incarnation.
    Ended(Address, u64, Reason),
    /// A restart failed: again.
    TryAgain(Address),
    /// The wait before a restart is over.
    Due(Address),
    /// An operator wants it stopped and started.
    Cycle(Address),
    /// There is new code for it.
    Release(Address),
    /// Somebody asks for something.
    Order(Caller, Order),
}

impl Supervisor {
    pub(super) fn new(rule: Rule, flags: Flags) -> Self {
        Self {
            rule,
            flags,
            budget: Budget::new(flags.intensity),
            children: Children::default(),
            activity: Activity::Idle,
            inbox: VecDeque::new(),
            stop: None,
        }
    }

    pub(super) fn is_idle(&self) -> bool {
        matches!(self.activity, Activity::Idle)
    }

    pub(super) fn is_dynamic(&self) -> bool {
        matches!(self.rule, Rule::Dynamic(_))
    }

    /// Whom a restart of `child` concerns, in start order.
    pub(super) fn group(&self, child: Address) -> VecDeque<Address> {
        match self.rule {
            Rule::Dynamic(_) | Rule::Static { strategy: Strategy::OneForOne, .. } => [child].into(),
            Rule::Static { strategy: Strategy::OneForAll, .. } => self.children.addresses().collect(),
            Rule::Static { strategy: Strategy::RestForOne, .. } => self.children.from(child).collect(),
        }
    }
}

impl Child {
    pub(super) fn new(address: Address, spec: &ChildSpec) -> Self {
        Self::of(address, spec.restart, spec.shutdown, spec.significant)
    }

    pub(super) fn after(address: Address, template: Template) -> Self {
        Self { added: true, ..Self::of(address, template.restart, template.shutdown, template.significant) }
    }

    fn of(address: Address, restart: Restart, shutdown: Shutdown, significant: bool) -> Self {
        Self {
            address,
            restart,
            shutdown,
            significant,
            added: false,
            standing: Standing::Settled,
            settled: 0,
            why: Reason::Normal,
            row: 0,
            up_since: None,
        }
    }
}

/// The children, in start order; each is found at the same cost, however many there are.
#[derive(Debug, Default)]
pub(super) struct Children {
    order: BTreeMap<u64, Child>,
    places: BTreeMap<Address, u64>,
    next: u64,
}

impl Children {
    pub(super) fn push(&mut self, child: Child) {
        self.places.insert(child.address, self.next);
        self.order.insert(self.next, child);
        self.next += 1;
    }

    pub(super) fn get(&self, address: Address) -> Option<&Child> {
        self.order.get(self.places.get(&address)?)
    }

    pub(super) fn get_mut(&mut self, address: Address) -> Option<&mut Child> {
        self.order.get_mut(self.places.get(&address)?)
    }

    pub(super) fn remove(&mut self, address: Address) -> Option<Child> {
        self.order.remove(&self.places.remove(&address)?)
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Child> {
        self.order.values()
    }

    pub(super) fn addresses(&self) -> impl DoubleEndedIterator<Item = Address> {
        self.order.values().map(|child| child.address)
    }

    /// This child and those after it.
    fn from(&self, child: Address) -> impl Iterator<Item = Address> {
        let place = self.places.get(&child).copied().unwrap_or(u64::MAX);
        self.order.range(place..).map(|(_, child)| child.address)
    }
}
