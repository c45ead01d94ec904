//! One input: its last value, and why there is none. Its sensor is sampled elsewhere (`lane`, `gpio`); a read only looks
//! here, and so never waits.

use super::error::ReadError;
use super::lock;
use super::notice::{Notice, Reading};
use crate::view::DeviceView;
use greenroom_core::{Instant, Name};
use std::sync::Mutex;
use std::time::Duration;

/// A value is stale when it is older than this many sampling periods …
const PERIODS: u32 = 3;
/// … and than this: a busy machine is no fault of the sensor.
const PATIENCE: Duration = Duration::from_secs(3);

/// What is sampled.
pub(super) trait Sensor: Send {
    /// Takes a value, in the device's unit. May take as long as the thing itself takes.
    fn sample(&mut self, now: Instant) -> Result<f64, Missing>;
}

/// Why a sample has no value: one sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Missing {
    /// It failed.
    Failed(String),
    /// It did not answer in time.
    Silent(String),
}

impl Missing {
    pub(super) fn why(&self) -> &str {
        match self {
            Self::Failed(why) | Self::Silent(why) => why,
        }
    }
}

/// An input of the manifest.
#[derive(Debug)]
pub(super) struct Input {
    pub(super) name: Name,
    kind: &'static str,
    unit: String,
    /// A value that is older is stale. None for a line, whose value holds until it changes.
    fresh: Option<Duration>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    last: Option<Reading>,
    missing: Option<Missing>,
}

impl Input {
    /// An input that is sampled once in `period`, or reports its changes.
    pub(super) fn new(device: (&Name, &'static str, &str), period: Option<Duration>) -> Self {
        let (name, kind, unit) = device;
        let fresh = period.map(|period| PATIENCE.max(period.saturating_mul(PERIODS)));
        Self { name: name.clone(), kind, unit: unit.to_owned(), fresh, state: Mutex::default() }
    }

    /// Takes note of a sample. Gives what is to be told of it, in order.
    pub(super) fn sampled(&self, at: Instant, sample: Result<f64, Missing>) -> impl Iterator<Item = Notice> {
        let mut state = lock(&self.state);
        let device = || self.name.clone();
        let (first, second) = match sample {
            // No sensor measures it, and JSON cannot say it.
            Ok(value) if !value.is_finite() => self.lost(&mut state, Missing::Failed(format!("read as {value}"))),
            Ok(value) => {
                state.last = Some(Reading { at, value });
                let back = state.missing.take().map(|_| Notice::Back { device: device() });
                (back, Some(Notice::Reading { device: device(), at, value }))
            }
            Err(missing) => self.lost(&mut state, missing),
        };
        first.into_iter().chain(second)
    }

    fn lost(&self, state: &mut State, missing: Missing) -> (Option<Notice>, Option<Notice>) {
        let why = missing.why().to_owned();
        let known = state.missing.replace(missing).is_some();
        ((!known).then(|| Notice::Missing { device: self.name.clone(), why }), None)
    }

    /// The latest value.
    pub(super) fn read(&self, now: Instant) -> Result<Reading, ReadError> {
        let state = lock(&self.state);
        let stale = state
            .last
            .map(|last| now.since(last.at))
            .filter(|age| self.fresh.is_some_and(|fresh| *age > fresh))
            .map(ReadError::Stale);
        match (&state.missing, state.last) {
            (Some(Missing::Failed(why)), _) => Err(ReadError::Failed(why.clone())),
            (Some(Missing::Silent(why)), _) => Err(stale.unwrap_or_else(|| ReadError::Failed(why.clone()))),
            (None, Some(last)) => stale.map_or(Ok(last), Err),
            (None, None) => Err(ReadError::Failed("no value yet: it is being read for the first time".into())),
        }
    }

    /// As shown.
    pub(super) fn view(&self, now: Instant) -> DeviceView {
        let missing = self.read(now).err().map(|error| error.to_string());
        let last = lock(&self.state).last;
        DeviceView {
            name: self.name.to_string(),
            kind: self.kind,
            unit: self.unit.clone(),
            output: false,
            value: last.map(|last| last.value),
            missing,
            age_seconds: last.map(|last| now.since(last.at).as_secs_f64()),
            writer: None,
        }
    }
}
