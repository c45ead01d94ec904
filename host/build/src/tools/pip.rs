//! What comes as a Python package: fetched by whatever index this machine's pip is set to; which file that may be, a list of
//! hashes says.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs};

/// Installs into `folder` what `requirements` lists, whole or not at all. The error is what went wrong.
pub(super) fn install(requirements: &str, folder: &Path) -> Result<(), String> {
    placed(folder, |partial| {
        let words = ["install", "--only-binary=:all:", "--no-compile", "--root-user-action=ignore", "--target"];
        run(requirements, &words, partial)
    })
}

/// Puts into `folder` the folder `part` of the source package that `requirements` lists, whole or not at all. The error is
/// what went wrong.
pub(super) fn unpack(requirements: &str, part: &str, folder: &Path) -> Result<(), String> {
    placed(folder, |partial| {
        let whole = partial.join("whole");
        run(requirements, &["download", "--no-binary=:all:", "--dest"], &whole)?;
        let failed = |error: io::Error| format!("{}: {error}", whole.display());
        let archives = fs::read_dir(&whole).map_err(failed)?.flatten().map(|entry| entry.path());
        let archive = archives.last().ok_or("pip fetched nothing")?;
        let tar = Command::new("python3").args(["-m", "tarfile", "-e"]).arg(&archive).arg(&whole).output();
        let tar = tar.map_err(failed)?;
        if !tar.status.success() {
            return Err(String::from_utf8_lossy(&tar.stderr).into_owned());
        }
        // All is in one folder, which has the package's name.
        let mut folders = fs::read_dir(&whole).map_err(failed)?.flatten().filter(|entry| entry.path().is_dir());
        let inside = folders.next().ok_or("the package is empty")?.path().join(part);
        for entry in fs::read_dir(&inside).map_err(failed)?.flatten() {
            fs::rename(entry.path(), partial.join(entry.file_name())).map_err(failed)?;
        }
        fs::remove_dir_all(&whole).map_err(failed)
    })
}

/// Has a folder made beside, and renamed: by one process or another.
fn placed(folder: &Path, make: impl FnOnce(&Path) -> Result<(), String>) -> Result<(), String> {
    let failed = |error: io::Error| format!("{}: {error}", folder.display());
    let partial = folder.with_extension(format!("{}.partial", std::process::id()));
    fs::create_dir_all(&partial).map_err(failed)?;
    let placed = make(&partial).and_then(|()| match fs::rename(&partial, folder) {
        // Another process was quicker.
        Err(error) if !folder.is_dir() => Err(failed(error)),
        _ => Ok(()),
    });
    let _ = fs::remove_dir_all(&partial);
    placed
}

/// Runs pip for what `requirements` lists. The last of `words` takes the folder.
fn run(requirements: &str, words: &[&str], folder: &Path) -> Result<(), String> {
    let failed = |error: io::Error| format!("{}: {error}", folder.display());
    let list = env::temp_dir().join(format!("greenroom-{}.txt", std::process::id()));
    fs::write(&list, requirements).map_err(failed)?;
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", words[0], "--quiet", "--no-deps", "--require-hashes", "--disable-pip-version-check"]);
    pip.args(&words[1..]).arg(folder).arg("--requirement").arg(&list).stdin(Stdio::null());
    let output = pip.output();
    let _ = fs::remove_file(&list);
    match output {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            match said.contains("No module named pip") {
                true => Err("it comes by pip, which is not here (Debian: `sudo apt-get install python3-pip`)".into()),
                false => Err(said),
            }
        }
        Err(error) => Err(format!("it comes by Python's pip, and python3 cannot be started: {error}")),
    }
}
