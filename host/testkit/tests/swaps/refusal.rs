//! New code that is not taken: the old one runs on with everything that it has.

use super::*;
use greenroom_testkit::guest;

/// What is wrong with a build, at which stage that is found, and a word of the reason.
#[tokio::test]
async fn a_build_that_is_refused_changes_nothing() {
    let mut stage = stage("memory = \"4MiB\"", "").await;
    note(&stage, "probe", "a");
    stage.ask("probe", "switch", json!({ "device": "relay", "on": true })).await.unwrap();
    for (bytes, place, why) in [
        (b"no wasm".to_vec(), "compile", "WebAssembly"),
        (guest("swapper")[..1000].to_vec(), "compile", "component"),
        (b"\0asm\x0d\0\x01\0".to_vec(), "world", "behavior"),
        (guest("topic_registry"), "grants", "routes"),
        (guest("state_v9"), "state", "version 1"),
        (build(2, "resume trap"), "state", "build 2 traps in resume"),
        (build(2, "resume fail"), "state", "build 2 fails in resume"),
        (build(2, "resume spin"), "state", "out-of-time"),
        (build(2, "resume grow"), "state", "out-of-memory"),
        // These have no state to take over, so that they begin afresh.
        (guest("panic_at_start"), "start", "panicked"),
        (guest("fail_at_start"), "start", "failed"),
        (guest("spin_at_start"), "start", "out-of-time"),
        (guest("ignore_at_start"), "start", "ignore"),
    ] {
        stage.install("swapper.wasm", &bytes);
        match stage.handle().reload("probe").await {
            Err(CallError::NotSwapped { stage, why: text }) => {
                assert!(stage == place && text.contains(why), "{place}, {why}: {stage}: {text}");
            }
            other => panic!("{place}, {why}: {other:?}"),
        }
        assert_eq!(stage.event("swap-failed", "probe").await["stage"], place);
        assert_eq!(which(&stage, "probe").await, is(1, &["a"]), "{place}, {why}");
        assert_eq!(stage.device("relay"), Ok(1.0), "{place}, {why}");
    }
    assert_eq!((count(&stage, "swapped"), count(&stage, "rolled-back"), count(&stage, "fault")), (0, 0, 0));
    assert_eq!(incarnation(&stage, "probe"), 1);
}

/// The running code does not hand its state over.
#[tokio::test]
async fn a_state_that_is_not_saved() {
    let mut stage = stage("", "").await;
    note(&stage, "probe", "a");
    // Refused: it runs on. Nothing was watched that long.
    swap(&stage, 2, "save fail").await.unwrap();
    stage.advance(Duration::from_secs(10)).await;
    let refused = swap(&stage, 3, "none").await.unwrap_err();
    assert!(matches!(&refused, CallError::NotSwapped { stage: "state", why } if why.contains("fails in save")));
    assert_eq!(which(&stage, "probe").await, is(2, &["a"]));
    stage.handle().kill("probe").await.unwrap();
    stage.event("restarting", "probe").await;
    // A trap is its end; it starts again, as what it was.
    swap(&stage, 4, "save trap").await.unwrap_err();
    stage.advance(NOW).await;
    assert_eq!(which(&stage, "probe").await, is(2, &[]));
}

/// While it is under watch, the code before is at hand.
#[tokio::test]
async fn a_state_that_is_not_saved_under_watch() {
    let mut stage = stage("", "").await;
    note(&stage, "probe", "a");
    swap(&stage, 2, "save trap").await.unwrap();
    note(&stage, "probe", "b");
    swap(&stage, 3, "none").await.unwrap_err();
    stage.event("rolled-back", "probe").await;
    assert_eq!(which(&stage, "probe").await, is(1, &["a"]));
    swap(&stage, 4, "none").await.unwrap();
    assert_eq!(which(&stage, "probe").await, is(4, &["a"]));
}
