//! Instances that their actors have left, made new, for the next ones: for an actor that is started again after a trap, for
//! those that come and go, and for those that sleep.

use crate::contract::v0_1::direct::calls::Calls;
use crate::guest::Seat;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use wasmtime::Store;

/// Of each component at most. On each worker there is one at a time that ends while another one begins.
const MOST: usize = 8;

/// Those of one component.
pub(super) struct Spares {
    waiting: Mutex<Vec<Spare>>,
    /// Of all components of the same memory class.
    all: Arc<AtomicUsize>,
}

pub(super) type Spare = (Store<Seat>, Box<Calls>);

impl Spares {
    /// None yet.
    pub(super) fn new(all: &Arc<AtomicUsize>) -> Self {
        Self { waiting: Mutex::default(), all: all.clone() }
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Spare>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One of them.
    pub(super) fn take(&self) -> Option<Spare> {
        let spare = self.waiting().pop()?;
        self.all.fetch_sub(1, Ordering::Relaxed);
        Some(spare)
    }

    /// Whether there is room for one more.
    pub(super) fn has_room(&self) -> bool {
        self.waiting().len() < MOST
    }

    /// Keeps one, which is nobody's and new. Two at once may be one too many.
    pub(super) fn keep(&self, spare: Spare) {
        self.all.fetch_add(1, Ordering::Relaxed);
        self.waiting().push(spare);
    }

    /// Drops all of them. Whether there were any.
    pub(super) fn clear(&self) -> bool {
        let dropped = std::mem::take(&mut *self.waiting());
        self.all.fetch_sub(dropped.len(), Ordering::Relaxed);
        !dropped.is_empty()
    }
}

impl Drop for Spares {
    fn drop(&mut self) {
        self.clear();
    }
}
