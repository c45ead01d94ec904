//! How many places of a mailbox are taken, whether it is closed, and whether somebody waits: all in one number, so that
//! each step sees all of it.

use crate::sync::{AtomicUsize, Ordering};

/// Nothing comes in any more.
const CLOSED: usize = 1 << (usize::BITS - 1);
/// Somebody waits for a place: who frees one tells them.
const AWAITED: usize = CLOSED >> 1;
/// The places that are taken.
const TAKEN: usize = AWAITED - 1;

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoPlace {
    /// As many messages wait, or are promised, as there are places.
    Full,
    /// The actor has ended.
    Closed,
}

#[derive(Debug)]
pub(crate) struct Room {
    /// How many may be taken.
    limit: usize,
    state: AtomicUsize,
}

impl Room {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit: limit.min(TAKEN), state: AtomicUsize::new(0) }
    }

    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    pub(crate) fn taken(&self) -> usize {
        self.state.load(Ordering::Acquire) & TAKEN
    }

    /// Takes a place.
    pub(crate) fn take(&self) -> Result<(), NoPlace> {
        let taken = self.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, |state| {
            (state & CLOSED == 0 && state & TAKEN < self.limit).then_some(state + 1)
        });
        match taken {
            Ok(_) => Ok(()),
            Err(state) if state & CLOSED != 0 => Err(NoPlace::Closed),
            Err(_) => Err(NoPlace::Full),
        }
    }

    /// Takes a place, or notes that somebody waits for one. In one step: a place that is freed afterwards is told of.
    pub(crate) fn take_or_await(&self) -> Result<(), NoPlace> {
        let before = self.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, |state| match state {
            closed if closed & CLOSED != 0 => None,
            full if full & TAKEN >= self.limit => Some(full | AWAITED),
            free => Some(free + 1),
        });
        match before {
            Err(_) => Err(NoPlace::Closed),
            Ok(before) if before & TAKEN >= self.limit => Err(NoPlace::Full),
            Ok(_) => Ok(()),
        }
    }

    /// Takes a place, even if that is one more than there are.
    pub(crate) fn take_anyway(&self) {
        self.state.fetch_add(1, Ordering::AcqRel);
    }

    /// Gives a place back. Whether somebody waits for it.
    #[must_use = "who waits has to be told"]
    pub(crate) fn give(&self) -> bool {
        self.state.fetch_sub(1, Ordering::AcqRel) & AWAITED != 0
    }

    /// Nobody waits any more.
    pub(crate) fn forget_waiting(&self) {
        self.state.fetch_and(!AWAITED, Ordering::AcqRel);
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.state.load(Ordering::Acquire) & CLOSED != 0
    }

    pub(crate) fn close(&self) {
        self.state.fetch_or(CLOSED, Ordering::AcqRel);
    }
}
