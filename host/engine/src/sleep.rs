//! Actors that are put away while they are idle: who is looked at when, who makes room for whom, and what is counted.
//!
//! An actor with `sleep-after` that is awake has one look to come, which a turn does not move: it says itself when its last
//! turn was, and is looked at again after that. So nothing is done per message, and where nobody is awake, nothing is to
//! come. The putting away and the waking are the actor's own affair (`body/rest.rs`).

use crate::cell::Cell;
use crate::line::{Line, Ticket};
use crate::machine::{self, Memory};
use crate::shared::Shared;
use crate::signal::Signal;
use greenroom_core::{Address, Instant};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Memory that each actor is counted with where the machine's is to last, in bytes: what one that sleeps takes, and its
/// share of those that are awake.
const SHARE: u64 = 4 << 10;
/// Actors at most where the machine does not say how much memory it has.
const UNKNOWN: usize = 100_000;

/// Who sleeps, and who is to.
#[derive(Debug)]
pub(crate) struct Sleep {
    /// Those that are awake and may be put away, with when they are looked at next. A cell knows its own place here.
    looks: Mutex<BTreeSet<(Instant, Address)>>,
    /// Those that wait for room.
    pub(crate) line: Line,
    /// Actors that may be put away, asleep or not.
    able: AtomicUsize,
    /// Actors that are asleep.
    asleep: AtomicUsize,
    sleeps: AtomicU64,
    wakes: AtomicU64,
    /// Actors at most, whatever they do.
    most: usize,
}

impl Default for Sleep {
    fn default() -> Self {
        Self {
            looks: Mutex::default(),
            line: Line::default(),
            able: AtomicUsize::new(0),
            asleep: AtomicUsize::new(0),
            sleeps: AtomicU64::new(0),
            wakes: AtomicU64::new(0),
            most: most(machine::memory()),
        }
    }
}

/// As many actors as half of the machine's memory has room for.
fn most(memory: Option<Memory>) -> usize {
    memory.map_or(UNKNOWN, |memory| usize::try_from(memory.total / 2 / SHARE).unwrap_or(UNKNOWN))
}

impl Sleep {
    fn looks(&self) -> MutexGuard<'_, BTreeSet<(Instant, Address)>> {
        self.looks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Actors that are asleep.
    pub(crate) fn asleep(&self) -> usize {
        self.asleep.load(Ordering::Relaxed)
    }

    /// Actors that may be put away, asleep or not.
    pub(crate) fn able(&self) -> usize {
        self.able.load(Ordering::Relaxed)
    }

    /// Whether the machine has memory for one more actor beside these, asleep or not. `awake`: those that it has room for
    /// in any case.
    pub(crate) fn has_memory(&self, actors: usize, awake: usize) -> Result<(), String> {
        let most = self.most.max(awake);
        if actors < most {
            return Ok(());
        }
        Err(format!("this host has memory for {most} actors, asleep or not: end some first"))
    }

    /// How often actors were put away, and woken.
    pub(crate) fn counts(&self) -> (u64, u64) {
        (self.sleeps.load(Ordering::Relaxed), self.wakes.load(Ordering::Relaxed))
    }

    /// An actor was woken.
    pub(crate) fn woken(&self) {
        self.wakes.fetch_add(1, Ordering::Relaxed);
    }

    /// The actor is not looked at any more.
    pub(crate) fn let_be(&self, cell: &Cell) {
        if let Some(look) = cell.next_look(None) {
            self.looks().remove(&(look, cell.address));
        }
    }

    fn look_at(&self, cell: &Cell, at: Instant) {
        let mut looks = self.looks();
        if let Some(before) = cell.next_look(Some(at)) {
            looks.remove(&(before, cell.address));
        }
        looks.insert((at, cell.address));
    }

    /// Whoever is first in the line tries again.
    pub(crate) fn call_next(&self, shared: &Shared) {
        if let Some(cell) = self.line.call().and_then(|address| shared.cells.get(address)) {
            cell.wake();
        }
    }

    /// When somebody is to be looked at next.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        let look = self.looks().first().map(|(at, _)| *at);
        look.into_iter().chain(self.line.next_due()).min()
    }
}

