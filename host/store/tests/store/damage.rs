//! Files that are not as the store left them. Whatever it is, the store opens, says what is lost, and works.

use greenroom_store::{Digest, Error, Opened, Options, Origin, State, Status, Store};
use std::fs::{self, OpenOptions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

const SOURCE: &str = "kettle.wasm";
const OLD: &[u8] = b"the one that passed";
const NEW: &[u8] = b"the one that is tried";

/// What of it is there after the damage.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Left {
    All,
    /// All but the actor's state.
    NoState,
    /// All but the record of versions.
    NoRecord,
    /// What there was at an earlier moment.
    Earlier,
    Nothing,
}

fn open(folder: &Path) -> Opened {
    Store::open(folder, Options { interval: Duration::from_secs(3600), ..Options::default() }).unwrap()
}

pub(crate) fn state(text: &str) -> State {
    State { digest: Digest::of(OLD), version: 3, bytes: text.as_bytes().into() }
}

/// A folder as a power cut leaves it, with most of what it holds in the log; with `tidy`, as a host that has ended does.
pub(crate) fn image(folder: &Path, tidy: bool) {
    let live = tempfile::tempdir().unwrap();
    let Opened { store, .. } = open(live.path());
    let (old, new) = (store.add(OLD).unwrap(), store.add(NEW).unwrap());
    store.begin_now(SOURCE, old, Origin::File, Some(old)).unwrap();
    store.keep("mash", state("65 degrees"), true).unwrap();
    store.passed(SOURCE, old, &["mash".into()]);
    store.flush().unwrap();
    store.begin(SOURCE, new, Origin::Upload, Some(old));
    store.keep("mash", state("67 degrees"), false).unwrap();
    store.flush().unwrap();
    if tidy {
        drop(store);
        copy(live.path(), folder);
    } else {
        copy(live.path(), folder);
        drop(store);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(file.file_name());
        if file.path().is_dir() { copy(&file.path(), &to) } else { fs::copy(file.path(), to).map(drop).unwrap() }
    }
}

fn truncate(path: &Path, part: f64) {
    let file = OpenOptions::new().write(true).open(path).unwrap();
    let length = file.metadata().unwrap().len();
    file.set_len((length as f64 * part) as u64).unwrap();
}

fn garbage(path: &Path) {
    let length = fs::metadata(path).unwrap().len();
    fs::write(path, (0..length).map(|at| (at * at % 251) as u8).collect::<Vec<_>>()).unwrap();
}

/// Turns one bit over where these bytes are first.
fn flip(path: &Path, bytes: &[u8]) {
    let mut content = fs::read(path).unwrap();
    let at = content.windows(bytes.len()).position(|window| window == bytes).unwrap();
    content[at + bytes.len() - 1] ^= 1;
    fs::write(path, content).unwrap();
}

fn left(store: &Store) -> Left {
    let (old, new) = (Digest::of(OLD), Digest::of(NEW));
    let versions: Vec<_> = store.versions(SOURCE).into_iter().map(|it| (it.digest, it.status, it.active)).collect();
    let record = versions == [(new, Status::Trying, true), (old, Status::Passed, false)];
    let kept = store.load("mash").and_then(|kept| kept.good);
    match (record, kept == Some(state("67 degrees"))) {
        (true, true) => Left::All,
        (true, false) if kept.is_none() => Left::NoState,
        (false, true) if versions.is_empty() => Left::NoRecord,
        (false, false) if versions.is_empty() && kept.is_none() => Left::Nothing,
        (false, false) if kept.is_none_or(|kept| kept == state("65 degrees")) => Left::Earlier,
        found => panic!("never was: {found:?}, {versions:?}"),
    }
}

