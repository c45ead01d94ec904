//! Swaps on a running host: what new code takes over, and what becomes of everything when it fails under watch.

#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]

mod build;
mod drill;
mod group;
mod refusal;
mod rollback;
mod timers;
mod watch;

use build::build;
use greenroom_engine::hub::{From, Item};
use greenroom_engine::{CallError, Reloaded};
use greenroom_testkit::Stage;
use serde_json::{Value, json};
use std::time::Duration;

const NONE: Value = Value::Null;
/// What an actor that runs the probe `swapper` may do.
const GRANT: &str = r#"grant = ["publish:test/**", "write:relay", "spawn:kid", "spawn:counter", "register:kid"]"#;
/// No time at all: everything that goes on comes to its end.
const NOW: Duration = Duration::ZERO;

/// The actor `probe`, and others that these tables describe; all of them begin with build 1.
async fn stage(keys: &str, tables: &str) -> Stage {
    let manifest = format!(
        r#"
        [host]
        watch-time = "10s"
        watch-turns = 100

        [device.relay]
        kind = "sim-relay"
        safe = "off"

        [topic."test/**"]
        keep = 10000

        [actor.probe]
        source = "swapper.wasm"
        {GRANT}
        {keys}

        [behavior.kid]
        source = "swapper.wasm"
        {GRANT}

        [behavior.counter]
        source = "state_v1.wasm"

        {tables}
        "#
    );
    Stage::in_virtual_time(&manifest, None).await
}

/// Has all that run the probe's component take another build over.
async fn swap(stage: &Stage, number: u64, fault: &str) -> Result<Reloaded, CallError> {
    stage.install("swapper.wasm", &build(number, fault));
    stage.handle().reload("probe").await
}

/// Which build an actor is, and what it has heard.
async fn which(stage: &Stage, actor: &str) -> (u64, Vec<String>) {
    let which = stage.ask(actor, "which", NONE).await.unwrap();
    let heard = which["heard"].as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned());
    (which["build"].as_u64().unwrap(), heard.collect())
}

/// As [`which`], to compare with.
fn is(build: u64, heard: &[&str]) -> (u64, Vec<String>) {
    (build, heard.iter().map(|text| (*text).to_owned()).collect())
}

fn note(stage: &Stage, actor: &str, text: &str) {
    stage.tell(actor, "note", json!({ "text": text }));
}

/// What was told of notes by turns that ended well, in order: which build, and what.
fn told(stage: &Stage) -> Vec<(u64, String)> {
    let mut cursor = stage.handle().hub().open(vec!["test/heard".parse().unwrap()], From::Earliest);
    let body = |item| match item {
        Item::Message(entry) => serde_json::from_slice::<Value>(&entry.body).unwrap(),
        other => panic!("{other:?}"),
    };
    let items = std::iter::from_fn(|| cursor.try_next()).map(body);
    items.map(|told| (told["build"].as_u64().unwrap(), told["text"].as_str().unwrap().to_owned())).collect()
}

fn address(stage: &Stage, name: &str) -> String {
    stage.handle().show(name).unwrap().address
}

fn incarnation(stage: &Stage, name: &str) -> u64 {
    stage.handle().show(name).unwrap().actor.unwrap().incarnation
}

/// How many events of a kind there have been.
fn count(stage: &Stage, kind: &str) -> usize {
    stage.history().iter().filter(|line| line.starts_with(&format!("{kind}: "))).count()
}
