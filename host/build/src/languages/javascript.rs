//! JavaScript and TypeScript: `NAME.js` or `NAME.ts`, with whatever it imports.
//!
//! A component has an engine in it, QuickJS-ng, compiled here once (`engine`). `build.mjs` checks types, bundles, and runs
//! the bundle in that engine, up to where it waits for its first message; the component is made of the engine with the memory
//! that is left then (`snapshot`). So an instance starts without reading any JavaScript.

mod engine;
mod files;

use super::{Made, snapshot};
use crate::contract::VERSION;
use crate::job::{BuildError, Job};
use crate::language::Language;
use crate::sysroot::cache;
use crate::tools::{Install, javascript};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::{fs, io};

/// What builds an actor, in Node.
const SCRIPT: &str = include_str!("javascript/build.mjs");

/// The folder of the SDK that this program carries, in the user's cache: for projects that have none installed.
///
/// # Errors
/// There is no cache (`HOME` is not set), or it cannot be written.
pub fn sdk() -> io::Result<PathBuf> {
    files::folder()
}

/// What it says when it is done.
struct Prepared {
    /// The engine, with the imports that the actor has.
    engine: PathBuf,
    /// The memory that is left.
    memory: PathBuf,
    /// The interfaces of the contract that it exports.
    interfaces: Vec<String>,
}

/// Builds an actor. What is wrong with it is said with places in the source.
pub(super) fn make(job: &Job, install: Install, line: &mut dyn FnMut(&str)) -> Result<Made, BuildError> {
    let refused = |output: String| BuildError::Compile { package: job.package.clone(), output };
    let packages = javascript::packages(install, line)?;
    let script = place(&packages.join("build.mjs"), SCRIPT)?;
    let sdk = sdk().map_err(|error| BuildError::File { path: "sdk".into(), source: error })?;
    let engines = engine::folder(install, line)?;
    let entry = entry(job)?;
    let out = Scratch::new(&packages).map_err(file(&packages))?;

    let folder = entry.parent().unwrap_or(Path::new("/"));
    let order = serde_json::json!({ "entry": entry, "folder": folder, "sdk": sdk, "engines": engines, "out": out.0 });
    let mut node = javascript::node()?;
    let output = node.arg(&script).arg(order.to_string()).stdin(Stdio::null()).output();
    let output = output.map_err(|error| refused(format!("node cannot be started: {error}")))?;
    let said = String::from_utf8_lossy(&output.stderr);
    said.lines().for_each(line);
    if !output.status.success() {
        return Err(refused(said.trim_end().to_owned()));
    }
    let prepared = Prepared::read(&output.stdout).ok_or_else(|| refused("the builder said nothing".into()))?;
    let bytes = |path: &Path| fs::read(path).map_err(file(path));
    let (engine, memory) = (bytes(&prepared.engine)?, bytes(&prepared.memory)?);
    snapshot::snapshot(&engine, &memory, &|name| prepared.keeps(name)).map(Made::Module).map_err(refused)
}

impl Prepared {
    /// Reads the last line.
    fn read(said: &[u8]) -> Option<Self> {
        let last = String::from_utf8_lossy(said);
        let value: serde_json::Value = serde_json::from_str(last.lines().last()?).ok()?;
        let text = |key: &str| value[key].as_str().map(PathBuf::from);
        let interfaces = value["interfaces"].as_array()?.iter().filter_map(|name| name.as_str().map(Into::into));
        Some(Self { engine: text("engine")?, memory: text("memory")?, interfaces: interfaces.collect() })
    }

    /// Whether the component has this export of the engine's.
    fn keeps(&self, name: &str) -> bool {
        if ["memory", "cabi_realloc"].contains(&name) {
            return true;
        }
        let function = name.strip_prefix("cabi_post_").unwrap_or(name);
        let of = |interface: &String| function.starts_with(&format!("greenroom:actor/{interface}@{VERSION}#"));
        self.interfaces.iter().any(of)
    }
}

/// The main file.
fn entry(job: &Job) -> Result<PathBuf, BuildError> {
    let endings: &[&str] = if job.language == Language::TypeScript { &["ts", "mts"] } else { &["js", "mjs"] };
    let names = [job.package.clone(), job.package.replace('-', "_")];
    let all = names.iter().flat_map(|name| endings.iter().map(move |ending| format!("{name}.{ending}")));
    let found = all.map(|name| job.workspace.join(name)).find(|path| path.is_file());
    let missing = || {
        let path = job.workspace.join(&job.package).with_extension(endings[0]);
        BuildError::File { path, source: io::Error::new(io::ErrorKind::NotFound, "there is no such file") }
    };
    let path = found.ok_or_else(missing)?;
    path.canonicalize().map_err(file(&path))
}

/// A folder of one build's own, below another.
struct Scratch(PathBuf);

impl Scratch {
    fn new(below: &Path) -> io::Result<Self> {
        // One process builds one after the other.
        let folder = below.join(format!("build-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A folder in the user's cache whose name says what it is made of, so that two versions have one each.
fn cached(name: &str, made_of: &str) -> io::Result<PathBuf> {
    let cache = cache().ok_or_else(|| io::Error::other("HOME is not set, so there is no cache"))?;
    let mut digest = DefaultHasher::new();
    made_of.hash(&mut digest);
    Ok(cache.join(name).join(format!("javascript-{:016x}", digest.finish())))
}

/// Puts a text into a file, unless it is there.
fn place(path: &Path, text: &str) -> Result<PathBuf, BuildError> {
    write(path, text).map_err(file(path))?;
    Ok(path.to_owned())
}

/// The same. Two builds may do so at once: each writes a file of its own, and either is right.
fn write(path: &Path, text: &str) -> io::Result<()> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let fresh = folder.join(format!(".{name}.{}", std::process::id()));
    fs::write(&fresh, text).and_then(|()| fs::rename(&fresh, path))
}

fn file(path: &Path) -> impl FnOnce(io::Error) -> BuildError {
    let path = path.to_owned();
    |source| BuildError::File { path, source }
}
