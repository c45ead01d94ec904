//! New code from outside: the binary with a build that fails under watch, one that it is killed with, and half of one.
#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]

mod outside;

use greenroom_store::Digest;
use outside::{Running, command, ran};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long something is waited for before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// Only turns end a watch: three of them.
const COUNTER: &str = r#"
[host]
data-dir    = "data"
watch-time  = "1h"
watch-turns = 3
[supervisor.s]
children = ["counter"]
[actor.counter]
source     = "counter.wasm"
keep-state = "disk"
"#;

/// A build of a component that nobody has seen before: the same, with a section that says nothing.
fn build(of: &str, number: u8) -> Vec<u8> {
    let mut bytes = greenroom_testkit::guest(of);
    bytes.extend([0, 3, 1, b'#', number]);
    bytes
}

fn put(folder: &Path, bytes: &[u8]) {
    std::fs::write(folder.join("counter.wasm"), bytes).unwrap();
}

fn start(folder: &Path) -> Running {
    Running::start(folder, &["--listen", "127.0.0.1:0"])
}

fn talk(host: &Running, folder: &Path, words: &[&str]) -> (i32, String, String) {
    ran(folder, &[&["--host", host.url()], words].concat())
}

fn json(host: &Running, folder: &Path, words: &[&str]) -> Value {
    let (code, out, err) = talk(host, folder, &[&["--format", "json"], words].concat());
    assert_eq!(code, 0, "{words:?}: {err}");
    serde_json::from_str(&out).unwrap()
}

fn count(host: &Running, folder: &Path) -> i64 {
    json(host, folder, &["ask", "counter", "which"])["body"]["count"].as_i64().unwrap()
}

/// The versions' digests with what became of them; the one that runs first.
fn versions(host: &Running, folder: &Path) -> Vec<(String, String)> {
    let listed = json(host, folder, &["versions", "counter"]);
    let mut versions: Vec<_> = listed["versions"].as_array().unwrap().clone();
    versions.sort_by_key(|version| version["active"] != true);
    assert_eq!(versions[0]["active"], true, "{versions:?}");
    let text = |version: &Value, name: &str| version[name].as_str().unwrap().to_owned();
    versions.iter().map(|version| (text(version, "digest"), text(version, "status"))).collect()
}

/// Waits for an event, from the host's start on.
fn event(host: &Running, folder: &Path, kind: &str) -> Value {
    let words = ["--host", host.url(), "--format", "json", "events"];
    let mut events = command(folder, &words).spawn().unwrap();
    let lines = BufReader::new(events.stdout.take().unwrap()).lines();
    let found =
        lines.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap()).find(|line| line["kind"] == kind);
    events.kill().unwrap();
    events.wait().unwrap();
    found.unwrap_or_else(|| panic!("no {kind}"))["body"].clone()
}

/// Asks again until it is so: each look takes a while, so nothing sleeps.
fn until(what: &str, is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "never: {what}");
    }
}

/// Whether the log of the store's database has a whole transaction after which a version is under watch. Source: SQLite's
/// database file format, section 4, "The Write-Ahead Log": the frame that ends a transaction says so.
fn is_committed(log: &[u8], digest: &[u8]) -> bool {
    let word = |at: usize| log.get(at..at + 4).map(|word| u32::from_be_bytes(word.try_into().unwrap()) as usize);
    let Some(page) = word(8).filter(|page| *page > 0) else { return false };
    let has = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).any(|window| window == what);
    let mut begun = false;
    for frame in log[32..].chunks_exact(24 + page) {
        begun |= has(frame, digest) && has(frame, b"trying");
        if begun && frame[4..8] != [0; 4] {
            return true;
        }
    }
    false
}

/// A folder in which a first build has counted to three, and passed its watch.
fn counter() -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("greenroom.toml"), COUNTER).unwrap();
    put(folder.path(), &build("state_v1", 1));
    let host = start(folder.path());
    for _ in 0..3 {
        assert_eq!(talk(&host, folder.path(), &["tell", "counter", "add"]).0, 0);
    }
    assert_eq!(count(&host, folder.path()), 3);
    event(&host, folder.path(), "watch-passed");
    let (digest, status) = versions(&host, folder.path()).remove(0);
    assert_eq!(status, "passed");
    assert_eq!(host.end(libc::SIGTERM).0, 0);
    (folder, digest)
}

#[test]
fn a_bad_build_that_is_sent_is_taken_back_by_itself() {
    let (folder, first) = counter();
    let folder = folder.path();
    let host = start(folder);
    std::fs::write(folder.join("bad.wasm"), build("trap", 2)).unwrap();
    let (code, out, err) = talk(&host, folder, &["reload", "counter", "bad.wasm"]);
    assert_eq!((code, out.contains("swapped")), (0, true), "{out}{err}");
    assert_ne!(versions(&host, folder)[0].0, first);

    // It panics at this; the code before, which handles it next, does not know it.
    let (code, _, err) = talk(&host, folder, &["ask", "counter", "go"]);
    assert_eq!((code, err.contains("`go` is not understood")), (1, true), "{err}");
    let back = event(&host, folder, "rolled-back");
    assert_eq!(
        (&back["actor"], back["why"].as_str().unwrap().contains("told to")),
        (&"counter".into(), true),
        "{back}"
    );
    assert_eq!(count(&host, folder), 3);
    let listed = versions(&host, folder);
    assert_eq!((&listed[0].0, listed[1].1.as_str()), (&first, "failed"), "{listed:?}");
    // It is there to be asked for again.
    let digits = listed[1].0[..8].to_uppercase();
    let (code, out, err) = talk(&host, folder, &["rollback", "counter", &digits]);
    assert_eq!((code, out.contains("went back")), (0, true), "{out}{err}");
    assert_eq!(talk(&host, folder, &["ask", "counter", "ping"]).1, "\"pong\"\n");
    let (code, out, err) = talk(&host, folder, &["rollback", "counter"]);
    assert_eq!((code, out.contains(&first[..12])), (0, true), "{out}{err}");
    assert_eq!(count(&host, folder), 3);
    assert_eq!(host.end(libc::SIGTERM).0, 0);
}

