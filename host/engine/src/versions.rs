//! What outlives a run of the host: which version of each component to start with, which has passed its watch, and the
//! states that are kept on disk. Written by `greenroom-store`; without a folder nothing is kept, and each start begins with
//! the files.

use crate::component::{Code, ComponentError, Digest, Loader};
use crate::handle::Reloaded;
use crate::instance::Saved;
use crate::report;
use crate::shared::Shared;
use crate::swap::trial::{Trial, Verdict};
use crate::swap::{self, Failed, Source, failed};
use greenroom_manifest::{Behavior, Keep};
use greenroom_store::{Choice, From, Origin, State, Status, Store};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file's name in the record: the same from wherever the host is started.
fn key(source: &Path) -> String {
    std::path::absolute(source).unwrap_or_else(|_| source.to_owned()).to_string_lossy().into_owned()
}

/// What a file is to start with.
struct Start {
    code: Arc<Code>,
    /// What to go back to, if it is under watch.
    fallback: Option<Arc<Code>>,
    watched: bool,
    /// What the file holds.
    held: Option<Digest>,
}

/// Loads what each component's file stands for, off the threads that run turns. What is wrong is told all at once.
pub(crate) fn load(shared: &Arc<Shared>) -> Result<(), Vec<ComponentError>> {
    let roster = shared.roster();
    let mut users: BTreeMap<PathBuf, Vec<&Behavior>> = BTreeMap::new();
    for behavior in roster.running() {
        users.entry(behavior.source.clone()).or_default().push(behavior);
    }
    let starts = std::thread::scope(|scope| {
        let threads: Vec<_> = users
            .iter()
            .map(|(source, users)| (source, scope.spawn(move || start_with(shared, source, users))))
            .collect();
        let ended = |why| vec![ComponentError::Start { why }];
        threads
            .into_iter()
            .map(|(source, thread)| {
                (source, thread.join().unwrap_or_else(|_| Err(ended("the compiler panicked".into()))))
            })
            .collect::<Vec<_>>()
    });
    let mut wrong = Vec::new();
    for (source, start) in starts {
        match start {
            Ok(Start { code, fallback, watched, held }) => {
                let actors = roster.actors.iter().filter(|actor| actor.behavior.source == *source).count();
                shared.loader.look_at_size(&code, actors.max(1));
                let trial = watched.then(|| shared.trial(source, fallback, &code));
                shared.codes.put(source, &code, trial, held);
            }
            Err(errors) => wrong.extend(errors),
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// The code that a file's actors start with: what the file holds, or a version from before.
fn start_with(shared: &Arc<Shared>, source: &Path, users: &[&Behavior]) -> Result<Start, Vec<ComponentError>> {
    let read = Loader::read(source);
    let fitting = |bytes: &[u8]| fitting(shared, source, bytes, users);
    let Some(store) = &shared.store else {
        let bytes = read.map_err(|error| vec![error])?;
        return Ok(Start { code: fitting(&bytes)?, fallback: None, watched: false, held: None });
    };
    let file = read.as_ref().ok().map(|bytes| Digest::of(bytes));
    let Some(choice) = store.choose(&key(source), file) else { return Err(read.err().into_iter().collect()) };
    let Choice { digest, from, fallback, why, trying } = choice;
    if let Some(why) = why {
        report::started_with(shared, source, &why);
    }
    let kept = |digest| store.bytes(digest).ok();
    let fallback = fallback.and_then(kept).and_then(|bytes| fitting(&bytes).ok());
    let bytes = match from {
        From::File => read.map_err(|error| vec![error])?,
        From::Kept => kept(digest).ok_or_else(|| {
            let why = "its kept bytes cannot be read any more".to_owned();
            vec![ComponentError::Unreadable { path: source.to_owned(), why }]
        })?,
    };
    let origin = match from {
        From::File => Origin::File,
        From::Kept => store
            .versions(&key(source))
            .iter()
            .find(|version| version.digest == digest)
            .map_or(Origin::File, |version| version.origin),
    };
    let watched = trying && !shared.plan.host.watch_time.is_zero();
    match (fitting(&bytes), fallback) {
        (Ok(code), fallback) => {
            if trying {
                // Before it runs: if it brings the whole host down, the next start knows.
                keep_bytes(shared, &bytes);
                drop(store.begin_now(&key(source), digest, origin, file));
                if !watched {
                    store.passed(&key(source), digest, &[]);
                }
            }
            Ok(Start { code, fallback, watched, held: file })
        }
        (Err(errors), Some(fallback)) => {
            // The file was half written when the power went, for example.
            let why = errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            let text = format!("{why}; {} runs, which passed its watch", fallback.digest.short());
            report::started_with(shared, source, &text);
            Ok(Start { code: fallback, fallback: None, watched: false, held: file })
        }
        (Err(errors), None) => Err(errors),
    }
}

/// The bytes' code, if it fits this host and what each of its users may do.
fn fitting(
    shared: &Shared,
    source: &Path,
    bytes: &[u8],
    users: &[&Behavior],
) -> Result<Arc<Code>, Vec<ComponentError>> {
    let code = shared.loader.compiled(source, Digest::of(bytes), bytes).map_err(|error| vec![error])?;
    let wrong: Vec<_> = users.iter().filter_map(|user| code.check(user, &user.grants).err()).collect();
    if wrong.is_empty() { Ok(code) } else { Err(wrong) }
}

/// Keeps a version's bytes, to start with and to go back to. A disk that takes none costs that, and is told.
pub(crate) fn keep_bytes(shared: &Arc<Shared>, bytes: &[u8]) {
    let Some(store) = &shared.store else { return };
    if let Err(error) = store.add(bytes) {
        report::not_kept(shared, &format!("a version cannot be kept: {error}"));
    }
}

/// What is known of a component's versions.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Versions {
    /// The component's file.
    pub source: String,
    /// The newest activation first.
    pub versions: Vec<VersionView>,
}

/// One version of a component.
#[derive(Debug, Clone, serde::Serialize)]
pub struct VersionView {
    /// The SHA-256 of its bytes, in 64 hexadecimal digits.
    pub digest: String,
    /// Its length, in bytes.
    pub bytes: u64,
    /// Where its last activation came from: `file`, `upload` or `rollback`.
    pub origin: &'static str,
    /// When it was activated first, in seconds since 1970.
    pub activated: f64,
    /// `watched` (it runs under watch), `interrupted` (the host stopped during its watch), `passed` or `failed`.
    pub status: &'static str,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Whether it is the one that runs.
    pub active: bool,
}

impl Shared {
    /// A watch that begins now.
    pub(crate) fn trial(&self, source: &Path, from: Option<Arc<Code>>, to: &Arc<Code>) -> Arc<Trial> {
        let host = &self.plan.host;
        Trial::new(source.to_owned(), from, to.clone(), self.now() + host.watch_time, host.watch_turns)
    }

    /// A version is about to take over.
    pub(crate) fn record_begin(&self, source: &Path, code: &Code, origin: Origin, file: Option<Digest>, watched: bool) {
        let Some(store) = &self.store else { return };
        store.begin(&key(source), code.digest, origin, file);
        if !watched {
            store.passed(&key(source), code.digest, &self.kept_by(source));
        }
    }

    /// A version has passed its watch.
    pub(crate) fn record_passed(&self, trial: &Trial) {
        let Some(store) = &self.store else { return };
        store.passed(&key(&trial.source), trial.to.digest, &self.kept_by(&trial.source));
    }

    /// A version has failed.
    pub(crate) fn record_failed(&self, trial: &Trial, why: &str) {
        let Some(store) = &self.store else { return };
        let back = trial.from.as_ref().map(|from| from.digest);
        store.failed(&key(&trial.source), trial.to.digest, why, back, &self.kept_by(&trial.source));
    }

    /// The host stops in good order: versions under watch are watched anew at its next start.
    pub(crate) fn record_interrupted(&self) {
        let Some(store) = &self.store else { return };
        for trial in self.codes.open() {
            store.interrupted(&key(&trial.source), trial.to.digest);
        }
    }

    /// Everything that was recorded is on disk when this returns, if it can be.
    pub(crate) fn settle(self: &Arc<Self>) {
        if let Some(Err(error)) = self.store.as_ref().map(Store::flush) {
            report::not_kept(self, &error.to_string());
        }
    }

    /// The actors of a file whose states are on disk.
    fn kept_by(&self, source: &Path) -> Vec<String> {
        let roster = self.roster();
        let keeps = |behavior: &Behavior| behavior.keep == Keep::Disk && behavior.source == source;
        let actors = roster.actors.iter().map(|actor| &actor.behavior).filter(|behavior| keeps(behavior));
        actors.map(|behavior| behavior.name.to_string()).collect()
    }

    /// Keeps an actor's state on disk.
    pub(crate) fn keep_on_disk(&self, actor: &str, code: &Code, saved: &Saved, trial: bool) -> Result<(), String> {
        let Some(store) = &self.store else { return Ok(()) };
        let state = State { digest: code.digest, version: saved.version, bytes: saved.bytes.as_slice().into() };
        store.keep(actor, state, trial).map_err(|error| error.to_string())
    }

    /// An actor's state from before the host was started: of this code's own trial, or of code that has passed.
    pub(crate) fn kept_on_disk(&self, actor: &str, code: &Code) -> Option<Saved> {
        let kept = self.store.as_ref()?.load(actor)?;
        let trial = kept.trial.filter(|state| state.digest == code.digest);
        let state = trial.or(kept.good)?;
        Some(Saved { version: state.version, bytes: state.bytes.to_vec() })
    }

    /// What is known of a file's versions.
    pub(crate) fn versions(&self, source: &Path) -> Result<Versions, Failed> {
        let store = self.store.as_ref().ok_or_else(no_folder)?;
        let now = self.codes.get(source);
        // The record says what was activated last; what runs may be another one, which the host has begun with.
        let runs = |digest: Digest| now.as_ref().is_some_and(|now| now.code.digest == digest);
        let view = |version: greenroom_store::Version| {
            let (status, why) = match version.status {
                Status::Trying if runs(version.digest) => ("watched", None),
                Status::Trying => ("interrupted", None),
                Status::Interrupted => ("interrupted", None),
                Status::Passed => ("passed", None),
                Status::Failed(why) => ("failed", Some(why)),
            };
            VersionView {
                digest: version.digest.to_string(),
                bytes: version.bytes,
                origin: version.origin.text(),
                activated: version.activated as f64 / 1e3,
                status,
                why,
                active: runs(version.digest),
            }
        };
        let versions = store.versions(&key(source)).into_iter().map(view).collect();
        Ok(Versions { source: source.display().to_string(), versions })
    }

    /// The bytes of a version to go back to: the one that begins with these digits, or the newest besides the active one that
    /// has passed its watch.
    pub(crate) fn version_before(&self, source: &Path, digits: Option<&str>) -> Result<Arc<[u8]>, Failed> {
        let store = self.store.as_ref().ok_or_else(no_folder)?;
        let versions = store.versions(&key(source));
        let wanted = match digits {
            Some(digits) => {
                let mut found = versions.iter().filter(|version| version.digest.to_string().starts_with(digits));
                let first = found.next();
                if found.next().is_some() {
                    return Err(failed("read", format!("several versions begin with {digits}: give more digits")));
                }
                first
            }
            None => {
                let runs = self.codes.get(source).map(|now| now.code.digest);
                versions.iter().find(|version| Some(version.digest) != runs && version.status == Status::Passed)
            }
        };
        let Some(wanted) = wanted else {
            let why = match digits {
                Some(digits) => {
                    format!("no version that is kept begins with {digits}; `greenroom versions` lists them")
                }
                None => "there is no version before this one that has passed its watch".into(),
            };
            return Err(failed("read", why));
        };
        let bytes = store.bytes(wanted.digest).map_err(|error| failed("read", error.to_string()))?;
        Ok(bytes.into())
    }
}

fn no_folder() -> Failed {
    failed("read", "this host keeps no versions, since it has no folder: give it one with `data-dir` under [host]")
}

/// Digits that name a version, at least.
const DIGITS: usize = 4;

/// Goes back to a version from before, for every actor that runs the file.
pub(crate) async fn roll_back(shared: &Arc<Shared>, source: &Path, digits: Option<&str>) -> Result<Reloaded, Failed> {
    if digits.is_some_and(|digits| digits.len() < DIGITS || !digits.bytes().all(|byte| byte.is_ascii_hexdigit())) {
        let why = format!("a version is named by {DIGITS} or more hexadecimal digits; `greenroom versions` lists them");
        return Err(failed("read", why));
    }
    let digits = digits.map(str::to_ascii_lowercase);
    let digits = digits.as_deref();
    let watched = shared.codes.get(source).and_then(|active| active.trials.last().cloned());
    if let Some((trial, from)) = watched.as_ref().and_then(|trial| Some((trial, trial.from.as_ref()?)))
        && digits.is_none_or(|digits| from.digest.to_string().starts_with(digits))
    {
        // What it was is still at hand, with its state.
        let began = std::time::Instant::now();
        shared.fail(trial, "an operator", "it was to be rolled back");
        if trial.verdict() == Verdict::Failed {
            return Ok(Reloaded {
                from: trial.to.digest.short(),
                to: from.digest.short(),
                state: trial.state(),
                milliseconds: began.elapsed().as_secs_f64() * 1e3,
            });
        }
    }
    let (reading, file, digits) = (shared.clone(), source.to_owned(), digits.map(str::to_owned));
    let read = shared.runtime.spawn_blocking(move || reading.version_before(&file, digits.as_deref())).await;
    let bytes = read.map_err(|error| failed("read", format!("the reader ended: {error}")))??;
    swap::install(shared, source, Source::Kept(bytes)).await
}
