//! One thermometer: when its file is read, when a value is doubted, what its absence means.

use super::conversion::{self, Conversion, POWER_ON};
use crate::devices::input::{Missing, Sensor};
use crate::devices::slow::{Slow, SlowError, Source};
use greenroom_core::Instant;
use std::fs;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Nothing that a DS18B20 is in gets hotter or colder faster, in K/s: a jump to 85 °C that does is looked at again.
const FASTEST: f64 = 5.0;

/// A DS18B20.
#[derive(Debug)]
pub(in crate::devices) struct Thermometer<S = Slow> {
    sysfs: PathBuf,
    id: String,
    source: S,
    /// The last good value, in °C; none after a failure, when the sensor may have been without power.
    last: Option<(Instant, f64)>,
}

impl Thermometer {
    /// The sensor `id` under `sysfs`, which need not be there yet. A read that takes longer than `patience` is
    /// abandoned.
    pub(in crate::devices) fn new(sysfs: &Path, id: &str, patience: Duration) -> Self {
        Self { sysfs: sysfs.into(), id: id.into(), source: Slow::new(patience), last: None }
    }
}

impl<S: Source> Thermometer<S> {
    fn convert(&mut self) -> Result<Conversion, Missing> {
        let path = self.sysfs.join(&self.id).join("w1_slave");
        match self.source.read(&path) {
            Ok(text) => conversion::parse(&text).map_err(|fault| Missing::Failed(fault.to_string())),
            Err(SlowError::Silent) => Err(Missing::Silent(format!(
                "the 1-wire bus has not answered within {:?}: check the wiring, and what else reads it",
                self.source.patience()
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

impl<S: Source> Sensor for Thermometer<S> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;
    use std::io;

    struct Script(VecDeque<Result<Vec<u8>, SlowError>>);

    impl Source for Script {
        fn read(&mut self, _: &Path) -> Result<Vec<u8>, SlowError> {
            self.0.pop_front().expect("no further read")
        }

        fn patience(&self) -> Duration {
            Duration::from_secs(3)
        }
    }

    /// The text for a value, with byte 6 of the scratchpad.
    fn text(millicelsius: i32, byte6: &str) -> Result<Vec<u8>, SlowError> {
        let bytes = format!("50 05 4b 46 7f ff {byte6} 10 1c");
        Ok(format!("{bytes} : crc=1c YES\n{bytes} t={millicelsius}\n").into_bytes())
    }

    fn errno(number: rustix::io::Errno) -> Result<Vec<u8>, SlowError> {
        Err(SlowError::Io(io::Error::from_raw_os_error(number.raw_os_error())))
    }

    /// Samples at these seconds; every read in the script has to be used.
    fn check(reads: Vec<Result<Vec<u8>, SlowError>>, expect: &[(u64, Result<f64, &str>)]) {
        let source = Script(reads.into());
        let mut thermometer =
            Thermometer { sysfs: "/nowhere".into(), id: "28-00000000000a".into(), source, last: None };
        for (second, expect) in expect {
            let sample = thermometer.sample(Instant::ORIGIN + Duration::from_secs(*second));
            match (&sample, expect) {
                (Ok(value), Ok(expect)) => assert_eq!(value, expect, "at {second} s"),
                (Err(missing), Err(part)) => assert!(missing.why().contains(part), "at {second} s: {missing:?}"),
                _ => panic!("at {second} s: {sample:?}, not {expect:?}"),
            }
        }
        assert_eq!(thermometer.source.0.len(), 0, "unused reads");
    }

    #[test]
    fn eighty_five_degrees_are_doubted() {
        // The first reading is read again, and then believed.
        check(vec![text(85_000, "10"), text(21_500, "08")], &[(0, Ok(21.5))]);
        check(vec![text(85_000, "10"), text(85_000, "10")], &[(0, Ok(85.0))]);
        check(vec![text(85_000, "10"), text(85_000, "0c")], &[(0, Err("lost its power"))]);
        // So is a jump, and not a climb.
        check(vec![text(20_000, "10"), text(85_000, "10"), text(20_062, "10")], &[(0, Ok(20.0)), (1, Ok(20.062))]);
        check(vec![text(81_000, "10"), text(85_000, "10")], &[(0, Ok(81.0)), (1, Ok(85.0))]);
        check(vec![text(20_000, "10"), text(85_000, "10")], &[(0, Ok(20.0)), (13, Ok(85.0))]);
        // After a failure it may have been without power: the first again.
        check(
            vec![text(84_000, "10"), errno(rustix::io::Errno::NODEV), text(85_000, "10"), text(84_000, "10")],
            &[(0, Ok(84.0)), (1, Err("was removed")), (2, Ok(84.0))],
        );
        // Byte 6 needs no second read.
        check(vec![text(85_000, "0c")], &[(0, Err("lost its power"))]);
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        check(vec![errno(rustix::io::Errno::NODEV)], &[(0, Err("`28-00000000000a` was removed"))]);
        check(vec![errno(rustix::io::Errno::IO)], &[(0, Err("/nowhere/28-00000000000a/w1_slave cannot be read"))]);
        check(vec![errno(rustix::io::Errno::ACCESS)], &[(0, Err("no permission to read"))]);
        check(vec![errno(rustix::io::Errno::NOENT)], &[(0, Err("dtoverlay=w1-gpio"))]);
        check(vec![Err(SlowError::Silent)], &[(0, Err("not answered within 3s"))]);
        check(vec![Ok(Vec::new())], &[(0, Err("does not answer"))]);
    }
}
