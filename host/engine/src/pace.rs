//! Turns that take long, and how they leave room for the others: as many run as there are workers, one share after the
//! other, and each of them keeps offering its processor to whoever else wants to run.
//!
//! The operating system would slice between all of them. Who has just been woken would be one among many, and where it is
//! not at once the next in line, it would wait for a tick of the system's, 4 ms apart on many. With one long turn a
//! processor, which makes way by itself each [`OFFER`], it hardly waits.

use greenroom_plane::Gate;
use std::cell::Cell;
use std::time::Duration;

/// A turn is a long one when it has run for longer.
const LONG: Duration = Duration::from_millis(1);
/// How often long turns offer their processors, when all are theirs.
pub(crate) const OFFER: Duration = Duration::from_micros(100);
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

    /// The turn on this worker has `ran` for so long. If it is a long one, it waits until it may run. `now` tells the tick,
    /// and `stay` whether the turn is to go on at all; if not, it waits no longer, and ends beside those that may run.
    pub(crate) fn wait(&self, ran: Duration, now: impl Fn() -> u64, stay: impl Fn() -> bool) {
        if ran < LONG {
            return;
        }
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

    /// Whether as many long turns run as may.
    pub(crate) fn is_full(&self) -> bool {
        self.0.is_full()
    }

    /// A turn that waits may be one that is to go on no longer.
    pub(crate) fn rouse(&self) {
        self.0.rouse();
    }
}
