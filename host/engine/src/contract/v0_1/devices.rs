//! `devices`: sensors and outputs.

use super::bindings::greenroom::actor::devices::{Host, ReadError, Reading, WriteError};
use crate::devices::{self, Writer};
use crate::guest::Guest;
use crate::turn::Effect;
use greenroom_core::Grant;
use greenroom_manifest::{Device, DeviceKind};

impl Host for Guest {
    fn read(&mut self, device: String) -> Result<Reading, ReadError> {
        self.may_read(&device)?;
        match self.shared.devices.read(&device) {
            Ok(reading) => Ok(Reading { at: reading.at.as_nanos(), value: reading.value }),
            Err(error) => Err(read_error(error)),
        }
    }

    fn write(&mut self, device: String, value: f64) -> Result<(), WriteError> {
        let name = match self.device(&device) {
            None => return Err(WriteError::NoDevice),
            Some(Device { kind: DeviceKind::Input { .. }, .. }) => return Err(WriteError::ReadOnly),
            Some(Device { name, .. }) => name.clone(),
        };
        self.granted(Grant::Write(name)).map_err(WriteError::NotGranted)?;
        if self.is_silent() {
            return Ok(());
        }
        let writer = Writer { address: self.cell.address, name: self.cell.name.clone() };
        let held = self.shared.devices.is_held_by(&device, self.cell.address);
        self.shared.devices.claim(&device, writer, value).map_err(write_error)?;
        let first = !held;
        if !self.effect(Effect::Write { device: device.clone(), value, first }) && first {
            self.shared.devices.disclaim(&device, self.cell.address);
        }
        Ok(())
    }

    fn watch(&mut self, device: String) -> Result<(), ReadError> {
        self.may_read(&device)?;
        self.effect(Effect::Watch { device });
        Ok(())
    }
}

impl Guest {
    /// A device of the manifest. Looked for before grants are: there is no grant for what there is not.
    pub(super) fn device(&self, name: &str) -> Option<&Device> {
        self.shared.plan.devices.iter().find(|device| device.name.as_str() == name)
    }

    pub(super) fn may_read(&self, device: &str) -> Result<(), ReadError> {
        let name = self.device(device).ok_or(ReadError::NoDevice)?.name.clone();
        self.granted(Grant::Read(name)).map_err(ReadError::NotGranted)
    }
}

pub(super) fn read_error(error: devices::ReadError) -> ReadError {
    match error {
        devices::ReadError::NoDevice => ReadError::NoDevice,
        devices::ReadError::Stale(age) => ReadError::Stale(u64::try_from(age.as_nanos()).unwrap_or(u64::MAX)),
        devices::ReadError::Failed(why) => ReadError::Failed(why),
    }
}

pub(super) fn write_error(error: devices::WriteError) -> WriteError {
    match error {
        devices::WriteError::NoDevice => WriteError::NoDevice,
        devices::WriteError::ReadOnly => WriteError::ReadOnly,
        devices::WriteError::Busy(holder) => WriteError::Busy(holder),
        devices::WriteError::OutOfRange(why) => WriteError::OutOfRange(why),
        devices::WriteError::MaxOn => WriteError::MaxOn,
        devices::WriteError::Failed(why) => WriteError::Failed(why),
        other => WriteError::Other(other.to_string()),
    }
}