/// Counts an actor as long as it lives: as one that sleeps, or that may.
pub(crate) struct Counted(Arc<Shared>, fn(&Sleep) -> &AtomicUsize);

impl Counted {
    /// One more that may be put away.
    pub(crate) fn able(shared: &Arc<Shared>) -> Self {
        Self::new(shared, |sleep| &sleep.able)
    }

    /// One more that sleeps.
    pub(crate) fn asleep(shared: &Arc<Shared>) -> Self {
        shared.sleep.sleeps.fetch_add(1, Ordering::Relaxed);
        Self::new(shared, |sleep| &sleep.asleep)
    }

    fn new(shared: &Arc<Shared>, count: fn(&Sleep) -> &AtomicUsize) -> Self {
        count(&shared.sleep).fetch_add(1, Ordering::Relaxed);
        Self(shared.clone(), count)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        (self.1)(&self.0.sleep).fetch_sub(1, Ordering::Relaxed);
    }
}

impl std::fmt::Debug for Counted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Counted")
    }
}

impl Shared {
    /// The actor is awake, and is put away after so long without a turn.
    pub(crate) fn watch_idle(self: &Arc<Self>, cell: &Cell, after: Duration) {
        let at = self.now() + after;
        self.sleep.look_at(cell, at);
        self.due(at);
    }

    /// Has those sleep that have had no turn for long enough, and makes room for those that wait for it.
    pub(crate) fn look_for_idle(self: &Arc<Self>, now: Instant) {
        loop {
            let first = self.sleep.looks().first().copied();
            let Some((at, address)) = first.filter(|(at, _)| *at <= now) else { break };
            let Some((cell, after)) = self.looked_at(at, address) else { continue };
            let idle_from = cell.last_turn() + after;
            if idle_from > now {
                self.sleep.look_at(&cell, idle_from);
                continue;
            }
            // Looked at again if it cannot be put away now.
            self.sleep.look_at(&cell, now + after);
            cell.doze(false);
        }
        let waiting = self.sleep.line.due(now);
        if waiting > 0 {
            let awake = self.sleep.looks().len();
            (0..waiting.min(awake)).for_each(|_| self.press());
            // Each that has room, or has waited for too long, passes it on.
            self.sleep.call_next(self);
        }
    }

    /// Whom a look is about. One that is no more is none of anybody's business.
    fn looked_at(&self, at: Instant, address: Address) -> Option<(Arc<Cell>, Duration)> {
        let cell = self.cells.get(address);
        let after = cell.as_ref().and_then(|cell| cell.seen().sleeps_after());
        if after.is_none() {
            self.sleep.looks().remove(&(at, address));
            cell.inspect(|cell| _ = cell.next_look(None));
            return None;
        }
        cell.zip(after)
    }

    /// Has the one sleep early that is the next to, if anybody is awake who could.
    fn press(self: &Arc<Self>) {
        loop {
            let first = self.sleep.looks().first().copied();
            let Some((at, address)) = first else { return };
            let Some((cell, after)) = self.looked_at(at, address) else { continue };
            self.sleep.look_at(&cell, self.now() + after);
            return cell.doze(true);
        }
    }

    /// There is no room for an actor: it waits in the line, behind those that have waited longer, and somebody is to make
    /// room. None: there is nobody who ever could, or it has waited for too long.
    pub(crate) fn wait_for_room(self: &Arc<Self>, cell: &Cell, ticket: Option<Ticket>) -> Option<Ticket> {
        if self.sleep.able.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let (ticket, again) = self.sleep.line.enter(cell.address, ticket, self.now())?;
        self.press();
        self.due(again);
        Some(ticket)
    }
}

impl Cell {
    /// Has the actor sleep if it can: `early` also before its time. It is told once until it has heard.
    fn doze(self: &Arc<Self>, early: bool) {
        if self.is_told_to_doze(true) {
            return;
        }
        self.signal(Signal::Doze { early });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_memory_is_for_actors() {
        let check = |total: Option<u64>, expect: usize| {
            assert_eq!(most(total.map(|total| Memory { total, available: total })), expect, "{total:?}");
        };
        check(Some(8 << 30), 1 << 20);
        check(Some(1 << 30), 1 << 17);
        check(None, UNKNOWN);
    }
}
