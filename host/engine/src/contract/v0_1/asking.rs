//! `asking`: asking and waiting, on a fiber.

use super::bindings::greenroom::actor::asking::Host;
use super::bindings::greenroom::actor::types::{Address, AskError, Message};
use super::messaging::Target;
use super::{convert, messaging};
use crate::ask::{Failure, Waiter};
use crate::guest::Guest;
use greenroom_core::{Cycle, Request};

impl Host for Guest {
    async fn ask(&mut self, to: Address, message: Message, timeout: u64) -> Result<Message, AskError> {
        if self.is_silent() {
            return Err(AskError::Other("an export of `state` that only tells something may not ask".into()));
        }
        if !self.live {
            // Asking ends one turn and begins another: what it asked for so far would take effect before it takes over.
            return Err(AskError::Other("new code may not ask and wait before it has taken over".into()));
        }
        let timeout = messaging::ask_timeout(timeout)?;
        let goes = self.target(to, message).map_err(convert::as_ask_error)?;
        if matches!(&goes, Target::Actor(place, _) if place.actor().is_restarting()) {
            return Err(AskError::Restarting);
        }
        // What was asked for so far takes effect now: the other side may depend on it.
        self.split().commit(&self.shared, &self.cell);
        let (sender, answer) = tokio::sync::oneshot::channel();
        let asker = self.cell.address;
        let target = match &goes {
            Target::Actor(place, _) => place.actor().address,
            Target::Supervisor(supervisor, _) => *supervisor,
        };
        if self.shared.waits_for(target, asker) {
            return Err(AskError::WouldDeadlock(self.describe(&Cycle(vec![asker, target, asker]))));
        }
        let deadline = self.shared.now() + timeout;
        let request = {
            let mut asks = self.shared.asks();
            let request = asks.reserve();
            asks.block(request, asker, target, deadline, Waiter::Here(sender))
                .map(|()| request)
                .map_err(|cycle| AskError::WouldDeadlock(self.describe(&cycle)))?
        };
        let open = Open { guest: self, request };
        let shared = open.guest.shared.clone();
        match goes {
            Target::Actor(place, mut envelope) => {
                envelope.request = Some(request);
                shared.deliver(place, envelope);
            }
            Target::Supervisor(supervisor, draft) => shared.order(supervisor, request, *draft),
        }
        shared.due(deadline);
        let answer = answer.await;
        drop(open);
        // Another turn begins here, maybe on another thread.
        self.split();
        match answer {
            Ok(Ok(message)) => Ok(convert::wit_message(&message)),
            Ok(Err(failure)) => Err(convert::ask_error(&failure)),
            Err(_) => Err(convert::ask_error(&Failure::NoActor)),
        }
    }
}

/// An open question: closed when its asker is gone.
struct Open<'a> {
    guest: &'a mut Guest,
    request: Request,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.guest.shared.asks().close(self.request);
    }
}

impl Guest {
    fn describe(&self, cycle: &Cycle) -> String {
        cycle.0.iter().map(|address| self.shared.called(*address)).collect::<Vec<_>>().join(" asks ")
    }
}
