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
}

/// A promised place. Dropped unfilled, it is free again.
#[derive(Debug)]
pub struct Place<T: Actor> {
    /// Until it is filled.
    actor: Option<Arc<T>>,
}

impl<T: Actor> Place<T> {
    /// Takes a place, or says that there is none. Only a mailbox that rejects or waits has none when it is full.
    pub fn reserve(actor: Arc<T>) -> Result<Self, NoPlace> {
        actor.mailbox().reserve()?;
        Ok(Self { actor: Some(actor) })
    }

    /// As [`Place::reserve`]. At a mailbox that waits, this thread stands still until there is a place, the actor has
    /// ended, the time is over, or it is no longer `wanted`, which [`Mailbox::rouse`] has it look at.
    pub fn wait(actor: &Arc<T>, until: Instant, wanted: impl Fn() -> bool) -> Result<Self, NoPlace> {
        actor.mailbox().await_place(until, wanted)?;
        Ok(Self { actor: Some(actor.clone()) })
    }

    /// Whether it is in this actor's mailbox.
    pub fn is_at(&self, actor: &Arc<T>) -> bool {
        self.actor.as_ref().is_some_and(|whose| Arc::ptr_eq(whose, actor))
    }

    /// Whose mailbox it is in.
    pub fn actor(&self) -> &T {
        match &self.actor {
            Some(actor) => actor,
            None => unreachable!("who fills a place has it no more"),
        }
    }

    /// Puts the message in, and hands the actor to `wake`, who has it run if it isn't about to already. `lost` is told what
    /// is lost by it, if anything is: an older message, or, as an error, this one.
    pub fn fill(
        mut self,
        message: T::Message,
        lost: impl FnOnce(&T, Result<Lost<T::Message>, Lost<T::Message>>),
        wake: impl FnOnce(Arc<T>),
    ) {
        let Some(actor) = self.actor.take() else { return };
        match actor.mailbox().fill(message, T::replaces) {
            Ok(None) => {}
            Ok(Some(older)) => lost(&actor, Ok(older)),
            // Nothing new is in it.
            Err(this) => return lost(&actor, Err(this)),
        }
        wake(actor);
    }
}

impl<T: Actor> Drop for Place<T> {
    fn drop(&mut self) {
        if let Some(actor) = &self.actor {
            actor.mailbox().cancel();
        }
    }
}
