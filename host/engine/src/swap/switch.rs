//! Between two turns: an actor gets ready for new code, waits for the others that take it over with it, and goes on with
//! the new code or the old.

use super::round::Part;
use super::trial::Past;
use super::{Failed, State, failed};
use crate::body::{Body, Cause, Life};
use crate::cell::Cell;
use crate::contract::v0_1::exports::Occasion;
use crate::handle::Reloaded;
use crate::instance::{Instance, Job, Outcome, Saved, poll_once};
use crate::report;
use crate::turn::Turn;
use greenroom_core::Reason;
use greenroom_core::system::Input;
use greenroom_manifest::{Behavior, Keep};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// New code, ready to take over.
#[derive(Debug)]
pub(crate) struct Swap {
    pub(super) instance: Box<Instance>,
    /// Versions of state that it takes.
    pub(super) accepts: Vec<u32>,
    pub(crate) behavior: Arc<Behavior>,
    pub(crate) config: Arc<str>,
    /// The actor's part in a swap of all that run the component. None: it becomes another behaviour, by itself.
    pub(super) part: Option<Part>,
}

/// An actor that has both codes, and runs neither.
pub(crate) struct Switching {
    old: Box<Instance>,
    new: Box<Instance>,
    /// What the new code's first turn asked for.
    turn: Turn,
    /// The state that the new code began with. None: it began afresh.
    saved: Option<Saved>,
    /// Its own, where the manifest wants it kept.
    kept: Option<Saved>,
    part: Part,
    /// When the actor stood still, and for how long the handing over took.
    since: std::time::Instant,
    migrated: std::time::Duration,
}

/// Between two turns: the actor gets ready.
pub(crate) fn get_ready(body: &mut Body, cell: &Arc<Cell>, mut swap: Swap) {
    let Some(mut part) = swap.part.take() else { return super::other::take_over(body, cell, swap) };
    if part.round.decided().is_some() || swap.behavior.name != body.behavior.name {
        // Too late; or it has become another behaviour, and this is none of its business any more.
        return;
    }
    match std::mem::replace(&mut body.life, Life::Down) {
        Life::Up(old) => match ready(body, cell, old, swap, part) {
            Ok(()) => {}
            Err((part, why)) => part.refuse(why),
        },
        life => {
            // Between two incarnations the next one starts with the new code; in a `become` this code is in no use.
            body.life = life;
            part.ready(State::Fresh);
        }
    }
}

/// Has the new code begin beside the old one, which stands still.
fn ready(
    body: &mut Body,
    cell: &Arc<Cell>,
    mut old: Box<Instance>,
    swap: Swap,
    mut part: Part,
) -> Result<(), (Part, Failed)> {
    let since = std::time::Instant::now();
    let mut new = swap.instance;
    let saved = if old.has_state() && new.has_state() {
        match save(&mut old, &swap.accepts) {
            Ok(saved) => Some(saved),
            Err(Refusal::Ended(reason)) => {
                // A kill says nothing of the state: the next round finds the next incarnation.
                let stage = if reason == Reason::Killed { "busy" } else { "state" };
                let why = format!("the running code ended when it was to save its state: {reason}");
                body.failed(cell, reason, Cause::Again);
                return Err((part, failed(stage, why)));
            }
            Err(Refusal::Not(why)) => {
                body.life = Life::Up(old);
                return Err((part, failed("state", why)));
            }
        }
    } else {
        None
    };
    let began = match &saved {
        Some(saved) => perform(&mut new, &Job::Restore(Occasion::Swapped, saved.clone()), cell, "state"),
        None => perform(&mut new, &Job::Init, cell, "start"),
    };
    let mut turn = new.take_turn();
    let kept = match began {
        Ok(Outcome::Ignore) => Err(failed("start", "the new code has nothing to do: its `init` says `ignore`")),
        Ok(outcome) => body
            .state_of(cell, &mut new, &Cause::Again, &outcome)
            .map_err(|reason| failed("state", format!("the new code cannot save its state: {reason}"))),
        Err(why) => Err(why),
    };
    let kept = match kept {
        Ok(kept) => kept,
        Err(why) => {
            turn.abort(&cell.shared, cell);
            body.life = Life::Up(old);
            return Err((part, why));
        }
    };
    let state = if saved.is_some() { State::Kept } else { State::Fresh };
    part.ready(state);
    let migrated = since.elapsed();
    body.life = Life::Switching(Box::new(Switching { old, new, turn, saved, kept, part, since, migrated }));
    Ok(())
}

