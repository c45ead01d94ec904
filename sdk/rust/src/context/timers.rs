//! Messages at a later time. Timers end with the incarnation that set them, and carry over a swap with state.

use super::Context;
use crate::{Actor, Address, Duration, Message, Result, SendError, Sendable, Timer, host};
use serde::Serialize;

fn written(message: &(impl Sendable + ?Sized)) -> Result<Message, SendError> {
    message.message().map_err(|error| SendError::Invalid(error.to_string()))
}

impl<A: Actor> Context<A> {
    /// Sends a message to this actor itself, once, `delay` after the end of this turn: at most 366 days.
    ///
    /// # Errors
    /// [`SendError::Invalid`]: the delay is out of range.
    pub fn send_after(&self, delay: impl Into<Duration>, message: &A::Message) -> Result<Timer, SendError>
    where
        A::Message: Serialize,
    {
        self.send_after_to(delay, self.address(), message)
    }

    /// Sends a message to an actor, once, `delay` after the end of this turn: at most 366 days.
    ///
    /// # Errors
    /// [`SendError`], at once.
    pub fn send_after_to<M: Sendable + ?Sized>(
        &self,
        delay: impl Into<Duration>,
        to: Address,
        message: &M,
    ) -> Result<Timer, SendError> {
        host::send_after(delay.into().as_nanos(), to, &written(message)?).map(Timer)
    }

    /// Sends a message to this actor itself again and again, first after one `interval`: 1 ms to 366 days. Drift-free; a
    /// stall is made up by one message, not by a burst.
    ///
    /// # Errors
    /// [`SendError::Invalid`]: the interval is out of range.
    pub fn send_every(&self, interval: impl Into<Duration>, message: &A::Message) -> Result<Timer, SendError>
    where
        A::Message: Serialize,
    {
        self.send_every_to(interval, self.address(), message)
    }

    /// Sends a message to an actor again and again, as [`Context::send_every`].
    ///
    /// # Errors
    /// [`SendError`], at once.
    pub fn send_every_to<M: Sendable + ?Sized>(
        &self,
        interval: impl Into<Duration>,
        to: Address,
        message: &M,
    ) -> Result<Timer, SendError> {
        host::send_every(interval.into().as_nanos(), to, &written(message)?).map(Timer)
    }

    /// Cancels a timer. After this turn it does not fire; a message that it has already sent stays sent.
    pub fn cancel(&self, timer: Timer) {
        host::cancel(timer.0);
    }
}
