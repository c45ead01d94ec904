//! New code fails under watch: the code before takes over again, with its state, and does what the new code could not.

use super::*;
use greenroom_core::Reason;

/// Build 2 fails with a fault at the n-th of four notes, after having heard those before. All are handled well once, in
/// order; those that build 2 has heard are no longer in the state.
async fn check(keys: &str, place: &str, well: usize, kind: &str, reason: &str) {
    let mut stage = stage(keys, "").await;
    note(&stage, "probe", "a");
    note(&stage, "probe", "b");
    // A swap overtakes messages.
    assert_eq!(which(&stage, "probe").await, is(1, &["a", "b"]));
    let swapped = swap(&stage, 2, &format!("{place} {well} {kind}")).await.unwrap();
    assert_eq!(swapped.state, "kept");
    let notes = ["c", "d", "e", "f"];
    notes.iter().for_each(|text| note(&stage, "probe", text));
    let back = stage.event("rolled-back", "probe").await;
    assert_eq!((back["from"].as_str(), back["to"].as_str()), (Some(&*swapped.to), Some(&*swapped.from)), "{back}");
    let heard: Vec<_> = ["a", "b"].into_iter().chain(notes[well..].iter().copied()).collect();
    assert_eq!(which(&stage, "probe").await, is(1, &heard), "{place} {well} {kind}");
    let builds = [1, 1].into_iter().chain(notes.iter().enumerate().map(|(n, _)| if n < well { 2 } else { 1 }));
    let all = ["a", "b", "c", "d", "e", "f"].map(str::to_owned);
    assert_eq!(told(&stage), builds.zip(all).collect::<Vec<_>>(), "{place} {well} {kind}");
    assert_eq!(stage.event("fault", "probe").await["reason"], reason);
    assert_eq!(stage.event("watch-failed", "probe").await["digest"], *swapped.to);
    assert_eq!((incarnation(&stage, "probe"), count(&stage, "ended")), (1, 0), "it has not ended");
    let counters = stage.handle().counters();
    assert_eq!((counters.lost, counters.rollbacks, counters.dead_letters), (0, 1, 0));
}

#[tokio::test]
async fn the_message_that_failed_is_handled_by_the_code_before() {
    for (kind, reason) in [("trap", "trapped"), ("fail", "failed"), ("spin", "out-of-time"), ("grow", "out-of-memory")]
    {
        check("memory = \"4MiB\"", "message", 0, kind, reason).await;
    }
    for well in 1..4 {
        check("", "message", well, "trap", "trapped").await;
    }
    check("keep-state = \"restarts\"", "message", 1, "trap", "trapped").await;
}

#[tokio::test]
async fn a_question_that_failed_is_answered_by_the_code_before() {
    let stage = stage("", "").await;
    swap(&stage, 2, "message 1 trap").await.unwrap();
    assert_eq!(which(&stage, "probe").await, is(2, &[]));
    assert_eq!(which(&stage, "probe").await, is(1, &[]));
}

#[tokio::test]
async fn a_question_that_went_with_the_new_code_is_not_waited_for() {
    let stage = stage("", "").await;
    let take = async || {
        let take = greenroom_testkit::message("take", &NONE);
        stage.handle().ask("probe", take, Duration::from_secs(3600)).await
    };
    let mut before = std::pin::pin!(take());
    asked(&mut before).await;
    stage.advance(NOW).await;
    swap(&stage, 2, "message 1 trap").await.unwrap();
    let mut since = std::pin::pin!(take());
    asked(&mut since).await;
    note(&stage, "probe", "a");
    assert!(matches!(since.await, Err(CallError::Ended(_, Reason::Trapped(_)))));
    assert_eq!(which(&stage, "probe").await, is(1, &["a"]));
    // What the old code has taken over is still its own.
    stage.handle().kill("probe").await.unwrap();
    assert_eq!(before.await, Err(CallError::Ended("probe".into(), Reason::Killed)));
}

/// Has a question leave, and does not wait for the answer.
async fn asked(question: &mut (impl Future<Output: std::fmt::Debug> + Unpin)) {
    tokio::select! {
        biased;
        answer = question => panic!("{answer:?}"),
        () = std::future::ready(()) => {}
    }
}

