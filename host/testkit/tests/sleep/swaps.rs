//! New code for an actor that sleeps: it is not woken for it, and wakes as the new code, under watch if there is one.

use super::*;
use greenroom_engine::{CallError, Reloaded};
use greenroom_testkit::guest;

async fn swap(stage: &Stage, number: u64, fault: &str) -> Result<Reloaded, CallError> {
    stage.install("swapper.wasm", &build(number, fault));
    stage.handle().reload("probe").await
}

/// As [`asleep`], with a watch of 10 seconds or 3 turns over new code.
async fn asleep_under_watch(keys: &str) -> Stage {
    let manifest = manifest(&format!("sleep-after = \"30s\"\n{keys}"));
    let manifest = manifest.replace("watch-time = \"0s\"", "watch-time = \"100s\"\nwatch-turns = 3");
    let stage = stage_of(&manifest, &build(1, "none")).await;
    note(&stage, "one");
    advance(&stage, 30_000).await;
    assert_eq!(state(&stage), "asleep");
    stage
}

#[tokio::test]
async fn it_sleeps_on_and_wakes_as_the_new_code() {
    let mut stage = asleep().await;
    stage.ask("other", "open", NONE).await.unwrap();
    let before = stage.handle().counters().swaps;
    swap(&stage, 2, "none").await.unwrap();
    assert_eq!((state(&stage), counts(&stage)), ("asleep", (1, 1, 0)));
    assert_eq!(which(&stage, "probe").await, is(2, &["one"], "swapped"));
    let swapped = stage.event("swapped", "probe").await;
    assert_eq!((swapped["state"].as_str(), stage.handle().counters().swaps), (Some("kept"), before + 1));
    advance(&stage, 30_000).await;
    assert_eq!(which(&stage, "probe").await, is(2, &["one"], "woken"));
}

#[tokio::test]
async fn of_several_builds_it_wakes_as_the_last() {
    let stage = asleep().await;
    for number in 2..6 {
        swap(&stage, number, "none").await.unwrap();
    }
    assert_eq!(which(&stage, "probe").await, is(5, &["one"], "swapped"));
}

#[tokio::test]
async fn code_that_cannot_wake_it_is_refused() {
    let stage = asleep().await;
    // Versions that it does not take, and none at all.
    for (component, why) in [("state_v9", "version 1"), ("ping", "no state")] {
        stage.install("swapper.wasm", &build::renewed(guest(component), 1));
        let refused = stage.handle().reload("probe").await.expect_err(component);
        assert!(
            matches!(&refused, CallError::NotSwapped { stage: "state", why: said } if said.contains(why)),
            "{refused}"
        );
        assert_eq!(state(&stage), "asleep");
    }
    assert_eq!(which(&stage, "probe").await, is(1, &["one"], "woken"));
}

#[tokio::test]
async fn code_that_fails_under_watch_is_taken_back_with_its_sleep() {
    for (fault, keys) in [
        ("message 0 trap", ""),
        ("message 1 trap", ""),
        ("resume 1 error", ""),
        ("resume 1 trap", "keep-state = \"restarts\""),
        ("message 1 trap", "keep-state = \"restarts\""),
    ] {
        let mut stage = asleep_under_watch(keys).await;
        stage.ask("probe", "once", json!({ "after": "50s", "text": "once" })).await.unwrap();
        advance(&stage, 30_000).await;
        assert_eq!(state(&stage), "asleep", "{fault}");
        swap(&stage, 2, fault).await.unwrap();
        assert_eq!(state(&stage), "asleep", "{fault}");
        note(&stage, "two");
        note(&stage, "three");
        advance(&stage, 0).await;
        let back = stage.event("rolled-back", "probe").await;
        assert_eq!(back["state"], "kept", "{fault}");
        // What the new code heard well is gone with its state, as at any rollback; what it failed at comes again.
        let heard: &[&str] = if fault == "message 1 trap" { &["one", "three"] } else { &["one", "two", "three"] };
        assert_eq!(which(&stage, "probe").await, is(1, heard, "woken"), "{fault}");
        // Its timers are as they were, too.
        advance(&stage, 20_000).await;
        assert_eq!(which(&stage, "probe").await.1.last().map(String::as_str), Some("once"), "{fault}");
        assert_eq!(incarnation(&stage), 1, "{fault}");
    }
}

#[tokio::test]
async fn it_does_not_sleep_while_it_is_watched() {
    let stage = asleep_under_watch("").await;
    swap(&stage, 2, "none").await.unwrap();
    note(&stage, "two");
    advance(&stage, 40_000).await;
    assert_eq!(state(&stage), "running", "one that is taken back has to be there");
    note(&stage, "three");
    advance(&stage, 60_000).await;
    assert_eq!(state(&stage), "asleep", "after three turns it has passed");
    assert_eq!(which(&stage, "probe").await, is(2, &["one", "two", "three"], "woken"));
}

#[tokio::test]
async fn it_does_not_sleep_beside_a_shadow() {
    let stage = stage().await;
    stage.install("swapper.wasm", &build(2, "none"));
    stage.handle().shadow("probe", None, Duration::from_secs(100)).await.unwrap();
    advance(&stage, 90_000).await;
    assert_eq!(state(&stage), "running");
    advance(&stage, 40_000).await;
    assert_eq!(state(&stage), "asleep");
    // And is woken for one.
    stage.handle().shadow("probe", None, Duration::from_secs(100)).await.unwrap();
    assert_eq!((state(&stage), counts(&stage).2), ("running", 1));
}
