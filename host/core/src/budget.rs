//! How many restarts a supervisor may still make: OTP's restart intensity.

use crate::{Instant, Intensity};
use std::collections::VecDeque;

/// The restarts of one supervisor within its window. Each costs the same, however many there were.
#[derive(Debug)]
pub(crate) struct Budget {
    intensity: Intensity,
    /// When restarts were made, oldest first; never more than the limit and one.
    made: VecDeque<Instant>,
}

impl Budget {
    pub(crate) fn new(intensity: Intensity) -> Self {
        Self { intensity, made: VecDeque::new() }
    }

    /// Counts one restart. False: that is one too many, and the supervisor gives up.
    pub(crate) fn spend(&mut self, now: Instant) -> bool {
        self.forget(now);
        self.made.push_back(now);
        self.made.len() <= self.intensity.restarts as usize
    }

    /// Restarts in the window that ends now.
    pub(crate) fn in_window(&self, now: Instant) -> u32 {
        let over = self.made.partition_point(|made| *made + self.intensity.within < now);
        (self.made.len() - over) as u32
    }

    /// The limit is another from now on; what was made counts on.
    pub(crate) fn limit(&mut self, intensity: Intensity) {
        self.intensity = intensity;
    }

    pub(crate) fn intensity(&self) -> Intensity {
        self.intensity
    }

    /// A restart counts as long as `now =< then + period` (OTP `supervisor:in_period/3`).
    fn forget(&mut self, now: Instant) {
        while self.made.front().is_some_and(|made| *made + self.intensity.within < now) {
            self.made.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn check(restarts: u32, within: u64, at: &[u64], expect: &[bool]) {
        let mut budget = Budget::new(Intensity { restarts, within: Duration::from_secs(within) });
        let spent: Vec<_> =
            at.iter().map(|second| budget.spend(Instant::ORIGIN + Duration::from_secs(*second))).collect();
        assert_eq!(spent, expect, "{restarts} in {within} s at {at:?}");
    }

    #[test]
    fn the_window_slides() {
        check(0, 5, &[0], &[false]);
        check(1, 5, &[0, 1], &[true, false]);
        check(1, 5, &[0, 5], &[true, false]);
        check(1, 5, &[0, 6], &[true, true]);
        check(2, 10, &[0, 6, 11, 16], &[true, true, true, false]);
        check(5, 60, &[0, 1, 2, 3, 4, 70], &[true, true, true, true, true, true]);
    }
}
