//! The SDK for Python against the real host: what it makes of each function of the contract, and what becomes of Python's own
//! library in a sandbox without WASI. The counter of `languages.rs` has the rest.

#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]

use greenroom_engine::CallError;
use greenroom_engine::hub::{From, Item};
use greenroom_testkit::{Stage, guest};
use serde_json::{Value, json};
use std::time::Duration;

const NONE: Value = Value::Null;
const SECOND: Duration = Duration::from_secs(1);

const HOUSE: &str = r#"
[device.sensor]
kind  = "scripted"
every = "1s"
steps = [[0, 21.5]]
[device.secret]
kind  = "scripted"
steps = [[0, 1.0]]
[device.lamp]
kind = "sim-relay"
safe = "off"

[supervisor.stage]
intensity = { restarts = 100, within = "60s" }
children  = ["subject", "partner"]

[actor.subject]
source = "surface_python.wasm"
keep-state = "restarts"
config = { greeting = "hello" }
grant = [
    "read:sensor", "write:lamp", "publish:conformance/**", "subscribe:conformance/**", "tell:partner", "tell:nobody-there",
    "tell:kid", "register:alias", "register:kid", "register:partner", "register:nobody-there", "spawn:child", "routes", "supervise:stage",
]
[actor.partner]
source = "surface_python.wasm"
max-message = "1KiB"
grant = ["routes", "tell:partner"]
[behavior.child]
source = "surface_python.wasm"
grant = ["routes"]
[behavior.forbidden]
source = "surface_python.wasm"
grant = ["routes"]
"#;

async fn stage() -> Stage {
    Stage::in_virtual_time(HOUSE, None).await
}

async fn ask(stage: &Stage, kind: &str, body: Value) -> Value {
    stage.ask("subject", kind, body).await.unwrap_or_else(|error| panic!("{kind}: {error}"))
}

/// In peace: what was told before is handled.
async fn tell(stage: &Stage, kind: &str, body: Value) {
    stage.tell("subject", kind, body);
    stage.advance(Duration::ZERO).await;
}

fn log(stage: &Stage) -> Vec<String> {
    let mut lines = stage.handle().hub().open(vec!["greenroom/logs".parse().unwrap()], From::Earliest);
    let mut all = Vec::new();
    while let Some(Item::Message(line)) = lines.try_next() {
        let body: Value = serde_json::from_slice(&line.body).unwrap();
        all.push(format!("{}: {}", line.kind.as_str(), body["text"].as_str().unwrap()));
    }
    all
}

