//! The actor in C: compiled by `zig cc`, and made a component.
//!
//! With Zig's libc for WASI, of which nothing that asks for WASI is linked: the components import the contract alone.

use crate::call::{Failure, root, run};
use crate::guests::builder;
use greenroom_build::{Install, tools};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// The components of `actors/conformance-c`, with what the compiler is told beside: `asking` needs a fiber, so there is
/// one with it and one without.
const COMPONENTS: [(&str, &[&str]); 2] = [("conformance_c", &[]), ("conformance_c_asking", &["-DASKING"])];

/// 64 KiB of stack, in place of 16 MiB; a module that is called, and has no `main`.
const FLAGS: [&str; 8] = [
    "--target=wasm32-wasi",
    "-mexec-model=reactor",
    "-std=c17",
    "-Os",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-Wl,-z,stack-size=65536",
];

/// Builds both components into `target/guests`. The compiler says what is wrong in the source.
pub(crate) fn build() -> Result<(), Failure> {
    let source = root().join("actors/conformance-c");
    let modules = root().join("target/guests/build/c");
    let failed = |error: std::io::Error| Failure::new(format!("{}: {error}", source.display()));
    fs::create_dir_all(&modules).map_err(failed)?;
    let files = files(&source).map_err(failed)?;
    for (name, flags) in COMPONENTS {
        let module = modules.join(format!("{name}.wasm"));
        let zig = tools::zig::zig(Install::Missing, &mut |line| println!("{line}"));
        let mut compile = zig.map_err(|error| Failure::new(error.to_string()))?;
        run(compile.arg("cc").args(FLAGS).args(flags).arg("-o").arg(&module).args(&files))?;
        let component = root().join(format!("target/guests/{name}.wasm"));
        run(builder("componentize").arg(module).arg(component))?;
    }
    Ok(())
}

/// The sources: written ones and generated ones.
fn files(source: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for folder in ["src", "bindings"] {
        for entry in fs::read_dir(source.join(folder))? {
            files.push(entry?.path());
        }
    }
    files.retain(|file| file.extension() == Some(OsStr::new("c")));
    files.sort();
    Ok(files)
}
