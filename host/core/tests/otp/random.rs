//! Random trees and random scripts.
//!
//! Left out on purpose, because the host differs there and says so:
//! - A supervisor that is told to stop in the middle of a restart stops at once; OTP's finishes the restart first. So what
//!   happens while a supervisor is busy concerns its own children and itself, never those above it.
//! - Children of a dynamic supervisor stop at the same time: the order of their ends is nobody's promise, and
//!   neither is that of a list of them: both are sorted.
//! - A killed supervisor's children are dead before it is restarted; in OTP they may outlive it for a moment, and those
//!   beneath a supervisor are shut down in order. So only who ends is compared there, not in which order or as what; and
//!   no supervisor's shutdown is brutal.
//! - An address outlives incarnations, a pid does not: so no dynamic child is terminated while it may be restarted.
//! - To terminate a child of a dynamic supervisor that is gone already is `not-found`; OTP cannot tell, and says `ok`.
//! - Dynamic children can be terminated by name and have names that are unique; OTP has neither.
//! - A restart of a dynamic child that is ignored leaves a child without a process in OTP, which nobody can remove.
//! - A child that ended, and whose supervisor has not come to that yet, is listed as it is; in OTP as if it were alive.

use crate::case::{Case, Node, Order, Rule, Step, Supervisor, When, Worker};
use greenroom_core::{AutoShutdown, Restart, Strategy};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::Strategy as Generator;

