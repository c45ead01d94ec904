//! Several actors that run one component: all of them take new code over, or none.

use super::*;
use greenroom_testkit::guest;

const ALL: [&str; 3] = ["probe", "second", "kid"];

/// Beside `probe` another one of the manifest, and one that `probe` has spawned. Turns may take long.
async fn three() -> Stage {
    let tables = format!(
        "[supervisor.others]\nchildren = [\"second\"]\non-give-up = \"quarantine\"\n\
         intensity = {{ restarts = 1, within = \"60s\" }}\n\
         [actor.second]\nsource = \"swapper.wasm\"\n{GRANT}"
    );
    let mut stage = stage("deadline = \"30s\"", &tables).await;
    stage.ask("probe", "spawn", json!({ "behavior": "kid", "name": "kid" })).await.unwrap();
    for name in ALL {
        stage.event("started", name).await;
    }
    stage
}

async fn all(stage: &Stage) -> Vec<(u64, Vec<String>)> {
    let mut all = Vec::new();
    for name in ALL {
        all.push(which(stage, name).await);
    }
    all
}

#[tokio::test]
async fn take_over_together() {
    let stage = three().await;
    ALL.iter().for_each(|name| note(&stage, name, name));
    assert_eq!(swap(&stage, 2, "none").await.unwrap().state, "kept");
    let expected: Vec<_> = ALL.iter().map(|name| is(2, &[name])).collect();
    assert_eq!(all(&stage).await, expected);
    assert_eq!(count(&stage, "swapped"), 3);
}

#[tokio::test]
async fn one_that_refuses_keeps_all_from_it() {
    for (name, kind) in ALL.iter().zip(["trap", "fail", "spin"]) {
        let mut stage = three().await;
        note(&stage, name, "a");
        note(&stage, name, "b");
        stage.advance(NOW).await;
        // It fails in those that have heard something.
        let refused = swap(&stage, 2, &format!("resume 2 {kind}")).await;
        assert!(matches!(refused, Err(CallError::NotSwapped { stage: "state", .. })), "{refused:?}");
        let heard = |it| if it == name { &["a", "b"][..] } else { &[] };
        let expected: Vec<_> = ALL.iter().map(|name| is(1, heard(name))).collect();
        assert_eq!(all(&stage).await, expected, "{name}");
        for name in ALL {
            stage.event("swap-failed", name).await;
        }
        assert_eq!((count(&stage, "swapped"), count(&stage, "fault")), (0, 0));
    }
}

#[tokio::test]
async fn one_that_fails_under_watch_takes_all_back() {
    for name in ALL {
        let mut stage = three().await;
        ALL.iter().for_each(|name| note(&stage, name, "a"));
        swap(&stage, 2, "message 1 trap").await.unwrap();
        ALL.iter().for_each(|name| note(&stage, name, "b"));
        stage.advance(NOW).await;
        note(&stage, name, "c");
        for name in ALL {
            stage.event("rolled-back", name).await;
        }
        let heard = |it: &str| if it == name { &["a", "c"][..] } else { &["a"] };
        let expected: Vec<_> = ALL.iter().map(|name| is(1, heard(name))).collect();
        assert_eq!(all(&stage).await, expected, "{name}");
        assert_eq!((count(&stage, "watch-failed"), count(&stage, "fault"), count(&stage, "ended")), (1, 1, 0));
        // And the next build has a watch of its own.
        swap(&stage, 3, "none").await.unwrap();
        stage.advance(Duration::from_secs(10)).await;
        assert_eq!(count(&stage, "watch-passed"), 3);
        assert_eq!(all(&stage).await.iter().map(|(build, _)| *build).collect::<Vec<_>>(), [3, 3, 3]);
    }
}

