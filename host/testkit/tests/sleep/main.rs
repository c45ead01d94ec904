//! Actors that are put away while they are idle: when, what wakes them, and that nobody else notices. All in virtual time.

#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]

mod alike;
#[path = "../swaps/build.rs"]
mod build;
mod faults;
mod rooms;
mod swaps;
mod wakes;

use build::build;
use greenroom_engine::hub::{From, Item};
use greenroom_testkit::Stage;
use serde_json::{Value, json};
use std::time::Duration;

const NONE: Value = Value::Null;

/// What an actor that runs the probe `swapper` may do.
const GRANT: &str = r#"grant = ["publish:test/**", "write:relay", "spawn:kid", "register:kid"]"#;

/// The actor `probe` with these further keys, a bystander `other` that never sleeps, and the behaviour `kid`.
fn manifest(keys: &str) -> String {
    format!(
        r#"
        [host]
        watch-time = "0s"

        [device.relay]
        kind = "sim-relay"
        safe = "off"

        [topic."test/**"]
        keep = 10000

        [supervisor.stage]
        intensity = {{ restarts = 1000, within = "60s" }}
        children  = ["other", "probe"]

        [actor.other]
        source = "other.wasm"
        {GRANT}

        [actor.probe]
        source = "swapper.wasm"
        {GRANT}
        {keys}

        [behavior.kid]
        source = "other.wasm"
        {GRANT}
        "#
    )
}

async fn stage_of(manifest: &str, build: &[u8]) -> Stage {
    let files = [("swapper.wasm", build), ("other.wasm", &greenroom_testkit::guest("swapper")[..])];
    Stage::with_bytes_in_virtual_time(manifest, &files).await
}

/// A stage whose probe sleeps after 30 seconds, and is a build with this fault.
async fn stage_with(keys: &str, fault: &str) -> Stage {
    stage_of(&manifest(&format!("sleep-after = \"30s\"\n{keys}")), &build(1, fault)).await
}

async fn stage() -> Stage {
    stage_with("", "none").await
}

async fn advance(stage: &Stage, milliseconds: u64) {
    stage.advance(Duration::from_millis(milliseconds)).await;
}

/// A stage whose probe has heard `one`, and sleeps.
async fn asleep_with(keys: &str, fault: &str) -> Stage {
    let stage = stage_with(keys, fault).await;
    note(&stage, "one");
    advance(&stage, 30_000).await;
    assert_eq!(state(&stage), "asleep");
    stage
}

async fn asleep() -> Stage {
    asleep_with("", "none").await
}

fn note(stage: &Stage, text: &str) {
    stage.tell("probe", "note", json!({ "text": text }));
}

fn state(stage: &Stage) -> &'static str {
    stage.handle().show("probe").unwrap().state
}

fn incarnation(stage: &Stage) -> u64 {
    stage.handle().show("probe").unwrap().actor.unwrap().incarnation
}

fn address(stage: &Stage, name: &str) -> String {
    stage.handle().show(name).unwrap().address
}

/// How many are asleep, and how often actors were put away and woken.
fn counts(stage: &Stage) -> (u64, u64, u64) {
    let counters = stage.handle().counters();
    (counters.actors_asleep, counters.sleeps, counters.wakes)
}

/// Which build an actor is, what it has heard, and how it began.
async fn which(stage: &Stage, actor: &str) -> (u64, Vec<String>, String) {
    let which = stage.ask(actor, "which", NONE).await.unwrap();
    let heard = which["heard"].as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned());
    (which["build"].as_u64().unwrap(), heard.collect(), which["began"].as_str().unwrap().to_owned())
}

/// As [`which`], to compare with.
fn is(build: u64, heard: &[&str], began: &str) -> (u64, Vec<String>, String) {
    (build, heard.iter().map(|text| (*text).to_owned()).collect(), began.to_owned())
}

/// What is in a topic: each body.
fn all(stage: &Stage, topic: &str) -> Vec<Value> {
    let mut cursor = stage.handle().hub().open(vec![topic.parse().unwrap()], From::Earliest);
    let body = |item| match item {
        Item::Message(entry) => serde_json::from_slice::<Value>(&entry.body).unwrap(),
        other => panic!("{other:?}"),
    };
    std::iter::from_fn(|| cursor.try_next()).map(body).collect()
}

/// Lines of the probe's log that have this in them.
fn logged(stage: &Stage, text: &str) -> usize {
    let said = |line: &Value| line["actor"] == "probe" && line["text"].as_str().unwrap().contains(text);
    all(stage, "greenroom/logs").iter().filter(|line| said(line)).count()
}

#[tokio::test]
async fn sleeps_after_its_time_and_no_earlier() {
    let stage = stage().await;
    advance(&stage, 29_000).await;
    note(&stage, "one");
    advance(&stage, 29_999).await;
    assert_eq!(state(&stage), "running");
    assert!(stage.handle().show("probe").unwrap().actor.unwrap().memory_bytes > 0);
    advance(&stage, 1).await;
    assert_eq!((state(&stage), counts(&stage)), ("asleep", (1, 1, 0)));
    assert_eq!(stage.handle().show("probe").unwrap().actor.unwrap().memory_bytes, 0);
    // Nothing wakes it by itself, and who has no such policy never sleeps.
    advance(&stage, 86_400_000).await;
    assert_eq!((state(&stage), counts(&stage)), ("asleep", (1, 1, 0)));
    assert_eq!(stage.handle().show("other").unwrap().state, "running");
    stage.handle().healthy().unwrap();
    assert_eq!(which(&stage, "probe").await, is(1, &["one"], "woken"));
    assert_eq!((state(&stage), counts(&stage)), ("running", (0, 1, 1)));
    advance(&stage, 30_000).await;
    assert_eq!(counts(&stage), (1, 2, 1));
}

#[tokio::test]
async fn a_busy_actor_does_not_sleep() {
    let stage = stage().await;
    for _ in 0..10 {
        note(&stage, "again");
        advance(&stage, 29_999).await;
    }
    assert_eq!(counts(&stage), (0, 0, 0));
}

#[tokio::test]
async fn who_has_no_state_is_refused() {
    let manifest = "[actor.probe]\nsource = \"ping.wasm\"\nsleep-after = \"1s\"";
    let Err(error) = Stage::start(manifest, None, greenroom_engine::Clock::virtual_at_origin()).await else {
        panic!("it started");
    };
    let error = error.to_string();
    assert!(
        error.contains("ping.wasm") && error.contains("`probe`") && error.contains("remove `sleep-after`"),
        "{error}"
    );
}
