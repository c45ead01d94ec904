//! What can go wrong with a device. `read` and `write` of `wit/devices.wit` give these on to the component.

use std::time::Duration;

/// Outputs that could not be opened. The others were opened and put at their safe level all the same: a relay that a
/// killed host left on goes off, even if the host cannot start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(|(device, why)| format!("output `{device}`: {why}")).collect::<Vec<_>>().join("; "))]
pub struct OpenError(
    /// Each output's name, and one sentence that says what to do.
    pub Vec<(String, String)>,
);

/// Why there is no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The manifest has no such device.
    #[error("there is no such device")]
    NoDevice,
    /// The last good value is this old: more than three sampling periods, and more than 3 s.
    #[error("the last value is {:.1} s old", .0.as_secs_f64())]
    Stale(Duration),
    /// The last read failed, or there was none yet: what happened, and what to do.
    #[error("{0}")]
    Failed(String),
}

/// Why an output was not set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// The manifest has no such device.
    #[error("there is no such device")]
    NoDevice,
    /// The device is an input.
    #[error("it is an input")]
    ReadOnly,
    /// Another actor writes it: its name.
    #[error("`{0}` writes it")]
    Busy(String),
    /// Not a value of this device: what would be.
    #[error("{0}")]
    OutOfRange(String),
    /// It was away from its safe level for its `max-on`, and stays safe until the safe level has been written once.
    #[error("it was on for its `max-on`, and stays safe until that has been written once")]
    MaxOn,
    /// It could not be driven the last time: what happened.
    #[error("{0}")]
    Failed(String),
    /// A write without a claim: the writer never made one, or was released since. Nothing was driven.
    #[error("the writer does not hold it: it was released")]
    Unclaimed,
}
