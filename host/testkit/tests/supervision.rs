//! Supervisors of a running host, through what the outside may ask: administration, dynamic supervisors, back-off,
//! quarantine, significant children, and a manifest that changes. The rules themselves are the core's, and tested there.
#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]

use greenroom_engine::{CallError, Clock, StartError};
use greenroom_testkit::{Stage, guest};
use serde_json::{Value, json};
use std::time::Duration;

/// A manifest, with what its probes need to be loaded.
fn manifest(text: &str) -> String {
    let echo = "source = \"echo.wasm\"\ngrant = [\"publish:test/**\", \"write:relay\"]\n";
    let spawner = "source = \"spawner.wasm\"\ngrant = [\"spawn:echo\", \"register:x\"]\n";
    let text = text.replace("source = \"echo.wasm\"", echo).replace("source = \"spawner.wasm\"", spawner);
    format!("[device.relay]\nkind = \"sim-relay\"\nsafe = \"off\"\n[behavior.echo]\n{echo}\n{text}")
}

async fn virtually(text: &str) -> Stage {
    Stage::in_virtual_time(&manifest(text), None).await
}

const SECOND: Duration = Duration::from_secs(1);

fn state(stage: &Stage, whom: &str) -> &'static str {
    stage.handle().show(whom).unwrap().state
}

async fn refused(stage: &Stage, supervisor: &str, kind: &str, body: Value, expect: &str) {
    match stage.ask(supervisor, kind, body.clone()).await {
        Err(CallError::Refused(why)) => assert!(why.starts_with(expect), "{kind} {body}: {why}"),
        other => panic!("{kind} {body}: {other:?}"),
    }
}

/// Names and states of a supervisor's children.
async fn children(stage: &Stage, supervisor: &str) -> Vec<(String, String)> {
    let answer = stage.ask(supervisor, "which-children", json!({})).await.unwrap();
    let text = |child: &Value, key: &str| child[key].as_str().unwrap().to_owned();
    answer["children"].as_array().unwrap().iter().map(|child| (text(child, "name"), text(child, "state"))).collect()
}

fn pairs(expect: &[(&str, &str)]) -> Vec<(String, String)> {
    expect.iter().map(|(name, state)| ((*name).to_owned(), (*state).to_owned())).collect()
}

#[tokio::test]
async fn children_are_started_stopped_and_forgotten_by_order() {
    let text = r#"
        [supervisor.s]
        children = ["a", "b"]
        [actor.a]
        source = "echo.wasm"
        [actor.b]
        source = "echo.wasm"
        restart = "temporary"
    "#;
    let mut stage = virtually(text).await;
    let done = Ok(json!({}));
    assert_eq!(children(&stage, "s").await, pairs(&[("a", "running"), ("b", "running")]));

    let child = |name: &str| json!({ "child": name });
    assert_eq!(stage.ask("s", "terminate-child", child("a")).await, done);
    assert_eq!(stage.ask("s", "terminate-child", child("b")).await, done);
    assert_eq!(children(&stage, "s").await, pairs(&[("a", "stopped")]));
    stage.handle().healthy().unwrap();
    // What waits for a child that is stopped is there when it starts again.
    stage.tell("a", "echo", json!({ "text": "waits" }));
    refused(&stage, "s", "start-child", json!({ "name": "a", "behavior": "echo" }), "already-present").await;
    let address = stage.handle().show("a").unwrap().address;
    assert_eq!(stage.ask("s", "restart-child", child("a")).await, Ok(json!({ "address": address })));
    stage.advance(SECOND).await;
    assert_eq!(stage.ask("a", "count", json!({})).await, Ok(json!(1)));
    refused(&stage, "s", "restart-child", child("a"), "running").await;
    refused(&stage, "s", "delete-child", child(&address), "running").await;
    refused(&stage, "s", "restart-child", child("nobody"), "not-found").await;
    refused(&stage, "s", "start-child", json!({ "name": "a", "behavior": "echo" }), "already-started").await;
    refused(&stage, "s", "start-child", json!({ "name": "c", "behavior": "ecco" }), "the manifest has no").await;
    refused(&stage, "s", "start-child", json!({ "name": "c" }), "`start-child` takes").await;
    refused(&stage, "s", "start-child", json!({ "name": "root", "behavior": "echo" }), "name-taken").await;

    stage.ask("s", "start-child", json!({ "name": "c", "behavior": "echo", "restart": "transient" })).await.unwrap();
    assert_eq!(children(&stage, "s").await, pairs(&[("a", "running"), ("c", "running")]));
    stage.handle().kill("c").await.unwrap();
    stage.event("restarting", "c").await;
    let count = stage.ask("s", "count-children", json!({})).await.unwrap();
    assert_eq!(count, json!({ "specs": 2, "active": 2, "supervisors": 0, "workers": 2 }));
    assert_eq!(stage.ask("s", "terminate-child", child("c")).await, done);
    assert_eq!(stage.ask("s", "delete-child", child("c")).await, done);
    assert_eq!(stage.handle().show("c").unwrap_err(), CallError::NoActor("c".into()));
    // Restarted, the supervisor has what the manifest gives it.
    stage.handle().restart("s").await.unwrap();
    stage.event_where("started", |body| body["actor"] == "b" && body["incarnation"] == 1).await;
    stage.advance(SECOND).await;
    assert_eq!(children(&stage, "s").await, pairs(&[("a", "running"), ("b", "running")]));
    let root = stage.ask("root", "count-children", json!({})).await.unwrap();
    assert_eq!(root, json!({ "specs": 1, "active": 1, "supervisors": 1, "workers": 0 }));
}

