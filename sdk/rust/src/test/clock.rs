//! Virtual time.

use super::world::{Pending, World};
use crate::{AskError, Duration, Envelope, Instant};

impl World {
    /// When something happens next by itself.
    pub(super) fn next_due(&self) -> Option<Instant> {
        let timers = self.timers.iter().map(|timer| timer.due);
        timers.chain(self.asks.values().map(|ask| ask.due)).min()
    }

    /// Goes to `until`, with everything that is due on the way, in order.
    pub(super) fn advance(&mut self, until: Instant) {
        self.run();
        while let Some(due) = self.next_due().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            self.fire();
            self.run();
        }
        self.now = self.now.max(until);
    }

    /// What is due now.
    pub(super) fn fire(&mut self) {
        let now = self.now;
        let mut due: Vec<Pending> = self.timers.iter().filter(|timer| timer.due <= now).cloned().collect();
        due.sort_by_key(|timer| (timer.due, timer.id));
        self.timers.retain_mut(|timer| {
            let Some(every) = timer.every else { return timer.due > now };
            // Drift-free: from when it was due, not from now.
            while timer.due <= now {
                timer.due = timer.due + Duration::from_nanos(every);
            }
            true
        });
        for Pending { owner, to, message, .. } in due {
            let envelope = Envelope { sender: Some(owner), request: None, topic: None, message };
            self.mail.push_back((to, envelope));
        }
        let late: Vec<u64> = self.asks.iter().filter(|(_, ask)| ask.due <= now).map(|(id, _)| *id).collect();
        for request in late {
            self.answer(request, Err(AskError::TimedOut));
        }
    }

    /// Lets time pass until a question has its answer, as a wait inside a turn does.
    pub(super) fn wait(&mut self, request: u64) -> Result<crate::Message, AskError> {
        loop {
            self.run();
            if let Some(answer) = self.answers.remove(&request) {
                return answer;
            }
            match self.next_due() {
                Some(due) => {
                    self.now = self.now.max(due);
                    self.fire();
                }
                // Every question has a time by which it is over, so this is not reached.
                None => return Err(AskError::TimedOut),
            }
        }
    }

    /// Whether an answer can never come: whoever would give it waits itself, in a turn.
    pub(super) fn waits(&self, whom: crate::Address) -> bool {
        self.actors.get(&whom).is_some_and(|actor| actor.runner.is_none() && !actor.stranger && actor.ended.is_none())
    }
}
