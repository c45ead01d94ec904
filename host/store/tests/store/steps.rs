//! What can be asked of a store, and a model of it that is too simple to be wrong.

use greenroom_store::{Digest, KEPT, Loaded, Origin, State, Status, Store};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Sources and actors have numbers, components are a byte.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Add(u8),
    Begin { source: u8, component: u8, origin: Origin, file: Option<u8>, now: bool },
    Passed { source: u8, component: u8, actors: Vec<u8> },
    Failed { source: u8, component: u8, back_to: Option<u8>, actors: Vec<u8> },
    Interrupted { source: u8, component: u8 },
    Keep { actor: u8, component: u8, bytes: u8, long: bool, trial: bool },
    Forget(u8),
    Flush,
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    let source = 0..3_u8;
    let component = 0..12_u8;
    let actors = || prop::collection::vec(0..4_u8, 0..4);
    let origin = prop_oneof![Just(Origin::File), Just(Origin::Upload), Just(Origin::Rollback)];
    let file = prop::option::of(0..12_u8);
    prop_oneof![
        1 => component.clone().prop_map(Step::Add),
        6 => (source.clone(), component.clone(), origin, file.clone(), any::<bool>())
            .prop_map(|(source, component, origin, file, now)| Step::Begin { source, component, origin, file, now }),
        4 => (source.clone(), component.clone(), actors())
            .prop_map(|(source, component, actors)| Step::Passed { source, component, actors }),
        4 => (source.clone(), component.clone(), file, actors())
            .prop_map(|(source, component, back_to, actors)| Step::Failed { source, component, back_to, actors }),
        2 => (source, component.clone()).prop_map(|(source, component)| Step::Interrupted { source, component }),
        12 => (0..4_u8, component, 0..3_u8, prop::bool::weighted(0.05), any::<bool>())
            .prop_map(|(actor, component, bytes, long, trial)| Step::Keep { actor, component, bytes, long, trial }),
        1 => (0..4_u8).prop_map(Step::Forget),
        2 => Just(Step::Flush),
    ]
}

pub(crate) fn component(number: u8) -> Vec<u8> {
    vec![number; 100 * (1 + usize::from(number))]
}

pub(crate) fn digest(number: u8) -> Digest {
    Digest::of(&component(number))
}

pub(crate) fn source(number: u8) -> String {
    format!("source-{number}.wasm")
}

pub(crate) fn actor(number: u8) -> String {
    format!("actor-{number}")
}

fn state(component: u8, bytes: u8, long: bool) -> State {
    // A long one needs many pages of the database.
    let bytes = vec![bytes; if long { 40_000 } else { 100 }];
    State { digest: digest(component), version: u32::from(component), bytes: bytes.into() }
}

impl Step {
    /// Asks a store for it. Whether it is known to be on disk afterwards, with all before it.
    pub(crate) fn ask(&self, store: &Store) -> bool {
        let names = |actors: &[u8]| -> Vec<_> { actors.iter().map(|&number| actor(number)).collect() };
        match self {
            Self::Add(number) => assert_eq!(store.add(&component(*number)).unwrap(), digest(*number)),
            Self::Begin { source: from, component: number, origin, file, now } => {
                let new = store.add(&component(*number)).unwrap();
                let file = file.map(digest);
                if *now {
                    store.begin_now(&source(*from), new, *origin, file).unwrap();
                    return true;
                }
                store.begin(&source(*from), new, *origin, file);
            }
            Self::Passed { source: from, component: number, actors } => {
                store.passed(&source(*from), digest(*number), &names(actors));
            }
            Self::Failed { source: from, component: number, back_to, actors } => {
                store.failed(&source(*from), digest(*number), "it trapped", back_to.map(digest), &names(actors));
            }
            Self::Interrupted { source: from, component: number } => store.interrupted(&source(*from), digest(*number)),
            Self::Keep { actor: of, component, bytes, long, trial } => {
                store.keep(&actor(*of), state(*component, *bytes, *long), *trial).unwrap();
            }
            Self::Forget(of) => store.forget(&actor(*of)),
            Self::Flush => {
                store.flush().unwrap();
                return true;
            }
        }
        false
    }
}

/// A version, whether it is active, and its length; not when it was activated first.
type Version = (Digest, Origin, Status, bool, u64);

/// What is to be seen of a store.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Seen {
    pub(crate) versions: Vec<Vec<Version>>,
    pub(crate) states: Vec<Option<Loaded>>,
}

pub(crate) fn seen(store: &Store) -> Seen {
    let versions = |number| {
        let versions = store.versions(&source(number)).into_iter();
        versions.map(|it| (it.digest, it.origin, it.status, it.active, it.bytes)).collect()
    };
    Seen { versions: (0..3).map(versions).collect(), states: (0..4).map(|number| store.load(&actor(number))).collect() }
}

