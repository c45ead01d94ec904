//! Clocks, randomness, and turns that wait.

use super::{GUEST, line, logs, says, stage, tell};
use greenroom_engine::hub::Item;
use greenroom_testkit::Stage;
use std::time::Duration;

const MANIFEST: &str = "[actor.guest]\nsource = \"guest.wasm\"\ndeadline = \"50ms\"";

async fn virtually() -> Stage {
    Stage::with_bytes_in_virtual_time(MANIFEST, &[("guest.wasm", GUEST.as_bytes())]).await
}

/// Two lines.
async fn pair(stage: &Stage, kind: &str) -> (u64, u64) {
    let mut logs = logs(stage);
    // Those from before.
    while logs.try_next().is_some() {}
    tell(stage, kind, "");
    stage.advance(Duration::ZERO).await;
    let first = line(&mut logs).await.1.parse().unwrap();
    (first, line(&mut logs).await.1.parse().unwrap())
}

#[tokio::test]
async fn clocks_are_the_hosts_own() {
    let stage = virtually().await;
    let began = pair(&stage, "t").await;
    // A virtual clock begins at 2000-01-01, and a monotonic one at something else than 0.
    assert_eq!(began, (1, 946_684_800_000_000_000));
    assert_eq!(pair(&stage, "t").await, began, "it stands still");
    stage.advance(Duration::from_secs(3600)).await;
    let later = pair(&stage, "t").await;
    assert_eq!((later.0 - began.0, later.1 - began.1), (3_600_000_000_000, 3_600_000_000_000));
}

#[tokio::test]
async fn random_numbers_are_the_same_in_each_virtual_run() {
    let (mut one, other) = (virtually().await, virtually().await);
    let first = pair(&one, "x").await;
    assert_eq!(pair(&other, "x").await, first);
    let second = pair(&one, "x").await;
    assert_eq!(pair(&other, "x").await, second);
    assert_ne!(first, second);
    assert_ne!(first.0, first.1);
    // Another incarnation has others.
    super::restart(&mut one).await;
    assert_ne!(pair(&one, "x").await, first);
}

#[tokio::test]
async fn random_numbers_are_the_machines_otherwise() {
    let stage = stage("", |_| {}).await;
    let mut logs = logs(&stage);
    let one = says(&stage, &mut logs, "x", "").await;
    assert_ne!(line(&mut logs).await.1, one);
}

/// It would sleep for ever, since no virtual time passes in a turn: what it sleeps is added for it alone.
#[tokio::test]
async fn a_turn_sleeps_in_virtual_time_and_no_longer_than_its_deadline() {
    let mut stage = virtually().await;
    let mut logs = logs(&stage);
    assert_eq!(says(&stage, &mut logs, "s", "20").await, "20000000");
    let (slept, _) = pair(&stage, "t").await;
    stage.advance(Duration::from_millis(5)).await;
    assert_eq!(pair(&stage, "t").await.0, slept, "its clock does not go back");
    stage.advance(Duration::from_millis(20)).await;
    assert_eq!(pair(&stage, "t").await.0, slept + 5_000_000, "and is the host's again");
    // Longer than the deadline, once, and altogether.
    tell(&stage, "s", "51");
    assert_eq!(stage.event("fault", "guest").await["reason"], "out-of-time");
}

#[tokio::test]
async fn a_turn_sleeps_by_the_machines_clock_and_no_longer_than_its_deadline() {
    let mut stage = stage("deadline = \"20s\"", |_| {}).await;
    let mut logs = logs(&stage);
    assert!(says(&stage, &mut logs, "s", "3").await.parse::<u64>().unwrap() >= 3_000_000);
    drop(stage.shutdown().await);
    let mut stage = super::stage("deadline = \"30ms\"", |_| {}).await;
    tell(&stage, "s", "3600000");
    assert_eq!(stage.event("fault", "guest").await["reason"], "out-of-time");
    // And goes on.
    let mut logs = super::logs(&stage);
    assert_eq!(says(&stage, &mut logs, "p", "again").await, "again");
}

#[tokio::test]
async fn who_sleeps_is_killed_and_keeps_nobody_from_the_others() {
    let manifest = "[host]\nworkers = 1\n[actor.guest]\nsource = \"guest.wasm\"\ndeadline = \"1h\"\n\
        [actor.other]\nsource = \"guest.wasm\"";
    let mut stage = Stage::with_bytes(manifest, &[("guest.wasm", GUEST.as_bytes())]).await;
    let mut logs = logs(&stage);
    tell(&stage, "s", "3600000");
    // The only worker stands still meanwhile.
    stage.tell("other", "p", serde_json::json!("here"));
    let Item::Message(entry) = logs.next().await else { panic!("it prints nothing") };
    assert!(String::from_utf8_lossy(&entry.body).contains("other"));
    stage.handle().kill("guest").await.unwrap();
    assert_eq!(stage.event("ended", "guest").await["reason"], "killed");
}
