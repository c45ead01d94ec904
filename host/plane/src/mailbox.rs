//! The mailbox: bounded, first in first out, with a policy for when it is full, and signals that overtake everything.
//! On a message's way: a [`Place`](crate::Place) before it, the actor's next turn behind it.
//!
//! Each message in it, set aside, or being handled holds one place in its `Room`. Under [`Policy::Reject`] and
//! [`Policy::Wait`] so does one that is promised.

use crate::policy::{Lost, Policy, Why};
use crate::room::{NoPlace, Room};
use crate::sync::{AtomicUsize, Condvar, Mutex, MutexGuard, Ordering};
use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};
use std::sync::PoisonError;
use std::time::Instant;

/// What waits in a mailbox.
#[derive(Debug, PartialEq, Eq)]
pub enum Item<M, A> {
    /// A message. It holds its place until [`Mailbox::done`].
    Message(M),
    /// The answer to a question that this actor asked. It needs no place: there are as many as were asked for.
    Answer(A),
}

/// What an actor has to see to next.
#[derive(Debug, PartialEq, Eq)]
pub enum Next<M, A, S> {
    /// What its host tells it.
    Signal(S),
    /// What others tell it.
    Item(Item<M, A>),
}

/// An actor's mailbox: for messages `M`, answers `A` and signals `S`.
#[derive(Debug)]
pub struct Mailbox<M, A, S> {
    policy: Policy,
    room: Room,
    queue: Mutex<Queue<M, A, S>>,
    /// How much waits, signals included: what it was when the lock was last given back. So the actor itself need not take
    /// it to see that there is nothing more to do; who has put something in wakes it afterwards.
    waiting: AtomicUsize,
    /// A place is free, the mailbox is closed, or somebody who waits has to look whether they still want to.
    freed: Condvar,
}

#[derive(Debug)]
struct Queue<M, A, S> {
    signals: VecDeque<S>,
    items: VecDeque<Item<M, A>>,
    closed: bool,
    /// Senders that wait for a place.
    senders: usize,
}

/// The queue, in hand. What waits is told when it is given back.
struct Held<'a, M, A, S> {
    queue: MutexGuard<'a, Queue<M, A, S>>,
    waiting: &'a AtomicUsize,
}

impl<M, A, S> Deref for Held<'_, M, A, S> {
    type Target = Queue<M, A, S>;

    fn deref(&self) -> &Self::Target {
        &self.queue
    }
}

impl<M, A, S> DerefMut for Held<'_, M, A, S> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.queue
    }
}

impl<M, A, S> Drop for Held<'_, M, A, S> {
    fn drop(&mut self) {
        self.waiting.store(self.queue.signals.len() + self.queue.items.len(), Ordering::Release);
    }
}

