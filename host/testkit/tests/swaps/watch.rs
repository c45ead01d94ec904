//! The watch: what passes it, and what ends it.

use super::*;

/// With its watch passed, a trap is a restart with the new code.
async fn restarts_as(stage: &mut Stage, number: u64) {
    assert_eq!(count(stage, "watch-passed"), 1, "{:#?}", stage.history());
    let before = count(stage, "rolled-back");
    note(stage, "probe", "trap");
    stage.event("restarting", "probe").await;
    stage.event("started", "probe").await;
    assert_eq!(which(stage, "probe").await, is(number, &[]));
    assert_eq!((incarnation(stage, "probe"), count(stage, "rolled-back")), (2, before));
}

#[tokio::test]
async fn is_passed_after_its_turns() {
    let mut stage = stage("", "").await;
    stage.event("started", "probe").await;
    swap(&stage, 2, "message 100 trap").await.unwrap();
    for _ in 0..99 {
        note(&stage, "probe", "n");
    }
    stage.advance(NOW).await;
    assert_eq!(count(&stage, "watch-passed"), 0);
    note(&stage, "probe", "n");
    stage.advance(NOW).await;
    restarts_as(&mut stage, 2).await;
}

#[tokio::test]
async fn is_passed_after_its_time() {
    let mut stage = stage("", "").await;
    stage.event("started", "probe").await;
    swap(&stage, 2, "message 1 trap").await.unwrap();
    note(&stage, "probe", "n");
    stage.advance(Duration::from_millis(9_999)).await;
    assert_eq!(count(&stage, "watch-passed"), 0);
    stage.advance(Duration::from_millis(1)).await;
    restarts_as(&mut stage, 2).await;
}

#[tokio::test]
async fn a_kill_is_no_failure() {
    let mut stage = stage("keep-state = \"restarts\"", "").await;
    stage.event("started", "probe").await;
    note(&stage, "probe", "a");
    swap(&stage, 2, "message 1 trap").await.unwrap();
    note(&stage, "probe", "b");
    stage.advance(NOW).await;
    stage.handle().kill("probe").await.unwrap();
    stage.event("restarting", "probe").await;
    stage.event("started", "probe").await;
    assert_eq!(count(&stage, "watch-failed"), 0);
    assert_eq!(which(&stage, "probe").await, is(2, &["a", "b"]));
    // The watch goes on: now it fails, and there is no instance to go back to, but the state from before the swap.
    note(&stage, "probe", "c");
    stage.event("rolled-back", "probe").await;
    assert_eq!(which(&stage, "probe").await, is(1, &["a", "c"]));
    assert_eq!(told(&stage), [(1, "a".into()), (2, "b".into()), (1, "c".into())]);
}

/// Killed under watch, and what starts then traps at once: the code before starts.
#[tokio::test]
async fn a_start_that_fails() {
    for (keep, place, heard) in [("swaps", "init", &[][..]), ("restarts", "resume", &["a"])] {
        let mut stage = stage(&format!("keep-state = \"{keep}\""), "").await;
        stage.event("started", "probe").await;
        note(&stage, "probe", "a");
        stage.advance(NOW).await;
        if place == "init" {
            swap(&stage, 2, "init trap").await.unwrap();
            stage.handle().kill("probe").await.unwrap();
        } else {
            // With this, the swap itself would fail: it ends before that is tried.
            stage.handle().kill("probe").await.unwrap();
            stage.event("started", "probe").await;
            swap(&stage, 2, "resume trap").await.unwrap_err();
        }
        stage.advance(NOW).await;
        assert_eq!(which(&stage, "probe").await, is(1, heard), "{place}");
        assert_eq!(count(&stage, "rolled-back"), usize::from(place == "init"));
        assert_eq!(incarnation(&stage, "probe"), 2, "the start that failed is not one more");
    }
}

