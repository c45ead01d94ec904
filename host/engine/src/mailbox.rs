//! An actor's mailbox, as `greenroom-plane` has it, with what it carries here.
//! On a message's path: a turn's commit or the API before it, the actor's next turn behind it.

use crate::ask::Failure;
use crate::cell::Cell;
use crate::signal::Signal;
use greenroom_core::{Envelope, Message, Reason, Request};
use greenroom_manifest::{self as manifest, WhenFull};
use greenroom_plane::{Actor, Policy};
use std::sync::Arc;

/// The answer to a question that an actor asked.
pub(crate) type Answer = Box<(Request, Result<Message, Failure>)>;
/// An actor's mailbox.
pub(crate) type Mailbox = greenroom_plane::Mailbox<Box<Envelope>, Answer, Signal>;
/// A place in it, promised to a message.
pub(crate) type Place = greenroom_plane::Place<Cell>;

/// The mailbox that the manifest asks for.
pub(crate) fn open(plan: manifest::Mailbox) -> Mailbox {
    let policy = match plan.when_full {
        WhenFull::Reject => Policy::Reject,
        WhenFull::Wait => Policy::Wait,
        WhenFull::DropOldest => Policy::DropOldest,
        WhenFull::DropNewest => Policy::DropNewest,
        WhenFull::Latest => Policy::Latest,
    };
    Mailbox::new(plan.limit, policy)
}

impl Actor for Cell {
    type Message = Box<Envelope>;
    type Answer = Answer;
    type Signal = Signal;

    fn mailbox(&self) -> &Mailbox {
        &self.mailbox
    }

    fn replaces(newer: &Box<Envelope>, older: &Box<Envelope>) -> bool {
        let plain = newer.request.is_none() && older.request.is_none();
        plain && newer.message.kind == older.message.kind && newer.topic == older.topic
    }
}

impl Cell {
    /// Tells the actor something that does not wait behind its messages.
    pub(crate) fn signal(self: &Arc<Self>, signal: Signal) {
        self.mailbox.signal(signal);
        self.wake();
    }

    /// A kill of this incarnation, ahead of all other signals.
    pub(crate) fn next_kill(&self, incarnation: u64) -> Option<Reason> {
        let kill = |signal: &Signal| matches!(signal, Signal::Kill { incarnation: of, .. } if *of == incarnation);
        match self.mailbox.next_signal(kill) {
            Some(Signal::Kill { reason, .. }) => Some(reason),
            _ => None,
        }
    }

    /// Hands the actor the answer to one of its questions.
    pub(crate) fn answer(self: Arc<Self>, answer: Answer) {
        if self.mailbox.answer(answer) {
            self.wake();
        }
    }
}
