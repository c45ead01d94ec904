//! How many restarts it may still make: OTP's restart intensity.

use greenroom::{Duration, Instant};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// How many restarts are made before it gives up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Intensity {
    /// This many within the window; one more is one too many.
    pub restarts: u32,
    /// The window, which slides.
    pub within: Duration,
}

impl Default for Intensity {
    /// 5 in 60 s, as the host's supervisors.
    fn default() -> Self {
        Self { restarts: 5, within: Duration::from_nanos(60_000_000_000) }
    }
}

/// The restarts within the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    intensity: Intensity,
    /// When they were made, oldest first.
    made: VecDeque<Instant>,
}

impl Budget {
    /// A whole one.
    pub fn new(intensity: Intensity) -> Self {
        Self { intensity, made: VecDeque::new() }
    }

    /// Counts one restart. False: it is one too many. One counts as long as `now =< then + period` (OTP
    /// `supervisor:in_period/3`).
    pub fn spend(&mut self, now: Instant) -> bool {
        while self.made.front().is_some_and(|made| *made + self.intensity.within < now) {
            self.made.pop_front();
        }
        self.made.push_back(now);
        self.made.len() <= self.intensity.restarts as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom::Units;

    #[test]
    fn the_window_slides() {
        let check = |restarts: u32, within: u64, at: &[u64], expect: &[bool]| {
            let mut budget = Budget::new(Intensity { restarts, within: within.s() });
            let spent: Vec<_> = at.iter().map(|second| budget.spend(Instant::default() + second.s())).collect();
            assert_eq!(spent, expect, "{restarts} in {within} s at {at:?}");
        };
        check(0, 5, &[0], &[false]);
        check(1, 5, &[0, 5], &[true, false]);
        check(1, 5, &[0, 6], &[true, true]);
        check(2, 10, &[0, 6, 11, 16], &[true, true, true, false]);
    }
}