/// Why the running code's state was not had.
pub(crate) enum Refusal {
    /// It has trapped, and is no more.
    Ended(Reason),
    /// It says no, or the new code would.
    Not(String),
}

pub(crate) fn save(old: &mut Instance, accepts: &[u32]) -> Result<Saved, Refusal> {
    let saved = match old.save() {
        Ok(Some(Ok(saved))) => saved,
        Ok(Some(Err(why))) => return Err(Refusal::Not(format!("the running code could not save its state: {why}"))),
        Ok(None) => return Err(Refusal::Not("the running code has no state".into())),
        Err(reason) => return Err(Refusal::Ended(reason)),
    };
    if accepts.contains(&saved.version) {
        return Ok(saved);
    }
    Err(Refusal::Not(not_taken("the running code's", saved.version, accepts).why))
}

/// What is said of a state of a version that new code does not take.
pub(super) fn not_taken(whose: &str, version: u32, accepts: &[u32]) -> Failed {
    let takes = accepts.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
    let why = format!(
        "{whose} state has version {version}, and the new code takes {takes}: teach it to upgrade from {version}"
    );
    failed("state", why)
}

/// A turn of the new code, whose effects are committed when it has taken over.
pub(super) fn perform(
    instance: &mut Instance,
    job: &Job,
    cell: &Arc<Cell>,
    stage: &'static str,
) -> Result<Outcome, Failed> {
    let result =
        poll_once(instance.perform(job)).unwrap_or_else(|| Err(Reason::Failed("it asks before it runs".into())));
    result.map_err(|reason| {
        instance.take_turn().abort(&cell.shared, cell);
        failed(stage, reason.to_string())
    })
}

impl Body {
    /// The round that the actor waits for is decided.
    pub(crate) fn decided(&mut self, cell: &Arc<Cell>) {
        let Life::Switching(switching) = &self.life else { return };
        match switching.part.round.decided() {
            Some(true) => {
                if let Life::Switching(switching) = std::mem::replace(&mut self.life, Life::Down) {
                    switch(self, cell, *switching);
                }
            }
            Some(false) => self.switch_off(cell),
            None => {}
        }
    }

    /// If the actor has both codes, it goes on with the old one.
    pub(crate) fn switch_off(&mut self, cell: &Arc<Cell>) {
        if let Life::Switching(_) = &self.life
            && let Life::Switching(switching) = std::mem::replace(&mut self.life, Life::Down)
        {
            let Switching { old, mut turn, .. } = *switching;
            turn.abort(&cell.shared, cell);
            self.life = Life::Up(old);
        }
    }
}

fn switch(body: &mut Body, cell: &Arc<Cell>, switching: Switching) {
    let Switching { old, new, mut turn, saved, kept, part, since, migrated } = switching;
    let (round, shared) = (part.round.clone(), cell.shared.clone());
    let reloaded = Reloaded {
        from: old.code.digest.short(),
        to: new.code.digest.short(),
        state: if saved.is_some() { "kept" } else { "fresh" },
        milliseconds: round.age().as_secs_f64() * 1e3,
    };
    let state = saved.as_ref().map(|saved| (saved.version, saved.bytes.len()));
    match saved {
        Some(saved) => {
            // The new code goes on with the old one's state, and with everything that the actor has set up.
            body.past.extend(round.trial.clone().map(|trial| Past::standing(trial, body, cell, old)));
            if body.behavior.keep != Keep::Swaps {
                body.kept = Some(saved);
            }
        }
        None => {
            // The new code begins afresh: to everybody else the actor was restarted.
            shared.devices.release(cell.address, "new code without the old one's state");
            turn.claim_again(&shared, cell);
            body.leave_past();
            body.past.extend(round.trial.clone().map(|trial| Past::afresh(trial, body.kept.take())));
            body.forsake(cell, &[], &Reason::Shutdown);
            body.untie(cell);
            cell.next_generation();
            shared.control(Input::Renewed { address: cell.address });
            body.kept = None;
        }
    }
    let fresh = state.is_none();
    if let Some(kept) = kept {
        body.keep(cell, &new, kept);
    }
    body.go_on_with(cell, new);
    if fresh {
        body.put_back(cell);
    }
    turn.commit(&shared, cell);
    shared.counts.swaps.fetch_add(1, Ordering::Relaxed);
    report::swapped(&shared, cell, &reloaded, state, migrated, since.elapsed());
    part.switched();
}