/// The bystander `other`, whose end is heard of; `forget` answers late.
const OTHERS: &str = "[supervisor.others]\nchildren = [\"other\", \"forgetful\"]\n\
    intensity = { restarts = 100, within = \"60s\" }\n\
    [actor.other]\nsource = \"echo.wasm\"\ngrant = [\"write:relay\", \"publish:test/**\"]\n\
    [actor.forgetful]\nsource = \"forget.wasm\"";

/// What is told in a turn of its own comes again to the code before; once.
#[tokio::test]
async fn what_it_is_told_of_others_is_told_to_the_code_before() {
    for (place, order, by, heard) in [
        ("answered", "ask", "remember", "answered at last"),
        ("down", "monitor", "kill", "down killed"),
        ("exited", "link", "kill", "exited killed"),
    ] {
        let mut stage = stage("", OTHERS).await;
        let to = address(&stage, if by == "remember" { "forgetful" } else { "other" });
        let body = match order {
            "ask" => json!({ "to": to, "kind": "go" }),
            "monitor" => json!({ "whom": to }),
            _ => json!({ "to": to }),
        };
        stage.ask("probe", order, body).await.unwrap();
        stage.advance(NOW).await;
        swap(&stage, 2, &format!("{place} trap")).await.unwrap();
        match by {
            "remember" => stage.tell("forgetful", "remember", NONE),
            _ => stage.handle().kill("other").await.unwrap(),
        }
        stage.event("rolled-back", "probe").await;
        stage.advance(NOW).await;
        assert_eq!(which(&stage, "probe").await, is(1, &[heard]), "{place}");
        let warnings = logs(&stage);
        assert!(!warnings.iter().any(|line| line.contains("nobody here asked")), "{place}: {warnings:?}");
        assert_eq!(incarnation(&stage, "probe"), 1, "{place}");
    }
}

/// As [`what_it_is_told_of_others_is_told_to_the_code_before`], and the new code has heard it well, and fails later.
#[tokio::test]
async fn an_end_that_came_meanwhile_is_told_to_the_code_before() {
    for (order, key, heard) in [("monitor", "whom", "down killed"), ("link", "to", "exited killed")] {
        let stage = stage("", OTHERS).await;
        stage.ask("probe", order, json!({ key: address(&stage, "other") })).await.unwrap();
        stage.advance(NOW).await;
        swap(&stage, 2, "message 0 trap").await.unwrap();
        stage.handle().kill("other").await.unwrap();
        stage.advance(NOW).await;
        assert_eq!(count(&stage, "rolled-back"), 0, "{order}");
        note(&stage, "probe", "a");
        stage.advance(NOW).await;
        assert_eq!(which(&stage, "probe").await, is(1, &[heard, "a"]), "{order}");
    }
}

/// An answer that the new code took well: the code before, which had asked, is told as well, once.
#[tokio::test]
async fn an_answer_that_came_meanwhile_is_told_to_the_code_before() {
    for swaps in [1, 2] {
        let stage = stage("", OTHERS).await;
        let to = address(&stage, "forgetful");
        stage.ask("probe", "ask", json!({ "to": to, "kind": "go" })).await.unwrap();
        stage.advance(NOW).await;
        for number in 0..swaps {
            // The answer is a message as well; the note is the second.
            swap(&stage, 2 + number, "message 1 trap").await.unwrap();
        }
        stage.tell("forgetful", "remember", NONE);
        stage.advance(NOW).await;
        note(&stage, "probe", "a");
        stage.advance(NOW).await;
        // With two swaps, the answer that is told again is the first message of build 2, and so the note was its second.
        assert_eq!(which(&stage, "probe").await, is(1, &["answered at last", "a"]), "{swaps}");
        assert!(logs(&stage).is_empty(), "{:?}", logs(&stage));
    }
}

fn logs(stage: &Stage) -> Vec<String> {
    let mut cursor = stage.handle().hub().open(vec!["greenroom/logs".parse().unwrap()], From::Earliest);
    let warning = |item| match item {
        Item::Message(entry) if entry.kind.as_str() == "warn" => {
            Some(String::from_utf8_lossy(&entry.body).into_owned())
        }
        _ => None,
    };
    std::iter::from_fn(|| cursor.try_next()).filter_map(warning).collect()
}

