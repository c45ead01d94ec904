//! An order to a supervisor, not yet given.

use super::spec::{ChildSpec, One};
use crate::codec::{self, Misfit};
use crate::{Actor, Address, AskError, Context, Duration, Message, Question};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::marker::PhantomData;

/// What a supervisor is to do, with what it answers.
#[derive(Debug)]
#[must_use = "an order does nothing before it is asked"]
pub struct Order<T> {
    to: Address,
    message: Result<Message, Misfit>,
    answer: PhantomData<fn() -> T>,
}

/// The orders as they travel.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Wire<'a> {
    StartChild(&'a ChildSpec),
    #[serde(rename = "start-child")]
    StartOne(&'a One),
    TerminateChild {
        child: String,
    },
    RestartChild {
        child: String,
    },
    DeleteChild {
        child: String,
    },
    WhichChildren,
    CountChildren,
}

impl<T> Order<T> {
    pub(super) fn new(to: Address, wire: &Wire<'_>) -> Self {
        Self { to, message: codec::write(wire), answer: PhantomData }
    }
}

impl<T: DeserializeOwned> Order<T> {
    fn message(&self) -> Result<&Message, AskError> {
        self.message.as_ref().map_err(|misfit| AskError::Invalid(misfit.to_string()))
    }

    /// Gives it, and goes on: the answer comes as the message that `then` makes of it, see [`Context::ask`]. A start takes as
    /// long as the child's, a stop as long as the child's shutdown time, and both wait until the supervisor is done with
    /// what it is at.
    ///
    /// # Errors
    /// [`AskError`], when it is clear at once that no answer can come.
    pub fn ask<A: Actor>(
        &self,
        ctx: &mut Context<A>,
        timeout: impl Into<Duration>,
        then: fn(Result<T, AskError>) -> A::Message,
    ) -> Result<Question, AskError>
    where
        A::Message: Serialize,
    {
        ctx.ask(self.to, self.message()?, timeout, then)
    }

    /// Gives it, and waits for the answer in the turn: see [`Context::ask_wait`] for what that costs.
    ///
    /// # Errors
    /// [`AskError`].
    pub fn ask_wait<A: Actor>(&self, ctx: &mut Context<A>, timeout: impl Into<Duration>) -> Result<T, AskError> {
        ctx.ask_wait(self.to, self.message()?, timeout)
    }
}
