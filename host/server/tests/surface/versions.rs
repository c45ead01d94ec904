//! New code over HTTP: sent, refused, taken back, and what there was.

use crate::fixture::Fixture;
use greenroom_testkit::guest;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const SYSTEM: &str = r#"
[host]
data-dir   = "data"
watch-time = "1h"
[supervisor.brewery]
children = ["counter"]
[actor.counter]
source = "state_v1.wasm"
[actor.twin]
source = "state_v1.wasm"
"#;

const COMPONENT: &str = "/api/actors/counter/component";

/// A build of a component that nobody has seen before: the same, with a section that says nothing.
fn build(of: &str, number: u8) -> Vec<u8> {
    let mut bytes = guest(of);
    bytes.extend([0, 3, 1, b'#', number]);
    bytes
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn short(bytes: &[u8]) -> String {
    sha256(bytes)[..12].to_owned()
}

async fn runs(host: &Fixture, actor: &str) -> Value {
    host.get(&format!("/api/actors/{actor}")).await.json()["actor"]["digest"].clone()
}

/// What an actor says of itself.
async fn which(host: &Fixture, actor: &str) -> Value {
    host.post(&format!("/api/actors/{actor}/ask"), r#"{"kind":"which"}"#).await.json()["body"].clone()
}

/// The versions' first digits, origins and states, and which one runs.
async fn versions(host: &Fixture) -> Vec<(String, String, String, bool)> {
    let versions = host.get("/api/actors/counter/versions").await.json();
    let text = |version: &Value, name: &str| version[name].as_str().unwrap().to_owned();
    let each = |version: &Value| {
        let digest = text(version, "digest");
        let active = version["active"].as_bool().unwrap();
        (digest[..12].to_owned(), text(version, "origin"), text(version, "status"), active)
    };
    versions["versions"].as_array().unwrap().iter().map(each).collect()
}

#[tokio::test]
async fn a_component_is_sent_and_taken_back() {
    let host = Fixture::start(SYSTEM).await;
    let (first, second) = (guest("state_v1"), build("state_v2", 1));
    assert_eq!(host.post("/api/actors/counter/messages", r#"{"kind":"add"}"#).await.status, 202);
    let answer = host.put(COMPONENT, &[("content-type", "application/wasm")], &second).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let reloaded = answer.json();
    assert_eq!(
        (&reloaded["from"], &reloaded["to"], &reloaded["state"]),
        (&json!(short(&first)), &json!(short(&second)), &json!("kept"))
    );
    // With everybody who runs the same file.
    for actor in ["counter", "twin"] {
        assert_eq!(runs(&host, actor).await, short(&second));
    }
    assert_eq!(which(&host, "counter").await["version"], 2);
    assert_eq!(host.put(COMPONENT, &[], &second).await.json()["state"], "unchanged");
    let listed = versions(&host).await;
    assert_eq!(listed[0], (short(&second), "upload".into(), "watched".into(), true));

    let mut events = host.stream("/events", &[]).await;
    let back = host.post("/api/actors/twin/rollback", "").await;
    assert_eq!((back.status, &back.json()["to"]), (200, &json!(short(&first))), "{back:?}");
    loop {
        let (kind, _, data) = events.one().await;
        if kind == "rolled-back" {
            assert_eq!(data["body"]["why"], "an operator: it was to be rolled back");
            break;
        }
    }
    // Each goes back before it does anything else.
    for (actor, count) in [("counter", 1), ("twin", 0)] {
        assert_eq!(which(&host, actor).await, json!({ "version": 1, "count": count, "began": "started" }));
        assert_eq!(runs(&host, actor).await, short(&first));
    }
    let listed = versions(&host).await;
    assert!(listed.contains(&(short(&second), "upload".into(), "failed".into(), false)), "{listed:?}");
    let digits = json!({ "to": sha256(&second)[..6] }).to_string();
    assert_eq!(host.post("/api/actors/counter/rollback", &digits).await.json()["to"], short(&second));
    assert_eq!(versions(&host).await[0], (short(&second), "rollback".into(), "watched".into(), true));
    let metrics = host.get("/metrics").await.body;
    for line in [r#"greenroom_swaps_total{outcome="taken"} 4"#, r#"greenroom_swaps_total{outcome="rolled-back"} 1"#] {
        assert!(metrics.lines().any(|l| l == line), "no `{line}` in\n{metrics}");
    }
    for kept in ["greenroom_kept_writes_total", "greenroom_kept_written_bytes_total"] {
        assert!(!metrics.contains(&format!("\n{kept} 0\n")) && metrics.contains(&format!("\n{kept} ")), "{metrics}");
    }
}

#[tokio::test]
async fn a_component_that_is_not_right_changes_nothing() {
    let host = Fixture::start(SYSTEM).await;
    let first = short(&guest("state_v1"));
    let bytes = build("state_v2", 1);
    let check = async |headers: &[(&str, &str)], query: &str, body: &[u8], status: u16, code: &str, says: &str| {
        host.put(&format!("{COMPONENT}{query}"), headers, body).await.refuses(status, code, says);
        assert_eq!(runs(&host, "counter").await, first, "{says}");
    };
    check(&[], "", b"", 400, "empty", "send the component's bytes").await;
    check(&[("content-type", "application/json")], "", b"{}", 415, "content-type", "application/wasm").await;
    check(&[("content-encoding", "gzip")], "", &bytes, 415, "content-type", "as it is").await;
    check(&[], "?sha=1", &bytes, 400, "query", "it takes `sha256`").await;
    check(&[], "?sha256=1", &bytes, 400, "sha256", "64 hexadecimal digits").await;
    let wrong = format!("?sha256={}", sha256(b"another"));
    check(&[], &wrong, &bytes, 400, "digest", "nothing was done").await;
    let another = ("repr-digest", "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:");
    check(&[another], "", &bytes, 400, "digest", "nothing was done").await;
    // Both are checked.
    let right = format!("?sha256={}", sha256(&bytes));
    check(&[another], &right, &bytes, 400, "digest", &sha256(&bytes)).await;
    check(&[("repr-digest", "sha-512=:AAAA:")], "", &bytes, 400, "repr-digest", "sha-256=:BASE64:").await;
    // What is sent is no component, or no good one.
    check(&[], "", b"nonsense", 422, "not-swapped", "compile: ").await;
    check(&[], "", &bytes[..bytes.len() / 2], 422, "not-swapped", "compile: ").await;
    check(&[], "", &build("state_v9", 1), 422, "not-swapped", "state: ").await;
    check(&[], "", &build("panic_at_start", 1), 422, "not-swapped", "start: ").await;
    host.put("/api/actors/brewery/component", &[], &bytes).await.refuses(409, "supervisor", "is a supervisor");
    let swapped =
        host.put(&format!("{COMPONENT}{right}"), &[("content-type", "application/octet-stream")], &bytes).await;
    assert_eq!(swapped.json()["to"], short(&bytes));
}

#[tokio::test]
async fn a_component_that_is_too_long_is_not_read() {
    let host = Fixture::start(SYSTEM).await;
    // Its length is known before it comes: who waits for `100 Continue` has nothing to send.
    let long = ((32 << 20) + 1).to_string();
    let headers = [("content-length", long.as_str()), ("expect", "100-continue")];
    let (parts, body) = host.connect().await.request("PUT", COMPONENT, &headers, "").await.into_parts();
    assert_eq!(parts.status, 413);
    let problem: Value = serde_json::from_slice(&body.collect().await.unwrap().to_bytes()).unwrap();
    assert_eq!(problem["code"], "too-large");
    assert!(problem["detail"].as_str().unwrap().contains("33554432 bytes: build it for release"), "{problem}");
    assert_eq!(runs(&host, "counter").await, short(&guest("state_v1")));
}

#[tokio::test]
async fn a_rollback_says_where_it_cannot_go() {
    let host = Fixture::start(SYSTEM).await;
    let check = async |body: &str, status: u16, code: &str, says: &str| {
        host.post("/api/actors/counter/rollback", body).await.refuses(status, code, says);
    };
    check("", 422, "not-swapped", "no version before this one").await;
    check(r#"{"to":"abcdef"}"#, 422, "not-swapped", "no version that is kept begins with abcdef").await;
    check(r#"{"to":"ab"}"#, 422, "not-swapped", "4 or more hexadecimal digits").await;
    check(r#"{"too":"ab"}"#, 400, "shape", "unknown field `too`").await;
    check("[", 400, "json", "expected {").await;
    host.post("/api/actors/brewery/rollback", "").await.refuses(409, "supervisor", "is a supervisor");
    host.get("/api/actors/brewery/versions").await.refuses(409, "supervisor", "is a supervisor");
}

#[tokio::test]
async fn a_host_without_a_folder_keeps_no_versions() {
    let host = Fixture::start("[actor.counter]\nsource = \"state_v1.wasm\"\n").await;
    host.get("/api/actors/counter/versions").await.refuses(409, "no-versions", "`data-dir` under [host]");
    host.post("/api/actors/counter/rollback", "").await.refuses(422, "not-swapped", "`data-dir` under [host]");
    // While it is watched, what ran before is at hand.
    let second = build("state_v2", 1);
    assert_eq!(host.put(COMPONENT, &[], &second).await.json()["to"], short(&second));
    assert_eq!(host.post("/api/actors/counter/rollback", "").await.json()["from"], short(&second));
    assert_eq!(which(&host, "counter").await["version"], 1);
}
