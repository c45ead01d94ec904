//! What outlives a host: the version that it starts with, and states on disk. Each test starts a host, and then another one
//! in its place.
#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]

use greenroom_engine::{CallError, Host, Options, StartError};
use greenroom_store::Digest;
use greenroom_testkit::{Stage, guest};
use serde_json::{Value, json};
use std::time::Duration;

const NONE: Value = Value::Null;
const WATCH: Duration = Duration::from_secs(10);

/// A counter whose state is on disk.
const COUNTER: &str = r#"
    [host]
    data-dir = "data"
    [supervisor.s]
    children = ["counter"]
    [actor.counter]
    source     = "counter.wasm"
    keep-state = "disk"
"#;

/// A build of a component that nobody has seen before: the same, with a section that says nothing.
fn build(of: &str, number: u8) -> Vec<u8> {
    let mut bytes = guest(of);
    bytes.extend([0, 3, 1, b'#', number]);
    bytes
}

fn short(bytes: &[u8]) -> String {
    Digest::of(bytes).short()
}

/// A host whose counter runs a first build of version 1, which has passed its watch.
async fn counter() -> (Stage, Vec<u8>) {
    let first = build("state_v1", 1);
    let mut stage = Stage::with_bytes_in_virtual_time(COUNTER, &[("counter.wasm", &first)]).await;
    stage.host().advance(WATCH).await;
    stage.event("watch-passed", "counter").await;
    (stage, first)
}

fn put(stage: &Stage, bytes: &[u8]) {
    std::fs::write(stage.directory().join("counter.wasm"), bytes).unwrap();
}

fn runs(stage: &Stage) -> String {
    stage.handle().show("counter").unwrap().actor.unwrap().digest.unwrap()
}

async fn count(stage: &Stage) -> i64 {
    stage.ask("counter", "which", NONE).await.unwrap()["count"].as_i64().unwrap()
}

/// Swaps a build in that is then under watch.
async fn swap(stage: &Stage, bytes: &[u8]) {
    put(stage, bytes);
    assert_eq!(stage.handle().reload("counter").await.unwrap().to, short(bytes));
}

fn statuses(stage: &Stage) -> Vec<(String, &'static str, bool)> {
    let versions = stage.handle().versions("counter").unwrap().versions;
    versions.into_iter().map(|version| (version.digest[..12].to_owned(), version.status, version.active)).collect()
}

#[tokio::test]
async fn what_has_passed_is_started_again() {
    let (stage, first) = counter().await;
    let second = build("state_v1", 2);
    swap(&stage, &second).await;
    assert_eq!(statuses(&stage), [(short(&second), "watched", true), (short(&first), "passed", false)]);
    stage.host().advance(WATCH).await;
    let stage = stage.anew(true).await;
    assert_eq!(runs(&stage), short(&second));
    assert_eq!(statuses(&stage), [(short(&second), "passed", true), (short(&first), "passed", false)]);
}

#[tokio::test]
async fn what_was_never_watched_to_its_end_is_not() {
    let (stage, first) = counter().await;
    let second = build("state_v1", 2);
    swap(&stage, &second).await;
    let mut stage = stage.anew(false).await;
    assert_eq!(runs(&stage), short(&first));
    let event = stage.event_where("version-chosen", |_| true).await;
    assert!(event["why"].as_str().unwrap().contains("was never watched to its end"), "{event}");
    // Until somebody asks for it.
    assert_eq!(stage.handle().reload("counter").await.unwrap().to, short(&second));
}

#[tokio::test]
async fn a_watch_that_an_orderly_end_interrupts_begins_anew() {
    let (stage, first) = counter().await;
    let second = build("trap", 2);
    swap(&stage, &second).await;
    let mut stage = stage.anew(true).await;
    assert_eq!(runs(&stage), short(&second));
    assert_eq!(statuses(&stage)[0], (short(&second), "watched", true));
    stage.tell("counter", "go", NONE);
    stage.event("rolled-back", "counter").await;
    assert_eq!(runs(&stage), short(&first));
}

#[tokio::test]
async fn what_has_failed_is_not_started() {
    let (mut stage, first) = counter().await;
    let second = build("trap", 2);
    swap(&stage, &second).await;
    stage.tell("counter", "go", NONE);
    stage.event("rolled-back", "counter").await;
    let mut stage = stage.anew(false).await;
    assert_eq!(runs(&stage), short(&first));
    assert_eq!(statuses(&stage), [(short(&second), "failed", false), (short(&first), "passed", true)]);
    let event = stage.event_where("version-chosen", |_| true).await;
    assert!(event["why"].as_str().unwrap().contains("which failed"), "{event}");
}

#[tokio::test]
async fn a_file_that_is_no_component_or_none_is_passed_over() {
    let (mut stage, first) = counter().await;
    for file in [Some(&first[..first.len() / 2]), Some(b"text"), Some(b""), None] {
        match file {
            Some(bytes) => put(&stage, bytes),
            None => std::fs::remove_file(stage.directory().join("counter.wasm")).unwrap(),
        }
        let mut next = stage.anew(false).await;
        assert_eq!(runs(&next), short(&first));
        next.event_where("version-chosen", |_| true).await;
        stage = next;
    }
}

#[tokio::test]
async fn a_build_that_cannot_start_is_passed_over() {
    let (stage, first) = counter().await;
    put(&stage, &build("panic_at_start", 2));
    let mut stage = stage.anew(true).await;
    stage.event("rolled-back", "counter").await;
    assert_eq!((runs(&stage), count(&stage).await), (short(&first), 0));
}

