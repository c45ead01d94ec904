//! Time: points on the host's monotonic clock, lengths with their units, and the time of day for showing.

use crate::json::{self, Number, number};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;

/// A point in time: nanoseconds since the host's monotonic origin. It stays valid over a swap, and never goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(u64);

impl Instant {
    /// From nanoseconds since the origin.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the origin.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// How long it has been since `earlier`; nothing if that is later.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Instant {
    type Output = Self;
    fn add(self, length: Duration) -> Self {
        Self(self.0.saturating_add(length.0))
    }
}

impl Sub<Duration> for Instant {
    type Output = Self;
    fn sub(self, length: Duration) -> Self {
        Self(self.0.saturating_sub(length.0))
    }
}

/// The time of day, as far as the machine knows it: nanoseconds since 1970-01-01 00:00 UTC. For showing, not for
/// control: it may jump.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wall(pub(crate) u64);

impl Wall {
    /// Nanoseconds since 1970-01-01 00:00 UTC.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Seconds since 1970-01-01 00:00 UTC, to a millisecond.
    pub fn unix_seconds(self) -> f64 {
        (self.0 / 1_000_000) as f64 / 1_000.0
    }
}

/// A length of time, up to 584 years. In JSON and in a manifest a string with its unit: `"2s"`, `"1.5h"`, `"500ms"`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Duration(u64);

/// The units, longest first, with their nanoseconds.
const UNITS: [(&str, u64); 7] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

impl Duration {
    /// No time.
    pub const ZERO: Self = Self(0);

    /// From nanoseconds.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// From seconds: none below zero, the longest there is when there are too many.
    pub fn from_seconds(seconds: f64) -> Self {
        Self((seconds * 1e9).round() as u64)
    }

    /// Half of it.
    #[must_use]
    pub const fn half(self) -> Self {
        Self(self.0 / 2)
    }

    /// Seconds.
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / 1e9
    }
}

impl Add for Duration {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl From<std::time::Duration> for Duration {
    fn from(length: std::time::Duration) -> Self {
        Self(u64::try_from(length.as_nanos()).unwrap_or(u64::MAX))
    }
}

/// Numbers with a unit of time: `20.s()`.
pub trait Units: Sized {
    /// Milliseconds.
    fn ms(self) -> Duration;
    /// Seconds.
    fn s(self) -> Duration;
    /// Minutes.
    fn minutes(self) -> Duration;
    /// Hours.
    fn hours(self) -> Duration;
}

impl Units for u64 {
    fn ms(self) -> Duration {
        Duration(self.saturating_mul(1_000_000))
    }
    fn s(self) -> Duration {
        Duration(self.saturating_mul(1_000_000_000))
    }
    fn minutes(self) -> Duration {
        self.saturating_mul(60).s()
    }
    fn hours(self) -> Duration {
        self.saturating_mul(3_600).s()
    }
}

/// Written with the longest unit that has no fraction: `90s`, `2h`, `1500ms`.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let unit = UNITS.iter().find(|(_, nanos)| self.0.is_multiple_of(*nanos));
        let (name, nanos) = unit.copied().unwrap_or(("ns", 1));
        write!(f, "{}{name}", self.0 / nanos)
    }
}

impl fmt::Debug for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is no length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} is no length of time: expected a number and a unit (ms, s, m, h, d), as in \"2s\"", quoted(.0))]
pub struct ParseDurationError(String);

/// As in JSON: `{:?}` would bring in the tables of what is printable, 6 KB.
fn quoted(text: &str) -> String {
    json::write(text).unwrap_or_default()
}

impl FromStr for Duration {
    type Err = ParseDurationError;

    fn from_str(text: &str) -> Result<Self, ParseDurationError> {
        let wrong = || ParseDurationError(text.into());
        let (number, length) = number(text.as_bytes(), 0).ok_or_else(wrong)?;
        let unit = text.get(length..).unwrap_or_default().trim_ascii();
        let (_, nanos) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(wrong)?;
        // Whole numbers exactly; fractions to the nanosecond that a float can hold.
        let nanos = match number {
            Number::Unsigned(whole) => whole.checked_mul(*nanos),
            Number::Float(float) if float >= 0.0 => Some((float * *nanos as f64).round() as u64),
            _ => None,
        };
        // What a float is too large for becomes the largest.
        nanos.filter(|nanos| *nanos < u64::MAX).map(Self).ok_or_else(wrong)
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Duration;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a length of time with its unit, as in \"2s\"")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Duration, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read_and_written() {
        let check = |text: &str, length: Duration, written: &str| {
            assert_eq!(text.parse(), Ok(length), "{text}");
            assert_eq!(length.to_string(), written, "{text}");
        };
        check("2s", 2.s(), "2s");
        check("90s", 90.s(), "90s");
        check("2 h", 2.hours(), "2h");
        check("0.5s", 500.ms(), "500ms");
        check("15m", 15.minutes(), "15m");
        check("0ms", Duration::ZERO, "0s");
        check("1d", 24.hours(), "1d");
    }

    #[test]
    fn what_is_no_length_of_time_says_so() {
        for text in ["", "2", "s", "two s", "2 weeks", "1.2.3s", "-1s", "99999999999999999999s", "300000d"] {
            assert_eq!(text.parse::<Duration>(), Err(ParseDurationError(text.into())), "{text}");
        }
        let error = serde_json::from_str::<Duration>("2").unwrap_err().to_string();
        assert!(error.contains("as in \"2s\""), "{error}");
    }
}
