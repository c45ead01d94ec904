//! Timers over a swap and a rollback: they are as they were at the swap.

use super::*;

async fn once(stage: &Stage, after: &str, text: &str) -> Value {
    stage.ask("probe", "once", json!({ "after": after, "text": text })).await.unwrap()
}

async fn advance(stage: &Stage, seconds: u64) {
    stage.advance(Duration::from_secs(seconds)).await;
}

#[tokio::test]
async fn go_on_under_the_new_code() {
    let stage = stage("", "").await;
    once(&stage, "2s", "once").await;
    stage.ask("probe", "every", json!({ "every": "3s", "text": "tick" })).await.unwrap();
    swap(&stage, 2, "none").await.unwrap();
    advance(&stage, 7).await;
    assert_eq!(which(&stage, "probe").await, is(2, &["once", "tick", "tick"]));
}

#[tokio::test]
async fn are_as_they_were_at_the_swap() {
    let stage = stage("", "").await;
    let cancelled = once(&stage, "4s", "cancelled").await;
    once(&stage, "5s", "later").await;
    once(&stage, "1s", "fired").await;
    swap(&stage, 2, "message 3 trap").await.unwrap();
    stage.ask("probe", "cancel", json!({ "timer": cancelled })).await.unwrap();
    once(&stage, "3s", "new").await;
    advance(&stage, 2).await;
    assert_eq!(told(&stage), [(2, "fired".to_owned())]);
    note(&stage, "probe", "trap");
    advance(&stage, 0).await;
    assert_eq!(which(&stage, "probe").await.0, 1);
    advance(&stage, 10).await;
    // What the new code heard of the timer is gone with its state, so the old code hears it, once.
    assert_eq!(which(&stage, "probe").await, is(1, &["trap", "fired", "cancelled", "later"]));
}

/// Its message is what the new code fails with: the old code hears it once.
#[tokio::test]
async fn a_message_of_theirs_that_failed_comes_once() {
    let stage = stage("", "").await;
    once(&stage, "1s", "once").await;
    stage.ask("probe", "every", json!({ "every": "2s", "text": "tick" })).await.unwrap();
    swap(&stage, 2, "message 0 trap").await.unwrap();
    advance(&stage, 1).await;
    assert_eq!(which(&stage, "probe").await, is(1, &["once"]));
    advance(&stage, 4).await;
    assert_eq!(which(&stage, "probe").await, is(1, &["once", "tick", "tick"]));
    swap(&stage, 3, "message 0 trap").await.unwrap();
    advance(&stage, 3).await;
    assert_eq!(which(&stage, "probe").await, is(1, &["once", "tick", "tick", "tick", "tick"]));
}

/// Messages of theirs wait behind the one that the new code fails with.
#[tokio::test]
async fn a_message_of_theirs_that_waits_comes_once() {
    let stage = stage("", "").await;
    once(&stage, "1s", "once").await;
    stage.ask("probe", "every", json!({ "every": "1s", "text": "tick" })).await.unwrap();
    stage.ask("probe", "shut", NONE).await.unwrap();
    swap(&stage, 2, "message 2 trap").await.unwrap();
    // The new code puts two aside, and fails with the third.
    advance(&stage, 2).await;
    assert_eq!(count(&stage, "rolled-back"), 1);
    stage.ask("probe", "open", NONE).await.unwrap();
    assert_eq!(which(&stage, "probe").await, is(1, &["once", "tick", "tick"]));
    advance(&stage, 1).await;
    assert_eq!(which(&stage, "probe").await, is(1, &["once", "tick", "tick", "tick"]));
}