/// One is between two incarnations as another fails: it begins with the state from before the swap.
#[tokio::test]
async fn one_that_is_down_is_taken_back_too() {
    let tables = format!(
        "[supervisor.others]\nchildren = [\"second\"]\nback-off = {{ first = \"2s\", factor = 1, jitter = 0 }}\n\
         intensity = {{ restarts = 10, within = \"60s\" }}\n\
         [actor.second]\nsource = \"swapper.wasm\"\n{GRANT}\nkeep-state = \"restarts\""
    );
    let mut stage = stage("", &tables).await;
    stage.event("started", "second").await;
    note(&stage, "second", "a");
    stage.advance(NOW).await;
    swap(&stage, 2, "message 2 trap").await.unwrap();
    // The first restart waits for nothing, the second does.
    for text in ["b", "c"] {
        note(&stage, "second", text);
        stage.advance(NOW).await;
        stage.handle().kill("second").await.unwrap();
        stage.event("restarting", "second").await;
        stage.advance(NOW).await;
    }
    assert_eq!(stage.handle().show("second").unwrap().state, "restarting");
    for text in ["d", "e", "f"] {
        note(&stage, "probe", text);
    }
    stage.event("rolled-back", "probe").await;
    stage.advance(Duration::from_secs(3)).await;
    assert_eq!(which(&stage, "second").await, is(1, &["a"]));
    assert_eq!(which(&stage, "probe").await, is(1, &["f"]));
}

/// A new build is a way out of quarantine; and each actor does its part of the watch, whenever it began.
#[tokio::test]
async fn one_that_is_in_quarantine_starts_with_it() {
    let mut stage = three().await;
    for _ in 0..2 {
        stage.handle().kill("second").await.unwrap();
        stage.event("ended", "second").await;
        stage.advance(NOW).await;
    }
    stage.event("quarantined", "second").await;
    note(&stage, "second", "a");
    swap(&stage, 2, "none").await.unwrap();
    stage.event("released", "second").await;
    stage.advance(NOW).await;
    assert_eq!(which(&stage, "second").await, is(2, &["a"]));
    for name in ALL {
        assert_eq!(count(&stage, "watch-passed"), 0);
        (0..100).for_each(|_| note(&stage, name, "n"));
        stage.advance(NOW).await;
    }
    assert_eq!(count(&stage, "watch-passed"), 3, "{:#?}", stage.history());
}

/// While `probe` is in a long turn, the others do something that changes who is to be waited for.
async fn meanwhile(kind: &str, body: Value) -> Stage {
    let mut stage = three().await;
    let turns = || stage.handle().show("probe").unwrap().actor.unwrap().turns;
    let before = turns();
    stage.tell("probe", "work", json!({ "rounds": 100_000_000 }));
    while turns() == before {
        tokio::task::yield_now().await;
    }
    stage.install("swapper.wasm", &build(2, "none"));
    let handle = stage.handle().clone();
    let reload = tokio::spawn(async move { handle.reload("probe").await });
    stage.event_where("validated", |_| true).await;
    match kind {
        "kill" => stage.handle().kill("second").await.unwrap(),
        _ => stage.tell("second", kind, body),
    }
    reload.await.unwrap().unwrap();
    stage.advance(NOW).await;
    assert_eq!((which(&stage, "probe").await.0, which(&stage, "kid").await.0), (2, 2));
    stage
}

#[tokio::test]
async fn one_that_becomes_something_else_meanwhile() {
    let stage = meanwhile("become", json!({ "behavior": "counter" })).await;
    assert_eq!(stage.ask("second", "which", NONE).await.unwrap()["version"], 1);
}

#[tokio::test]
async fn one_that_ends_meanwhile() {
    let stage = meanwhile("stop", NONE).await;
    assert_eq!(which(&stage, "second").await, is(2, &[]));
}

#[tokio::test]
async fn one_that_is_killed_meanwhile() {
    let stage = meanwhile("kill", NONE).await;
    assert_eq!(which(&stage, "second").await, is(2, &[]));
    assert_eq!(incarnation(&stage, "second"), 2);
}

/// Two that run on fibers, and one that answers late.
async fn waiting() -> Stage {
    let tables = "[supervisor.others]\nchildren = [\"one\", \"two\", \"forgetful\"]\n\
        intensity = { restarts = 10, within = \"60s\" }\n\
        [actor.one]\nsource = \"ask_wait.wasm\"\n[actor.two]\nsource = \"ask_wait.wasm\"\n\
        [actor.forgetful]\nsource = \"forget.wasm\"";
    let stage = stage("", tables).await;
    let body = json!({ "to": address(&stage, "forgetful"), "kind": "go", "timeout": "1h" });
    stage.tell("one", "go", body);
    stage.advance(NOW).await;
    stage.install("ask_wait.wasm", &build::renewed(guest("ask_wait"), 2));
    stage
}