#[tokio::test]
async fn a_dynamic_supervisor_starts_as_many_as_are_wanted() {
    let text = r#"
        [supervisor.pool]
        strategy = "dynamic"
        template = { behavior = "worker", restart = "transient" }
        [behavior.worker]
        source = "echo.wasm"
    "#;
    let mut stage = virtually(text).await;
    assert_eq!(children(&stage, "pool").await, []);
    let one = stage.ask("pool", "start-child", json!({})).await.unwrap();
    let address = one["address"].as_str().unwrap().to_owned();
    stage.ask("pool", "start-child", json!({ "name": "second" })).await.unwrap();
    assert_eq!(stage.ask("second", "echo", json!({ "text": "x" })).await, Ok(json!({ "text": "x" })));
    refused(&stage, "pool", "start-child", json!({ "name": "second" }), "name-taken").await;
    refused(&stage, "pool", "start-child", json!({ "behavior": "worker" }), "`start-child` takes").await;
    refused(&stage, "pool", "delete-child", json!({ "child": "second" }), "dynamic").await;
    // By what it is shown as, too: its address and its mailbox outlive a restart.
    let shown = children(&stage, "pool").await[0].0.clone();
    stage.handle().kill(&shown).await.unwrap();
    stage.event("restarting", &shown).await;
    stage.advance(SECOND).await;
    assert_eq!(stage.handle().show(&shown).unwrap().address, address);
    assert_eq!(stage.handle().show(&shown).unwrap().actor.unwrap().incarnation, 2);
    stage.ask("pool", "terminate-child", json!({ "child": address })).await.unwrap();
    assert_eq!(children(&stage, "pool").await, pairs(&[("second", "running")]));
    // Restarted, it has none.
    stage.handle().restart("pool").await.unwrap();
    stage.advance(SECOND).await;
    assert_eq!(children(&stage, "pool").await, []);
    assert_eq!(stage.handle().show("second").unwrap_err(), CallError::NoActor("second".into()));
}

#[tokio::test]
async fn restarts_wait_ever_longer() {
    let text = r#"
        [supervisor.s]
        children  = ["a", "b"]
        intensity = { restarts = 100, within = "1h" }
        back-off  = { first = "2s", factor = 2, jitter = 0, reset = "10s" }
        [actor.a]
        source = "echo.wasm"
        [actor.b]
        source = "echo.wasm"
    "#;
    let mut stage = virtually(text).await;
    stage.event("started", "a").await;
    for wait in [0.0, 2.0, 4.0, 8.0] {
        stage.handle().kill("a").await.unwrap();
        assert_eq!(stage.event("restarting", "a").await["wait_seconds"], wait);
        if wait > 0.0 {
            stage.advance(Duration::from_secs_f64(wait) - Duration::from_millis(1)).await;
            assert_eq!((state(&stage, "a"), state(&stage, "b")), ("restarting", "running"), "{wait}");
            let why = stage.handle().healthy().unwrap_err();
            assert!(why.contains("`a` is restarting"), "{why}");
        }
        stage.advance(Duration::from_millis(1)).await;
        assert_eq!(state(&stage, "a"), "running", "{wait}");
    }
    // Well for long enough: from the beginning again.
    stage.advance(10 * SECOND).await;
    stage.handle().kill("a").await.unwrap();
    assert_eq!(stage.event("restarting", "a").await["wait_seconds"], 0.0);
}

