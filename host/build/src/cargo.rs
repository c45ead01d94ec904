//! What Cargo is asked: which packages are actors, and to compile them.

use crate::job::BuildError;
use crate::toolchain::{TARGET, Toolchain};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Kept by every actor for its stack: 128 KiB instead of the 1 MiB that is usual on this target, since each actor has
/// its own memory.
const STACK: &str = "-Clink-arg=-zstack-size=131072";

/// The Cargo that this process was started by, or the one in `PATH`.
fn cargo(folder: &Path) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(folder).stdin(Stdio::null());
    cargo
}

/// The packages of a workspace that make a component (those with a `cdylib`), in the folder `under`, by name.
pub fn packages(workspace: &Path, under: &Path) -> Result<Vec<String>, BuildError> {
    let metadata = metadata(workspace)?;
    let under = under.canonicalize().map_err(|source| BuildError::File { path: under.into(), source })?;
    let makes_component = |package: &Value| {
        let inside = package["manifest_path"].as_str().is_some_and(|path| Path::new(path).starts_with(&under));
        inside && list(&package["targets"]).iter().any(is_component)
    };
    let mut names: Vec<String> = list(&metadata["packages"])
        .iter()
        .filter(|package| makes_component(package))
        .filter_map(|package| Some(package["name"].as_str()?.to_owned()))
        .collect();
    names.sort();
    Ok(names)
}

/// Compiles packages of one workspace and gives back the core module of each that makes one. `line` hears what Cargo and
/// the compiler say, as they say it. The first that fails ends it.
pub(crate) fn compile(
    toolchain: &Toolchain,
    workspace: &Path,
    packages: &[&str],
    line: &mut dyn FnMut(&str),
) -> Result<BTreeMap<String, PathBuf>, BuildError> {
    let metadata = metadata(workspace)?;
    let root = metadata["workspace_root"].as_str().map_or_else(|| workspace.into(), PathBuf::from);
    let profile = profile(&root)?;
    let mut modules = BTreeMap::new();
    for &name in packages {
        let known = list(&metadata["packages"]).iter().find(|package| package["name"] == name);
        if known.is_some_and(|package| !list(&package["targets"]).iter().any(is_component)) {
            continue;
        }
        let mut call = cargo(workspace);
        // As a `cdylib` alone, which can be asked for one package at a time: what a package is to others beside, such as
        // an `rlib` to its tests, keeps Cargo from optimising across crates, and the module is a third larger.
        call.args(["rustc", "--message-format=json-render-diagnostics", "--lib", "--crate-type", "cdylib"]);
        call.args(["--package", name, "--target", TARGET, "--profile", profile]);
        // A folder of their own: another compiler, other flags; and the host's build does not wait for its lock.
        call.arg("--target-dir").arg(root.join("target/guests/build"));
        toolchain.apply(&mut call, &[STACK]);
        let child = call.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let failed = |source| BuildError::Cargo { source };
        let mut child = child.map_err(failed)?;
        let (made, said) = follow(&mut child, line).map_err(failed)?;
        if !child.wait().map_err(failed)?.success() {
            return Err(BuildError::Compile { package: name.into(), output: said });
        }
        // Another actor's among them would be one that this one depends on, made otherwise.
        modules.extend(made.into_iter().filter(|(package, _)| package == name));
    }
    Ok(modules)
}

