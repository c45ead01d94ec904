//! What building actors needs.

use super::{Finding, State};
use greenroom_build::Toolchain;
use std::path::Path;
use std::process::Command;

pub(super) fn cargo() -> Finding {
    match Command::new("cargo").arg("--version").output() {
        Ok(output) if output.status.success() => {
            Finding::new("cargo", State::Ok, String::from_utf8_lossy(&output.stdout).trim().to_owned())
        }
        Ok(output) => Finding::new("cargo", State::Warning, String::from_utf8_lossy(&output.stderr).trim().to_owned())
            .treat("actors cannot be built here; ready-made components run all the same"),
        Err(_) => Finding::new("cargo", State::Absent, "no cargo in PATH: ready-made components run, none are built")
            .treat("to build actors, install Rust: https://rustup.rs"),
    }
}

pub(super) fn compiler() -> Finding {
    match Toolchain::find(Path::new(".")) {
        Ok(toolchain) => Finding::new("compiler", State::Ok, format!("actors are compiled by {toolchain}")),
        Err(missing) => Finding::new("compiler", State::Warning, missing.to_string()).treat(missing.treatment()),
    }
}
