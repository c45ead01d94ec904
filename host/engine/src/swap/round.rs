//! Actors that share a component take a new build over together or not at all. Each gets ready between two of its turns and
//! then waits; when all are ready they all go on with the new code, and when one refuses, all go on with the old.

use super::build::Build;
use super::trial::Trial;
use super::{Failed, State, failed};
use crate::component::{Code, Digest};
use crate::signal::Signal;
use greenroom_core::Address;
use greenroom_core::system::Input;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// What each actor has become: its state.
pub(crate) type States = HashMap<Address, State>;

/// One build, for all actors that run its file.
pub(crate) struct Round {
    build: Build,
    pub(crate) code: Arc<Code>,
    /// The watch that begins with the switch. None: there is none.
    pub(crate) trial: Option<Arc<Trial>>,
    /// What the file has to stand for when it is decided.
    base: Digest,
    progress: Mutex<Progress>,
}

struct Progress {
    members: Vec<Address>,
    /// Those that are not ready yet.
    awaited: usize,
    /// Those that have not switched yet.
    switching: usize,
    decided: Option<Result<(), Failed>>,
    states: States,
    over: Option<oneshot::Sender<Result<States, Failed>>>,
}

impl std::fmt::Debug for Round {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Round to {}", self.code.digest)
    }
}

impl Round {
    /// A round for these actors. Its end comes through the receiver: with none to wait for, at once.
    pub(super) fn new(
        build: &Build,
        code: Arc<Code>,
        trial: Option<Arc<Trial>>,
        base: Digest,
        members: Vec<Address>,
    ) -> (Arc<Self>, oneshot::Receiver<Result<States, Failed>>) {
        let (over, end) = oneshot::channel();
        let progress = Progress {
            awaited: members.len(),
            switching: members.len(),
            members,
            decided: None,
            states: States::new(),
            over: Some(over),
        };
        let progress = Mutex::new(progress);
        (Arc::new(Self { build: build.clone(), code, trial, base, progress }), end)
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long ago the new build was first looked at.
    pub(crate) fn age(&self) -> Duration {
        self.build.began.elapsed()
    }

    /// Nobody is to be waited for: the file stands for the new code.
    pub(crate) fn begin(&self) {
        let progress = self.progress();
        if progress.awaited == 0 {
            self.decide(progress, Ok(()));
        }
    }

    /// It has taken too long, or cannot be.
    pub(crate) fn give_up(&self, why: Failed) {
        self.decide(self.progress(), Err(why));
    }

    /// Actors that are not ready.
    pub(crate) fn awaited(&self) -> Vec<Address> {
        let progress = self.progress();
        progress.members.iter().filter(|member| !progress.states.contains_key(member)).copied().collect()
    }

    /// Whether an actor is ready and waits for others.
    pub(crate) fn stands_still(&self) -> bool {
        !self.progress().states.is_empty()
    }

    /// Whether it goes on with the new code. None: that is not decided.
    pub(crate) fn decided(&self) -> Option<bool> {
        self.progress().decided.as_ref().map(Result::is_ok)
    }

    fn decide(&self, mut progress: MutexGuard<'_, Progress>, verdict: Result<(), Failed>) {
        if progress.decided.is_some() {
            return;
        }
        let Build { shared, source, .. } = &self.build;
        // What starts from now on starts with it.
        let verdict = verdict.and_then(|()| {
            let record = || self.build.record(&self.code, self.trial.is_some());
            let replaced = shared.codes.replace(source, self.base, &self.code, self.trial.clone(), record);
            replaced.then_some(()).ok_or_else(|| failed("busy", "the code before was taken back meanwhile: try again"))
        });
        for member in &progress.members {
            if let Some(cell) = shared.cells.get(*member) {
                cell.signal(Signal::Decided);
            }
            if verdict.is_ok() {
                // Out of quarantine, if it is there.
                shared.control(Input::Release(*member));
            }
        }
        progress.decided = Some(verdict);
        Self::end(&mut progress);
    }

    /// Tells whoever wanted the swap, when every actor has switched, or none will.
    fn end(progress: &mut Progress) {
        let result = match &progress.decided {
            Some(Err(why)) => Err(why.clone()),
            Some(Ok(())) if progress.switching == 0 => Ok(std::mem::take(&mut progress.states)),
            _ => return,
        };
        if let Some(over) = progress.over.take() {
            // Whoever wanted it may be gone; events tell everybody else.
            drop(over.send(result));
        }
    }
}

/// An actor's part in a round. Dropped, it is as if the actor had no part in it: it has ended.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) round: Arc<Round>,
    member: Address,
    ready: bool,
    /// Whether it runs the new code.
    switched: bool,
}

impl Part {
    pub(crate) fn new(round: &Arc<Round>, member: Address) -> Self {
        Self { round: round.clone(), member, ready: false, switched: false }
    }

    /// The actor waits for the others. `state`: what will become of its own.
    pub(crate) fn ready(&mut self, state: State) {
        self.ready = true;
        let mut progress = self.round.progress();
        progress.states.insert(self.member, state);
        progress.awaited -= 1;
        if progress.awaited == 0 {
            self.round.decide(progress, Ok(()));
        }
    }

    /// The actor runs the new code now, and is watched.
    pub(crate) fn switched(mut self) {
        self.switched = true;
    }

    /// The actor cannot go on with the new code.
    pub(crate) fn refuse(self, why: Failed) {
        self.round.give_up(why);
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if let Some(trial) = self.round.trial.as_ref().filter(|_| !self.switched) {
            // If it begins with the new code later on, it joins then.
            trial.spare();
        }
        let mut progress = self.round.progress();
        progress.switching -= 1;
        let last = !self.ready && {
            progress.awaited -= 1;
            progress.awaited == 0
        };
        Round::end(&mut progress);
        if last {
            self.round.decide(progress, Ok(()));
        }
    }
}

/// What is said of an actor that is in the middle of a turn for too long.
pub(crate) fn busy(name: &str) -> Failed {
    failed("busy", format!("`{name}` did not end its turn: try again when it waits for nothing"))
}
