//! What devices tell the engine: the events, and the readings that actors watch.

use super::lock;
use greenroom_core::{Address, Instant, Name};
use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

/// Who drives an output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writer {
    /// The actor. A claim holds until [`Devices::release`](super::Devices::release) is called with it.
    pub address: Address,
    /// What others are told when they find the output busy.
    pub name: String,
}

/// A value as it was measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// When. For a line that reports its changes: when it last changed, by the kernel.
    pub at: Instant,
    /// In the device's unit; switches are 0 and 1.
    pub value: f64,
}

/// Something that happened to a device.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// An input was sampled, or a line changed.
    Reading {
        /// The input.
        device: Name,
        /// When.
        at: Instant,
        /// In its unit.
        value: f64,
    },
    /// An input has no value any more, or had none from the start. Told once, until it is back.
    Missing {
        /// The input.
        device: Name,
        /// What happened, and what to do.
        why: String,
    },
    /// An input that was missing, or an output that failed, works again.
    Back {
        /// The device.
        device: Name,
    },
    /// An output's level was changed by its writer.
    Set {
        /// The output.
        device: Name,
        /// The level now.
        on: bool,
        /// The writer's name.
        by: String,
    },
    /// The host took an output from another level to its safe one.
    Safe {
        /// The output.
        device: Name,
        /// Why.
        why: String,
        /// The writer's name, if it had one.
        by: Option<String>,
        /// From the call, or the moment when it was due, until the level was there.
        took: Duration,
    },
    /// An output was away from its safe level for its `max-on`. [`Notice::Safe`] follows.
    MaxOn {
        /// The output.
        device: Name,
    },
    /// An output could not be driven or read back. The host goes on trying to make it safe. Told once, until it is
    /// back.
    Failed {
        /// The output.
        device: Name,
        /// What happened.
        why: String,
    },
}

/// An output that lost its writer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Released {
    /// The output.
    pub device: Name,
    /// From the call until its safe level was there.
    pub took: Duration,
    /// Why it is not there: the drive failed. The host goes on trying.
    pub failed: Option<String>,
}

/// Gives notices on with no lock of a device held: who gets them may call back. An output's notices arise on any thread
/// and are delivered in the order in which they arose; an input's arise on one thread, and are delivered by it.
pub(super) struct Outbox {
    to: Box<dyn Fn(Notice) + Send + Sync>,
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    notices: VecDeque<Notice>,
    /// One thread delivers at a time. What others put in meanwhile, it delivers too.
    delivering: bool,
}

impl Outbox {
    pub(super) fn new(to: Box<dyn Fn(Notice) + Send + Sync>) -> Self {
        Self { to, waiting: Mutex::default() }
    }

    /// Delivers an input's notice.
    pub(super) fn tell(&self, notice: Notice) {
        (self.to)(notice);
    }

    /// Puts an output's notice in its place in the order. May be called with a device's lock held.
    pub(super) fn put(&self, notice: Notice) {
        lock(&self.waiting).notices.push_back(notice);
    }

    /// Delivers all that wait. To be called without a device's lock.
    pub(super) fn deliver(&self) {
        loop {
            let next = {
                let mut waiting = lock(&self.waiting);
                if waiting.delivering {
                    return;
                }
                let Some(next) = waiting.notices.pop_front() else { return };
                waiting.delivering = true;
                next
            };
            // Reset even if the receiver panics: the notices after this one are others' business.
            let _turn = Turn(&self.waiting);
            (self.to)(next);
        }
    }
}

struct Turn<'a>(&'a Mutex<Waiting>);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        lock(self.0).delivering = false;
    }
}
