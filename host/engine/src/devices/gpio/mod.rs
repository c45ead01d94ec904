//! Lines of the GPIO character device: which line is meant, what drives and watches it, and what to do when that fails.

pub(super) mod board;
mod find;
mod kernel;
mod line;
mod pi;
mod refusal;
mod watch;

pub(super) use board::Board;
pub(super) use kernel::Kernel;
pub(super) use line::{Wiring, output};
pub(super) use pi::warnings;
pub(super) use watch::Watch;
