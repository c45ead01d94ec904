//! Shadows: new code beside an actor does the same where it is the same, is caught where it is not, and touches nothing.
#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]

mod leaks;

use greenroom_engine::{CallError, ShadowReport};
use greenroom_testkit::{Stage, guest};
use serde_json::{Value, json};
use std::time::Duration;

const NONE: Value = Value::Null;
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// A probe beside an actor that it has to do with.
fn manifest(component: &str, keys: &str) -> String {
    format!(
        r#"
        [device.relay]
        kind = "sim-relay"
        safe = "off"
        [supervisor.s]
        intensity = {{ restarts = 1000, within = "1s" }}
        children = ["probe", "other"]
        [actor.probe]
        source = "{component}.wasm"
        grant  = ["publish:test/**", "write:relay", "spawn:child", "register:kid", "register:me", "tell:kid"]
        {keys}
        [actor.other]
        source = "pong.wasm"
        [behavior.child]
        source = "trap.wasm"
        "#
    )
}

async fn stage(component: &str, keys: &str) -> Stage {
    Stage::in_virtual_time(&manifest(component, keys), None).await
}

fn address(stage: &Stage, name: &str) -> String {
    stage.handle().show(name).unwrap().address
}

async fn settle(stage: &Stage) {
    stage.advance(Duration::ZERO).await;
}

fn incarnation(stage: &Stage, name: &str) -> u64 {
    stage.handle().show(name).unwrap().actor.unwrap().incarnation
}

/// The same code, told `messages`, does the same, and `turns` of it were compared.
async fn same(component: &str, keys: &str, turns: u64, messages: impl AsyncFn(&Stage)) {
    let stage = stage(component, keys).await;
    let report = stage.handle().shadow("probe", None, HOUR).await.unwrap();
    assert_eq!((report.turns, report.ended), (0, None), "{component}");
    messages(&stage).await;
    settle(&stage).await;
    let report = stage.handle().drop_shadow("probe").await.unwrap();
    assert!(report.findings.is_empty(), "{component}: {report:#?}");
    assert_eq!((report.turns, report.different), (turns, 0), "{component}: {report:#?}");
    assert_eq!(report.ended.as_deref(), Some("it was dropped"), "{component}");
    assert_ne!(report.states_differ, Some(true), "{component}");
}

async fn ask(stage: &Stage, kind: &str, body: Value) -> Value {
    stage.ask("probe", kind, body).await.unwrap_or_else(|error| panic!("{kind}: {error}"))
}

#[tokio::test]
async fn the_same_code_does_the_same() {
    same("echo", "", 3, async |stage| {
        ask(stage, "echo", json!({ "text": "a" })).await;
        ask(stage, "echo", json!({ "text": "b" })).await;
        assert_eq!(ask(stage, "count", NONE).await, 2);
    })
    .await;
    // Timers: with their numbers, which are handed on, and cancelled by them.
    same("timers", "", 8, async |stage| {
        ask(stage, "every", json!({ "every": "2s", "note": "tick" })).await;
        let timer = ask(stage, "once", json!({ "after": "1s", "note": "never" })).await;
        ask(stage, "once", json!({ "after": "3s", "note": "once" })).await;
        ask(stage, "cancel", json!({ "timer": timer })).await;
        stage.advance(Duration::from_secs(5)).await;
        assert_eq!(ask(stage, "fired", NONE).await.as_array().unwrap().len(), 3);
    })
    .await;
    // Children, monitors and links, by their numbers and addresses; downs and exits.
    same("spawner", "", 11, async |stage| {
        ask(stage, "trap-exits", json!({ "on": true })).await;
        let spawn = json!({ "behavior": "child", "name": "kid", "monitor": true, "link": true });
        let child = ask(stage, "spawn", spawn).await;
        settle(stage).await;
        assert_eq!(ask(stage, "lookup", json!({ "name": "kid" })).await, child["address"]);
        ask(stage, "register", json!({ "name": "me" })).await;
        stage.handle().kill("kid").await.unwrap();
        settle(stage).await;
        assert_eq!(ask(stage, "heard", NONE).await.as_array().unwrap().len(), 2);
        let monitor = ask(stage, "monitor", json!({ "whom": address(stage, "other") })).await;
        ask(stage, "demonitor", json!({ "monitor": monitor })).await;
        let refused = stage.ask("probe", "spawn", json!({ "behavior": "nobody" })).await;
        assert!(matches!(refused, Err(CallError::Refused(_))));
        ask(stage, "heard", NONE).await;
    })
    .await;
    // Time, as the actor's own turn saw it, and another actor's messages.
    same("ping", "", 51, async |stage| {
        ask(stage, "start", json!({ "to": address(stage, "other"), "messages": 100 })).await;
    })
    .await;
}

