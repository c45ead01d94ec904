//! What is counted at each turn and message, by every worker: each thread on cache lines of its own, so that counting is
//! nothing that workers share.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// Lines. More threads than that share some, which costs time and counts as well.
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
    /// Which line this thread has.
    static LINE: usize = {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        NEXT.fetch_add(1, Ordering::Relaxed) % LINES
    };
}

impl Tally {
    fn line(&self) -> &Line {
        &self.0[LINE.with(|line| *line)]
    }

    fn sum(&self, of: impl Fn(&Line) -> &AtomicU64) -> u64 {
        self.0.iter().map(|line| of(line).load(Ordering::Relaxed)).sum()
    }

    /// A turn begins.
    pub(crate) fn turn(&self) {
        self.line().turns.fetch_add(1, Ordering::Relaxed);
    }

    /// A mailbox has taken a message in.
    pub(crate) fn message(&self) {
        self.line().messages.fetch_add(1, Ordering::Relaxed);
    }

    /// Turns have taken so long.
    pub(crate) fn took(&self, time: Duration) {
        self.line().turn_nanoseconds.fetch_add(time.as_nanos() as u64, Ordering::Relaxed);
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
