//! Python: `NAME.py`, by `componentize-py`, with the SDK that this program carries.
//!
//! Two steps: this machine's Python looks at the module, which takes a moment and finds most of what is wrong; then
//! `componentize-py` takes a picture of the sandbox's Python after it has imported it.

mod files;
mod lists;

use super::Made;
use crate::contract::{self, World};
use crate::job::{BuildError, Job};
use crate::sources;
use crate::tools::{Install, python};
use serde::Deserialize;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, process};
use wasm_encoder::{ComponentSection as _, CustomSection};

/// The section of a component that says what it was made of. What is made of the same differs each time, by the seed of
/// Python's hashes at the least, and takes a quarter of a minute: so it is not made again.
const SECTION: &str = "greenroom-inputs";

/// Which way components are made: another number makes all of them anew.
const WAY: u32 = 1;

/// What the module of an actor is, as `greenroom._build` in the SDK tells.
#[derive(Debug, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "the parts of a world")]
struct Found {
    asking: bool,
    routes: bool,
    state: bool,
    signals: bool,
    replies: bool,
    /// It is written on the bindings, and the SDK has no part in it.
    bare: bool,
}

/// The folder to have Python import `greenroom` from, of this program's version: below the user's cache, written once.
///
/// # Errors
/// There is no cache (`HOME` is not set), or it cannot be written.
pub fn sdk() -> io::Result<PathBuf> {
    files::folder()
}

pub(super) fn make(job: &Job, install: Install, line: &mut dyn FnMut(&str)) -> Result<Made, BuildError> {
    // What Python can import.
    let module = job.package.replace('-', "_");
    let sdk = sdk().map_err(|source| file(Path::new("the SDK for Python"), source))?;
    let found = look(job, &module, &sdk, line)?;
    let world = World {
        asking: found.asking,
        routes: found.routes,
        state: found.state,
        signals: found.signals,
        replies: found.replies,
    };
    let inputs = inputs(job, world, &sdk).map_err(|source| file(&job.workspace, source))?;
    if let Some(made) = inputs.as_deref().and_then(|inputs| made_of(&job.path(), inputs)) {
        return Ok(made);
    }
    let tool = python::componentize(install, line)?;
    let mut component = componentize(job, tool, &module, &found, world, &sdk, line)?;
    if env::var_os("COMPONENTIZE_PY").is_none() {
        let broken = |why| BuildError::Component { package: job.package.clone(), why };
        component = lists::freed(&component).map_err(broken)?;
    }
    let section = CustomSection { name: SECTION.into(), data: inputs.unwrap_or_default().into_bytes().into() };
    section.append_to_component(&mut component);
    Ok(Made::Component(component))
}

/// Has this machine's Python look at the module.
fn look(job: &Job, module: &str, sdk: &Path, line: &mut dyn FnMut(&str)) -> Result<Found, BuildError> {
    let mut python = Command::new("python3");
    python.args(["-P", "-m", "greenroom._build", module]).current_dir(&job.workspace);
    python.env("PYTHONPATH", sdk).env("PYTHONDONTWRITEBYTECODE", "1").stdin(Stdio::null());
    let output = python.output().map_err(|source| BuildError::Compile {
        package: job.package.clone(),
        output: format!("Python 3.11 or later is needed, and python3 cannot be started: {source}"),
    })?;
    let text = String::from_utf8_lossy(&output.stdout);
    // What the module itself prints comes before it.
    let found = text.lines().last().and_then(|last| serde_json::from_str(last).ok());
    match found {
        Some(found) if output.status.success() => Ok(found),
        _ => Err(failed(job, &String::from_utf8_lossy(&output.stderr), line)),
    }
}

/// The digest of all that a component is made of. None: of more than can be known.
fn inputs(job: &Job, world: World, sdk: &Path) -> io::Result<Option<String>> {
    if env::var_os("VIRTUAL_ENV").is_some() || env::var_os("COMPONENTIZE_PY").is_some() {
        return Ok(None);
    }
    let digest = sources::digest(&[job.workspace.clone(), sdk.to_owned(), contract::folder(world)?])?;
    let hex = digest.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    Ok(Some(format!("{} {} componentize-py {} way {WAY} {hex}", job.package, world.name(), python::VERSION)))
}

/// The component that there is, if it was made of the same.
fn made_of(path: &Path, inputs: &str) -> Option<Made> {
    let bytes = fs::read(path).ok()?;
    // The section comes last.
    bytes.ends_with(inputs.as_bytes()).then_some(Made::Component(bytes))
}