#[tokio::test]
async fn what_ends_too_often_is_parked_until_somebody_helps() {
    let text = r#"
        [supervisor.s]
        children   = ["a", "b"]
        intensity  = { restarts = 1, within = "1h" }
        on-give-up = "quarantine"
        [actor.a]
        source = "trap.wasm"
        # For the build that takes its place.
        grant  = ["publish:test/**", "write:relay"]
        [actor.b]
        source = "echo.wasm"
    "#;
    let mut stage = Stage::new(&manifest(text)).await;
    let park = async |stage: &mut Stage| {
        for _ in 0..2 {
            stage.event("started", "a").await;
            stage.tell("a", "go", json!({}));
        }
        stage.event("quarantined", "a").await
    };
    let event = park(&mut stage).await;
    assert_eq!(event["reason"], "trapped");
    let node = stage.handle().show("a").unwrap();
    assert_eq!(node.state, "quarantined");
    assert_eq!(node.quarantine.unwrap().restarts, 1);
    let why = stage.handle().healthy().unwrap_err();
    assert!(why.contains("`a` is quarantined"), "{why}");
    assert_eq!(stage.ask("b", "echo", json!({ "text": "x" })).await, Ok(json!({ "text": "x" })));
    assert_eq!(stage.ask("a", "go", json!({})).await, Err(CallError::Restarting("a".into())));
    // An operator releases it, with a budget of its own.
    stage.handle().restart("a").await.unwrap();
    stage.event("released", "a").await;
    park(&mut stage).await;
    // And so does a new build.
    stage.install("trap.wasm", &guest("echo"));
    stage.event("released", "a").await;
    stage.event("started", "a").await;
    assert_eq!(stage.ask("a", "echo", json!({ "text": "y" })).await, Ok(json!({ "text": "y" })));
    let b = stage.handle().show("b").unwrap().actor.unwrap();
    assert_eq!(b.incarnation, 1);
}

#[tokio::test]
async fn a_supervisor_ends_with_its_significant_child() {
    let text = r#"
        [supervisor.s]
        children      = ["a", "b"]
        auto-shutdown = "any"
        restart       = "transient"
        [actor.a]
        source = "spawner.wasm"
        restart     = "transient"
        significant = true
        [actor.b]
        source = "echo.wasm"
    "#;
    let mut stage = virtually(text).await;
    stage.tell("a", "stop", json!({}));
    stage.event("auto-shutdown", "s").await;
    stage.event("ended", "s").await;
    assert_eq!((state(&stage, "s"), state(&stage, "b")), ("stopped", "stopped"));
    assert_eq!(stage.ask("s", "which-children", json!({})).await, Err(CallError::NoActor("s".into())));
}

const BEFORE: &str = r#"
    [supervisor.s]
    children = ["a", "b"]
    [actor.a]
    source = "echo.wasm"
    [actor.b]
    source = "echo.wasm"
"#;

#[tokio::test]
async fn a_changed_manifest_changes_the_tree_in_place() {
    let mut stage = Stage::new(&manifest(BEFORE)).await;
    let same = stage.handle().apply().await.unwrap();
    assert!(same.is_empty(), "{same:?}");
    std::fs::write(stage.directory().join("spawner.wasm"), guest("spawner")).unwrap();
    let after = r#"
        [supervisor.s]
        strategy = "one-for-all"
        children = ["c", "a"]
        [actor.a]
        source = "echo.wasm"
        max-message = "2KiB"
        config = { note = "new" }
        [actor.c]
        source = "spawner.wasm"
    "#;
    stage.install("greenroom.toml", manifest(after).as_bytes());
    let event = stage.event_where("manifest-applied", |_| true).await;
    assert_eq!(
        (&event["added"], &event["changed"], &event["removed"]),
        (&json!(["c"]), &json!(["a", "s"]), &json!(["b"]))
    );
    // Nothing has moved yet.
    assert_eq!(children(&stage, "s").await, pairs(&[("c", "stopped"), ("a", "running"), ("b", "running")]));
    assert_eq!(stage.handle().show("a").unwrap().actor.unwrap().incarnation, 1);
    let long = json!({ "text": "x".repeat(3000) });
    assert_eq!(stage.ask("a", "echo", long.clone()).await.as_ref(), Ok(&long));
    // A new child starts when asked for.
    stage.ask("s", "restart-child", json!({ "child": "c" })).await.unwrap();
    assert_eq!(stage.ask("c", "heard", json!({})).await, Ok(json!([])));
    // The new strategy holds from now on, the changed spec from the restart on.
    stage.handle().kill("a").await.unwrap();
    stage.event_where("started", |body| body["actor"] == "a" && body["incarnation"] == 2).await;
    assert!(matches!(stage.ask("a", "echo", long).await, Err(CallError::TooLarge(_, _, 2048))));
    stage.event_where("started", |body| body["actor"] == "b" && body["incarnation"] == 2).await;
    // A removed one is gone with the supervisor.
    stage.handle().restart("s").await.unwrap();
    stage.event_where("started", |body| body["actor"] == "a" && body["incarnation"] == 3).await;
    assert_eq!(stage.handle().show("b").unwrap_err(), CallError::NoActor("b".into()));
}

