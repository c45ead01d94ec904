//! One test per probe, of the same name: a tiny actor misbehaves, and nothing else notices. A probe without a test does not
//! compile.

#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]

use greenroom_engine::{CallError, Clock, Exit, StartError};
use greenroom_testkit::{Stage, each_probe, guest};
use serde_json::{Value, json};
use std::time::Duration;

macro_rules! has_a_test {
    ($name:ident) => {
        _ = $name;
    };
}

#[test]
fn each_probe_has_a_test() {
    each_probe!(has_a_test);
}

#[path = "probes/policies.rs"]
mod policies;

use policies::tally;

const NONE: Value = Value::Null;

/// A manifest: a bystander that must not notice anything, and the given tables.
fn manifest(more: &str) -> String {
    format!(
        r#"
        [device.relay]
        kind = "sim-relay"
        safe = "off"

        [supervisor.stage]
        intensity = {{ restarts = 100, within = "60s" }}
        children = ["bystander", "probe"]

        [actor.bystander]
        source = "echo.wasm"
        grant  = ["write:relay", "publish:test/**"]

        {more}
        "#
    )
}

async fn stage(probe: &str) -> Stage {
    stage_with(probe, "").await
}

/// A stage with a probe as the actor `probe`, with these further keys and tables.
async fn stage_with(probe: &str, keys: &str) -> Stage {
    Stage::new(&manifest(&format!("[actor.probe]\nsource = \"{probe}.wasm\"\n{keys}"))).await
}

/// The bystander answers, and has been the same all along.
async fn bystander_is_well(stage: &Stage) {
    let echo = stage.ask("bystander", "echo", json!({ "text": "well" })).await;
    assert_eq!(echo, Ok(json!({ "text": "well" })));
    let actor = stage.handle().show("bystander").unwrap().actor.unwrap();
    assert_eq!(actor.incarnation, 1);
}

fn address(stage: &Stage, name: &str) -> String {
    stage.handle().show(name).unwrap().address
}

/// Tells the probe `go`, and waits for its end and its next incarnation. The fault's reason and detail.
async fn ends(stage: &mut Stage) -> (String, String) {
    stage.event("started", "probe").await;
    stage.tell("probe", "go", json!({}));
    let fault = stage.event("fault", "probe").await;
    stage.event("restarting", "probe").await;
    stage.event("started", "probe").await;
    bystander_is_well(stage).await;
    let text = |key: &str| fault[key].as_str().unwrap_or_default().to_owned();
    (text("reason"), text("detail"))
}

#[tokio::test]
async fn trap() {
    let mut stage = stage("trap").await;
    let (reason, detail) = ends(&mut stage).await;
    assert_eq!(reason, "trapped");
    assert!(detail.starts_with("panicked at "), "{detail}");
    assert!(detail.contains("\n  at <trap::Trap as Actor>::handle"), "the report names the actor's function: {detail}");
    assert!(!detail.contains("core::panicking"), "but not those of panicking itself: {detail}");
}

#[tokio::test]
async fn spin() {
    let (reason, _) = ends(&mut stage("spin").await).await;
    assert_eq!(reason, "out-of-time");
}

#[tokio::test]
async fn grow() {
    let mut stage = stage_with("grow", "memory = \"4MiB\"").await;
    let (reason, _) = ends(&mut stage).await;
    assert_eq!(reason, "out-of-memory");
}

/// The same in both memory classes, also by an actor that outgrows the memory it began with, and one that may not.
#[tokio::test]
async fn sieve() {
    for class in ["fast", "dense"] {
        let more = format!("memory-class = \"{class}\"\ndeadline = \"1h\"\nmemory = \"4MiB\"");
        let mut stage = stage_with("sieve", &more).await;
        stage.event("started", "probe").await;
        for (below, primes) in [(10, 4), (1000, 168), (100_000, 9592), (1_000_000, 78_498), (1000, 168)] {
            assert_eq!(stage.ask("probe", "count", json!({ "below": below })).await, Ok(json!(primes)), "{class}");
        }
        stage.tell("probe", "count", json!({ "below": 5_000_000 }));
        let fault = stage.event("fault", "probe").await;
        assert_eq!(fault["reason"], "out-of-memory", "{class}");
        // Its next incarnation has nothing of the one before.
        stage.event("started", "probe").await;
        assert_eq!(stage.ask("probe", "count", json!({ "below": 1000 })).await, Ok(json!(168)), "{class}");
    }
}

