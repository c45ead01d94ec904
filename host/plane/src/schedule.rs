//! Whether an actor is queued or runs: at most one worker gets it, and no reason to run is overlooked.

use crate::sync::{AtomicU8, Ordering};

const IDLE: u8 = 0;
const QUEUED: u8 = 1;
const RUNNING: u8 = 2;
/// Running, and woken meanwhile: it is queued again afterwards, so that nothing is overlooked.
const RUNNING_AGAIN: u8 = 3;

/// An actor's place in the run queue.
///
/// Each step reads and writes in one, also where the state stays what it is. So whatever a thread has done before
/// [`Schedule::wake`], the run that follows sees, with or without a lock: either the waker's step comes first, and
/// [`Schedule::begin`] takes over what it has seen; or the waker finds the actor running, and it runs again.
#[derive(Debug)]
pub struct Schedule(AtomicU8);

impl Default for Schedule {
    fn default() -> Self {
        Self(AtomicU8::new(IDLE))
    }
}

impl Schedule {
    /// There is a reason to run. True: the caller puts the actor into the run queue. False: it is there already, or is
    /// going to be.
    #[must_use = "who is told so queues the actor"]
    pub fn wake(&self) -> bool {
        let woken = self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, |state| match state {
            IDLE => Some(QUEUED),
            RUNNING => Some(RUNNING_AGAIN),
            same => Some(same),
        });
        woken == Ok(IDLE)
    }

    /// A worker has taken the actor from the run queue, and runs it.
    pub fn begin(&self) {
        self.0.swap(RUNNING, Ordering::AcqRel);
    }

    /// The run is over; `more` says that there was more to do. True: the caller puts the actor into the run queue again.
    #[must_use = "who is told so queues the actor"]
    pub fn end(&self, more: bool) -> bool {
        if !more && self.0.compare_exchange(RUNNING, IDLE, Ordering::AcqRel, Ordering::Acquire).is_ok() {
            return false;
        }
        self.0.swap(QUEUED, Ordering::AcqRel);
        true
    }
}
