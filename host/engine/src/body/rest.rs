//! An actor that is put away while it is idle, and woken. All that it has set up with the host, its outputs, timers, links,
//! names, questions and what it has put aside, is its incarnation's and goes on; only the store goes, and is its saved state
//! meanwhile. To everybody else it runs.

use super::{Body, Cause, Life};
use crate::active::Active;
use crate::cell::Cell;
use crate::component::{Code, ComponentError, Digest};
use crate::contract::v0_1::exports::Occasion;
use crate::handle::Reloaded;
use crate::instance::{Instance, Job, Saved};
use crate::report;
use crate::signal::Signal;
use crate::sleep::Counted;
use crate::swap::trial::{Past, Trial, Verdict};
use greenroom_core::Reason;
use greenroom_manifest::Keep;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// An actor without a store.
pub(crate) struct Asleep {
    put_away: PutAway,
    _counted: Counted,
}

/// What an actor is while it has no store.
#[derive(Debug, Clone)]
pub(crate) struct PutAway {
    /// The code that saved it.
    digest: Digest,
    /// The version of its state.
    version: u32,
    /// Its state. None: it is the one that is kept over restarts as well.
    own: Option<Saved>,
}

/// Why an actor is not put away.
enum Awake {
    /// Its state cannot be had.
    Sleepless(String),
    /// It has ended meanwhile.
    Ended(Reason),
}

impl Body {
    /// From now on it is looked whether the actor is idle, if it may be put away then.
    pub(crate) fn watch_idle(&self, cell: &Arc<Cell>) {
        if let (Life::Up(_) | Life::Waiting(_), Some(after)) = (&self.life, self.behavior.sleep_after) {
            cell.shared.watch_idle(cell, after);
        }
    }

    /// It may be time to sleep: `early`, before its time, since somebody else wants the room.
    pub(super) fn doze(&mut self, cell: &Arc<Cell>, early: bool) {
        cell.is_told_to_doze(false);
        let Some(after) = self.behavior.sleep_after else { return };
        let is_time = early || cell.shared.now().since(cell.last_turn()) >= after;
        if !is_time || !self.is_idle(cell) {
            // Who wants the room waits for it, and would not hear of a refusal.
            self.pressed |= early;
            return;
        }
        self.pressed = false;
        let Life::Up(mut instance) = std::mem::replace(&mut self.life, Life::Down) else { return };
        match state_to_wake_with(&mut instance) {
            Ok(saved) => {
                let (digest, version) = (instance.code.digest, saved.version);
                let own = if self.behavior.keep == Keep::Swaps {
                    Some(saved)
                } else {
                    self.keep(cell, &instance, saved);
                    None
                };
                instance.leave();
                self.fall_asleep(cell, PutAway { digest, version, own });
            }
            Err(Awake::Sleepless(why)) => {
                self.life = Life::Up(instance);
                // Nor is it tried again with this code, or an idle host would wake for it.
                cell.shared.sleep.let_be(cell);
                report::log(&cell.shared, cell, "warn", &format!("it cannot be put away while it is idle: {why}"));
            }
            Err(Awake::Ended(reason)) => {
                // As at a swap: code that traps when it is to save its state is no more.
                instance.leave();
                self.failed(cell, reason, Cause::Again);
            }
        }
    }

    /// It has nothing to do any more, and somebody wanted room when it had.
    pub(super) fn make_room(&mut self, cell: &Arc<Cell>) {
        self.pressed = false;
        if cell.shared.sleep.line.len() > 0 && self.is_idle(cell) {
            self.doze(cell, true);
        }
    }

    /// Whether nothing is under way that needs its store.
    fn is_idle(&mut self, cell: &Cell) -> bool {
        self.past.retain(|past| past.trial.verdict() == Verdict::Open);
        let alone = self.past.is_empty() && self.shadow.is_none();
        matches!(self.life, Life::Up(_)) && alone && self.again.is_empty() && !cell.is_called()
    }

    /// The actor has no store from now on. Others that want room hear of it.
    pub(crate) fn fall_asleep(&mut self, cell: &Arc<Cell>, put_away: PutAway) {
        let shared = &cell.shared;
        cell.seen().rest(put_away.digest, put_away.version);
        self.life = Life::Asleep(Asleep { put_away, _counted: Counted::asleep(shared) });
        shared.sleep.let_be(cell);
        cell.stats.memory.store(0, Ordering::Relaxed);
        self.shrink(cell);
        shared.sleep.call_next(shared);
    }

    /// Gives back what was taken for more than there is now.
    fn shrink(&mut self, cell: &Cell) {
        {
            let asks = cell.shared.asks();
            self.open.retain(|request| asks.target(*request).is_some());
        }
        self.open.shrink_to_fit();
        self.deferred.shrink_to_fit();
        self.past.shrink_to_fit();
        self.again.shrink_to_fit();
        cell.mailbox.shrink();
        cell.watches.shrink();
    }

    /// One step of an actor that sleeps: what concerns its life alone is seen to, everything else wakes it first.
    pub(super) fn rest(&mut self, cell: &Arc<Cell>) -> bool {
        match cell.mailbox.next_signal(Signal::lets_sleep) {
            Some(signal) => {
                self.take(cell, signal);
                true
            }
            None => (!self.again.is_empty() || cell.is_called()) && self.wake(cell),
        }
    }

