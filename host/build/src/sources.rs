//! What decides whether a package has to be built again: the digest of its source files, not their times.

use crate::job::Job;
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// A package with the folders of its sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// What is built.
    pub job: Job,
    /// The folders, with all that is below them. Files that builds make and hidden files do not count.
    pub folders: Vec<PathBuf>,
}

/// The sources of a package cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the sources of `{package}`: {source}")]
pub struct SourcesError {
    /// The package.
    pub package: String,
    /// Why.
    pub source: io::Error,
}

/// Sources as they were at one moment.
#[derive(Debug, Clone)]
pub struct Sources {
    targets: Vec<(Target, Digest)>,
}

impl Sources {
    /// Reads the sources. Done before the first build and given to [`Watch::start`](crate::Watch::start) after it, it makes sure that a
    /// change in between is not missed.
    pub fn read(targets: Vec<Target>) -> Result<Sources, SourcesError> {
        let read = |target: Target| match digest(&target.folders) {
            Ok(digest) => Ok((target, digest)),
            Err(source) => Err(SourcesError { package: target.job.package, source }),
        };
        Ok(Sources { targets: targets.into_iter().map(read).collect::<Result<_, _>>()? })
    }

    /// The jobs whose sources have changed since this was asked last. Sources that cannot be read just now have not
    /// changed: the event that makes them readable asks again.
    pub(crate) fn changed(&mut self) -> Vec<Job> {
        let mut jobs = Vec::new();
        for (target, last) in &mut self.targets {
            match digest(&target.folders) {
                Ok(digest) if digest != *last => {
                    *last = digest;
                    jobs.push(target.job.clone());
                }
                _ => {}
            }
        }
        jobs
    }

    pub(crate) fn folders(&self) -> impl Iterator<Item = &PathBuf> {
        self.targets.iter().flat_map(|(target, _)| &target.folders)
    }
}

/// The digest of all source files below some folders: names and contents.
pub(crate) type Digest = [u8; 32];

/// Reads the folders. What is not there, or goes away meanwhile, counts as empty; another failure is the error.
pub(crate) fn digest(folders: &[PathBuf]) -> io::Result<Digest> {
    let mut files = Vec::new();
    for folder in folders {
        walk(folder, &mut files)?;
    }
    files.sort();
    let mut all = Sha256::new();
    for file in files {
        if let Some(bytes) = unless_gone(fs::read(&file))? {
            // Lengths in between, so that no other split of the same bytes gives the same digest.
            for part in [file.as_os_str().as_encoded_bytes(), &bytes] {
                all.update((part.len() as u64).to_le_bytes());
                all.update(part);
            }
        }
    }
    Ok(all.finalize().into())
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let Some(entries) = unless_gone(fs::read_dir(folder))? else { return Ok(()) };
    for entry in entries {
        let entry = entry?;
        if !is_source(&entry.file_name().to_string_lossy()) {
            continue;
        }
        // Links to folders are not followed: they can lead around in a circle.
        match unless_gone(entry.file_type())? {
            Some(kind) if kind.is_dir() => walk(&entry.path(), files)?,
            Some(_) if entry.path().is_file() => files.push(entry.path()),
            _ => {}
        }
    }
    Ok(())
}

/// Not what builds make, and not what editors leave beside a file while they save it.
fn is_source(name: &str) -> bool {
    let made = matches!(name, "target" | "node_modules" | "__pycache__") || name.ends_with(".wasm");
    let editors = name.starts_with('.') || name.starts_with('#') || name.ends_with('~');
    !made && !editors
}

fn unless_gone<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::job::Place;

    /// The target of a package in a folder.
    pub(crate) fn target(package: &str, folder: &Path) -> Target {
        let place = Place::Folder(folder.join("out"));
        let job = Job { language: crate::Language::Rust, package: package.into(), workspace: folder.into(), place };
        Target { job, folders: vec![folder.join(package)] }
    }

    #[test]
    fn only_the_package_whose_sources_changed_is_built_and_only_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut sources = Sources::read(vec![target("a", folder.path()), target("b", folder.path())]).unwrap();
        let mut check = |path: &str, text: &str, expect: &[&str]| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            let jobs = sources.changed();
            assert_eq!(jobs.iter().map(|job| job.package.as_str()).collect::<Vec<_>>(), expect, "{path:?} {text}");
            assert!(sources.changed().is_empty());
        };
        check("a/lib.rs", "one", &["a"]);
        check("b/lib.rs", "one", &["b"]);
        check("b/lib.rs", "one", &[]);
        check("c/lib.rs", "one", &[]);
        check("a/lib.rs", "two", &["a"]);
    }

    #[test]
    fn only_sources_count() {
        let check = |name: &str, expect: bool| assert_eq!(is_source(name), expect, "{name}");
        check("lib.rs", true);
        check("Cargo.toml", true);
        check("table.json", true);
        check("target", false);
        check("__pycache__", false);
        check("actor.wasm", false);
        check(".lib.rs.swp", false);
        check("lib.rs~", false);
        check("#lib.rs#", false);
    }

    #[test]
    fn the_digest_follows_the_sources_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let folders = [folder.path().join("src")];
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let now = || digest(&folders).unwrap();

        let missing = now();
        write("src/lib.rs", "one");
        let one = now();
        assert_ne!(one, missing);

        write("src/lib.rs", "one");
        assert_eq!(now(), one, "written again with the same content");
        write("src/target/debug/x", "made");
        write("src/.lib.rs.swp", "editor");
        write("tests/x.rs", "elsewhere");
        assert_eq!(now(), one, "what is no source of it");

        write("src/deep/mod.rs", "two");
        assert_ne!(now(), one, "a new file");
        fs::remove_dir_all(folder.path().join("src/deep")).unwrap();
        assert_eq!(now(), one, "the old state again");
        fs::rename(folder.path().join("src/lib.rs"), folder.path().join("src/bil.rs")).unwrap();
        assert_ne!(now(), one, "another name");
    }
}
