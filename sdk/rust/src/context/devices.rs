//! Sensors and outputs, by their names in the manifest.

use super::Context;
use crate::{ReadError, Reading, Result, WriteError, host};

impl<A> Context<A> {
    /// The latest value of a device, as sampled by the host: never waits for it. Needs the grant `read:DEVICE`.
    ///
    /// # Errors
    /// [`ReadError`]: why there is none. An input that fails is a case to handle, no reason to end.
    pub fn read(&self, device: &str) -> Result<Reading, ReadError> {
        host::read(device)
    }

    /// Sets an output, when the turn ends well. The first writer keeps it; when that ends for whatever reason, the output
    /// goes to its safe level and is free again. Needs the grant `write:DEVICE`.
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn write(&self, device: &str, value: f64) -> Result<(), WriteError> {
        host::write(device, value)
    }

    /// Sets an output on or off, as [`Context::write`] with 1 or 0.
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn switch(&self, device: &str, on: bool) -> Result<(), WriteError> {
        self.write(device, f64::from(u8::from(on)))
    }

    /// From now on, each new value of a device comes as a message of kind `reading` with the body
    /// `{"device": …, "at": …, "value": …}`, or `"missing": TEXT` in place of the value: a variant `Reading` with these
    /// fields. Needs the grant `read:DEVICE`.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn watch(&self, device: &str) -> Result<(), ReadError> {
        host::watch(device)
    }
}
