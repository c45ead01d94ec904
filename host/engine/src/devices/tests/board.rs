//! A board of chips that tests can look at, break and unplug.

use crate::devices::gpio::board::{Board, Chip, Chips, Driven, Edge, Info, Request, Watched};
use crate::devices::lock;
use greenroom_manifest::Bias;
use rustix::event::{EventfdFlags, eventfd};
use rustix::io::Errno;
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The kernel's clock stands still.
const MONOTONIC: Duration = Duration::from_secs(1000);

/// Clones are the same board.
#[derive(Clone, Default)]
pub(super) struct Bench(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    chips: Vec<Chip>,
    /// Chips that may not be opened.
    shut: Vec<(PathBuf, Errno)>,
    lines: BTreeMap<(PathBuf, u32), Line>,
    group: Option<String>,
    /// What every call on a line gives, if it fails.
    broken: Option<Errno>,
    /// No chip can be listed or opened.
    unplugged: bool,
    /// How often the chips were unplugged: what was held before stays dead, as with the kernel.
    unplugs: u64,
}

#[derive(Default)]
struct Line {
    info: Info,
    /// The physical level.
    high: bool,
    /// All physical levels since the start.
    past: Vec<bool>,
    edges: VecDeque<Edge>,
    bell: Option<OwnedFd>,
    request: Option<(Request, Option<Bias>, Duration)>,
}

impl Bench {
    /// A Pi: 54 lines, of which 2 and 3 have other names.
    pub(super) fn pi() -> Self {
        let bench = Self::default();
        bench.chip("gpiochip0", "pinctrl-bcm2711", 54);
        for offset in 0..54 {
            let name = match offset {
                2 => "SDA1".into(),
                3 => "SCL1".into(),
                4 => "GPIO_GCLK".into(),
                other => format!("GPIO{other}"),
            };
            bench.name("gpiochip0", offset, &name);
        }
        bench
    }

    pub(super) fn chip(&self, name: &str, label: &str, lines: u32) {
        let path = Path::new("/dev").join(name);
        lock(&self.0).chips.push(Chip { path, name: name.into(), label: label.into(), lines });
    }

    pub(super) fn shut(&self, name: &str, errno: Errno, group: Option<&str>) {
        let mut state = lock(&self.0);
        state.shut.push((Path::new("/dev").join(name), errno));
        state.group = group.map(str::to_owned);
    }

    pub(super) fn name(&self, chip: &str, offset: u32, name: &str) {
        self.line(chip, offset, |line| line.info.name = name.into());
    }

    /// Another program has the line.
    pub(super) fn occupy(&self, offset: u32, consumer: &str) {
        self.line("gpiochip0", offset, |line| line.info.consumer = consumer.into());
    }

    pub(super) fn break_all(&self, errno: Option<Errno>) {
        lock(&self.0).broken = errno;
    }

    pub(super) fn unplug(&self, unplugged: bool) {
        let mut state = lock(&self.0);
        let back = state.unplugged && !unplugged;
        state.unplugged = unplugged;
        state.unplugs += u64::from(unplugged);
        for line in state.lines.values_mut() {
            // Whoever watches it wakes up. What comes back is in nobody's hands, and at any level.
            line.wake();
            line.info.consumer.clear();
            line.high ^= back;
        }
    }

    /// The physical level of a line of gpiochip0, as an ammeter would see it.
    pub(super) fn high(&self, offset: u32) -> bool {
        self.line("gpiochip0", offset, |line| line.high)
    }

    /// All physical levels that this line has been driven to, in order.
    pub(super) fn past(&self, offset: u32) -> Vec<bool> {
        self.line("gpiochip0", offset, |line| line.past.clone())
    }

    /// What was asked for with the last request of the line: consumer, bias, debounce.
    pub(super) fn asked(&self, offset: u32) -> Option<(String, Option<Bias>, Duration)> {
        let asked = self.line("gpiochip0", offset, |line| line.request.clone());
        asked.map(|(request, bias, debounce)| (request.consumer, bias, debounce))
    }

    /// The line changes from outside, so many seconds ago.
    pub(super) fn change(&self, offset: u32, high: bool, ago: u64) {
        let monotonic = MONOTONIC.saturating_sub(Duration::from_secs(ago));
        self.line("gpiochip0", offset, |line| {
            let inverted = line.request.as_ref().is_some_and(|(request, ..)| request.active_low);
            line.high = high;
            line.edges.push_back(Edge { on: high != inverted, monotonic });
            line.wake();
        });
    }

