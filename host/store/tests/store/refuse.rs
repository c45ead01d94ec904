//! Disks that refuse: full, read-only, and files that may not grow.
//!
//! Each is set up for a process of its own, which then is this test again: a small file system in a namespace, or a limit.

use crate::damage::{image, state};
use greenroom_store::{Error, Opened, Options, Origin, State, Store};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

const FOLDER: &str = "STORE_REFUSE_FOLDER";

/// Runs `child`, one of the tests below, in a shell that has prepared its disk. Whether it could be prepared.
fn run(child: &str, folder: &Path, prepare: &str, namespace: bool) -> bool {
    let script = format!("{prepare} || exit 77; exec \"$0\" --exact refuse::{child} --ignored --nocapture");
    let mut command = Command::new(if namespace { "unshare" } else { "sh" });
    if namespace {
        command.args(["--user", "--map-root-user", "--mount", "sh"]);
    }
    let output =
        command.arg("-c").arg(script).arg(std::env::current_exe().unwrap()).env(FOLDER, folder).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    if output.status.code() == Some(77) || namespace && said.contains("unshare failed") {
        drop(writeln!(std::io::stderr(), "not tried, as this machine does not let it be prepared: {said}"));
        return false;
    }
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    true
}

fn folder() -> Option<std::path::PathBuf> {
    std::env::var_os(FOLDER).map(Into::into)
}

fn open(folder: &Path) -> (Store, Vec<String>, mpsc::Receiver<String>) {
    let (sender, told) = mpsc::channel();
    let tell = Box::new(move |sentence: &str| sender.send(sentence.to_owned()).unwrap_or_default());
    let Opened { store, trouble } = Store::open(folder, Options { interval: Duration::from_secs(3600), tell }).unwrap();
    (store, trouble, told)
}

fn large(byte: u8) -> State {
    State { bytes: vec![byte; 300_000].into(), ..state("") }
}

#[test]
fn a_full_disk() {
    let folder = tempfile::tempdir().unwrap();
    run("full", folder.path(), &format!("mount -t tmpfs -o size=1m tmpfs {}", folder.path().display()), true);
}

#[test]
#[ignore = "it is started by the one above"]
fn full() {
    let Some(folder) = folder() else { return };
    let (store, trouble, told) = open(&folder);
    assert!(trouble.is_empty());
    let digest = store.add(b"a component").unwrap();
    store.begin_now("a.wasm", digest, Origin::File, Some(digest)).unwrap();
    store.keep("mash", state("65 degrees"), false).unwrap();
    store.flush().unwrap();

    let filler = folder.join("filler");
    let mut file = fs::File::create(&filler).unwrap();
    while file.write_all(&[0; 4096]).is_ok() {}
    store.keep("mash", large(1), false).unwrap();
    store.passed("a.wasm", digest, &[]);
    let error = store.flush().unwrap_err();
    assert!(error.to_string().contains("full"), "{error}");
    assert!(store.trouble().is_some());
    assert!(told.recv().unwrap().contains("cannot be written"));
    assert!(store.flush().is_err() && told.try_recv().is_err(), "it is told once");
    // In memory it is all true.
    assert_eq!(store.load("mash").unwrap().good, Some(large(1)));
    let error = store.add(&[7; 300_000]).unwrap_err();
    assert!(matches!(error, Error::File { .. }), "{error}");
    assert_eq!(fs::read_dir(folder.join("versions")).unwrap().count(), 1, "nothing is left of what had no room");

    // A host that ends now has what was safe.
    let copy = tempfile::tempdir().unwrap();
    for name in ["state.db", "state.db-wal"] {
        fs::copy(folder.join(name), copy.path().join(name)).unwrap();
    }
    let (then, trouble, _) = open(copy.path());
    assert!(trouble.is_empty(), "{trouble:?}");
    assert_eq!(then.load("mash").unwrap().good, Some(state("65 degrees")));

    drop(file);
    fs::remove_file(filler).unwrap();
    store.flush().unwrap();
    assert!(told.recv().unwrap().contains("written again") && store.trouble().is_none());
    drop(store);
    let (store, trouble, _) = open(&folder);
    assert!(trouble.is_empty());
    assert_eq!(store.load("mash").unwrap().good, Some(large(1)));
    assert_eq!(store.versions("a.wasm")[0].status, greenroom_store::Status::Passed);
}

