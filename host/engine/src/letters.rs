//! Dead letters: the last messages that reached nobody, kept for people to look at.

use crate::shared::Shared;
use crate::view::DeadLetter;
use greenroom_core::Envelope;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Letters kept.
const KEPT: usize = 256;
/// Bytes of a body that are kept.
const BODY: usize = 1024;

/// The last dead letters, and how many there were.
#[derive(Debug, Default)]
pub(crate) struct Letters {
    kept: Mutex<VecDeque<DeadLetter>>,
    count: AtomicU64,
}

impl Letters {
    /// The kept ones, oldest first.
    pub(crate) fn list(&self) -> Vec<DeadLetter> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// How many there were since the start.
    pub(crate) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }
}

impl Shared {
    /// A message reached nobody. Who asked is told by the caller.
    pub(crate) fn dead_letter(&self, to: &str, envelope: &Envelope, why: &str) {
        self.letters.count.fetch_add(1, Ordering::Relaxed);
        let body = &envelope.message.body;
        let letter = DeadLetter {
            time: self.clock.wall().as_secs_f64(),
            to: to.to_owned(),
            from: envelope.sender.map(|sender| self.called(sender)),
            kind: envelope.message.kind.to_string(),
            body: String::from_utf8_lossy(&body[..body.len().min(BODY)]).into_owned(),
            why: why.to_owned(),
        };
        let mut kept = self.letters.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(letter);
    }
}