/// The detail of the fault that a message is.
async fn fault(stage: &mut Stage, kind: &str, body: Value) -> String {
    stage.tell("subject", kind, body);
    let fault = stage.event("fault", "subject").await;
    assert_eq!(fault["reason"], "failed", "{fault}");
    fault["detail"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_it_prints_and_asks_of_the_machine_comes_from_the_host() {
    let mut stage = stage().await;
    tell(&stage, "print", NONE).await;
    // A line without an end is one when the turn ends.
    assert_eq!(log(&stage), ["info: one", "warn: three", "info: two"]);
    stage.advance(SECOND).await;
    let times = ask(&stage, "times", NONE).await;
    assert_eq!(times, json!([1_000_000_000, 1_000_000_000, 946_684_801.0, "2000-01-01T00:00:01+00:00", 1.0]));
    // The generator is in the picture that the component is, and no two actors begin alike.
    let partners = stage.ask("partner", "random", NONE).await.unwrap();
    assert_ne!(ask(&stage, "random", NONE).await, partners);
    for (kind, why) in [
        ("open", "OSError: builtins.open in a component: there are no files here (surface_python.py:"),
        ("import", "ImportError: `decimal` was not imported when the component was built"),
        ("sleep", "OSError: time.sleep in a component: an actor does not wait"),
        ("recurse", "RecursionError: "),
    ] {
        let detail = fault(&mut stage, kind, NONE).await;
        assert!(detail.contains(why), "{kind}: {detail}");
    }
}

#[tokio::test]
async fn json_that_is_made_to_harm_is_refused() {
    let stage = stage().await;
    for (body, why) in [
        ("[".repeat(500_000), "nests more than 64 deep"),
        (r#"{"a":"#.repeat(100_000), "nests more than 64 deep"),
        ("1".repeat(100_000), "not JSON that can be read"),
        ("\"\\ud800\"".into(), "not UTF-8"),
        ("NaN".into(), "it has no NaN"),
    ] {
        let message = greenroom_core::Message::new("any".parse().unwrap(), body.clone().into_bytes());
        match stage.handle().ask("subject", message, SECOND).await {
            Err(CallError::Refused(text)) => assert!(text.contains(why), "{text}"),
            other => panic!("{}: {other:?}", &body[..4]),
        }
    }
    // Quotes that are none.
    let text = Value::from("\"[".repeat(10_000));
    assert_eq!(ask(&stage, "any", text.clone()).await, text);
    assert_eq!(stage.handle().show("subject").unwrap().actor.unwrap().restarts, 0);
}

#[tokio::test]
async fn messages_and_questions() {
    let stage = stage().await;
    let address = |name: &str| Value::from(stage.handle().show(name).unwrap().address);
    let (subject, partner) = (address("subject"), address("partner"));
    let about = ask(&stage, "addresses", NONE).await;
    assert_eq!(about, json!([subject, null, true, { "greeting": "hello" }, partner, null]));
    tell(&stage, "tell", json!({ "what": "well" })).await;
    assert_eq!(stage.ask("partner", "heard", NONE).await.unwrap(), json!([["Grüße", subject, null]]));
    assert_eq!(ask(&stage, "raw", json!([1])).await, json!([1]));

    for kind in ["random", "nonsense", "quiet", "later"] {
        tell(&stage, "ask", json!({ "kind": kind })).await;
    }
    // Asked of who is swapped meanwhile.
    stage.install("surface_python.wasm", &[&guest("surface_python")[..], b"\0\x04\x03new"].concat());
    assert_eq!(stage.handle().reload("subject").await.unwrap().state, "kept");
    stage.tell("partner", "now", NONE);
    stage.advance(Duration::ZERO).await;
    tell(&stage, "ask", json!({ "kind": "later" })).await;
    stage.advance(SECOND).await;
    let heard = ask(&stage, "heard", NONE).await;
    assert!(heard[0].is_u64(), "{heard}");
    assert!(heard[1]["refused"].as_str().unwrap().contains("`nonsense` is not understood"), "{heard}");
    assert_eq!(heard[2], json!({ "refused": "`quiet` was handled, and has no answer" }));
    assert_eq!((&heard[3], &heard[4], heard.as_array().unwrap().len()), (&json!("at last"), &json!("timed-out"), 5));

    assert!(ask(&stage, "wait", json!({ "kind": "random" })).await.is_u64());
    let refused = ask(&stage, "wait", json!({ "kind": "nonsense" })).await;
    assert!(refused["refused"].as_str().unwrap().contains("not understood"), "{refused}");
}

#[tokio::test]
async fn what_is_not_caught_ends_it_with_what_the_host_said() {
    let mut stage = stage().await;
    for (what, why) in [
        ("nobody", "SendError: there is no such actor (surface_python.py:"),
        ("long", "SendError: the body is longer than 1024 bytes"),
        ("bad-kind", "SendError: "),
    ] {
        let detail = fault(&mut stage, "tell", json!({ "what": what })).await;
        assert!(detail.contains(why), "{what}: {detail}");
    }
}

#[tokio::test]
async fn families() {
    let mut stage = stage().await;
    tell(&stage, "trap-exits", NONE).await;
    let child = ask(&stage, "spawn", json!({ "name": "kid" })).await;
    assert!(child[1].is_u64(), "{child}");
    tell(&stage, "links", json!({ "name": "kid" })).await;
    tell(&stage, "exit", json!({ "name": "kid", "why": { "other": "tired" } })).await;
    assert_eq!(ask(&stage, "spawn", json!({ "name": "kid", "how": "link" })).await[1], NONE);
    tell(&stage, "exit", json!({ "name": "kid", "why": "killed" })).await;
    tell(&stage, "order", NONE).await;
    assert_eq!(ask(&stage, "heard", NONE).await, json!([["down", { "other": "tired" }], ["exited", "killed"], 2]));
    stage.tell("subject", "stop", NONE);
    let ended = stage.event("ended", "subject").await;
    assert_eq!(ended["text"], "subject ended: other: tired");
    // The first start, and the one that was restarted.
    stage.event("started", "subject").await;
    stage.event("started", "subject").await;
    stage.handle().restart("subject").await.unwrap();
    stage.event("ended", "subject").await;
    stage.event("started", "subject").await;
    assert!(log(&stage).contains(&"info: stopping: shutdown".to_owned()), "{:?}", log(&stage));
    assert!(log(&stage).contains(&"debug: restarted hello".to_owned()), "{:?}", log(&stage));
}

#[tokio::test]
async fn what_the_host_does_not_do_is_an_exception_of_its_kind() {
    let stage = stage().await;
    for (what, error, case, text) in [
        ("read", "ReadError", json!("not-granted"), "not granted: the manifest has to grant `read:secret`"),
        ("no-device", "ReadError", json!("no-device"), "the manifest has no such device"),
        ("write", "WriteError", json!("out-of-range"), ""),
        ("publish", "TopicError", json!("not-granted"), "`publish:elsewhere`"),
        ("subscribe", "TopicError", json!("no-registry"), "the manifest names no topic registry"),
        ("register", "RegisterError", json!("taken"), "another living actor has this name"),
        ("lookup", "RegisterError", json!("invalid"), ""),
        ("spawn", "SpawnError", json!("not-granted"), "`spawn:forbidden`"),
        ("timer", "SendError", json!("invalid"), "1 ms"),
        ("route", "RouteError", NONE, ""),
    ] {
        let refused = ask(&stage, "refused", json!({ "what": what })).await;
        assert_eq!((&refused[0], &refused[1]), (&json!(error), &case), "{what}: {refused}");
        assert!(refused[2].as_str().unwrap().contains(text), "{what}: {refused}");
    }
}

#[tokio::test]
async fn places() {
    let stage = stage().await;
    assert_eq!(ask(&stage, "devices", NONE).await, json!([0, 21.5]));
    assert_eq!(stage.device("lamp"), Ok(1.0));
    stage.advance(SECOND).await;
    assert_eq!(ask(&stage, "heard", NONE).await, json!([["sensor", 1_000_000_000, 21.5]]));
    tell(&stage, "names", NONE).await;
    assert!(stage.handle().show("alias").is_ok());
    tell(&stage, "timers", NONE).await;
    tell(&stage, "route", NONE).await;
    let routes = ask(&stage, "routes", NONE).await;
    assert_eq!(routes, json!([["conformance/*", [stage.handle().show("subject").unwrap().address]]]));
    tell(&stage, "topics", NONE).await;
    stage.advance(SECOND).await;
    let subject = Value::from(stage.handle().show("subject").unwrap().address);
    let heard = ask(&stage, "heard", NONE).await;
    assert_eq!(heard[1], json!(["published", subject, "conformance/a"]));
    assert!(heard.as_array().unwrap().contains(&json!(["after", subject, null])), "{heard}");
    assert!(!heard.to_string().contains("never"), "{heard}");
}
