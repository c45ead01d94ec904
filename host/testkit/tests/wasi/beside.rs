//! Code that is not the actor, or not yet: it may read, and changes nothing outside.

use super::{GUEST, denials, logs, says};
use greenroom_testkit::Stage;
use std::time::Duration;

const MANIFEST: &str = "[actor.guest]\nsource = \"guest.wasm\"\ngrant = [\"files-write:out\"]\ndeadline = \"10s\"";

/// A guest that does something at its start already: a letter, and what it would be told.
fn at_start(what: u8, body: &str) -> String {
    let length = body.len();
    GUEST.replace(";; BEGIN", &format!("(call $do (i32.const {what}) (i32.const 512) (i32.const {length}))")).replace(
        r#"(data (i32.const 48) "e")"#,
        &format!("(data (i32.const 48) \"e\") (data (i32.const 512) {body:?})"),
    )
}

async fn stage() -> Stage {
    Stage::with_prepared(MANIFEST, &[("guest.wasm", GUEST.as_bytes())], |folder| {
        std::fs::create_dir(folder.join("out")).unwrap();
        std::fs::write(folder.join("out/recipe"), "malt").unwrap();
    })
    .await
}

#[tokio::test]
async fn new_code_reads_and_changes_nothing_before_it_has_taken_over() {
    let mut stage = stage().await;
    let mut logs = logs(&stage);
    stage.install("guest.wasm", at_start(b'r', "3recipe").as_bytes());
    stage.event("swapped", "guest").await;
    assert_eq!(super::line(&mut logs).await.1, "malt");
    stage.install("guest.wasm", at_start(b'w', "3early").as_bytes());
    stage.event("swapped", "guest").await;
    assert_eq!(super::line(&mut logs).await.1, super::NOT_PERMITTED);
    assert!(!stage.directory().join("out/early").exists());
    let told = denials(&stage);
    assert_eq!(told.len(), 1);
    assert!(told[0].0 == "/out/early" && told[0].2.contains("it is not the actor yet"), "{told:?}");
    // Now it is the actor.
    super::tell(&stage, "w", "3late");
    assert_eq!(says(&stage, &mut logs, "r", "3late").await, "written");
    // And when it starts as the actor, its start may.
    super::restart(&mut stage).await;
    super::tell(&stage, "p", "x");
    assert_eq!(super::line(&mut logs).await.1, "x");
    assert!(stage.directory().join("out/early").exists());
}

#[tokio::test]
async fn a_shadow_changes_nothing_and_is_not_heard() {
    let stage = stage().await;
    let mut logs = logs(&stage);
    let other = at_start(b'p', "a shadow").replace(r#""written""#, r#""SHADOWS""#);
    let report = stage.handle().shadow("guest", Some(other.into_bytes()), Duration::from_secs(3600)).await.unwrap();
    assert_eq!(report.ended, None);
    super::tell(&stage, "w", "3note");
    super::tell(&stage, "r", "4etc/passwd");
    assert_eq!(super::line(&mut logs).await.1, super::NOT_PERMITTED, "the actor's own");
    assert_eq!(says(&stage, &mut logs, "r", "3note").await, "written");
    stage.handle().drop_shadow("guest").await.unwrap();
    assert_eq!(std::fs::read_to_string(stage.directory().join("out/note")).unwrap(), "written");
    assert_eq!(denials(&stage).len(), 1, "the actor's own");
}
