//! The hub's side of a cursor: what it hears, how far it has come, and what was dropped before it came there.

use greenroom_core::{Pattern, Topic};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

#[derive(Debug)]
pub(super) struct Listener {
    patterns: Vec<Pattern>,
    /// Only touched under the hub's lock, so it never waits; its own lock is there for the type.
    place: Mutex<Place>,
    /// Keeps one wake-up for later when nobody waits, so that none is lost between a look and a wait.
    awake: Notify,
}

#[derive(Debug)]
pub(super) struct Place {
    /// Everything up to this number was delivered, announced as lost, or is not for this listener.
    pub(super) position: u64,
    /// What was dropped beyond it and is not announced yet.
    pub(super) lost: Option<Lost>,
}

/// Messages that were dropped unread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lost {
    /// The highest number among them.
    pub(super) to: u64,
    /// How many there are, if that is known.
    pub(super) count: Option<u64>,
}

impl Lost {
    pub(super) fn uncounted(to: u64) -> Self {
        Self { to, count: None }
    }
}

impl Listener {
    pub(super) fn new(patterns: Vec<Pattern>, position: u64, lost: Option<Lost>) -> Self {
        Self { patterns, place: Mutex::new(Place { position, lost }), awake: Notify::new() }
    }

    pub(super) fn hears(&self, topic: &Topic) -> bool {
        self.patterns.iter().any(|pattern| pattern.matches(topic))
    }

    pub(super) fn place(&self) -> MutexGuard<'_, Place> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A message that this listener hears was dropped.
    pub(super) fn dropped(&self, seq: u64) {
        let mut place = self.place();
        if seq <= place.position {
            return;
        }
        place.lost = Some(match place.lost {
            None => Lost { to: seq, count: Some(1) },
            Some(Lost { to, count }) => Lost { to: to.max(seq), count: count.map(|count| count + 1) },
        });
    }

    pub(super) fn wake(&self) {
        self.awake.notify_one();
    }

    pub(super) async fn woken(&self) {
        self.awake.notified().await;
    }
}
