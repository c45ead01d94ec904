//! Every example is right: `greenroom check` says so of its manifest and its components, as it stands and under each of its
//! profiles. They are built by `cargo xtask guests`.
#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]

mod outside;

use outside::ran;
use std::path::Path;

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
            let file = folder.join("greenroom.toml");
            let words = ["check", file.to_str().unwrap()];
            let profile = profile.map_or(vec![], |name| vec!["--profile", name]);
            let (code, out, err) = ran(elsewhere.path(), &[&words[..], &profile].concat());
            assert_eq!(code, 0, "{name}: {err}");
            assert!(out.contains(" is right: "), "{name}: {out}");
        }
        checked.push(name);
    }
    checked.sort();
    assert_eq!(checked, ["kettle", "ping-pong", "pool", "supervisor", "timer", "topics"]);
}
