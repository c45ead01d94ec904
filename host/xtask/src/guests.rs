//! `cargo xtask guests`: the actors and the probes, as components in `target/guests`.

use crate::call::{self, Failure, cargo, root};

pub(crate) fn run() -> Result<(), Failure> {
    let root = root();
    let mut build = cargo();
    build.args(["run", "--quiet", "--package", "greenroom-build", "--example", "guests", "--"]);
    call::run(build.arg(&root).arg(root.join("actors")).arg(root.join("target/guests")))
}
