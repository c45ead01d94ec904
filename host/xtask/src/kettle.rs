//! `cargo kettle`: sets up what is missing, builds the host and the actors, and runs the kettle on simulated devices.

use crate::call::{Failure, root};
use crate::{host, setup};
use std::os::unix::process::CommandExt;

/// The example's manifest, in the repository.
pub(crate) const MANIFEST: &str = "examples/kettle/greenroom.toml";

/// Runs it until it is interrupted. `arguments` are for `greenroom run`.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    if !host::path()?.exists() {
        println!(
            "First run: the host is compiled, with the WebAssembly compiler that it contains. That takes about 12\n\
             minutes of CPU time, once. Later starts take seconds.\n"
        );
    }
    println!("[1/3] a compiler for actors");
    setup::run()?;
    println!("[2/3] the host");
    host::build()?;
    println!("[3/3] the actors, and the kettle; Ctrl-C ends it");
    let mut kettle = host::greenroom()?;
    kettle.current_dir(root()).args(["run", MANIFEST, "--profile", "sim", "--dev"]).args(arguments);
    // In place of this process, so that signals and the exit code are the host's own.
    let error = kettle.exec();
    Err(Failure::new(format!("cannot run {}: {error}", host::path()?.display())))
}
