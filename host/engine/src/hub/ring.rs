//! One topic's last messages. The hub owns the rings; each knows who hears it, so that a publish wakes nobody else and
//! a drop is charged to exactly those who had not read it yet.

use super::Entry;
use super::listener::Listener;
use std::collections::VecDeque;
use std::sync::Arc;

/// What a message takes beside its body: the entry, two reference counts and its places in ring and order.
const BOOKKEEPING: usize = 232;

/// What a message takes in memory, in bytes.
pub(super) fn size(entry: &Entry) -> usize {
    entry.body.len() + BOOKKEEPING
}

#[derive(Debug)]
pub(super) struct Ring {
    keep: usize,
    entries: VecDeque<Arc<Entry>>,
    bytes: usize,
    dropped_to: u64,
    /// Replaced as a whole when it changes, so that a publish shares it instead of copying it.
    listeners: Arc<[Arc<Listener>]>,
}

impl Ring {
    pub(super) fn new(keep: usize, listeners: Arc<[Arc<Listener>]>) -> Self {
        Self { keep, entries: VecDeque::new(), bytes: 0, dropped_to: 0, listeners }
    }

    pub(super) fn latest(&self) -> Option<&Arc<Entry>> {
        self.entries.back()
    }

    /// The last so many, the newest first.
    pub(super) fn newest(&self, count: usize) -> impl Iterator<Item = &Arc<Entry>> {
        self.entries.iter().rev().take(count)
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether it holds more than it keeps.
    pub(super) fn is_over(&self) -> bool {
        self.entries.len() > self.keep
    }

    /// The highest number that was dropped; 0: none.
    pub(super) fn dropped_to(&self) -> u64 {
        self.dropped_to
    }

    pub(super) fn push(&mut self, entry: Arc<Entry>) {
        self.bytes += size(&entry);
        self.entries.push_back(entry);
    }

    pub(super) fn drop_oldest(&mut self) -> Option<Arc<Entry>> {
        let old = self.entries.pop_front()?;
        self.bytes -= size(&old);
        self.dropped_to = old.seq;
        for listener in self.listeners.iter() {
            listener.dropped(old.seq);
        }
        Some(old)
    }

    pub(super) fn listeners(&self) -> Arc<[Arc<Listener>]> {
        self.listeners.clone()
    }

    pub(super) fn attach(&mut self, listener: &Arc<Listener>) {
        self.listeners = self.listeners.iter().chain([listener]).cloned().collect();
    }

    pub(super) fn detach(&mut self, listener: &Arc<Listener>) {
        self.listeners = self.listeners.iter().filter(|other| !Arc::ptr_eq(other, listener)).cloned().collect();
    }
}
