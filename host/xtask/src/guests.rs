//! `cargo xtask guests`: the actors, those of the examples, and the probes, as components in `target/guests`.

use crate::call::{Failure, cargo, root, run};
use crate::languages;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The most bytes that a component has, and the most that the kettle's have: an actor is a component of its own, so what
/// the SDK costs is there each time.
const MOST: u64 = 104 * 1024;
const MOST_OF_KETTLE: u64 = 88 * 1024;

const KETTLE: [&str; 6] = ["controller", "mash", "sampler", "session_log", "topic", "topic_registry"];

/// Those that are larger: they use all of the contract, or are a whole supervisor.
const LARGER: [&str; 5] = ["conformance", "conformance_asking", "one_for_one", "trap_at", "trap_at_asking"];

/// Builds all of them, in all languages, and looks at their sizes.
pub(crate) fn build() -> Result<(), Failure> {
    let out = root().join("target/guests");
    let mut build = builder("guests");
    build.arg(root()).arg(&out);
    run(build.args(["actors", "examples"].map(|folder| root().join(folder))))?;
    languages::build()?;
    sizes(&out)
}

/// A call of the builder alone, not of `greenroom build`: who works on actors need not compile the engine, and who works
/// on the engine needs the probes while it does not compile.
pub(crate) fn builder(example: &str) -> Command {
    let mut build = cargo();
    build.args(["run", "--quiet", "--package", "greenroom-build", "--example", example, "--"]);
    build
}

/// Fails when a component in the folder has become too large, after all of them were looked at.
fn sizes(folder: &Path) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::new(format!("{}: {error}", folder.display()));
    let mut large = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        if let Some(component) = name.to_string_lossy().strip_suffix(".wasm") {
            large.extend(too_large(component, entry.metadata().map_err(failed)?.len()));
        }
    }
    large.sort();
    if large.is_empty() { Ok(()) } else { Err(Failure::new(large.join("\n"))) }
}

/// The most that a language's components have, by how their names end: those that bring a runtime.
const MOST_OF: [(&str, u64); 4] = [
    ("_go", 5 * 1024 * 1024),
    ("_javascript", 2 * 1024 * 1024),
    ("_python", 20 * 1024 * 1024),
    ("_typescript", 2 * 1024 * 1024),
];

fn too_large(component: &str, bytes: u64) -> Option<String> {
    let of = MOST_OF.iter().find(|(ending, _)| component.trim_end_matches("_asking").ends_with(ending));
    let most = match of {
        Some((_, most)) => *most,
        None if KETTLE.contains(&component) => MOST_OF_KETTLE,
        None => MOST,
    };
    let fits = bytes <= most || LARGER.contains(&component);
    (!fits).then(|| format!("`{component}` is too large: {bytes} bytes, and {most} at most"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_that_is_too_large_is_named() {
        let check = |component: &str, bytes: u64, fits: bool| {
            assert_eq!(too_large(component, bytes).is_none(), fits, "{component}: {bytes}");
        };
        check("echo", MOST, true);
        check("echo", MOST + 1, false);
        check("controller", MOST_OF_KETTLE, true);
        check("controller", MOST_OF_KETTLE + 1, false);
        check("one_for_one", 2 * MOST, true);
        check("counter_go", 2 * MOST, true);
        check("conformance_go_asking", 2 * MOST, true);
        check("counter_go", 5 * 1024 * 1024 + 1, false);
        check("counter_javascript", 2 * MOST, true);
        check("conformance_javascript_asking", 2 * MOST, true);
        check("counter_javascript", 2 * 1024 * 1024 + 1, false);
        check("counter_python", 20 * 1024 * 1024, true);
        check("conformance_python_asking", 20 * 1024 * 1024 + 1, false);
    }

    #[test]
    fn a_folder_is_looked_at_to_its_end() {
        let folder = std::env::temp_dir().join(format!("greenroom-sizes-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let file = |name: &str, bytes: u64| fs::write(folder.join(name), vec![0; bytes as usize]).unwrap();
        file("echo.wasm", MOST);
        file("notes.txt", 2 * MOST);
        assert!(sizes(&folder).is_ok());
        file("echo.wasm", MOST + 1);
        file("topic.wasm", MOST);
        let why = sizes(&folder).unwrap_err().to_string();
        fs::remove_dir_all(&folder).unwrap();
        assert!(why.starts_with("`echo` is too large") && why.contains("\n`topic` is too large"), "{why}");
    }
}