    fn line<T>(&self, chip: &str, offset: u32, act: impl FnOnce(&mut Line) -> T) -> T {
        act(lock(&self.0).lines.entry((Path::new("/dev").join(chip), offset)).or_default())
    }

    /// A call on a line that was taken after so many unplugs: works unless the line is broken or gone.
    fn call<T>(&self, request: &Request, unplugs: u64, act: impl FnOnce(&mut Line) -> io::Result<T>) -> io::Result<T> {
        let mut state = lock(&self.0);
        match (state.unplugged || state.unplugs != unplugs, state.broken) {
            (true, _) => return Err(Errno::NODEV.into()),
            (false, Some(errno)) => return Err(errno.into()),
            (false, None) => {}
        }
        act(state.lines.entry((request.chip.clone(), request.offset)).or_default())
    }

    fn take(&self, request: &Request, bias: Option<Bias>, debounce: Duration) -> io::Result<Held> {
        let unplugs = lock(&self.0).unplugs;
        self.call(request, unplugs, |line| {
            if !line.info.consumer.is_empty() {
                return Err(Errno::BUSY.into());
            }
            line.info.consumer.clone_from(&request.consumer);
            line.request = Some((request.clone(), bias, debounce));
            line.edges.clear();
            Ok(())
        })?;
        let bell = eventfd(0, EventfdFlags::NONBLOCK)?;
        self.call(request, unplugs, |line| {
            line.bell = Some(bell.try_clone()?);
            Ok(())
        })?;
        Ok(Held { bench: self.clone(), request: request.clone(), unplugs, bell })
    }
}

impl Line {
    fn wake(&self) {
        if let Some(bell) = &self.bell {
            rustix::io::write(bell.as_fd(), &1u64.to_ne_bytes()).unwrap();
        }
    }
}

impl Board for Bench {
    fn chips(&self) -> io::Result<Chips> {
        let state = lock(&self.0);
        let shut = state.shut.iter().map(|(path, errno)| (path.clone(), io::Error::from(*errno))).collect();
        let open = if state.unplugged { Vec::new() } else { state.chips.clone() };
        Ok(Chips { open, shut })
    }

    fn info(&self, chip: &Path, offset: u32) -> io::Result<Info> {
        Ok(lock(&self.0).lines.get(&(chip.into(), offset)).map(|line| line.info.clone()).unwrap_or_default())
    }

    fn output(&self, request: &Request, on: bool) -> io::Result<Box<dyn Driven>> {
        let held = self.take(request, None, Duration::ZERO)?;
        held.set(on)?;
        Ok(Box::new(held))
    }

    fn input(&self, request: &Request, bias: Option<Bias>, debounce: Duration) -> io::Result<Box<dyn Watched>> {
        Ok(Box::new(self.take(request, bias, debounce)?))
    }

    fn group(&self, _: &Path) -> Option<String> {
        lock(&self.0).group.clone()
    }

    fn monotonic(&self) -> Duration {
        MONOTONIC
    }
}

/// A line that is held. As on a Pi, letting go of it leaves its level as it is.
struct Held {
    bench: Bench,
    request: Request,
    unplugs: u64,
    bell: OwnedFd,
}

impl Driven for Held {
    fn set(&self, on: bool) -> io::Result<()> {
        self.bench.call(&self.request, self.unplugs, |line| {
            line.high = on != self.request.active_low;
            line.past.push(line.high);
            Ok(())
        })
    }

    fn level(&self) -> io::Result<bool> {
        self.bench.call(&self.request, self.unplugs, |line| Ok(line.high != self.request.active_low))
    }
}

impl Watched for Held {
    fn fd(&self) -> BorrowedFd<'_> {
        self.bell.as_fd()
    }

    fn level(&self) -> io::Result<bool> {
        Driven::level(self)
    }

    fn edge(&self) -> io::Result<Option<Edge>> {
        let edge = self.bench.call(&self.request, self.unplugs, |line| Ok(line.edges.pop_front()))?;
        if edge.is_none() {
            // Taken all: the file is not readable any more.
            let _ = rustix::io::read(&self.bell, &mut [0u8; 8]);
        }
        Ok(edge)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut state = lock(&self.bench.0);
        if state.unplugs != self.unplugs {
            return;
        }
        if let Some(line) = state.lines.get_mut(&(self.request.chip.clone(), self.request.offset)) {
            line.info.consumer.clear();
            line.bell = None;
        }
    }
}
