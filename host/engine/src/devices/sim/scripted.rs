//! Values at given times.

use crate::devices::input::{Missing, Sensor};
use greenroom_core::Instant;
use std::time::Duration;

/// Holds each step's value until the next step.
#[derive(Debug)]
pub(in crate::devices) struct Scripted {
    /// In order of time.
    steps: Vec<(Duration, Option<f64>)>,
}

impl Scripted {
    /// From the manifest's steps, in order of time.
    pub(in crate::devices) fn new(steps: Vec<(Duration, Option<f64>)>) -> Self {
        Self { steps }
    }
}

impl Sensor for Scripted {
    fn sample(&mut self, now: Instant) -> Result<f64, Missing> {
        let elapsed = now.since(Instant::ORIGIN);
        match self.steps.partition_point(|(from, _)| *from <= elapsed).checked_sub(1).map(|step| self.steps[step].1) {
            Some(Some(value)) => Ok(value),
            Some(None) => Err(Missing::Failed("missing, as the script says".into())),
            None => Err(Missing::Failed("its script has not begun".into())),
        }
    }
}
