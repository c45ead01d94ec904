//! Bad requests: each is told what is wrong and what to do.

use crate::fixture::Fixture;

const BARE: &str = r#"
[host]
allow-hosts = ["brew.local"]
[route."/logger"]
stream = "kettle/log"
"#;

#[tokio::test]
async fn what_is_not_there_is_named() {
    let host = Fixture::start(BARE).await;
    let nobody = "there is no actor `nobody`";
    host.get("/api/actors/nobody").await.refuses(404, "no-actor", nobody);
    host.post("/api/actors/nobody/messages", r#"{"kind":"set"}"#).await.refuses(404, "no-actor", nobody);
    host.post("/api/actors/nobody/ask", r#"{"kind":"which"}"#).await.refuses(404, "no-actor", nobody);
    for verb in ["restart", "kill", "reload", "rollback"] {
        host.post(&format!("/api/actors/nobody/{verb}"), "").await.refuses(404, "no-actor", nobody);
    }
    host.put("/api/actors/nobody/component", &[], b"x").await.refuses(404, "no-actor", nobody);
    host.get("/api/actors/nobody/versions").await.refuses(404, "no-actor", nobody);
    host.get("/nothing").await.refuses(404, "no-path", "/api/tree");
    host.get("/nothing").await.refuses(404, "no-path", "this system's own /logger");
    host.get("/api/tree/").await.refuses(404, "no-path", "/api/tree/");
    host.publish("kettle/log", "line", "1");
    host.get("/topics/kettle/lgo").await.refuses(404, "no-topic", "topics with a value:");
    host.get_as("/topics/kettle/lgo", "application/json").await.refuses(404, "no-topic", "kettle/log");
    host.get("/topics/kettle/*").await.refuses(400, "topic", "/stream?topic=PATTERN");
    host.get("/topics/Kettle").await.refuses(400, "topic", "only a–z");
    host.get("/stream?topic=a//b").await.refuses(400, "topic", "no empty segment");
    host.get("/stream?tpic=a").await.refuses(400, "query", "it takes `topic`");
    host.get("/events?limit=0").await.refuses(400, "limit", "from 1 on");
    host.get("/api/actors/%FF").await.refuses(400, "path", "UTF-8");
}

#[tokio::test]
async fn a_body_is_checked() {
    let host = Fixture::start(BARE).await;
    let path = "/api/actors/nobody/ask";
    host.post(path, "{\n\"kind\": }").await.refuses(400, "json", "line 2 column 9");
    host.post(path, "").await.refuses(400, "json", r#"expected {"kind": "which""#);
    host.post(path, r#"{"kind": 5}"#).await.refuses(400, "shape", "expected a string");
    host.post(path, r#"{"knd": "a"}"#).await.refuses(400, "shape", "unknown field `knd`");
    host.post(path, r#"{"kind": ""}"#).await.refuses(400, "kind", "1 to 64 bytes");
    host.post(path, r#"{"kind": "a", "timeout": "5"}"#).await.refuses(400, "timeout", "1ms to 1h");
    let large = format!("{{\"kind\": \"a\", \"body\": \"{}\"}}", "x".repeat(17 << 20));
    host.post(path, &large).await.refuses(413, "too-large", "too long");
    let mut client = host.connect().await;
    let form = [("content-type", "application/x-www-form-urlencoded")];
    client.send("POST", path, &form, "kind=a").await.refuses(415, "content-type", "Content-Type: application/json");
}

#[tokio::test]
async fn a_path_says_which_methods_it_takes() {
    let host = Fixture::start(BARE).await;
    let check = async |method: &str, path: &str, allow: &str| {
        let answer = host.connect().await.send(method, path, &[], "").await;
        answer.refuses(405, "method", "");
        assert_eq!(answer.header("allow").replace(' ', ""), allow, "{method} {path}");
    };
    check("POST", "/api/tree", "GET,HEAD").await;
    check("DELETE", "/", "GET,HEAD").await;
    check("GET", "/api/actors/a/kill", "POST").await;
    check("POST", "/api/actors/a/component", "PUT").await;
    check("POST", "/api/actors/a/versions", "GET,HEAD").await;
    check("OPTIONS", "/stream", "GET,HEAD").await;
    check("POST", "/logger", "GET,HEAD").await;
}

#[tokio::test]
async fn other_sites_are_kept_out() {
    let host = Fixture::start(BARE).await;
    let json = ("content-type", "application/json");
    let check = async |method: &str, headers: &[(&str, &str)], status: u16, code: &str| {
        let path = if method == "GET" { "/api/actors/nobody" } else { "/api/actors/nobody/restart" };
        host.connect().await.send(method, path, headers, "").await.refuses(status, code, "");
    };
    let own = format!("http://127.0.0.1:{}", host.address.port());
    check("GET", &[("host", "evil.example")], 403, "host").await;
    check("GET", &[("host", "brew.local")], 404, "no-actor").await;
    check("GET", &[("host", "localhost:1")], 404, "no-actor").await;
    check("POST", &[json, ("origin", "http://evil.example")], 403, "origin").await;
    check("POST", &[json, ("origin", "null")], 403, "origin").await;
    check("POST", &[json, ("origin", &own)], 404, "no-actor").await;
    check("POST", &[("host", "evil.example")], 403, "host").await;
    let put = async |name, value, status, code| {
        let answer = host.put("/api/actors/nobody/component", &[(name, value)], b"x").await;
        answer.refuses(status, code, "");
    };
    put("host", "evil.example", 403, "host").await;
    put("origin", "http://evil.example", 403, "origin").await;
    put("origin", &own, 404, "no-actor").await;
    // Every path is behind it, also those that are not there.
    for path in ["/", "/stream", "/nothing", "/metrics", "/logger", "/healthz"] {
        let answer = host.connect().await.send("GET", path, &[("host", "evil.example")], "").await;
        answer.refuses(403, "host", "allow-hosts");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
}

#[tokio::test]
async fn beyond_loopback_changes_take_the_token() {
    let host = Fixture::listen(BARE, "0.0.0.0:0", Some("correct-horse")).await;
    let path = "/api/actors/nobody/restart";
    let check = async |headers: &[(&str, &str)], status: u16, code: &str| {
        let answer = host.connect().await.send("POST", path, headers, "").await;
        answer.refuses(status, code, "");
        let asks = answer.header("www-authenticate").starts_with("Bearer");
        assert_eq!(asks, status == 401);
    };
    check(&[], 401, "token").await;
    check(&[("authorization", "Bearer wrong")], 401, "token").await;
    check(&[("authorization", "Bearer correct-horse")], 404, "no-actor").await;
    check(&[("cookie", "greenroom-token=correct-horse")], 404, "no-actor").await;
    host.put("/api/actors/nobody/component", &[], b"x").await.refuses(401, "token", "needs a token");
    let token = [("authorization", "Bearer correct-horse")];
    host.put("/api/actors/nobody/component", &token, b"x").await.refuses(404, "no-actor", "nobody");
    assert_eq!(host.get("/api/tree").await.status, 200);
}