/// A host takes its manifest in once more as it begins to watch the file, and whoever saves it unchanged has it do so.
#[tokio::test]
async fn an_unchanged_manifest_brings_nobody_back() {
    let mut stage = virtually(&format!("{BEFORE}restart = \"temporary\"")).await;
    stage.handle().kill("b").await.unwrap();
    stage.event("ended", "b").await;
    stage.ask("s", "terminate-child", json!({ "child": "a" })).await.unwrap();
    stage.ask("s", "delete-child", json!({ "child": "a" })).await.unwrap();
    assert_eq!(children(&stage, "s").await, pairs(&[]));
    let same = stage.handle().apply().await.unwrap();
    assert!(same.is_empty(), "{same:?}");
    assert_eq!(children(&stage, "s").await, pairs(&[]));
}

#[tokio::test]
async fn a_faulty_manifest_changes_nothing() {
    let stage = virtually(BEFORE).await;
    let check = async |text: String, expect: &str| {
        std::fs::write(stage.directory().join("greenroom.toml"), manifest(&text)).unwrap();
        match stage.handle().apply().await {
            Err(CallError::NotApplied(why)) => assert!(why.contains(expect), "{why}"),
            other => panic!("{other:?}"),
        }
        assert_eq!(children(&stage, "s").await, pairs(&[("a", "running"), ("b", "running")]));
    };
    check(BEFORE.replace("children", "chidren"), "unknown-key").await;
    check(BEFORE.replace("\"b\"]", "\"x\"]"), "unknown-child").await;
    check(format!("{BEFORE}[actor.c]\nsource = \"lost.wasm\""), "lost.wasm").await;
    check(format!("{BEFORE}[device.d]\nkind = \"sine\""), "takes a new start of the host: [device.…]").await;
    check(format!("{BEFORE}mailbox = {{ limit = 3 }}"), "the mailbox of `b`").await;
    check(
        BEFORE.replace("[supervisor.s]", "[supervisor.x]").replace("[actor.a]", "[actor.s]").replace("\"a\"", "\"s\""),
        "`s`, which was a supervisor",
    )
    .await;
    std::fs::remove_file(stage.directory().join("greenroom.toml")).unwrap();
    assert!(matches!(stage.handle().apply().await, Err(CallError::NotApplied(_))));
}

/// More than the manifest allows is refused with the number and what to do, whoever asks for it, and hurts nobody.
#[tokio::test]
async fn a_full_host_says_so_and_goes_on() {
    let text = r#"
        [host]
        actors = 4
        [supervisor.s]
        children = ["pool", "spawner"]
        [supervisor.pool]
        strategy = "dynamic"
        template = { behavior = "echo" }
        [actor.spawner]
        source = "spawner.wasm"
    "#;
    let stage = virtually(text).await;
    let mut started = Vec::new();
    for _ in 0..3 {
        started.push(stage.ask("pool", "start-child", json!({})).await.unwrap()["address"].take());
    }
    refused(&stage, "pool", "start-child", json!({}), "4 actors live, and this host has room for 4").await;
    // An actor that spawns is told the same by its call, and goes on.
    let spawned = stage.ask("spawner", "spawn", json!({ "behavior": "echo" })).await;
    assert!(matches!(&spawned, Err(CallError::Refused(why)) if why.contains("room for 4")), "{spawned:?}");
    assert_eq!(state(&stage, "spawner"), "running");
    // One that ends makes room.
    stage.ask("pool", "terminate-child", json!({ "child": started[0] })).await.unwrap();
    stage.advance(Duration::ZERO).await;
    stage.ask("pool", "start-child", json!({})).await.unwrap();
    refused(&stage, "pool", "start-child", json!({}), "4 actors live").await;
}

#[tokio::test]
async fn a_manifest_with_more_actors_than_it_allows_does_not_start() {
    let text = "[host]\nactors = 1\n[supervisor.s]\nchildren = [\"a\", \"b\"]\n\
                [actor.a]\nsource = \"echo.wasm\"\n[actor.b]\nsource = \"echo.wasm\"";
    match Stage::start(&manifest(text), None, Clock::machine()).await {
        Err(StartError::Limit(why)) => assert!(why.contains("names 2 actors") && why.contains("`actors`"), "{why}"),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it started"),
    }
}
