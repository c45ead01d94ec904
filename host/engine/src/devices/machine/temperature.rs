//! The machine's own temperature: hwmon chips, then thermal zones.

use crate::devices::input::{Missing, Sensor};
use crate::devices::slow::{Slow, SlowError, Source};
use greenroom_core::Instant;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A 1-wire thermometer shows up as a chip as well. It is not the machine's, and a read takes a conversion.
const NOT_OURS: &str = "w1_slave_temp";

/// One of `/sys/class/hwmon/hwmon*/temp*_input` or `/sys/class/thermal/thermal_zone*/temp`, both in thousandths of a °C
/// (Linux, `Documentation/hwmon/sysfs-interface.rst`, `Documentation/ABI/testing/sysfs-class-thermal`). Looked for at
/// each sample: their numbers change, and modules come late.
#[derive(Debug)]
pub(in crate::devices) struct Temperature {
    class: PathBuf,
    sensor: Option<String>,
    slow: Slow,
}

/// A chip or zone, and the file with its value.
#[derive(Debug)]
struct Candidate {
    name: String,
    path: PathBuf,
}

impl Temperature {
    /// The chip or zone named `sensor`, or the first that there is.
    pub(in crate::devices) fn new(sys: &Path, sensor: Option<String>, patience: Duration) -> Self {
        Self { class: sys.join("class"), sensor, slow: Slow::new(patience) }
    }

    fn candidates(&self) -> Vec<Candidate> {
        let chips = entries(&self.class.join("hwmon"), "hwmon", "").into_iter().filter_map(|chip| {
            let path = entries(&chip, "temp", "_input").into_iter().next()?;
            Some(Candidate { name: word(&chip.join("name"))?, path })
        });
        let zones = entries(&self.class.join("thermal"), "thermal_zone", "").into_iter().filter_map(|zone| {
            let path = zone.join("temp");
            path.exists().then_some(Candidate { name: word(&zone.join("type"))?, path })
        });
        chips.chain(zones).collect()
    }

    /// Those that may be read, in their order.
    fn chosen(&self) -> Result<Vec<PathBuf>, Missing> {
        let all = self.candidates();
        let mut names: Vec<_> = all.iter().map(|candidate| candidate.name.clone()).collect();
        names.dedup();
        let chosen = all.into_iter().filter(|candidate| match &self.sensor {
            Some(sensor) => candidate.name == *sensor,
            None => candidate.name != NOT_OURS,
        });
        let chosen: Vec<_> = chosen.map(|candidate| candidate.path).collect();
        match (&self.sensor, names.is_empty()) {
            _ if !chosen.is_empty() => Ok(chosen),
            (Some(sensor), false) => Err(Missing::Failed(format!(
                "there is no temperature sensor `{sensor}`, only `{}`",
                names.join("`, `")
            ))),
            _ => Err(Missing::Failed(format!(
                "this machine has no temperature sensor: there is none in {0}/hwmon and {0}/thermal",
                self.class.display()
            ))),
        }
    }

    fn read(&mut self, path: &Path) -> Result<f64, Missing> {
        let text = self.slow.read(path).map_err(|error| match error {
            SlowError::Silent => Missing::Silent(format!("{} does not answer", path.display())),
            SlowError::Io(error) => Missing::Failed(format!("{} cannot be read: {error}", path.display())),
        })?;
        let millicelsius = str::from_utf8(&text).ok().and_then(|text| text.trim().parse::<i32>().ok());
        match millicelsius {
            Some(millicelsius) => Ok(f64::from(millicelsius) / 1000.0),
            None => Err(Missing::Failed(format!("{} has no temperature", path.display()))),
        }
    }
}

impl Sensor for Temperature {
    /// The first that answers: a chip that is switched off is there all the same.
    fn sample(&mut self, _: Instant) -> Result<f64, Missing> {
        let mut first = None;
        for path in self.chosen()? {
            match self.read(&path) {
                Err(missing @ Missing::Failed(_)) => {
                    first.get_or_insert(missing);
                }
                answered => return answered,
            }
        }
        Err(first.unwrap_or_else(|| Missing::Failed("no temperature sensor answers".into())))
    }
}

/// The entries called `prefix`, a number, `suffix`; in the order of their numbers.
fn entries(directory: &Path, prefix: &str, suffix: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let mut numbered: Vec<(u32, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name();
            let number = name.to_str()?.strip_prefix(prefix)?.strip_suffix(suffix)?.parse().ok()?;
            Some((number, entry.path()))
        })
        .collect();
    numbered.sort();
    numbered.into_iter().map(|(_, path)| path).collect()
}

fn word(path: &Path) -> Option<String> {
    Some(fs::read_to_string(path).ok()?.trim().to_owned())
}
