//! What an author writes: an actor.

use crate::{Address, Context, Monitor, Next, Reason, Result};
use serde::de::DeserializeOwned;

/// An actor: it handles one message at a time, in a *turn*. What it asks for in a turn (a send, a timer, an output) takes
/// effect when the turn ends well; a turn that panics, runs out of time or returns an error leaves nothing.
///
/// ```
/// use greenroom::prelude::*;
///
/// /// Counts what it is told to count.
/// struct Counter {
///     count: u64,
/// }
///
/// #[derive(Serialize, Deserialize)]
/// #[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
/// enum Count {
///     Add { how_many: u64 },
///     HowMany,
/// }
///
/// impl Actor for Counter {
///     type Config = ();
///     type Message = Count;
///
///     fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
///         Ok(Self { count: 0 })
///     }
///
///     fn handle(&mut self, message: Count, ctx: &mut Context<Self>) -> Result<Next> {
///         match message {
///             Count::Add { how_many } => self.count += how_many,
///             Count::HowMany => return ctx.reply(&self.count),
///         }
///         Ok(Next::Same)
///     }
/// }
///
/// greenroom::export!(Counter);
///
/// // And its test, natively, without a host.
/// use greenroom::test::Test;
/// let mut counter = Test::<Counter>::start(());
/// counter.tell(Count::Add { how_many: 3 });
/// assert_eq!(counter.ask::<u64>(Count::HowMany), Ok(3));
/// ```
pub trait Actor: Sized + 'static {
    /// The manifest's table for it, `()` for none. A table that does not fit is a failed start that says why.
    type Config: DeserializeOwned;

    /// What it understands, mostly an enum: a message's `kind` is the variant in kebab-case, its JSON body the named
    /// fields. A message that does not fit goes to the dead letters and is refused with the kinds and fields that would;
    /// the actor does not see it. [`crate::Message`] sees everything as it is.
    ///
    /// A variant with one unnamed field of `Result<T, AskError>` is the answer to a question, see [`Context::ask`].
    type Message: DeserializeOwned;

    /// Starts the actor, in its first turn.
    ///
    /// # Errors
    /// A failed start; or [`Error::ignore`](crate::Error::ignore) when there is nothing to do.
    fn init(config: Self::Config, ctx: &mut Context<Self>) -> Result<Self>;

    /// Handles one message. Who asked and gets neither an answer nor a refusal by the end of the turn is refused, unless
    /// [`Context::request`] took the question over.
    ///
    /// # Errors
    /// The actor ends as `failed`, and what the turn asked for is dropped.
    fn handle(&mut self, message: Self::Message, ctx: &mut Context<Self>) -> Result<Next>;

    /// A linked actor ended. Only while [trapping exits](Context::trap_exits).
    ///
    /// # Errors
    /// As [`Actor::handle`].
    fn exited(&mut self, who: Address, why: Reason, ctx: &mut Context<Self>) -> Result<Next> {
        let _ = (who, why, ctx);
        Ok(Next::Same)
    }

    /// An actor that [`Context::monitor`] watches ended; this monitor is used up.
    ///
    /// # Errors
    /// As [`Actor::handle`].
    fn down(&mut self, monitor: Monitor, who: Address, why: Reason, ctx: &mut Context<Self>) -> Result<Next> {
        let _ = (monitor, who, why, ctx);
        Ok(Next::Same)
    }

    /// The supervisor asks for an orderly end: this is the last turn.
    fn stopping(&mut self, why: Reason, ctx: &mut Context<Self>) {
        let _ = (why, ctx);
    }
}
