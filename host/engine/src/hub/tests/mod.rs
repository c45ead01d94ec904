//! What the hub promises, by example; `model` has the rest.

mod model;

use super::{Counts, Cursor, From, Hub, Item, limits::Limits};
use crate::clock::Clock;
use greenroom_core::{Instant, Kind, Pattern, Topic};
use greenroom_manifest::TopicHistory;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

fn topic(text: &str) -> Topic {
    text.parse().unwrap()
}

fn patterns(texts: &[&str]) -> Vec<Pattern> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn history(pattern: &str, keep: usize) -> TopicHistory {
    TopicHistory { pattern: pattern.parse().unwrap(), keep }
}

fn hub(histories: Vec<TopicHistory>, limits: Limits) -> Arc<Hub> {
    Arc::new(Hub::with_limits("e".into(), histories, Clock::virtual_at_origin(), limits))
}

fn publish(hub: &Hub, on: &str, bytes: usize) -> u64 {
    hub.publish(&topic(on), &"k".parse::<Kind>().unwrap(), vec![b'x'; bytes].into())
}

/// An item in a form that can be compared: its number, or what it says is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Seen {
    Message(u64),
    Lag(Option<u64>, u64, Option<u64>),
    Bye,
}

fn read(cursor: &mut Cursor) -> Option<Seen> {
    cursor.try_next().map(|item| match item {
        Item::Message(entry) => Seen::Message(entry.seq),
        Item::Lag { from, to, dropped } => Seen::Lag(from, to, dropped),
        Item::Bye => Seen::Bye,
    })
}

#[test]
fn a_topic_keeps_what_the_manifest_says() {
    let check = |histories: Vec<TopicHistory>, on: &str, publishes: usize, expect: usize| {
        let hub = hub(histories, Limits::default());
        for _ in 0..publishes {
            publish(&hub, on, 1);
        }
        assert_eq!(hub.counts().held, expect, "{on}");
        assert_eq!(hub.latest(&topic(on)).unwrap().seq, publishes as u64);
    };
    check(vec![], "a", 2000, 1024);
    check(vec![history("a/*", 7)], "a/b", 2000, 7);
    check(vec![history("a/*", 7), history("**", 9)], "b", 2000, 9);
    check(vec![], "greenroom/logs", 5000, 4096);
    check(vec![], "greenroom/events", 5000, 4096);
    check(vec![], "greenroom/tree", 5, 1);
    // What is said of all topics is not said of the host's own.
    check(vec![history("**", 9)], "greenroom/tree", 5, 1);
    check(vec![history("greenroom/**", 9)], "greenroom/tree", 50, 9);
}

#[test]
fn a_flood_costs_who_floods() {
    let hub = hub(vec![], Limits { bytes: 100_000, topics: 10 });
    for _ in 0..50 {
        publish(&hub, "quiet", 10);
    }
    let mut cursor = hub.open(patterns(&["quiet"]), From::Earliest);
    for _ in 0..1000 {
        publish(&hub, "loud", 1000);
    }
    for seq in 1..=50 {
        assert_eq!(read(&mut cursor), Some(Seen::Message(seq)));
    }
    assert_eq!(read(&mut cursor), None);
    // Past all that is not for it.
    let last = publish(&hub, "quiet", 10);
    assert_eq!(read(&mut cursor), Some(Seen::Message(last)));
    assert!(hub.counts().bytes <= 100_000);
}

#[test]
fn who_invents_topics_loses_those() {
    let hub = hub(vec![], Limits { bytes: 1 << 20, topics: 32 });
    for _ in 0..3 {
        publish(&hub, "quiet", 10);
    }
    publish(&hub, "greenroom/events", 10);
    let mut cursor = hub.open(patterns(&["invented/*"]), From::Now);
    for at in 0..1000 {
        publish(&hub, &format!("invented/{at}"), 10);
    }
    let Counts { topics, forgotten, .. } = hub.counts();
    assert!(topics <= 32);
    assert_eq!(forgotten as usize, 1002 - topics);
    assert!(hub.latest(&topic("quiet")).is_some() && hub.latest(&topic("greenroom/events")).is_some());
    // The reader hears how many it missed, although their topics are forgotten.
    assert_eq!(read(&mut cursor), Some(Seen::Lag(Some(4), 4 + forgotten, Some(forgotten))));
    // Who comes back from before them is told that something may be missing.
    let mut cursor = hub.open(patterns(&["quiet"]), From::After(3));
    assert_eq!(read(&mut cursor), Some(Seen::Lag(Some(3), 4 + forgotten, None)));
    assert_eq!(read(&mut cursor), None);
}

