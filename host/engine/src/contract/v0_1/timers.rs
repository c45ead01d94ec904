//! `timers`: messages at a later time.

use super::bindings::greenroom::actor::timers::Host;
use super::bindings::greenroom::actor::types::{Address, Message, SendError};
use super::convert;
use crate::guest::Guest;
use crate::turn::{Alarm, Effect};
use greenroom_core::TimerId;
use std::time::Duration;

/// The longest time that a timer waits.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 3600);
/// The shortest time between two firings.
const SHORTEST: Duration = Duration::from_millis(1);

impl Host for Guest {
    fn send_after(&mut self, delay: u64, to: Address, message: Message) -> Result<u64, SendError> {
        self.set_timer(Duration::from_nanos(delay), None, to, message)
    }

    fn send_every(&mut self, interval: u64, to: Address, message: Message) -> Result<u64, SendError> {
        let interval = Duration::from_nanos(interval);
        self.set_timer(interval, Some(interval), to, message)
    }

    fn cancel(&mut self, timer: u64) {
        self.effect(Effect::CancelTimer(TimerId(timer)));
    }
}

impl Guest {
    fn set_timer(
        &mut self,
        delay: Duration,
        every: Option<Duration>,
        to: Address,
        message: Message,
    ) -> Result<u64, SendError> {
        if let Some(why) = refusal(delay, every.is_some()) {
            return Err(SendError::Invalid(why));
        }
        let message = convert::message(message).map_err(|error| SendError::Invalid(error.to_string()))?;
        let to = convert::core_address(to);
        let limit = self.shared.cells.get(to).ok_or(SendError::NoActor)?.max_message();
        if message.body.len() > limit as usize {
            return Err(SendError::TooLarge(limit));
        }
        let id = self.shared.number();
        self.effect(Effect::SetTimer(Box::new(Alarm { id: TimerId(id), delay, every, to, message })));
        Ok(id)
    }
}

/// Why a timer's time is none. `again`: it fires again and again.
pub(super) fn refusal(time: Duration, again: bool) -> Option<String> {
    match time {
        _ if again && time < SHORTEST => Some(format!("an interval is 1 ms to 366 days, not {time:?}")),
        _ if time > LONGEST => Some(format!("a timer waits for at most 366 days, not {time:?}")),
        _ => None,
    }
}
