//! A sine wave.

use crate::devices::input::{Missing, Sensor};
use greenroom_core::Instant;
use std::f64::consts::TAU;
use std::time::Duration;

/// `mean + amplitude · sin(2π · t / period)`, with t since the host's start.
#[derive(Debug)]
pub(in crate::devices) struct Sine {
    pub(in crate::devices) mean: f64,
    pub(in crate::devices) amplitude: f64,
    pub(in crate::devices) period: Duration,
}

impl Sensor for Sine {
    fn sample(&mut self, now: Instant) -> Result<f64, Missing> {
        // The phase in whole nanoseconds, so that it is as exact after a year as at first. The manifest's period is at
        // least 10 ms; one of zero is a constant.
        let period = self.period.as_nanos().max(1);
        let phase = (u128::from(now.as_nanos()) % period) as f64 / period as f64;
        Ok(self.mean + self.amplitude * (TAU * phase).sin())
    }
}
