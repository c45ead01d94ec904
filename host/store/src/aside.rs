//! A damaged database is put aside, for whoever wants to look at it.

use crate::folder;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// Damaged databases that are left lying about; a bad card would fill itself with them.
const LEFT: usize = 3;

/// Renames `state.db` and what belongs to it to `state.db.damaged-<seconds since 1970>`, `…-wal` and so on. Where it is.
pub(crate) fn put(database: &Path) -> io::Result<PathBuf> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let aside = (seconds..)
        .map(|seconds| with(database, &format!(".damaged-{seconds}")))
        .find(|path| !path.exists() && !with(path, "-wal").exists())
        .unwrap_or_else(|| with(database, ".damaged"));
    // The database goes first: a log without one is seen at the next start, and would be taken for that of the next one.
    for suffix in ["", "-wal", "-shm", "-journal"] {
        match fs::rename(with(database, suffix), with(&aside, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    if let Some(parent) = database.parent() {
        folder::sync(parent)?;
        forget(database, parent);
    }
    Ok(aside)
}

/// Removes all but the last ones.
fn forget(database: &Path, parent: &Path) {
    let prefix = with(database, ".damaged-");
    let Ok(files) = fs::read_dir(parent) else { return };
    let seconds = |path: &Path| -> Option<u64> {
        let rest = path.to_str()?.strip_prefix(prefix.to_str()?)?;
        rest.split('-').next()?.parse().ok()
    };
    let mut all: Vec<_> = files.filter_map(|file| file.ok().map(|file| file.path())).collect();
    let mut times: Vec<_> = all.iter().filter_map(|path| seconds(path)).collect();
    times.sort_unstable();
    times.dedup();
    let Some(&oldest) = times.iter().rev().nth(LEFT - 1) else { return };
    all.retain(|path| seconds(path).is_some_and(|seconds| seconds < oldest));
    for path in all {
        drop(fs::remove_file(path));
    }
}

/// A path with something after its name.
pub(crate) fn with(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
