//! An actor as the host runs it: the contract's exports on one side, the author's [`Actor`] on the other.
//!
//! Neighbours on a message's path: the export macro (or [`crate::test`]) before it, [`codec`] and the actor after it.

use crate::message::Parts;
use crate::state::{self, Occasion, State};
use crate::{Actor, Address, AskError, Context, Envelope, Error, Message, Monitor, Next, Reason, Result};
use crate::{codec, host, warn};
use std::mem;

type Init<A> = fn(<A as Actor>::Config, &mut Context<A>) -> Result<A>;
type Handle<A> = fn(&mut A, <A as Actor>::Message, &mut Context<A>) -> Result<Next>;

/// An actor with its context: what the export macro keeps.
#[doc(hidden)]
pub struct Instance<A> {
    actor: Option<A>,
    context: Context<A>,
}

impl<A> Instance<A> {
    /// One that has not been started.
    #[expect(clippy::new_without_default, reason = "`default` is no const function, and a static needs one")]
    pub const fn new() -> Self {
        Self { actor: None, context: Context::new() }
    }
}

/// A function of the author's as it is, not as a part of the export that calls it: the report of a trap is to have its name.
fn named<F>(function: F) -> F {
    std::hint::black_box(function)
}

fn text(error: Error) -> String {
    error.to_string()
}

/// Has the actor handle an answer as the message of a kind.
pub(crate) fn take<A: Actor>(
    actor: &mut A,
    context: &mut Context<A>,
    kind: &str,
    answer: Result<Parts<'_>, AskError>,
) -> Result<Next> {
    match codec::answer(kind, answer) {
        Ok(message) => named(A::handle as Handle<A>)(actor, message, context),
        // After a swap to code that knows the continuation no more.
        Err(misfit) => {
            warn!("an answer came for which there is no message any more: {misfit}");
            Ok(Next::Same)
        }
    }
}

impl<A: Actor> Instance<A> {
    /// `behavior.init`: whether there is an actor now; without one, it is to be ignored.
    pub fn init(&mut self, config: &str) -> Result<bool, String> {
        host::catch_panics();
        match codec::config(config).and_then(|config| named(A::init as Init<A>)(config, &mut self.context)) {
            Ok(actor) => self.actor = Some(actor),
            Err(error) if error.is_ignore() => return Ok(false),
            Err(error) => return Err(text(error)),
        }
        Ok(true)
    }

    /// `behavior.handle`.
    pub fn handle(&mut self, envelope: Envelope) -> Result<Next, String> {
        let Envelope { sender, request, topic, message } = envelope;
        self.begin(sender, request, topic.as_deref());
        self.receive(&message.kind, &message.body)
    }

    /// Says what the next message is about.
    #[inline]
    pub fn begin(&mut self, sender: Option<Address>, request: Option<u64>, topic: Option<&str>) {
        self.context.begin(sender, request, topic);
    }

    /// The message that [`Instance::begin`] told of. A part of who calls it: its arguments are more than go in registers.
    #[inline(always)]
    pub fn receive(&mut self, kind: &str, body: &[u8]) -> Result<Next, String> {
        if self.context.is_ending() {
            // Not this incarnation's any more.
            return Ok(Next::Defer);
        }
        let next = match codec::read_parts(kind, body) {
            Ok(typed) => self.turn(|actor, context| named(A::handle as Handle<A>)(actor, typed, context)),
            Err(misfit) => {
                self.context.end();
                Ok(Next::Unhandled(misfit.to_string()))
            }
        };
        self.context.leave(kind, matches!(next, Ok(Next::Same | Next::Changed | Next::Become(_))));
        next
    }

    /// `signals.exited`.
    pub fn exited(&mut self, who: Address, why: Reason) -> Result<Next, String> {
        self.turn(|actor, context| actor.exited(who, why, context))
    }

    /// `signals.down`.
    pub fn down(&mut self, monitor: u64, who: Address, why: Reason) -> Result<Next, String> {
        self.turn(|actor, context| actor.down(Monitor(monitor), who, why, context))
    }

    /// `signals.stopping`.
    pub fn stopping(&mut self, why: Reason) {
        if let Some(actor) = &mut self.actor {
            actor.stopping(why, &mut self.context);
        }
    }

    /// `replies.answered`.
    pub fn answered(&mut self, request: u64, answer: Result<Message, AskError>) -> Result<Next, String> {
        match answer {
            Ok(Message { kind, body }) => self.take_answer(request, Ok(Parts { kind: &kind, body: &body })),
            Err(why) => self.take_answer(request, Err(why)),
        }
    }

    /// As [`Instance::answered`], of an answer where it lies.
    pub fn take_answer(&mut self, request: u64, answer: Result<Parts<'_>, AskError>) -> Result<Next, String> {
        let Some((kind, take)) = self.context.answered(request) else {
            warn!("an answer came to a question that nobody here asked");
            return Ok(Next::Same);
        };
        self.turn(|actor, context| take(actor, context, &kind, answer))
    }

    #[inline(always)]
    fn turn(&mut self, run: impl FnOnce(&mut A, &mut Context<A>) -> Result<Next>) -> Result<Next, String> {
        let actor = self.actor.as_mut().ok_or("the actor has not been started")?;
        if self.context.is_ending() {
            return Ok(Next::Same);
        }
        let next = run(actor, &mut self.context);
        self.context.end();
        // By itself, so that it is neither moved nor freed as something with a text.
        if let Ok(Next::Same) = next {
            mem::forget(next);
            return Ok(Next::Same);
        }
        next.map_err(text)
    }
}

impl<A: State> Instance<A> {
    /// `state.accepts`.
    pub fn accepts() -> Vec<u32> {
        [&[A::VERSION], A::OLDER].concat()
    }

    /// `state.save`.
    pub fn save(&self) -> Result<Vec<u8>, String> {
        let actor = self.actor.as_ref().ok_or("the actor has not been started")?;
        state::save(actor, self.context.asks()).map_err(text)
    }

    /// `state.restore`.
    pub fn restore(&mut self, occasion: Occasion, config: &str, version: u32, bytes: &[u8]) -> Result<(), String> {
        host::catch_panics();
        let actor = (|| {
            let (kept, asks) = state::restore::<A>(version, bytes)?;
            if occasion != Occasion::Restarted {
                // A restart ends the incarnation that asked, and its questions with it.
                self.context.resume(asks, take);
            }
            A::resume(kept, codec::config(config)?, occasion, &mut self.context)
        })();
        self.actor = Some(actor.map_err(text)?);
        Ok(())
    }
}
