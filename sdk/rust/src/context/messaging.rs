//! Sending, asking and answering.

use super::Context;
use crate::codec::Misfit;
use crate::message::lend;
use crate::{
    Actor, Address, AskError, Duration, Next, Question, Request, Result, SendError, Sendable, codec, host, instance,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

#[cold]
fn invalid(misfit: Misfit) -> AskError {
    AskError::Invalid(misfit.to_string())
}

impl<A: Actor> Context<A> {
    /// Sends a message: at most once, in order between this actor and that one.
    ///
    /// # Errors
    /// [`SendError`], at once; nothing was sent.
    pub fn tell<M: Sendable + ?Sized>(&self, to: Address, message: &M) -> Result<(), SendError> {
        lend(message, |kind, body| host::send(to, kind, body))
            .map_err(|misfit| SendError::Invalid(misfit.to_string()))?
    }

    /// Asks, and goes on: the answer comes as a message of this actor's own, the one that `then` makes of it. `then` is
    /// a variant with one unnamed field, a `Result<T, AskError>`, by its name; `T` is what the answer is read as. Nobody
    /// else can send that message, and it survives a swap. With several questions open, [`Context::answers`] says to which
    /// one it is the answer. `timeout` counts from the end of the turn: 1 ms to 1 h.
    ///
    /// ```
    /// use greenroom::prelude::*;
    /// # struct Shopper;
    /// #[derive(Serialize, Deserialize)]
    /// #[serde(rename_all = "kebab-case")]
    /// enum Shopping {
    ///     Go,
    ///     Price(Result<f64, AskError>),
    /// }
    ///
    /// # impl Actor for Shopper {
    /// #     type Config = ();
    /// #     type Message = Shopping;
    /// #     fn init(_: (), _: &mut Context<Self>) -> Result<Self> { Ok(Self) }
    /// fn handle(&mut self, message: Shopping, ctx: &mut Context<Self>) -> Result<Next> {
    ///     match message {
    ///         Shopping::Go => {
    ///             let shop = ctx.lookup("shop")?.ok_or(Error::new("there is no shop"))?;
    ///             ctx.ask(shop, &Message::new("price", []), 1.s(), Shopping::Price)?;
    ///         }
    ///         Shopping::Price(Ok(price)) => info!("it costs {price}"),
    ///         Shopping::Price(Err(why)) => warn!("no price: {why}"),
    ///     }
    ///     Ok(Next::Same)
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`AskError`], when it is clear at once that no answer can come; [`AskError::Invalid`] also when `then` is another
    /// kind of variant.
    pub fn ask<M: Sendable + ?Sized, T>(
        &mut self,
        to: Address,
        message: &M,
        timeout: impl Into<Duration>,
        then: fn(Result<T, AskError>) -> A::Message,
    ) -> Result<Question, AskError>
    where
        A::Message: Serialize,
    {
        // What is kept is the kind alone, so that the answer finds its way in code that was swapped in meanwhile.
        let kind = match &self.asked {
            // Of the same function, the kind is the same.
            Some((known, kind)) if *known == then as usize => kind.clone(),
            _ => {
                let kind = lend(&then(Err(AskError::TimedOut)), |kind, _| kind.to_owned()).map_err(invalid)?;
                // Now, and not when the answer comes: such a variant can be made of no answer.
                codec::answer::<A::Message>(&kind, Err(AskError::TimedOut)).map_err(invalid)?;
                self.asked = Some((then as usize, kind.clone()));
                kind
            }
        };
        let request = lend(message, |kind, body| host::start_ask(to, kind, body, timeout.into().as_nanos()))
            .map_err(invalid)??;
        self.asks.push((request, kind));
        self.take = Some(instance::take);
        Ok(Question(request))
    }

    /// Asks, and waits for the answer: what the turn asked for so far takes effect now, and another turn begins with the
    /// answer. A component that does this runs on a fiber, which costs memory and time; [`Context::ask`] does not.
    ///
    /// # Errors
    /// [`AskError`]; with [`AskError::Other`] when the answer does not fit `T`.
    pub fn ask_wait<M: Sendable + ?Sized, T: DeserializeOwned>(
        &mut self,
        to: Address,
        message: &M,
        timeout: impl Into<Duration>,
    ) -> Result<T, AskError> {
        let answer = host::ask(to, &message.message().map_err(invalid)?, timeout.into().as_nanos())?;
        codec::read(&answer).map_err(|misfit| AskError::Other(format!("the answer does not fit: {misfit}")))
    }

    /// Answers the question of this turn. Nothing happens when nobody asks, or it has been answered. An enum's variant is
    /// the kind of the answer, and anything else is of kind `answer`.
    ///
    /// # Errors
    /// The answer cannot be sent, such as one that is too long.
    pub fn reply<M: Sendable + ?Sized>(&mut self, answer: &M) -> Result<Next> {
        if let Some(request) = self.turn.request.take() {
            lend(answer, |kind, body| host::reply(request, kind, body))??;
        }
        Ok(Next::Same)
    }

    /// Refuses the message of this turn with a text that says what would be right. When nobody asks, it goes to the dead
    /// letters with that text.
    ///
    /// # Errors
    /// The refusal cannot be sent.
    pub fn refuse(&mut self, why: impl Into<String>) -> Result<Next> {
        match self.turn.request.take() {
            Some(request) => host::refuse(request, &why.into()).map(|()| Next::Same).map_err(Into::into),
            None => Ok(Next::Unhandled(why.into())),
        }
    }

    /// Answers a question that was taken over with [`Context::request`].
    ///
    /// # Errors
    /// As [`Context::reply`].
    pub fn reply_to<M: Sendable + ?Sized>(&mut self, request: Request, answer: &M) -> Result<()> {
        Ok(lend(answer, |kind, body| host::reply(request.0, kind, body))??)
    }

    /// Refuses a question that was taken over with [`Context::request`].
    ///
    /// # Errors
    /// As [`Context::reply`].
    pub fn refuse_to(&mut self, request: Request, why: &str) -> Result<()> {
        Ok(host::refuse(request.0, why)?)
    }
}
