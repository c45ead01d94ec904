//! What is read and done through `/api`, the page and health.

use crate::fixture::Fixture;
use serde_json::{Value, json};

const DEVICES: &str = r#"
[host]
name = "brewhouse"

[device.heater]
kind = "sim-relay"
safe = "off"

[device.wave]
kind = "sine"
mean = 20.0
unit = "celsius"
"#;

#[tokio::test]
async fn the_host_shows_itself() {
    let host = Fixture::start(DEVICES).await;
    let tree = host.get("/api/tree").await;
    assert_eq!((tree.status, tree.header("content-type")), (200, "application/json"));
    assert_eq!(
        (tree.header("x-content-type-options"), tree.header("cross-origin-resource-policy")),
        ("nosniff", "same-origin")
    );
    assert_eq!(tree.header("cache-control"), "no-store");
    let tree = tree.json();
    assert_eq!(tree["host"]["name"], "brewhouse");
    assert_eq!(tree["host"]["epoch"], host.handle.hub().epoch());
    assert_eq!((&tree["root"]["name"], &tree["root"]["state"]), (&json!("root"), &json!("running")));
    let devices = host.get("/api/devices").await.json();
    let named: Vec<_> =
        devices.as_array().unwrap().iter().map(|d| (d["name"].as_str(), d["output"].as_bool())).collect();
    assert_eq!(named, [(Some("heater"), Some(true)), (Some("wave"), Some(false))]);
    assert_eq!(host.get("/api/actors").await.json(), json!([]));
    assert_eq!(host.get("/api/dead-letters").await.json(), json!({ "total": 0, "letters": [] }));
    assert_eq!(host.get("/healthz").await.json(), json!({ "status": "ok" }));
    let root = tree["root"]["address"].as_str().unwrap();
    assert_eq!(host.get(&format!("/api/actors/{root}")).await.json()["address"], root);
}

#[tokio::test]
async fn the_page_comes_from_the_host_itself() {
    let host = Fixture::start(DEVICES).await;
    let page = host.get("/").await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(page.header("content-security-policy").starts_with("default-src 'self';"));
    assert!(page.body.contains("<html"));
    let script = page.body.split("src=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a script");
    let script = host.get(&format!("/{}", script.trim_start_matches('/'))).await;
    assert_eq!((script.status, script.header("content-type")), (200, "text/javascript; charset=utf-8"));
    let mut client = host.connect().await;
    let again = client.send("GET", "/", &[("if-none-match", page.header("etag"))], "").await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    host.get("/assets/nothing.js").await.refuses(404, "no-file", "nothing.js");
    host.get("/assets/../Cargo.toml").await.refuses(404, "no-file", "Cargo.toml");
}

#[tokio::test]
async fn a_connection_serves_many_requests_and_head_is_without_body() {
    let host = Fixture::start(DEVICES).await;
    let mut client = host.connect().await;
    for path in ["/", "/api/tree", "/healthz", "/metrics", "/stream", "/events", "/topics/greenroom/events"] {
        let answer = client.send("HEAD", path, &[], "").await;
        assert_eq!((answer.status, answer.body.as_str()), (200, ""), "{path}");
    }
    assert_eq!(client.send("GET", "/healthz", &[], "").await.status, 200);
}

/// The whole of what the host publishes about itself passes through as it is.
#[tokio::test]
async fn events_are_those_of_the_host() {
    let host = Fixture::start(DEVICES).await;
    host.handle.event("build-failed", "The build of `mash` failed.", json!({ "output": "line 1\nline 2" }));
    let mut stream = host.stream("/events?earliest", &[]).await;
    loop {
        let (kind, _, data) = stream.one().await;
        assert_eq!(data["topic"], "greenroom/events");
        assert!(data["body"]["text"].is_string(), "{data}");
        if kind == "build-failed" {
            assert_eq!(data["body"]["output"], "line 1\nline 2");
            return;
        }
        assert_ne!(data["body"], Value::Null);
    }
}
