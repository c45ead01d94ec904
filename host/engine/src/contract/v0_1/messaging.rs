//! `messaging`: sending, and asking without waiting.

use super::bindings::greenroom::actor::messaging::Host;
use super::bindings::greenroom::actor::types::{Address, AskError, Message, SendError};
use super::convert;
use crate::ask::Failure;
use crate::guest::Guest;
use crate::mailbox::{Answer, Place};
use crate::orders::{Draft, OrderError};
use crate::turn::Effect;
use greenroom_core::{Envelope, Request};
use greenroom_plane::NoPlace;
use std::time::Duration;

/// How long a question may stay open.
const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_secs(3600);

impl Host for Guest {
    fn own_address(&mut self) -> Address {
        convert::address(self.cell.address)
    }

    fn send(&mut self, to: Address, message: Message) -> Result<(), SendError> {
        let envelope = self.envelope(checked(message)?);
        self.send_envelope(to, envelope)
    }

    fn start_ask(&mut self, to: Address, message: Message, timeout: u64) -> Result<u64, AskError> {
        ask_timeout(timeout)?;
        let envelope = self.envelope(checked(message).map_err(convert::as_ask_error)?);
        self.ask_envelope(to, envelope, timeout)
    }

    fn reply(&mut self, request: u64, answer: Result<Message, String>) -> Result<(), SendError> {
        let answer = match answer {
            Ok(message) => Ok(checked(message)?),
            Err(why) => Err(Failure::Refused(why)),
        };
        self.hand_back(Box::new((Request(request), answer)))
    }
}

fn checked(message: Message) -> Result<greenroom_core::Message, SendError> {
    convert::message(message).map_err(|error| SendError::Invalid(error.to_string()))
}

/// A question's time, in range.
pub(super) fn ask_timeout(nanoseconds: u64) -> Result<Duration, AskError> {
    let timeout = Duration::from_nanos(nanoseconds);
    match (SHORTEST..=LONGEST).contains(&timeout) {
        true => Ok(timeout),
        false => Err(AskError::Invalid(format!("a question waits for 1 ms to 1 h, not {timeout:?}"))),
    }
}

/// Where a message goes.
pub(super) enum Target {
    /// Into a mailbox, where a place is taken.
    Actor(Place, Box<Envelope>),
    /// To a supervisor, as an order.
    Supervisor(greenroom_core::Address, Box<Draft>),
}

impl Guest {
    /// As `send`, of a message in its envelope.
    pub(super) fn send_envelope(&mut self, to: Address, envelope: Box<Envelope>) -> Result<(), SendError> {
        match self.target_of(to, envelope)? {
            Target::Actor(place, envelope) => _ = self.letter(place, envelope),
            Target::Supervisor(supervisor, draft) => {
                let request = self.shared.asks().reserve();
                self.effect(Effect::Order { supervisor, request, draft, timeout: None });
            }
        }
        Ok(())
    }

    /// As `start-ask`, of a message in its envelope.
    pub(super) fn ask_envelope(&mut self, to: Address, envelope: Box<Envelope>, timeout: u64) -> Result<u64, AskError> {
        let timeout = ask_timeout(timeout)?;
        let target = self.target_of(to, envelope).map_err(convert::as_ask_error)?;
        let request = self.shared.asks().reserve();
        let effect = match target {
            Target::Actor(place, _) if place.actor().is_restarting() => return Err(AskError::Restarting),
            Target::Actor(place, envelope) => Effect::Ask { place, request, envelope, timeout },
            Target::Supervisor(supervisor, draft) => {
                Effect::Order { supervisor, request, draft, timeout: Some(timeout) }
            }
        };
        self.effect(effect);
        Ok(request.0)
    }

    /// As `reply`, of an answer as it travels.
    pub(super) fn hand_back(&mut self, answer: Answer) -> Result<(), SendError> {
        // Only who was asked may answer; anybody else's answer is one that nobody waits for.
        let asker = match self.shared.asks().get(answer.0) {
            Some(ask) if ask.target == self.cell.address => ask.asker,
            _ => return Ok(()),
        };
        // Somebody outside has no manifest with a limit.
        let limit = asker.and_then(|asker| self.shared.cells.near(asker)).map(|asker| asker.max_message());
        match (&answer.1, limit) {
            (Ok(message), Some(limit)) if message.body.len() > limit as usize => Err(SendError::TooLarge(limit)),
            _ => {
                self.effect(Effect::Reply(answer));
                Ok(())
            }
        }
    }

    /// Takes a place for a message or understands it as an order, or says why not. Waits for a
    /// place where the receiver's mailbox says so.
    pub(super) fn target(&mut self, to: Address, message: Message) -> Result<Target, SendError> {
        let envelope = self.envelope(checked(message)?);
        self.target_of(to, envelope)
    }

    /// A message of this actor, on its way.
    pub(super) fn envelope(&self, message: greenroom_core::Message) -> Box<Envelope> {
        Box::new(Envelope { sender: Some(self.cell.address), request: None, topic: None, message })
    }

    fn target_of(&mut self, to: Address, envelope: Box<Envelope>) -> Result<Target, SendError> {
        let message = &envelope.message;
        let to = convert::core_address(to);
        let Some(cell) = self.shared.cells.near(to) else {
            let name = self.shared.supervisor(to).ok_or(SendError::NoActor)?;
            let draft =
                self.shared.draft(&name, message, |wanted| self.granted(wanted)).map_err(|error| match error {
                    OrderError::NotGranted(grant) => SendError::NotGranted(grant),
                    error => SendError::Invalid(error.to_string()),
                })?;
            return Ok(Target::Supervisor(to, Box::new(draft)));
        };
        let limit = cell.max_message();
        if message.body.len() > limit as usize {
            return Err(SendError::TooLarge(limit));
        }
        match self.reserve(cell) {
            Ok(place) => Ok(Target::Actor(place, envelope)),
            Err(NoPlace::Full) => Err(SendError::MailboxFull),
            Err(NoPlace::Closed) => Err(SendError::NoActor),
        }
    }
}
