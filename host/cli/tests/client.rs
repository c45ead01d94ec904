//! The verbs that talk to a running host, as a program of their own, against a host that answers from a script.
#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output, Stdio};
use std::thread::JoinHandle;

/// A host that gives each connection the next answer and closes it.
struct Host {
    url: String,
    requests: JoinHandle<Vec<String>>,
}

fn host(answers: &[String]) -> Host {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answers = answers.to_vec();
    let requests = std::thread::spawn(move || {
        let serve = |answer: &String| {
            let (mut stream, _) = listener.accept().unwrap();
            let request = request(&stream);
            // A client that has what it wants may be gone already.
            let _ = stream.write_all(answer.as_bytes());
            request
        };
        answers.iter().map(serve).collect()
    });
    Host { url, requests }
}

/// Head and body of a request.
fn request(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    while !head.ends_with("\r\n\r\n") {
        let mut line = String::new();
        assert!(reader.read_line(&mut line).unwrap() > 0, "the request breaks off: {head}");
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        head.push_str(&line);
    }
    if head.to_lowercase().contains("\r\nexpect: 100-continue\r\n") {
        // Whether or not it is waited for.
        let _ = (&mut &*stream).write_all(b"HTTP/1.1 100 Continue\r\n\r\n");
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    head + std::str::from_utf8(&body).unwrap()
}

fn answer(status: &str, kind: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn json(body: &str) -> String {
    answer("200 OK", "application/json", body)
}

fn problem(status: &str, code: &str, detail: &str) -> String {
    let body = format!(r#"{{"type":"about:blank","title":"x","status":1,"detail":"{detail}","code":"{code}"}}"#);
    answer(status, "application/problem+json", &body)
}

/// A stream in chunks of a few bytes, which ends without its last chunk: as a connection that breaks.
fn stream(events: &str) -> String {
    let mut text =
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n".to_owned();
    for chunk in events.chars().collect::<Vec<_>>().chunks(7) {
        let chunk: String = chunk.iter().collect();
        text.push_str(&format!("{:x}\r\n{chunk}\r\n", chunk.len()));
    }
    text
}

fn message(id: u32, topic: &str, body: &str) -> String {
    format!("id: e-{id}\nevent: sample\ndata: {{\"topic\":\"{topic}\",\"time\":0.5,\"body\":{body}}}\n\n")
}

fn greenroom(words: &[&str], stdin: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greenroom"));
    command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for name in ["GREENROOM_HOST", "GREENROOM_TOKEN", "NO_COLOR", "http_proxy", "HTTP_PROXY"] {
        command.env_remove(name);
    }
    // The times of day that are printed.
    command.env("TZ", "UTC");
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

struct Ran {
    code: i32,
    out: String,
    err: String,
    requests: Vec<String>,
}

fn run(words: &[&str], stdin: &str, answers: &[String]) -> Ran {
    let host = host(answers);
    let mut all = vec!["--host", &host.url];
    all.extend(words);
    let Output { status, stdout, stderr } = greenroom(&all, stdin);
    let (out, err) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
    let code = status.code().unwrap();
    // What was never asked for would be waited for.
    assert!(code != 2, "{err}");
    Ran { code, out, err, requests: host.requests.join().unwrap() }
}

/// One request with its answer.
fn check(words: &[&str], stdin: &str, answer: String, request: &str, code: i32, out: &str, err: &str) {
    let ran = run(words, stdin, &[answer]);
    assert_eq!((ran.code, ran.out.as_str()), (code, out), "{words:?}: {}", ran.err);
    assert!(ran.err.contains(err) && (err.is_empty() == ran.err.is_empty()), "{words:?}: {}", ran.err);
    let (head, body) = ran.requests[0].split_once("\r\n\r\n").unwrap();
    let line = head.lines().next().unwrap();
    assert_eq!(format!("{line} {body}").trim_end(), request, "{words:?}");
}

#[test]
fn messages_are_sent() {
    let sent = || answer("202 Accepted", "application/json", "{}");
    check(
        &["tell", "controller", "set", "{\"set\": 66.00}"],
        "",
        sent(),
        "POST /api/actors/controller/messages HTTP/1.1 {\"kind\":\"set\",\"body\":{\"set\": 66.00}}",
        0,
        "",
        "",
    );
    check(
        &["tell", "a/b", "tick"],
        "",
        sent(),
        "POST /api/actors/a%2Fb/messages HTTP/1.1 {\"kind\":\"tick\"}",
        0,
        "",
        "",
    );
    check(
        &["--format", "json", "tell", "a", "x", "-"],
        "[1]\n",
        sent(),
        "POST /api/actors/a/messages HTTP/1.1 {\"kind\":\"x\",\"body\":[1]}",
        0,
        "{}\n",
        "",
    );
}

#[test]
fn answers_are_printed() {
    let request = "POST /api/actors/controller/ask HTTP/1.1 {\"kind\":\"mode\",\"timeout\":\"1500ms\"}";
    let words = ["ask", "controller", "mode", "--timeout", "1s500ms"];
    let answer = json(r#"{"kind":"mode","body":{"mode":"heating","t":66.000}}"#);
    check(&words, "", answer.clone(), request, 0, "{\"mode\":\"heating\",\"t\":66.000}\n", "");
    let as_json = [&["--format", "json"][..], &words].concat();
    check(&as_json, "", answer, request, 0, "{\"kind\":\"mode\",\"body\":{\"mode\":\"heating\",\"t\":66.000}}\n", "");
    check(&words, "", json(r#"{"kind":"done","body":null}"#), request, 0, "done\n", "");
}

#[test]
fn operators_are_obeyed() {
    check(
        &["restart", "brewery"],
        "",
        json("{}"),
        "POST /api/actors/brewery/restart HTTP/1.1",
        0,
        "restarted brewery\n",
        "",
    );
    let reloaded = json(r#"{"from":"3f9a","to":"81cc","state":"kept","milliseconds":41.3}"#);
    let request = "POST /api/actors/controller/reload HTTP/1.1";
    check(
        &["reload", "controller"],
        "",
        reloaded,
        request,
        0,
        "controller  swapped 3f9a → 81cc  41 ms  state kept\n",
        "",
    );
    let back = || json(r#"{"from":"81cc","to":"3f9a","state":"kept","milliseconds":0.4}"#);
    check(
        &["rollback", "controller"],
        "",
        back(),
        "POST /api/actors/controller/rollback HTTP/1.1",
        0,
        "controller  went back 81cc → 3f9a  0 ms  state kept\n",
        "",
    );
    check(
        &["--format", "json", "rollback", "controller", "3F9a"],
        "",
        back(),
        "POST /api/actors/controller/rollback HTTP/1.1 {\"to\":\"3F9a\"}",
        0,
        "{\"from\":\"81cc\",\"to\":\"3f9a\",\"state\":\"kept\",\"milliseconds\":0.4}\n",
        "",
    );
    let version =
        r#"{"digest":"81cc0f3a12bd44","bytes":1,"origin":"file","activated":0,"status":"passed","active":true}"#;
    let versions = format!(r#"{{"source":"a.wasm","versions":[{version}]}}"#);
    let request = "GET /api/actors/controller/versions HTTP/1.1";
    let listed = "a.wasm\n● 81cc0f3a12bd  1970-01-01 00:00:00      1 KiB  file      passed its watch\n";
    check(&["versions", "controller"], "", json(&versions), request, 0, listed, "");
    let words = ["versions", "controller", "--format", "json"];
    check(&words, "", json(&versions), request, 0, &format!("{versions}\n"), "");
    let report = json(
        r#"{"actor":"controller","running":"3f9a","shadow":"81cc","state":"kept","began":[],"turns":7,"different":1,
            "findings":[{"turn":3,"kind":"which","body":"{}","running":["a 1"],"shadow":["a 2"]}],
            "seconds_left":null,"ended":"its time is up","states_differ":false}"#,
    );
    check(
        &["reload", "controller", "--shadow", "1m"],
        "",
        report,
        "POST /api/actors/controller/shadow?seconds=60 HTTP/1.1",
        10,
        "turn 3: which {}\n  - a 1\n  + a 2\ncontroller  not the same  3f9a and 81cc, state kept  1 of 7 turns were different  \
         the states are the same  over: its time is up\n",
        "",
    );
    let tree =
        r#"{"host":{"name":"brewhouse","profile":null,"uptime_seconds":1},"root":{"name":"root","state":"running"}}"#;
    let letters = r#"{"total":0,"letters":[]}"#;
    let request = "GET /api/dead-letters HTTP/1.1";
    let none = "0 messages reached nobody since the host's start\n";
    check(&["dead-letters"], "", json(letters), request, 0, none, "");
    check(&["dead-letters", "--format", "json"], "", json(letters), request, 0, &format!("{letters}\n"), "");
    check(&["tree"], "", json(tree), "GET /api/tree HTTP/1.1", 0, "brewhouse  up 1s\n", "");
    check(&["tree", "--format", "json"], "", json(tree), "GET /api/tree HTTP/1.1", 0, &format!("{tree}\n"), "");
}

#[test]
fn the_actors_are_listed() {
    let actor = |name: &str, turns: u64, state: &str| {
        format!(
            r#"{{"name":"{name}","state":"{state}","later":1.50,"actor":{{"behavior":"b","restarts":0,"turns":{turns},"#
        ) + r#""waiting":0,"mailbox_limit":9,"handling":null,"memory_bytes":0}}"#
    };
    let (one, two) = (actor("one", 3, "running"), actor("two", 12, "asleep"));
    let request = "GET /api/actors HTTP/1.1";
    let out = "NAME  STATE    MAILBOX  TURNS  RESTARTS  MEMORY  BEHAVIOR\n\
               one   running  0/9      3      0         -       b\n\
               two   asleep   0/9      12     0         -       b\n";
    check(&["ps"], "", json(&format!("[{one},{two}]")), request, 0, out, "");
    // As the host writes them, in the order asked for.
    let sorted = format!("[{two},{one}]\n");
    check(&["ps", "--sort", "turns", "--format", "json"], "", json(&format!("[{one},{two}]")), request, 0, &sorted, "");
    let none = "NAME  STATE  MAILBOX  TURNS  RESTARTS  MEMORY  BEHAVIOR\n";
    check(&["ps"], "", json("[]"), request, 0, none, "");
    check(&["ps"], "", json("{}"), request, 1, "", "the host's actors cannot be read");
}

#[test]
fn a_component_is_sent_with_its_digest() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (new, empty) = (file("new.wasm", "not quite"), file("empty.wasm", ""));
    // As `sha256sum` gives it.
    let digest = "b20c4fb7b4958d9801b3621a26c42cede38866f1bdc7a49b38141cb0373471f6";
    let request = format!("PUT /api/actors/a%2Fb/component?sha256={digest} HTTP/1.1 not quite");
    let reloaded = json(r#"{"from":"3f9a","to":"81cc","state":"fresh","milliseconds":41.3}"#);
    let out = "a/b  swapped 3f9a → 81cc  41 ms  state fresh\n";
    check(&["reload", "a/b", &new], "", reloaded.clone(), &request, 0, out, "");
    let refused = problem("422 Unprocessable Entity", "not-swapped", "compile: so");
    check(&["reload", "a/b", &new], "", refused, &request, 4, "", "compile: so");
    let ran = run(&["--token", "secret", "reload", "a", &new], "", &[reloaded]);
    let head = ran.requests[0].to_lowercase();
    for header in ["authorization: bearer secret", "content-type: application/wasm", "content-length: 9"] {
        assert!(head.contains(&format!("\r\n{header}\r\n")), "{head}");
    }
    // What cannot be sent is told before anybody is asked.
    for (file, says) in [(empty.as_str(), "it is empty"), ("/nowhere/a.wasm", "/nowhere/a.wasm: it cannot be read")] {
        let ran = greenroom(&["--host", "127.0.0.1:1", "reload", "a", file], "");
        let err = String::from_utf8(ran.stderr).unwrap();
        assert_eq!((ran.status.code(), err.contains(says)), (Some(4), true), "{err}");
    }
}

#[test]
fn refusals_have_exit_codes() {
    let refuse = |answer: String, code: i32, err: &str| {
        check(
            &["ask", "a", "x"],
            "",
            answer,
            "POST /api/actors/a/ask HTTP/1.1 {\"kind\":\"x\",\"timeout\":\"5000ms\"}",
            code,
            "",
            err,
        );
    };
    let not_found = || problem("404 Not Found", "no-actor", "there is no actor `a`");
    refuse(not_found(), 6, "error: there is no actor `a`\n");
    refuse(problem("409 Conflict", "supervisor", "`a` is a supervisor"), 6, "is a supervisor");
    refuse(problem("504 Gateway Timeout", "timed-out", "`a` did not answer"), 7, "did not answer");
    refuse(problem("502 Bad Gateway", "ended", "`a` ended"), 8, "`a` ended");
    refuse(problem("422 Unprocessable Entity", "refused", "20 to 100"), 1, "error: 20 to 100\n");
    refuse(problem("422 Unprocessable Entity", "not-swapped", "world: so"), 4, "world: so");
    refuse(problem("409 Conflict", "no-versions", "keeps no versions"), 1, "keeps no versions");
    refuse(problem("503 Service Unavailable", "mailbox-full", "full"), 1, "full");
    refuse(
        problem("401 Unauthorized", "token", "needs a token"),
        1,
        "needs a token; here with --token or GREENROOM_TOKEN",
    );
    refuse(problem("400 Bad Request", "later", "x\\u001b[2J\\ny"), 1, "error: x\\u{1b}[2J y\n");
    // Somebody else's server.
    refuse(answer("404 Not Found", "text/html", "<h1>"), 5, "is no Greenroom host: it answers 404 Not Found");
    refuse(answer("200 OK", "text/html", "<h1>"), 5, "its answer is not JSON");
    refuse(json("{"), 5, "its answer is not JSON");
    refuse(answer("302 Found", "text/html", ""), 5, "it answers 302");
    refuse("SSH-2.0-OpenSSH\r\n".into(), 5, "no host answers at");
    let ran = run(&["--format", "json", "ask", "a", "x"], "", &[not_found()]);
    assert_eq!(ran.err, "{\"error\":{\"code\":\"no-actor\",\"detail\":\"there is no actor `a`\",\"exit\":6}}\n");
}

#[test]
fn a_host_that_is_not_there_is_one_sentence() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for verb in [
        &["tree"][..],
        &["ps"],
        &["tail"],
        &["logs"],
        &["events"],
        &["dead-letters"],
        &["tell", "a", "b"],
        &["restart", "a"],
        &["versions", "a"],
        &["rollback", "a"],
    ] {
        let ran = greenroom(&[&["--host", &address.to_string()], verb].concat(), "");
        let err = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.code(), Some(5), "{verb:?}: {err}");
        let expect = format!("error: no host answers at http://{address}: nobody listens there; ");
        assert!(err.starts_with(&expect) && err.lines().count() == 1, "{err}");
    }
}

#[test]
fn a_wrong_command_line_is_2() {
    let check = |words: &[&str], says: &str| {
        let ran = greenroom(words, "");
        let err = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.code(), Some(2), "{words:?}: {err}");
        assert!(err.contains(says), "{words:?}: {err}");
    };
    check(&[], "Usage");
    check(&["fly"], "unrecognized");
    check(&["tell", "a", "x", "{"], "not JSON");
    check(&["tell", "a", "x", "@/nowhere/at/all"], "/nowhere/at/all");
    check(&["tell", "a", ""], "1 to 64 bytes");
    check(&["rollback", "a", "81c"], "4 to 64 hexadecimal digits");
    check(&["reload"], "<ACTOR>");
    check(&["ask", "a", "x", "--timeout", "5"], "write a unit");
    check(&["ask", "a", "x", "--timeout", "2h"], "1ms to 1h");
    check(&["tail", "a//b"], "no empty segment");
    check(&["tail", "--limit", "0"], "0");
    check(&["--host", "https://x", "tree"], "https");
    check(&["--token", "a b", "tree"], "token");
}

#[test]
fn the_token_goes_with_what_changes_something() {
    let ran = run(&["--token", "secret", "restart", "a"], "", &[json("{}")]);
    assert!(ran.requests[0].to_lowercase().contains("\r\nauthorization: bearer secret\r\n"), "{}", ran.requests[0]);
    let ran = run(&["--token", "secret", "tree"], "", &[json("{}")]);
    assert!(!ran.requests[0].to_lowercase().contains("authorization"), "{}", ran.requests[0]);
}

#[test]
fn topics_are_followed() {
    let snapshot = "retry: 50\n\nid: e-0\nevent: snapshot\ndata: {\"tree\":{},\"latest\":{}}\n\n:\n\n";
    let events =
        format!("{snapshot}{}{}", message(1, "greenroom/tree", "{}"), message(2, "kettle/sample", "{\"t\":66.0}"));
    let ran = run(&["tail", "--limit", "1"], "", &[stream(&events)]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert_eq!(ran.out, "00:00:00  kettle/sample  sample  {\"t\":66.0}\n");
    assert!(ran.requests[0].starts_with("GET /stream?topic=%2A%2A HTTP/1.1\r\n"), "{}", ran.requests[0]);

    let words = ["--format", "json", "tail", "a/*", "greenroom/tree", "--limit", "2", "--since-start"];
    let ran = run(&words, "", &[stream(&events)]);
    let expect = "{\"id\":\"e-1\",\"topic\":\"greenroom/tree\",\"time\":0.5,\"kind\":\"sample\",\"body\":{}}\n\
                  {\"id\":\"e-2\",\"topic\":\"kettle/sample\",\"time\":0.5,\"kind\":\"sample\",\"body\":{\"t\":66.0}}\n";
    assert_eq!(ran.out, expect);
    let line = ran.requests[0].lines().next().unwrap();
    assert_eq!(line, "GET /stream?topic=a%2F%2A&topic=greenroom%2Ftree&earliest=true HTTP/1.1");
}

#[test]
fn a_stream_that_breaks_is_gone_on_with() {
    // The second message is not complete: it comes again.
    let first = format!("retry: 50\n\n{}id: e-2\nevent: sample\ndata: {{", message(1, "a", "1"));
    let second =
        format!("event: lag\ndata: {{\"from\":\"e-1\",\"to\":\"e-5\",\"dropped\":3}}\n\n{}", message(5, "a", "5"));
    let answers =
        [stream(&first), problem("503 Service Unavailable", "streams", "64 streams are open"), stream(&second)];
    let ran = run(&["tail", "a", "--limit", "2", "--since-start"], "", &answers);
    assert_eq!(ran.out, "00:00:00  a  sample  1\n00:00:00  a  sample  5\n");
    assert_eq!(ran.code, 0);
    for says in ["is gone", "64 streams are open", "is back", "3 messages are missing here"] {
        assert!(ran.err.contains(says), "{}", ran.err);
    }
    let last = |request: &String| {
        request.to_lowercase().lines().find_map(|line| line.strip_prefix("last-event-id: ").map(str::to_owned))
    };
    assert_eq!(ran.requests.iter().map(last).collect::<Vec<_>>(), [None, Some("e-1".into()), Some("e-1".into())]);
    assert!(ran.requests[0].contains("earliest") && !ran.requests[2].contains("earliest"));

    let ran = run(&["--format", "json", "tail", "a", "--limit", "1"], "", &[stream(&second)]);
    assert!(
        ran.out.starts_with("{\"lag\":{\"dropped\":3,\"from\":\"e-1\",\"to\":\"e-5\"}}\n{\"id\":\"e-5\""),
        "{}",
        ran.out
    );
}

#[test]
fn a_stream_that_is_refused_is_not_waited_for() {
    let ran = run(&["tail", "a"], "", &[problem("403 Forbidden", "host", "not reached as `x`")]);
    assert_eq!((ran.code, ran.err.as_str()), (1, "error: not reached as `x`\n"));
    let ran = run(&["tail", "a"], "", &[json("{}")]);
    assert_eq!(ran.code, 5, "{}", ran.err);
    let broken = stream("retry: 50\n\ndata: 1\n\n");
    let ran = run(&["tail", "a"], "", &[broken]);
    assert_eq!(ran.code, 1, "{}", ran.err);
}

#[test]
fn logs_and_events_are_read() {
    let log = |id: u32, level: &str, actor: &str| {
        format!(
            "id: e-{id}\nevent: {level}\ndata: {{\"topic\":\"greenroom/logs\",\"time\":1,\"body\":{{\"actor\":\"{actor}\",\"text\":\"hot\"}}}}\n\n"
        )
    };
    let events = log(1, "info", "controller") + &log(2, "debug", "sampler") + &log(3, "warn", "sampler");
    let ran = run(&["logs", "sampler", "--level", "info", "--limit", "1"], "", &[json("{}"), stream(&events)]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "00:00:01  warn   sampler  hot\n"), "{}", ran.err);
    assert!(ran.requests[1].starts_with("GET /stream?topic=greenroom%2Flogs&earliest=true "), "{}", ran.requests[1]);
    let ran = run(&["logs", "smapler"], "", &[problem("404 Not Found", "no-actor", "there is no actor `smapler`")]);
    assert_eq!(ran.code, 6);

    let event = "id: e-1\nevent: swapped\ndata: {\"topic\":\"greenroom/events\",\"time\":1,\"body\":{\"actor\":\"a\",\"text\":\"3f → 81\"}}\n\n";
    let ran = run(&["events", "--new", "--limit", "1"], "", &[stream(event)]);
    assert_eq!(ran.out, "00:00:01  swapped         a             3f → 81\n");
    assert!(ran.requests[0].starts_with("GET /stream?topic=greenroom%2Fevents HTTP"), "{}", ran.requests[0]);
}

#[test]
fn colours_come_when_asked_for() {
    let answer = || json(r#"{"from":"a","to":"b","state":"kept","milliseconds":1}"#);
    let ran = run(&["--color", "always", "reload", "x"], "", &[answer()]);
    assert!(ran.out.contains("\x1b[32mswapped\x1b[0m"), "{}", ran.out);
    let ran = run(&["reload", "x"], "", &[answer()]);
    assert!(!ran.out.contains('\x1b'), "{}", ran.out);
}