#[test]
fn a_snapshot_and_its_cursor_meet() {
    let clock = Clock::virtual_at_origin();
    let hub = Arc::new(Hub::new("e".into(), vec![], clock.clone()));
    publish(&hub, "b", 1);
    clock.advance_to(Instant::ORIGIN + Duration::from_millis(1500));
    publish(&hub, "a", 1);
    publish(&hub, "b", 1);
    let (latest, mut cursor) = hub.join(patterns(&["**"]));
    let latest: Vec<_> = latest.iter().map(|entry| (entry.topic.as_str(), entry.seq, entry.time)).collect();
    assert_eq!(latest, [("a", 2, 946_684_801.5), ("b", 3, 946_684_801.5)]);
    assert_eq!((cursor.seen(), read(&mut cursor)), (Some(3), None));
    publish(&hub, "a", 1);
    assert_eq!(read(&mut cursor), Some(Seen::Message(4)));
    let topics: Vec<_> = hub.topics().into_iter().map(|(topic, entry)| (topic.to_string(), entry.seq)).collect();
    assert_eq!(topics, [("a".into(), 4), ("b".into(), 3)]);
}

#[test]
fn listeners_are_those_whose_patterns_match() {
    let hub = hub(vec![], Limits::default());
    let all = hub.open(patterns(&["**"]), From::Now);
    let two = hub.open(patterns(&["greenroom/tree", "greenroom/*"]), From::Now);
    let check = |on: &str, expect: usize| assert_eq!(hub.listeners(&topic(on)), expect, "{on}");
    check("greenroom/tree", 2);
    check("a", 1);
    drop(all);
    check("greenroom/tree", 1);
    drop(two);
    check("greenroom/tree", 0);
}

#[test]
fn a_publish_wakes_those_who_hear_it() {
    #[derive(Default)]
    struct Bell(AtomicUsize);
    impl Wake for Bell {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let hub = hub(vec![], Limits::default());
    let mut cursor = hub.open(patterns(&["a/*"]), From::Now);
    let bell = Arc::new(Bell::default());
    let waker = bell.clone().into();
    let mut next = pin!(cursor.next());
    let mut check = |act: &dyn Fn(), rings: usize| {
        assert!(next.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        act();
        assert_eq!(bell.0.load(Ordering::SeqCst), rings);
    };
    check(&|| drop(hub.join(patterns(&["**"]))), 0);
    check(&|| assert_eq!(publish(&hub, "b", 1), 1), 0);
    check(&|| assert_eq!(publish(&hub, "a/new", 1), 2), 1);
}

/// A reader of few messages among many gives way on its way to them, and loses none.
#[test]
fn who_comes_from_far_behind_gives_way() {
    let hub = hub(vec![], Limits::default());
    publish(&hub, "rare", 1);
    for _ in 0..1000 {
        publish(&hub, "often", 1);
    }
    publish(&hub, "rare", 1);
    let mut cursor = hub.open(patterns(&["rare"]), From::After(1));
    let mut next = pin!(cursor.next());
    let mut waits = 0;
    let mut context = Context::from_waker(Waker::noop());
    let item = loop {
        match next.as_mut().poll(&mut context) {
            Poll::Ready(item) => break item,
            Poll::Pending => waits += 1,
        }
    };
    assert!(matches!(item, Item::Message(entry) if entry.seq == 1002));
    assert_eq!(waits, 3);
}

#[tokio::test]
async fn a_closed_hub_ends_its_cursors_after_what_was_published() {
    let hub = hub(vec![], Limits::default());
    let mut cursor = hub.open(patterns(&["a"]), From::Now);
    publish(&hub, "a", 1);
    hub.close();
    publish(&hub, "a", 1);
    assert!(matches!(cursor.next().await, Item::Message(entry) if entry.seq == 1));
    assert!(matches!(cursor.next().await, Item::Bye));
    assert!(matches!(cursor.next().await, Item::Bye));
    let mut late = hub.open(patterns(&["b"]), From::Now);
    assert!(matches!(late.next().await, Item::Bye));
}

/// Many threads publish while readers wait for each message: no wake-up and no message is lost, no order is changed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_readers_hear_all_in_order() {
    const EACH: u64 = 500;
    let hub = hub(vec![history("**", 10_000)], Limits::default());
    let reader = |name: &'static str| {
        let mut cursor = hub.open(patterns(&[name]), From::Now);
        async move {
            let mut seqs = Vec::new();
            loop {
                match cursor.next().await {
                    Item::Message(entry) => seqs.push(entry.seq),
                    Item::Bye => return seqs,
                    lag => panic!("{lag:?}"),
                }
            }
        }
    };
    let (all, one) = (tokio::spawn(reader("**")), tokio::spawn(reader("t/1")));
    let publishers: Vec<_> = ["t/0", "t/1", "t/2"]
        .map(|on| (on, hub.clone()))
        .into_iter()
        .map(|(on, hub)| std::thread::spawn(move || (0..EACH).map(|_| publish(&hub, on, 1)).collect::<Vec<_>>()))
        .collect();
    let seqs: Vec<Vec<u64>> = publishers.into_iter().map(|thread| thread.join().unwrap()).collect();
    hub.close();
    assert_eq!(all.await.unwrap(), (1..=3 * EACH).collect::<Vec<_>>());
    assert_eq!(one.await.unwrap(), seqs[1]);
}
