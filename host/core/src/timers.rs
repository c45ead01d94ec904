//! Timers: what is due when, whose it is. Drift-free, and without bursts after a stall.

use crate::Instant;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hash;
use std::time::Duration;

/// Names a timer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TimerId(pub u64);

/// Timers of owners `O` that fire with a payload `P`.
#[derive(Debug)]
pub struct Timers<O, P> {
    /// Ordered by when they are due; those due together in the order in which they were set.
    due: BTreeMap<(Instant, TimerId), TimerId>,
    timers: HashMap<TimerId, Timer<O, P>>,
    owned: HashMap<O, HashSet<TimerId>>,
}

/// A timer as it is set: to be set again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<P> {
    /// Its name.
    pub id: TimerId,
    /// When it is due next.
    pub due: Instant,
    /// How often, if it repeats.
    pub every: Option<Duration>,
    /// What it fires with.
    pub payload: P,
}

impl<P> Setting<P> {
    /// What is left of it when it has fired, if it was due: one that repeats, next due on its grid after `now`.
    pub fn fired(mut self, now: Instant) -> Option<Self> {
        if self.due <= now {
            self.due = after(self.due, self.every?, now);
        }
        Some(self)
    }
}

/// The next time after `now` on a grid.
fn after(due: Instant, every: Duration, now: Instant) -> Instant {
    let missed = now.since(due).as_nanos() / every.as_nanos().max(1);
    let ahead = every.as_nanos().saturating_mul(missed + 1);
    due + Duration::from_nanos(u64::try_from(ahead).unwrap_or(u64::MAX))
}

#[derive(Debug)]
struct Timer<O, P> {
    owner: O,
    due: Instant,
    every: Option<Duration>,
    payload: P,
}

impl<O, P> Default for Timers<O, P> {
    fn default() -> Self {
        Self { due: BTreeMap::new(), timers: HashMap::new(), owned: HashMap::new() }
    }
}

impl<O: Copy + Eq + Hash, P: Clone> Timers<O, P> {
    /// Sets a timer. First due at `due`; then, with `every`, again each such interval, which must not be zero.
    pub fn set(&mut self, id: TimerId, owner: O, due: Instant, every: Option<Duration>, payload: P) {
        debug_assert_ne!(every, Some(Duration::ZERO));
        self.due.insert((due, id), id);
        self.timers.insert(id, Timer { owner, due, every, payload });
        self.owned.entry(owner).or_default().insert(id);
    }

    /// Cancels a timer of this owner; what is not there, or is another's, is left alone.
    pub fn cancel(&mut self, owner: O, id: TimerId) {
        if self.timers.get(&id).is_some_and(|timer| timer.owner == owner) {
            self.remove(id);
        }
    }

    /// Cancels all timers of an owner.
    pub fn cancel_all(&mut self, owner: O) {
        for id in self.owned.remove(&owner).unwrap_or_default() {
            if let Some(timer) = self.timers.remove(&id) {
                self.due.remove(&(timer.due, id));
            }
        }
    }

    /// All timers of an owner, in the order in which they are due.
    pub fn of(&self, owner: O) -> Vec<Setting<P>> {
        let ids = self.owned.get(&owner).into_iter().flatten();
        let setting = |id: &TimerId| {
            let Timer { due, every, payload, .. } = self.timers.get(id)?;
            Some(Setting { id: *id, due: *due, every: *every, payload: payload.clone() })
        };
        let mut settings: Vec<_> = ids.filter_map(setting).collect();
        settings.sort_by_key(|setting| (setting.due, setting.id));
        settings
    }

    /// Gives an owner these timers, and no others. Those that are overdue fire when the clock is looked at next.
    pub fn set_again(&mut self, owner: O, settings: Vec<Setting<P>>) {
        self.cancel_all(owner);
        for Setting { id, due, every, payload } in settings {
            self.set(id, owner, due, every, payload);
        }
    }

    /// When the next timer is due.
    pub fn next_due(&self) -> Option<Instant> {
        self.due.first_key_value().map(|((due, _), _)| *due)
    }

