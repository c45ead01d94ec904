//! A place in a mailbox, promised to a message: taken when it is sent, filled when the sender's turn has ended well. So a
//! sender is told at once that a mailbox is full, and a turn that traps leaves nothing.

use crate::mailbox::Mailbox;
use crate::policy::Lost;
use crate::room::NoPlace;
use crate::sync::Arc;
use std::time::Instant;

/// Who has a mailbox, and runs when there is something in it.
pub trait Actor: Sized {
    /// What others send it.
    type Message;
    /// What answers its questions.
    type Answer;
    /// What its host tells it.
    type Signal;

    /// Its mailbox.
    fn mailbox(&self) -> &Mailbox<Self::Message, Self::Answer, Self::Signal>;

    /// Whether a message makes an older one superfluous, for [`Policy::Latest`](crate::Policy::Latest).
    fn replaces(newer: &Self::Message, older: &Self::Message) -> bool;

    /// Has it run, if it isn't about to already.
    fn wake(this: &Arc<Self>);
}

/// A promised place. Dropped unfilled, it is free again.
#[derive(Debug)]
pub struct Place<T: Actor> {
    actor: Arc<T>,
    filled: bool,
}

impl<T: Actor> Place<T> {
    /// Takes a place, or says that there is none. Only a mailbox that rejects or waits has none when it is full.
    pub fn reserve(actor: &Arc<T>) -> Result<Self, NoPlace> {
        actor.mailbox().reserve()?;
        Ok(Self { actor: actor.clone(), filled: false })
    }

    /// As [`Place::reserve`]. At a mailbox that waits, this thread stands still until there is a place, the actor has
    /// ended, the time is over, or it is no longer `wanted`, which [`Mailbox::rouse`] has it look at.
    pub fn wait(actor: &Arc<T>, until: Instant, wanted: impl Fn() -> bool) -> Result<Self, NoPlace> {
        actor.mailbox().await_place(until, wanted)?;
        Ok(Self { actor: actor.clone(), filled: false })
    }

    /// Whose mailbox it is in.
    pub fn actor(&self) -> &Arc<T> {
        &self.actor
    }

    /// Puts the message in and has the actor run. `lost` is told what is lost by it, if anything is: an older message, or,
    /// as an error, this one.
    pub fn fill(mut self, message: T::Message, lost: impl FnOnce(&T, Result<Lost<T::Message>, Lost<T::Message>>)) {
        self.filled = true;
        match self.actor.mailbox().fill(message, T::replaces) {
            Ok(None) => {}
            Ok(Some(older)) => lost(&self.actor, Ok(older)),
            // Nothing new is in it.
            Err(this) => return lost(&self.actor, Err(this)),
        }
        T::wake(&self.actor);
    }
}

impl<T: Actor> Drop for Place<T> {
    fn drop(&mut self) {
        if !self.filled {
            self.actor.mailbox().cancel();
        }
    }
}
