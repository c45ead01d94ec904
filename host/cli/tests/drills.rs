//! The kettle's fault drills from outside: the binary on the example, told over HTTP, killed as the system kills.
#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]

mod killing;
mod outside;

use outside::{Running, command, ran};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// How long something is waited for before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

fn example() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/kettle/greenroom.toml").canonicalize().unwrap()
}

/// The kettle on simulated devices; with `--profile sim` it heats at once.
fn kettle(folder: &std::path::Path) -> Running {
    let example = example();
    Running::start(folder, &[example.to_str().unwrap(), "--profile", "sim", "--listen", "127.0.0.1:0"])
}

fn get(host: &Running, path: &str) -> Value {
    let mut answer = ureq::get(format!("{}{path}", host.url())).call().unwrap();
    serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap()
}

fn post(host: &Running, path: &str, body: &Value) -> (u16, Value) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut answer = agent
        .post(format!("{}{path}", host.url()))
        .header("content-type", "application/json")
        .send(body.to_string().as_bytes())
        .unwrap();
    let text = answer.body_mut().read_to_string().unwrap();
    (answer.status().as_u16(), serde_json::from_str(&text).unwrap_or_default())
}

fn heater(host: &Running) -> f64 {
    let devices = get(host, "/api/devices");
    let devices = devices.as_array().unwrap();
    devices.iter().find(|device| device["name"] == "heater").unwrap()["value"].as_f64().unwrap()
}

/// Asks again until it is so: each look is a request, so nothing sleeps.
fn until(what: &str, is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "never: {what}");
    }
}

#[test]
fn killed_while_heating_it_is_safe_and_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let host = kettle(folder.path());
    until("the heater is on", || heater(&host) == 1.0);
    assert_eq!(post(&host, "/temperature", &json!({ "set": 67.5 })).0, 200);

    // A stream that is open all the while, from its beginning.
    let mut stream = command(folder.path(), &["--host", host.url(), "--format", "json", "tail", "**", "--since-start"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();

    assert_eq!(post(&host, "/api/actors/controller/kill", &json!({})).0, 200);
    until("the controller runs again", || {
        let node = get(&host, "/api/actors/controller");
        node["state"] == "running" && node["actor"]["incarnation"] == 2
    });
    assert_eq!(get(&host, "/temperature")["set"], 67.5, "its set-point is kept");
    until("it heats again", || heater(&host) == 1.0);

    let mut ids = Vec::new();
    let mut safe = false;
    for line in BufReader::new(stream.stdout.take().unwrap()).lines() {
        let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
        assert!(line.get("lag").is_none(), "{line}");
        safe |= line["kind"] == "device-safe" && line["body"]["device"] == "heater";
        let id = line["id"].as_str().and_then(|id| id.rsplit('-').next()).map(|seq| seq.parse::<u64>().unwrap());
        ids.extend(id);
        // Its second start is in the stream, and so is all before it.
        let again =
            line["kind"] == "started" && line["body"]["actor"] == "controller" && line["body"]["incarnation"] == 2;
        if again {
            break;
        }
    }
    stream.kill().unwrap();
    stream.wait().unwrap();
    assert!(safe, "the heater went to its safe level");
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "ids strictly increase: {ids:?}");
    assert_eq!(host.end(libc::SIGTERM).0, 0);
}

#[test]
fn killed_itself_it_is_safe_at_its_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut host = kettle(folder.path());
    until("the heater is on", || heater(&host) == 1.0);
    host.child.kill().unwrap();
    host.child.wait().unwrap();
    // Without the profile's `on-at-start`, nobody switches it on: it is as the host has put it before any actor ran.
    let manifest = std::fs::read_to_string(example()).unwrap();
    let guests = example().parent().unwrap().join("../../target/guests").canonicalize().unwrap();
    let manifest = manifest
        .replace("../../target/guests", guests.to_str().unwrap())
        .replace("actor.controller.config.on-at-start = true", "actor.controller.config.on-at-start = false");
    std::fs::write(folder.path().join("greenroom.toml"), manifest).unwrap();
    let host = Running::start(folder.path(), &["--profile", "sim", "--listen", "127.0.0.1:0"]);
    assert_eq!(heater(&host), 0.0);
    assert_eq!(get(&host, "/controller")["set"], "off");
    assert_eq!(host.end(libc::SIGTERM).0, 0);
}

#[test]
fn what_is_asked_wrongly_is_told_what_would_be_right() {
    let folder = tempfile::tempdir().unwrap();
    let host = kettle(folder.path());
    let check = |path: &str, body: Value, status: u16, says: &str| {
        let (code, problem) = post(&host, path, &body);
        let detail = problem["detail"].as_str().unwrap_or_default();
        assert!(code == status && detail.contains(says), "{path} {body}: {code} {detail}");
    };
    check("/temperature", json!({ "set": 400 }), 422, "20 to 80");
    check("/temperature", json!({ "set": "hot" }), 422, "set");
    check("/controller", json!({ "set": "maybe" }), 422, "on");
    check("/api/actors/nobody/messages", json!({ "kind": "x" }), 404, "nobody");
    check("/api/actors/brewery/messages", json!({ "kind": "x" }), 422, "count-children");
    check("/api/actors/controller/messages", json!({ "kynd": "x" }), 400, "kind");
    let (code, _, err) = ran(folder.path(), &["--host", host.url(), "ask", "controller", "dance"]);
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("is not understood"), "{err}");
    assert_eq!(host.end(libc::SIGTERM).0, 0);
}
