//! The line of actors that wait for room, for an instance each: first come, first served. Who frees room calls the next, and
//! who had it passes the call on; so the line moves as long as there is any.

use greenroom_core::{Address, Instant};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often those in the line look whether there is room, beside when they are called: room that was freed before they were
/// in it called nobody.
const AGAIN: Duration = Duration::from_millis(100);
/// For how long an actor waits while the line does not move, before its start or its waking fails.
const PATIENCE: Duration = Duration::from_secs(10);

/// Who waits.
#[derive(Debug, Default)]
pub(crate) struct Line {
    waiting: Mutex<BTreeMap<u64, Address>>,
    /// How many that are.
    length: AtomicUsize,
    next: AtomicU64,
    /// When they look again, in nanoseconds.
    again: AtomicU64,
    /// When somebody last left the line, in nanoseconds.
    moved: AtomicU64,
}

/// An actor's place in the line, which it keeps until it has room.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ticket {
    number: u64,
    since: Instant,
}

impl Line {
    fn waiting(&self) -> MutexGuard<'_, BTreeMap<u64, Address>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, waiting: &BTreeMap<u64, Address>) {
        self.length.store(waiting.len(), Ordering::Release);
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.length.load(Ordering::Acquire)
    }

    /// An actor stands in the line, or again at the place that it had. When it is to look again at the latest; none if it has
    /// waited for too long.
    pub(crate) fn enter(&self, who: Address, ticket: Option<Ticket>, now: Instant) -> Option<(Ticket, Instant)> {
        let ticket = ticket.unwrap_or_else(|| Ticket { number: self.next.fetch_add(1, Ordering::Relaxed), since: now });
        let moved = Instant::from_nanos(self.moved.load(Ordering::Relaxed));
        if now.since(ticket.since.max(moved)) >= PATIENCE {
            return None;
        }
        let mut waiting = self.waiting();
        let again = now + AGAIN;
        if waiting.is_empty() {
            self.again.store(again.as_nanos(), Ordering::Release);
        }
        waiting.insert(ticket.number, who);
        self.note(&waiting);
        Some((ticket, again))
    }

    /// Calls the first in the line. It comes back with its ticket if it finds no room.
    pub(crate) fn call(&self) -> Option<Address> {
        if self.len() == 0 {
            return None;
        }
        let mut waiting = self.waiting();
        let first = waiting.pop_first();
        self.note(&waiting);
        first.map(|(_, who)| who)
    }

    /// Whether who has this ticket has not been called yet; without one, whether others are before it.
    pub(crate) fn is_to_wait(&self, ticket: Option<Ticket>) -> bool {
        self.len() > 0 && ticket.is_none_or(|ticket| self.waiting().contains_key(&ticket.number))
    }

    /// Who has this ticket has room, or wants none any more.
    pub(crate) fn leave(&self, ticket: Ticket, now: Instant) {
        self.moved.store(now.as_nanos(), Ordering::Relaxed);
        let mut waiting = self.waiting();
        waiting.remove(&ticket.number);
        self.note(&waiting);
    }

    /// When those in the line look again, if anybody is in it.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        (self.len() > 0).then(|| Instant::from_nanos(self.again.load(Ordering::Acquire)))
    }

    /// How many look again now.
    pub(crate) fn due(&self, now: Instant) -> usize {
        if self.next_due().is_none_or(|due| due > now) {
            return 0;
        }
        self.again.store((now + AGAIN).as_nanos(), Ordering::Release);
        self.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> Instant {
        Instant::ORIGIN + Duration::from_millis(milliseconds)
    }

    fn who(key: u64) -> Address {
        Address { node: 1, key }
    }

    #[test]
    fn who_comes_first_is_called_first_and_keeps_its_place() {
        let line = Line::default();
        assert_eq!((line.call(), line.next_due(), line.is_to_wait(None)), (None, None, false));
        let (first, again) = line.enter(who(1), None, at(0)).unwrap();
        let (second, _) = line.enter(who(2), None, at(50)).unwrap();
        assert_eq!((again, line.next_due(), line.len()), (at(100), Some(at(100)), 2));
        assert_eq!((line.due(at(99)), line.due(at(100)), line.due(at(100))), (0, 2, 0));
        assert_eq!(line.call(), Some(who(1)));
        assert!(!line.is_to_wait(Some(first)) && line.is_to_wait(Some(second)) && line.is_to_wait(None));
        // It found no room: it is before the second again.
        line.enter(who(1), Some(first), at(110)).unwrap();
        assert_eq!((line.call(), line.call(), line.call()), (Some(who(1)), Some(who(2)), None));
    }

    #[test]
    fn it_is_waited_as_long_as_the_line_moves() {
        let line = Line::default();
        let (first, _) = line.enter(who(1), None, at(0)).unwrap();
        let (second, _) = line.enter(who(2), None, at(0)).unwrap();
        assert!(line.enter(who(2), Some(second), at(9_999)).is_some());
        line.leave(first, at(9_999));
        assert!(line.enter(who(2), Some(second), at(19_998)).is_some());
        assert!(line.enter(who(2), Some(second), at(19_999)).is_none());
        line.leave(second, at(19_999));
        assert_eq!(line.len(), 0);
    }
}
