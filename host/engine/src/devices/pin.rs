//! What an output drives: a line that can be lost and opened again, and its way back to the safe level. Knows nothing of
//! writers; `output` is its only neighbour.

use super::lock;
use super::notice::{Notice, Outbox};
use super::sim::Plant;
use crate::clock::Clock;
use greenroom_core::{Instant, Name};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How long after a failed attempt a line is opened again.
pub(super) const RETRY: Duration = Duration::from_secs(1);

/// How often a line that can go unnoticed is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// What moves a line. Errors are one sentence.
pub(super) trait Drive: Send {
    /// Whether it can go without a word, as a line does whose chip is unplugged.
    fn can_go(&self) -> bool;
    /// Sets the logical level.
    fn drive(&mut self, on: bool) -> Result<(), String>;
    /// Reads the logical level back.
    fn level(&mut self) -> Result<bool, String>;
}

/// Opens a line at the level that it is given, never at another one in between.
pub(super) type Open = Box<dyn FnMut(bool) -> Result<Box<dyn Drive>, String> + Send>;

/// What a device needs from its surroundings in a call.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) clock: &'a Clock,
    pub(super) outbox: &'a Outbox,
}

/// The line of an output.
pub(super) struct Pin {
    name: Name,
    safe: bool,
    open: Open,
    line: Line,
    /// When the line is looked at next, if it can go unnoticed: a chip that is plugged in again has its lines at any
    /// level, and nobody else may use this one for hours.
    look: Instant,
    /// The last level that was driven.
    level: bool,
    /// Since when that is not the safe one.
    away: Option<Instant>,
    /// [`Notice::Failed`] was given, and [`Notice::Back`] not yet.
    failing: bool,
    /// Kettles that it heats.
    plants: Vec<Arc<Mutex<Plant>>>,
}

enum Line {
    Open(Box<dyn Drive>),
    /// It could not be driven. The safe level is owed.
    Lost {
        fault: String,
        retry: Instant,
        owed: Order,
    },
}

/// That the level has to be safe.
#[derive(Clone)]
pub(super) struct Order {
    pub(super) why: String,
    /// Whose level it was.
    pub(super) by: Option<String>,
    /// When this became necessary.
    pub(super) since: Instant,
}

impl Pin {
    /// Opens it at its safe level.
    pub(super) fn open(name: &Name, safe: bool, mut open: Open) -> Result<Self, String> {
        let line = Line::Open(open(safe)?);
        let (name, look) = (name.clone(), Instant::ORIGIN);
        Ok(Self { name, safe, open, line, look, level: safe, away: None, failing: false, plants: Vec::new() })
    }

    /// The plant is told of this level from now on.
    pub(super) fn heats(&mut self, plant: &Arc<Mutex<Plant>>, now: Instant) {
        lock(plant).heat(self.level, now);
        self.plants.push(Arc::clone(plant));
    }

    /// The level without a writer.
    pub(super) fn safe(&self) -> bool {
        self.safe
    }

    /// Since when it is away from its safe level.
    pub(super) fn away(&self) -> Option<Instant> {
        self.away
    }