#[tokio::test]
async fn flood() {
    let more = "[actor.probe]\nsource = \"flood.wasm\"\ndeadline = \"10s\"\n\
                [supervisor.other]\nchildren = [\"full\", \"endless\"]\n\
                [actor.full]\nsource = \"forget.wasm\"\nmailbox = { limit = 10, when-full = \"reject\" }\n\
                [actor.endless]\nsource = \"forget.wasm\"\nmailbox = { limit = 10, when-full = \"drop-oldest\" }";
    let stage = Stage::new(&manifest(more)).await;
    // All sends of one turn take their places before any is delivered: ten fit.
    let flooded = stage.ask("probe", "go", json!({ "to": address(&stage, "full"), "messages": 25 })).await;
    assert_eq!(flooded, Ok(json!({ "sent": 10, "refused": 15 })));
    // More than one turn may ask for: it fails as a whole, even if it is over before anybody looks.
    let flooded = stage.ask("probe", "go", json!({ "to": address(&stage, "endless"), "messages": 100_001 })).await;
    assert!(matches!(&flooded, Err(CallError::Ended(..))), "{flooded:?}");
    let endless = stage.handle().show("endless").unwrap().actor.unwrap();
    assert_eq!((endless.turns, endless.dropped), (1, 0), "its start alone");
    bystander_is_well(&stage).await;
}

#[tokio::test]
async fn log_flood() {
    let stage = stage_with("log_flood", "deadline = \"10s\"").await;
    stage.tell("probe", "go", json!({ "lines": 5000 }));
    bystander_is_well(&stage).await;
    // Answered after the flood: by then, its share is used up.
    let refused = stage.ask("probe", "say", json!({ "line": "afterwards" })).await;
    assert!(matches!(refused, Err(CallError::Refused(_))), "{refused:?}");
    let topic = "greenroom/logs".parse().unwrap();
    let mut lines = stage.handle().hub().open(vec![topic], greenroom_engine::hub::From::Earliest);
    let kept = std::iter::from_fn(|| lines.try_next()).count();
    assert!((500..2000).contains(&kept), "500 at once and 100 a second are kept, not {kept}");
}

#[tokio::test]
async fn forget() {
    let stage = Stage::in_virtual_time(&manifest("[actor.probe]\nsource = \"forget.wasm\""), None).await;
    let question = greenroom_testkit::message("go", &NONE);
    let waiting = stage.handle().ask("probe", question, Duration::from_secs(3));
    let passing = async {
        stage.advance(Duration::from_secs(10)).await;
    };
    let (answer, ()) = tokio::join!(waiting, passing);
    assert_eq!(answer, Err(CallError::TimedOut("probe".into(), Duration::from_secs(3))));
    // The other side is unaffected, and a late answer is dropped.
    stage.tell("probe", "remember", NONE);
    stage.advance(Duration::from_secs(1)).await;
    assert_eq!(stage.handle().show("probe").unwrap().actor.unwrap().incarnation, 1);
}

/// A first start that fails is the host's: it says who, and why.
async fn does_not_start(probe: &str, why: &str) {
    let manifest = manifest(&format!("[actor.probe]\nsource = \"{probe}.wasm\""));
    match Stage::start(&manifest, None, Clock::machine()).await {
        Err(StartError::Tree(reason)) => {
            let text = reason.to_string();
            assert!(text.contains("`probe` did not start") && text.contains(why), "{text}");
        }
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it started"),
    }
}

#[tokio::test]
async fn panic_at_start() {
    does_not_start("panic_at_start", "panicked at").await;
}

#[tokio::test]
async fn fail_at_start() {
    does_not_start("fail_at_start", "failed: ").await;
}

#[tokio::test]
async fn spin_at_start() {
    does_not_start("spin_at_start", "out-of-time").await;
}

