//! `cargo xtask setup`: makes sure that something here compiles for the sandbox. Does nothing where it already does.

use crate::call::{Failure, root};
use crate::{apt, zig};
use greenroom_build::{Missing, PACKAGES, Toolchain};

/// Sets up what the actors need, and what the tests' actor in C does.
pub(crate) fn all() -> Result<(), Failure> {
    run()?;
    let zig = zig::set_up()?;
    println!("the actor in C is compiled by {}", zig.display());
    Ok(())
}

/// Finds the compiler, or sets it up: from Debian's packages where there are such. rustup is never called: where it
/// manages the compiler it has installed the target already, as `rust-toolchain.toml` says, unless its user forbade it.
pub(crate) fn run() -> Result<(), Failure> {
    let root = root();
    if let Err(Missing::Compiler { debian: true }) = Toolchain::find(&root) {
        apt::install(&PACKAGES, "the compiler for actors")?;
    }
    let toolchain = Toolchain::set_up(&root, &mut |line| println!("{line}"));
    let toolchain = toolchain.map_err(|error| Failure::new(error.to_string()))?;
    println!("actors are compiled by {toolchain}");
    Ok(())
}
