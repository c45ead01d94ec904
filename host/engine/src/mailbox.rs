//! The mailbox: bounded, first in first out, with a policy for when it is full.
//! On a message's path: a turn's commit or the API before it, the actor's next turn behind it.
//!
//! A place is taken when a message is sent ([`Mailbox::reserve`]), and filled when the sender's turn has ended well
//! ([`Place::fill`]): so a sender is told at once that the mailbox is full, and a turn that traps leaves nothing.

use crate::cell::Cell;
use crate::signal::Signal;
use greenroom_core::{Envelope, Message, Reason, Request};
use greenroom_manifest::{self as manifest, WhenFull};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What waits in a mailbox.
#[derive(Debug)]
pub(crate) enum Item {
    /// A message.
    Message(Envelope),
    /// The answer to a question that this actor asked: its place was paid for by asking.
    Answer(Request, Result<Message, crate::ask::Failure>),
}

/// An actor's mailbox.
#[derive(Debug)]
pub(crate) struct Mailbox {
    limit: usize,
    when_full: WhenFull,
    /// Places taken: messages that wait, that are promised, and that are put aside.
    taken: AtomicUsize,
    /// Whether there is a signal, so that a turn's end needs no lock to know.
    signalled: AtomicBool,
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    signals: VecDeque<Signal>,
    items: VecDeque<Item>,
    closed: bool,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoPlace {
    Full,
    Closed,
}

/// A message that was not taken in, or had to make room for one that was.
#[derive(Debug)]
pub(crate) struct Lost {
    pub(crate) envelope: Envelope,
    pub(crate) why: &'static str,
}

impl Mailbox {
    pub(crate) fn new(plan: manifest::Mailbox) -> Self {
        Self {
            limit: plan.limit,
            when_full: plan.when_full,
            taken: AtomicUsize::new(0),
            signalled: AtomicBool::new(false),
            queue: Mutex::default(),
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// Messages that wait.
    pub(crate) fn waiting(&self) -> usize {
        self.queue().items.len()
    }

    /// Takes a place, or says that there is none. Only a mailbox that rejects has none when it is full.
    fn reserve(&self) -> Result<(), NoPlace> {
        if self.queue().closed {
            return Err(NoPlace::Closed);
        }
        let limit = if self.when_full == WhenFull::Reject { self.limit } else { usize::MAX };
        self.taken
            .fetch_update(Ordering::AcqRel, Ordering::Relaxed, |taken| (taken < limit).then_some(taken + 1))
            .map(drop)
            .map_err(|_| NoPlace::Full)
    }

    fn release(&self) {
        self.taken.fetch_sub(1, Ordering::AcqRel);
    }

    /// Puts a message in, for which a place was taken.
    fn fill(&self, envelope: Envelope) -> Result<Option<Lost>, Lost> {
        let mut queue = self.queue();
        if queue.closed {
            drop(queue);
            self.release();
            return Err(Lost { envelope, why: "the actor has ended" });
        }
        let full = self.taken.load(Ordering::Acquire) > self.limit;
        let older = match self.when_full {
            WhenFull::Latest => queue.position(|other| {
                other.request.is_none()
                    && envelope.request.is_none()
                    && other.message.kind == envelope.message.kind
                    && other.topic == envelope.topic
            }),
            _ => None,
        };
        let lost = match (self.when_full, older) {
            (_, Some(at)) => queue.remove(at).map(|envelope| Lost { envelope, why: "a newer one of its kind came" }),
            (WhenFull::DropNewest, _) if full => {
                drop(queue);
                self.release();
                return Err(Lost { envelope, why: "the mailbox is full and drops the newest" });
            }
            (WhenFull::DropOldest | WhenFull::Latest, _) if full => queue
                .position(|_| true)
                .and_then(|at| queue.remove(at))
                .map(|envelope| Lost { envelope, why: "the mailbox is full and drops the oldest" }),
            _ => None,
        };
        queue.items.push_back(Item::Message(envelope));
        drop(queue);
        if lost.is_some() {
            self.release();
        }
        Ok(lost)
    }

    /// Puts an answer in. False: the actor has ended.
    fn answer(&self, request: Request, answer: Result<Message, crate::ask::Failure>) -> bool {
        let mut queue = self.queue();
        if queue.closed {
            return false;
        }
        queue.items.push_back(Item::Answer(request, answer));
        true
    }

    /// What the host has to tell: it does not wait behind messages.
    fn signal(&self, signal: Signal) {
        let mut queue = self.queue();
        queue.signals.push_back(signal);
        self.signalled.store(true, Ordering::Release);
    }

    pub(crate) fn next_signal(&self) -> Option<Signal> {
        if !self.signalled.load(Ordering::Acquire) {
            return None;
        }
        let mut queue = self.queue();
        let signal = queue.signals.pop_front();
        if queue.signals.is_empty() {
            self.signalled.store(false, Ordering::Release);
        }
        signal
    }

    /// A kill of this incarnation, ahead of all other signals.
    pub(crate) fn next_kill(&self, incarnation: u64) -> Option<Reason> {
        if !self.signalled.load(Ordering::Acquire) {
            return None;
        }
        let mut queue = self.queue();
        let kill = |signal: &Signal| matches!(signal, Signal::Kill { incarnation: of, .. } if *of == incarnation);
        let at = queue.signals.iter().position(kill)?;
        match queue.signals.remove(at) {
            Some(Signal::Kill { reason, .. }) => Some(reason),
            _ => None,
        }
    }

    /// The oldest item. Its place is given back with [`Mailbox::done`], when it is a message.
    pub(crate) fn next_item(&self) -> Option<Item> {
        self.queue().items.pop_front()
    }

    /// A message was handled, or lost with its turn: its place is free.
    pub(crate) fn done(&self) {
        self.release();
    }

    /// Puts messages that were set aside back in front, oldest first. Their places were never given back.
    pub(crate) fn put_back(&self, envelopes: impl DoubleEndedIterator<Item = Envelope>) {
        let mut queue = self.queue();
        for envelope in envelopes.rev() {
            queue.items.push_front(Item::Message(envelope));
        }
    }

    /// Nothing comes in any more. What was still in it.
    pub(crate) fn close(&self) -> Vec<Item> {
        let mut queue = self.queue();
        queue.closed = true;
        queue.items.drain(..).collect()
    }
}

impl Queue {
    fn position(&self, mut wanted: impl FnMut(&Envelope) -> bool) -> Option<usize> {
        self.items.iter().position(|item| matches!(item, Item::Message(envelope) if wanted(envelope)))
    }

    fn remove(&mut self, at: usize) -> Option<Envelope> {
        match self.items.remove(at) {
            Some(Item::Message(envelope)) => Some(envelope),
            _ => None,
        }
    }
}

/// A place in a mailbox that is promised to a message. Dropped unfilled, it is free again.
#[derive(Debug)]
pub(crate) struct Place {
    cell: Arc<Cell>,
}

impl Place {
    pub(crate) fn reserve(cell: &Arc<Cell>) -> Result<Self, NoPlace> {
        cell.mailbox.reserve()?;
        Ok(Self { cell: cell.clone() })
    }

    pub(crate) fn cell(&self) -> &Arc<Cell> {
        &self.cell
    }

    /// Puts the message in and has the actor run. What got lost by it, if anything did.
    pub(crate) fn fill(self, envelope: Envelope) -> (Arc<Cell>, Option<Lost>) {
        let cell = self.cell.clone();
        std::mem::forget(self);
        let lost = match cell.mailbox.fill(envelope) {
            Ok(lost) => lost,
            Err(lost) => Some(lost),
        };
        if lost.is_some() {
            cell.stats.dropped.fetch_add(1, Ordering::Relaxed);
        }
        cell.wake();
        (cell, lost)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.cell.mailbox.release();
    }
}

impl Cell {
    /// Tells the actor something that does not wait behind its messages.
    pub(crate) fn signal(self: &Arc<Self>, signal: Signal) {
        self.mailbox.signal(signal);
        self.wake();
    }

    /// Hands the actor the answer to one of its questions.
    pub(crate) fn answer(self: &Arc<Self>, request: Request, answer: Result<Message, crate::ask::Failure>) {
        if self.mailbox.answer(request, answer) {
            self.wake();
        }
    }
}