fn check(what: &str, tidy: bool, damage: impl Fn(&Path), expect: Left, told: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let folder = &folder.path().join("store");
    image(folder, tidy);
    damage(folder);
    let Opened { store, trouble } = open(folder);
    assert_eq!(left(&store), expect, "{what}: {trouble:?}");
    assert_eq!(trouble.len(), usize::from(!told.is_empty()), "{what}: {trouble:?}");
    for part in told {
        assert!(trouble[0].contains(part), "{what}: {trouble:?}");
    }
    if trouble.iter().any(|sentence| sentence.contains("is now")) {
        let mut files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
        assert!(files.any(|name| name.starts_with("state.db.damaged-")), "{what}");
    }
    // It works, and what it is given now it has at the next start, without a word.
    let digest = store.add(b"another").unwrap();
    store.begin_now(SOURCE, digest, Origin::File, None).unwrap();
    store.keep("mash", state("70 degrees"), false).unwrap();
    assert!(store.trouble().is_none());
    drop(store);
    let Opened { store, trouble } = open(folder);
    assert_eq!(trouble, [""; 0], "{what}");
    assert_eq!(store.load("mash").unwrap().good, Some(state("70 degrees")), "{what}");
    assert_eq!(store.versions(SOURCE)[0].digest, digest, "{what}");
}

#[test]
fn a_damaged_file() {
    let database = |folder: &Path| folder.join("state.db");
    let log = |folder: &Path| folder.join("state.db-wal");
    let damaged = &["state.db was damaged", "is now", "a new one was begun"];
    check("nothing", false, |_| {}, Left::All, &[]);
    check("nothing, tidy", true, |_| {}, Left::All, &[]);
    check("half the database", true, |folder| truncate(&database(folder), 0.5), Left::Nothing, damaged);
    check("most of the database", true, |folder| truncate(&database(folder), 0.9), Left::Nothing, damaged);
    check("some bytes of it", true, |folder| truncate(&database(folder), 0.002), Left::Nothing, damaged);
    check("none of it", true, |folder| truncate(&database(folder), 0.0), Left::Nothing, damaged);
    check("garbage", true, |folder| garbage(&database(folder)), Left::Nothing, damaged);
    check(
        "another program's",
        true,
        |folder| fs::write(database(folder), "<html></html>").unwrap(),
        Left::Nothing,
        damaged,
    );
    check(
        "no database",
        true,
        |folder| fs::remove_file(database(folder)).unwrap(),
        Left::Nothing,
        &["is gone", "begins anew"],
    );
    let alone = |folder: &Path| fs::remove_file(database(folder)).unwrap();
    // The log must not be taken for that of the new one. Two sentences: it is gone, and the log was put aside.
    let folder = tempfile::tempdir().unwrap();
    image(folder.path(), false);
    alone(folder.path());
    let Opened { store, trouble } = open(folder.path());
    assert_eq!((left(&store), trouble.len()), (Left::Nothing, 2), "{trouble:?}");
    // Whole commits of it, from the first on. Before the first one there is nothing.
    // SQLite would take an empty database for a new one, and remove the log.
    let folder = tempfile::tempdir().unwrap();
    image(folder.path(), false);
    truncate(&database(folder.path()), 0.0);
    assert_eq!(open(folder.path()).trouble.len(), 1);
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().path()).collect();
    let aside = |path: &&std::path::PathBuf| {
        path.to_string_lossy().contains("damaged") && path.to_string_lossy().ends_with("-wal")
    };
    assert!(names.iter().find(aside).is_some_and(|path| fs::metadata(path).unwrap().len() > 0), "{names:?}");
    for (part, left) in [(0.9, Left::Earlier), (0.7, Left::Earlier), (0.5, Left::Earlier), (0.1, Left::Nothing)] {
        check("a part of the log", false, |folder| truncate(&log(folder), part), left, &[]);
    }
    check("no log", false, |folder| truncate(&log(folder), 0.0), Left::Nothing, &[]);
    check("garbage in the log", false, |folder| garbage(&log(folder)), Left::Nothing, &[]);
    let bit = |folder: &Path| flip(&database(folder), b"67 degrees");
    check("a bit of a state", true, bit, Left::NoState, &["damaged in part", "a state of `mash`"]);
    let bit = |folder: &Path| flip(&database(folder), b"upload");
    check("a bit of a record", true, bit, Left::NoRecord, &["damaged in part", "the versions of kettle.wasm"]);
    let bit = |folder: &Path| flip(&database(folder), Digest::of(NEW).as_bytes());
    check("a bit of a digest", true, bit, Left::NoRecord, &["damaged in part", "the versions of kettle.wasm"]);
}

