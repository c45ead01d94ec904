//! What is done to actors, with real components behind it.

use crate::fixture::Fixture;
use serde_json::{Value, json};

const SYSTEM: &str = r#"
[device.relay]
kind = "sim-relay"
safe = "off"

[supervisor.brewery]
children = ["probe"]

[actor.probe]
source = "echo.wasm"
grant = ["publish:test/**", "write:relay"]
max-message = "1KiB"
[actor.forgetful]
source = "forget.wasm"
[actor.broken]
source = "trap.wasm"
[actor.busy]
source = "spin.wasm"
mailbox = { limit = 1 }
deadline = "30s"

[route."/probe"]
actor = "probe"
get = "count"
post = "echo"
[route."/forgetful"]
actor = "forgetful"
get = "go"
"#;

#[tokio::test]
async fn actors_are_told_and_asked() {
    let host = Fixture::start(SYSTEM).await;
    let told = host.post("/api/actors/probe/messages", r#"{"kind":"echo","body":{"text":"one"}}"#).await;
    assert_eq!((told.status, told.json()), (202, json!({})));
    let asked = host.post("/api/actors/probe/ask", r#"{"kind":"echo","body":{"text":"two"}}"#).await;
    assert_eq!((asked.status, asked.header("content-type")), (200, "application/json"));
    assert_eq!(asked.json()["body"], json!({ "text": "two" }));
    let count = host.post("/api/actors/probe/ask", r#"{"kind":"count","body":null,"timeout":"20s"}"#).await.json();
    assert_eq!(count["body"], 2);
    assert!(count["kind"].is_string());
    // By its address as well.
    let probe = host.get("/api/actors/probe").await.json();
    let address = probe["address"].as_str().unwrap();
    let count = host.post(&format!("/api/actors/{address}/ask"), r#"{"kind":"count"}"#).await.json();
    assert_eq!(count["body"], 2);
    let names: Vec<Value> = host.get("/api/actors").await.json().as_array().unwrap().clone();
    let flat = |node: &Value| (node["name"].as_str().unwrap().to_owned(), node["children"] == json!([]));
    let mut names: Vec<_> = names.iter().map(flat).collect();
    names.sort();
    assert_eq!(names, ["broken", "busy", "forgetful", "probe"].map(|name| (name.to_owned(), true)));
}

#[tokio::test]
async fn what_an_actor_does_not_do_is_told() {
    let host = Fixture::start(SYSTEM).await;
    let ask = async |actor: &str, body: &str| host.post(&format!("/api/actors/{actor}/ask"), body).await;
    ask("probe", r#"{"kind":"nonsense"}"#).await.refuses(422, "refused", "echo");
    ask("probe", r#"{"kind":"echo","body":{"text":7}}"#).await.refuses(422, "refused", "text");
    ask("forgetful", r#"{"kind":"go","timeout":"50ms"}"#).await.refuses(504, "timed-out", "within 50ms");
    ask("broken", r#"{"kind":"go"}"#).await.refuses(502, "ended", "ended before it answered");
    ask("brewery", r#"{"kind":"go"}"#).await.refuses(422, "refused", "it takes start-child");
    let long = format!(r#"{{"kind":"echo","body":{{"text":"{}"}}}}"#, "x".repeat(1024));
    ask("probe", &long).await.refuses(413, "too-large", "at most 1024");
    host.post("/api/actors/brewery/reload", "").await.refuses(409, "supervisor", "`brewery` is a supervisor");
}

#[tokio::test]
async fn a_full_mailbox_is_told() {
    let host = Fixture::start(SYSTEM).await;
    // The first is being handled for half a minute, the second waits; there is no place for a third.
    let mut answers = Vec::new();
    for _ in 0..3 {
        answers.push(host.post("/api/actors/busy/messages", r#"{"kind":"go"}"#).await);
    }
    let full = answers.pop().unwrap();
    full.refuses(503, "mailbox-full", "(1 messages)");
    assert_eq!(full.header("retry-after"), "1");
    assert_eq!(answers[0].status, 202);
    // Others are served as ever.
    assert_eq!(host.get("/probe").await.json(), 0);
}

#[tokio::test]
async fn actors_are_restarted_killed_and_reloaded() {
    let host = Fixture::start(SYSTEM).await;
    let mut events = host.stream("/events", &[]).await;
    let mut until = async |kind: &str| loop {
        let (got, _, data) = events.one().await;
        if got == kind && data["body"]["actor"] == "probe" {
            return data["body"].clone();
        }
    };
    for (verb, reason) in [("restart", "shutdown"), ("kill", "killed")] {
        let answer = host.post(&format!("/api/actors/probe/{verb}"), "").await;
        assert_eq!((answer.status, answer.json()), (200, json!({})), "{verb}");
        assert_eq!(until("ended").await["reason"], reason);
        until("started").await;
    }
    let reloaded = host.post("/api/actors/probe/reload", "").await;
    assert_eq!(reloaded.status, 200, "{reloaded:?}");
    let reloaded = reloaded.json();
    assert_eq!((&reloaded["state"], &reloaded["from"]), (&json!("unchanged"), &reloaded["to"]));
    assert_eq!(host.post("/api/actors/brewery/restart", "{}").await.status, 200);
    assert_eq!(until("ended").await["reason"], "shutdown");
    until("started").await;
    assert_eq!(host.get("/healthz").await.status, 200);
}

#[tokio::test]
async fn an_actor_has_a_shadow() {
    let host = Fixture::start(SYSTEM).await;
    let path = "/api/actors/probe/shadow";
    let delete = async || {
        let mut client = host.connect().await;
        client.send("DELETE", path, &[], "").await
    };
    host.get(path).await.refuses(404, "no-shadow", "--shadow 60s");
    delete().await.refuses(404, "no-shadow", "--shadow 60s");
    host.post(&format!("{path}/promote"), "").await.refuses(404, "no-shadow", "--shadow 60s");
    host.post(&format!("{path}?seconds=0"), "").await.refuses(400, "seconds", "1 to 86400");
    host.post(path, "no component").await.refuses(422, "not-shadowed", "compile: ");
    let begun = host.post(&format!("{path}?seconds=600"), "").await;
    assert_eq!((begun.status, begun.json()["ended"].is_null()), (200, true), "{begun:?}");
    host.post(path, "").await.refuses(422, "not-shadowed", "has a shadow already");
    host.post("/api/actors/probe/messages", r#"{"kind":"count"}"#).await;
    assert_eq!(host.post("/api/actors/probe/ask", r#"{"kind":"count"}"#).await.status, 200);
    let report = host.get(path).await.json();
    assert_eq!((&report["turns"], &report["different"], &report["findings"]), (&json!(2), &json!(0), &json!([])));
    let dropped = delete().await;
    assert_eq!((dropped.status, &dropped.json()["ended"]), (200, &json!("it was dropped")));
    assert_eq!(host.post(path, "").await.status, 200);
    let promoted = host.post(&format!("{path}/promote"), "").await;
    assert_eq!((promoted.status, &promoted.json()["state"]), (200, &json!("unchanged")));
    host.get(path).await.refuses(404, "no-shadow", "--shadow 60s");
}

#[tokio::test]
async fn a_route_asks_its_actor() {
    let host = Fixture::start(SYSTEM).await;
    let got = host.get("/probe").await;
    assert_eq!((got.status, got.header("content-type"), got.json()), (200, "application/json", json!(0)));
    let posted = host.post("/probe", r#"{"text": "ä\n"}"#).await;
    assert_eq!((posted.status, posted.json()), (200, json!({ "text": "ä\n" })));
    assert_eq!(host.get("/probe").await.json(), 1);
    host.post("/probe", r#"{"text": 7}"#).await.refuses(422, "refused", "text");
    host.post("/probe", "{").await.refuses(400, "json", "line 1 column 1");
    host.get("/forgetful").await.refuses(504, "timed-out", "within 2s");
    let check = async |method: &str, path: &str, allow: &str| {
        let answer = host.connect().await.send(method, path, &[], "").await;
        answer.refuses(405, "method", allow);
        assert_eq!(answer.header("allow"), allow, "{method} {path}");
    };
    check("DELETE", "/probe", "GET, HEAD, POST").await;
    check("POST", "/forgetful", "GET, HEAD").await;
    let head = host.connect().await.send("HEAD", "/probe", &[], "").await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
}

#[tokio::test]
async fn a_topic_that_an_actor_may_publish_on_is_known() {
    let host = Fixture::start(SYSTEM).await;
    let none = host.get_as("/topics/test/anything", "application/json").await;
    assert_eq!((none.status, none.body.as_str()), (204, ""));
    let mut stream = host.stream("/topics/test/anything", &[]).await;
    host.publish("test/anything", "note", "1");
    assert_eq!(stream.one().await.2, 1);
    host.get("/topics/tset/anything").await.refuses(404, "no-topic", "no actor may publish");
}

#[tokio::test]
async fn metrics_name_the_actors() {
    let host = Fixture::start(SYSTEM).await;
    assert_eq!(host.get("/probe").await.json(), 0);
    let text = host.get("/metrics").await.body;
    for line in [
        "greenroom_actors 4",
        "greenroom_actor_running{actor=\"probe\"} 1",
        "greenroom_actor_waiting{actor=\"busy\"} 0",
    ] {
        assert!(text.lines().any(|l| l == line), "no `{line}` in\n{text}");
    }
    let turns = text.lines().find_map(|line| line.strip_prefix("greenroom_actor_turns_total{actor=\"probe\"} "));
    assert!(turns.unwrap().parse::<u64>().unwrap() >= 1);
}