/// The supervisor restarts it since a sibling has failed: the watch goes on.
#[tokio::test]
async fn a_restart_with_its_siblings() {
    let tables = "[supervisor.both]\nstrategy = \"one-for-all\"\nchildren = [\"probe\", \"sibling\"]\n\
                  [actor.sibling]\nsource = \"trap.wasm\"";
    let mut stage = stage("keep-state = \"restarts\"", tables).await;
    stage.event("started", "sibling").await;
    note(&stage, "probe", "a");
    swap(&stage, 2, "message 1 trap").await.unwrap();
    note(&stage, "probe", "b");
    stage.advance(NOW).await;
    stage.tell("sibling", "go", NONE);
    stage.event("started", "sibling").await;
    assert_eq!(which(&stage, "probe").await, is(2, &["a", "b"]));
    note(&stage, "probe", "c");
    stage.advance(NOW).await;
    assert_eq!(which(&stage, "probe").await, is(1, &["a", "c"]));
    assert_eq!((incarnation(&stage, "probe"), incarnation(&stage, "sibling")), (2, 2));
}

/// It fails as it is asked to stop: what starts next is the code before, with the state from before.
#[tokio::test]
async fn a_trap_in_the_last_turn() {
    let mut stage = stage("keep-state = \"restarts\"", "").await;
    stage.event("started", "probe").await;
    note(&stage, "probe", "a");
    stage.advance(NOW).await;
    swap(&stage, 2, "stopping trap").await.unwrap();
    note(&stage, "probe", "b");
    stage.advance(NOW).await;
    stage.handle().restart("probe").await.unwrap();
    stage.event("watch-failed", "probe").await;
    stage.event("started", "probe").await;
    assert_eq!(which(&stage, "probe").await, is(1, &["a"]));
}

/// Two swaps within one watch.
#[tokio::test]
async fn the_second_fails_within_the_first() {
    let mut stage = stage("", "").await;
    stage.event("started", "probe").await;
    note(&stage, "probe", "a");
    swap(&stage, 2, "message 1 trap").await.unwrap();
    stage.advance(Duration::from_secs(1)).await;
    swap(&stage, 3, "message 1 trap").await.unwrap();
    for text in ["b", "c", "d"] {
        note(&stage, "probe", text);
    }
    stage.advance(NOW).await;
    // Build 3 has heard b and failed with c; build 2 has heard c, and failed with d.
    assert_eq!(which(&stage, "probe").await, is(1, &["a", "d"]));
    let told = told(&stage);
    assert_eq!(told, [(1, "a".into()), (3, "b".into()), (2, "c".into()), (1, "d".into())]);
    assert_eq!((count(&stage, "rolled-back"), count(&stage, "watch-failed"), count(&stage, "fault")), (2, 2, 2));
}

#[tokio::test]
async fn the_first_goes_on_after_the_second_has_failed() {
    let mut stage = stage("", "").await;
    stage.event("started", "probe").await;
    swap(&stage, 2, "message 2 trap").await.unwrap();
    stage.advance(Duration::from_secs(4)).await;
    swap(&stage, 3, "message 0 trap").await.unwrap();
    note(&stage, "probe", "a");
    stage.advance(Duration::from_millis(5_999)).await;
    assert_eq!((which(&stage, "probe").await.0, count(&stage, "watch-passed")), (2, 0));
    stage.advance(Duration::from_millis(1)).await;
    restarts_as(&mut stage, 2).await;
}

/// What has passed covers what came before it.
#[tokio::test]
async fn the_second_passes_within_the_first() {
    let mut stage = stage("", "").await;
    stage.event("started", "probe").await;
    swap(&stage, 2, "none").await.unwrap();
    stage.advance(Duration::from_secs(5)).await;
    swap(&stage, 3, "message 101 trap").await.unwrap();
    for _ in 0..101 {
        note(&stage, "probe", "n");
    }
    stage.advance(NOW).await;
    restarts_as(&mut stage, 3).await;
    stage.advance(Duration::from_secs(60)).await;
    assert_eq!(count(&stage, "watch-passed"), 1);
}

/// Code that was taken back is not taken over again by itself; and the same bytes may be tried again.
#[tokio::test]
async fn what_failed_may_be_tried_again() {
    let stage = stage("", "").await;
    for _ in 0..2 {
        swap(&stage, 2, "message 0 trap").await.unwrap();
        note(&stage, "probe", "a");
        stage.advance(Duration::from_secs(60)).await;
        assert_eq!(which(&stage, "probe").await.0, 1);
    }
    assert_eq!((count(&stage, "swapped"), count(&stage, "rolled-back"), count(&stage, "watch-passed")), (2, 2, 0));
}