/// By the machine's clock, which goes on between the actor's turn and its shadow's.
#[tokio::test]
async fn time_is_what_the_actor_saw() {
    let stage = Stage::new(&manifest("ping", "")).await;
    stage.handle().shadow("probe", None, HOUR).await.unwrap();
    let start = json!({ "to": address(&stage, "other"), "messages": 10 });
    assert!(ask(&stage, "start", start).await["nanoseconds"].is_u64());
    let report = stage.handle().drop_shadow("probe").await.unwrap();
    assert_eq!((report.turns, report.different), (6, 0), "{report:#?}");
}

/// The real controller and the real mash beneath it, on the simulated kettle.
#[tokio::test]
async fn the_kettle_does_the_same_for_an_hour() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/kettle/greenroom.toml");
    let stage = Stage::in_virtual_time(&std::fs::read_to_string(file).unwrap(), Some("sim")).await;
    settle(&stage).await;
    let mash = stage.handle().show("controller").unwrap().children[0].name.clone();
    let names = ["controller", "session-log", mash.as_str()];
    for name in names {
        stage.handle().shadow(name, None, 2 * HOUR).await.unwrap();
    }
    stage.advance(HOUR / 2).await;
    stage.ask("controller", "set-temperature", json!({ "set": 67.5 })).await.unwrap();
    stage.advance(HOUR / 2).await;
    for (name, least) in names.into_iter().zip([1800, 1800, 1800]) {
        let report = stage.handle().drop_shadow(name).await.unwrap();
        assert_eq!((report.different, report.ended.as_deref()), (0, Some("it was dropped")), "{name}: {report:#?}");
        assert!(report.turns >= least, "{name}: {report:#?}");
        assert_eq!((report.state, report.states_differ), ("kept", Some(false)), "{name}: {report:#?}");
    }
}

/// The only turn that was different: its kind, and the only thing that each did.
fn only(report: &ShadowReport) -> (&str, &str, &str) {
    let [finding] = &report.findings[..] else { panic!("{report:#?}") };
    let ([running], [shadow]) = (&finding.running[..], &finding.shadow[..]) else { panic!("{finding:#?}") };
    // Without the question's number.
    let said = |line: &'_ str| line.find(": ").map_or(0, |at| at + 2);
    (&finding.kind, &running[said(running)..], &shadow[said(shadow)..])
}

