//! When it is written, how often, and how much.

use greenroom_store::{Digest, Error, LARGEST, Options, State, Store, Written};
use std::path::Path;
use std::time::{Duration, Instant};

fn open(folder: &Path, interval: Duration) -> Store {
    Store::open(folder, Options { interval, ..Options::default() }).unwrap().store
}

fn state(length: usize, byte: u8) -> State {
    State { digest: Digest::of(b""), version: 1, bytes: vec![byte; length].into() }
}

#[test]
fn what_changes_is_written_without_being_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), Duration::from_millis(1));
    for round in 1..=3 {
        store.keep("mash", state(10, round), false).unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        while store.written().states < u64::from(round) {
            assert!(Instant::now() < deadline, "it was never written");
            std::thread::yield_now();
        }
    }
    assert_eq!(store.written().commits, 3);
}

#[test]
fn what_does_not_differ_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), Duration::from_secs(3600));
    // States kept before each flush, and commits, states and bytes of states after it.
    let table: &[(&[u8], u64, u64, u64)] = &[
        (&[], 0, 0, 0),
        (&[1], 1, 1, 10),
        (&[1], 1, 1, 10),
        (&[2, 3, 4], 2, 2, 20),
        // There and back again.
        (&[5, 4], 2, 2, 20),
        (&[1], 3, 3, 30),
    ];
    for (bytes, commits, states, state_bytes) in table {
        bytes.iter().for_each(|&byte| store.keep("mash", state(10, byte), false).unwrap());
        store.flush().unwrap();
        let written = store.written();
        assert_eq!(
            (written.commits, written.states, written.state_bytes),
            (*commits, *states, *state_bytes),
            "{bytes:?}"
        );
    }
    // Another actor's change is that one's alone.
    let before = store.written();
    store.keep("boil", state(20, 1), false).unwrap();
    store.flush().unwrap();
    assert_eq!(store.written().state_bytes - before.state_bytes, 20);
    store.forget("boil");
    store.flush().unwrap();
    assert_eq!(store.load("boil"), None);
    let end = store.written();
    drop(store);
    let store = open(folder.path(), Duration::from_secs(3600));
    assert_eq!((store.load("boil"), store.load("mash").unwrap().good), (None, Some(state(10, 1))));
    assert_eq!((end.commits, store.written()), (5, Written::default()));
}

#[test]
fn a_commit_of_a_small_state_is_one_page() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), Duration::from_secs(3600));
    let mut last = store.written();
    for byte in 0..250 {
        store.keep("mash", state(300, byte), false).unwrap();
        store.flush().unwrap();
        let now = store.written();
        // A page with its header lies in two blocks. The first has the table's index as well; where the log is full, it is
        // copied, with as many pages as the database has at most.
        let most = if byte == 0 || now.database_bytes - last.database_bytes > 8192 { 16 * 4096 } else { 8192 };
        assert!((1..=most).contains(&(now.database_bytes - last.database_bytes)), "{byte}: {now:?} after {last:?}");
        last = now;
    }
    assert!(last.database_bytes < 250 * 9000, "{last:?}");
    let log = std::fs::metadata(folder.path().join("state.db-wal")).unwrap().len();
    assert!(log < 600_000, "the log has {log} bytes");
}

#[test]
fn a_state_may_be_large_and_not_larger() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), Duration::from_secs(3600));
    store.keep("mash", state(LARGEST, 1), false).unwrap();
    let error = store.keep("mash", state(LARGEST + 1, 2), false).unwrap_err();
    assert!(matches!(error, Error::TooLarge { .. }), "{error}");
    drop(store);
    let store = open(folder.path(), Duration::from_secs(3600));
    assert_eq!(store.load("mash").unwrap().good, Some(state(LARGEST, 1)));
}
