//! `cargo xtask guests`: the actors, those of the examples, and the probes, as components in `target/guests`.

use crate::c;
use crate::call::{Failure, cargo, root, run};
use std::process::Command;

/// Builds all of them: those in Rust, and the one in C.
pub(crate) fn build() -> Result<(), Failure> {
    let mut build = builder("guests");
    build.arg(root()).arg(root().join("target/guests"));
    run(build.args(["actors", "examples"].map(|folder| root().join(folder))))?;
    c::build()
}

/// A call of the builder alone, not of `greenroom build`: who works on actors need not compile the engine, and who works
/// on the engine needs the probes while it does not compile.
pub(crate) fn builder(example: &str) -> Command {
    let mut build = cargo();
    build.args(["run", "--quiet", "--package", "greenroom-build", "--example", example, "--"]);
    build
}
