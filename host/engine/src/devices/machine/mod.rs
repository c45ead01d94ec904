//! What the machine says of itself, so that there is real input on any Linux machine.

mod cpu;
mod load;
mod memory;
mod temperature;

pub(super) use cpu::Cpu;
pub(super) use load::Load;
pub(super) use memory::Memory;
pub(super) use temperature::Temperature;

use super::input::Missing;
use std::fs;
use std::path::Path;

/// The text of a file of procfs: the kernel writes it from memory, and does not keep anyone waiting.
fn text(path: &Path) -> Result<String, Missing> {
    fs::read_to_string(path).map_err(|error| Missing::Failed(format!("{} cannot be read: {error}", path.display())))
}

fn malformed(path: &Path, what: &str) -> Missing {
    Missing::Failed(format!("{} has no {what}", path.display()))
}
