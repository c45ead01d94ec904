//! `cargo xtask setup`: makes sure that something here compiles for the sandbox. Does nothing where it already does.

use crate::apt;
use crate::call::{Failure, root, which};
use greenroom_build::{Install, Missing, PACKAGES, Toolchain, tools};
use std::process::{Command, Stdio};

/// Sets up what the actors need, and what the tests' actor in C does.
pub(crate) fn all() -> Result<(), Failure> {
    run()?;
    pip()?;
    node()?;
    let zig = tools::zig::zig(Install::Missing, &mut |line| println!("{line}"));
    let zig = zig.map_err(|error| Failure::new(error.to_string()))?;
    println!("actors in C are compiled by {}", zig.get_program().display());
    let go = tools::go::go(Install::Missing, &mut |line| println!("{line}"));
    let go = go.map_err(|error| Failure::new(error.to_string()))?;
    println!("actors in Go are compiled by {}", go.get_program().display());
    let tools = tools::javascript::packages(Install::Missing, &mut |line| println!("{line}")).and_then(|packages| {
        tools::quickjs::sources(Install::Missing, &mut |line| println!("{line}")).map(|_| packages)
    });
    println!("actors in JavaScript are built by {}", tools.map_err(|error| Failure::new(error.to_string()))?.display());
    let python = tools::python::componentize(Install::Missing, &mut |line| println!("{line}"));
    python.map_err(|error| Failure::new(error.to_string()))?;
    println!("actors in Python are made components by componentize-py {}", tools::python::VERSION);
    Ok(())
}

/// What fetches the compilers of other languages.
fn pip() -> Result<(), Failure> {
    let mut pip = Command::new("python3");
    let pip = pip.args(["-m", "pip", "--version"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    match pip.is_ok_and(|status| status.success()) {
        true => Ok(()),
        false => apt::install(&["python3-pip"], "pip, which fetches compilers of other languages"),
    }
}

/// What JavaScript is built with, and tested.
fn node() -> Result<(), Failure> {
    let programs = [("node", "nodejs"), ("npm", "npm")];
    let missing = programs.iter().filter(|(program, _)| which(program).is_none());
    let packages: Vec<&str> = missing.map(|(_, package)| *package).collect();
    match packages.is_empty() {
        true => Ok(()),
        false => apt::install(&packages, "Node, by which JavaScript is built"),
    }
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
