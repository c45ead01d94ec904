//! Thousands of swaps under load, with builds of every bad kind among them: each message is handled well exactly once, in
//! order, and after each swap the right build runs.

use super::*;
use crate::build::renewed;
use greenroom_engine::Handle;
use greenroom_engine::hub::Cursor;
use greenroom_testkit::{PATIENCE, guest, message};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Semaphore;

const SENDERS: usize = 4;
/// Messages that a sender has on their way, at most.
const WINDOW: usize = 32;
/// Good builds: their numbers are from 1 on.
const GOOD: u64 = 12;

/// What becomes of a build.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It runs from then on.
    Taken,
    /// It is refused at this stage.
    Refused(&'static str),
    /// It is taken, and fails under watch.
    TakenBack,
}

/// Each kind of bad build.
fn bad() -> Vec<(&'static str, Vec<u8>, Fate)> {
    let unknown_import = r#"(component (import "nobody:has/this@1.0.0" (instance (export "it" (func)))))"#;
    let mut kinds = vec![
        ("not wasm", b"no wasm at all".to_vec(), Fate::Refused("compile")),
        ("half of it", guest("swapper")[..50_000].to_vec(), Fate::Refused("compile")),
        ("wrong world", b"\0asm\x0d\0\x01\0".to_vec(), Fate::Refused("world")),
        ("missing import", wat::parse_str(unknown_import).unwrap(), Fate::Refused("world")),
        ("missing grant", guest("topic_registry"), Fate::Refused("grants")),
        ("traps in init", guest("panic_at_start"), Fate::Refused("start")),
        ("traps in restore", build(900, "resume trap"), Fate::Refused("state")),
        ("loops in restore", build(901, "resume spin"), Fate::Refused("state")),
        ("too much memory in restore", build(902, "resume grow"), Fate::Refused("state")),
        ("unknown version of state", renewed(guest("state_v9"), 1), Fate::Refused("state")),
    ];
    for (name, number, fault) in [
        ("traps at the first message", 903, "message 0 trap"),
        ("traps at the 20th message", 904, "message 19 trap"),
        ("fails at the 5th message", 905, "message 4 fail"),
        ("loops at the first message", 906, "message 0 spin"),
        ("loops at the 10th message", 907, "message 9 spin"),
        ("too much memory at the 3rd message", 908, "message 2 grow"),
    ] {
        kinds.push((name, build(number, fault), Fate::TakenBack));
    }
    kinds
}

/// Random numbers that are the same for one seed: SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }
}

/// Tells the two actors numbered texts until it is over: in each window as fast as they are heard, or so many a second.
async fn send(handle: Handle, sender: usize, window: Arc<Semaphore>, over: Arc<AtomicBool>, rate: Option<u32>) -> u64 {
    let mut ticks = rate.map(|rate| tokio::time::interval(Duration::from_secs(1) / rate));
    let to = ["probe", "second"][sender % 2];
    let mut number = 0;
    while !over.load(Ordering::Relaxed) {
        if let Some(ticks) = &mut ticks {
            ticks.tick().await;
        }
        window.acquire().await.unwrap().forget();
        handle.tell(to, message("pass", &json!({ "text": format!("{sender} {number}") }))).unwrap();
        number += 1;
    }
    number
}

/// Hears what is told of texts, and finds each sender's in order, without a gap. How many there were of each.
async fn hear(mut cursor: Cursor, windows: Vec<Arc<Semaphore>>) -> BTreeMap<usize, u64> {
    let mut next = BTreeMap::new();
    loop {
        match cursor.next().await {
            Item::Message(entry) => {
                let body: Value = serde_json::from_slice(&entry.body).unwrap();
                let (sender, number) = body["text"].as_str().unwrap().split_once(' ').unwrap();
                let (sender, number): (usize, u64) = (sender.parse().unwrap(), number.parse().unwrap());
                let next = next.entry(sender).or_default();
                assert_eq!(number, *next, "the message of sender {sender} that build {} heard next", body["build"]);
                *next += 1;
                windows[sender].add_permits(1);
            }
            Item::Lag { .. } => panic!("the reader of the drill is too slow"),
            Item::Bye => return next,
        }
    }
}

/// Events, and how long senders waited for each switch, in milliseconds.
struct Events {
    cursor: Cursor,
    pauses: Vec<f64>,
}

impl Events {
    /// Waits until both actors have told of something that is so.
    async fn both(&mut self, kind: &str, field: &str, is: &str) {
        let mut left = 2;
        let waiting = async {
            while left > 0 {
                let Item::Message(entry) = self.cursor.next().await else { panic!("the reader of events is too slow") };
                let body: Value = serde_json::from_slice(&entry.body).unwrap();
                self.pauses.extend(body["paused_milliseconds"].as_f64());
                if entry.kind.as_str() == kind && body[field] == is {
                    left -= 1;
                }
            }
        };
        assert!(tokio::time::timeout(PATIENCE, waiting).await.is_ok(), "no `{kind}` with {field} = {is}");
    }
}

