//! Dead letters: the last messages that reached nobody, kept for people to look at.

use crate::shared::Shared;
use crate::view::{DeadLetter, DeadLetters};
use greenroom_core::Envelope;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Letters kept.
const KEPT: usize = 256;
/// Bytes of a body that are kept.
const BODY: usize = 1024;

/// The last dead letters, and how many there were.
#[derive(Debug, Default)]
pub(crate) struct Letters {
    /// How many, and the kept ones: they are told of together.
    kept: Mutex<(u64, VecDeque<DeadLetter>)>,
}

impl Letters {
    fn kept(&self) -> MutexGuard<'_, (u64, VecDeque<DeadLetter>)> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As people see them.
    pub(crate) fn view(&self) -> DeadLetters {
        let kept = self.kept();
        DeadLetters { total: kept.0, letters: kept.1.iter().cloned().collect() }
    }

    /// How many there were since the start.
    pub(crate) fn total(&self) -> u64 {
        self.kept().0
    }

    fn keep(&self, letter: DeadLetter) {
        let mut kept = self.kept();
        kept.0 += 1;
        if kept.1.len() == KEPT {
            kept.1.pop_front();
        }
        kept.1.push_back(letter);
    }
}

impl Shared {
    /// A message reached nobody. Who asked is told by the caller.
    pub(crate) fn dead_letter(&self, to: &str, envelope: &Envelope, why: &str) {
        let body = &envelope.message.body;
        let letter = DeadLetter {
            time: self.clock.wall().as_secs_f64(),
            to: to.to_owned(),
            from: envelope.sender.map(|sender| self.called(sender)),
            kind: envelope.message.kind.to_string(),
            body: String::from_utf8_lossy(&body[..body.len().min(BODY)]).into_owned(),
            why: why.to_owned(),
        };
        self.letters.keep(letter);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ones_are_kept_and_all_are_counted() {
        let letters = Letters::default();
        for number in 0..KEPT as u64 + 3 {
            let (to, kind, body, why) = ("to".into(), "kind".into(), String::new(), "why".into());
            letters.keep(DeadLetter { time: number as f64, to, from: None, kind, body, why });
        }
        let view = letters.view();
        assert_eq!((view.total, letters.total(), view.letters.len()), (259, 259, 256));
        assert_eq!((view.letters[0].time, view.letters[255].time), (3.0, 258.0));
    }
}
