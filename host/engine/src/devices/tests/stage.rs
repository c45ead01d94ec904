//! Devices of a made-up machine in virtual time, and what was heard of them.

use super::board::Bench;
use crate::clock::Clock;
use crate::devices::open::Machine;
use crate::devices::{Devices, Notice, OpenError, Writer, lock};
use greenroom_core::{Address, Instant};
use greenroom_manifest::{Device, DeviceKind, Input, Line, Output};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(super) struct Stage {
    pub(super) devices: Arc<Devices>,
    pub(super) clock: Clock,
    heard: Arc<Mutex<Vec<Notice>>>,
}

/// A machine with this board, whose /proc and /sys are in `root`. Its sensors have longer than any test takes.
pub(super) fn machine(board: &Bench, root: &Path) -> Machine {
    Machine {
        proc: root.join("proc"),
        sys: root.join("sys"),
        board: Arc::new(board.clone()),
        patience: Duration::from_secs(60),
    }
}

/// One whose sensors have a second: of one that never answers, no more is to be seen after three.
pub(super) fn impatient(root: &Path) -> Machine {
    Machine { patience: Duration::from_secs(1), ..machine(&Bench::default(), root) }
}

impl Stage {
    pub(super) fn open(plan: &[Device], machine: &Machine) -> Result<Self, OpenError> {
        let (clock, heard) = (Clock::virtual_at_origin(), Arc::new(Mutex::new(Vec::new())));
        let ear = Arc::clone(&heard);
        let notices = Box::new(move |notice| lock(&ear).push(notice));
        let devices = Arc::new(Devices::open_on(machine, plan, clock.clone(), notices)?);
        Ok(Self { devices, clock, heard })
    }

    /// With nothing but what is simulated.
    pub(super) fn simulated(plan: &[Device]) -> Self {
        Self::open(plan, &machine(&Bench::default(), &PathBuf::from("/nowhere"))).unwrap()
    }

    /// Lets time pass, as the engine does: from one thing that is due to the next.
    pub(super) fn to(&self, millis: u64) {
        let end = Instant::from_nanos(millis * 1_000_000);
        while let Some(due) = self.devices.next_due().filter(|due| *due <= end) {
            self.devices.poll(due.max(self.clock.now()));
        }
        self.devices.poll(end);
    }

    /// What was heard since the last time.
    pub(super) fn heard(&self) -> Vec<Notice> {
        std::mem::take(&mut *lock(&self.heard))
    }

    /// The same in words, `; ` between them.
    pub(super) fn words(&self) -> String {
        self.heard().iter().map(words).collect::<Vec<_>>().join("; ")
    }
}

pub(super) fn words(notice: &Notice) -> String {
    match notice {
        Notice::Reading { device, at, value } => format!("{device} is {value} at {}", at.as_nanos() / 1_000_000),
        Notice::Missing { device, why } => format!("{device} missing: {why}"),
        Notice::Back { device } => format!("{device} back"),
        Notice::Set { device, on, by } => format!("{device} {} by {by}", if *on { "on" } else { "off" }),
        Notice::Safe { device, why, by, took } => {
            format!("{device} safe, {why}, from {}, {} ms", by.as_deref().unwrap_or("nobody"), took.as_millis())
        }
        Notice::MaxOn { device } => format!("{device} max-on"),
        Notice::Failed { device, why } => format!("{device} failed: {why}"),
    }
}

pub(super) fn writer(name: &str) -> Writer {
    Writer { address: Address { node: 1, key: u64::from(name.as_bytes()[0]) }, name: name.into() }
}

pub(super) fn relay(name: &str, safe: bool, max_on: Option<u64>) -> Device {
    output(name, safe, max_on, Output::SimRelay)
}

/// A line of the board.
pub(super) fn pin(name: &str, line: Line, active_low: bool, max_on: Option<u64>) -> Device {
    output(name, false, max_on, Output::Gpio { line, active_low })
}

pub(super) fn output(name: &str, safe: bool, max_on_millis: Option<u64>, output: Output) -> Device {
    let max_on = max_on_millis.map(Duration::from_millis);
    Device { name: name.parse().unwrap(), unit: String::new(), kind: DeviceKind::Output { safe, max_on, output } }
}

pub(super) fn input(name: &str, every_millis: u64, input: Input) -> Device {
    let every = Duration::from_millis(every_millis);
    Device { name: name.parse().unwrap(), unit: String::new(), kind: DeviceKind::Input { every, input } }
}
