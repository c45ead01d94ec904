//! The `greenroom` program, as developers have it.

use crate::call::{Failure, cargo, run};
use std::path::PathBuf;
use std::process::Command;

/// Builds it, and gives back where it is.
pub(crate) fn build() -> Result<PathBuf, Failure> {
    run(cargo().args(["build", "--package", "greenroom-cli"]))?;
    path()
}

/// Where it is, or will be: beside this program, which Cargo builds into the same folder.
pub(crate) fn path() -> Result<PathBuf, Failure> {
    let here = std::env::current_exe().map_err(|error| Failure::new(format!("cannot find this program: {error}")))?;
    Ok(here.with_file_name("greenroom"))
}

/// A call of it.
pub(crate) fn greenroom() -> Result<Command, Failure> {
    let mut command = Command::new(path()?);
    command.current_dir(crate::call::root());
    Ok(command)
}
