//! What wakes an actor that sleeps, and what was set up before and goes on meanwhile.

use super::*;

#[tokio::test]
async fn a_message_finds_it_as_it_was() {
    let stage = asleep().await;
    for text in ["two", "three", "four"] {
        note(&stage, text);
    }
    assert_eq!(which(&stage, "probe").await, is(1, &["one", "two", "three", "four"], "woken"));
    // Once for all of them, and nobody has started anything.
    assert_eq!((counts(&stage), incarnation(&stage)), ((0, 1, 1), 1));
}

#[tokio::test]
async fn messages_stay_in_order_over_many_sleeps() {
    let stage = stage().await;
    let mut expect = Vec::new();
    for round in 0..20 {
        for number in 0..3 {
            let text = format!("{round}-{number}");
            note(&stage, &text);
            expect.push(text);
        }
        advance(&stage, 30_000).await;
    }
    assert_eq!(counts(&stage), (1, 20, 19));
    assert_eq!(which(&stage, "probe").await.1, expect);
}

#[tokio::test]
async fn a_question_of_another_actor_is_answered() {
    let stage = asleep().await;
    let to = address(&stage, "probe");
    stage.ask("other", "ask", json!({ "to": to, "kind": "open" })).await.unwrap();
    advance(&stage, 0).await;
    assert_eq!(which(&stage, "other").await.1, ["answered done"]);
}

#[tokio::test]
async fn the_answer_to_its_own_question_comes() {
    let stage = stage().await;
    let to = address(&stage, "other");
    stage.ask("probe", "ask", json!({ "to": to, "kind": "take" })).await.unwrap();
    advance(&stage, 30_000).await;
    assert_eq!(state(&stage), "asleep");
    // After an hour there is none.
    advance(&stage, 3_600_000).await;
    let (_, heard, _) = which(&stage, "probe").await;
    assert!(heard.len() == 1 && heard[0].starts_with("answered "), "{heard:?}");
    assert_eq!(counts(&stage).2, 2);
}

#[tokio::test]
async fn its_timers_go_on() {
    let stage = stage().await;
    stage.ask("probe", "once", json!({ "after": "100s", "text": "once" })).await.unwrap();
    stage.ask("probe", "every", json!({ "every": "70s", "text": "tick" })).await.unwrap();
    advance(&stage, 69_999).await;
    assert_eq!((state(&stage), counts(&stage)), ("asleep", (1, 1, 0)));
    advance(&stage, 1).await;
    assert_eq!((state(&stage), counts(&stage)), ("running", (0, 1, 1)));
    advance(&stage, 80_000).await;
    assert_eq!(which(&stage, "probe").await.1, ["tick", "once", "tick"]);
}

#[tokio::test]
async fn it_hears_of_the_ends_of_others() {
    for (order, key, heard) in [("monitor", "whom", "down killed"), ("link", "to", "exited killed")] {
        let stage = stage().await;
        stage.ask("other", "spawn", json!({ "behavior": "kid", "name": "kid" })).await.unwrap();
        advance(&stage, 0).await;
        let kid = address(&stage, "kid");
        stage.ask("probe", order, json!({ key: kid })).await.unwrap();
        advance(&stage, 30_000).await;
        assert_eq!(state(&stage), "asleep");
        stage.handle().kill("kid").await.unwrap();
        advance(&stage, 0).await;
        assert_eq!(which(&stage, "probe").await, is(1, &[heard], "woken"));
    }
}

#[tokio::test]
async fn others_hear_of_its_end() {
    let stage = asleep().await;
    let probe = address(&stage, "probe");
    stage.ask("other", "monitor", json!({ "whom": probe })).await.unwrap();
    advance(&stage, 0).await;
    assert_eq!(state(&stage), "asleep", "to be watched is nothing that it has to know");
    stage.handle().kill("probe").await.unwrap();
    advance(&stage, 0).await;
    assert_eq!(which(&stage, "other").await.1, ["down killed"]);
}

#[tokio::test]
async fn a_kill_ends_it_without_waking_it() {
    // What is kept over restarts alone is there again.
    for (keys, heard) in [("", &[][..]), ("keep-state = \"restarts\"", &["one"][..])] {
        let mut stage = asleep_with(keys, "none").await;
        stage.handle().kill("probe").await.unwrap();
        stage.event("started", "probe").await;
        advance(&stage, 0).await;
        assert_eq!((counts(&stage), incarnation(&stage)), ((0, 1, 0), 2));
        assert_eq!(which(&stage, "probe").await.1, heard);
    }
}

#[tokio::test]
async fn a_stop_is_told_to_its_code() {
    let mut stage = asleep_with("", "stopping 0 error").await;
    stage.handle().restart("probe").await.unwrap();
    advance(&stage, 0).await;
    let ended = stage.event("ended", "probe").await;
    assert_eq!((ended["reason"].as_str(), logged(&stage, "fails in stopping")), (Some("shutdown"), 1));
    assert_eq!(which(&stage, "probe").await, is(1, &[], "started"));
    advance(&stage, 30_000).await;
    assert_eq!(counts(&stage), (1, 2, 1));
    assert_eq!(stage.shutdown().await, greenroom_engine::Exit::Asked);
}

#[tokio::test]
async fn what_it_has_put_aside_comes_again() {
    let stage = stage().await;
    stage.tell("probe", "shut", NONE);
    note(&stage, "aside");
    advance(&stage, 30_000).await;
    assert_eq!(state(&stage), "asleep");
    note(&stage, "aside as well");
    advance(&stage, 30_000).await;
    assert_eq!((state(&stage), counts(&stage)), ("asleep", (1, 2, 1)));
    stage.ask("probe", "open", NONE).await.unwrap();
    assert_eq!(which(&stage, "probe").await.1, ["aside", "aside as well"]);
}

#[tokio::test]
async fn its_output_stays_as_it_was_and_its_own() {
    let stage = stage().await;
    stage.ask("probe", "switch", json!({ "device": "relay", "on": true })).await.unwrap();
    advance(&stage, 30_000).await;
    assert_eq!((state(&stage), stage.device("relay")), ("asleep", Ok(1.0)));
    assert!(stage.ask("other", "switch", json!({ "device": "relay", "on": false })).await.is_err());
    assert_eq!(stage.device("relay"), Ok(1.0));
    stage.handle().kill("probe").await.unwrap();
    advance(&stage, 0).await;
    assert_eq!(stage.device("relay"), Ok(0.0));
}

#[tokio::test]
async fn a_state_on_disk_is_there_at_the_next_start_of_the_host() {
    for orderly in [true, false] {
        let keys = "sleep-after = \"30s\"\nkeep-state = \"disk\"";
        let manifest = manifest(keys).replace("[host]", "[host]\ndata-dir = \"kept\"\nwrite-every = \"100ms\"");
        let mut stage = stage_of(&manifest, &build(1, "none")).await;
        note(&stage, "one");
        advance(&stage, 30_000).await;
        assert_eq!(state(&stage), "asleep");
        if !orderly {
            // By a clock of its own, which nothing else shows.
            while stage.handle().counters().kept_writes == 0 {
                tokio::task::yield_now().await;
            }
        }
        stage = stage.anew(orderly).await;
        assert_eq!(which(&stage, "probe").await, is(1, &["one"], "restarted"));
        advance(&stage, 30_000).await;
        note(&stage, "two");
        assert_eq!(which(&stage, "probe").await, is(1, &["one", "two"], "woken"));
    }
}
