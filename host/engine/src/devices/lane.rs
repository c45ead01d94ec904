//! A lane: inputs that are sampled one after the other, on a thread of their own in real time. A slow sensor delays its
//! lane and nothing else.

use super::input::{Input, Missing, Sensor};
use super::lock;
use super::notice::Outbox;
use crate::clock::Clock;
use greenroom_core::Instant;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Inputs that share a thread.
pub(super) struct Lane {
    /// The thread's name.
    pub(super) name: String,
    tasks: Vec<Mutex<Task>>,
}

struct Task {
    input: Arc<Input>,
    sensor: Box<dyn Sensor>,
    every: Duration,
    due: Instant,
}

impl Lane {
    pub(super) fn new(name: String) -> Self {
        Self { name, tasks: Vec::new() }
    }

    /// Whether it has no inputs.
    pub(super) fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Adds an input, to be sampled first at `due` and then once in `every`.
    pub(super) fn add(&mut self, input: Arc<Input>, sensor: Box<dyn Sensor>, every: Duration, due: Instant) {
        // The manifest's shortest is 10 ms. Zero would never let go of the thread.
        let every = every.max(Duration::from_millis(1));
        self.tasks.push(Mutex::new(Task { input, sensor, every, due }));
    }

    /// When the next sample is due.
    pub(super) fn due(&self) -> Option<Instant> {
        self.tasks.iter().map(|task| lock(task).due).min()
    }

    /// Takes the samples that are due, the longest due first.
    pub(super) fn run(&self, clock: &Clock, outbox: &Outbox) {
        let now = clock.now();
        let mut due: Vec<_> = self.tasks.iter().map(|task| (lock(task).due, task)).collect();
        due.retain(|(due, _)| *due <= now);
        due.sort_by_key(|(due, _)| *due);
        for (_, task) in due {
            let (input, at, sample) = lock(task).take(clock);
            input.sampled(at, sample).for_each(|notice| outbox.tell(notice));
        }
    }

    /// Says that all of its inputs are missing: there is no thread to sample them.
    pub(super) fn abandon(&self, why: &str, clock: &Clock, outbox: &Outbox) {
        for task in &self.tasks {
            let input = Arc::clone(&lock(task).input);
            let missing = Err(Missing::Failed(why.to_owned()));
            input.sampled(clock.now(), missing).for_each(|notice| outbox.tell(notice));
        }
    }
}

impl Task {
    fn take(&mut self, clock: &Clock) -> (Arc<Input>, Instant, Result<f64, Missing>) {
        let sample = self.sensor.sample(clock.now());
        // As measured: a conversion ends when the read does.
        let now = clock.now();
        self.due = next(self.due, self.every, now);
        (Arc::clone(&self.input), now, sample)
    }
}

/// The time after `due` that is a whole number of periods on and not past. Drift-free; a stall does not make a burst.
pub(super) fn next(due: Instant, every: Duration, now: Instant) -> Instant {
    let every = u64::try_from(every.as_nanos()).unwrap_or(u64::MAX).max(1);
    let periods = now.since(due).as_nanos() / u128::from(every) + 1;
    due + Duration::from_nanos(u64::try_from(periods * u128::from(every)).unwrap_or(u64::MAX))
}

/// Lets a thread wait for a time or for a word, whichever comes first.
#[derive(Debug, Default)]
pub(super) struct Bell {
    rung: Mutex<bool>,
    bell: Condvar,
}

impl Bell {
    pub(super) fn ring(&self) {
        *lock(&self.rung) = true;
        self.bell.notify_all();
    }

    /// Until `due`, or the next ring. One since the last wait counts.
    pub(super) fn wait(&self, clock: &Clock, due: Option<Instant>) {
        let mut rung = lock(&self.rung);
        while !std::mem::take(&mut *rung) {
            rung = match due.map(|due| due.since(clock.now())) {
                None => self.bell.wait(rung).unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => return,
                Some(left) => self.bell.wait_timeout(rung, left).unwrap_or_else(PoisonError::into_inner).0,
            };
        }
    }
}
