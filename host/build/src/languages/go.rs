//! Go: the package `main` in the folder, compiled for WASI preview 1 as a library.
//!
//! The SDK is a module like any other, which the actor's `go.mod` names; what the actor exports is what it imports of it.

use super::Made;
use super::call::call;
use crate::job::{BuildError, Job};
use crate::tools::{Install, go};
use std::fs;

/// Compiles. Go says what is wrong with places in the source.
pub(super) fn make(job: &Job, install: Install, line: &mut dyn FnMut(&str)) -> Result<Made, BuildError> {
    let module = std::env::temp_dir().join(format!("greenroom-{}-{}.wasm", job.package, std::process::id()));
    let mut build = go::go(install, line)?;
    build.current_dir(&job.workspace).env("GOOS", "wasip1").env("GOARCH", "wasm");
    // `-s -w`: what a panic tells has its own table of places, so that names and debugging information are only weight.
    // `-checklinkname=0`: the bindings' runtime gives out memory before Go's is ready, by a function that is not public.
    build.args(["build", "-trimpath", "-buildmode=c-shared", "-ldflags=-s -w -checklinkname=0", "-o"]);
    let compiled = call(build.arg(&module).arg("."), job, line);
    let read =
        compiled.and_then(|_| fs::read(&module).map_err(|source| BuildError::File { path: module.clone(), source }));
    let _ = fs::remove_file(&module);
    Ok(Made::Module(read?))
}
