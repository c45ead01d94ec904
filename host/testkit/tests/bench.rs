//! The programs that `greenroom bench` measures, with small numbers and in virtual time: each comes to its end, and what it
//! counts adds up. A figure is worth something only if all of the work was done.

#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]

use greenroom_testkit::Stage;
use serde_json::{Value, json};
use std::time::Duration;

async fn stage() -> Stage {
    let path = format!("{}/../../actors/bench/greenroom.toml", env!("CARGO_MANIFEST_DIR"));
    let stage = Stage::in_virtual_time(&std::fs::read_to_string(path).unwrap(), None).await;
    // What the actors make at their start is there as well.
    stage.advance(Duration::ZERO).await;
    stage
}

/// Starts a program twice, so that one that leaves something behind is seen, and compares what it answers with what is
/// expected. `counted` are the messages that the host itself counts meanwhile, without those that start it.
async fn check(stage: &Stage, actor: &str, body: Value, expect: Value, counted: u64) {
    for time in ["once", "again"] {
        let before = stage.handle().counters();
        let done = stage.ask(actor, "start", body.clone()).await.unwrap();
        assert_eq!(done, expect, "{actor} {body} {time}");
        stage.advance(Duration::ZERO).await;
        let after = stage.handle().counters();
        assert_eq!(after.messages - before.messages - 1, counted, "{actor} {body} {time}: messages");
        assert_eq!(after.actors, before.actors, "{actor} {body} {time}: actors");
        assert_eq!((after.dead_letters, after.faults), (0, 0), "{actor} {body} {time}");
    }
}

fn units(units: u64) -> Value {
    json!({ "units": units })
}

#[tokio::test]
async fn ping_pong() {
    let stage = stage().await;
    let to = stage.handle().show("pong").unwrap().address;
    let before = stage.handle().counters().messages;
    // The next even number: the last message comes back to `ping`.
    let done = stage.ask("ping", "start", json!({ "to": to, "messages": 99 })).await.unwrap();
    assert_eq!(done["messages"], 100);
    assert_eq!(stage.handle().counters().messages - before - 1, 100);
}

#[tokio::test]
async fn ring() {
    let stage = stage().await;
    for (hops, whole) in [(1, 100), (100, 100), (101, 200), (250, 300)] {
        check(&stage, "ring", units(hops), json!({ "messages": whole }), whole).await;
    }
}

#[tokio::test]
async fn counting() {
    let stage = stage().await;
    // With each window of 512 two messages that end it, and one window at least.
    for (additions, messages) in [(0, 2), (1, 3), (512, 514), (513, 517), (2000, 2008)] {
        let expect = json!({ "messages": messages, "count": additions });
        check(&stage, "counting", units(additions), expect, messages).await;
    }
}

#[tokio::test]
async fn fork_join() {
    let stage = stage().await;
    // A report for each window of 16 jobs, and for the rest; all 60 workers have one at first if there are as many.
    for (jobs, messages) in [(0, 0), (1, 2), (960, 1020), (961, 1022), (2000, 2125)] {
        check(&stage, "fork-join", units(jobs), json!({ "messages": messages, "done": jobs }), messages).await;
    }
}

#[tokio::test]
async fn creation() {
    let stage = stage().await;
    for (actor, jobs) in [("creation", 20), ("creation", 500), ("creation", 501), ("spawn", 20)] {
        check(&stage, actor, units(jobs), json!({ "messages": 2 * jobs, "done": jobs }), 2 * jobs).await;
    }
}

#[tokio::test]
async fn big() {
    let stage = stage().await;
    for (pings, sent) in [(1, 120), (120, 120), (121, 240), (1200, 1200)] {
        let messages = 2 * sent + 240;
        check(&stage, "big", units(pings), json!({ "messages": messages, "pings": sent }), messages).await;
    }
}

#[tokio::test]
async fn chameneos() {
    let stage = stage().await;
    for meetings in [0, 1, 49, 1000] {
        let messages = 4 * meetings + 400;
        // Two come to each meeting.
        let expect = json!({ "messages": messages, "meetings": 2 * meetings });
        check(&stage, "chameneos", units(meetings), expect, messages).await;
    }
}

#[tokio::test]
async fn asking() {
    let stage = stage().await;
    for questions in [1, 100] {
        // An answer is no message in a mailbox: it has no place there.
        check(&stage, "asking", units(questions), json!({ "messages": 2 * questions }), questions).await;
    }
}
