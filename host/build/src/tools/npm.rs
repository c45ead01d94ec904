//! What comes as npm packages: exactly those of a lock file, by whatever registry this machine's npm is set to; the lock
//! file has the hash of each.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

/// Installs into `folder` what a `package.json` and its `package-lock.json` list, whole or not at all. No package's own
/// scripts are run. The error is what went wrong.
pub(super) fn install(package: &str, lock: &str, folder: &Path) -> Result<(), String> {
    let failed = |error: io::Error| format!("{}: {error}", folder.display());
    // By one process or another: beside, and renamed.
    let partial = folder.with_extension(format!("{}.partial", std::process::id()));
    fs::create_dir_all(&partial).map_err(failed)?;
    fs::write(partial.join("package.json"), package).map_err(failed)?;
    fs::write(partial.join("package-lock.json"), lock).map_err(failed)?;
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    let fetched = match npm.current_dir(&partial).stdin(Stdio::null()).output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err("it comes by npm, which is not here (Debian: `sudo apt-get install nodejs npm`)".into())
        }
        Err(error) => Err(format!("it comes by npm, which cannot be started: {error}")),
    };
    let placed = fetched.and_then(|()| match fs::rename(&partial, folder) {
        // Another process was quicker.
        Err(error) if !folder.is_dir() => Err(failed(error)),
        _ => Ok(()),
    });
    let _ = fs::remove_dir_all(&partial);
    placed
}
