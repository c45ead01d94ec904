//! Turns that take long, and how they leave room for the others: as many run as there are workers, in turns, and at each
//! tick each of them offers its processor to whoever else wants to run.
//!
//! The operating system would slice between all of them, and they would be most of those that it slices between: who has
//! just been woken would wait for several slices of some milliseconds, and a slice ends at a tick of the system's, 4 ms
//! apart on many. With one long turn a processor, and an offer each millisecond, it waits for about one.

use greenroom_plane::Gate;
use std::cell::Cell;

/// Ticks that a long turn runs before another one has its share.
const SHARE: u64 = 4;

/// What long turns share.
#[derive(Debug)]
pub(crate) struct Pace(Gate);

thread_local! {
    /// On a worker whose turn is one of those that may run: the tick since which it may.
    static SINCE: Cell<Option<u64>> = const { Cell::new(None) };
}

impl Pace {
    /// At most so many long turns run at a time.
    pub(crate) fn new(workers: usize) -> Self {
        Self(Gate::new(workers))
    }

    /// The turn on this worker is a long one: waits until it may run. `now` tells the tick, and `stay` whether the turn is
    /// to go on at all; if not, it waits no longer, and ends beside those that may run.
    pub(crate) fn wait(&self, now: impl Fn() -> u64, stay: impl Fn() -> bool) {
        let inside = match SINCE.take() {
            None => self.0.enter(stay),
            Some(since) if now().saturating_sub(since) < SHARE => return SINCE.set(Some(since)),
            Some(_) => self.0.pass(stay),
        };
        SINCE.set(inside.then(now));
    }

    /// The turn on this worker is over, or stands still: another one may run.
    pub(crate) fn leave(&self) {
        if SINCE.take().is_some() {
            self.0.leave();
        }
    }

    /// A turn that waits may be one that is to go on no longer.
    pub(crate) fn rouse(&self) {
        self.0.rouse();
    }
}