#[test]
fn killed_during_a_watch_it_starts_with_what_passed() {
    let (folder, first) = counter();
    let folder = folder.path();
    let mut host = start(folder);
    let second = build("state_v2", 2);
    put(folder, &second);
    event(&host, folder, "swapped");
    assert_eq!(versions(&host, folder)[0].1, "watched");
    assert_eq!(count(&host, folder), 3);
    let log = folder.join("data/kept/state.db-wal");
    let has_begun = || is_committed(&std::fs::read(&log).unwrap_or_default(), Digest::of(&second).as_bytes());
    until("that it runs is on disk", has_begun);
    host.child.kill().unwrap();
    host.child.wait().unwrap();

    let host = start(folder);
    assert_eq!(versions(&host, folder)[0], (first.clone(), "passed".into()));
    let why = event(&host, folder, "version-chosen")["why"].clone();
    assert!(why.as_str().unwrap().contains("was never watched to its end"), "{why}");
    let which = json(&host, folder, &["ask", "counter", "which"])["body"].clone();
    assert_eq!((&which["version"], &which["count"]), (&1.into(), &3.into()), "{which}");
    // Its neighbours change: that is looked at to the end before the next change is.
    std::fs::write(folder.join("greenroom.toml"), COUNTER.to_owned() + "deadline = \"40ms\"\n").unwrap();
    event(&host, folder, "manifest-applied");
    std::fs::write(folder.join("greenroom.toml"), "[").unwrap();
    event(&host, folder, "manifest-failed");
    assert_eq!(versions(&host, folder)[0].0, first);
    // It is tried when somebody asks for it.
    let (code, out, err) = talk(&host, folder, &["reload", "counter"]);
    assert_eq!((code, out.contains(&first[..12])), (0, true), "{out}{err}");
    assert_eq!(json(&host, folder, &["ask", "counter", "which"])["body"]["version"], 2);
    assert_eq!(host.end(libc::SIGTERM).0, 0);
}

#[test]
fn half_a_component_at_the_start_is_passed_over() {
    let (folder, first) = counter();
    let folder = folder.path();
    let whole = build("state_v2", 2);
    put(folder, &whole[..whole.len() / 2]);
    let mut host = command(folder, &["run", "--listen", "127.0.0.1:0"]).spawn().unwrap();
    // Where it is started it is said, too.
    let mut lines = BufReader::new(host.stderr.take().unwrap()).lines().map(Result::unwrap);
    let said = lines.find(|line| line.contains("version-chosen")).expect("it says what it starts with");
    for says in ["counter.wasm", "is no component", &first[..12], "passed its watch"] {
        assert!(said.contains(says), "{said}");
    }
    host.kill().unwrap();
    host.wait().unwrap();

    let host = start(folder);
    assert_eq!((versions(&host, folder)[0].0.as_str(), count(&host, folder)), (first.as_str(), 3));
    // When it is whole, it is taken over as ever.
    put(folder, &whole);
    event(&host, folder, "swapped");
    assert_eq!(json(&host, folder, &["ask", "counter", "which"])["body"]["version"], 2);
    assert_eq!(host.end(libc::SIGTERM).0, 0);
}

#[test]
fn a_build_is_tried_beside_the_actor_and_then_promoted() {
    let (folder, first) = counter();
    let folder = folder.path();
    let host = start(folder);
    let next = build("state_v2", 2);
    std::fs::write(folder.join("next.wasm"), &next).unwrap();
    let words = ["--host", host.url(), "reload", "counter", "next.wasm", "--shadow", "2s"];
    let follows = command(folder, &words).spawn().unwrap();
    event(&host, folder, "shadow-began");
    assert_eq!(count(&host, folder), 3);
    let shown = follows.wait_with_output().unwrap();
    let said = String::from_utf8(shown.stdout).unwrap();
    assert_eq!(shown.status.code(), Some(10), "{said}");
    for says in ["which", "\"version\":1", "\"version\":2", "1 of 1 turns were different"] {
        assert!(said.contains(says), "no `{says}` in\n{said}");
    }
    assert_eq!(versions(&host, folder)[0].0, first, "nothing is promoted by itself");
    let (code, out, err) = talk(&host, folder, &["shadow", "counter", "--promote"]);
    assert_eq!((code, out.contains("swapped")), (0, true), "{out}{err}");
    assert_eq!(versions(&host, folder)[0].0, Digest::of(&next).to_string());
    assert_eq!(host.end(libc::SIGTERM).0, 0);
}
