//! What there is to heat, and with what.

use greenroom::Duration;
use serde::{Deserialize, Serialize};

/// The heat capacity of water, in joules per litre and kelvin.
const WATER: f64 = 4186.0;

/// Nothing is heated for less: the relay and the element live longer.
const SHORTEST_SECONDS: f64 = 20.0;

/// A temperature.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Celsius(pub f64);

impl Celsius {
    /// How far this is above another one, in kelvin.
    pub fn above(self, other: Self) -> f64 {
        self.0 - other.0
    }

    /// The higher of two.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self(self.0.max(other.0))
    }
}

/// A quantity of which there must be some.
macro_rules! positive {
    ($($(#[$doc:meta])* $name:ident: $most:expr, $expect:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
        #[serde(try_from = "f64")]
        pub struct $name(f64);

        impl TryFrom<f64> for $name {
            type Error = &'static str;
            fn try_from(value: f64) -> Result<Self, &'static str> {
                if value > 0.0 && value <= $most { Ok(Self(value)) } else { Err($expect) }
            }
        }
    )*};
}

positive! {
    /// Electrical power.
    Watts: 1e6, "`power-watts` is more than 0, and 1,000,000 at most";
    /// A volume of water.
    Litres: 1e4, "`volume-litres` is more than 0, and 10,000 at most";
    /// How much of the electrical power heats the water.
    Efficiency: 1.0, "`efficiency` is more than 0, and 1 at most";
}

/// What there is to heat, and with what.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Brewing {
    /// The element's power.
    pub power: Watts,
    /// How much of it heats the water.
    pub efficiency: Efficiency,
    /// How much water there is.
    pub volume: Litres,
}

impl Brewing {
    /// How long it takes to heat the water by so many kelvin: 20 s at least.
    pub fn heating_time(&self, kelvin: f64) -> Duration {
        let seconds = kelvin * WATER * self.volume.0 / (self.power.0 * self.efficiency.0);
        Duration::from_seconds(seconds.max(SHORTEST_SECONDS))
    }
}