    /// Whether it can be driven, as far as is known.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.line, Line::Open(_))
    }

    /// When it is to be opened again, if it was lost.
    pub(super) fn retry(&self) -> Option<Instant> {
        match self.line {
            Line::Open(_) => None,
            Line::Lost { retry, .. } => Some(retry),
        }
    }

    /// When it is to be looked at, to see whether it is still there.
    pub(super) fn look(&self) -> Option<Instant> {
        match &self.line {
            Line::Open(line) => line.can_go().then_some(self.look),
            Line::Lost { .. } => None,
        }
    }

    /// Whether it is time for that. The next time is a while from now.
    pub(super) fn take_look(&mut self, now: Instant) -> bool {
        let due = self.look().is_some_and(|look| look <= now);
        if due {
            self.look = now + LOOK;
        }
        due
    }

    /// Drives it to `on`, for `by`. If that fails, to its safe level.
    pub(super) fn drive(&mut self, on: bool, by: &str, context: Context<'_>) -> Result<(), String> {
        let now = context.clock.now();
        let driven = match &mut self.line {
            Line::Open(line) => line.drive(on),
            Line::Lost { fault, .. } => return Err(fault.clone()),
        };
        match driven {
            Ok(()) => {
                if on != self.level {
                    context.outbox.put(Notice::Set { device: self.name.clone(), on, by: by.to_owned() });
                }
                self.settle(on, now);
                Ok(())
            }
            Err(fault) => {
                self.fail(&fault, context);
                let why = "it could not be driven".into();
                // What comes of it is told as a notice; the writer gets the first fault.
                let _told = self.make_safe(Order { why, by: Some(by.to_owned()), since: now }, context);
                Err(fault)
            }
        }
    }

    /// Reads the level back. If that fails, drives the safe one.
    pub(super) fn observe(&mut self, by: Option<&str>, context: Context<'_>) -> Result<bool, String> {
        let level = match &mut self.line {
            Line::Open(line) => line.level(),
            Line::Lost { fault, .. } => return Err(fault.clone()),
        };
        level.inspect_err(|fault| {
            self.fail(fault, context);
            let order = Order {
                why: "it could not be read back".into(),
                by: by.map(str::to_owned),
                since: context.clock.now(),
            };
            let _told = self.make_safe(order, context);
        })
    }

    /// Drives the safe level, opening the line again if that is what it takes. What cannot be done now is owed, and to
    /// be tried again at [`Pin::retry`].
    pub(super) fn make_safe(&mut self, order: Order, context: Context<'_>) -> Result<(), String> {
        let (order, lost) = match &mut self.line {
            // A line that answers is not opened again.
            Line::Open(line) => match line.drive(self.safe) {
                Ok(()) => {
                    self.secured(order, false, context);
                    return Ok(());
                }
                Err(fault) => {
                    // Closed before it is opened: it would be busy with our own request.
                    self.line = Line::Lost { fault, retry: Instant::ORIGIN, owed: order.clone() };
                    (order, false)
                }
            },
            // What was owed first is what happened.
            Line::Lost { owed, .. } => (owed.clone(), true),
        };
        match (self.open)(self.safe) {
            Ok(line) => {
                self.line = Line::Open(line);
                self.secured(order, lost, context);
                Ok(())
            }
            Err(fault) => {
                self.fail(&fault, context);
                let retry = context.clock.now() + RETRY;
                self.line = Line::Lost { fault: fault.clone(), retry, owed: order };
                Err(fault)
            }
        }
    }

    /// Opens a lost line again, if it is time for that.
    pub(super) fn poll(&mut self, context: Context<'_>) {
        if let Line::Lost { retry, owed, .. } = &self.line
            && *retry <= context.clock.now()
        {
            let owed = owed.clone();
            // A failure is a notice, and the next retry.
            let _told = self.make_safe(owed, context);
        }
    }

    /// The safe level is there.
    fn secured(&mut self, order: Order, lost: bool, context: Context<'_>) {
        let now = context.clock.now();
        if std::mem::take(&mut self.failing) {
            context.outbox.put(Notice::Back { device: self.name.clone() });
        }
        if lost || self.level != self.safe {
            let Order { why, by, since } = order;
            context.outbox.put(Notice::Safe { device: self.name.clone(), why, by, took: now.since(since) });
        }
        self.settle(self.safe, now);
    }

    /// Notes that the level is `on` from `now`.
    fn settle(&mut self, on: bool, now: Instant) {
        self.level = on;
        self.away = if on == self.safe { None } else { self.away.or(Some(now)) };
        for plant in &self.plants {
            lock(plant).heat(on, now);
        }
    }

    /// Tells a fault, once until it is back.
    fn fail(&mut self, why: &str, context: Context<'_>) {
        if !std::mem::replace(&mut self.failing, true) {
            context.outbox.put(Notice::Failed { device: self.name.clone(), why: why.to_owned() });
        }
    }
}