#[tokio::test]
async fn ignore_at_start() {
    let stage = stage("ignore_at_start").await;
    assert_eq!(stage.handle().show("probe").unwrap().state, "stopped");
    bystander_is_well(&stage).await;
}

#[tokio::test]
async fn trap_at() {
    // Every call, every k and every way to fail is in `turns`.
    let grants =
        r#""write:relay", "read:relay", "publish:test/**", "subscribe:test/**", "register:new", "spawn:kid", "routes""#;
    let kid = format!("[behavior.kid]\nsource = \"trap_at.wasm\"\ngrant = [{grants}]");
    let mut stage = stage_with("trap_at", &format!("grant = [{grants}]\n{kid}")).await;
    stage.event("started", "probe").await;
    let calls = json!([["topics.publish", "test/it"], ["devices.write", "relay"], ["names.register", "new"]]);
    stage.tell("probe", "go", json!({ "calls": calls, "fail": [3, "trap"] }));
    stage.event("fault", "probe").await;
    stage.event("started", "probe").await;
    assert_eq!((stage.latest("test/it"), stage.device("relay")), (None, Ok(0.0)));
    stage.handle().show("new").unwrap_err();
    stage.tell("probe", "go", json!({ "calls": calls }));
    assert_eq!(stage.ask("probe", "heard", NONE).await, Ok(json!([])));
    assert_eq!(stage.device("relay"), Ok(1.0));
    bystander_is_well(&stage).await;
}

#[tokio::test]
async fn echo() {
    let manifest = manifest(
        "[actor.probe]\nsource = \"echo.wasm\"\ngrant = [\"write:relay\", \"publish:test/**\"]\nkeep-state = \"restarts\"",
    );
    let mut stage = Stage::new(&manifest).await;
    stage.event("started", "probe").await;
    assert_eq!(stage.ask("probe", "echo", json!({ "text": "one" })).await, Ok(json!({ "text": "one" })));
    // What it does not understand is refused with what would be right, and does it no harm.
    let refused = stage.ask("probe", "shout", NONE).await;
    assert!(matches!(&refused, Err(CallError::Refused(why)) if why.contains("echo {text}")), "{refused:?}");
    assert_eq!(stage.handle().dead_letters().letters.last().map(|letter| letter.kind.clone()), Some("shout".into()));
    // A turn that traps leaves nothing: no message, no publish, no output, no timer, no count.
    let to = address(&stage, "bystander");
    stage.tell("probe", "crash-after-sending", json!({ "to": to, "topic": "test/it", "device": "relay" }));
    stage.event("fault", "probe").await;
    stage.event("started", "probe").await;
    assert_eq!(stage.ask("bystander", "count", NONE).await, Ok(json!(0)));
    assert_eq!(stage.latest("test/it"), None);
    assert_eq!(stage.device("relay"), Ok(0.0));
    assert_eq!(stage.ask("probe", "count", NONE).await, Ok(json!(1)), "its state is as of the last good turn");
    assert!(!stage.history().iter().any(|line| line.starts_with("device-set")), "{:#?}", stage.history());
}

#[tokio::test]
async fn greedy_write() {
    // Without any grant it is not even loaded: its import says what it wants.
    let bare = manifest("[actor.probe]\nsource = \"greedy_write.wasm\"");
    match Stage::start(&bare, None, Clock::machine()).await {
        Err(StartError::Components(errors)) => {
            let text = errors[0].to_string();
            assert!(text.contains("greenroom:actor/devices@0.1.0") && text.contains("`probe` may not"), "{text}");
        }
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was loaded"),
    }
    // With a grant for another device, the call is refused, and the output stays as it is.
    let more = "[device.lamp]\nkind = \"sim-relay\"\nsafe = \"off\"\n\
                [actor.probe]\nsource = \"greedy_write.wasm\"\ngrant = [\"write:lamp\", \"read:lamp\"]";
    let mut stage = Stage::new(&manifest(more)).await;
    let refused = stage.ask("probe", "go", json!({ "device": "relay" })).await;
    assert!(matches!(&refused, Err(CallError::Refused(why)) if why.contains("write:relay")), "{refused:?}");
    assert_eq!(stage.event("not-granted", "probe").await["grant"], "write:relay");
    assert_eq!(stage.device("relay"), Ok(0.0));
    let out_of_range = stage.ask("probe", "go", json!({ "device": "lamp", "value": 0.5 })).await;
    assert!(matches!(out_of_range, Err(CallError::Refused(_))), "{out_of_range:?}");
    assert_eq!(stage.ask("probe", "go", json!({ "device": "lamp" })).await, Ok(json!("written")));
    assert_eq!(stage.device("lamp"), Ok(1.0));
    // Its writer gone, an output is safe; and then anybody's who may.
    stage.handle().kill("probe").await.unwrap();
    stage.event("ended", "probe").await;
    assert_eq!(stage.device("lamp"), Ok(0.0));
}