fn digest(stage: &Stage, name: &str) -> String {
    stage.handle().show(name).unwrap().actor.unwrap().digest.unwrap()
}

#[tokio::test]
async fn one_that_waits_for_an_answer_is_not_waited_for_for_ever() {
    let mut stage = waiting().await;
    let before = digest(&stage, "one");
    let refused = stage.handle().reload("two").await.unwrap_err();
    assert!(matches!(&refused, CallError::NotSwapped { stage: "busy", why } if why.contains("`one`")), "{refused:?}");
    assert_eq!(stage.event("swap-failed", "two").await["stage"], "busy");
    assert_eq!((digest(&stage, "one"), digest(&stage, "two")), (before.clone(), before));
    assert_eq!(stage.ask("two", "waits", NONE).await, Ok(json!(0)));
    stage.tell("forgetful", "remember", NONE);
    stage.advance(NOW).await;
    stage.handle().reload("two").await.unwrap();
}

/// In a later round it is ready; and who was ready before has answered in between.
async fn later(kill: bool) {
    let mut stage = waiting().await;
    let handle = stage.handle().clone();
    let reload = tokio::spawn(async move { handle.reload("two").await });
    stage.event_where("validated", |_| true).await;
    if kill {
        stage.handle().kill("two").await.unwrap();
        stage.event("restarting", "two").await;
    }
    // `one` may wait for an answer of `two`, so `two` must not wait for `one` for ever.
    while stage.ask("two", "waits", NONE).await != Ok(json!(0)) {}
    stage.tell("forgetful", "remember", NONE);
    let swapped = reload.await.unwrap().unwrap();
    assert_eq!((digest(&stage, "one"), digest(&stage, "two")), (swapped.to.clone(), swapped.to));
    assert_eq!(stage.ask("one", "waits", NONE).await, Ok(json!(0)), "without state it begins afresh");
}

#[tokio::test]
async fn one_that_waits_for_an_answer_is_asked_again() {
    later(false).await;
}

#[tokio::test]
async fn one_that_is_killed_while_it_waits_for_another() {
    later(true).await;
}

/// What one becomes under watch is under watch as well.
#[tokio::test]
async fn one_that_becomes_what_is_watched() {
    let stage = stage("", "").await;
    swap(&stage, 2, "message 2 trap").await.unwrap();
    stage.tell("probe", "become", json!({ "behavior": "kid" }));
    for text in ["a", "b", "c"] {
        note(&stage, "probe", text);
    }
    stage.advance(NOW).await;
    assert_eq!(which(&stage, "probe").await, is(1, &["c"]));
    assert_eq!((count(&stage, "rolled-back"), count(&stage, "ended"), incarnation(&stage, "probe")), (1, 0, 1));
}

/// Whoever starts while the others switch runs the new build in the end.
#[tokio::test]
async fn some_that_are_killed_in_between() {
    let tables = format!(
        "[supervisor.both]\nchildren = [\"probe\", \"second\"]\nintensity = {{ restarts = 1000, within = \"60s\" }}\n\
         [actor.second]\nsource = \"swapper.wasm\"\n{GRANT}"
    );
    let stage = stage("", &tables).await;
    for round in 0..20 {
        let number = round % 2 + 2;
        stage.install("swapper.wasm", &build(number, "none"));
        let kills = async {
            for kill in 0..round {
                stage.handle().kill(["probe", "second"][kill as usize % 2]).await.unwrap();
                for _ in 0..round {
                    tokio::task::yield_now().await;
                }
            }
        };
        let (swapped, ()) = tokio::join!(stage.handle().reload("probe"), kills);
        swapped.unwrap();
        stage.advance(NOW).await;
        assert_eq!((which(&stage, "probe").await.0, which(&stage, "second").await.0), (number, number), "{round}");
    }
}
