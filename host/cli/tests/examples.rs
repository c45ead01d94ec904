//! Every example is right: `greenroom check` says so of its manifest and its components, as it stands and under each of its
//! profiles. They are built by `cargo xtask guests`.

use std::path::Path;
use std::process::Command;

#[test]
fn every_example_is_right() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let elsewhere = tempfile::tempdir().unwrap();
    let mut checked = Vec::new();
    for entry in std::fs::read_dir(&examples).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let manifest =
            std::fs::read_to_string(folder.join("greenroom.toml")).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(folder.join("README.md").is_file(), "{name} says nothing of itself");
        let profiles = manifest.lines().filter_map(|line| line.strip_prefix("[profile.")?.strip_suffix(']'));
        for profile in [None].into_iter().chain(profiles.map(Some)) {
            let mut check = Command::new(env!("CARGO_BIN_EXE_greenroom"));
            check.arg("check").arg(folder.join("greenroom.toml")).current_dir(elsewhere.path());
            check.args(profile.map_or(vec![], |name| vec!["--profile", name]));
            let output = check.output().unwrap();
            let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert_eq!(output.status.code(), Some(0), "{name}: {err}");
            assert!(out.contains(" is right: "), "{name}: {out}");
        }
        checked.push(name);
    }
    for known in ["kettle", "languages", "mixed", "ping-pong", "pool", "supervisor", "timer", "topics"] {
        assert!(checked.iter().any(|name| name == known), "{known} is among {checked:?}");
    }
}
