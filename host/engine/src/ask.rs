//! Questions on the data plane: how each kind of asker is told its answer.

use crate::mailbox::Answer;
use crate::shared::Shared;
use greenroom_core::{Address, Ask, Message, Reason, Request};
use std::sync::Arc;

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    NoActor,
    TimedOut,
    Refused(String),
    Ended(Reason),
}

/// How an asker is told.
#[derive(Debug)]
pub(crate) enum Waiter {
    /// Somebody outside, or a fiber that stands still.
    Here(tokio::sync::oneshot::Sender<Result<Message, Failure>>),
    /// An actor, if it still runs as what asked.
    Actor { address: Address, generation: u64 },
}

impl Shared {
    /// Closes a question with its answer. Nothing happens if nobody waits for it any more.
    pub(crate) fn answer(self: &Arc<Self>, request: Request, answer: Result<Message, Failure>) {
        self.hand_back(Box::new((request, answer)));
    }

    /// As [`Shared::answer`], of an answer as it travels.
    pub(crate) fn hand_back(self: &Arc<Self>, answer: Answer) {
        let ask = self.asks().close(answer.0);
        if let Some(ask) = ask {
            self.tell_asker(ask, answer);
        }
    }

    pub(crate) fn tell_asker(self: &Arc<Self>, ask: Ask<Waiter>, answer: Answer) {
        match ask.waiter {
            // Who has gone away in the meantime is not told.
            Waiter::Here(sender) => drop(sender.send(answer.1)),
            Waiter::Actor { address, generation } => {
                if let Some(cell) = self.cells.near(address).filter(|cell| cell.generation() == generation) {
                    cell.answer(answer);
                }
            }
        }
    }
}
