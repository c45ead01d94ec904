//! A reader of the hub: a position, no queue. Its neighbours are the rings before it and a server's stream behind it.

use super::listener::Listener;
use super::{Entry, Hub};
use std::ops::Bound;
use std::sync::Arc;

/// How many messages for others a look passes over before it lets go of the hub's lock.
const STRIDE: usize = 256;

/// What a cursor gives.
#[derive(Debug, Clone)]
pub enum Item {
    /// The next message. Numbers strictly increase.
    Message(Arc<Entry>),
    /// Messages were dropped before they were read. It comes before any message that is later than the first of them.
    Lag {
        /// The number of the last message that was delivered, or after which the cursor began; none: it began with what
        /// is kept, and has delivered nothing.
        from: Option<u64>,
        /// The highest number that may be missing. Those that are still held between the two are delivered all the same.
        to: u64,
        /// How many are missing; none: nobody knows, because it happened while nobody was reading.
        dropped: Option<u64>,
    },
    /// The hub was closed. Nothing follows.
    Bye,
}

/// A reader: positions, no queue. Dropping it ends it.
#[derive(Debug)]
pub struct Cursor {
    hub: Arc<Hub>,
    listener: Arc<Listener>,
    seen: Option<u64>,
}

impl Cursor {
    pub(super) fn new(hub: Arc<Hub>, listener: Arc<Listener>, seen: Option<u64>) -> Self {
        Self { hub, listener, seen }
    }

    /// The number of the last message that was delivered, or after which the cursor began; none: it began with what is
    /// kept, and has delivered nothing.
    pub fn seen(&self) -> Option<u64> {
        self.seen
    }

    /// Waits for what comes next. Nothing is lost when the wait is given up.
    pub async fn next(&mut self) -> Item {
        loop {
            match self.look() {
                Look::Found(item) => return item,
                Look::Nothing => self.listener.woken().await,
                // Who comes from far behind leaves the thread to others in between.
                Look::Further => tokio::task::yield_now().await,
            }
        }
    }

    /// What comes next, if it is there.
    pub fn try_next(&mut self) -> Option<Item> {
        loop {
            match self.look() {
                Look::Found(item) => return Some(item),
                Look::Nothing => return None,
                Look::Further => {}
            }
        }
    }

    fn look(&mut self) -> Look {
        let state = self.hub.lock();
        let mut place = self.listener.place();
        // What was dropped lies beyond the position, so it is said before anything else beyond it.
        if let Some(lost) = place.lost.take() {
            return Look::Found(Item::Lag { from: self.seen, to: lost.to, dropped: lost.count });
        }
        let end = state.closed_at.unwrap_or(u64::MAX);
        let ahead = state.order.range((Bound::Excluded(place.position), Bound::Included(end.max(place.position))));
        let mut passed = 0;
        for (seq, entry) in ahead {
            place.position = *seq;
            if self.listener.hears(&entry.topic) {
                self.seen = Some(*seq);
                return Look::Found(Item::Message(entry.clone()));
            }
            passed += 1;
            if passed == STRIDE {
                return Look::Further;
            }
        }
        if state.closed_at.is_none() {
            return Look::Nothing;
        }
        // What is published or dropped from now on is no concern of this cursor.
        place.position = u64::MAX;
        Look::Found(Item::Bye)
    }
}

enum Look {
    Found(Item),
    Nothing,
    Further,
}

impl Drop for Cursor {
    fn drop(&mut self) {
        self.hub.lock().detach(&self.listener);
    }
}
