//! What cannot be put away stays awake, and what cannot be woken has failed.

use super::*;

#[tokio::test]
async fn a_state_that_cannot_be_saved_keeps_it_awake() {
    let stage = stage_with("", "save 0 error").await;
    note(&stage, "one");
    advance(&stage, 200_000).await;
    assert_eq!((state(&stage), counts(&stage)), ("running", (0, 0, 0)));
    // It is said once, however often it is tried.
    assert_eq!(logged(&stage, "cannot be put away"), 1);
    assert_eq!(which(&stage, "probe").await, is(1, &["one"], "started"));
    advance(&stage, 200_000).await;
    assert_eq!(logged(&stage, "cannot be put away"), 1);
}

#[tokio::test]
async fn a_trap_while_it_is_saved_is_its_end() {
    let mut stage = stage_with("", "save 0 trap").await;
    stage.ask("probe", "switch", json!({ "device": "relay", "on": true })).await.unwrap();
    advance(&stage, 29_999).await;
    assert_eq!(stage.device("relay"), Ok(1.0));
    advance(&stage, 1).await;
    assert_eq!(stage.event("fault", "probe").await["reason"], "trapped");
    assert_eq!((incarnation(&stage), stage.device("relay")), (2, Ok(0.0)));
}

/// One that cannot be woken has failed, with its outputs, and the next incarnation has the message.
async fn cannot_be_woken(keys: &str, fault: &str, reason: &str, heard: &[&str]) {
    let mut stage = stage_with(keys, fault).await;
    stage.ask("probe", "switch", json!({ "device": "relay", "on": true })).await.unwrap();
    note(&stage, "one");
    advance(&stage, 30_000).await;
    assert_eq!((state(&stage), stage.device("relay")), ("asleep", Ok(1.0)));
    note(&stage, "two");
    advance(&stage, 0).await;
    let ended = stage.event("ended", "probe").await;
    assert_eq!((ended["reason"].as_str(), stage.device("relay")), (Some(reason), Ok(0.0)), "{fault}");
    assert_eq!(which(&stage, "probe").await, is(1, heard, "started"), "{fault}");
    assert_eq!(stage.handle().counters().lost, 0);
}

#[tokio::test]
async fn a_state_that_cannot_be_restored_is_a_fault() {
    cannot_be_woken("", "resume 1 error", "failed", &["two"]).await;
    cannot_be_woken("", "resume 1 trap", "trapped", &["two"]).await;
    cannot_be_woken("", "resume 1 spin", "out-of-time", &["two"]).await;
    // What is kept fails once more, and is given up then: as at any restart.
    cannot_be_woken("keep-state = \"restarts\"", "resume 1 trap", "trapped", &["two"]).await;
}

#[tokio::test]
async fn a_trap_after_it_was_woken_loses_that_message_alone() {
    let mut stage = asleep_with("keep-state = \"restarts\"", "message 1 trap").await;
    // Its second message as this code: the first was before it slept, and counts are not kept.
    note(&stage, "two");
    note(&stage, "three");
    note(&stage, "four");
    advance(&stage, 0).await;
    assert_eq!(stage.event("fault", "probe").await["reason"], "trapped");
    assert_eq!(stage.handle().counters().lost, 1);
    let heard: Vec<_> = all(&stage, "test/heard").iter().map(|heard| heard["text"].clone()).collect();
    assert_eq!(heard, ["one", "two", "four"]);
}