fn componentize(
    job: &Job,
    mut tool: Command,
    module: &str,
    found: &Found,
    world: World,
    sdk: &Path,
    line: &mut dyn FnMut(&str),
) -> Result<Vec<u8>, BuildError> {
    let folder = env::temp_dir().join(format!("greenroom-python-{}-{module}", process::id()));
    let contract = contract::folder(world).map_err(|source| file(Path::new("the contract"), source))?;
    let run = || -> io::Result<_> {
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("greenroom_entry.py"), entry(module, found.bare))?;
        tool.arg("--wit-path").arg(contract).args(["--world", &world.name(), "--quiet"]);
        tool.args(["componentize", "--stub-wasi", "greenroom_entry", "--python-path"])
            .arg(job.workspace.canonicalize()?);
        tool.arg("--python-path").arg(&folder).arg("--python-path").arg(sdk);
        let output = tool.arg("--output").arg(folder.join("out.wasm")).stdin(Stdio::null()).output()?;
        match output.status.success() {
            true => fs::read(folder.join("out.wasm")).map(Ok),
            false => Ok(Err([output.stdout, output.stderr].concat())),
        }
    };
    let made = { run }();
    let _ = fs::remove_dir_all(&folder);
    match made {
        Ok(Ok(component)) => Ok(component),
        Ok(Err(said)) => Err(failed(job, &String::from_utf8_lossy(&said), line)),
        Err(source) => Err(file(&folder, source)),
    }
}

/// The module that `componentize-py` is given: what it takes for the exports, of the author's own.
fn entry(module: &str, bare: bool) -> String {
    // The author's folder is there as it is: nothing is to be left in it.
    let first = "import sys\n\nsys.dont_write_bytecode = True\n";
    match bare {
        true => format!("{first}from {module} import *\n"),
        false => format!(
            "{first}from greenroom import _sandbox\n\n_sandbox.set_up()\n\nimport {module}\n\
             from greenroom._component import exports\n\n\
             Behavior, State, Signals, Replies = exports({module})\n"
        ),
    }
}

fn failed(job: &Job, said: &str, line: &mut dyn FnMut(&str)) -> BuildError {
    let output = said.trim_end().to_owned();
    output.lines().for_each(line);
    BuildError::Compile { package: job.package.clone(), output }
}

fn file(path: &Path, source: io::Error) -> BuildError {
    BuildError::File { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Place;

    fn built(text: &str) -> Result<Made, BuildError> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("tea_pot.py"), text).unwrap();
        let place = Place::Folder(folder.path().join("out"));
        let language = crate::Language::Python;
        let job = Job { language, package: "tea-pot".into(), workspace: folder.path().into(), place };
        make(&job, Install::Never, &mut |_| {})
    }

    fn found(text: &str) -> Found {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("tea_pot.py"), text).unwrap();
        let place = Place::Folder(folder.path().join("out"));
        let language = crate::Language::Python;
        let job = Job { language, package: "tea-pot".into(), workspace: folder.path().into(), place };
        look(&job, "tea_pot", &sdk().unwrap(), &mut |_| {}).unwrap()
    }

    #[test]
    fn what_is_wrong_in_the_source_is_told_with_its_line() {
        let check = |text: &str, expect: &str| match built(text) {
            Err(BuildError::Compile { output, .. }) => assert!(output.contains(expect), "{output}"),
            _ => panic!("{text} was built"),
        };
        check("def pour(:\n", "tea_pot.py:1: SyntaxError");
        check("\nimport samovar\n", "tea_pot.py:2: ModuleNotFoundError: No module named 'samovar'");
        check("pass\n", "tea_pot.py needs one class that is an `Actor`; it has none");
        let pot = "from greenroom import Actor\nclass Pot(Actor):\n  def on_pour(self, cups: complex): ...\n";
        check(pot, "tea_pot.py:3: `cups` of `on_pour`: no JSON is read as complex");
        check("from greenroom import Actor\nclass Pot(Actor, version=1): ...\n", "it needs a method `save`");
    }

    #[test]
    fn the_world_is_of_what_the_actor_has() {
        let smallest = found("from greenroom import Actor\nclass Pot(Actor): ...\n");
        assert!(!smallest.asking && !smallest.routes && !smallest.state && !smallest.signals && !smallest.replies);
        let all = found(
            "from greenroom import *\nfrom greenroom import asking, routes\n\
             class Pot(Actor, version=2, accepts=(1,)):\n  def save(self): ...\n  def restore(self, kept, occasion): ...\n  \
             def on_price(self, price: Answer[float]): ...\n  def stopping(self, why): ...\n",
        );
        assert!(all.asking && all.routes && all.state && all.signals && all.replies && !all.bare);
        let bare = found("from wit_world.imports import asking\nclass Behavior: ...\nclass Signals: ...\n");
        assert!(bare.bare && bare.asking && bare.signals && !bare.state && !bare.routes && !bare.replies);
    }

    #[test]
    fn what_was_made_of_the_same_is_known_by_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pot.wasm");
        fs::write(&path, b"\0asm\x0d\0\x01\0 inputs").unwrap();
        assert!(made_of(&path, "inputs").is_some());
        assert!(made_of(&path, "others").is_none());
        assert!(made_of(&folder.path().join("none.wasm"), "inputs").is_none());
    }
}
