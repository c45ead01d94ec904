//! `cargo xtask bindings [--check]`: generates the bindings from `wit/`, a file here for each language but Rust.
//!
//! They are checked in, because generating them in each guest's build costs a minute of compiling macros, or of compiling
//! the generator. Owns `sdk/rust/src/bindings/`, `sdk/c/bindings/` and `sdk/go/internal/`. Neighbours: `wit/world.wit` has
//! the parts' worlds, `sdk/rust/src/wire.rs` the types that the generated Rust uses in place of its own.

mod c;
mod go;

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use wit_bindgen_core::wit_parser::{Resolve, WorldId};
use wit_bindgen_core::{Files, WorldGenerator};
use wit_bindgen_rust::{Opts, WithOption};

/// Each world of the contract's parts, and the file for it.
const PARTS: [(&str, &str); 5] = [
    ("all-imports", "imports.rs"),
    ("with-behavior", "behavior.rs"),
    ("with-state", "state.rs"),
    ("with-signals", "signals.rs"),
    ("with-replies", "replies.rs"),
];

/// Types that the SDK defines itself: those that authors see, with errors that read well.
const TYPES: &str = "greenroom:actor/types@0.1.0";
const ERRORS: [(&str, &str); 5] = [
    ("greenroom:actor/actors@0.1.0/spawn-error", "crate::SpawnError"),
    ("greenroom:actor/names@0.1.0/name-error", "crate::NameError"),
    ("greenroom:actor/devices@0.1.0/read-error", "crate::ReadError"),
    ("greenroom:actor/devices@0.1.0/write-error", "crate::WriteError"),
    ("greenroom:actor/topics@0.1.0/topic-error", "crate::TopicError"),
];

/// Writes the bindings, or with `check` only says whether those that are there are what would be written.
///
/// # Errors
/// The contract does not parse, a file cannot be written, or with `check`: a file differs.
pub(crate) fn run(check: bool) -> Result<()> {
    let root = root()?;
    let wit = root.join("wit");
    let folder = root.join("sdk/rust/src/bindings");
    for (world, file) in PARTS {
        let text = rust(&wit, world).with_context(|| format!("generating bindings of the world `{world}`"))?;
        put(&folder.join(file), &text, check)?;
    }
    let folder = root.join("sdk/c/bindings");
    for (file, text) in c::files(&wit).context("generating the bindings in C")? {
        put(&folder.join(file), text.as_bytes(), check)?;
    }
    let folder = root.join("sdk/go/internal/bindings");
    for (file, text) in go::files(&wit).context("generating the bindings in Go")? {
        put(&folder.join(file), text.as_bytes(), check)?;
    }
    Ok(())
}

fn put(path: &Path, text: &[u8], check: bool) -> Result<()> {
    let there = std::fs::read(path).ok();
    if there.as_deref() == Some(text) {
        return Ok(());
    }
    if check {
        bail!("{} is not what wit/ says: run `cargo xtask bindings`", path.display());
    }
    path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
    std::fs::write(path, text).with_context(|| format!("writing {}", path.display()))
}

fn world(wit: &Path, name: &str) -> Result<(Resolve, WorldId)> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_path(wit)?;
    let id = resolve.select_world(&[package], Some(name))?;
    Ok((resolve, id))
}

fn rust(wit: &Path, name: &str) -> Result<Vec<u8>> {
    let (mut resolve, id) = world(wit, name)?;
    let mut with = Vec::new();
    // The generator refuses a replacement for what a world doesn't have, and `with-state` has no types of the contract.
    if !resolve.worlds[id].imports.is_empty() {
        with.push((TYPES.to_string(), WithOption::Path("crate::wire".into())));
    }
    if name == "all-imports" {
        with.extend(ERRORS.map(|(name, path)| (name.to_string(), WithOption::Path(path.into()))));
    }
    let mut generator = Opts { format: true, pub_export_macro: true, with, ..Opts::default() }.build();
    let mut files = Files::default();
    generator.generate(&mut resolve, id, &mut files)?;
    let (_, text) = files.iter().next().context("the generator made no file")?;
    Ok(text.to_vec())
}

fn root() -> Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(here.ancestors().nth(2).context("xtask has left its place")?.to_path_buf())
}
