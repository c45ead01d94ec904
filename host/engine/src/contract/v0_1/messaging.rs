//! `messaging`: sending, and asking without waiting.

use super::bindings::greenroom::actor::messaging::Host;
use super::bindings::greenroom::actor::types::{Address, AskError, Message, SendError};
use super::convert;
use crate::guest::Guest;
use crate::mailbox::Place;
use crate::turn::Effect;
use greenroom_core::Request;
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
        let (place, message) = self.place(to, message)?;
        self.effect(Effect::Send { place, message });
        Ok(())
    }

    fn start_ask(&mut self, to: Address, message: Message, timeout: u64) -> Result<u64, AskError> {
        let timeout = ask_timeout(timeout)?;
        let (place, message) = self.place(to, message).map_err(convert::as_ask_error)?;
        if !place.actor().is_up() {
            return Err(AskError::Restarting);
        }
        let request = self.shared.asks().reserve();
        self.effect(Effect::Ask { place, request, message, timeout });
        Ok(request.0)
    }

    fn reply(&mut self, request: u64, answer: Result<Message, String>) -> Result<(), SendError> {
        let answer = match answer {
            Ok(message) => Ok(convert::message(message).map_err(|error| SendError::Invalid(error.to_string()))?),
            Err(why) => Err(why),
        };
        // Only who was asked may answer; anybody else's answer is one that nobody waits for.
        let request = Request(request);
        if self.shared.asks().target(request) == Some(self.cell.address) {
            self.effect(Effect::Reply { request, answer });
        }
        Ok(())
    }
}

/// A question's time, in range.
pub(super) fn ask_timeout(nanoseconds: u64) -> Result<Duration, AskError> {
    let timeout = Duration::from_nanos(nanoseconds);
    match (SHORTEST..=LONGEST).contains(&timeout) {
        true => Ok(timeout),
        false => Err(AskError::Invalid(format!("a question waits for 1 ms to 1 h, not {timeout:?}"))),
    }
}

impl Guest {
    /// Takes a place for a message, or says why there is none. Waits for one where the receiver's mailbox says so.
    pub(super) fn place(
        &mut self,
        to: Address,
        message: Message,
    ) -> Result<(Place, greenroom_core::Message), SendError> {
        let message = convert::message(message).map_err(|error| SendError::Invalid(error.to_string()))?;
        let cell = self.shared.cells.get(convert::core_address(to)).ok_or(SendError::NoActor)?;
        let limit = cell.max_message();
        if message.body.len() > limit as usize {
            return Err(SendError::TooLarge(limit));
        }
        match self.reserve(&cell) {
            Ok(place) => Ok((place, message)),
            Err(NoPlace::Full) => Err(SendError::MailboxFull),
            Err(NoPlace::Closed) => Err(SendError::NoActor),
        }
    }
}