#[expect(clippy::print_stdout, reason = "the figures are for people")]
async fn drill(swaps: usize, seed: u64, rate: Option<u32>) {
    let began = std::time::Instant::now();
    let limits = "memory = \"4MiB\"\nmailbox = { limit = 100000 }";
    let second = format!("[actor.second]\nsource = \"swapper.wasm\"\n{GRANT}\n{limits}");
    let mut stage = stage(limits, &second).await;
    let open = |topic: &str| stage.handle().hub().open(vec![topic.parse().unwrap()], From::Now);
    let windows: Vec<_> =
        (0..SENDERS).map(|_| Arc::new(Semaphore::new(if rate.is_some() { 100_000 } else { WINDOW }))).collect();
    let hearing = tokio::spawn(hear(open("test/heard"), windows.clone()));
    let mut events = Events { cursor: open("greenroom/events"), pauses: Vec::new() };
    let over = Arc::new(AtomicBool::new(false));
    let sender = |number: usize| send(stage.handle().clone(), number, windows[number].clone(), over.clone(), rate);
    let senders: Vec<_> = (0..SENDERS).map(|number| tokio::spawn(sender(number))).collect();

    let bad = bad();
    let (mut random, mut running, mut next) = (Random(seed), 1, bad.iter().cycle());
    let mut kinds = BTreeMap::<&str, u64>::new();
    for swap in 0..swaps {
        let (name, bytes, fate, number) = if random.below(5) == 0 {
            let (name, bytes, fate) = next.next().unwrap();
            (*name, bytes.clone(), *fate, running)
        } else {
            // Any but the one that runs.
            let number = (running + random.below(GOOD - 1)) % GOOD + 1;
            ("good", build(number, "none"), Fate::Taken, number)
        };
        stage.install("swapper.wasm", &bytes);
        let reloaded = stage.handle().reload("probe").await;
        match (fate, &reloaded) {
            (Fate::Taken, Ok(reloaded)) => events.both("swapped", "to", &reloaded.to).await,
            (Fate::TakenBack, Ok(reloaded)) => events.both("rolled-back", "from", &reloaded.to).await,
            (Fate::Refused(stage), Err(CallError::NotSwapped { stage: at, .. })) if stage == *at => {}
            _ => panic!("seed {seed}, swap {swap}, {name}: {reloaded:?}"),
        }
        *kinds.entry(name).or_default() += 1;
        running = number;
        for actor in ["probe", "second"] {
            let runs = tokio::time::timeout(PATIENCE, stage.ask(actor, "which", NONE)).await;
            let runs = runs.unwrap_or_else(|_| panic!("seed {seed}, swap {swap}, {name}: {actor} is stuck"));
            assert_eq!(runs.unwrap()["build"], running, "seed {seed}, swap {swap}, {name}: {actor}");
        }
    }
    over.store(true, Ordering::Relaxed);
    let mut sent = Vec::new();
    for sender in senders {
        sent.push(sender.await.unwrap());
    }
    stage.advance(NOW).await;
    let counters = stage.handle().counters();
    let alive = ["probe", "second"].map(|name| incarnation(&stage, name));
    stage.shutdown().await;
    drop(stage);
    let heard: Vec<u64> = hearing.await.unwrap().into_values().collect();
    assert_eq!(heard, sent, "each message was handled well once");
    let of = |wanted: fn(Fate) -> bool| {
        bad.iter().filter(|(_, _, fate)| wanted(*fate)).filter_map(|(name, ..)| kinds.get(name)).sum::<u64>()
    };
    let refused = of(|fate| matches!(fate, Fate::Refused(_)));
    let back = of(|fate| fate == Fate::TakenBack);
    assert_eq!((counters.rollbacks, counters.swaps_failed, counters.lost), (back, refused, 0));
    assert_eq!((counters.dead_letters, alive), (0, [1, 1]), "nobody has ended");

    events.pauses.sort_by(f64::total_cmp);
    let pause =
        |share: f64| events.pauses.get((events.pauses.len() as f64 * share) as usize).copied().unwrap_or_default();
    let longest = events.pauses.last().copied().unwrap_or_default();
    println!("{swaps} swaps, seed {seed}, in {:.1} s: {kinds:#?}", began.elapsed().as_secs_f64());
    println!("{} messages; {refused} builds refused, {back} taken back", sent.iter().sum::<u64>());
    println!("pause of an actor in ms: p50 {:.3}, p99 {:.3}, longest {longest:.3}", pause(0.5), pause(0.99));
}

#[tokio::test]
async fn a_hundred_swaps() {
    drill(100, 1, None).await;
}

/// 1,000 messages a second: `cargo verify --only swaps`.
#[tokio::test]
#[ignore = "takes minutes: `cargo verify --only swaps` runs it"]
async fn ten_thousand_swaps() {
    let read = |name: &str, usual: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual);
    let swaps = usize::try_from(read("GREENROOM_SWAPS", 10_000)).unwrap();
    drill(swaps, read("GREENROOM_SEED", 1), Some(250)).await;
}
