//! Zig, for its C compiler: the one that `ZIG` names, or a pinned one of this project's own.
//!
//! It comes as a Python package, by whatever index this machine's pip is set to; which file that may be, `zig.txt` says
//! by its hash. Unpacked under `target/`, with what it caches.

use crate::apt;
use crate::call::{Failure, root, run};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::{fs, io};

/// The version that `zig.txt` has the hashes of.
const VERSION: &str = "0.17.1";

fn folder() -> PathBuf {
    root().join("target").join(format!("zig-{VERSION}"))
}

/// The program. Fetches it where it is not here yet, and says so.
pub(crate) fn set_up() -> Result<PathBuf, Failure> {
    if let Some(given) = std::env::var_os("ZIG") {
        return Ok(given.into());
    }
    let program = folder().join("ziglang/zig");
    if !program.is_file() {
        fetch()?;
    }
    Ok(program)
}

/// Keeps what Zig has compiled, its libc above all, beside it.
pub(crate) fn caches(zig: &mut Command) {
    let cache = folder().join("cache");
    zig.env("ZIG_GLOBAL_CACHE_DIR", &cache).env("ZIG_LOCAL_CACHE_DIR", &cache);
}

fn fetch() -> Result<(), Failure> {
    if !pip().arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    {
        apt::install(&["python3-pip"], "pip, which fetches Zig for the actor in C")?;
    }
    let folder = folder();
    println!(
        "fetching Zig {VERSION}, which compiles the actor in C: 100 MB, once, 410 MB in {}; its libc is then compiled, \
         once, in half a minute of CPU time",
        folder.display()
    );
    // Whole or not at all, and by one process or another: beside, and renamed.
    let partial = folder.with_extension(format!("{}.partial", std::process::id()));
    let fetched = run(pip()
        .args([
            "install",
            "--quiet",
            "--no-deps",
            "--only-binary=:all:",
            "--require-hashes",
            "--disable-pip-version-check",
        ])
        .args(["--no-compile", "--root-user-action=ignore", "--target"])
        .arg(&partial)
        .arg("--requirement")
        .arg(root().join("host/xtask/zig.txt")));
    let placed = fetched.and_then(|()| match fs::rename(&partial, &folder) {
        // Another process was quicker.
        Err(error) if !folder.join("ziglang/zig").is_file() => Err(unplaced(&folder, &error)),
        _ => Ok(()),
    });
    let _ = fs::remove_dir_all(&partial);
    placed
}

fn unplaced(folder: &std::path::Path, error: &io::Error) -> Failure {
    Failure::new(format!("{}: {error}", folder.display()))
}

fn pip() -> Command {
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip"]).stdin(Stdio::null());
    pip
}
