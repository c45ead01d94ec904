//! What this module wants of a machine's GPIO. The kernel is one; tests have another.

use greenroom_manifest::Bias;
use std::io;
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A chip of the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::devices) struct Chip {
    /// Its device file.
    pub(in crate::devices) path: PathBuf,
    /// As in `gpiochip0`: not the same after every start.
    pub(in crate::devices) name: String,
    /// What it is, as in `pinctrl-rp1`.
    pub(in crate::devices) label: String,
    /// How many lines it has.
    pub(in crate::devices) lines: u32,
}

/// The chips of a machine.
#[derive(Debug, Default)]
pub(in crate::devices) struct Chips {
    /// Those that may be opened, in the order of their numbers.
    pub(in crate::devices) open: Vec<Chip>,
    /// The device files of those that may not, with why.
    pub(in crate::devices) shut: Vec<(PathBuf, io::Error)>,
}

/// What there is on a line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::devices) struct Info {
    /// The kernel's name for it, or nothing.
    pub(in crate::devices) name: String,
    /// Who uses it, or nothing.
    pub(in crate::devices) consumer: String,
}

/// A line that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::devices) struct Request {
    /// The chip's device file.
    pub(in crate::devices) chip: PathBuf,
    /// The line on it.
    pub(in crate::devices) offset: u32,
    /// Who asks, for others that find it busy.
    pub(in crate::devices) consumer: String,
    /// Whether on is low.
    pub(in crate::devices) active_low: bool,
}

/// A change of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::devices) struct Edge {
    /// The logical level from then on.
    pub(in crate::devices) on: bool,
    /// When: the kernel's monotonic clock.
    pub(in crate::devices) monotonic: Duration,
}

/// A line that is driven.
pub(in crate::devices) trait Driven: Send {
    /// Sets the logical level.
    fn set(&self, on: bool) -> io::Result<()>;
    /// Reads the logical level back.
    fn level(&self) -> io::Result<bool>;
}

/// A line that is watched.
pub(in crate::devices) trait Watched: Send {
    /// Readable when there is a change to be read, or when the line is lost.
    fn fd(&self) -> BorrowedFd<'_>;
    /// The logical level now.
    fn level(&self) -> io::Result<bool>;
    /// The next change, if there is one; does not wait for it.
    fn edge(&self) -> io::Result<Option<Edge>>;
}

/// A machine's GPIO.
pub(in crate::devices) trait Board: Send + Sync {
    /// The chips that there are now.
    fn chips(&self) -> io::Result<Chips>;
    /// What there is on a line of a chip.
    fn info(&self, chip: &Path, offset: u32) -> io::Result<Info>;
    /// Takes a line as an output, at a level in the request itself.
    fn output(&self, request: &Request, on: bool) -> io::Result<Box<dyn Driven>>;
    /// Takes a line as an input that reports its changes. No debounce if that is zero.
    fn input(&self, request: &Request, bias: Option<Bias>, debounce: Duration) -> io::Result<Box<dyn Watched>>;
    /// The name of the group that a device file belongs to, if it is not root's.
    fn group(&self, file: &Path) -> Option<String>;
    /// The clock that edges are stamped with.
    fn monotonic(&self) -> Duration;
}