#[test]
fn a_damaged_component() {
    for damage in
        [|path: &Path| fs::remove_file(path).unwrap(), |path: &Path| garbage(path), |path: &Path| truncate(path, 0.5)]
    {
        let folder = tempfile::tempdir().unwrap();
        image(folder.path(), true);
        let (old, new) = (Digest::of(OLD), Digest::of(NEW));
        let path = folder.path().join(format!("versions/{old}.wasm"));
        damage(&path);
        let Opened { store, trouble } = open(folder.path());
        assert!(trouble.is_empty());
        // It passed, and cannot be had; what never passed is better than nothing.
        let choice = store.choose(SOURCE, None).unwrap();
        assert_eq!((choice.digest, choice.fallback), (new, None));
        assert!(choice.why.unwrap().contains(&format!("the bytes of {} are missing or damaged", old.short())));
        assert!(matches!(store.bytes(old), Err(Error::NotKept { .. })) && !path.exists(), "a damaged file goes");
        fs::write(&path, "wrong").unwrap();
        assert!(matches!(store.bytes(old), Err(Error::Damaged { .. })) && !path.exists());
        // Whoever still has it can give it back.
        fs::write(&path, "wrong").unwrap();
        assert_eq!(store.add(OLD).unwrap(), old);
        assert_eq!(store.bytes(old).unwrap(), OLD);
        assert_eq!(store.choose(SOURCE, None).unwrap().digest, old);
    }
}

#[test]
fn a_newer_database_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    image(folder.path(), true);
    let path = folder.path().join("state.db");
    let mut content = fs::read(&path).unwrap();
    // The user version is at 60 of the header (SQLite's file format, section 1.3).
    content[60..64].copy_from_slice(&9_u32.to_be_bytes());
    fs::write(&path, &content).unwrap();
    let error = Store::open(folder.path(), Options::default()).unwrap_err();
    assert!(matches!(error, Error::Newer { found: 9, .. }), "{error}");
    assert_eq!(fs::read(&path).unwrap(), content);
}

#[test]
fn what_a_power_cut_left_behind_goes_and_nobody_else_may_look() {
    let folder = tempfile::tempdir().unwrap();
    let folder = &folder.path().join("deep/store");
    let Opened { store, .. } = open(folder);
    let digest = store.add(OLD).unwrap();
    let partial = folder.join(format!("versions/{digest}.partial"));
    let stray = folder.join(format!("versions/{}.wasm", Digest::of(b"stray")));
    for path in [&partial, &stray] {
        fs::write(path, "half").unwrap();
    }
    store.begin_now(SOURCE, digest, Origin::File, None).unwrap();
    assert!(!partial.exists() && !stray.exists());
    let mode = |path: &str| fs::metadata(folder.join(path)).unwrap().permissions().mode() & 0o777;
    let modes = ["", "versions", "state.db", "state.db-wal", &format!("versions/{digest}.wasm")].map(mode);
    assert_eq!(modes, [0o700, 0o700, 0o600, 0o600, 0o600]);
}

#[test]
fn one_folder_is_one_hosts() {
    let folder = tempfile::tempdir().unwrap();
    let Opened { store, .. } = open(folder.path());
    let again = store.clone();
    drop(store);
    let error = Store::open(folder.path(), Options::default()).unwrap_err();
    assert!(matches!(error, Error::InUse { .. }), "{error}");
    drop(again);
    open(folder.path());
}

#[test]
fn only_the_last_damaged_ones_are_left() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..5 {
        fs::write(folder.path().join("state.db"), "garbage").unwrap();
        assert_eq!(open(folder.path()).trouble.len(), 1);
    }
    let names = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    assert_eq!(names.filter(|name| name.contains("damaged")).count(), 3);
}
