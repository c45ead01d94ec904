//! What an actor can do in a turn. One file an interface of the contract; `host` carries it out.

mod devices;
mod family;
mod messaging;
mod names;
mod timers;
mod topics;

pub(crate) use family::Options;
pub use family::{Child, Spawn};

use crate::message::Parts;
use crate::{Actor, Address, AskError, Instant, Next, Question, Request, Result, Wall, codec, host};
use std::marker::PhantomData;

/// What an actor can do in a turn, and what the turn is about. What it asks for takes effect when the turn ends well.
pub struct Context<A> {
    turn: Turn,
    /// The questions that this actor waits for, with the kind of message that the answer comes as. Part of what is
    /// saved, so that a swap loses no answer. Few, so that a map would cost more than it saves.
    asks: Asks,
    /// What the last question's answer is made into, by which function, and the kind of message that that is.
    asked: Option<(usize, String)>,
    /// What an answer is taken with. Set by those who wait for one, so that an actor that never asks is made without the
    /// code for it.
    take: Option<Take<A>>,
    /// The actor has ended itself, which the host carries out after this turn: nothing is handled any more.
    ending: bool,
    actor: PhantomData<fn(A)>,
}

/// Has an actor handle the answer to a question, as the message of a kind.
pub(crate) type Take<A> = fn(&mut A, &mut Context<A>, &str, Result<Parts<'_>, AskError>) -> Result<Next>;

/// Open questions, with the kind of message that the answer comes as.
pub(crate) type Asks = Vec<(u64, String)>;

/// What a turn is about.
struct Turn {
    sender: Option<Address>,
    /// The question, until it is answered or taken over.
    request: Option<u64>,
    /// The topic, if `published`: what it takes up is used again.
    topic: String,
    published: bool,
    /// The question that this is the answer to.
    answers: Option<u64>,
}

impl Turn {
    const NONE: Self = Self { sender: None, request: None, topic: String::new(), published: false, answers: None };
}

impl<A> Context<A> {
    pub(crate) const fn new() -> Self {
        Self { turn: Turn::NONE, asks: Asks::new(), asked: None, take: None, ending: false, actor: PhantomData }
    }

    #[inline]
    pub(crate) fn begin(&mut self, sender: Option<Address>, request: Option<u64>, topic: Option<&str>) {
        self.turn.sender = sender;
        self.turn.request = request;
        self.turn.published = topic.is_some();
        if let Some(topic) = topic {
            self.turn.topic.clear();
            self.turn.topic.push_str(topic);
        }
    }

    #[inline]
    pub(crate) fn end(&mut self) {
        self.turn.sender = None;
        self.turn.published = false;
        self.turn.answers = None;
    }

    pub(crate) fn is_ending(&self) -> bool {
        self.ending
    }

    /// The message is done with. Nobody is left waiting for an answer that never comes, when it was `handled`.
    #[inline]
    pub(crate) fn leave(&mut self, kind: &str, handled: bool) {
        match self.turn.request.take() {
            Some(request) if handled => refuse_unanswered(request, kind),
            _ => {}
        }
    }

    pub(crate) fn asks(&self) -> &Asks {
        &self.asks
    }

    pub(crate) fn resume(&mut self, asks: Asks, take: Take<A>) {
        self.asks = asks;
        self.take = Some(take);
    }

    pub(crate) fn answered(&mut self, request: u64) -> Option<(String, Take<A>)> {
        let at = self.asks.iter().position(|(asked, _)| *asked == request)?;
        self.turn.answers = Some(request);
        Some((self.asks.swap_remove(at).1, self.take?))
    }

    /// Who sent the message. None: the host itself, or somebody outside (HTTP, command line).
    pub fn sender(&self) -> Option<Address> {
        self.turn.sender
    }

    /// The topic that the message was published on, when it was.
    pub fn topic(&self) -> Option<&str> {
        self.turn.published.then_some(&*self.turn.topic)
    }

    /// Whether somebody waits for the answer to this message.
    pub fn is_asked(&self) -> bool {
        self.turn.request.is_some()
    }

    /// The question that the message of this turn is the answer to, when it is one.
    pub fn answers(&self) -> Option<Question> {
        self.turn.answers.map(Question)
    }

    /// Takes over the question of this turn, to be answered with [`Context::reply_to`] in a later one. None when nobody
    /// asks.
    pub fn request(&mut self) -> Option<Request> {
        self.turn.request.take().map(Request)
    }

    /// This actor's address.
    pub fn address(&self) -> Address {
        host::own_address()
    }

    /// The time on the host's monotonic clock.
    pub fn now(&self) -> Instant {
        Instant::from_nanos(host::now())
    }

    /// The time of day, or none while the machine's clock has not been set. For showing, not for control.
    pub fn wall(&self) -> Option<Wall> {
        host::wall().map(Wall)
    }
}

#[cold]
#[inline(never)]
fn refuse_unanswered(request: u64, kind: &str) {
    // Who asked may be gone, which is no concern of this actor's.
    let _ = host::refuse(request, &format!("`{kind}` was handled, and has no answer"));
}

impl<A: Actor> Context<A> {
    /// The configuration that counts now.
    ///
    /// # Errors
    /// It no longer fits the type.
    pub fn config(&self) -> Result<A::Config> {
        codec::config(&host::config())
    }
}
