//! Streams over a real connection.

use crate::fixture::{Fixture, soon};
use futures_util::future::join_all;
use http_body_util::BodyExt;
use serde_json::{Value, json};

const KETTLE: &str = r#"
[host]
name = "brewhouse"
[topic."kettle/**"]
keep = 5
[route."/logger"]
stream = "kettle/log"
"#;

#[tokio::test]
async fn a_stream_begins_with_a_snapshot_and_goes_on_live() {
    let host = Fixture::start(KETTLE).await;
    host.publish("kettle/sample", "sample", r#"{"temperature": 65.94}"#);
    let last = host.publish("other", "note", "5");
    let mut stream = host.stream("/stream?topic=kettle/*", &[]).await;
    let (kind, id, data) = stream.one().await;
    assert_eq!(kind, "snapshot");
    assert_eq!(data["tree"]["host"]["name"], "brewhouse");
    assert_eq!(data["tree"]["root"]["state"], "running");
    assert_eq!(data["latest"].as_object().unwrap().keys().collect::<Vec<_>>(), ["kettle/sample"]);
    assert_eq!(data["latest"]["kettle/sample"]["kind"], "sample");
    assert_eq!(data["latest"]["kettle/sample"]["body"], json!({ "temperature": 65.94 }));
    assert!(data["latest"]["kettle/sample"]["time"].as_f64().unwrap() > 1.7e9);
    assert_eq!(data["last_event_id"], id);
    assert!(id >= host.id(last));
    host.publish("other", "note", "6");
    let seq = host.publish("kettle/log", "line", r#""on""#);
    let (kind, id, data) = stream.one().await;
    assert_eq!((kind.as_str(), id), ("line", host.id(seq)));
    assert_eq!((&data["topic"], &data["body"]), (&json!("kettle/log"), &json!("on")));
}

#[tokio::test]
async fn a_client_that_comes_back_gets_exactly_what_it_missed() {
    let host = Fixture::start(KETTLE).await;
    let seqs: Vec<u64> = (1..=8).map(|n| host.publish("kettle/log", "line", &n.to_string())).collect();
    let check = async |path: String, header: Option<String>, expect: Vec<Value>| {
        let headers: Vec<_> = header.iter().map(|id| ("last-event-id", id.as_str())).collect();
        let mut stream = host.stream(&path, &headers).await;
        let mut got = Vec::new();
        while got.len() < expect.len() {
            let (kind, id, data) = stream.one().await;
            got.push(match kind.as_str() {
                "lag" => json!({ "lag": data }),
                _ => json!([id, data]),
            });
        }
        assert_eq!(got, expect, "{path} {header:?}");
        // Live after it.
        let seq = host.publish("kettle/other", "line", "0");
        assert!(seq > seqs[7]);
    };
    let kept = |from: usize| (from..=8).map(|n| json!([host.id(seqs[n - 1]), n])).collect::<Vec<_>>();
    let lagged = |from: Value, n: usize| {
        let lag = json!({ "lag": { "from": from, "to": host.id(seqs[2]), "dropped": null } });
        [vec![lag], kept(n)].concat()
    };
    let id = |n: usize| host.id(seqs[n - 1]);
    let topic = "/topics/kettle/log";
    check(topic.into(), Some(id(6)), kept(7)).await;
    check(format!("{topic}?lastEventID={}", id(7)), None, kept(8)).await;
    check(format!("{topic}?lastEventID={}", id(1)), Some(id(7)), kept(8)).await;
    check(topic.into(), Some(id(3)), kept(4)).await;
    check(topic.into(), Some(id(1)), lagged(json!(id(1)), 4)).await;
    check(topic.into(), Some("another-3".into()), lagged(Value::Null, 4)).await;
    check(topic.into(), Some("nonsense".into()), lagged(Value::Null, 4)).await;
    check(format!("{topic}?earliest"), None, kept(4)).await;
    check("/logger?earliest".into(), None, kept(4)).await;
    check("/logger".into(), Some(id(1)), lagged(json!(id(1)), 4)).await;
}

#[tokio::test]
async fn a_snapshot_does_not_move_who_comes_back() {
    let host = Fixture::start(KETTLE).await;
    let seqs: Vec<u64> = (1..=3).map(|n| host.publish("kettle/log", "line", &n.to_string())).collect();
    let id = host.id(seqs[0]);
    let mut stream = host.stream("/stream?topic=kettle/log", &[("last-event-id", &id)]).await;
    let (kind, given, data) = stream.one().await;
    assert_eq!((kind.as_str(), given.as_str()), ("snapshot", ""), "it has no id of its own");
    assert_eq!(data["latest"]["kettle/log"]["body"], 3);
    for seq in &seqs[1..] {
        assert_eq!(stream.one().await.1, host.id(*seq));
    }
}

#[tokio::test]
async fn a_stream_says_when_to_come_back_and_ends_at_its_limit() {
    let host = Fixture::start(KETTLE).await;
    let text = async |path: &str| host.get(path).await.body;
    (1..=4).for_each(|n| assert!(host.publish("kettle/log", "line", &n.to_string()) > 0));
    let log = text("/topics/kettle/log?earliest&limit=2").await;
    assert!(log.starts_with("retry: 1000\nid: "), "{log}");
    assert!(log.ends_with("event: line\ndata: 2\n\n"), "{log}");
    assert!(text("/logger?earliest&limit=1").await.starts_with("retry: 100\nid: "));
    let all = text("/stream?earliest&limit=1&topic=kettle/log").await;
    assert!(all.starts_with("retry: 1000\nevent: snapshot\ndata: {\"tree\":"), "{all}");
    assert!(text("/events?earliest=1&limit=1").await.contains("\"topic\":\"greenroom/events\""));
}

#[tokio::test]
async fn a_topic_is_given_as_the_client_likes_it() {
    let host = Fixture::start(KETTLE).await;
    let seq = host.publish("kettle/sample", "sample", "{\"temperature\":\n 65.94}");
    let value = host.get_as("/topics/kettle/sample", "application/json").await;
    assert_eq!((value.status, value.header("content-type")), (200, "application/json"));
    assert_eq!((value.header("last-event-id"), value.header("vary")), (host.id(seq).as_str(), "Accept"));
    assert_eq!(value.json(), json!({ "temperature": 65.94 }));
    let lines = host.get_as("/topics/kettle/sample?earliest&limit=1", "application/x-ndjson").await;
    assert_eq!(lines.header("content-type"), "application/x-ndjson");
    let mut line = lines.json();
    assert!(line["time"].take().as_f64().unwrap() > 1.7e9);
    let expect = json!({
        "id": host.id(seq), "topic": "kettle/sample", "time": null, "kind": "sample", "body": { "temperature": 65.94 }
    });
    assert_eq!(line, expect);
    host.get_as("/topics/kettle/sample", "text/html").await.refuses(406, "accept", "text/event-stream");
    host.get_as("/stream", "application/json").await.refuses(406, "accept", "application/x-ndjson");
    // Known, though nothing was published there yet.
    let none = host.get_as("/topics/greenroom/logs", "application/json").await;
    assert_eq!((none.status, none.body.as_str()), (204, ""));
}

/// A client that does not read holds nothing up, costs no more than a bounded buffer, and is told what it missed.
#[tokio::test]
async fn who_does_not_read_is_overtaken_and_told() {
    let host = Fixture::start(KETTLE).await;
    let mut slow = host.stream("/stream?topic=kettle/log", &[]).await;
    assert_eq!(slow.one().await.0, "snapshot");
    // Far more than the kernel and the server buffer for one connection.
    let body = format!("\"{}\"", "x".repeat(1 << 20));
    let seqs: Vec<u64> = (0..40).map(|_| host.publish("kettle/log", "line", &body)).collect();
    let mut last = seqs[0] - 1;
    let mut lags = 0;
    while last < seqs[39] {
        let (kind, id, data) = slow.one().await;
        if kind == "lag" {
            lags += 1;
            assert!(data["dropped"].as_u64().unwrap() > 0);
            let to: u64 = data["to"].as_str().unwrap().rsplit('-').next().unwrap().parse().unwrap();
            last = to;
        } else {
            let seq: u64 = id.rsplit('-').next().unwrap().parse().unwrap();
            assert_eq!(seq, last + 1, "a silent gap");
            last = seq;
        }
    }
    assert!(lags > 0);
}

#[tokio::test]
async fn there_is_room_for_64_streams_and_again_when_one_ends() {
    let host = Fixture::start(KETTLE).await;
    let mut streams = join_all((0..64).map(|_| host.stream("/events", &[]))).await;
    for path in ["/stream", "/events", "/logger", "/topics/greenroom/logs"] {
        let refused = host.get(path).await;
        refused.refuses(503, "streams", "64 streams are open");
        assert_eq!(refused.header("retry-after"), "1");
    }
    // A value is no stream, nor is anything else.
    host.publish("kettle/log", "line", "1");
    assert_eq!(host.get_as("/topics/kettle/log", "application/json").await.json(), 1);
    drop(streams.pop());
    soon(async {
        while host.get("/topics/kettle/log?earliest&limit=1").await.status != 200 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_server_that_stops_says_bye() {
    let mut host = Fixture::start(KETTLE).await;
    let mut stream = host.stream("/logger", &[]).await;
    let mut idle = host.connect().await;
    assert_eq!(idle.send("GET", "/healthz", &[], "").await.status, 200);
    host.publish("kettle/log", "line", "1");
    host.stop();
    assert_eq!(stream.one().await.2, 1);
    assert_eq!(stream.one().await, ("bye".into(), stream_id(&host), json!({})));
    assert!(stream.next().await.is_none());
    host.stopped().await;
}

/// The parser keeps the last id for events without one, as browsers do.
fn stream_id(host: &Fixture) -> String {
    host.id(host.handle.hub().latest(&"kettle/log".parse().unwrap()).unwrap().seq)
}

/// A client that neither reads nor leaves does not keep the server from stopping.
#[tokio::test]
async fn a_server_that_stops_does_not_wait_for_ever() {
    let host = Fixture::start(KETTLE).await;
    let mut client = host.connect().await;
    let stuck = client.request("GET", "/logger", &[], "").await;
    let body = format!("\"{}\"", "x".repeat(4 << 20));
    (0..5).for_each(|_| assert!(host.publish("kettle/log", "line", &body) > 0));
    host.stopped().await;
    // Cut off before its end.
    assert!(soon(stuck.into_body().collect()).await.is_err());
}
