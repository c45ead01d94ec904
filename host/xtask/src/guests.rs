//! `cargo xtask guests`: the actors, those of the examples, and the probes, as components in `target/guests`.

use crate::call::{Failure, cargo, root, run};

/// Builds all of them. With the builder alone, not with `greenroom build`: who works on actors need not compile the
/// engine, and who works on the engine needs the probes while it does not compile.
pub(crate) fn build() -> Result<(), Failure> {
    let mut build = cargo();
    build.args(["run", "--quiet", "--package", "greenroom-build", "--example", "guests", "--"]);
    build.arg(root()).arg(root().join("target/guests"));
    run(build.args(["actors", "examples"].map(|folder| root().join(folder))))
}
