//! What is true now, and what of it has changed since it was last written.

use crate::database::Content;
use crate::record::Record;
use crate::{Digest, Loaded, Origin, State, Status};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Components that are kept although no version refers to them yet, because they are about to be activated.
const FRESH: usize = 64;

/// The truth.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    records: BTreeMap<String, Record>,
    states: BTreeMap<String, Loaded>,
    /// Sources and actors whose part may differ from what is on disk.
    changed_records: BTreeSet<String>,
    changed_states: BTreeSet<String>,
    /// Added and not begun, with their lengths; the oldest first.
    fresh: Vec<(Digest, u64)>,
}

/// A moment of the truth, as far as it may differ from what is on disk.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub(crate) records: BTreeMap<String, Record>,
    /// Without those that are forgotten, which are empty.
    pub(crate) states: BTreeMap<String, Loaded>,
}

impl Memory {
    pub(crate) fn new(content: Content) -> Self {
        Self { records: content.records, states: content.states, ..Self::default() }
    }

    /// A component is about to be activated; its bytes have this length.
    pub(crate) fn add(&mut self, digest: Digest, bytes: u64) {
        self.fresh.retain(|(fresh, _)| *fresh != digest);
        self.fresh.push((digest, bytes));
        let over = self.fresh.len().saturating_sub(FRESH);
        self.fresh.drain(..over);
    }

    pub(crate) fn begin(&mut self, source: &str, digest: Digest, origin: Origin, file: Option<Digest>, now: u64) {
        let known = self.records.values().flat_map(|record| &record.versions).find(|version| version.digest == digest);
        let fresh = self.fresh.iter().find(|(fresh, _)| *fresh == digest).map(|(_, bytes)| *bytes);
        let bytes = fresh.or_else(|| known.map(|version| version.bytes)).unwrap_or_default();
        self.fresh.retain(|(fresh, _)| *fresh != digest);
        self.records.entry(source.to_owned()).or_default().begin(digest, bytes, origin, file, now);
        self.changed_records.insert(source.to_owned());
    }

    pub(crate) fn passed(&mut self, source: &str, digest: Digest, actors: &[String]) {
        self.settle(source, digest, Status::Passed);
        for actor in actors {
            if let Some(kept) = self.states.get_mut(actor)
                && let Some(trial) = kept.trial.take()
            {
                // One of another component was left behind by a watch that the host did not live to end.
                if trial.digest == digest {
                    kept.good = Some(trial);
                }
                self.changed_states.insert(actor.clone());
            }
        }
    }

    pub(crate) fn failed(
        &mut self,
        source: &str,
        digest: Digest,
        why: &str,
        back_to: Option<Digest>,
        actors: &[String],
    ) {
        self.settle(source, digest, Status::Failed(why.to_owned()));
        if let (Some(record), Some(back_to)) = (self.records.get_mut(source), back_to) {
            record.back_to(back_to);
            self.changed_records.insert(source.to_owned());
        }
        for actor in actors {
            if self.states.get_mut(actor).is_some_and(|kept| kept.trial.take().is_some()) {
                self.changed_states.insert(actor.clone());
            }
        }
    }

    pub(crate) fn interrupted(&mut self, source: &str, digest: Digest) {
        self.settle(source, digest, Status::Interrupted);
    }

    fn settle(&mut self, source: &str, digest: Digest, status: Status) {
        if self.records.get_mut(source).is_some_and(|record| record.settle(digest, status)) {
            self.changed_records.insert(source.to_owned());
        }
    }

    /// Keeps a state. Whether it is another one than before.
    pub(crate) fn keep(&mut self, actor: &str, state: State, trial: bool) -> bool {
        let kept = self.states.entry(actor.to_owned()).or_default();
        // Who keeps a good one is not under watch, so a trial one is of a watch from before.
        let now = if trial {
            Loaded { good: kept.good.clone(), trial: Some(state) }
        } else {
            Loaded { good: Some(state), trial: None }
        };
        let other = *kept != now;
        if other {
            *kept = now;
            self.changed_states.insert(actor.to_owned());
        }
        other
    }

    /// Forgets an actor's states. Whether there were any.
    pub(crate) fn forget(&mut self, actor: &str) -> bool {
        let were = self.states.get_mut(actor).is_some_and(|kept| !std::mem::take(kept).is_empty());
        if were {
            self.changed_states.insert(actor.to_owned());
        }
        were
    }

    pub(crate) fn record(&self, source: &str) -> Record {
        self.records.get(source).cloned().unwrap_or_default()
    }

    pub(crate) fn load(&self, actor: &str) -> Option<Loaded> {
        self.states.get(actor).filter(|kept| !kept.is_empty()).cloned()
    }

    pub(crate) fn actors(&self) -> Vec<String> {
        let kept = self.states.iter().filter(|(_, kept)| !kept.is_empty());
        kept.map(|(actor, _)| actor.clone()).collect()
    }

    /// Components whose bytes are needed.
    pub(crate) fn needed(&self) -> HashSet<Digest> {
        let versions = self.records.values().flat_map(|record| &record.versions).map(|version| version.digest);
        versions.chain(self.fresh.iter().map(|(digest, _)| *digest)).collect()
    }

    /// What may differ, taken: who cannot write it gives it back.
    pub(crate) fn take(&mut self) -> Changes {
        let records = std::mem::take(&mut self.changed_records);
        let states = std::mem::take(&mut self.changed_states);
        let changes = Changes {
            records: records.into_iter().map(|source| (source.clone(), self.record(&source))).collect(),
            states: states
                .into_iter()
                .map(|actor| (actor.clone(), self.states.get(&actor).cloned().unwrap_or_default()))
                .collect(),
        };
        self.states.retain(|_, kept| !kept.is_empty());
        changes
    }

    /// What could not be written.
    pub(crate) fn give_back(&mut self, changes: Changes) {
        self.changed_records.extend(changes.records.into_keys());
        self.changed_states.extend(changes.states.into_keys());
    }

    /// All of it.
    pub(crate) fn all(&self) -> Changes {
        Changes { records: self.records.clone(), states: self.states.clone() }
    }
}