#[tokio::test]
async fn changed_code_shows_what_it_changes_and_nothing_else() {
    let mut stage = stage("state_v1", "").await;
    stage.tell("probe", "add", NONE);
    settle(&stage).await;
    let report = stage.handle().shadow("probe", Some(guest("state_v2")), HOUR).await.unwrap();
    assert_eq!((report.state, report.began.len()), ("kept", 0));
    stage.event("shadow-began", "probe").await;
    stage.tell("probe", "add", NONE);
    let answer = ask(&stage, "which", NONE).await;
    assert_eq!(answer, json!({ "version": 1, "count": 2, "began": "started" }), "the running code answers");
    settle(&stage).await;
    let report = stage.handle().shadow_report("probe").unwrap();
    assert_eq!((report.turns, report.different), (2, 1));
    let (kind, running, shadow) = only(&report);
    assert_eq!(kind, "which");
    assert_eq!(running, r#"answer {"version":1,"count":2,"began":"started"}"#);
    assert_eq!(shadow, r#"answer {"version":2,"count":11,"began":"swapped"}"#);
    let told = stage.event("shadow-differs", "probe").await;
    assert_eq!((&told["different"], &told["finding"]["kind"]), (&json!(1), &json!("which")));
    // Told once a second at most.
    for _ in 0..3 {
        ask(&stage, "which", NONE).await;
    }
    settle(&stage).await;
    let told = |stage: &Stage| stage.history().iter().filter(|line| line.starts_with("shadow-differs")).count();
    assert_eq!(told(&stage), 1);
    stage.advance(Duration::from_secs(1)).await;
    ask(&stage, "which", NONE).await;
    settle(&stage).await;
    assert_eq!(told(&stage), 2);
    // Those that are kept are bounded.
    for _ in 0..70 {
        ask(&stage, "which", NONE).await;
    }
    let report = stage.handle().drop_shadow("probe").await.unwrap();
    assert_eq!((report.different, report.findings.len(), report.findings[63].turn), (75, 64, report.turns));
    assert_eq!(report.states_differ, None, "states of two versions are not compared");
    let ended = stage.event("shadow-ended", "probe").await;
    assert_eq!((&ended["different"], &ended["why"]), (&json!(75), &json!("it was dropped")));
}

/// What only the actor has asked, its shadow is not told the answer to; what only the shadow has asked, nobody answers.
#[tokio::test]
async fn what_has_no_partner_is_a_difference_and_no_more() {
    let stage = stage("spawner", "").await;
    stage.handle().shadow("probe", Some(guest("forget")), HOUR).await.unwrap();
    let spawn = json!({ "behavior": "child", "name": "kid", "monitor": true });
    ask(&stage, "spawn", spawn).await;
    settle(&stage).await;
    stage.handle().kill("kid").await.unwrap();
    settle(&stage).await;
    let report = stage.handle().drop_shadow("probe").await.unwrap();
    // The `down` is not among the turns.
    assert_eq!((report.turns, report.different), (1, 1), "{report:#?}");
    assert_eq!(report.findings[0].running[0], "spawn child as kid {}, monitored");
    let [shadow] = &report.findings[0].shadow[..] else { panic!("{report:#?}") };
    assert!(shadow.starts_with("does not understand the message"), "{report:#?}");
}

/// A shadow that fails is over, and its actor is as it was.
#[tokio::test]
async fn a_shadow_that_fails_ends_alone() {
    for (component, keys, why) in [
        ("trap", "", "it failed: trapped: panicked at"),
        ("spin", "deadline = \"20ms\"", "it failed: out-of-time"),
        ("grow", "memory = \"8MiB\"", "it failed: out-of-memory"),
    ] {
        let mut stage = stage("forget", keys).await;
        stage.handle().shadow("probe", Some(guest(component)), HOUR).await.unwrap();
        let memory = stage.handle().show("probe").unwrap().actor.unwrap().memory_bytes;
        stage.tell("probe", "go", NONE);
        settle(&stage).await;
        let ended = stage.event("shadow-ended", "probe").await;
        assert!(ended["why"].as_str().unwrap().starts_with(why), "{component}: {ended}");
        let actor = stage.handle().show("probe").unwrap().actor.unwrap();
        assert_eq!((actor.incarnation, actor.last_end, actor.memory_bytes), (1, None, memory), "{component}");
        assert_eq!((stage.handle().counters().faults, stage.handle().counters().lost), (0, 0), "{component}");
        // What it has shown stays, and the next one may come.
        assert!(stage.handle().shadow_report("probe").unwrap().ended.unwrap().starts_with(why));
        stage.tell("probe", "remember", NONE);
        stage.handle().shadow("probe", None, HOUR).await.unwrap();
        assert_eq!(stage.handle().shadow_report("probe").unwrap().ended, None, "{component}");
    }
}

#[tokio::test]
async fn what_an_actor_drives_stays_when_its_shadow_fails() {
    let stage = stage("heater", "[actor.probe.config]\ndevice = \"relay\"").await;
    let drives = || stage.handle().devices().into_iter().find(|view| view.name == "relay").unwrap();
    ask(&stage, "on", NONE).await;
    settle(&stage).await;
    let on = || assert_eq!((drives().value, drives().writer.as_deref()), (Some(1.0), Some("probe")));
    on();
    stage.handle().shadow("probe", Some(guest("trap")), HOUR).await.unwrap();
    stage.tell("probe", "go", NONE);
    settle(&stage).await;
    assert!(stage.handle().shadow_report("probe").unwrap().ended.is_some());
    on();
}

#[track_caller]
fn refused(result: Result<ShadowReport, CallError>, at: &str, says: &str) {
    match result {
        Err(CallError::NotShadowed { stage, why }) => {
            assert!(stage == at && why.contains(says), "{stage}: {why}, not {at}: {says}");
        }
        other => panic!("{other:?} instead of {at}: {says}"),
    }
}

#[tokio::test]
async fn what_cannot_be_a_shadow_is_refused() {
    let stage = stage("state_v1", "").await;
    let shadow = async |component: Vec<u8>| stage.handle().shadow("probe", Some(component), MINUTE).await;
    refused(shadow(b"text".to_vec()).await, "compile", "");
    refused(shadow(guest("ask_wait")).await, "world", "imports `asking`");
    refused(shadow(guest("trap_at")).await, "grants", "routes");
    refused(shadow(guest("state_v9")).await, "state", "teach it to upgrade from 1");
    refused(shadow(guest("trap_in_restore")).await, "state", "");
    refused(shadow(guest("panic_at_start")).await, "start", "");
    refused(shadow(guest("ignore_at_start")).await, "start", "`ignore`");
    refused(stage.handle().shadow("probe", None, Duration::from_millis(999)).await, "time", "1 s to 24 h");
    refused(stage.handle().shadow("probe", None, 25 * HOUR).await, "time", "1 s to 24 h");
    let none = |result: Result<ShadowReport, CallError>| assert!(matches!(result, Err(CallError::NoShadow(_))));
    none(stage.handle().shadow_report("probe"));
    none(stage.handle().drop_shadow("probe").await);
    assert!(matches!(stage.handle().promote_shadow("probe").await, Err(CallError::NoShadow(_))));
    assert!(matches!(stage.handle().shadow("nobody", None, MINUTE).await, Err(CallError::NoActor(_))));
    assert!(matches!(stage.handle().shadow("s", None, MINUTE).await, Err(CallError::Supervisor(_))));
    shadow(guest("state_v2")).await.unwrap();
    refused(shadow(guest("state_v2")).await, "busy", "has a shadow already");
    assert_eq!(incarnation(&stage, "probe"), 1);
    let asks = self::stage("ask_wait", "").await;
    refused(asks.handle().shadow("probe", Some(guest("echo")), MINUTE).await, "world", "imports `asking`");
}

#[tokio::test]
async fn a_shadow_ends_in_time_and_nothing_takes_over() {
    let mut stage = stage("state_v1", "").await;
    stage.handle().shadow("probe", Some(guest("state_v2")), MINUTE).await.unwrap();
    stage.advance(MINUTE / 2).await;
    assert_eq!(stage.handle().shadow_report("probe").unwrap().seconds_left, Some(30.0));
    stage.advance(MINUTE / 2).await;
    stage.event_where("shadow-ended", |body| body["why"] == "its time is up").await;
    let report = stage.handle().shadow_report("probe").unwrap();
    assert_eq!((report.seconds_left, report.ended.as_deref()), (None, Some("its time is up")));
    assert_eq!(ask(&stage, "which", NONE).await["version"], 1);
    // And may still be promoted.
    let reloaded = stage.handle().promote_shadow("probe").await.unwrap();
    assert_eq!((reloaded.to, reloaded.state), (report.shadow, "kept"));
    assert_eq!(ask(&stage, "which", NONE).await["version"], 2);
    assert!(matches!(stage.handle().shadow_report("probe"), Err(CallError::NoShadow(_))));
    // One that was dropped in the meantime does not end the next one before its time.
    let code = guest("state_v2");
    stage.handle().shadow("probe", Some(code.clone()), MINUTE).await.unwrap();
    stage.advance(MINUTE / 2).await;
    stage.handle().drop_shadow("probe").await.unwrap();
    stage.handle().shadow("probe", Some(code), MINUTE).await.unwrap();
    stage.advance(MINUTE / 2).await;
    assert_eq!(stage.handle().shadow_report("probe").unwrap().seconds_left, Some(30.0));
}

#[tokio::test]
async fn a_promoted_shadow_takes_over_with_the_actors_own_state() {
    let mut stage = stage("state_v1", "").await;
    stage.tell("probe", "add", NONE);
    settle(&stage).await;
    stage.handle().shadow("probe", Some(guest("state_v2")), HOUR).await.unwrap();
    stage.tell("probe", "add", NONE);
    settle(&stage).await;
    stage.handle().promote_shadow("probe").await.unwrap();
    stage.event_where("shadow-ended", |body| body["why"] == "it was promoted").await;
    // Not 11, which the shadow counted.
    assert_eq!(ask(&stage, "which", NONE).await, json!({ "version": 2, "count": 2, "began": "swapped" }));
}

#[tokio::test]
async fn a_shadow_ends_with_what_it_is_beside() {
    let mut stage = stage("state_v1", "").await;
    // The same code with another digest.
    let build = || [guest("state_v1"), b"\0\x06\x05build".to_vec()].concat();
    let begin = async |stage: &Stage| drop(stage.handle().shadow("probe", None, HOUR).await.unwrap());
    begin(&stage).await;
    stage.handle().kill("probe").await.unwrap();
    settle(&stage).await;
    stage.event_where("shadow-ended", |body| body["why"] == "the actor ended: killed").await;
    begin(&stage).await;
    stage.handle().upload("probe", build()).await.unwrap();
    stage.event_where("shadow-ended", |body| body["why"] == "other code took the actor over").await;
    // A swap that is not taken leaves it.
    begin(&stage).await;
    stage.handle().upload("probe", guest("panic_at_start")).await.unwrap_err();
    assert_eq!(stage.handle().shadow_report("probe").unwrap().ended, None);
    // Code under watch is taken back.
    stage.handle().drop_shadow("probe").await.unwrap();
    stage.handle().upload("probe", guest("trap")).await.unwrap();
    begin(&stage).await;
    stage.tell("probe", "go", NONE);
    settle(&stage).await;
    stage.event_where("shadow-ended", |body| body["why"] == "the code before took the actor back").await;
    begin(&stage).await;
    stage.shutdown().await;
}

/// More shadows, one after the other, than there is room for at a time.
#[tokio::test]
async fn what_a_shadow_needed_is_free_again() {
    let stage = stage("state_v1", "").await;
    for _ in 0..2100 {
        stage.handle().shadow("probe", None, HOUR).await.unwrap();
        stage.handle().drop_shadow("probe").await.unwrap();
    }
    assert_eq!(stage.handle().counters().actors, 2);
}
