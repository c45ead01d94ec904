//! Zig: `NAME.zig`, with the exports of the canonical ABI; it has no SDK, and needs no libc and no WASI.

use super::call::call;
use super::{Made, main_file};
use crate::job::{BuildError, Job};
use crate::shrink::without_places;
use crate::tools::{Install, zig};
use std::fs;

/// Compiles. Zig says what is wrong with places in the source.
pub(super) fn make(job: &Job, install: Install, line: &mut dyn FnMut(&str)) -> Result<Made, BuildError> {
    let module = std::env::temp_dir().join(format!("greenroom-{}-{}.wasm", job.package, std::process::id()));
    let main = main_file(job, "zig");
    let mut build = zig::zig(install, line)?;
    build.current_dir(&job.workspace).args(["build-exe", "-target", "wasm32-freestanding", "-O", "ReleaseSmall"]);
    // A module that is called, and has no `main`; all that is marked as exported is. With names for reports; the
    // places of Zig's library would be nine tenths of the component, and come and go with those of the actor.
    build.args(["-fno-entry", "-rdynamic", "-fno-strip", "--stack", "65536"]);
    build.arg(format!("-femit-bin={}", module.display()));
    let compiled = call(build.args(main.file_name()), job, line);
    let read =
        compiled.and_then(|_| fs::read(&module).map_err(|source| BuildError::File { path: module.clone(), source }));
    let _ = fs::remove_file(&module);
    let refused = |error: wasmparser::BinaryReaderError| BuildError::Component {
        package: job.package.clone(),
        why: error.to_string(),
    };
    Ok(Made::Module(without_places(&read?).map_err(refused)?))
}
