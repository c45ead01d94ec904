//! Debian's compiler, and the standard library that has to be built for it.
//!
//! Debian's `rustc-web` knows the WebAssembly targets but ships no library for them; `rust-web-src` has the library's
//! source with all it depends on, so that it can be built without the network. What is built lies in the user's cache,
//! one folder a version of the compiler, and comes there by a rename: a half-built one is never seen.

use crate::toolchain::{Missing, TARGET, has_library};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fmt, io};

/// The packages that make a Debian able to build actors.
pub const PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-22"];

const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";
const SOURCE: &str = "/usr/lib/rustlib/src/rust";

/// Debian's compiler, with everything it needs to build the library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Debian {
    pub(crate) rustc: PathBuf,
    pub(crate) linker: PathBuf,
    /// The compiler's release and commit: a library built by another is of no use to it.
    pub(crate) version: String,
    /// Greenroom's folder in the user's cache.
    pub(crate) cache: PathBuf,
}

/// Why there is no compiler after the set-up.
#[derive(Debug)]
pub enum SetupError {
    /// There is none, and it cannot be set up from what is here.
    Missing(Missing),
    /// The library did not build. What Cargo said.
    Library(String),
    /// A file of the set-up.
    File(PathBuf, io::Error),
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SetupError::Missing(missing) => write!(f, "{missing}; {}", missing.treatment()),
            SetupError::Library(said) => write!(f, "the standard library for {TARGET} did not build:\n{said}"),
            SetupError::File(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for SetupError {}

impl From<Missing> for SetupError {
    fn from(missing: Missing) -> SetupError {
        SetupError::Missing(missing)
    }
}

impl Debian {
    /// The compiler and what belongs to it, if all of it is installed.
    pub(crate) fn find() -> Option<Debian> {
        let installed = Path::new(CARGO).exists() && Path::new(SOURCE).join("library/vendor").is_dir();
        let about = Command::new(RUSTC).arg("-vV").output().ok().filter(|_| installed)?;
        let version = version(&String::from_utf8_lossy(&about.stdout))?;
        Some(Debian { rustc: RUSTC.into(), linker: linker()?, version, cache: cache()? })
    }

    /// Where its library lies once it is built.
    pub(crate) fn sysroot(&self) -> PathBuf {
        // Named after what it is made for, too: an older Greenroom's is another.
        self.cache.join(format!("sysroot-{}-small", self.version))
    }

    pub(crate) fn sysroot_flag(&self) -> String {
        format!("--sysroot={}", self.sysroot().display())
    }

    /// Builds the library. One process does it at a time; another that waited finds it there.
    pub(crate) fn build(&self, progress: &mut dyn FnMut(&str)) -> Result<(), SetupError> {
        fs::create_dir_all(&self.cache).map_err(at(&self.cache))?;
        let lock = self.cache.join("sysroot.lock");
        let lock_file = File::create(&lock).map_err(at(&lock))?;
        lock_file.lock().map_err(at(&lock))?;
        if has_library(Command::new(&self.rustc).arg(self.sysroot_flag())) {
            return Ok(());
        }
        progress(&format!("building Rust's standard library for {TARGET}: about a minute, once"));
        // In the cache, not in /tmp: a rename does not cross file systems. Left behind by a process that was killed,
        // the folder is emptied here, under the lock.
        let work = self.cache.join("sysroot.work");
        let _ = fs::remove_dir_all(&work);
        let done = self.compile(&work).and_then(|deps| self.lay_out(&deps, &work.join("sysroot")));
        let done = done.and_then(|sysroot| {
            // Something lies there when a user took files out of it.
            let _ = fs::remove_dir_all(self.sysroot());
            fs::rename(&sysroot, self.sysroot()).map_err(at(&self.sysroot()))
        });
        let _ = fs::remove_dir_all(&work);
        done
    }

    /// Has Cargo build the library of the packaged source; gives back the folder with what it made.
    fn compile(&self, work: &Path) -> Result<PathBuf, SetupError> {
        let source = fs::canonicalize(SOURCE).map_err(at(Path::new(SOURCE)))?.join("library/vendor");
        let package = work.join("src");
        fs::create_dir_all(&package).map_err(at(&package))?;
        for (name, text) in [("Cargo.toml", MANIFEST), ("src/lib.rs", "#![no_std]\n")] {
            fs::write(work.join(name), text).map_err(at(&work.join(name)))?;
        }
        let built = Command::new(CARGO)
            .current_dir(work)
            .args(["build", "--release", "--offline", "--target", TARGET])
            // The feature saves each actor a kilobyte.
            .args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"])
            .args(["--config", "source.crates-io.replace-with='debian'"])
            .args(["--config", &format!("source.debian.directory='{}'", source.display())])
            .env("RUSTC", &self.rustc)
            .env("RUSTC_BOOTSTRAP", "1")
            // Actors are linked with LTO, which reads bitcode; the crates are std's own, hence unstable inside.
            .env("CARGO_ENCODED_RUSTFLAGS", "-Cembed-bitcode=yes\u{1f}-Zforce-unstable-if-unmarked")
            .env("CARGO_HOME", work.join("home"))
            .env("CARGO_TARGET_DIR", work.join("target"))
            .env_remove("RUSTC_WRAPPER")
            .env_remove("RUSTC_WORKSPACE_WRAPPER")
            .output()
            .map_err(at(Path::new(CARGO)))?;
        if !built.status.success() {
            return Err(SetupError::Library(String::from_utf8_lossy(&built.stderr).into_owned()));
        }
        Ok(work.join("target").join(TARGET).join("release/deps"))
    }

    /// Copies the library to where a compiler looks for it in a sysroot.
    fn lay_out(&self, deps: &Path, sysroot: &Path) -> Result<PathBuf, SetupError> {
        let library = sysroot.join("lib/rustlib").join(TARGET).join("lib");
        fs::create_dir_all(&library).map_err(at(&library))?;
        for entry in fs::read_dir(deps).map_err(at(deps))? {
            let file = entry.map_err(at(deps))?.path();
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.ends_with(".rlib") && !name.starts_with("libsysroot_seed-") {
                fs::copy(&file, library.join(&name)).map_err(at(&file))?;
            }
        }
        Ok(sysroot.into())
    }
}

/// The package whose build brings the library with it.
const MANIFEST: &str = "\
[package]
name = \"sysroot_seed\"
version = \"0.0.0\"
edition = \"2021\"

[workspace]

[profile.release]
opt-level = \"s\"
";

fn at(path: &Path) -> impl FnOnce(io::Error) -> SetupError {
    let path = path.to_owned();
    |error| SetupError::File(path, error)
}

/// `1.96.0-ac68faa20c58` of what `rustc -vV` says.
fn version(about: &str) -> Option<String> {
    let field = |name: &str| about.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    let commit = field("commit-hash").unwrap_or("unknown");
    Some(format!("{}-{}", field("release")?, commit.get(..12).unwrap_or(commit)))
}

/// The linker of the `lld` packages: the one of this compiler's LLVM, or any.
fn linker() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let found = |name: &str| std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file());
    found("wasm-ld-22").or_else(|| found("wasm-ld"))
}

/// Greenroom's folder in the user's cache: below `XDG_CACHE_HOME`, or `.cache` in `HOME`; none where neither is set.
pub fn cache() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")))?;
    Some(base.join("greenroom"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compiler_is_told_by_release_and_commit() {
        let check = |about: &str, expect: Option<&str>| assert_eq!(version(about).as_deref(), expect, "{about}");
        check("rustc 1.96.0\ncommit-hash: ac68faa20c58cbccd01e\nrelease: 1.96.0\n", Some("1.96.0-ac68faa20c58"));
        check("rustc 1.96.0\ncommit-hash: unknown\nrelease: 1.96.0\n", Some("1.96.0-unknown"));
        check("release: 1.96.0\n", Some("1.96.0-unknown"));
        check("", None);
        check("bash: rustc: not found\n", None);
    }
}
