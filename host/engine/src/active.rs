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
    /// What the file held when it was first loaded: it may be another version that runs.
    pub(crate) held: Digest,
    /// Open watches, the newest last.
    pub(crate) trials: Vec<Arc<Trial>>,
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

    /// From its loading on a file stands for this code, which is under watch if there is a trial. `held` is what the file
    /// holds, if that is something else.
    pub(crate) fn put(&self, source: &Path, code: &Arc<Code>, trial: Option<Arc<Trial>>, held: Option<Digest>) {
        let held = held.unwrap_or(code.digest);
        let active = Active { code: code.clone(), held, trials: trial.into_iter().collect() };
        self.write().insert(source.to_owned(), active);
    }

    /// From now on a file stands for this code, which is under watch if there is a trial. False: it does not, since it does
    /// not stand for the `base` any more that the trial would lead back to. `record` is called before anybody sees it.
    pub(crate) fn replace(
        &self,
        source: &Path,
        base: Digest,
        code: &Arc<Code>,
        trial: Option<Arc<Trial>>,
        record: impl FnOnce(),
    ) -> bool {
        let mut codes = self.write();
        let Some(active) = codes.get_mut(source).filter(|active| active.code.digest == base) else { return false };
        if base != code.digest {
            record();
        }
        active.code = code.clone();
        match trial {
            // For actors that came later, it is there already.
            Some(trial) if active.trials.last().is_some_and(|newest| Arc::ptr_eq(newest, &trial)) => {}
            Some(trial) => active.trials.push(trial),
            // What is not watched cannot be taken back, nor what came before it.
            None => active.trials.drain(..).for_each(|trial| _ = trial.judge(Verdict::Passed)),
        }
        if active.trials.len() > TRIALS {
            _ = active.trials.remove(1).judge(Verdict::Passed);
        }
        true
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