    /// Makes an instance of the code that its file stands for now, which goes on from the state. What the actor is woken
    /// for comes after it. False: there is no room yet.
    fn wake(&mut self, cell: &Arc<Cell>) -> bool {
        let began = Instant::now();
        let Life::Asleep(Asleep { put_away, .. }) = &self.life else { return false };
        let (digest, version) = (put_away.digest, put_away.version);
        if cell.shared.sleep.line.is_to_wait(self.ticket) && self.stand_in_line(cell) {
            return false;
        }
        let Some(Active { code, trials, .. }) = self.code_now(cell) else { return true };
        self.join_asleep(cell, &trials);
        let instance = match self.instance(cell, &code) {
            Ok(instance) => instance,
            Err(error) if error.is_no_room() && self.stand_in_line(cell) => {
                cell.seen().rest(digest, version);
                return false;
            }
            Err(error) => {
                self.failed(cell, Reason::Failed(error.to_string()), Cause::Again);
                return true;
            }
        };
        self.has_room(cell);
        cell.shared.sleep.woken();
        let own = match std::mem::replace(&mut self.life, Life::Down) {
            Life::Asleep(Asleep { put_away, .. }) => put_away.own,
            _ => None,
        };
        match own.or_else(|| self.kept.clone()) {
            Some(saved) => self.go_on_from(cell, instance, saved, digest, began),
            // Nothing takes what is kept of one that sleeps.
            None => self.failed(cell, Reason::Failed("its state is gone".into()), Cause::Again),
        }
        self.watch_idle(cell);
        true
    }

    /// It wakes as code that is under watch: if that does not do well, the actor sleeps again as it did.
    fn join_asleep(&mut self, cell: &Arc<Cell>, trials: &[Arc<Trial>]) {
        self.past.retain(|past| past.trial.verdict() == Verdict::Open);
        for trial in trials {
            let Life::Asleep(Asleep { put_away, .. }) = &self.life else { return };
            if !self.past.iter().any(|past| Arc::ptr_eq(&past.trial, trial)) {
                trial.expect(1);
                let past = Past::asleep(trial.clone(), self, cell, put_away.clone());
                self.past.push(past);
            }
        }
    }

    fn go_on_from(&mut self, cell: &Arc<Cell>, mut new: Box<Instance>, saved: Saved, from: Digest, began: Instant) {
        new.go_live();
        let code = new.code.clone();
        if let Err(reason) = takes(&mut new, &code, saved.version, from) {
            drop(new);
            return self.failed(cell, reason, Cause::Again);
        }
        let (version, length) = (saved.version, saved.bytes.len());
        let same = code.digest == from;
        let occasion = if same { Occasion::Woken } else { Occasion::Swapped };
        self.turn(cell, new, Job::Restore(occasion, saved), Cause::Again);
        if !same && self.runs_code(code.digest) {
            let took = began.elapsed();
            let reloaded = Reloaded {
                from: from.short(),
                to: code.digest.short(),
                state: "kept",
                milliseconds: took.as_secs_f64() * 1e3,
            };
            cell.shared.counts.swaps.fetch_add(1, Ordering::Relaxed);
            report::swapped(&cell.shared, cell, &reloaded, Some((version, length)), took, took);
        }
    }

    fn runs_code(&self, digest: Digest) -> bool {
        matches!(&self.life, Life::Up(instance) if instance.code.digest == digest)
    }

    /// Makes an instance. Where some could be put away for it, there are no more than the host has room for.
    pub(super) fn instance(&self, cell: &Arc<Cell>, code: &Arc<Code>) -> Result<Box<Instance>, ComponentError> {
        let shared = &cell.shared;
        if shared.sleep.able() > 0 && shared.loader.is_full() {
            return Err(ComponentError::NoRoom { most: shared.loader.most() });
        }
        Instance::new(code, self.guest(cell))
    }

    /// Waits in the line for room, if there is any use in it.
    pub(super) fn stand_in_line(&mut self, cell: &Arc<Cell>) -> bool {
        self.ticket = cell.shared.wait_for_room(cell, self.ticket);
        self.ticket.is_some()
    }

    /// It has an instance: whoever waits behind it may have one as well.
    pub(super) fn has_room(&mut self, cell: &Arc<Cell>) {
        if let Some(ticket) = self.ticket.take() {
            cell.shared.sleep.line.leave(ticket, cell.shared.now());
        }
        cell.shared.sleep.call_next(&cell.shared);
    }
}

/// A state that the same code can be woken with.
fn state_to_wake_with(instance: &mut Instance) -> Result<Saved, Awake> {
    let mut saved = match instance.save().map_err(Awake::Ended)? {
        Some(Ok(saved)) => saved,
        Some(Err(why)) => return Err(Awake::Sleepless(format!("its state cannot be saved: {why}"))),
        None => return Err(Awake::Sleepless("its component has no state".into())),
    };
    if !instance.accepts().map_err(Awake::Ended)?.contains(&saved.version) {
        let why = format!("its code saves version {} and does not take it", saved.version);
        return Err(Awake::Sleepless(why));
    }
    saved.bytes.shrink_to_fit();
    Ok(saved)
}

/// Whether code takes a state over. The code that has saved it was asked then.
fn takes(instance: &mut Instance, code: &Code, version: u32, from: Digest) -> Result<(), Reason> {
    if code.digest == from || instance.accepts()?.contains(&version) {
        return Ok(());
    }
    Err(Reason::Failed(format!("its code does not take the saved state's version {version}")))
}
