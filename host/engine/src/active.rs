//! What each component's file stands for now: its code, and the watches that it is under.

use crate::component::{Code, Digest};
use crate::swap::trial::{Trial, Verdict};
use greenroom_core::Instant;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Watches over one file's code at a time: with more, the older ones but the first are given up. The first is the one
/// that leads back to code that is known to be good.
const TRIALS: usize = 4;

/// By component file. Changed by swaps and by what they are watched for.
#[derive(Debug, Default)]
pub(crate) struct Codes(RwLock<HashMap<PathBuf, Active>>);

/// What a file stands for.
#[derive(Debug, Clone)]
pub(crate) struct Active {
    /// What the next start runs.
    pub(crate) code: Arc<Code>,
    /// Open watches, the newest last.
    pub(crate) trials: Vec<Arc<Trial>>,
    /// What the file held when the host started, if it was there.
    pub(crate) file: Option<Digest>,
}

impl Codes {
    fn read(&self) -> RwLockReadGuard<'_, HashMap<PathBuf, Active>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<PathBuf, Active>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a file stands for, if it was loaded.
    pub(crate) fn get(&self, source: &Path) -> Option<Active> {
        self.read().get(source).cloned()
    }

    /// From now on a file stands for this code, which is under watch if there is a trial.
    pub(crate) fn put(&self, source: &Path, code: &Arc<Code>, trial: Option<Arc<Trial>>) {
        let mut codes = self.write();
        let active = codes.entry(source.to_owned()).or_insert_with(|| Active {
            code: code.clone(),
            trials: Vec::new(),
            file: None,
        });
        active.code = code.clone();
        match trial {
            Some(trial) => active.trials.push(trial),
            // What is not watched cannot be taken back, nor what came before it.
            None => active.trials.drain(..).for_each(|trial| _ = trial.judge(Verdict::Passed)),
        }
        if active.trials.len() > TRIALS {
            _ = active.trials.remove(1).judge(Verdict::Passed);
        }
    }

    /// What a file held when the host started, which need not be what it stands for.
    pub(crate) fn held(&self, source: &Path, file: Option<Digest>) {
        if let Some(active) = self.write().get_mut(source) {
            active.file = file;
        }
    }

    /// A watch is passed, and with it those before. Whether it was still open.
    pub(crate) fn pass(&self, trial: &Arc<Trial>) -> bool {
        let mut codes = self.write();
        let Some(active) = codes.get_mut(&trial.source) else { return false };
        // Only the newest says something about the code that runs.
        if !active.trials.last().is_some_and(|newest| Arc::ptr_eq(newest, trial)) {
            return false;
        }
        active.trials.drain(..).for_each(|trial| _ = trial.judge(Verdict::Passed));
        true
    }

    /// The newest watch has failed: the file stands for the code before, if there is one. Whether that is news.
    pub(crate) fn fail(&self, trial: &Arc<Trial>) -> bool {
        let mut codes = self.write();
        let Some(active) = codes.get_mut(&trial.source) else { return false };
        let newest = active.trials.last().is_some_and(|newest| Arc::ptr_eq(newest, trial));
        if newest && trial.judge(Verdict::Failed) {
            active.trials.pop();
            active.code = trial.from.as_ref().unwrap_or(&active.code).clone();
            return true;
        }
        false
    }

    /// When the first watch is over.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.read().values().filter_map(|active| active.trials.last()).map(|trial| trial.until).min()
    }

    /// A watch whose time is up.
    pub(crate) fn due(&self, now: Instant) -> Option<Arc<Trial>> {
        self.read().values().filter_map(|active| active.trials.last()).find(|trial| trial.until <= now).cloned()
    }

    /// Every open watch over the code that runs.
    pub(crate) fn open(&self) -> Vec<Arc<Trial>> {
        self.read().values().filter_map(|active| active.trials.last().cloned()).collect()
    }
}
