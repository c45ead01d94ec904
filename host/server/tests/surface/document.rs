//! The OpenAPI document says what the host does: methods, and every field of every answer.

use crate::fixture::{Answer, Fixture};
use greenroom_testkit::guest;
use serde_json::Value;

const SYSTEM: &str = r#"
[host]
data-dir = "data"
[device.relay]
kind = "sim-relay"
safe = "off"
[device.wave]
kind = "sine"

[supervisor.brewery]
children = ["probe"]
[actor.probe]
source = "echo.wasm"
grant = ["publish:test/**", "write:relay"]
[actor.forgetful]
source = "forget.wasm"
[actor.busy]
source = "spin.wasm"
mailbox = { limit = 1, when-full = "drop-newest" }
deadline = "30s"
"#;

/// Holds a value against a schema, of which the document uses these words: `$ref`, `type`, `enum`, `properties`,
/// `required`, `items`. Objects have no fields but those that are named.
fn check(document: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        let schema = document.pointer(&name[1..]).unwrap_or_else(|| panic!("{name} is not there"));
        return check(document, schema, value, at);
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_u64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let is = |wanted: &Value| *wanted == kind || (*wanted == "number" && kind == "integer");
    let fits = match &schema["type"] {
        Value::Null => true,
        Value::Array(kinds) => kinds.iter().any(is),
        wanted => is(wanted),
    };
    assert!(fits, "{at} is {value}, not {}", schema["type"]);
    if let Some(words) = schema["enum"].as_array() {
        assert!(words.contains(value), "{at} is {value}, none of {words:?}");
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        check(document, &schema["items"], item, &format!("{at}[{index}]"));
    }
    let Some((fields, known)) = value.as_object().zip(schema["properties"].as_object()) else { return };
    for (name, field) in fields {
        let schema = known.get(name).unwrap_or_else(|| panic!("{at} has `{name}`, which is not in the document"));
        check(document, schema, field, &format!("{at}.{name}"));
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        assert!(fields.contains_key(name.as_str().unwrap()), "{at} has no {name}");
    }
}

fn check_answer(document: &Value, method: &str, path: &str, answer: &Answer) {
    let responses = &document["paths"][path][method]["responses"];
    let status = answer.status.to_string();
    let response = responses.get(&status).unwrap_or(&responses["default"]);
    let media = answer.header("content-type").split(';').next().unwrap();
    let schema = &response["content"][media]["schema"];
    assert!(!schema.is_null(), "{method} {path} answers {status} as {media}, which is not in the document");
    check(document, schema, &answer.json(), &format!("{method} {path}"));
}

#[tokio::test]
async fn answers_are_as_the_document_says() {
    let host = Fixture::start(SYSTEM).await;
    let document = host.get("/api/openapi.json").await.json();
    let get = async |path: &str, url: &str| check_answer(&document, "get", path, &host.get(url).await);
    let post = async |path: &str, url: &str, body: &str| {
        check_answer(&document, "post", path, &host.post(url, body).await);
    };
    post("/api/actors/{whom}/messages", "/api/actors/probe/messages", r#"{"kind":"count"}"#).await;
    post("/api/actors/{whom}/messages", "/api/actors/probe/messages", "{").await;
    post("/api/actors/{whom}/ask", "/api/actors/probe/ask", r#"{"kind":"count","body":null,"timeout":"9s"}"#).await;
    post("/api/actors/{whom}/ask", "/api/actors/nobody/ask", r#"{"kind":"count"}"#).await;
    post("/api/actors/{whom}/kill", "/api/actors/forgetful/kill", "").await;
    post("/api/actors/{whom}/restart", "/api/actors/brewery/restart", "").await;
    post("/api/actors/{whom}/reload", "/api/actors/probe/reload", "").await;
    let build = [&guest("echo")[..], &[0, 1, 0]].concat();
    let put = async |body: &[u8]| {
        let answer = host.put("/api/actors/probe/component", &[], body).await;
        check_answer(&document, "put", "/api/actors/{whom}/component", &answer);
    };
    put(&build).await;
    put(b"").await;
    post("/api/actors/{whom}/rollback", "/api/actors/probe/rollback", r#"{"to":null}"#).await;
    post("/api/actors/{whom}/rollback", "/api/actors/nobody/rollback", "").await;
    get("/api/actors/{whom}/versions", "/api/actors/probe/versions").await;
    get("/api/actors/{whom}/versions", "/api/actors/brewery/versions").await;
    post("/api/actors/{whom}/shadow", "/api/actors/probe/shadow", "").await;
    post("/api/actors/{whom}/shadow", "/api/actors/probe/shadow?seconds=0", "").await;
    get("/api/actors/{whom}/shadow", "/api/actors/probe/shadow").await;
    post("/api/actors/{whom}/shadow/promote", "/api/actors/probe/shadow/promote", "").await;
    get("/api/actors/{whom}/shadow", "/api/actors/probe/shadow").await;
    post("/api/manifest/apply", "/api/manifest/apply", "").await;
    for _ in 0..3 {
        post("/api/actors/{whom}/messages", "/api/actors/busy/messages", r#"{"kind":"go"}"#).await;
    }
    let letters = host.get("/api/dead-letters").await.json();
    assert_ne!(letters["total"], 0, "one of the three had no place");
    assert_ne!(letters["letters"], Value::Array(vec![]), "and is kept");
    for path in ["/api/tree", "/api/actors", "/api/devices", "/api/dead-letters", "/api/openapi.json", "/healthz"] {
        get(path, path).await;
    }
    get("/api/actors/{whom}", "/api/actors/brewery").await;
    get("/api/actors/{whom}", "/api/actors/nobody").await;
}

#[tokio::test]
async fn methods_are_as_the_document_says() {
    let host = Fixture::start(SYSTEM).await;
    let document = host.get("/api/openapi.json").await.json();
    for (path, operations) in document["paths"].as_object().unwrap() {
        let url = path.replace("{whom}", "nobody").replace("{name}", "test/x").replace("{file}", "style.css");
        for method in ["get", "post", "put", "delete"] {
            let mut client = host.connect().await;
            let response = client.request(&method.to_uppercase(), &url, &[], "").await;
            let taken = response.status() != 405;
            assert_eq!(taken, operations.get(method).is_some(), "{method} {path}");
        }
    }
}
