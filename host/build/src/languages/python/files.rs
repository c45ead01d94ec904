//! The SDK for Python, as this program carries it: of the contract's version, wherever the program was installed from.

use crate::sysroot::cache;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::{fs, io};

macro_rules! files {
    ($($name:literal)*) => {
        [$(($name, include_str!(concat!("../../../../../sdk/python/greenroom/", $name)))),*]
    };
}

/// Its files.
const FILES: &[(&str, &str)] = &files! {
    "__init__.py" "_address.py" "_answer.py" "_build.py" "_component.py" "_errors.py" "_handler.py" "_host.py"
    "_instance.py" "_json.py" "_message.py" "_misfit.py" "_next.py" "_occasion.py" "_reason.py" "_sandbox.py" "_shape.py"
    "_time.py" "_traceback.py" "_wasm.py" "actor.py" "asking.py" "log.py" "py.typed" "routes.py" "supervisor.py" "turn.py"
    "test/__init__.py" "test/_effects.py" "test/_ends.py" "test/_host.py" "test/_imports.py" "test/_world.py"
};

/// See [`sdk`](super::sdk). The folder's name has a digest of what is in it, so that two versions have two.
pub(super) fn folder() -> io::Result<PathBuf> {
    let cache = cache().ok_or_else(|| io::Error::other("HOME is not set, so there is no folder for it"))?;
    let mut digest = DefaultHasher::new();
    FILES.hash(&mut digest);
    let folder = cache.join("sdk").join(format!("python-{}-{:016x}", env!("CARGO_PKG_VERSION"), digest.finish()));
    if folder.is_dir() {
        return Ok(folder);
    }
    // By one process or another: beside, and renamed.
    let partial = folder.with_extension(format!("{}.partial", std::process::id()));
    for (name, text) in FILES {
        let path = partial.join("greenroom").join(name);
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(path, text)?;
    }
    match fs::rename(&partial, &folder) {
        // Another process was quicker.
        Err(error) if !folder.is_dir() => Err(error),
        _ => {
            let _ = fs::remove_dir_all(&partial);
            Ok(folder)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// What is below a folder, as paths in it.
    fn below(folder: &Path, found: &mut Vec<String>, prefix: &str) {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{prefix}{}", entry.file_name().into_string().unwrap());
            match entry.path().is_dir() {
                true if !name.ends_with("__pycache__") => below(&entry.path(), found, &format!("{name}/")),
                true => {}
                false => found.push(name),
            }
        }
    }

    #[test]
    fn every_file_of_the_sdk_is_carried() {
        let mut found = Vec::new();
        below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sdk/python/greenroom"), &mut found, "");
        let mut known: Vec<_> = FILES.iter().map(|(name, _)| (*name).to_owned()).collect();
        found.sort();
        known.sort();
        assert_eq!(found, known);
    }
}
