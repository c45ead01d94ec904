//! Where every message is, whoever sends to whom under whatever policy, and whoever traps or is killed in between: heard
//! in order, dropped by the policy, or lost with a turn; each exactly once.

#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]

use greenroom_engine::hub::{From, Item};
use greenroom_testkit::Stage;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const NAMES: [&str; 4] = ["a", "b", "x", "y"];
/// Dead letters are all kept as long as there are fewer.
const KEPT: u64 = 256;

#[derive(Debug, Clone)]
enum Step {
    /// `NAMES[from]` sends to `NAMES[to]`: so many notes in each of so many turns.
    Send { from: usize, to: usize, notes: u64, turns: u64 },
    /// One note, which its receiver traps on.
    Trap { from: usize, to: usize },
    /// From outside, whatever it is doing.
    Kill(usize),
    /// Everything that goes on comes to its end.
    Settle,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..4_usize, 0..4_usize, 1..8_u64, 1..4_u64)
            .prop_map(|(from, to, notes, turns)| Step::Send { from, to, notes, turns }),
        2 => (0..4_usize, 0..4_usize).prop_map(|(from, to)| Step::Trap { from, to }),
        2 => (0..4_usize).prop_map(Step::Kill),
        1 => Just(Step::Settle),
    ]
}

fn policy() -> impl Strategy<Value = (&'static str, usize)> {
    (proptest::sample::select(vec!["reject", "wait", "drop-oldest", "drop-newest", "latest"]), 1..12_usize)
}

/// `x` and `y` have the policies, `a` and `b` room for everything. Two that wait for each other do so until the deadline.
fn manifest(policies: [(&str, usize); 2]) -> String {
    let actor = |name: &str, (policy, limit): (&str, usize)| {
        format!(
            "[actor.{name}]\nsource = \"tally.wasm\"\ngrant = [\"publish:test/**\"]\ndeadline = \"200ms\"\n\
             mailbox = {{ limit = {limit}, when-full = \"{policy}\" }}\n"
        )
    };
    let plenty = ("reject", 100_000);
    let actors = NAMES.iter().zip([plenty, plenty, policies[0], policies[1]]).map(|(name, kind)| actor(name, kind));
    let restarts = "[supervisor.all]\nintensity = { restarts = 1000, within = \"60s\" }\n\
                    children = [\"a\", \"b\", \"x\", \"y\"]\n";
    format!("{restarts}[topic.\"test/**\"]\nkeep = 100000\n{}", actors.collect::<String>())
}

fn published(stage: &Stage, topic: &str) -> Vec<Value> {
    let mut cursor = stage.handle().hub().open(vec![topic.parse().unwrap()], From::Earliest);
    let items = std::iter::from_fn(|| cursor.try_next());
    let body = |item| match item {
        Item::Message(entry) => serde_json::from_slice(&entry.body).unwrap(),
        other => panic!("{other:?}"),
    };
    items.map(body).collect()
}

async fn check(policies: [(&str, usize); 2], steps: Vec<Step>) -> Result<(), TestCaseError> {
    let stage = Stage::in_virtual_time(&manifest(policies), None).await;
    let address = |who: usize| stage.handle().show(NAMES[who]).unwrap().address;
    let mut next = 0;
    // The orders that the actors are given: the first number of each, and the last turn's first number.
    let mut last_turns = BTreeSet::new();
    let mut orders = 0;
    for step in steps {
        let (from, kind, body) = match step {
            Step::Send { from, to, notes, turns } => {
                let body = json!({ "to": address(to), "first": next, "notes": notes, "turns": turns });
                last_turns.insert(next + notes * (turns - 1));
                next += notes * turns;
                (from, "send", body)
            }
            Step::Trap { from, to } => {
                last_turns.insert(next);
                next += 1;
                (from, "send-trap", json!({ "to": address(to), "number": next - 1 }))
            }
            Step::Kill(who) => {
                stage.handle().kill(NAMES[who]).await.unwrap();
                continue;
            }
            Step::Settle => {
                stage.advance(Duration::from_millis(10)).await;
                continue;
            }
        };
        // A mailbox that rejects says so, and nothing was sent.
        let told = stage.handle().tell(NAMES[from], greenroom_testkit::message(kind, &body));
        orders += u64::from(told.is_ok());
    }
    stage.advance(Duration::from_secs(60)).await;

    let numbers = |list: &Value| list.as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).collect::<Vec<_>>();
    let sends = published(&stage, "test/sent");
    // The n-th that was sent: an actor that has two orders goes on with them in turn.
    let mut places = BTreeMap::new();
    for count in &sends {
        for number in numbers(&count["sent"]) {
            prop_assert_eq!(places.insert(number, places.len()), None, "{} was sent twice", number);
        }
        // Each turn but the last has told its own actor to go on.
        let first = numbers(&count["sent"]).into_iter().chain(numbers(&count["refused"])).min().unwrap();
        orders += u64::from(!last_turns.contains(&first));
    }
    let mut heard = BTreeMap::<(String, String), Vec<u64>>::new();
    for note in published(&stage, "test/heard") {
        let text = |key: &str| note[key].as_str().unwrap().to_owned();
        heard.entry((text("from"), text("by"))).or_default().push(note["number"].as_u64().unwrap());
    }
    for (pair, numbers) in &heard {
        prop_assert!(
            numbers.is_sorted_by(|a, b| places.get(a) < places.get(b)),
            "out of order or doubled, {:?}: {:?}",
            pair,
            numbers
        );
    }
    let sent: BTreeSet<u64> = places.into_keys().collect();
    let heard: BTreeSet<u64> = heard.into_values().flatten().collect();
    prop_assert!(heard.is_subset(&sent), "what was heard was sent");
    let letters = stage.handle().dead_letters();
    prop_assert!(letters.total <= KEPT);
    let (mut dead, mut dead_orders) = (BTreeSet::new(), 0);
    for letter in letters.letters {
        let body: Value = serde_json::from_str(&letter.body).unwrap();
        match letter.kind.as_str() {
            "note" | "trap" => {
                let number = body["number"].as_u64().unwrap();
                prop_assert!(dead.insert(number), "{} was dropped twice", number);
                prop_assert!(sent.contains(&number) && !heard.contains(&number), "{} is dead and not", number);
            }
            _ => dead_orders += 1,
        }
    }
    let dropped: u64 = NAMES.iter().map(|name| stage.handle().show(name).unwrap().actor.unwrap().dropped).sum();
    prop_assert_eq!(dropped, letters.total, "each drop is counted where it happens, and kept");
    let waiting: usize = NAMES.iter().map(|name| stage.handle().show(name).unwrap().actor.unwrap().waiting).sum();
    prop_assert_eq!(waiting, 0);
    let lost_notes = (sent.len() - heard.len() - dead.len()) as u64;
    let lost_orders = orders - dead_orders - sends.len() as u64;
    prop_assert_eq!(stage.handle().counters().lost, lost_notes + lost_orders, "what is gone was lost with a turn");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_message_is_somewhere_once(
        policies in [policy(), policy()],
        steps in proptest::collection::vec(step(), 1..11),
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(check(policies, steps))?;
    }
}
