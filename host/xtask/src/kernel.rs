//! `cargo xtask kernel`: the drivers of the devices on a real kernel, in an emulated machine.
//!
//! Debian's kernel with simulated chips (`gpio-sim`) and a simulated 1-wire bus, the `greenroom` program, and a script that
//! tries it out from inside: `host/xtask/kernel/`. Everything is kept in `target/kernel`, by the kernel's version; nothing
//! is installed but a compiler, where there is none.

mod debian;
mod emulator;
mod image;
mod modules;

use crate::call::{Failure, root};
use crate::tally::Tally;
use crate::{guests, host, setup};
use std::fs;
use std::path::PathBuf;
use std::time::Instant;

/// Does all of it, and counts the drill's checks.
pub(crate) fn drill() -> Result<Tally, Failure> {
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        return Err(Failure::new("the drill's machine is an x86-64 one, and runs the program that was built here"));
    }
    let start = Instant::now();
    let kernel = debian::fetch()?;
    let modules = modules::build(&kernel)?;
    println!("kernel {} and its modules: {:.0} s", kernel.release, start.elapsed().as_secs_f64());
    setup::run()?;
    let program = host::build()?;
    guests::build()?;
    let start = Instant::now();
    let image = image::pack(&kernel, &modules, &program)?;
    let tally = emulator::run(&kernel, &image);
    println!("the drill: {:.0} s", start.elapsed().as_secs_f64());
    tally
}

/// The drill's own files.
fn sources() -> PathBuf {
    root().join("host/xtask/kernel")
}

/// Copies a file.
fn copy(from: &std::path::Path, to: &std::path::Path) -> Result<(), Failure> {
    fs::copy(from, to).map(drop).map_err(|error| Failure::new(format!("cannot copy {}: {error}", from.display())))
}

/// For what cannot be done with a file or folder.
fn unusable(path: &std::path::Path) -> impl Fn(std::io::Error) -> Failure + '_ {
    move |error| Failure::new(format!("{} cannot be used: {error}", path.display()))
}
