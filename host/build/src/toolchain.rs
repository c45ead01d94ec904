//! Finds a Rust compiler that has the standard library for the sandbox's target.
//!
//! Two kinds of machine have one: those where rustup installed the target, and Debian (Raspberry Pi OS likewise), whose
//! packages bring the compiler and the library's source, from which [`Toolchain::set_up`] builds it once.
//! rustup is never called: it installs the target by itself, from `rust-toolchain.toml`, where its user lets it.

use crate::sysroot::{self, Debian, SetupError};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What actors are compiled for: a target that imports nothing from WASI.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// A compiler that can build actors, and what Cargo has to be told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toolchain {
    /// What a Debian compiler needs; none for the active one, which needs nothing.
    debian: Option<Debian>,
}

/// There is no such compiler (yet).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Debian's packages are here, and its standard library has still to be built: [`Toolchain::set_up`] does it.
    Library,
    /// There is no compiler that knows the target.
    Compiler {
        /// Whether this is a Debian, where the packages can be installed.
        debian: bool,
    },
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Missing::Library => write!(f, "the standard library for {TARGET} has not been built yet"),
            Missing::Compiler { .. } => write!(f, "no Rust compiler here has the standard library for {TARGET}"),
        }
    }
}

impl std::error::Error for Missing {}

impl Missing {
    /// What to do about it: a sentence with a command.
    pub fn treatment(self) -> String {
        let apt = sysroot::PACKAGES.join(" ");
        match self {
            Missing::Library => "`greenroom build` builds it, once, in about a minute".into(),
            Missing::Compiler { debian: true } => format!(
                "run `rustup target add {TARGET}`, or install Debian's compiler: \
                 `sudo apt-get install --no-install-recommends {apt}`"
            ),
            Missing::Compiler { debian: false } => format!("run `rustup target add {TARGET}`"),
        }
    }
}

impl Toolchain {
    /// Looks for a compiler, in this order: the active one (`RUSTC`, or `rustc` as it answers in `folder`, where a
    /// `rust-toolchain.toml` may choose it); Debian's with the standard library that [`Toolchain::set_up`] built.
    pub fn find(folder: &Path) -> Result<Toolchain, Missing> {
        let active = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        if has_library(Command::new(active).current_dir(folder)) {
            return Ok(Toolchain { debian: None });
        }
        match Debian::find() {
            Some(debian) if has_library(Command::new(&debian.rustc).arg(debian.sysroot_flag())) => {
                Ok(Toolchain { debian: Some(debian) })
            }
            Some(_) => Err(Missing::Library),
            None => Err(Missing::Compiler { debian: Path::new("/etc/debian_version").exists() }),
        }
    }

    /// Like [`Toolchain::find`], and builds Debian's standard library when only that is missing: a minute of CPU time,
    /// once for each version of the compiler, without the network. Two processes at once build it once.
    /// `progress` hears one line about what takes so long.
    pub fn set_up(folder: &Path, progress: &mut dyn FnMut(&str)) -> Result<Toolchain, SetupError> {
        match (Toolchain::find(folder), Debian::find()) {
            (Err(Missing::Library), Some(debian)) => {
                debian.build(progress)?;
                Ok(Toolchain::find(folder)?)
            }
            (found, _) => Ok(found?),
        }
    }

    /// Tells a call of Cargo to use this compiler for [`TARGET`], with `flags` for rustc beside its own.
    pub fn apply(&self, cargo: &mut Command, flags: &[&str]) {
        let mut flags: Vec<String> = flags.iter().map(|flag| (*flag).into()).collect();
        if let Some(debian) = &self.debian {
            cargo.env("RUSTC", &debian.rustc).env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", &debian.linker);
            flags.push(debian.sysroot_flag());
        }
        // The encoded form wins over every other way to give flags, and may hold paths with spaces.
        cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    }
}

impl fmt::Display for Toolchain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.debian {
            None => write!(f, "the active rustc, which has {TARGET}"),
            Some(debian) => {
                write!(f, "{} with the library in {}", debian.rustc.display(), debian.sysroot().display())
            }
        }
    }
}

/// Whether a compiler has the standard library: it says where it would be, and does not look itself.
pub(crate) fn has_library(rustc: &mut Command) -> bool {
    let Ok(answer) = rustc.args(["--print", "target-libdir", "--target", TARGET]).output() else { return false };
    let folder = PathBuf::from(String::from_utf8_lossy(&answer.stdout).trim());
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    entries.flatten().any(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.starts_with("libstd-") && name.ends_with(".rlib")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_active_compiler_needs_only_the_flags() {
        let mut cargo = Command::new("cargo");
        Toolchain { debian: None }.apply(&mut cargo, &["-Cone", "-Ctwo"]);
        let set: Vec<_> = cargo.get_envs().collect();
        assert_eq!(set, [("CARGO_ENCODED_RUSTFLAGS".as_ref(), Some("-Cone\u{1f}-Ctwo".as_ref()))]);
    }

    #[test]
    fn debians_compiler_is_named_with_its_library_and_linker() {
        let debian = Debian {
            rustc: "/usr/bin/rustc".into(),
            linker: "/usr/bin/wasm-ld-22".into(),
            version: "1.96.0-abc".into(),
            cache: "/home/a b/.cache/greenroom".into(),
        };
        let mut cargo = Command::new("cargo");
        Toolchain { debian: Some(debian) }.apply(&mut cargo, &["-Cone"]);
        let set: std::collections::BTreeMap<_, _> = cargo.get_envs().collect();
        assert_eq!(set["RUSTC".as_ref() as &std::ffi::OsStr], Some("/usr/bin/rustc".as_ref()));
        assert_eq!(
            set["CARGO_ENCODED_RUSTFLAGS".as_ref() as &std::ffi::OsStr],
            Some("-Cone\u{1f}--sysroot=/home/a b/.cache/greenroom/sysroot-1.96.0-abc-small".as_ref())
        );
        assert_eq!(
            set["CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER".as_ref() as &std::ffi::OsStr],
            Some("/usr/bin/wasm-ld-22".as_ref())
        );
    }

    #[test]
    fn a_compiler_that_is_not_there_has_no_library() {
        assert!(!has_library(&mut Command::new("/nonexistent/rustc")));
        // `false` answers nothing: an empty path must not be read as the current folder.
        assert!(!has_library(&mut Command::new("false")));
    }
}