#[tokio::test]
async fn heater() {
    let more = "[actor.probe]\nsource = \"heater.wasm\"\ngrant = [\"write:relay\"]\nmemory = \"4MiB\"\n\
                [actor.probe.config]\ndevice = \"relay\"";
    let mut stage = Stage::new(&manifest(more)).await;
    for (order, reason) in [("trap", "trapped"), ("spin", "out-of-time"), ("fail", "failed"), ("grow", "out-of-memory")]
    {
        stage.event("started", "probe").await;
        assert_eq!(stage.ask("probe", "on", NONE).await, Ok(json!("on")));
        assert_eq!(stage.device("relay"), Ok(1.0));
        stage.tell("probe", order, NONE);
        // When anybody hears of the fault, the output is safe already.
        assert_eq!(stage.event("fault", "probe").await["reason"], reason);
        assert_eq!(stage.device("relay"), Ok(0.0), "after {order}");
        let safe = stage.event_where("device-safe", |body| body["device"] == "relay").await;
        assert_eq!(safe["by"], "probe", "{safe}");
        stage.event("restarting", "probe").await;
    }
    // Killed in the middle of a turn that would never end.
    stage.event("started", "probe").await;
    assert_eq!(stage.ask("probe", "on", NONE).await, Ok(json!("on")));
    stage.tell("probe", "spin", NONE);
    stage.handle().kill("probe").await.unwrap();
    stage.event_where("device-safe", |body| body["device"] == "relay").await;
    assert_eq!(stage.device("relay"), Ok(0.0));
    bystander_is_well(&stage).await;
    // And when the host is stopped.
    stage.event("restarting", "probe").await;
    stage.event("started", "probe").await;
    assert_eq!(stage.ask("probe", "on", NONE).await, Ok(json!("on")));
    assert_eq!(stage.shutdown().await, Exit::Asked);
    assert_eq!(stage.device("relay"), Ok(0.0));
}