/// A step before it is known who there is.
#[derive(Debug, Clone)]
enum Raw {
    /// This often, one after the other.
    End(Index, &'static str, usize),
    Kill(Index),
    Fail(Index, u32),
    Ignore(Index, u32),
    Order(Index, Wish),
    Hook(When, Index, Vec<Self>),
}

#[derive(Debug, Clone)]
enum Wish {
    Start(Index, Restart, bool, bool),
    /// So many, and whether they have nothing to do.
    One(usize, bool),
    Terminate(Index),
    Restart(Index),
    Delete(Index),
    List,
    Count,
}

pub(crate) fn cases() -> impl Generator<Value = Case> {
    let top = (0_u32..4, vec(node(), 1..4));
    (top, vec(raw(), 0..3), vec(raw(), 0..20)).prop_map(|((intensity, children), before, steps)| {
        let mut root = Supervisor {
            id: "root".into(),
            restart: Restart::Permanent,
            significant: false,
            rule: Rule::Static(Strategy::OneForOne),
            intensity,
            auto: AutoShutdown::Never,
            children,
        };
        number(&mut root, &mut 0);
        let mut who = Who::default();
        who.meet(&root);
        let before = before.iter().filter(|raw| !matches!(raw, Raw::Kill(_) | Raw::Order(..) | Raw::End(..)));
        let before = before.filter_map(|raw| who.resolve(raw)).flatten().collect();
        let steps = steps.iter().filter_map(|raw| who.resolve(raw)).flatten().collect();
        Case { root, before, steps }
    })
}

fn restarts() -> impl Generator<Value = Restart> {
    select(vec![Restart::Permanent, Restart::Permanent, Restart::Transient, Restart::Temporary])
}

fn node() -> impl Generator<Value = Node> {
    let worker = (restarts(), any::<bool>(), any::<bool>()).prop_map(|(restart, brutal, significant)| {
        Node::Worker(Worker { id: String::new(), restart, brutal, significant })
    });
    worker.prop_recursive(3, 14, 4, |node| {
        let strategies = select(vec![Strategy::OneForOne, Strategy::OneForAll, Strategy::RestForOne]);
        let dynamic = (restarts(), any::<bool>(), any::<bool>());
        let dynamic = dynamic.prop_map(|(restart, brutal, significant)| Rule::Dynamic { restart, brutal, significant });
        let rule = prop_oneof![3 => strategies.prop_map(Rule::Static), 1 => dynamic];
        let auto = select(vec![AutoShutdown::Never, AutoShutdown::Any, AutoShutdown::All]);
        let flags = (restarts(), any::<bool>(), rule, 0_u32..4, auto);
        (flags, vec(node, 0..4)).prop_map(|((restart, significant, rule, intensity, auto), children)| {
            Node::Supervisor(Supervisor { id: String::new(), restart, significant, rule, intensity, auto, children })
        })
    })
}

fn raw() -> impl Generator<Value = Raw> {
    let any = any::<Index>;
    let end = || (any(), select(vec!["crash", "crash", "crash", "normal", "shutdown"]));
    let wish = || {
        prop_oneof![
            3 => (any(), restarts(), proptest::bool::ANY, proptest::bool::weighted(0.2))
                .prop_map(|(id, restart, brutal, significant)| Wish::Start(id, restart, brutal, significant)),
            3 => (1_usize..4, proptest::bool::weighted(0.2)).prop_map(|(times, ignore)| Wish::One(times, ignore)),
            3 => any().prop_map(Wish::Terminate),
            3 => any().prop_map(Wish::Restart),
            2 => any().prop_map(Wish::Delete),
            1 => Just(Wish::List),
            1 => Just(Wish::Count),
        ]
    };
    let inner = prop_oneof![
        2 => end().prop_map(|(id, reason)| Raw::End(id, reason, 1)),
        3 => (any(), wish()).prop_map(|(id, wish)| Raw::Order(id, wish)),
    ];
    let when = select(vec![When::Start, When::Start, When::Stop]);
    prop_oneof![
        6 => (end(), 1_usize..4).prop_map(|((id, reason), times)| Raw::End(id, reason, times)),
        1 => any().prop_map(Raw::Kill),
        4 => (any(), 1_u32..4).prop_map(|(id, times)| Raw::Fail(id, times)),
        1 => (any(), 1_u32..3).prop_map(|(id, times)| Raw::Ignore(id, times)),
        6 => (any(), wish()).prop_map(|(id, wish)| Raw::Order(id, wish)),
        4 => (when, any(), vec(inner, 1..4)).prop_map(|(when, id, steps)| Raw::Hook(when, id, steps)),
    ]
}

/// Gives everybody a name, and leaves only those significant that may be.
fn number(supervisor: &mut Supervisor, next: &mut u32) {
    let allowed =
        |significant: bool, restart, auto| significant && restart != Restart::Permanent && auto != AutoShutdown::Never;
    let auto = supervisor.auto;
    if let Rule::Dynamic { restart, significant, .. } = &mut supervisor.rule {
        *significant = allowed(*significant, *restart, auto);
        supervisor.children.clear();
    }
    for node in &mut supervisor.children {
        *next += 1;
        match node {
            Node::Worker(worker) => {
                worker.id = format!("w{next}");
                worker.significant = allowed(worker.significant, worker.restart, auto);
            }
            Node::Supervisor(below) => {
                below.id = format!("s{next}");
                below.significant = allowed(below.significant, below.restart, auto);
                number(below, next);
            }
        }
    }
}

/// Who there is, and under whom.
#[derive(Default)]
struct Who {
    supervisors: Vec<(String, bool, Vec<String>)>,
    /// Dynamic children asked for so far.
    ones: u32,
}

impl Who {
    fn meet(&mut self, supervisor: &Supervisor) {
        let dynamic = matches!(supervisor.rule, Rule::Dynamic { .. });
        let id = |node: &Node| match node {
            Node::Worker(worker) => worker.id.clone(),
            Node::Supervisor(supervisor) => supervisor.id.clone(),
        };
        let mut children: Vec<_> = supervisor.children.iter().map(id).collect();
        if !dynamic {
            // Names for what is added.
            children.extend([format!("{}x", supervisor.id), format!("{}y", supervisor.id)]);
        }
        self.supervisors.push((supervisor.id.clone(), dynamic, children));
        for node in &supervisor.children {
            if let Node::Supervisor(below) = node {
                self.meet(below);
            }
        }
    }

