//! A client of the stream, with an independent parser: what it gets, however it is cut off, has no silent gap.

use super::{Feed, HEARTBEAT, Style};
use crate::frame;
use crate::serve::Stop;
use eventsource_stream::{Event, Eventsource};
use futures_util::{FutureExt, StreamExt, stream};
use greenroom_core::{Pattern, Topic};
use greenroom_engine::Clock;
use greenroom_engine::hub::{From, Hub};
use greenroom_manifest::TopicHistory;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::num::NonZeroU64;
use std::sync::Arc;
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;

fn pattern(text: &str) -> Pattern {
    text.parse().unwrap()
}

fn hub(epoch: &str, keep: usize) -> Arc<Hub> {
    let histories = vec![TopicHistory { pattern: pattern("**"), keep }];
    Arc::new(Hub::new(epoch.into(), histories, Clock::virtual_at_origin()))
}

fn publish(hub: &Hub, topic: &str, kind: &str, body: &str) -> u64 {
    hub.publish(&topic.parse().unwrap(), &kind.parse().unwrap(), body.as_bytes().into())
}

fn open(hub: &Arc<Hub>, topics: &str, from: From, style: Style) -> (Feed, watch::Sender<bool>) {
    let (switch, stop) = Stop::new();
    let place = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
    (Feed::new(hub.clone(), hub.open(vec![pattern(topics)], from), style, stop, place), switch)
}

/// All that the feed gives without waiting.
fn drain(feed: &mut Feed) -> String {
    let mut out = Vec::new();
    while let Some(Some(chunk)) = feed.chunk().now_or_never() {
        out.extend(chunk);
    }
    String::from_utf8(out).unwrap()
}

fn is_over(feed: &mut Feed) -> bool {
    matches!(feed.chunk().now_or_never(), Some(None))
}

#[tokio::test(start_paused = true)]
async fn a_message_is_written_in_each_style() {
    let hub = hub("e", 3);
    for (topic, body) in [("a/x", "{\"t\":\n1}"), ("a/y", ""), ("b", "5"), ("a/x", "\u{1}")] {
        publish(&hub, topic, "sample", body);
    }
    let check = |style, from, expect: &str| {
        let (mut feed, _switch) = open(&hub, "a/*", from, style);
        assert_eq!(drain(&mut feed), expect);
    };
    check(
        Style::Bare,
        From::Earliest,
        "id: e-1\nevent: sample\ndata: {\"t\": 1}\n\nid: e-2\nevent: sample\ndata: null\n\n\
         id: e-4\nevent: sample\ndata: {\"base64\":\"AQ==\"}\n\n",
    );
    check(
        Style::Wrapped,
        From::After(1),
        "id: e-2\nevent: sample\ndata: {\"topic\":\"a/y\",\"time\":946684800.0,\"body\":null}\n\n\
         id: e-4\nevent: sample\ndata: {\"topic\":\"a/x\",\"time\":946684800.0,\"body\":{\"base64\":\"AQ==\"}}\n\n",
    );
    check(
        Style::Lines,
        From::After(3),
        "{\"id\":\"e-4\",\"topic\":\"a/x\",\"time\":946684800.0,\"kind\":\"sample\",\"body\":{\"base64\":\"AQ==\"}}\n",
    );
    check(Style::Lines, From::Now, "");
}

#[tokio::test(start_paused = true)]
async fn who_is_overtaken_is_told() {
    let hub = hub("e", 2);
    let check = |style, act: &dyn Fn(), from, expect: &str| {
        let (mut feed, _switch) = open(&hub, "a", from, style);
        act();
        let text = drain(&mut feed);
        assert!(text.starts_with(expect), "{text}");
    };
    let flood = || (0..5).for_each(|_| assert!(publish(&hub, "a", "k", "1") > 0));
    check(
        Style::Bare,
        &flood,
        From::Now,
        "event: lag\ndata: {\"from\":\"e-0\",\"to\":\"e-3\",\"dropped\":3}\n\nid: e-4\n",
    );
    check(
        Style::Lines,
        &flood,
        From::Now,
        "{\"lag\":{\"from\":\"e-5\",\"to\":\"e-8\",\"dropped\":3}}\n{\"id\":\"e-9\"",
    );
    let none = || ();
    check(
        Style::Wrapped,
        &none,
        From::After(7),
        "event: lag\ndata: {\"from\":\"e-7\",\"to\":\"e-8\",\"dropped\":null}\n\nid: e-9\n",
    );
    check(
        Style::Wrapped,
        &none,
        From::Lost,
        "event: lag\ndata: {\"from\":null,\"to\":\"e-8\",\"dropped\":null}\n\nid: e-9\n",
    );
    check(Style::Wrapped, &none, From::After(8), "id: e-9\n");
}

