//! Whether anything goes on of which more may come. When nothing does, all is quiet until somebody from outside begins.

use crate::sync::{Apart, AtomicUsize, Ordering};
use std::fmt;

/// How many things go on: workers that have work, a run [`Queue`](crate::Queue) with somebody in it, and whatever else its
/// host says. Not who is queued and not who is sent to: a worker has begun before it takes somebody on, and has ended only
/// when there was nobody left to take on. So no message is counted.
pub struct Activity {
    count: Apart<AtomicUsize>,
    quiet: Box<dyn Fn() + Send + Sync>,
}

impl fmt::Debug for Activity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Activity({})", self.count.0.load(Ordering::Relaxed))
    }
}

impl Activity {
    /// Nothing goes on. `quiet` is called each time that the last thing has ended, also under a lock of the queue's: it
    /// must not use that.
    pub(crate) fn new(quiet: impl Fn() + Send + Sync + 'static) -> Self {
        Self { count: Apart(AtomicUsize::new(0)), quiet: Box::new(quiet) }
    }

    /// One thing more goes on. Who calls this does something that goes on already, or comes from outside.
    pub fn begin(&self) {
        self.count.0.fetch_add(1, Ordering::AcqRel);
    }

    /// One thing less goes on: what has come of it has begun.
    pub fn end(&self) {
        if self.count.0.fetch_sub(1, Ordering::AcqRel) == 1 {
            (self.quiet)();
        }
    }

    /// Whether nothing goes on.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.count.0.load(Ordering::Acquire) == 0
    }
}
