//! The whole way from packages to component files.

use crate::cargo;
use crate::component;
use crate::sysroot::SetupError;
use crate::toolchain::Toolchain;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// One component to build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The Cargo package that makes it.
    pub package: String,
    /// A folder of the package's workspace, with a `Cargo.toml`.
    pub workspace: PathBuf,
    /// Where the component goes.
    pub place: Place,
}

/// Where a component goes. Folders are made where they are missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Into this file.
    File(PathBuf),
    /// Into this folder, under the name that Cargo gives the module: `topic-registry` makes `topic_registry.wasm`.
    Folder(PathBuf),
}

/// A component that was built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// Its package.
    pub package: String,
    /// The file.
    pub path: PathBuf,
    /// The file's length.
    pub bytes: u64,
    /// The interfaces that it imports, as `greenroom:actor/topics@0.1.0`.
    pub imports: Vec<String>,
    /// Whether the file was written. It is left alone when nothing in it would change.
    pub changed: bool,
}

/// Why nothing was built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// There is no compiler for the sandbox.
    #[error(transparent)]
    Toolchain(#[from] SetupError),
    /// A workspace that is none.
    #[error("{} has no Cargo.toml", folder.display())]
    NoWorkspace {
        /// The folder.
        folder: PathBuf,
    },
    /// Cargo cannot be started.
    #[error("cannot run cargo: {source}")]
    Cargo {
        /// Why.
        source: io::Error,
    },
    /// Cargo does not understand the workspace.
    #[error("cannot read the workspace in {}:\n{output}", folder.display())]
    Metadata {
        /// The workspace.
        folder: PathBuf,
        /// What Cargo said.
        output: String,
    },
    /// The compiler refused the source, or Cargo a package.
    #[error("{package} did not build:\n{output}")]
    Compile {
        /// The package.
        package: String,
        /// What Cargo and the compiler said, with places in the source.
        output: String,
    },
    /// A package without a `cdylib`.
    #[error("package `{package}` makes no WebAssembly module: its Cargo.toml needs `[lib] crate-type = [\"cdylib\"]`")]
    NoModule {
        /// The package.
        package: String,
    },
    /// A module that is no actor.
    #[error("package `{package}` makes no actor: {why}")]
    Component {
        /// The package.
        package: String,
        /// The reason.
        why: String,
    },
    /// A file that cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Builds components, with one call of Cargo each. `line` hears what Cargo and the compiler say, line by line, as
/// they say it. Results are in the order of the jobs; the first error ends it, and leaves every component file as it
/// was, or whole and new.
///
/// Sets the compiler up where only its library is missing ([`Toolchain::set_up`]).
pub fn build(jobs: &[Job], line: &mut dyn FnMut(&str)) -> Result<Vec<Built>, BuildError> {
    let mut modules = BTreeMap::new();
    for (workspace, packages) in workspaces(jobs) {
        if !workspace.is_dir() {
            return Err(BuildError::NoWorkspace { folder: workspace.into() });
        }
        let toolchain = Toolchain::set_up(workspace, line)?;
        for (package, module) in cargo::compile(&toolchain, workspace, &packages, line)? {
            modules.insert((workspace, package), module);
        }
    }
    let finish = |job: &Job| {
        let key = (job.workspace.as_path(), job.package.clone());
        let module = modules.get(&key).ok_or_else(|| BuildError::NoModule { package: job.package.clone() })?;
        wrap(job, module)
    };
    jobs.iter().map(finish).collect()
}

/// The packages of each workspace, each once.
fn workspaces(jobs: &[Job]) -> BTreeMap<&Path, Vec<&str>> {
    let mut workspaces: BTreeMap<&Path, Vec<&str>> = BTreeMap::new();
    for job in jobs {
        let packages = workspaces.entry(&job.workspace).or_default();
        if !packages.contains(&job.package.as_str()) {
            packages.push(&job.package);
        }
    }
    workspaces
}

fn wrap(job: &Job, module: &Path) -> Result<Built, BuildError> {
    let path = match &job.place {
        Place::File(path) => path.clone(),
        Place::Folder(folder) => folder.join(module.file_name().unwrap_or_default()),
    };
    finish(job.package.clone(), &fs::read(module).map_err(file(module))?, path)
}

/// Makes a component of a core module that another language's compiler made, in the file `path`. `wit` is the folder
/// with the contract, and `world` the world of it that the module was made for.
pub fn componentize(module: &Path, wit: &Path, world: &str, path: &Path) -> Result<Built, BuildError> {
    let package = module.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut bytes = fs::read(module).map_err(file(module))?;
    component::embed(&mut bytes, wit, world).map_err(|why| BuildError::Component { package: package.clone(), why })?;
    finish(package, &bytes, path.to_owned())
}

fn finish(package: String, module: &[u8], path: PathBuf) -> Result<Built, BuildError> {
    let refused = |why| BuildError::Component { package: package.clone(), why };
    let component = component::encode(module).map_err(refused)?;
    let imports = component::imports(&component).map_err(refused)?;
    let changed = replace(&path, &component).map_err(file(&path))?;
    Ok(Built { package, path, bytes: component.len() as u64, imports, changed })
}

fn file(path: &Path) -> impl FnOnce(io::Error) -> BuildError {
    let path = path.to_owned();
    |source| BuildError::File { path, source }
}

/// Puts bytes into a file so that a reader sees the old content or the new one, never a part; the host that watches the
/// file is not told of what did not change. Gives back whether it was written.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(false);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    // Two builds at once must not write into the same file. The name is hidden, and no component's, to those who list
    // the folder.
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let fresh = folder.join(format!(".{name}.{}", std::process::id()));
    let written = fs::write(&fresh, bytes).and_then(|()| fs::rename(&fresh, path));
    if written.is_err() {
        let _ = fs::remove_file(&fresh);
    }
    written.map(|()| true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(package: &str, workspace: &str) -> Job {
        Job { package: package.into(), workspace: workspace.into(), place: Place::Folder("out".into()) }
    }

    #[test]
    fn one_call_a_workspace_names_each_package_once() {
        let jobs = [job("a", "one"), job("b", "two"), job("c", "one"), job("a", "one")];
        let expect = BTreeMap::from([(Path::new("one"), vec!["a", "c"]), (Path::new("two"), vec!["b"])]);
        assert_eq!(workspaces(&jobs), expect);
    }

    #[test]
    fn a_file_is_replaced_whole_and_only_when_it_changes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/actor.wasm");
        let check = |bytes: &[u8], written: bool| {
            assert_eq!(replace(&path, bytes).unwrap(), written);
            assert_eq!(fs::read(&path).unwrap(), bytes);
            // Nothing is left beside it.
            assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        };
        check(b"one", true);
        check(b"one", false);
        check(b"two", true);
    }

    #[test]
    fn a_file_that_cannot_be_replaced_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("actor.wasm/inside")).unwrap();
        assert!(replace(&folder.path().join("actor.wasm"), b"one").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_workspace_that_is_none_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing");
        let jobs = [Job { package: "a".into(), workspace: missing.clone(), place: Place::Folder("out".into()) }];
        let error = build(&jobs, &mut |_| {}).unwrap_err();
        assert_eq!(error.to_string(), format!("{} has no Cargo.toml", missing.display()));
    }
}
