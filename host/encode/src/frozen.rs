//! Published versions of the contract do not change: each is in `wit/frozen`, and what `wit/` says of a version that is there
//! has to be the same, but for comments.
//!
//! Who changes the contract gives it a new version. What is new is on its way until its first release, when its text is put
//! beside the others: `GREENROOM_FREEZE=1 cargo test -p greenroom-encode frozen` writes it.

use crate::contract::{VERSION, World};
use std::fs;
use std::path::{Path, PathBuf};
use wit_component::WitPrinter;
use wit_parser::Resolve;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit")
}

/// A version's text, without comments.
fn printed(resolve: &Resolve, package: wit_parser::PackageId) -> String {
    let mut printer = WitPrinter::default();
    printer.emit_docs(false);
    printer.print(resolve, package, &[]).unwrap();
    printer.output.to_string()
}

/// The version that `wit/` says it is, and its text.
fn now() -> (String, String) {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(folder()).unwrap();
    let version = resolve.packages[package].name.version.clone().unwrap();
    (version.to_string(), printed(&resolve, package))
}

fn frozen(version: &str) -> PathBuf {
    folder().join("frozen").join(version).with_added_extension("wit")
}

/// All versions that are frozen.
fn all() -> Vec<String> {
    let files = fs::read_dir(folder().join("frozen")).unwrap();
    let mut all: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    all.sort();
    all.iter().map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

#[test]
fn a_frozen_version_is_as_it_was() {
    let (version, text) = now();
    let path = frozen(&version);
    if std::env::var_os("GREENROOM_FREEZE").is_some() && !path.exists() {
        fs::write(&path, &text).unwrap();
    }
    if path.exists() {
        let was = fs::read_to_string(&path).unwrap();
        assert!(
            text == was,
            "greenroom:actor@{version} is frozen, and wit/ says something else of it than {}: give the contract a new \
             version (the line `package` in wit/, VERSION in contract.rs, a folder beside host/engine/src/contract/v0_1), \
             or take the change back",
            path.display()
        );
    }
}

#[test]
fn each_frozen_version_is_whole() {
    for version in all() {
        let mut resolve = Resolve::default();
        let package =
            resolve.push_str(format!("{version}.wit"), &fs::read_to_string(frozen(&version)).unwrap()).unwrap();
        assert_eq!(resolve.packages[package].name.to_string(), format!("greenroom:actor@{version}"));
    }
}

#[test]
fn what_is_not_frozen_is_newer_than_all_that_is() {
    let parts = |version: &str| version.split('.').map(|part| part.parse().unwrap()).collect::<Vec<u32>>();
    let (version, _) = now();
    assert_eq!(version, VERSION);
    let newest = all().iter().map(|version| parts(version)).max().unwrap();
    assert!(parts(&version) >= newest, "{version} is older than {newest:?}");
}

/// A change that nobody would see in a comment is seen, and one in a comment is not.
#[test]
fn a_change_is_seen() {
    let text = |package: &str| {
        let mut resolve = Resolve::default();
        let package = resolve.push_str("actor.wit", package).unwrap();
        printed(&resolve, package)
    };
    let package = World::default().package();
    let was = text(&package);
    assert_eq!(text(&package.replace("/// This actor's address.", "/// Whose address it is.")), was);
    assert_ne!(text(&package.replace("own-address: func() -> address", "own-address: func() -> u64")), was);
    assert_ne!(text(&package.replace("mailbox-full,", "mailbox-full,\n  too-late,")), was);
}