#[tokio::test]
async fn a_build_that_cannot_take_the_kept_state_is_passed_over() {
    let (stage, first) = counter().await;
    stage.tell("counter", "add", NONE);
    assert_eq!(count(&stage).await, 1);
    put(&stage, &build("state_v9", 2));
    let stage = stage.anew(true).await;
    assert_eq!((runs(&stage), count(&stage).await), (short(&first), 1));
}

#[tokio::test]
async fn an_upload_lasts_until_the_file_is_changed() {
    let (stage, first) = counter().await;
    let (sent, changed) = (build("state_v1", 2), build("state_v1", 3));
    assert_eq!(stage.handle().upload("counter", sent.clone()).await.unwrap().state, "kept");
    stage.host().advance(WATCH).await;
    assert_eq!(std::fs::read(stage.directory().join("counter.wasm")).unwrap(), first);
    let stage = stage.anew(true).await;
    assert_eq!(runs(&stage), short(&sent));
    put(&stage, &changed);
    assert_eq!(runs(&stage.anew(true).await), short(&changed));
}

#[tokio::test]
async fn a_rollback_goes_to_what_was_before() {
    let (stage, first) = counter().await;
    let none = stage.handle().rollback("counter", None).await;
    assert!(matches!(&none, Err(CallError::NotSwapped { why, .. }) if why.contains("no version before")), "{none:?}");
    stage.tell("counter", "add", NONE);
    // Under watch: code and state.
    let second = build("state_v2", 2);
    swap(&stage, &second).await;
    stage.tell("counter", "add", NONE);
    assert_eq!(count(&stage).await, 11);
    let reloaded = stage.handle().rollback("counter", None).await.unwrap();
    assert_eq!((&reloaded.to, count(&stage).await), (&short(&first), 1));
    assert_eq!(reloaded.state, "kept");
    // After it: the state goes over, if the older code can take it.
    swap(&stage, &second).await;
    stage.host().advance(WATCH).await;
    let refused = stage.handle().rollback("counter", None).await;
    assert!(matches!(&refused, Err(CallError::NotSwapped { stage: "state", .. })), "{refused:?}");
    let third = build("state_v2", 3);
    swap(&stage, &third).await;
    stage.host().advance(WATCH).await;
    let digits = Digest::of(&second).to_string();
    let reloaded = stage.handle().rollback("counter", Some(&digits[..7])).await.unwrap();
    assert_eq!((reloaded.to, reloaded.state), (short(&second), "kept"));
    let stage = stage.anew(true).await;
    assert_eq!(runs(&stage), short(&second));
    for digits in ["0123456789ab", ""] {
        let refused = stage.handle().rollback("counter", Some(digits)).await;
        assert!(matches!(refused, Err(CallError::NotSwapped { stage: "read", .. })), "{digits}: {refused:?}");
    }
}

#[tokio::test]
async fn a_state_on_disk_is_there_after_a_new_start() {
    let (stage, _) = counter().await;
    for expect in 1..4 {
        stage.tell("counter", "add", NONE);
        assert_eq!(count(&stage).await, expect);
    }
    let stage = stage.anew(false).await;
    let which = stage.ask("counter", "which", NONE).await;
    assert_eq!(which, Ok(json!({ "version": 1, "count": 3, "began": "restarted" })));
}

#[tokio::test]
async fn a_state_of_code_under_watch_is_not_left_to_the_code_before() {
    let (stage, first) = counter().await;
    stage.tell("counter", "add", NONE);
    let second = build("state_v2", 2);
    swap(&stage, &second).await;
    stage.tell("counter", "add", NONE);
    // The host ends in the middle of the watch: code and state from before.
    let stage = stage.anew(false).await;
    assert_eq!((runs(&stage), count(&stage).await), (short(&first), 1));
    // It ends in order: the watch goes on with what the new code has kept.
    swap(&stage, &second).await;
    stage.tell("counter", "add", NONE);
    assert_eq!(count(&stage).await, 11);
    let stage = stage.anew(true).await;
    assert_eq!((runs(&stage), count(&stage).await), (short(&second), 11));
    stage.host().advance(WATCH).await;
    let stage = stage.anew(false).await;
    assert_eq!((runs(&stage), count(&stage).await), (short(&second), 11));
}

#[tokio::test]
async fn a_folder_has_one_host() {
    let (stage, _) = counter().await;
    let options = Options { folder: Some(stage.directory().join("data")), watch: false, ..Options::default() };
    match Host::prepare(stage.handle().plan().clone(), options).await {
        Err(StartError::Folder(error)) => assert!(error.to_string().contains("in use by another host"), "{error}"),
        other => panic!("{:?}", other.map(|_| "it started")),
    }
}

/// Who has no state to hand over begins anew, and the answer says so.
#[tokio::test]
async fn a_rollback_without_state_is_a_fresh_start() {
    let manifest = COUNTER.replace("    keep-state = \"disk\"\n", "");
    let first = build("trap", 1);
    let stage = Stage::with_bytes_in_virtual_time(&manifest, &[("counter.wasm", &first)]).await;
    stage.host().advance(WATCH).await;
    swap(&stage, &build("trap", 2)).await;
    let reloaded = stage.handle().rollback("counter", None).await.unwrap();
    assert_eq!((reloaded.to, reloaded.state), (short(&first), "fresh"));
    assert_eq!(stage.ask("counter", "ping", NONE).await, Ok(json!("pong")));
}
