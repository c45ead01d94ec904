//! The SDK, for actors whose project has none installed.

use super::{cached, write};
use std::io;
use std::path::PathBuf;

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        [$(($path, include_str!(concat!("../../../../../sdk/javascript/", $path)))),*]
    };
}

/// Its files.
const FILES: [(&str, &str); 20] = files![
    "package.json",
    "src/actor.js",
    "src/body.js",
    "src/component.js",
    "src/context.js",
    "src/duration.js",
    "src/errors.js",
    "src/host.js",
    "src/imports.js",
    "src/index.js",
    "src/instance.js",
    "src/names.js",
    "src/next.js",
    "src/places.js",
    "src/shapes.js",
    "src/test.js",
    "src/world.js",
    "types/host.d.ts",
    "types/index.d.ts",
    "types/test.d.ts",
];

/// A folder with it, below the user's cache.
pub(super) fn folder() -> io::Result<PathBuf> {
    let folder = cached("sdk", &FILES.map(|(path, text)| format!("{path}\n{text}")).concat())?;
    for (path, text) in FILES {
        write(&folder.join(path), text)?;
    }
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    #[test]
    fn every_file_of_the_sdk_is_known() {
        let sdk = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sdk/javascript");
        let mut names = vec!["package.json".to_owned()];
        for folder in ["src", "types"] {
            let entries = fs::read_dir(sdk.join(folder)).unwrap();
            names.extend(entries.map(|entry| format!("{folder}/{}", entry.unwrap().file_name().to_string_lossy())));
        }
        names.sort();
        assert_eq!(names, FILES.map(|(name, _)| name));
    }
}
