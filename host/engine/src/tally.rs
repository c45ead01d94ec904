//! What is counted at each turn and message, by every worker: each thread on cache lines of its own, so that counting is
//! nothing that workers share.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// Lines. The first threads that count have one each, a host's workers among them; all others share the last one, which
/// costs them time and counts as well.
const LINES: usize = 16;

/// Counters since the start.
#[derive(Debug, Default)]
pub(crate) struct Tally([Line; LINES]);

/// What the threads that have this line have counted. Processors fetch two lines of 64 bytes at a time.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Line {
    turns: AtomicU64,
    messages: AtomicU64,
    turn_nanoseconds: AtomicU64,
}

thread_local! {
    /// Which line this thread has: in all hosts the same one.
    static LINE: usize = {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        NEXT.fetch_add(1, Ordering::Relaxed).min(LINES - 1)
    };
}

impl Tally {
    /// Adds to one of this thread's counters.
    fn add(&self, of: impl Fn(&Line) -> &AtomicU64, number: u64) {
        let line = LINE.with(|line| *line);
        let counter = of(&self.0[line]);
        if line < LINES - 1 {
            // Nobody else writes it.
            counter.store(counter.load(Ordering::Relaxed) + number, Ordering::Relaxed);
        } else {
            counter.fetch_add(number, Ordering::Relaxed);
        }
    }

    fn sum(&self, of: impl Fn(&Line) -> &AtomicU64) -> u64 {
        self.0.iter().map(|line| of(line).load(Ordering::Relaxed)).sum()
    }

    /// A turn begins.
    pub(crate) fn turn(&self) {
        self.add(|line| &line.turns, 1);
    }

    /// A mailbox has taken a message in.
    pub(crate) fn message(&self) {
        self.add(|line| &line.messages, 1);
    }

    /// Turns have taken so long.
    pub(crate) fn took(&self, time: Duration) {
        self.add(|line| &line.turn_nanoseconds, time.as_nanos() as u64);
    }

    /// Turns so far.
    pub(crate) fn turns(&self) -> u64 {
        self.sum(|line| &line.turns)
    }

    /// Messages so far.
    pub(crate) fn messages(&self) -> u64 {
        self.sum(|line| &line.messages)
    }

    /// How long all turns have taken, in nanoseconds.
    pub(crate) fn turn_nanoseconds(&self) -> u64 {
        self.sum(|line| &line.turn_nanoseconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_with_more_threads_than_lines() {
        let tally = Tally::default();
        std::thread::scope(|scope| {
            for _ in 0..2 * LINES {
                scope.spawn(|| (0..1000).for_each(|_| tally.message()));
            }
        });
        assert_eq!(tally.messages(), 2 * LINES as u64 * 1000);
    }
}