#[tokio::test(start_paused = true)]
async fn a_limit_ends_the_stream() {
    let hub = hub("e", 10);
    (0..5).for_each(|_| assert!(publish(&hub, "a", "k", "1") > 0));
    let (feed, _switch) = open(&hub, "a", From::Earliest, Style::Bare);
    let mut opening = Vec::new();
    frame::retry(&mut opening, 1000);
    let mut feed = feed.opening(opening).limit(NonZeroU64::new(2));
    let text = drain(&mut feed);
    assert!(text.starts_with("retry: 1000\nid: e-1\n") && text.contains("id: e-2\n") && !text.contains("id: e-3\n"));
    assert!(is_over(&mut feed) && is_over(&mut feed));
}

#[tokio::test(start_paused = true)]
async fn a_pause_is_filled_with_heartbeats() {
    let hub = hub("e", 10);
    for (style, expect) in [(Style::Bare, &b":\n"[..]), (Style::Lines, b"\n")] {
        let (mut feed, _switch) = open(&hub, "a", From::Now, style);
        let start = Instant::now();
        assert_eq!(feed.chunk().await.unwrap(), expect);
        assert_eq!(feed.chunk().await.unwrap(), expect);
        assert_eq!(start.elapsed(), HEARTBEAT * 2);
        assert!(HEARTBEAT.as_secs() == 15);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_ends_streams_after_what_was_published() {
    type Stop<'a> = &'a dyn Fn(&Arc<Hub>, watch::Sender<bool>);
    let stops: [(&str, Stop<'_>); 3] = [
        ("the server stops", &|_, switch| assert!(!switch.send_replace(true))),
        ("the server is gone", &|_, switch| drop(switch)),
        ("the hub is closed", &|hub, switch| {
            hub.close();
            std::mem::forget(switch);
        }),
    ];
    for (what, stop) in stops {
        let hub = hub("e", 10);
        let (mut feed, switch) = open(&hub, "a", From::Now, Style::Bare);
        publish(&hub, "a", "k", "1");
        stop(&hub, switch);
        assert_eq!(drain(&mut feed), "id: e-1\nevent: k\ndata: 1\n\nevent: bye\ndata: {}\n\n", "{what}");
        assert!(is_over(&mut feed), "{what}");
    }
    // What comes after the stop is not waited for, or the stream of a busy host would never end.
    let hub = hub("e", 10);
    let (mut feed, switch) = open(&hub, "a", From::Now, Style::Lines);
    switch.send_replace(true);
    let mut out = Vec::new();
    feed.wait(&mut out).await;
    publish(&hub, "a", "k", "1");
    assert_eq!((out.len(), drain(&mut feed)), (0, "{\"bye\":{}}\n".into()));
}

#[tokio::test(start_paused = true)]
async fn many_small_messages_share_a_chunk_and_large_ones_do_not() {
    let hub = hub("e", 1000);
    (0..1000).for_each(|_| assert!(publish(&hub, "a", "k", "1") > 0));
    let (mut feed, _switch) = open(&hub, "a", From::Earliest, Style::Bare);
    let chunk = feed.chunk().await.unwrap();
    assert!(chunk.len() >= super::CHUNK && chunk.len() < super::CHUNK + 100);
    let large = format!("\"{}\"", "x".repeat(super::CHUNK));
    publish(&hub, "b", "k", &large);
    publish(&hub, "b", "k", &large);
    let (mut feed, _switch) = open(&hub, "b", From::Earliest, Style::Bare);
    for _ in 0..2 {
        let chunk = feed.chunk().await.unwrap();
        assert!(chunk.len() > large.len() && chunk.len() < large.len() + 100);
    }
}

#[derive(Debug, Clone)]
enum Step {
    Publish {
        topic: usize,
        body: Value,
    },
    /// Gets so many bytes, at most, of what there is.
    Read {
        bytes: usize,
    },
    /// The connection breaks, wherever it is, and the client comes back.
    Break,
    /// The host starts anew: all is forgotten but what clients remember.
    Restart,
}

const TOPICS: [&str; 3] = ["a/x", "a/y", "b"];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let bodies = prop_oneof![Just(Value::Null), ".{0,30}".prop_map(Value::from), any::<i32>().prop_map(Value::from)];
    let step = prop_oneof![
        8 => (0..TOPICS.len(), bodies).prop_map(|(topic, body)| Step::Publish { topic, body }),
        4 => (1..400usize).prop_map(|bytes| Step::Read { bytes }),
        1 => Just(Step::Break),
        1 => Just(Step::Restart),
    ];
    vec(step, 1..120)
}

/// A client that knows what was published, and remembers only what clients do: its last id.
struct Client {
    feed: Feed,
    _switch: watch::Sender<bool>,
    /// What came over this connection, and what is on its way.
    got: Vec<u8>,
    coming: Vec<u8>,
    /// Events of this connection that were looked at.
    seen: usize,
    epoch: u64,
    last: u64,
    id: Option<String>,
    excused: u64,
}

impl Client {
    fn connect(hub: &Arc<Hub>, id: Option<String>) -> Self {
        let query = id.as_ref().map(|id| format!("lastEventID={id}"));
        let query = crate::query::Query::parse(query.as_deref(), false).unwrap();
        let (feed, switch) = open(hub, "a/*", query.from(&Default::default(), hub.epoch()), Style::Wrapped);
        let (got, coming) = (Vec::new(), Vec::new());
        // Who has no id begins now; who has one is held to it.
        let (epoch, last) = (hub.epoch().parse().unwrap(), hub.counts().published);
        Self { feed, _switch: switch, got, coming, seen: 0, epoch, last, id, excused: 0 }
    }

    fn again(self, hub: &Arc<Hub>) -> Self {
        let Self { epoch, last, excused, id, .. } = self;
        let new = Self::connect(hub, id);
        if new.id.is_some() { Self { epoch, last, excused, ..new } } else { new }
    }

    fn read(&mut self, bytes: usize, log: &[(Topic, Value)], epoch: u64) -> Result<(), TestCaseError> {
        while let Some(Some(chunk)) = self.feed.chunk().now_or_never() {
            self.coming.extend(chunk);
        }
        self.got.extend(self.coming.drain(..bytes.min(self.coming.len())));
        let bytes = stream::iter([Ok::<_, Infallible>(self.got.clone())]);
        // The end may be half a character.
        let events = bytes.eventsource().take_while(|event| std::future::ready(event.is_ok())).map(Result::unwrap);
        let events: Vec<_> = events.collect().now_or_never().unwrap();
        for event in &events[self.seen..] {
            self.hear(event, log, epoch)?;
        }
        self.seen = events.len();
        Ok(())
    }

    /// Messages of this client's topics between its last and `before`.
    fn between(&self, before: u64, log: &[(Topic, Value)]) -> Vec<u64> {
        let mine = pattern("a/*");
        let numbered = (1u64..).zip(log).filter(|(_, (topic, _))| mine.matches(topic));
        numbered.map(|(seq, _)| seq).filter(|seq| *seq > self.last && *seq < before).collect()
    }

    fn hear(&mut self, event: &Event, log: &[(Topic, Value)], epoch: u64) -> Result<(), TestCaseError> {
        let data: Value = serde_json::from_str(&event.data).unwrap();
        if event.event == "lag" {
            let (theirs, to) = data["to"].as_str().unwrap().split_once('-').unwrap();
            prop_assert_eq!(theirs, epoch.to_string());
            if data["from"].is_null() {
                (self.epoch, self.last) = (epoch, 0);
            }
            prop_assert_eq!(self.epoch, epoch, "a lag of this start cannot go on from another");
            self.excused = to.parse().unwrap();
            return Ok(());
        }
        let (theirs, seq) = event.id.split_once('-').unwrap();
        prop_assert_eq!(theirs, epoch.to_string());
        prop_assert!(self.epoch == epoch, "the host has started anew, and nobody said so");
        let seq: u64 = seq.parse().unwrap();
        prop_assert!(seq > self.last);
        let silent: Vec<_> = self.between(seq, log).into_iter().filter(|seq| *seq > self.excused).collect();
        prop_assert!(silent.is_empty(), "{silent:?} are missing before {seq}, and nobody said so");
        let (topic, body) = &log[usize::try_from(seq).unwrap() - 1];
        prop_assert_eq!(&data, &json!({ "topic": topic.as_str(), "time": 946_684_800.0, "body": body }));
        (self.last, self.id) = (seq, Some(event.id.clone()));
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn however_a_stream_is_cut_it_has_no_silent_gap(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let _inside = runtime.enter();
        let mut epoch = 1;
        let mut hub = hub("1", 3);
        let mut log: Vec<(Topic, Value)> = Vec::new();
        let mut client = Client::connect(&hub, None);
        for step in steps {
            match step {
                Step::Publish { topic, body } => {
                    publish(&hub, TOPICS[topic], "sample", &body.to_string());
                    log.push((TOPICS[topic].parse().unwrap(), body));
                }
                Step::Read { bytes } => client.read(bytes, &log, epoch)?,
                Step::Break => client = client.again(&hub),
                Step::Restart => {
                    epoch += 1;
                    hub = self::hub(&epoch.to_string(), 3);
                    log.clear();
                    client = Client { excused: 0, ..client.again(&hub) };
                }
            }
        }
        client.read(usize::MAX, &log, epoch)?;
        prop_assert_eq!(client.epoch, epoch, "the host has started anew, and nobody said so");
        let silent = client.between(u64::MAX, &log).into_iter().filter(|seq| *seq > client.excused);
        prop_assert_eq!(silent.collect::<Vec<_>>(), Vec::<u64>::new());
    }
}