#[test]
fn files_that_may_not_grow() {
    let folder = tempfile::tempdir().unwrap();
    // Of 512 bytes; room for the store as it is new, and for little more.
    assert!(run("limited", folder.path(), "trap '' XFSZ; ulimit -f 300", false));
    let (store, trouble, _) = open(folder.path());
    assert!(trouble.is_empty(), "{trouble:?}");
    assert_eq!(store.load("mash").unwrap().good, Some(state("67 degrees")));
}

#[test]
#[ignore = "it is started by the one above"]
fn limited() {
    let Some(folder) = folder() else { return };
    let (store, _, told) = open(&folder);
    store.keep("mash", state("65 degrees"), false).unwrap();
    store.flush().unwrap();
    store.keep("mash", large(1), false).unwrap();
    assert!(store.flush().is_err());
    assert!(told.recv().unwrap().contains("cannot be written"));
    // What was true in memory is written as soon as that is possible: all of it, since nobody knows what is on disk.
    store.keep("mash", state("67 degrees"), false).unwrap();
    store.flush().unwrap();
    assert!(told.recv().unwrap().contains("written again"));
}

#[test]
fn a_folder_that_is_read_only() {
    let folder = tempfile::tempdir().unwrap();
    for tidy in [true, false] {
        let store = folder.path().join(format!("store-{tidy}"));
        image(&store, tidy);
        let path = store.display();
        run("read_only", &store, &format!("mount --bind {path} {path} && mount -o remount,bind,ro {path}"), true);
    }
}

#[test]
#[ignore = "it is started by the one above"]
fn read_only() {
    let Some(folder) = folder() else { return };
    let (store, trouble, _) = open(&folder);
    assert!(trouble.len() == 1 && trouble[0].contains("can be read and not written"), "{trouble:?}");
    // All that was kept is there, though much of it was in the log.
    assert_eq!(store.load("mash").unwrap().good, Some(state("67 degrees")));
    let versions = store.versions("kettle.wasm");
    assert_eq!(versions.len(), 2);
    let choice = store.choose("kettle.wasm", None).unwrap();
    assert_eq!(choice.digest, versions[1].digest);
    store.bytes(choice.digest).unwrap();
    // What changes is true in memory, and said not to be safe.
    store.keep("mash", state("70 degrees"), false).unwrap();
    assert!(store.flush().is_err() && store.trouble().is_some());
    assert_eq!(store.load("mash").unwrap().good, Some(state("70 degrees")));
    assert!(store.add(b"another").is_err());
}

#[test]
fn a_database_that_is_removed_while_it_is_in_use() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("store");
    image(&folder, true);
    let (store, _, told) = open(&folder);
    store.keep("boil", state("100 degrees"), false).unwrap();
    store.flush().unwrap();
    fs::remove_dir_all(&folder).unwrap();
    store.keep("mash", state("70 degrees"), false).unwrap();
    let error = store.flush().unwrap_err();
    assert!(error.to_string().contains("was removed or replaced"), "{error}");
    assert!(told.recv().unwrap().contains("cannot be written"));
    store.flush().unwrap();
    assert!(told.recv().unwrap().contains("written again"));
    drop(store);
    let (store, trouble, _) = open(&folder);
    assert!(trouble.is_empty(), "{trouble:?}");
    assert_eq!(store.actors(), ["boil", "mash"]);
    assert_eq!(store.load("mash").unwrap().good, Some(state("70 degrees")));
    assert_eq!(store.versions("kettle.wasm").len(), 2);
}

#[test]
fn a_folder_that_cannot_be() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    for path in [file.clone(), file.join("below")] {
        let error = Store::open(&path, Options::default()).unwrap_err();
        assert!(matches!(error, Error::Folder { .. }), "{error}");
    }
}