    fn resolve(&mut self, raw: &Raw) -> Option<Vec<Step>> {
        let anybody = |index: &Index| {
            let each = self.supervisors.iter().enumerate();
            let each =
                each.flat_map(|(at, (_, dynamic, children))| children.iter().map(move |id| (at, *dynamic, id.clone())));
            // Those of dynamic supervisors more often: they come late, and are few.
            let all: Vec<_> = each.flat_map(|who| vec![who.clone(); if who.1 { 4 } else { 1 }]).collect();
            (!all.is_empty()).then(|| index.get(&all).clone())
        };
        Some(match raw {
            Raw::End(id, reason, times) => vec![Step::End(anybody(id)?.2, reason); *times],
            Raw::Kill(id) => vec![Step::Kill(anybody(id)?.2)],
            Raw::Fail(id, times) => vec![Step::Fail(anybody(id)?.2, *times)],
            Raw::Ignore(id, times) => {
                let (_, dynamic, id) = anybody(id)?;
                vec![Step::Ignore((!dynamic).then_some(id)?, *times)]
            }
            Raw::Order(id, wish) => {
                let each = self.supervisors.iter().enumerate();
                let all: Vec<_> = each.flat_map(|(at, who)| vec![at; if who.1 { 4 } else { 1 }]).collect();
                self.order(*id.get(&all), wish, false)?
            }
            Raw::Hook(when, id, inner) => {
                let (at, dynamic, id) = anybody(id)?;
                if dynamic && *when == When::Stop {
                    return None;
                }
                let mut steps = Vec::new();
                for raw in inner {
                    match raw {
                        Raw::End(id, reason, _) => {
                            let siblings = &self.supervisors[at].2;
                            steps.push(Step::End(id.get(siblings).clone(), reason));
                        }
                        Raw::Order(_, wish) => steps.extend(self.order(at, wish, true).unwrap_or_default()),
                        _ => {}
                    }
                }
                vec![Step::Hook(*when, id, steps)]
            }
        })
    }

    fn order(&mut self, at: usize, wish: &Wish, busy: bool) -> Option<Vec<Step>> {
        let (of, dynamic, children) = &mut self.supervisors[at];
        let (of, dynamic) = (of.clone(), *dynamic);
        let pick = |index: &Index| (!children.is_empty()).then(|| index.get(children).clone());
        let order = match wish {
            // OTP's takes anything as arguments for its template.
            Wish::Start(..) if dynamic => return None,
            Wish::Start(id, restart, brutal, significant) => Order::Start(Worker {
                id: pick(id).unwrap_or_else(|| format!("{of}x")),
                restart: *restart,
                brutal: *brutal,
                significant: *significant,
            }),
            Wish::One(times, ignore) if dynamic => {
                let mut steps = Vec::new();
                for _ in 0..*times {
                    self.ones += 1;
                    let id = format!("{of}_{}", self.ones);
                    children.push(id.clone());
                    steps.extend((*ignore && !busy).then(|| Step::Ignore(id.clone(), 1)));
                    steps.push(Step::Order(of.clone(), Order::One(id)));
                }
                return Some(steps);
            }
            Wish::One(..) => return None,
            Wish::Terminate(_) if dynamic && busy => return None,
            Wish::Terminate(id) if dynamic => Order::TerminateOne(pick(id)?),
            Wish::Terminate(id) => Order::Terminate(pick(id)?),
            Wish::Restart(id) => Order::Restart(pick(id).unwrap_or_else(|| "nobody".into())),
            Wish::Delete(id) => Order::Delete(pick(id).unwrap_or_else(|| "nobody".into())),
            // What is listed of those that ended meanwhile is not the same.
            Wish::List | Wish::Count if busy => return None,
            Wish::List => Order::List,
            Wish::Count => Order::Count,
        };
        Some(vec![Step::Order(of, order)])
    }
}
