//! Taking new code over: a new build of the same behaviour, or another behaviour at the same address.
//!
//! The new code is read, compiled, checked and instantiated beside the old one, off the threads that run turns ([`build`]).
//! Between two turns each actor that runs it gets ready and waits ([`switch`]) until all of them are ([`round`]); then all
//! switch. For a while the old code is kept at hand, to go back to if the new code fails ([`trial`]). Whatever fails before
//! the switch leaves the old code running as it was. [`become`](other) goes the same way, for one actor.

mod build;
pub(crate) mod other;
pub(crate) mod round;
pub(crate) mod switch;
pub(crate) mod trial;

use crate::cell::Cell;
use crate::component::{Code, Digest, Loader};
use crate::handle::Reloaded;
use crate::report;
use crate::shared::Shared;
use build::Build;
use greenroom_store::Origin;
use round::{Round, States};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// For how long actors that are ready wait for one that is in the middle of a turn.
const TOGETHER: Duration = Duration::from_secs(1);
/// For how long a turn's end is awaited while no other actor waits for it.
const ALONE: Duration = Duration::from_secs(10);
/// How many times that is tried, with a second for other work in between.
const ROUNDS: u32 = 5;

/// What becomes of an actor's state in a swap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Kept,
    Fresh,
}

/// Where a swap failed, and why.
#[derive(Debug, Clone)]
pub(crate) struct Failed {
    pub(crate) stage: &'static str,
    pub(crate) why: String,
}

pub(crate) fn failed(stage: &'static str, why: impl Into<String>) -> Failed {
    Failed { stage, why: why.into() }
}

/// Where new code comes from.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// The component's file.
    File,
    /// The component's file, if it still holds this.
    Watched(Digest),
    /// Somebody has sent it.
    Sent(Arc<[u8]>),
    /// A version from before.
    Kept(Arc<[u8]>),
}

/// Reads a component's file again, and has the actors that run it take it over if it is new.
pub(crate) async fn reload(shared: &Arc<Shared>, source: &Path) -> Result<Reloaded, Failed> {
    install(shared, source, Source::File).await
}

/// Has the actors that run a file take new code over, if it is new. Tells everybody what came of it.
pub(crate) async fn install(shared: &Arc<Shared>, source: &Path, new: Source) -> Result<Reloaded, Failed> {
    let began = std::time::Instant::now();
    // One at a time: builds don't race each other for an actor.
    let _one = shared.swapping.lock().await;
    let _busy = shared.scheduler.busy();
    let expected = if let Source::Watched(digest) = &new { Some(*digest) } else { None };
    let swapped = match read(shared, source, new).await {
        Ok(new) if expected.is_some_and(|expected| expected != new.digest) => {
            return Ok(Reloaded::unchanged(new.digest.short()));
        }
        Ok(new) => swap(shared, source, new, began).await,
        Err(failed) => Err(failed),
    };
    if let Err(failed) = &swapped {
        shared.counts.swaps_failed.fetch_add(1, Ordering::Relaxed);
        report::swap_failed(shared, source, failed);
    }
    swapped
}

/// New code, and what is recorded of it.
struct New {
    bytes: Arc<[u8]>,
    digest: Digest,
    origin: Origin,
    /// What the file holds.
    file: Option<Digest>,
}

async fn read(shared: &Arc<Shared>, source: &Path, new: Source) -> Result<New, Failed> {
    let path = source.to_owned();
    let reading = shared.runtime.spawn_blocking(move || {
        let file = Loader::read(&path);
        let held = file.as_ref().ok().map(|bytes| Digest::of(bytes));
        let (bytes, origin) = match new {
            Source::File | Source::Watched(_) => {
                (file.map_err(|error| failed(error.stage(), error.to_string()))?.into(), Origin::File)
            }
            Source::Sent(bytes) => (bytes, Origin::Upload),
            Source::Kept(bytes) => (bytes, Origin::Rollback),
        };
        Ok(New { digest: Digest::of(&bytes), bytes, origin, file: held })
    });
    reading.await.map_err(|error| failed("read", format!("the reader ended: {error}")))?
}

