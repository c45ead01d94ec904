//! The network, by grant. The guest says of which world it is, as bindings have it do.

use super::{denials, line, logs};
use greenroom_core::Message;
use greenroom_testkit::Stage;
use serde_json::json;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;
use wit_component::StringEncoding;

/// How `access-denied` is numbered.
const DENIED: &str = "e1";

fn guest() -> Vec<u8> {
    let mut module = wat::parse_str(include_str!("peer.wat")).unwrap();
    let mut resolve = wit_parser::Resolve::default();
    resolve.push_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit")).unwrap();
    let package = resolve.push_str("sockets.wit", include_str!("sockets.wit")).unwrap();
    let world = resolve.select_world(&[package], Some("test:peer/peer@0.1.0")).unwrap();
    wit_component::embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    module
}

async fn stage(grants: &[&str]) -> Stage {
    let manifest = format!("[actor.guest]\nsource = \"guest.wasm\"\ndeadline = \"20s\"\ngrant = {grants:?}");
    Stage::with_bytes(&manifest, &[("guest.wasm", &guest())]).await
}

/// Somebody who answers `ping` with `pong`, as often as they are asked; the port.
fn peer() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut ping = [0; 4];
            stream.read_exact(&mut ping).unwrap();
            assert_eq!(&ping, b"ping");
            stream.write_all(b"pong").unwrap();
        }
    });
    port
}

/// What the guest logs when it is told something.
async fn says(stage: &Stage, kind: &str, body: &[u8]) -> String {
    let mut logs = logs(stage);
    while logs.try_next().is_some() {}
    stage.handle().tell("guest", Message { kind: kind.parse().unwrap(), body: body.into() }).unwrap();
    line(&mut logs).await.1
}

fn address(ip: [u8; 4], port: u16) -> Vec<u8> {
    [&ip[..], &port.to_le_bytes()].concat()
}

#[tokio::test]
async fn whom_a_grant_names_is_reached_and_nobody_else() {
    let (port, other) = (peer(), peer());
    let stage = stage(&[&format!("connect:127.0.0.1:{port}")]).await;
    assert_eq!(says(&stage, "c", &address([127, 0, 0, 1], port)).await, "pong");
    assert_eq!(denials(&stage), []);
    for _ in 0..2 {
        assert_eq!(says(&stage, "c", &address([127, 0, 0, 1], other)).await, DENIED);
        assert_eq!(says(&stage, "c", &address([127, 0, 0, 2], port)).await, DENIED);
        assert_eq!(says(&stage, "n", b"example.org").await, DENIED);
        assert_eq!(says(&stage, "u", b"").await, DENIED);
        assert_eq!(says(&stage, "b", &address([127, 0, 0, 1], 9)).await, DENIED);
    }
    let told = denials(&stage);
    let short: Vec<_> = told.iter().map(|(what, grant, _)| (what.clone(), grant.clone())).collect();
    let expect = [
        (format!("127.0.0.1:{other}"), json!(format!("connect:127.0.0.1:{other}"))),
        (format!("127.0.0.2:{port}"), json!(format!("connect:127.0.0.2:{port}"))),
        ("example.org".into(), json!("connect:example.org:PORT")),
        ("a socket".into(), json!(null)),
        ("127.0.0.1:9".into(), json!(null)),
    ];
    assert_eq!(short, expect, "each once");
    assert!(told[0].2.starts_with("guest tried `wasi:sockets/tcp#start-connect` of 127.0.0.1:"), "{told:?}");
}

#[tokio::test]
async fn a_name_stands_for_what_the_host_finds_it_to_be() {
    let port = peer();
    let stage = stage(&[&format!("connect:localhost:{port}")]).await;
    // The address alone is nobody's name yet.
    assert_eq!(says(&stage, "c", &address([127, 0, 0, 1], port)).await, DENIED);
    assert_eq!(says(&stage, "n", b"LocalHost").await, "127");
    assert_eq!(says(&stage, "c", &address([127, 0, 0, 1], port)).await, "pong");
    assert_eq!(says(&stage, "c", &address([127, 0, 0, 1], port ^ 1)).await, DENIED);
    assert_eq!(denials(&stage)[1].1, format!("connect:localhost:{}", port ^ 1), "by its name now");
}

#[tokio::test]
async fn without_a_grant_nobody_is_reached() {
    let port = peer();
    let stage = stage(&[]).await;
    assert_eq!(says(&stage, "c", &address([127, 0, 0, 1], port)).await, DENIED);
    assert_eq!(says(&stage, "n", b"localhost").await, DENIED);
    assert_eq!(denials(&stage)[0].1, format!("connect:127.0.0.1:{port}"));
}

#[tokio::test]
async fn a_shadow_reaches_nobody() {
    let port = peer();
    let stage = stage(&[&format!("connect:127.0.0.1:{port}")]).await;
    let asked = stage.handle().shadow("guest", None, Duration::from_secs(3600)).await.unwrap();
    assert_eq!(asked.ended, None);
    assert_eq!(says(&stage, "c", &address([127, 0, 0, 1], port)).await, "pong");
    // It was refused what the actor was given, and so it logged something else.
    assert_eq!(says(&stage, "c", &address([127, 0, 0, 1], port)).await, "pong");
    let report = stage.handle().drop_shadow("guest").await.unwrap();
    assert_eq!((report.turns, report.different), (2, 2), "{report:#?}");
    assert_eq!(denials(&stage), []);
}

/// A peer that never answers is waited for as long as the deadline leaves.
#[tokio::test]
async fn who_does_not_answer_is_waited_for_until_the_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let manifest =
        format!("[actor.guest]\nsource = \"guest.wasm\"\ndeadline = \"60ms\"\ngrant = [\"connect:127.0.0.1:{port}\"]");
    let mut stage = Stage::with_bytes(&manifest, &[("guest.wasm", &guest())]).await;
    let body = address([127, 0, 0, 1], port);
    stage.handle().tell("guest", Message { kind: "c".parse().unwrap(), body: body.into() }).unwrap();
    assert_eq!(stage.event("fault", "guest").await["reason"], "out-of-time");
}
