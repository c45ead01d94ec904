//! The state machine: when to heat. It knows no clock, no thermometer and no heater.

use crate::brewing::{Brewing, Celsius};
use greenroom::{Duration, Instant};
use serde::{Deserialize, Serialize};

/// How far below the set-point it may be before it is heated, in kelvin.
const BAND: f64 = 0.1;

/// How long the element goes on giving off heat after it is off.
const SLACK: Duration = Duration::from_nanos(20_000_000_000);

/// What the element still gives off shows as a rise of this many kelvin.
const RISE: f64 = 0.05;

/// What a difference of two temperatures may be off by: 60 − 59.9 is a little more than a tenth in binary.
const BINARY: f64 = 1e-9;

/// What the mash is at. The times stay valid when the code is swapped.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Warm enough: the heater is off.
    Resting,
    /// The heater is on.
    Heating {
        /// Since when.
        since: Instant,
    },
    /// The heater is off, and the element gives off its heat.
    Slacking {
        /// Since when.
        since: Instant,
        /// The highest temperature since then.
        highest: Celsius,
    },
}

impl Phase {
    /// Whether the heater is on.
    pub fn heats(self) -> bool {
        matches!(self, Self::Heating { .. })
    }

    /// The phase's name, as the page and the stream have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Resting => "resting",
            Self::Heating { .. } => "heating",
            Self::Slacking { .. } => "slacking",
        }
    }

    /// The phase after one look at the thermometer. At most one change a look.
    #[must_use]
    pub fn next(self, now: Instant, set: Celsius, temperature: Celsius, brewing: &Brewing) -> Self {
        let gap = set.above(temperature);
        match self {
            Self::Resting if gap > BAND + BINARY => Self::Heating { since: now },
            // The time that the *present* gap takes: a set-point that was lowered, or water that warmed by itself, ends
            // the burst at once.
            Self::Heating { since } if gap <= 0.0 || now >= since + brewing.heating_time(gap) => {
                Self::Slacking { since: now, highest: temperature }
            }
            Self::Slacking { since, highest } => {
                let rising = temperature.above(highest) >= RISE - BINARY;
                if now > since + SLACK && !rising {
                    return Self::Resting;
                }
                Self::Slacking { since, highest: highest.max(temperature) }
            }
            same => same,
        }
    }

    /// The phase after the heater could not stay on: as if the burst were over.
    #[must_use]
    pub fn cut_short(now: Instant, temperature: Celsius) -> Self {
        Self::Slacking { since: now, highest: temperature }
    }
}
