//! What is known of shadows: a report for each actor that has one or had one, which stays until the next.

use super::record::{LINE, Lines};
use crate::component::Digest;
use crate::instance::Job;
use crate::shared::Shared;
use greenroom_core::{Address, Instant};
use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Turns with differences that are kept.
const FINDINGS: usize = 64;
/// Lines of each side that are kept of one of them.
const SHOWN: usize = 32;

/// What a shadow has shown so far.
#[derive(Debug, Clone, serde::Serialize)]
pub struct ShadowReport {
    /// The actor.
    pub actor: String,
    /// The first digits of the digest of the code that runs.
    pub running: String,
    /// The same of the shadow's.
    pub shadow: String,
    /// What the shadow began with: `kept`, the actor's state, or `fresh`.
    pub state: &'static str,
    /// What the shadow's first turn would have done, a line for each thing. Nothing in the actor compares to it.
    pub began: Vec<String>,
    /// Turns that both had.
    pub turns: u64,
    /// Those of them in which they did not do the same.
    pub different: u64,
    /// The last 64 of these, the oldest first.
    pub findings: Vec<Finding>,
    /// How long it goes on, in seconds. None: it is over.
    pub seconds_left: Option<f64>,
    /// Why it is over.
    pub ended: Option<String>,
    /// Whether the states differed in the end. None: it goes on, or they could not be compared: code without state, states
    /// of different versions, or an end that left no time for it.
    pub states_differ: Option<bool>,
}

/// A turn in which the actor and its shadow did not do the same.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Finding {
    /// Which turn, from 1.
    pub turn: u64,
    /// What it was for: a message's kind, or `(answer)`, `(exited)`, `(down)`.
    pub kind: String,
    /// The message's body; at most 1 KiB of it.
    pub body: String,
    /// What the actor did, a line for each thing; at most 32 of them, 1 KiB of each.
    pub running: Vec<String>,
    /// What its shadow would have done.
    pub shadow: Vec<String>,
}

/// What a turn was for: its kind and its body.
pub(super) fn occasion(job: &Job) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(LINE)]).into_owned();
    match job {
        Job::Handle(envelope) => (envelope.message.kind.to_string(), text(&envelope.message.body)),
        Job::Answered(answer) => match &answer.1 {
            Ok(message) => (format!("(answer) {}", message.kind), text(&message.body)),
            Err(why) => ("(answer)".into(), format!("{why:?}")),
        },
        Job::Exited(who, why) => ("(exited)".into(), format!("{who} {why}")),
        Job::Down(_, who, why) => ("(down)".into(), format!("{who} {why}")),
        Job::Init | Job::Restore(..) | Job::Stopping(_) => ("(start)".into(), String::new()),
    }
}

/// What is known of one shadow, shared by its actor's turns and those that ask.
#[derive(Debug)]
pub(crate) struct Account {
    pub(super) from: Digest,
    pub(super) to: Digest,
    pub(super) state: &'static str,
    pub(super) until: Instant,
    progress: Mutex<Progress>,
}

#[derive(Debug, Default)]
struct Progress {
    began: Vec<String>,
    turns: u64,
    different: u64,
    findings: VecDeque<Finding>,
    ended: Option<String>,
    states_differ: Option<bool>,
}

impl Account {
    pub(super) fn new(from: Digest, to: Digest, state: &'static str, until: Instant, began: &Lines) -> Arc<Self> {
        let progress = Progress { began: began.show(0, SHOWN), ..Progress::default() };
        Arc::new(Self { from, to, state, until, progress: Mutex::new(progress) })
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Both have had a turn. What they did differently, if they did.
    pub(super) fn compare(&self, job: &Job, running: &Lines, shadow: &Lines) -> Option<Finding> {
        let mut progress = self.progress();
        progress.turns += 1;
        let first = running.differs(shadow)?;
        progress.different += 1;
        let (kind, body) = occasion(job);
        let (turn, running, shadow) = (progress.turns, running.show(first, SHOWN), shadow.show(first, SHOWN));
        let finding = Finding { turn, kind, body, running, shadow };
        if progress.findings.len() == FINDINGS {
            progress.findings.pop_front();
        }
        progress.findings.push_back(finding.clone());
        Some(finding)
    }

    pub(super) fn end(&self, why: &str, states_differ: Option<bool>) {
        let mut progress = self.progress();
        progress.ended = Some(why.to_owned());
        progress.states_differ = states_differ;
    }

    /// Turns, and those that were different.
    pub(super) fn count(&self) -> (u64, u64) {
        let progress = self.progress();
        (progress.turns, progress.different)
    }

    pub(super) fn is_over(&self) -> bool {
        self.progress().ended.is_some()
    }

    pub(super) fn report(&self, actor: &str, now: Instant) -> ShadowReport {
        let progress = self.progress();
        ShadowReport {
            actor: actor.to_owned(),
            running: self.from.short(),
            shadow: self.to.short(),
            state: self.state,
            began: progress.began.clone(),
            turns: progress.turns,
            different: progress.different,
            findings: progress.findings.iter().cloned().collect(),
            seconds_left: progress.ended.is_none().then(|| self.until.since(now).as_secs_f64()),
            ended: progress.ended.clone(),
            states_differ: progress.states_differ,
        }
    }
}

/// A shadow's account, and what it takes to promote it.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(super) account: Arc<Account>,
    /// The component that it runs.
    pub(super) bytes: Arc<[u8]>,
    pub(super) source: PathBuf,
    /// Whether its actor has been told that the time is up.
    told: bool,
}

/// Every actor's last shadow. Changed by the actors' turns, and by those that start and end shadows.
#[derive(Debug, Default)]
pub(crate) struct Shadows(Mutex<HashMap<Address, Entry>>);

impl Shadows {
    fn all(&self) -> MutexGuard<'_, HashMap<Address, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn put(&self, actor: Address, account: Arc<Account>, bytes: Arc<[u8]>, source: PathBuf) {
        self.all().insert(actor, Entry { account, bytes, source, told: false });
    }

    pub(super) fn get(&self, actor: Address) -> Option<Entry> {
        self.all().get(&actor).cloned()
    }

    /// There is no more to tell of this actor's shadow.
    pub(crate) fn forget(&self, actor: Address) {
        let entry = self.all().remove(&actor);
        drop(entry);
    }

    /// When the time of the next one is up.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        let all = self.all();
        all.values().filter(|entry| !entry.told && !entry.account.is_over()).map(|entry| entry.account.until).min()
    }

    fn due(&self, now: Instant) -> Vec<Address> {
        let mut all = self.all();
        let due = all.iter_mut().filter(|(_, entry)| !entry.told && entry.account.until <= now);
        due.map(|(actor, entry)| {
            entry.told = true;
            *actor
        })
        .collect()
    }
}

impl Shared {
    /// Ends the shadows whose time is up.
    pub(crate) fn end_due_shadows(&self, now: Instant) {
        for actor in self.shadows.due(now) {
            if let Some(cell) = self.cells.get(actor) {
                cell.signal(crate::signal::Signal::ShadowOver(Box::new(super::Over::in_time())));
            }
        }
    }
}
