//! Components that import WASI preview 2: what they print, what time it is for them, which files and whom on the network they
//! reach, and how it is seen what they are denied. The guest is a module of WASI preview 1 in text, as an actor's file may be.
#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]

mod beside;
mod files;
mod network;
mod time;

use greenroom_engine::hub::{Cursor, From, Item};
use greenroom_testkit::Stage;
use serde_json::{Value, json};
use std::path::Path;

const GUEST: &str = include_str!("guest.wat");
/// How preview 1 calls `not-permitted`, and `no-entry`.
const NOT_PERMITTED: &str = "e63";
const NO_ENTRY: &str = "e44";

/// The guest as `guest`, with more of the manifest's keys, in a folder that was prepared.
async fn stage(keys: &str, prepare: impl FnOnce(&Path)) -> Stage {
    let manifest = format!("[actor.guest]\nsource = \"guest.wasm\"\n{keys}");
    Stage::with_prepared(&manifest, &[("guest.wasm", GUEST.as_bytes())], prepare).await
}

/// What is written to logs, from the beginning.
fn logs(stage: &Stage) -> Cursor {
    stage.handle().hub().open(vec!["greenroom/logs".parse().unwrap()], From::Earliest)
}

/// The next line of the guest's log, and its level.
async fn line(logs: &mut Cursor) -> (String, String) {
    let next = tokio::time::timeout(greenroom_testkit::PATIENCE, logs.next()).await.expect("it prints something");
    let Item::Message(entry) = next else { panic!("no line: {next:?}") };
    let body: Value = serde_json::from_slice(&entry.body).unwrap();
    assert_eq!(body["actor"], "guest");
    (entry.kind.to_string(), body["text"].as_str().unwrap().to_owned())
}

/// Starts the guest again, and waits until it runs.
async fn restart(stage: &mut Stage) {
    let before = stage.handle().show("guest").unwrap().actor.unwrap().incarnation;
    stage.handle().restart("guest").await.unwrap();
    stage.event_where("started", |body| body["actor"] == "guest" && body["incarnation"] == before + 1).await;
}

fn tell(stage: &Stage, kind: &str, body: &str) {
    let message = greenroom_core::Message { kind: kind.parse().unwrap(), body: body.as_bytes().into() };
    stage.handle().tell("guest", message).unwrap();
}

/// What the guest prints when it is told something.
async fn says(stage: &Stage, logs: &mut Cursor, kind: &str, body: &str) -> String {
    tell(stage, kind, body);
    line(logs).await.1
}

#[tokio::test]
async fn what_a_guest_prints_is_in_its_log() {
    let mut stage = stage("", |_| {}).await;
    let mut logs = logs(&stage);
    tell(&stage, "p", "two\nlines");
    assert_eq!(line(&mut logs).await, ("info".into(), "two".into()));
    assert_eq!(line(&mut logs).await, ("info".into(), "lines".into()));
    // What is not a whole line yet is one when it ends.
    let unfinished = GUEST.replace(r#"(data (i32.const 24) "\n")"#, r#"(data (i32.const 24) "!")"#);
    stage.install("guest.wasm", unfinished.as_bytes());
    stage.event("swapped", "guest").await;
    assert_eq!(says(&stage, &mut logs, "p", "one\nthe last").await, "one");
    restart(&mut stage).await;
    assert_eq!(line(&mut logs).await, ("info".into(), "the last!".into()));
}

/// A component that asks runs on a fiber.
#[tokio::test]
async fn on_a_fiber_all_is_the_same() {
    let ask = r#"(import "greenroom:actor/asking@0.1.0" "ask"
        (func (param i64 i64 i32 i32 i32 i32 i64 i32)))"#;
    let guest = GUEST.replace(";; IMPORTS", ask);
    let manifest = "[actor.guest]\nsource = \"guest.wasm\"\ngrant = [\"files:in\"]\ndeadline = \"10s\"";
    let stage = Stage::with_prepared(manifest, &[("guest.wasm", guest.as_bytes())], |folder| {
        std::fs::create_dir(folder.join("in")).unwrap();
        std::fs::write(folder.join("in/recipe"), "malt").unwrap();
    })
    .await;
    let mut logs = logs(&stage);
    assert_eq!(says(&stage, &mut logs, "p", "here").await, "here");
    assert_eq!(says(&stage, &mut logs, "r", "3recipe").await, "malt");
    assert!(says(&stage, &mut logs, "s", "5").await.parse::<u64>().unwrap() >= 5_000_000);
}

/// Events that say that the guest was denied something: what, the grant, and the whole text.
fn denials(stage: &Stage) -> Vec<(String, Value, String)> {
    let mut events = stage.handle().hub().open(vec!["greenroom/events".parse().unwrap()], From::Earliest);
    let mut denials = Vec::new();
    while let Some(item) = events.try_next() {
        let Item::Message(entry) = item else { continue };
        let body: Value = serde_json::from_slice(&entry.body).unwrap();
        if entry.kind.as_str() == "not-granted" {
            assert_eq!(body["actor"], json!("guest"));
            let text = |key: &str| body[key].as_str().unwrap().to_owned();
            denials.push((text("what"), body["grant"].clone(), text("text")));
        }
    }
    denials
}
