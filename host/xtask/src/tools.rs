//! The programs that `cargo verify` needs beside Rust: installs those that are missing.

use crate::apt;
use crate::call::{Failure, cargo, run, which};
use std::path::PathBuf;
use std::process::Command;

/// Checks licences and sources of dependencies. The version that `deny.toml` is written for.
const DENY: &str = "0.20.2";

/// A browser, and what runs its tests.
pub(crate) fn browser() -> Result<(), Failure> {
    let given = std::env::var_os("CHROMIUM").is_some();
    let wanted = [("chromium", !given), ("node", true), ("npm", true)];
    let missing = wanted.iter().filter(|(name, wanted)| *wanted && which(name).is_none());
    let packages: Vec<&str> = missing.map(|(name, _)| if *name == "node" { "nodejs" } else { name }).collect();
    match packages.is_empty() {
        true => Ok(()),
        false => apt::install(&packages, "the browser for the page's tests"),
    }
}

/// Erlang, whose supervisor the core is compared with.
pub(crate) fn erlang() -> Result<(), Failure> {
    match which("erl") {
        Some(_) => Ok(()),
        None => apt::install(&["erlang-base"], "Erlang, which the core is compared with"),
    }
}

/// What people replace components with, where Debian does not have it from the start.
pub(crate) fn editors() -> Result<(), Failure> {
    let missing: Vec<&str> = ["vim", "rsync"].into_iter().filter(|name| which(name).is_none()).collect();
    match missing.is_empty() {
        true => Ok(()),
        false => apt::install(&missing, "what the tests of watched files write with"),
    }
}

/// A call of `cargo-deny`: the one in `PATH`, or one of this project's in the user's cache, compiled there once.
pub(crate) fn deny() -> Result<Command, Failure> {
    Ok(Command::new(match which("cargo-deny") {
        Some(program) => program,
        None => installed()?,
    }))
}

fn installed() -> Result<PathBuf, Failure> {
    let cache = greenroom_build::cache().ok_or_else(|| Failure::new("no HOME is set, so there is no cache"))?;
    let folder = cache.join(format!("cargo-deny-{DENY}"));
    let program = folder.join("bin/cargo-deny");
    if !program.is_file() {
        println!("installing cargo-deny {DENY} into {}: about two minutes of CPU time, once", folder.display());
        // Unoptimised: it runs for a second or two, and compiles in a third of the time.
        let mut install = cargo();
        install.args(["install", "--quiet", "--locked", "--debug", "--version", DENY, "--root"]).arg(&folder);
        run(install.arg("cargo-deny").env_remove("CARGO_TARGET_DIR"))?;
    }
    Ok(program)
}