#[tokio::test]
async fn deferred_messages_keep_their_order() {
    let stage = stage("", "").await;
    stage.ask("probe", "shut", NONE).await.unwrap();
    note(&stage, "probe", "a");
    note(&stage, "probe", "b");
    // Two are put aside by the old code and one by the new, which then fails.
    stage.advance(NOW).await;
    swap(&stage, 2, "message 1 trap").await.unwrap();
    note(&stage, "probe", "c");
    note(&stage, "probe", "d");
    note(&stage, "probe", "e");
    stage.advance(NOW).await;
    assert_eq!(told(&stage), []);
    assert_eq!(which(&stage, "probe").await, is(1, &[]));
    stage.ask("probe", "open", NONE).await.unwrap();
    assert_eq!(which(&stage, "probe").await, is(1, &["a", "b", "c", "d", "e"]));
    assert_eq!(stage.handle().counters().lost, 0);
}

#[tokio::test]
async fn outputs_are_safe() {
    let mut stage = stage("", "").await;
    stage.ask("probe", "switch", json!({ "device": "relay", "on": true })).await.unwrap();
    swap(&stage, 2, "message 1 trap").await.unwrap();
    assert_eq!(stage.device("relay"), Ok(1.0), "a swap with state does not touch them");
    stage.ask("probe", "switch", json!({ "device": "relay", "on": true })).await.unwrap();
    note(&stage, "probe", "a");
    stage.event("rolled-back", "probe").await;
    assert_eq!(stage.device("relay"), Ok(0.0));
    // And they are the old code's again.
    stage.ask("probe", "switch", json!({ "device": "relay", "on": true })).await.unwrap();
    assert_eq!(stage.device("relay"), Ok(1.0));
}

/// A turn whose state cannot be saved has not ended well: nobody has heard of it, and the code before does it.
#[tokio::test]
async fn a_turn_whose_state_traps_is_none() {
    let mut stage = stage("keep-state = \"restarts\"", "").await;
    note(&stage, "probe", "a");
    assert_eq!(which(&stage, "probe").await, is(1, &["a"]));
    match swap(&stage, 2, "save 0 trap").await {
        Err(CallError::NotSwapped { stage: "state", why }) => assert!(why.contains("cannot save"), "{why}"),
        other => panic!("{other:?}"),
    }
    swap(&stage, 3, "save 1 trap").await.unwrap();
    note(&stage, "probe", "b");
    stage.event("rolled-back", "probe").await;
    assert_eq!(which(&stage, "probe").await, is(1, &["a", "b"]));
    assert_eq!(told(&stage), [(1, "a".to_owned()), (1, "b".to_owned())]);
}

/// Without state both the swap and the rollback are restarts to everybody else.
#[tokio::test]
async fn stateless_code_begins_afresh() {
    let tables = "[supervisor.others]\nchildren = [\"other\"]\n[actor.other]\nsource = \"timers.wasm\"";
    let stage = stage("", tables).await;
    stage.ask("probe", "monitor", json!({ "whom": address(&stage, "other") })).await.unwrap();
    stage.ask("other", "every", json!({ "every": "1s", "note": "a" })).await.unwrap();
    stage.advance(Duration::from_secs(1)).await;
    stage.install("timers.wasm", &build::renewed(greenroom_testkit::guest("timers"), 2));
    assert_eq!(stage.handle().reload("other").await.unwrap().state, "fresh");
    stage.advance(Duration::from_secs(2)).await;
    assert_eq!(stage.ask("other", "fired", NONE).await, Ok(json!([])), "timers are gone");
    assert_eq!(which(&stage, "probe").await, is(1, &["down shutdown"]));
    assert_eq!(incarnation(&stage, "other"), 1);
    // `trap` shares nothing with `timers` but that it has no state.
    stage.install("timers.wasm", &greenroom_testkit::guest("trap"));
    stage.handle().reload("other").await.unwrap();
    stage.ask("probe", "monitor", json!({ "whom": address(&stage, "other") })).await.unwrap();
    stage.advance(NOW).await;
    stage.tell("other", "go", NONE);
    stage.advance(NOW).await;
    assert_eq!(which(&stage, "probe").await, is(1, &["down shutdown", "down shutdown"]));
    assert_eq!(stage.ask("other", "fired", NONE).await, Ok(json!([])));
    assert_eq!((incarnation(&stage, "other"), count(&stage, "rolled-back")), (1, 1));
}