#[tokio::test]
async fn spawner() {
    let more = "[actor.probe]\nsource = \"spawner.wasm\"\ndeadline = \"20s\"\n\
                grant = [\"spawn:child\", \"register:kid\", \"tell:kid\", \"write:relay\"]\n\
                [behavior.child]\nsource = \"trap.wasm\"\n\
                [behavior.other]\nsource = \"trap.wasm\"";
    let mut stage = Stage::new(&manifest(more)).await;
    stage.event("started", "probe").await;
    let refused = stage.ask("probe", "spawn", json!({ "behavior": "other" })).await;
    assert!(matches!(&refused, Err(CallError::Refused(why)) if why.contains("spawn:other")), "{refused:?}");
    let refused = stage.ask("probe", "spawn", json!({ "behavior": "nobody" })).await;
    assert!(matches!(refused, Err(CallError::Refused(_))), "{refused:?}");
    let child =
        stage.ask("probe", "spawn", json!({ "behavior": "child", "name": "kid", "monitor": true })).await.unwrap();
    stage.event("started", "kid").await;
    assert_eq!(stage.ask("probe", "lookup", json!({ "name": "kid" })).await, Ok(child["address"].clone()));
    // It stands beneath its spawner.
    let node = stage.handle().show("probe").unwrap();
    assert_eq!(node.children.iter().map(|child| child.name.as_str()).collect::<Vec<_>>(), ["kid"]);
    // Its end is told by the monitor, and its name is free.
    stage.tell("kid", "go", NONE);
    stage.event("ended", "kid").await;
    let heard = loop {
        let heard = stage.ask("probe", "heard", NONE).await.unwrap();
        if heard != json!([]) {
            break heard;
        }
    };
    assert_eq!((&heard[0]["what"], &heard[0]["who"]), (&json!("down"), &child["address"]));
    assert!(heard[0]["why"]["trapped"].is_string(), "{heard}");
    assert_eq!(stage.ask("probe", "lookup", json!({ "name": "kid" })).await, Ok(NONE));
    // A monitor that is removed in the very turn in which the child ends: its `down`, which is in the mailbox when that turn
    // is over, is never heard.
    let child = json!({ "behavior": "child", "name": "kid", "monitor": true });
    let monitor = stage.ask("probe", "spawn", child).await.unwrap()["monitor"].clone();
    stage.event("started", "kid").await;
    let handle = stage.handle().clone();
    let demonitor = greenroom_testkit::message("demonitor", &json!({ "monitor": monitor, "gone": "kid" }));
    let removing = tokio::spawn(async move { handle.ask("probe", demonitor, Duration::from_secs(20)).await });
    while stage.handle().show("probe").unwrap().actor.unwrap().handling.as_deref() != Some("demonitor") {
        tokio::task::yield_now().await;
    }
    stage.handle().kill("kid").await.unwrap();
    removing.await.unwrap().unwrap();
    assert_eq!(stage.ask("probe", "heard", NONE).await.unwrap(), heard);
    // Linked: its end is the spawner's, who is restarted.
    stage.ask("probe", "spawn", json!({ "behavior": "child", "name": "kid", "link": true })).await.unwrap();
    stage.event("started", "kid").await;
    stage.tell("kid", "go", NONE);
    stage.event("restarting", "probe").await;
    stage.event("started", "probe").await;
    bystander_is_well(&stage).await;
    // Asked to stop, it gets the word and its last turn.
    assert_eq!(stage.shutdown().await, Exit::Asked);
}

#[tokio::test]
async fn ask_wait() {
    let more = "[actor.probe]\nsource = \"ask_wait.wasm\"\n\
                [supervisor.others]\nchildren = [\"second\", \"forgetful\"]\n\
                [actor.second]\nsource = \"ask_wait.wasm\"\n\
                [actor.forgetful]\nsource = \"forget.wasm\"";
    let stage = Stage::new(&manifest(more)).await;
    let to = |name: &str| address(&stage, name);
    let go = async |to: String, kind: &str, timeout: &str| {
        stage.ask("probe", "go", json!({ "to": to, "kind": kind, "timeout": timeout })).await
    };
    let refusal = |answer: Result<Value, CallError>| match answer {
        Err(CallError::Refused(why)) => why,
        other => panic!("{other:?}"),
    };
    assert_eq!(go(to("bystander"), "count", "1s").await, Ok(json!(0)));
    assert!(refusal(go(to("forgetful"), "go", "5ms").await).contains("in time"));
    assert!(refusal(go(to("second"), "nonsense", "1s").await).contains("not understood"));
    // Asking oneself can never be answered; the error names the cycle.
    assert!(refusal(go(to("probe"), "waits", "1s").await).contains("probe asks probe"));
    // Killed while it waits: the fiber and its store are dropped, and the next incarnation is well.
    let handle = stage.handle().clone();
    let question = greenroom_testkit::message("go", &json!({ "to": to("forgetful"), "kind": "go", "timeout": "1h" }));
    let waiting = tokio::spawn(async move { handle.ask("probe", question, Duration::from_secs(20)).await });
    while stage.handle().show("probe").unwrap().actor.unwrap().handling.is_none() {
        tokio::task::yield_now().await;
    }
    stage.handle().kill("probe").await.unwrap();
    assert_eq!(waiting.await.unwrap(), Err(CallError::Ended("probe".into(), greenroom_core::Reason::Killed)));
    bystander_is_well(&stage).await;
}