async fn swap(shared: &Arc<Shared>, source: &Path, new: New, began: std::time::Instant) -> Result<Reloaded, Failed> {
    let Some(active) = shared.codes.get(source) else { return Err(failed("start", "nothing runs it")) };
    let from = active.code.digest.short();
    if active.code.digest == new.digest {
        return Ok(Reloaded::unchanged(from));
    }
    let build = Build::of(shared, source, new, began);
    let code = build.code().await?;
    // Those that sleep stay so: they wake as the new code, whenever that is.
    let sleepers: Vec<_> = shared.cells.all().into_iter().filter(|cell| cell.sleeps_on(source)).collect();
    build.takes_sleepers(&code, sleepers).await?;
    let mut all = States::new();
    let mut switched = false;
    for round in 1..=ROUNDS {
        if switched && shared.codes.get(source).is_none_or(|active| active.code.digest != code.digest) {
            // It was taken back already: who is on the code before is where it belongs.
            break;
        }
        // Actors that have started with the old code meanwhile have a round of their own.
        let mut members = shared.cells.all();
        members.retain(|cell| match switched {
            true => cell.is_behind(source, &code),
            false => cell.runs(source) && !cell.sleeps_on(source),
        });
        if switched && members.is_empty() {
            break;
        }
        match together(&build, &code, &members).await {
            Ok(states) => {
                all.extend(states);
                switched = true;
            }
            Err(Failed { stage: "busy", .. }) if round < ROUNDS => tokio::time::sleep(TOGETHER).await,
            Err(failed) => {
                if switched && let Some(active) = shared.codes.get(source) {
                    // All or none: those that have switched go back.
                    let trial = active.trials.last().filter(|trial| trial.to.digest == code.digest);
                    trial.inspect(|trial| shared.fail(trial, "an actor that came later", &failed.why));
                }
                return Err(failed);
            }
        }
    }
    let fresh = all.values().any(|state| *state == State::Fresh);
    let state = if fresh { "fresh" } else { "kept" };
    Ok(Reloaded { from, to: code.digest.short(), state, milliseconds: began.elapsed().as_secs_f64() * 1e3 })
}

/// Has these actors take the code over, or none of them.
async fn together(build: &Build, code: &Arc<Code>, members: &[Arc<Cell>]) -> Result<States, Failed> {
    let (shared, source) = (&build.shared, &build.source);
    let Some(before) = shared.codes.get(source) else { return Err(failed("start", "nothing runs it")) };
    let watch = shared.plan.host.watch_time;
    let addresses: Vec<_> = members.iter().map(|cell| cell.address).collect();
    // In a round for latecomers the code is under watch already.
    let base = before.code.digest;
    let trial = match before.trials.last().filter(|_| base == code.digest) {
        Some(trial) => Some(trial.clone()),
        None => (base != code.digest && !watch.is_zero()).then(|| shared.trial(source, Some(before.code), code)),
    };
    trial.iter().for_each(|trial| trial.expect(members.len()));
    let until = trial.as_ref().map(|trial| trial.until);
    let (round, end) = Round::new(build, code.clone(), trial, base, addresses);
    build.instances(&round, members).await?;
    let (mut end, waiting) = (end, std::time::Instant::now());
    let states = loop {
        match tokio::time::timeout(TOGETHER, &mut end).await {
            Ok(Ok(result)) => break result?,
            Ok(Err(_)) => return Err(failed("start", "the host is over")),
            // As long as nobody stands still for it, it may take its time.
            Err(_) if !round.stands_still() && waiting.elapsed() < ALONE => {}
            Err(_) => {
                let late = round.awaited().first().and_then(|address| shared.cells.get(*address));
                let late = || round::busy(late.as_ref().map_or("an actor", |cell| &cell.name));
                round.give_up(late());
                match round.decided() {
                    // All were ready in the last moment.
                    Some(true) => break States::new(),
                    _ => return Err(late()),
                }
            }
        }
    };
    if let Some(until) = until {
        shared.due(until);
    }
    Ok(states)
}
