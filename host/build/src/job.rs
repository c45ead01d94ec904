//! The whole way from packages to component files.

use crate::cargo;
use crate::component;
use crate::language::Language;
use crate::languages::{self, Made};
use crate::sysroot::SetupError;
use crate::toolchain::Toolchain;
use crate::tools::{Install, ToolError};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// One component to build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// What it is written in.
    pub language: Language,
    /// The Cargo package that makes it; in other languages the actor's name, which names the main file.
    pub package: String,
    /// A folder of the package's workspace, with a `Cargo.toml`; in other languages the folder of the source.
    pub workspace: PathBuf,
    /// Where the component goes.
    pub place: Place,
}

impl Job {
    /// The component's file.
    pub(crate) fn path(&self) -> PathBuf {
        match &self.place {
            Place::File(path) => path.clone(),
            // As Cargo names modules.
            Place::Folder(folder) => folder.join(self.package.replace('-', "_")).with_extension("wasm"),
        }
    }
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
    /// A program is missing that the language needs.
    #[error(transparent)]
    Tool(#[from] ToolError),
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

/// Builds components. `line` hears what compilers say, line by line, as they say it. Results are in the order of the jobs;
/// the first error ends it, and leaves every component file as it was, or whole and new.
///
/// Sets the Rust compiler up where only its library is missing ([`Toolchain::set_up`]), and other tools as `install` says.
pub fn build(jobs: &[Job], install: Install, line: &mut dyn FnMut(&str)) -> Result<Vec<Built>, BuildError> {
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
    let one = |job: &Job| {
        if job.language != Language::Rust {
            return finish(job, languages::make(job, install, line)?);
        }
        let key = (job.workspace.as_path(), job.package.clone());
        let module = modules.get(&key).ok_or_else(|| BuildError::NoModule { package: job.package.clone() })?;
        finish(job, Made::Module(fs::read(module).map_err(file(module))?))
    };
    jobs.iter().map(one).collect()
}

/// The packages of each workspace of Cargo's, each once.
fn workspaces(jobs: &[Job]) -> BTreeMap<&Path, Vec<&str>> {
    let mut workspaces: BTreeMap<&Path, Vec<&str>> = BTreeMap::new();
    for job in jobs.iter().filter(|job| job.language == Language::Rust) {
        let packages = workspaces.entry(&job.workspace).or_default();
        if !packages.contains(&job.package.as_str()) {
            packages.push(&job.package);
        }
    }
    workspaces
}

/// Makes a component of a core module that another compiler made, in the file `path`.
pub fn componentize(module: &Path, path: &Path) -> Result<Built, BuildError> {
    let package = module.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    place(package, Made::Module(fs::read(module).map_err(file(module))?), path.to_owned())
}

/// Makes a component of what a language's tools made, and puts it in its place.
fn finish(job: &Job, made: Made) -> Result<Built, BuildError> {
    place(job.package.clone(), made, job.path())
}

fn place(package: String, made: Made, path: PathBuf) -> Result<Built, BuildError> {
    let refused = |why| BuildError::Component { package: package.clone(), why };
    let component = match made {
        Made::Module(module) => component::encode(&module),
        Made::Component(component) => component::checked(component),
    };
    let component = component.map_err(refused)?;
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
        let place = Place::Folder("out".into());
        Job { language: Language::Rust, package: package.into(), workspace: workspace.into(), place }
    }

    fn wat(folder: &Path, text: &str) -> Result<Vec<Built>, BuildError> {
        fs::write(folder.join("tick-tock.wat"), text).unwrap();
        let place = Place::Folder(folder.join("out"));
        let job = Job { language: Language::Wat, package: "tick-tock".into(), workspace: folder.into(), place };
        build(&[job], Install::Never, &mut |_| {})
    }

    /// The smallest actor: ready at once, and content with any message.
    const SMALLEST: &str = r#"(module
        (memory (export "memory") 1)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
        (func (export "greenroom:actor/behavior@0.1.0#init") (param i32 i32) (result i32) (i32.const 0))
        (func (export "greenroom:actor/behavior@0.1.0#handle")
            (param i32 i64 i64 i32 i64 i32 i32 i32 i32 i32 i32 i32) (result i32) (i32.const 0)))"#;

    #[test]
    fn text_becomes_a_component_of_the_world_that_it_exports() {
        let folder = tempfile::tempdir().unwrap();
        let built = wat(folder.path(), SMALLEST).unwrap();
        assert_eq!(built[0].path, folder.path().join("out/tick_tock.wasm"));
        assert!(built[0].changed);
        assert!(!wat(folder.path(), SMALLEST).unwrap()[0].changed);
    }

    #[test]
    fn text_that_is_wrong_is_told_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let error = wat(folder.path(), "(module\n  (func (nonsense)))").unwrap_err().to_string();
        assert!(error.contains("nonsense") && error.contains(":2:"), "{error}");
        let error = wat(folder.path(), "(module)").unwrap_err().to_string();
        assert!(error.contains("does not export `greenroom:actor/behavior@0.1.0#handle`"), "{error}");
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
        let jobs = [job("a", &missing.display().to_string())];
        let error = build(&jobs, Install::Never, &mut |_| {}).unwrap_err();
        assert_eq!(error.to_string(), format!("{} has no Cargo.toml", missing.display()));
    }
}