#[tokio::test]
async fn becoming() {
    let more = "[actor.probe]\nsource = \"becoming.wasm\"\ngrant = [\"spawn:counter\"]\n\
                [behavior.counter]\nsource = \"state_v1.wasm\"\n[behavior.secret]\nsource = \"state_v1.wasm\"";
    let mut stage = Stage::new(&manifest(more)).await;
    stage.event("started", "probe").await;
    // What it can't take now comes again, in order, when it has become something else.
    let handle = stage.handle().clone();
    let pass = || greenroom_testkit::message("pass", &NONE);
    let (first, second) =
        (handle.ask("probe", pass(), Duration::from_secs(20)), handle.ask("probe", pass(), Duration::from_secs(20)));
    let open = async { stage.tell("probe", "open", NONE) };
    let (first, second, ()) = tokio::join!(biased; first, second, open);
    let count =
        |answer: Result<greenroom_core::Message, CallError>| String::from_utf8(answer.unwrap().body.to_vec()).unwrap();
    assert_eq!((count(first), count(second)), ("1".into(), "2".into()));
    // Another component at the same address.
    let before = address(&stage, "probe");
    stage.tell("probe", "become", json!({ "behavior": "counter" }));
    stage.tell("probe", "add", NONE);
    let which = stage.ask("probe", "which", NONE).await;
    assert_eq!(which, Ok(json!({ "version": 1, "count": 1, "began": "started" })));
    assert_eq!(address(&stage, "probe"), before);
    // A restart begins as it was born; and what is not granted, it cannot become.
    stage.handle().kill("probe").await.unwrap();
    stage.event("restarting", "probe").await;
    stage.event("started", "probe").await;
    stage.tell("probe", "become", json!({ "behavior": "secret" }));
    let ended = stage.event_where("ended", |body| body["reason"] == "failed").await;
    assert!(ended["detail"].as_str().unwrap().contains("spawn:secret"), "{ended}");
}

#[tokio::test]
async fn timers() {
    let stage = Stage::in_virtual_time(&manifest("[actor.probe]\nsource = \"timers.wasm\""), None).await;
    let start = stage.handle().tree().host.uptime_seconds;
    stage.ask("probe", "every", json!({ "every": "2s", "note": "tick" })).await.unwrap();
    stage.ask("probe", "once", json!({ "after": "3s", "note": "once" })).await.unwrap();
    let cancelled = stage.ask("probe", "once", json!({ "after": "1s", "note": "never" })).await.unwrap();
    stage.ask("probe", "cancel", json!({ "timer": cancelled })).await.unwrap();
    stage.advance(Duration::from_secs(7)).await;
    let fired = stage.ask("probe", "fired", NONE).await.unwrap();
    let fired: Vec<_> = fired
        .as_array()
        .unwrap()
        .iter()
        .map(|fired| (fired["note"].as_str().unwrap(), fired["at"].as_f64().unwrap() / 1e9 - start))
        .collect();
    assert_eq!(fired, [("tick", 2.0), ("once", 3.0), ("tick", 4.0), ("tick", 6.0)]);
    // Out of range, it says so. Dead owners' timers never fire.
    let refused = stage.ask("probe", "every", json!({ "every": "0s", "note": "burst" })).await;
    assert!(matches!(refused, Err(CallError::Refused(_))), "{refused:?}");
    stage.handle().kill("probe").await.unwrap();
    stage.advance(Duration::from_secs(10)).await;
    assert_eq!(stage.ask("probe", "fired", NONE).await, Ok(json!([])));
}

#[tokio::test]
async fn ping() {
    let more = "[actor.probe]\nsource = \"ping.wasm\"\n[supervisor.other]\nchildren = [\"pong\"]\n[actor.pong]\nsource = \"pong.wasm\"";
    let stage = Stage::new(&manifest(more)).await;
    let answer = stage.ask("probe", "start", json!({ "to": address(&stage, "pong"), "messages": 1000 })).await.unwrap();
    assert_eq!(answer["messages"], 1000);
    let turns = stage.handle().show("pong").unwrap().actor.unwrap().turns;
    assert_eq!(turns, 1 + 500, "its start, and half of the messages");
}

