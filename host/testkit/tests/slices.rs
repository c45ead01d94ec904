//! Whom a turn has woken does not wait for the end of a long turn that follows in the same slice, on the same worker.

use greenroom_testkit::{PATIENCE, Stage};
use serde_json::{Value, json};

const MANIFEST: &str = r#"
[host]
workers = 1
[actor.looping]
source = "spin.wasm"
deadline = "1h"
[actor.woken]
source = "spin.wasm"
"#;

#[tokio::test]
async fn who_was_woken_right_before_a_long_turn_runs_meanwhile() {
    let stage = Stage::new(MANIFEST).await;
    let woken = stage.handle().show("woken").map(|node| node.address);
    // In one slice: the first turn wakes the other one, the second does not end.
    stage.tell("looping", "pass", json!({ "to": woken.ok() }));
    let handling = || stage.handle().show("looping").ok()?.actor?.handling;
    let loops = async {
        while handling().as_deref() != Some("go") {
            tokio::task::yield_now().await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, loops).await.is_ok(), "it never comes to its second turn");
    assert_eq!(stage.ask("woken", "ping", Value::Null).await, Ok(json!("pong")));
    let node = stage.handle().show("woken").ok().and_then(|node| node.actor);
    assert_eq!(node.map(|actor| actor.turns), Some(3), "its start, what it was sent, and the question");
}