impl<M, A, S> Mailbox<M, A, S> {
    /// A mailbox for `limit` messages, at least one.
    pub fn new(limit: usize, policy: Policy) -> Self {
        Self {
            policy,
            room: Room::new(limit.max(1)),
            queue: Mutex::new(Queue { signals: VecDeque::new(), items: VecDeque::new(), closed: false, senders: 0 }),
            waiting: AtomicUsize::new(0),
            freed: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue<M, A, S>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn queue(&self) -> Held<'_, M, A, S> {
        Held { queue: self.lock(), waiting: &self.waiting }
    }

    /// Whether there is nothing to take. Asked by the actor as it runs: whoever puts something in at the same time wakes it
    /// afterwards, so that it runs again.
    pub fn has_nothing(&self) -> bool {
        self.waiting.load(Ordering::Acquire) == 0
    }

    /// Messages at most. [`Policy::DropOldest`] and [`Policy::Latest`] let one more in while none waits that could go.
    pub fn limit(&self) -> usize {
        self.room.limit()
    }

    /// What it does when it is full.
    pub fn policy(&self) -> Policy {
        self.policy
    }

    /// Messages and answers that wait.
    pub fn waiting(&self) -> usize {
        self.queue().items.len()
    }

    /// Whether nothing waits, no signal either.
    pub fn is_empty(&self) -> bool {
        let queue = self.queue();
        queue.signals.is_empty() && queue.items.is_empty()
    }

    /// Gives back what was taken for more than waits now.
    pub fn shrink(&self) {
        let mut queue = self.queue();
        queue.signals.shrink_to_fit();
        queue.items.shrink_to_fit();
    }

    /// Whether such a message waits.
    pub fn any(&self, mut wanted: impl FnMut(&M) -> bool) -> bool {
        self.queue().items.iter().any(|item| matches!(item, Item::Message(message) if wanted(message)))
    }

    /// Places that are taken.
    pub fn taken(&self) -> usize {
        self.room.taken()
    }

    /// Whether nothing comes in any more.
    pub fn is_closed(&self) -> bool {
        self.room.is_closed()
    }

    /// Promises a message that it will be taken in, or says why not.
    pub(crate) fn reserve(&self) -> Result<(), NoPlace> {
        match self.policy.holds_places() {
            true => self.room.take(),
            false if self.room.is_closed() => Err(NoPlace::Closed),
            false => Ok(()),
        }
    }

    /// As [`Mailbox::reserve`], and waits for a place: at most until a time, and only as long as it is `wanted`, which
    /// is looked at again after [`Mailbox::rouse`].
    pub(crate) fn await_place(&self, until: Instant, wanted: impl Fn() -> bool) -> Result<(), NoPlace> {
        if self.policy != Policy::Wait {
            return self.reserve();
        }
        let mut queue = self.lock();
        queue.senders += 1;
        let place = loop {
            // Noted in the same step that finds no place: who frees one from now on comes for the lock, which is held
            // until this thread waits. So it is told.
            let place = self.room.take_or_await();
            let left = until.saturating_duration_since(Instant::now());
            if place != Err(NoPlace::Full) || left.is_zero() || !wanted() {
                break place;
            }
            queue = self.freed.wait_timeout(queue, left).unwrap_or_else(PoisonError::into_inner).0;
        };
        queue.senders -= 1;
        if queue.senders == 0 {
            self.room.forget_waiting();
        }
        place
    }

    /// Has senders that wait for a place look whether they still want one.
    pub fn rouse(&self) {
        // The lock: a sender that has looked just before waits by the time that it is told.
        let queue = self.lock();
        self.tell_all(&queue);
    }

    /// Takes a promise back.
    pub(crate) fn cancel(&self) {
        if self.policy.holds_places() {
            self.release();
        }
    }

    fn release(&self) {
        if self.room.give() {
            let _queue = self.lock();
            self.freed.notify_one();
        }
    }

    /// Puts a message in that was promised so. What is lost by it: an older one, or, as an error, the message itself.
    pub(crate) fn fill(&self, message: M, replaces: fn(&M, &M) -> bool) -> Result<Option<Lost<M>>, Lost<M>> {
        let mut queue = self.queue();
        if queue.closed {
            drop(queue);
            self.cancel();
            return Err(Lost { message, why: Why::Ended });
        }
        let lost = match self.policy {
            Policy::Reject | Policy::Wait => Ok(None),
            Policy::DropNewest => self.room.take().map(|()| None).map_err(|_| Why::Newest),
            Policy::DropOldest => self.make_room(&mut queue),
            Policy::Latest => match queue.remove(|older| replaces(&message, older)) {
                // Its place goes over.
                Some(message) => Ok(Some(Lost { message, why: Why::Replaced })),
                None => self.make_room(&mut queue),
            },
        };
        match lost {
            Ok(lost) => {
                queue.items.push_back(Item::Message(message));
                Ok(lost)
            }
            Err(why) => Err(Lost { message, why }),
        }
    }

    /// Takes a place for a message that is to get in, at the cost of the oldest one if there is none.
    fn make_room(&self, queue: &mut Queue<M, A, S>) -> Result<Option<Lost<M>>, Why> {
        if self.room.take().is_ok() {
            return Ok(None);
        }
        if let Some(message) = queue.remove(|_| true) {
            return Ok(Some(Lost { message, why: Why::Oldest }));
        }
        // The one that is being handled is not in the way of the newest; those that were set aside are. Nobody else takes
        // places of this mailbox without the lock.
        if self.room.taken() > self.room.limit() {
            return Err(Why::Aside);
        }
        self.room.take_anyway();
        Ok(None)
    }

    /// Puts an answer in. False: the actor has ended.
    pub fn answer(&self, answer: A) -> bool {
        let mut queue = self.queue();
        if queue.closed {
            return false;
        }
        queue.items.push_back(Item::Answer(answer));
        true
    }

    /// Puts a signal in, behind the other signals and ahead of everything else. A closed mailbox takes it too.
    pub fn signal(&self, signal: S) {
        self.queue().signals.push_back(signal);
    }

    /// What is next: the oldest signal, or else the oldest item.
    pub fn next(&self) -> Option<Next<M, A, S>> {
        if self.has_nothing() {
            return None;
        }
        let mut queue = self.queue();
        match queue.signals.pop_front() {
            Some(signal) => Some(Next::Signal(signal)),
            None => queue.items.pop_front().map(Next::Item),
        }
    }

    /// The oldest signal that is wanted, ahead of all others.
    pub fn next_signal(&self, wanted: impl FnMut(&S) -> bool) -> Option<S> {
        if self.has_nothing() {
            return None;
        }
        let mut queue = self.queue();
        let at = queue.signals.iter().position(wanted)?;
        queue.signals.remove(at)
    }

    /// A message was handled, or lost with its turn: its place is free.
    pub fn done(&self) {
        self.release();
    }

    /// Puts messages that were set aside back in front, oldest first. Their places were never given back.
    pub fn put_back(&self, messages: impl DoubleEndedIterator<Item = M>) {
        let mut queue = self.queue();
        for message in messages.rev() {
            queue.items.push_front(Item::Message(message));
        }
    }

    /// Nothing comes in any more, and who waits for a place hears of it. What was still in it, oldest first.
    pub fn close(&self) -> Vec<Item<M, A>> {
        let mut queue = self.queue();
        queue.closed = true;
        self.room.close();
        let items: Vec<_> = queue.items.drain(..).collect();
        for item in &items {
            if let Item::Message(_) = item {
                // Who waits is told below: of the end, not of a place.
                let _ = self.room.give();
            }
        }
        self.tell_all(&queue.queue);
        items
    }

    /// Has all who wait for a place look again. To tell nobody would be a call of the kernel's all the same.
    fn tell_all(&self, queue: &Queue<M, A, S>) {
        if queue.senders > 0 {
            self.freed.notify_all();
        }
    }
}

impl<M, A, S> Queue<M, A, S> {
    /// Takes the oldest message that is wanted out.
    fn remove(&mut self, mut wanted: impl FnMut(&M) -> bool) -> Option<M> {
        let at = self.items.iter().position(|item| matches!(item, Item::Message(message) if wanted(message)))?;
        match self.items.remove(at) {
            Some(Item::Message(message)) => Some(message),
            _ => None,
        }
    }
}