#[tokio::test]
async fn pong() {
    let more = "[actor.probe]\nsource = \"pong.wasm\"";
    let stage = Stage::new(&manifest(more)).await;
    let refused = stage.ask("probe", "bounce", json!({ "left": "many" })).await;
    assert!(matches!(refused, Err(CallError::Refused(_))), "a field of the wrong type is refused: {refused:?}");
    bystander_is_well(&stage).await;
}

#[tokio::test]
async fn state_v1() {
    let mut stage = counter().await;
    // A build that is none leaves the old code running, and says why; each is told once.
    let state_v1 = guest("state_v1");
    for (bytes, stage_name, why) in [
        (&b"not wasm at all"[..], "compile", "does not begin as WebAssembly"),
        (&state_v1[..state_v1.len() / 2], "compile", "counter.wasm is no component"),
        (b"\0asm\x01\0\0\0", "compile", "core module"),
        (b"\0asm\x0d\0\x01\0", "world", "behavior"),
    ] {
        stage.install("counter.wasm", bytes);
        let event = stage.event("swap-failed", "probe").await;
        assert_eq!(event["stage"], stage_name, "{event}");
        assert!(event["why"].as_str().unwrap().contains(why), "{event}");
        let which = stage.ask("probe", "which", NONE).await;
        assert_eq!(which, Ok(json!({ "version": 1, "count": 2, "began": "started" })));
    }
    // Identical bytes are no swap.
    stage.install("counter.wasm", &state_v1);
    assert_eq!(stage.handle().reload("probe").await.unwrap().state, "unchanged");
}

/// A counter of version 1 that has counted to two.
async fn counter() -> Stage {
    let manifest = manifest("[actor.probe]\nsource = \"counter.wasm\"\n");
    let mut stage = Stage::with(&manifest, &[("counter.wasm", "state_v1")]).await;
    stage.event("started", "probe").await;
    stage.tell("probe", "add", NONE);
    stage.tell("probe", "add", NONE);
    stage
}

#[tokio::test]
async fn state_v2() {
    let mut stage = counter().await;
    stage.install("counter.wasm", &guest("state_v2"));
    assert_eq!(stage.event("swapped", "probe").await["state"], "kept");
    stage.tell("probe", "add", NONE);
    let which = stage.ask("probe", "which", NONE).await;
    assert_eq!(which, Ok(json!({ "version": 2, "count": 12, "began": "swapped" })));
    // Back to code that does not know version 2: refused before anything is touched.
    stage.install("counter.wasm", &guest("state_v1"));
    let event = stage.event("swap-failed", "probe").await;
    assert_eq!(event["stage"], "state");
    assert!(event["why"].as_str().unwrap().contains("version 2"), "{event}");
    let which = stage.ask("probe", "which", NONE).await;
    assert_eq!(which, Ok(json!({ "version": 2, "count": 12, "began": "swapped" })));
}

#[tokio::test]
async fn state_v9() {
    let mut stage = counter().await;
    stage.install("counter.wasm", &guest("state_v9"));
    assert_eq!(stage.event("swap-failed", "probe").await["stage"], "state");
    assert_eq!(stage.ask("probe", "which", NONE).await.unwrap()["version"], 1);
}

#[tokio::test]
async fn trap_in_restore() {
    let keys = "grant = [\"write:relay\", \"publish:test/**\"]";
    let manifest = manifest(&format!("[actor.probe]\nsource = \"counter.wasm\"\n{keys}"));
    let mut stage = Stage::with(&manifest, &[("counter.wasm", "echo")]).await;
    stage.ask("probe", "echo", json!({ "text": "one" })).await.unwrap();
    stage.install("counter.wasm", &guest("trap_in_restore"));
    let event = stage.event("swap-failed", "probe").await;
    assert_eq!(event["stage"], "state");
    assert!(event["why"].as_str().unwrap().contains("in restore"), "{event}");
    assert_eq!(stage.ask("probe", "count", NONE).await, Ok(json!(1)), "the old code and its state go on");
}

