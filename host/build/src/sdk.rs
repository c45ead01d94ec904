//! The SDK of C and C++, as this program has it: C has no registry that it could come from, so it comes with the host.
//!
//! Its folder is below the user's cache; its name has a digest of what is in it, so that two versions have two.

use crate::sysroot::cache;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::{fs, io};

macro_rules! files {
    ($($path:literal)*) => { [$(($path, include_str!(concat!("../../../sdk/c/", $path)))),*] };
}

/// Its files. Those in `src` and `bindings` with the ending `c` are compiled.
const C: [(&str, &str); 22] = files!(
    "bindings/actor.c" "bindings/actor.h" "bindings/exports.h"
    "include/greenroom.h" "include/greenroom.hpp"
    "include/greenroom/calls.h" "include/greenroom/exports.h" "include/greenroom/fields.h" "include/greenroom/test.h"
    "src/actor.c" "src/calls.c" "src/fields.c" "src/house.c" "src/json.c" "src/json.h" "src/state.c" "src/text.c"
    "src/text.h" "src/turn.c" "src/turn.h" "src/wait.c"
    "test/host.c"
);

/// The SDK's folder. It is written once.
///
/// # Errors
/// There is no cache (`HOME` is not set), or it cannot be written.
pub fn c() -> io::Result<PathBuf> {
    let cache = cache().ok_or_else(|| io::Error::other("HOME is not set, so there is no folder for the SDK of C"))?;
    let mut digest = DefaultHasher::new();
    C.hash(&mut digest);
    let folder = cache.join("sdk").join(format!("c-{}-{:016x}", env!("CARGO_PKG_VERSION"), digest.finish()));
    if folder.is_dir() {
        return Ok(folder);
    }
    // By one process or another: beside, and renamed.
    let partial = folder.with_extension(format!("{}.partial", std::process::id()));
    for (path, text) in C {
        let path = partial.join(path);
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

/// What is compiled of it.
pub(crate) fn sources(folder: &Path) -> Vec<PathBuf> {
    let sources = C.iter().filter(|(path, _)| path.ends_with(".c") && !path.starts_with("test/"));
    sources.map(|(path, _)| folder.join(path)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_sdk_is_known() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sdk/c");
        let mut found = Vec::new();
        let mut folders: Vec<_> = ["bindings", "include", "src", "test"].map(|folder| root.join(folder)).into();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
                match path.is_dir() {
                    true => folders.push(path),
                    false if name.ends_with("_test.c") || name.ends_with("_test.cpp") => {}
                    false => found.push(name),
                }
            }
        }
        found.sort();
        let mut known = C.map(|(path, _)| path.to_owned());
        known.sort();
        assert_eq!(found, known);
    }
}
