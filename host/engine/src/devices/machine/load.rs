//! The load average over one minute.

use super::{malformed, text};
use crate::devices::input::{Missing, Sensor};
use greenroom_core::Instant;
use std::path::{Path, PathBuf};

/// `/proc/loadavg`, see proc_loadavg(5).
#[derive(Debug)]
pub(in crate::devices) struct Load(PathBuf);

impl Load {
    pub(in crate::devices) fn new(proc: &Path) -> Self {
        Self(proc.join("loadavg"))
    }
}

impl Sensor for Load {
    fn sample(&mut self, _: Instant) -> Result<f64, Missing> {
        let text = text(&self.0)?;
        let first = text.split_whitespace().next().and_then(|word| word.parse().ok());
        first.ok_or_else(|| malformed(&self.0, "load average"))
    }
}