/// Reads both of a call's streams until they end: modules by package from stdout, text from stderr.
fn follow(child: &mut Child, line: &mut dyn FnMut(&str)) -> std::io::Result<(BTreeMap<String, PathBuf>, String)> {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    std::thread::scope(|scope| {
        let messages = scope.spawn(move || {
            let mut text = String::new();
            stdout.map_or(Ok(0), |mut stdout| stdout.read_to_string(&mut text))?;
            std::io::Result::Ok(text)
        });
        let mut said = String::new();
        for text in stderr.into_iter().flat_map(|stderr| BufReader::new(stderr).split(b'\n')) {
            let text = text?;
            let text = String::from_utf8_lossy(&text);
            line(&text);
            said.push_str(&text);
            said.push('\n');
        }
        match messages.join() {
            Ok(text) => Ok((modules(&text?), said)),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// The modules of Cargo's messages, by the name of their package.
fn modules(messages: &str) -> BTreeMap<String, PathBuf> {
    let of = |line: &str| {
        let message: Value = serde_json::from_str(line).ok()?;
        let wanted = message["reason"] == "compiler-artifact" && is_component(&message["target"]);
        let files = list(&message["filenames"]).iter().filter_map(Value::as_str);
        let module = files.filter(|_| wanted).find(|file| file.ends_with(".wasm"))?;
        Some((package_name(message["package_id"].as_str()?)?.to_owned(), PathBuf::from(module)))
    };
    messages.lines().filter_map(of).collect()
}

/// The name in a package id: `path+file:///a/sampler#0.1.0` (the folder has the package's name) or
/// `path+file:///a/b#sampler@0.1.0`. Source: Cargo's reference, "package ID specifications".
fn package_name(id: &str) -> Option<&str> {
    let (url, fragment) = id.rsplit_once('#')?;
    match fragment.split_once('@') {
        Some((name, _)) => Some(name),
        None => url.rsplit('/').next(),
    }
}

fn is_component(target: &Value) -> bool {
    list(&target["crate_types"]).iter().any(|kind| kind == "cdylib")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn metadata(workspace: &Path) -> Result<Value, BuildError> {
    if !workspace.join("Cargo.toml").is_file() {
        return Err(BuildError::NoWorkspace { folder: workspace.into() });
    }
    let answer = cargo(workspace)
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .output()
        .map_err(|source| BuildError::Cargo { source })?;
    if !answer.status.success() {
        let output = String::from_utf8_lossy(&answer.stderr).into_owned();
        return Err(BuildError::Metadata { folder: workspace.into(), output });
    }
    serde_json::from_slice(&answer.stdout)
        .map_err(|error| BuildError::Metadata { folder: workspace.into(), output: error.to_string() })
}

/// `guest` where the workspace has such a profile, or `release`.
fn profile(root: &Path) -> Result<&'static str, BuildError> {
    let path = root.join("Cargo.toml");
    let text = std::fs::read_to_string(&path).map_err(|source| BuildError::File { path, source })?;
    // Cargo has read the same file just before: what is wrong with it was said.
    let manifest: toml::Table = text.parse().unwrap_or_default();
    let guest = manifest.get("profile").and_then(|profiles| profiles.get("guest"));
    Ok(if guest.is_some() { "guest" } else { "release" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_id_holds_the_name() {
        let check = |id: &str, expect: Option<&str>| assert_eq!(package_name(id), expect, "{id}");
        check("path+file:///home/me/actors/sampler#0.1.0", Some("sampler"));
        check("path+file:///home/me/odd%20folder#sampler@0.1.0", Some("sampler"));
        check("registry+https://github.com/rust-lang/crates.io-index#serde@1.0.229", Some("serde"));
        check("sampler 0.1.0", None);
    }

    #[test]
    fn modules_come_from_the_cdylibs_alone() {
        let messages = [
            r#"{"reason":"compiler-artifact","package_id":"path+file:///a/x#0.1.0","target":{"crate_types":["lib"]},"filenames":["/t/libx.rlib"]}"#,
            r#"{"reason":"compiler-artifact","package_id":"path+file:///a/my-actor#0.1.0","target":{"crate_types":["cdylib","rlib"]},"filenames":["/t/libmy_actor.rlib","/t/my_actor.wasm"]}"#,
            r#"{"reason":"build-finished","success":true}"#,
            "not JSON",
        ];
        let expect = BTreeMap::from([("my-actor".to_owned(), PathBuf::from("/t/my_actor.wasm"))]);
        assert_eq!(modules(&messages.join("\n")), expect);
    }

    #[test]
    fn the_guest_profile_is_used_where_there_is_one() {
        let check = |manifest: &str, expect| {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
            assert_eq!(profile(folder.path()).unwrap(), expect, "{manifest}");
        };
        check("[profile.guest]\ninherits = \"release\"", "guest");
        check("profile = { guest = { inherits = \"release\" } }", "guest");
        check("[profile.release]\nlto = true", "release");
        check("", "release");
    }
}
