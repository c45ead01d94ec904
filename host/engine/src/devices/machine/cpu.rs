//! CPU time in use, of 100, over all CPUs.

use super::{malformed, text};
use crate::devices::input::{Missing, Sensor};
use greenroom_core::Instant;
use std::path::{Path, PathBuf};

/// The first line of `/proc/stat`, see proc_stat(5). A sample covers the time since the one before; the first one, the
/// time since the machine's start.
#[derive(Debug)]
pub(in crate::devices) struct Cpu {
    path: PathBuf,
    before: Times,
    last: f64,
}

/// In clock ticks since the start.
#[derive(Debug, Clone, Copy, Default)]
struct Times {
    all: u64,
    idle: u64,
}

impl Cpu {
    pub(in crate::devices) fn new(proc: &Path) -> Self {
        Self { path: proc.join("stat"), before: Times::default(), last: 0.0 }
    }
}

impl Sensor for Cpu {
    fn sample(&mut self, _: Instant) -> Result<f64, Missing> {
        let text = text(&self.path)?;
        let times = text.lines().find_map(|line| line.strip_prefix("cpu ")).and_then(times);
        let times = times.ok_or_else(|| malformed(&self.path, "CPU times"))?;
        let all = times.all.saturating_sub(self.before.all);
        // The kernel's sums of idle and iowait may go back a little.
        let idle = times.idle.saturating_sub(self.before.idle).min(all);
        self.before = times;
        // Within one tick there is nothing new to say.
        if all > 0 {
            self.last = 100.0 * (all - idle) as f64 / all as f64;
        }
        Ok(self.last)
    }
}

/// user nice system idle iowait irq softirq steal; what follows, the guests' time, is part of user and nice already.
fn times(line: &str) -> Option<Times> {
    let ticks: Vec<u64> = line.split_whitespace().take(8).map(|word| word.parse().ok()).collect::<Option<_>>()?;
    let idle = ticks.get(3)?.saturating_add(ticks.get(4).copied().unwrap_or(0));
    let all = ticks.iter().fold(0u64, |sum, ticks| sum.saturating_add(*ticks));
    Some(Times { all, idle })
}
