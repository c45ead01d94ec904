//! One thermometer: when its file is read, when a value is doubted, what its absence means.

use super::conversion::{self, Conversion, POWER_ON};
use crate::devices::input::{Missing, Sensor};
use crate::devices::slow::{Slow, SlowError};
use greenroom_core::Instant;
use std::fs;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Nothing that a DS18B20 is in gets hotter or colder faster, in K/s: a jump to 85 °C that does is looked at again.
const FASTEST: f64 = 5.0;

/// A DS18B20.
#[derive(Debug)]
pub(in crate::devices) struct Thermometer {
    sysfs: PathBuf,
    id: String,
    slow: Slow,
    /// The last good value, in °C; none after a failure, when the sensor may have been without power.
    last: Option<(Instant, f64)>,
}

impl Thermometer {
    /// The sensor `id` under `sysfs`, which need not be there yet. A read that takes longer than `patience` is
    /// abandoned.
    pub(in crate::devices) fn new(sysfs: &Path, id: &str, patience: Duration) -> Self {
        Self { sysfs: sysfs.into(), id: id.into(), slow: Slow::new(patience), last: None }
    }

    fn convert(&mut self) -> Result<Conversion, Missing> {
        let path = self.sysfs.join(&self.id).join("w1_slave");
        match self.slow.read(&path) {
            Ok(text) => conversion::parse(&text).map_err(|fault| Missing::Failed(fault.to_string())),
            Err(SlowError::Silent) => Err(Missing::Silent(format!(
                "the 1-wire bus has not answered within {:?}: check the wiring, and what else reads it",
                self.slow.patience()
            ))),
            Err(SlowError::Io(error)) => Err(Missing::Failed(self.explain(&path, &error))),
        }
    }

    fn explain(&self, path: &Path, error: &Error) -> String {
        match error.kind() {
            ErrorKind::NotFound => absence(&self.sysfs, &self.id),
            ErrorKind::PermissionDenied => format!("no permission to read {}", path.display()),
            _ => match error.raw_os_error().map(rustix::io::Errno::from_raw_os_error) {
                Some(rustix::io::Errno::NODEV) => format!("the sensor `{}` was removed while it was read", self.id),
                _ => format!("{} cannot be read: {error}", path.display()),
            },
        }
    }
}

impl Sensor for Thermometer {
    fn sample(&mut self, now: Instant) -> Result<f64, Missing> {
        let doubtful = |conversion: &Conversion, last: Option<(Instant, f64)>| {
            conversion.millicelsius == POWER_ON
                && last.is_none_or(|(at, celsius)| {
                    let celsius = (f64::from(POWER_ON) / 1000.0 - celsius).abs();
                    celsius > FASTEST * now.since(at).as_secs_f64()
                })
        };
        let last = self.last.take();
        let mut conversion = self.convert()?;
        if doubtful(&conversion, last) {
            // By now it has converted: what it says twice is so.
            conversion = self.convert()?;
        }
        let celsius = f64::from(conversion.millicelsius) / 1000.0;
        self.last = Some((now, celsius));
        Ok(celsius)
    }
}

/// Why there is no such sensor.
fn absence(sysfs: &Path, id: &str) -> String {
    let Ok(entries) = fs::read_dir(sysfs) else {
        return format!(
            "1-wire is not enabled, as there is no {}: on a Raspberry Pi add `dtoverlay=w1-gpio` to \
             /boot/firmware/config.txt and reboot",
            sysfs.display()
        );
    };
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    // A family, a hyphen, twelve digits; family 0 is what a floating bus looks like.
    let (phantoms, mut slaves): (Vec<_>, Vec<_>) =
        names.filter(|name| name.len() == 15 && name.as_bytes()[2] == b'-').partition(|name| name.starts_with("00-"));
    slaves.sort();
    match (slaves.as_slice(), phantoms.is_empty()) {
        ([], true) => format!("there is no sensor on the 1-wire bus, so not `{id}`: check the wiring"),
        ([], false) => format!("there are only phantoms on the 1-wire bus, no `{id}`: check its pull-up resistor"),
        (slaves, _) => format!("there is no `{id}` on the 1-wire bus, only `{}`", slaves.join("`, `")),
    }
}

/// What sensors that share a bus have in common: the directory of its master, behind the links of `sysfs`. A sensor that
/// is not there yet goes with the directory that it will be in.
pub(in crate::devices) fn bus(sysfs: &Path, id: &str) -> PathBuf {
    let master = fs::canonicalize(sysfs.join(id)).ok().and_then(|path| path.parent().map(Path::to_owned));
    master.or_else(|| fs::canonicalize(sysfs).ok()).unwrap_or_else(|| sysfs.into())
}