#[tokio::test]
async fn trap_in_save() {
    let mut stage = Stage::new(&manifest("[actor.probe]\nsource = \"trap_in_save.wasm\"")).await;
    stage.event("started", "probe").await;
    stage.install("trap_in_save.wasm", &guest("trap_in_restore"));
    assert_eq!(stage.event("swap-failed", "probe").await["stage"], "state");
    // Its store has trapped and is gone: the supervisor starts the old code again.
    stage.event("restarting", "probe").await;
    stage.event("started", "probe").await;
    assert_eq!(stage.ask("probe", "count", NONE).await, Ok(json!(1)));
    bystander_is_well(&stage).await;
}

/// A director, and a puppet that hears from it how its starts and its stops go.
const PUPPET: &str = "[behavior.puppet]\nsource = \"puppet.wasm\"\n\
    [actor.probe]\nsource = \"puppet.wasm\"\ngrant = [\"spawn:puppet\", \"ask:director\", \"register:it\"]\n\
    memory = \"4MiB\"\nconfig = { who = \"one\" }";

fn play() -> String {
    // The director first: puppets ask it when they start.
    format!("[actor.director]\nsource = \"director.wasm\"\n{}", manifest(PUPPET))
}

#[tokio::test]
async fn puppet() {
    let mut stage = Stage::new(&play()).await;
    for why in ["normal", "shutdown", "failed", "trapped", "out-of-time", "out-of-memory"] {
        stage.event("started", "probe").await;
        stage.tell("probe", "end", json!({ "why": why }));
        assert_eq!(stage.event("ended", "probe").await["reason"], why);
    }
    // Asked to stop, it ends as the director has it.
    assert_eq!(stage.ask("director", "stubborn", json!({ "who": "one" })).await, Ok(json!("done")));
    for why in ["shutdown", "failed", "trapped"] {
        stage.event("started", "probe").await;
        stage.handle().restart("probe").await.unwrap();
        while stage.ask("director", "end", json!({ "who": "one", "why": why })).await == Ok(json!(false)) {}
        assert_eq!(stage.event("ended", "probe").await["reason"], why);
    }
    stage.event("started", "probe").await;
    assert_eq!(stage.ask("probe", "register", json!({ "name": "it" })).await, Ok(json!("done")));
    let taken = stage.ask("probe", "spawn", json!({ "who": ["two"], "name": "it" })).await;
    assert_eq!(taken, Err(CallError::Refused("name-taken".into())));
    bystander_is_well(&stage).await;
}

#[tokio::test]
async fn director() {
    let mut stage = Stage::in_virtual_time(&play(), None).await;
    stage.event("started", "probe").await;
    for (order, times) in [("fail", 2), ("ignore", 1)] {
        let done = stage.ask("director", order, json!({ "who": "one", "times": times })).await;
        assert_eq!(done, Ok(json!("done")));
    }
    stage.handle().kill("probe").await.unwrap();
    assert_eq!(stage.event("ended", "probe").await["reason"], "killed");
    for reason in ["failed", "failed", "normal"] {
        assert_eq!(stage.event("ended", "probe").await["reason"], reason);
    }
    stage.advance(Duration::ZERO).await;
    assert_eq!(stage.handle().show("probe").unwrap().state, "stopped");
    // Nobody waits for its word.
    assert_eq!(stage.ask("director", "end", json!({ "who": "one", "why": "failed" })).await, Ok(json!(false)));
    bystander_is_well(&stage).await;
}

#[tokio::test]
async fn swapper() {
    // What becomes of it in swaps is in `swaps`.
    let keys = "grant = [\"publish:test/**\", \"write:relay\", \"spawn:kid\", \"register:kid\"]";
    let stage = stage_with("swapper", &format!("{keys}\n[behavior.kid]\nsource = \"swapper.wasm\"\n{keys}")).await;
    stage.ask("probe", "note", json!({ "text": "a" })).await.unwrap();
    let which = stage.ask("probe", "which", NONE).await;
    assert_eq!(which, Ok(json!({ "build": 1, "heard": ["a"], "began": "started" })));
    bystander_is_well(&stage).await;
}
