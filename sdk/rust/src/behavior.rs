//! Behaviours as values: each handles a message and says which one handles the next.

use crate::{Actor, Context, Next, Result};

/// One of an actor's behaviours, as a value. An actor that has several holds the [`Current`] one.
///
/// ```
/// use greenroom::prelude::*;
///
/// struct Light(Current<Self>);
///
/// #[derive(Serialize, Deserialize)]
/// #[serde(rename_all = "kebab-case")]
/// enum Press {
///     Press,
///     IsOn,
/// }
///
/// struct Off;
/// struct On;
///
/// impl Behavior<Light> for Off {
///     fn handle(&mut self, message: Press, ctx: &mut Context<Light>) -> Result<Then<Light>> {
///         match message {
///             Press::Press => Ok(Then::to(On)),
///             Press::IsOn => ctx.reply(&false).map(Then::Next),
///         }
///     }
/// }
///
/// impl Behavior<Light> for On {
///     fn handle(&mut self, message: Press, ctx: &mut Context<Light>) -> Result<Then<Light>> {
///         match message {
///             Press::Press => Ok(Then::to(Off)),
///             Press::IsOn => ctx.reply(&true).map(Then::Next),
///         }
///     }
/// }
///
/// impl Actor for Light {
///     type Config = ();
///     type Message = Press;
///
///     fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
///         Ok(Self(Current::new(Off)))
///     }
///
///     fn handle(&mut self, message: Press, ctx: &mut Context<Self>) -> Result<Next> {
///         self.0.handle(message, ctx)
///     }
/// }
/// # let mut light = greenroom::test::Test::<Light>::start(());
/// # light.tell(Press::Press);
/// # assert_eq!(light.ask::<bool>(Press::IsOn), Ok(true));
/// ```
pub trait Behavior<A: Actor>: 'static {
    /// Handles one message.
    ///
    /// # Errors
    /// As [`Actor::handle`].
    fn handle(&mut self, message: A::Message, ctx: &mut Context<A>) -> Result<Then<A>>;
}

/// What comes after a message that a [`Behavior`] handled.
pub enum Then<A> {
    /// Another behaviour of this actor. What was put aside with [`Next::Defer`] is delivered again.
    To(Box<dyn Behavior<A>>),
    /// Whatever else there is.
    Next(Next),
}

impl<A: Actor> Then<A> {
    /// The same behaviour.
    pub const SAME: Self = Self::Next(Next::Same);
    /// The message is put aside until another behaviour comes.
    pub const DEFER: Self = Self::Next(Next::Defer);
    /// The actor ends, as planned.
    pub const STOP: Self = Self::Next(Next::Stop);

    /// Another behaviour of this actor.
    pub fn to(behavior: impl Behavior<A>) -> Self {
        Self::To(Box::new(behavior))
    }
}

/// The behaviour that an actor has now.
pub struct Current<A>(Box<dyn Behavior<A>>);

impl<A: Actor> Current<A> {
    /// Begins with a behaviour.
    pub fn new(behavior: impl Behavior<A>) -> Self {
        Self(Box::new(behavior))
    }

    /// Has the behaviour handle a message, and takes on the next one.
    ///
    /// # Errors
    /// The behaviour's own.
    pub fn handle(&mut self, message: A::Message, ctx: &mut Context<A>) -> Result<Next> {
        match self.0.handle(message, ctx)? {
            Then::To(next) => {
                self.0 = next;
                Ok(Next::Changed)
            }
            Then::Next(next) => Ok(next),
        }
    }
}
