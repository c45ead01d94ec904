//! Memory in use, of 100.

use super::{malformed, text};
use crate::devices::input::{Missing, Sensor};
use greenroom_core::Instant;
use std::path::{Path, PathBuf};

/// `/proc/meminfo`, see proc_meminfo(5). In use is what a new program could not have: `MemTotal` less `MemAvailable`.
#[derive(Debug)]
pub(in crate::devices) struct Memory(PathBuf);

impl Memory {
    pub(in crate::devices) fn new(proc: &Path) -> Self {
        Self(proc.join("meminfo"))
    }
}

impl Sensor for Memory {
    fn sample(&mut self, _: Instant) -> Result<f64, Missing> {
        let text = text(&self.0)?;
        let kilobytes = |field: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
            let value = line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
            value.ok_or_else(|| malformed(&self.0, field))
        };
        let (total, available) = (kilobytes("MemTotal")?, kilobytes("MemAvailable")?);
        if total <= 0.0 {
            return Err(malformed(&self.0, "memory"));
        }
        Ok((100.0 * (1.0 - available / total)).clamp(0.0, 100.0))
    }
}
