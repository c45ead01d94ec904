//! What comes as a Python package: fetched by whatever index this machine's pip is set to; which file that may be, a list of
//! hashes says.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs};

/// Installs into `folder` what `requirements` lists, whole or not at all. The error is what went wrong.
pub(super) fn install(requirements: &str, folder: &Path) -> Result<(), String> {
    let failed = |error: io::Error| format!("{}: {error}", folder.display());
    let parent = folder.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(failed)?;
    // By one process or another: beside, and renamed.
    let partial = folder.with_extension(format!("{}.partial", std::process::id()));
    let list = env::temp_dir().join(format!("greenroom-{}.txt", std::process::id()));
    fs::write(&list, requirements).map_err(failed)?;
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes"]);
    pip.args(["--disable-pip-version-check", "--no-compile", "--root-user-action=ignore"]);
    pip.arg("--target").arg(&partial).arg("--requirement").arg(&list).stdin(Stdio::null());
    let output = pip.output();
    let _ = fs::remove_file(&list);
    let fetched = match output {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            match said.contains("No module named pip") {
                true => Err("it comes by pip, which is not here (Debian: `sudo apt-get install python3-pip`)".into()),
                false => Err(said),
            }
        }
        Err(error) => Err(format!("it comes by Python's pip, and python3 cannot be started: {error}")),
    };
    let placed = fetched.and_then(|()| match fs::rename(&partial, folder) {
        // Another process was quicker.
        Err(error) if !folder.is_dir() => Err(failed(error)),
        _ => Ok(()),
    });
    let _ = fs::remove_dir_all(&partial);
    placed
}