    /// Takes one timer that is due. One that repeats is next due on its grid, after `now`: what a stall swallowed is made
    /// up by this one firing.
    pub fn pop(&mut self, now: Instant) -> Option<(O, P)> {
        let (&(due, id), _) = self.due.first_key_value()?;
        if due > now {
            return None;
        }
        let timer = self.timers.get_mut(&id)?;
        let fired = (timer.owner, timer.payload.clone());
        match timer.every {
            Some(every) => {
                timer.due = after(due, every, now);
                let next = timer.due;
                self.due.remove(&(due, id));
                self.due.insert((next, id), id);
            }
            None => self.remove(id),
        }
        Some(fired)
    }

    fn remove(&mut self, id: TimerId) {
        if let Some(timer) = self.timers.remove(&id) {
            self.due.remove(&(timer.due, id));
            if let Some(owned) = self.owned.get_mut(&timer.owner) {
                owned.remove(&id);
                if owned.is_empty() {
                    self.owned.remove(&timer.owner);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Instant {
        Instant::ORIGIN + Duration::from_millis(millis)
    }

    /// What fires when the clock is looked at, at the given times.
    fn check(timers: &mut Timers<char, &'static str>, looks: &[(u64, &[&str])]) {
        for (now, expect) in looks {
            let fired: Vec<_> = std::iter::from_fn(|| timers.pop(at(*now)).map(|(_, payload)| payload)).collect();
            assert_eq!(&fired, expect, "at {now} ms");
        }
    }

    #[test]
    fn once_and_every_on_a_grid() {
        let mut timers = Timers::default();
        timers.set(TimerId(1), 'a', at(25), None, "once");
        timers.set(TimerId(2), 'a', at(10), Some(Duration::from_millis(10)), "tick");
        assert_eq!(timers.next_due(), Some(at(10)));
        check(
            &mut timers,
            &[(9, &[]), (10, &["tick"]), (24, &["tick"]), (30, &["once", "tick"]), (39, &[]), (40, &["tick"])],
        );
    }

    #[test]
    fn an_owner_gets_its_timers_back_as_they_were() {
        let mut timers = Timers::default();
        timers.set(TimerId(1), 'a', at(10), None, "once");
        timers.set(TimerId(2), 'a', at(5), Some(Duration::from_millis(20)), "tick");
        timers.set(TimerId(3), 'b', at(12), None, "another's");
        let before = timers.of('a');
        assert_eq!(before.iter().map(|setting| setting.payload).collect::<Vec<_>>(), ["tick", "once"]);
        check(&mut timers, &[(10, &["tick", "once"])]);
        timers.set(TimerId(4), 'a', at(15), None, "new");
        timers.set_again('a', before);
        check(&mut timers, &[(30, &["tick", "once", "another's"]), (44, &[]), (45, &["tick"])]);
    }

    #[test]
    fn what_has_fired_is_due_again_on_its_grid() {
        let due = |every: Option<u64>, now| {
            let every = every.map(Duration::from_millis);
            Setting { id: TimerId(1), due: at(10), every, payload: () }.fired(at(now)).map(|setting| setting.due)
        };
        assert_eq!([due(None, 9), due(None, 10)], [Some(at(10)), None]);
        let grid = [9, 10, 17, 18].map(|now| due(Some(4), now));
        assert_eq!(grid, [10, 14, 18, 22].map(|next| Some(at(next))));
    }

    #[test]
    fn a_stall_does_not_make_a_burst() {
        let mut timers = Timers::default();
        timers.set(TimerId(1), 'a', at(10), Some(Duration::from_millis(10)), "tick");
        check(&mut timers, &[(1005, &["tick"]), (1009, &[]), (1010, &["tick"])]);
    }

    #[test]
    fn cancelled_timers_and_those_of_dead_owners_never_fire() {
        let mut timers = Timers::default();
        timers.set(TimerId(1), 'a', at(10), None, "one");
        timers.set(TimerId(2), 'a', at(10), None, "two");
        timers.set(TimerId(3), 'b', at(10), None, "three");
        timers.cancel('b', TimerId(1));
        timers.cancel('a', TimerId(2));
        check(&mut timers, &[(10, &["one", "three"])]);
        timers.set(TimerId(4), 'a', at(20), Some(Duration::from_millis(1)), "four");
        timers.cancel_all('a');
        check(&mut timers, &[(99, &[])]);
        assert_eq!(timers.next_due(), None);
    }
}