/// The model.
#[derive(Debug, Clone, Default)]
pub(crate) struct Model {
    sources: BTreeMap<u8, Source>,
    good: BTreeMap<u8, State>,
    trial: BTreeMap<u8, State>,
    fresh: BTreeSet<u8>,
    steps: usize,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Source {
    /// When it was activated last, from where, and what became of it.
    pub(crate) versions: BTreeMap<u8, (usize, Origin, Status)>,
    pub(crate) active: Option<u8>,
    pub(crate) file: Option<u8>,
}

impl Model {
    pub(crate) fn step(&mut self, step: &Step) {
        self.steps += 1;
        match step.clone() {
            Step::Add(component) => drop(self.fresh.insert(component)),
            Step::Begin { source, component, origin, file, .. } => {
                self.fresh.remove(&component);
                let source = self.sources.entry(source).or_default();
                source.versions.insert(component, (self.steps, origin, Status::Trying));
                source.active = Some(component);
                source.file = file;
                let needed = [source.active, source.passed()];
                let others = source.newest_first().into_iter().filter(|other| !needed.contains(&Some(*other)));
                for gone in others.skip(KEPT) {
                    source.versions.remove(&gone);
                }
            }
            Step::Passed { source, component, actors } => {
                self.settle(source, component, Status::Passed);
                for actor in actors {
                    if let Some(trial) = self.trial.remove(&actor).filter(|trial| trial.digest == digest(component)) {
                        self.good.insert(actor, trial);
                    }
                }
            }
            Step::Failed { source, component, back_to, actors } => {
                self.settle(source, component, Status::Failed("it trapped".into()));
                let known = self.sources.get_mut(&source);
                let back = known.filter(|source| back_to.is_some_and(|back_to| source.versions.contains_key(&back_to)));
                back.map(|source| source.active = back_to).unwrap_or_default();
                self.trial.retain(|actor, _| !actors.contains(actor));
            }
            Step::Interrupted { source, component } => {
                let status = self.sources.get(&source).and_then(|source| source.versions.get(&component));
                if status.is_some_and(|(_, _, status)| *status == Status::Trying) {
                    self.settle(source, component, Status::Interrupted);
                }
            }
            Step::Keep { actor, component, bytes, long, trial } => {
                let state = state(component, bytes, long);
                if trial {
                    self.trial.insert(actor, state);
                } else {
                    self.good.insert(actor, state);
                    self.trial.remove(&actor);
                }
            }
            Step::Forget(actor) => {
                self.good.remove(&actor);
                self.trial.remove(&actor);
            }
            Step::Flush => {}
        }
    }

    fn settle(&mut self, source: u8, component: u8, status: Status) {
        if let Some(version) = self.sources.get_mut(&source).and_then(|source| source.versions.get_mut(&component)) {
            version.2 = status;
        }
    }

    /// The host has ended.
    pub(crate) fn end(&mut self) {
        self.fresh.clear();
    }

    pub(crate) fn source(&self, source: u8) -> Source {
        self.sources.get(&source).cloned().unwrap_or_default()
    }

    /// Components whose bytes have to be there.
    pub(crate) fn needed(&self) -> BTreeSet<Digest> {
        let versions = self.sources.values().flat_map(|source| source.versions.keys());
        versions.chain(&self.fresh).map(|&component| digest(component)).collect()
    }

    pub(crate) fn seen(&self) -> Seen {
        let versions = |number| {
            let source = self.source(number);
            let newest = source.newest_first().into_iter();
            newest
                .map(|number| {
                    let (_, origin, status) = source.versions[&number].clone();
                    let bytes = component(number).len() as u64;
                    (digest(number), origin, status, source.active == Some(number), bytes)
                })
                .collect()
        };
        let state = |actor| {
            let kept = Loaded { good: self.good.get(&actor).cloned(), trial: self.trial.get(&actor).cloned() };
            (kept != Loaded::default()).then_some(kept)
        };
        Seen { versions: (0..3).map(versions).collect(), states: (0..4).map(state).collect() }
    }
}

impl Source {
    fn newest_first(&self) -> Vec<u8> {
        let mut all: Vec<_> = self.versions.iter().map(|(component, (at, ..))| (*at, *component)).collect();
        all.sort_unstable();
        all.into_iter().rev().map(|(_, component)| component).collect()
    }

    /// The last one that passed.
    pub(crate) fn passed(&self) -> Option<u8> {
        self.newest_first().into_iter().find(|component| self.versions[component].2 == Status::Passed)
    }
}
