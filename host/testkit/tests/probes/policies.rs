//! What becomes of messages when a mailbox is full, number by number: the probe `tally`.

use super::*;
use greenroom_engine::hub::{Cursor, From, Item};
use greenroom_testkit::PATIENCE;

/// What was published on a topic from the start.
fn published(stage: &Stage, topic: &str) -> Vec<Value> {
    let mut cursor: Cursor = stage.handle().hub().open(vec![topic.parse().unwrap()], From::Earliest);
    let items = std::iter::from_fn(|| cursor.try_next());
    let body = |item| match item {
        Item::Message(entry) => serde_json::from_slice(&entry.body).unwrap(),
        other => panic!("{other:?}"),
    };
    items.map(body).collect()
}

fn numbers(list: &Value) -> Vec<u64> {
    list.as_array().unwrap().iter().map(|number| number.as_u64().unwrap()).collect()
}

/// A sender and a receiver, and their messages' whereabouts.
struct Tally {
    stage: Stage,
}

/// What became of all notes.
#[derive(Debug, PartialEq, Eq)]
struct Whereabouts {
    sent: Vec<u64>,
    refused: Vec<u64>,
    heard: Vec<u64>,
    dead: Vec<u64>,
}

impl Tally {
    async fn new(mailbox: &str) -> Self {
        let more = format!(
            "[actor.probe]\nsource = \"tally.wasm\"\ngrant = [\"publish:test/**\"]\ndeadline = \"20s\"\n\
             [supervisor.other]\nchildren = [\"full\"]\n\
             [actor.full]\nsource = \"tally.wasm\"\ngrant = [\"publish:test/**\"]\nmailbox = {mailbox}\n\
             [host]\nworkers = 1"
        );
        Self { stage: Stage::in_virtual_time(&manifest(&more), None).await }
    }

    fn send(&self, to: &str, notes: u64, turns: u64) {
        let order = json!({ "to": address(&self.stage, to), "first": 0, "notes": notes, "turns": turns });
        self.stage.tell("probe", "send", order);
    }

    /// When nothing happens by itself any more.
    async fn whereabouts(&self, to: &str) -> Whereabouts {
        self.stage.advance(Duration::from_secs(1)).await;
        let sent = published(&self.stage, "test/sent");
        let of = |key: &str| sent.iter().flat_map(|count| numbers(&count[key])).collect::<Vec<_>>();
        let heard =
            published(&self.stage, "test/heard").iter().map(|heard| heard["number"].as_u64().unwrap()).collect();
        let letters = self.stage.handle().dead_letters();
        let number = |body: &str| serde_json::from_str::<Value>(body).unwrap()["number"].as_u64().unwrap();
        let dead: Vec<_> = letters.letters.iter().map(|letter| number(&letter.body)).collect();
        let actor = self.stage.handle().show(to).unwrap().actor.unwrap();
        assert_eq!((actor.dropped, actor.waiting), (dead.len() as u64, 0), "what people are shown");
        assert_eq!(letters.total, dead.len() as u64);
        Whereabouts { sent: of("sent"), refused: of("refused"), heard, dead }
    }
}

/// 25 notes in one turn, to a mailbox with room for ten.
async fn check(policy: &str, sent: u64, heard: std::ops::Range<u64>, dead: std::ops::Range<u64>) {
    let tally = Tally::new(&format!("{{ limit = 10, when-full = \"{policy}\" }}")).await;
    tally.send("full", 25, 1);
    let wanted = Whereabouts {
        sent: (0..sent).collect(),
        refused: (sent..25).collect(),
        heard: heard.collect(),
        dead: dead.collect(),
    };
    assert_eq!(tally.whereabouts("full").await, wanted, "{policy}");
    bystander_is_well(&tally.stage).await;
}

#[tokio::test]
pub(crate) async fn tally() {
    check("reject", 10, 0..10, 0..0).await;
    check("drop-oldest", 25, 15..25, 0..15).await;
    check("drop-newest", 25, 0..10, 10..25).await;
    check("latest", 25, 24..25, 0..24).await;
    // Nobody can make room for what this turn alone has promised: told at once.
    check("wait", 10, 0..10, 0..0).await;
}

#[tokio::test]
async fn a_turn_waits_until_there_is_room() {
    let tally = Tally::new("{ limit = 5, when-full = \"wait\" }").await;
    // The only worker goes on with the sender's next turn before the receiver has had one: it stands still, and another
    // one runs the receiver.
    tally.send("full", 5, 20);
    let all = || (0..100).collect::<Vec<_>>();
    let wanted = Whereabouts { sent: all(), refused: vec![], heard: all(), dead: vec![] };
    assert_eq!(tally.whereabouts("full").await, wanted);
    bystander_is_well(&tally.stage).await;
}

#[tokio::test]
async fn nobody_waits_for_themselves() {
    let more = "[actor.probe]\nsource = \"tally.wasm\"\ngrant = [\"publish:test/**\"]\ndeadline = \"1h\"\n\
                mailbox = { limit = 2, when-full = \"wait\" }";
    let stage = Stage::in_virtual_time(&manifest(more), None).await;
    let order = json!({ "to": address(&stage, "probe"), "first": 0, "notes": 3, "turns": 1 });
    stage.tell("probe", "send", order);
    stage.advance(Duration::from_secs(1)).await;
    let sent = published(&stage, "test/sent");
    // The order itself has the other place until its turn is over.
    assert_eq!((numbers(&sent[0]["sent"]), numbers(&sent[0]["refused"])), (vec![0], vec![1, 2]));
}

/// Waits until the probe is in the middle of a turn for this kind of message.
async fn until_it_handles(stage: &Stage, kind: &str) {
    let waiting = async {
        while stage.handle().show("probe").unwrap().actor.unwrap().handling.as_deref() != Some(kind) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap();
}

/// A turn that may wait for an hour at a mailbox that is full for an hour: only an end ends that in time.
#[tokio::test]
async fn a_kill_ends_the_wait() {
    let more = "[actor.probe]\nsource = \"tally.wasm\"\ngrant = [\"publish:test/**\"]\ndeadline = \"1h\"\n\
                [supervisor.other]\nchildren = [\"full\"]\n\
                [actor.full]\nsource = \"ask_wait.wasm\"\nmailbox = { limit = 1, when-full = \"wait\" }\n\
                [supervisor.third]\nchildren = [\"forgetful\"]\n\
                [actor.forgetful]\nsource = \"forget.wasm\"";
    let mut stage = Stage::new(&manifest(more)).await;
    stage.event("started", "probe").await;
    // It asks, for an hour, and its question has its only place.
    let question = json!({ "to": address(&stage, "forgetful"), "kind": "go", "timeout": "1h" });
    stage.tell("full", "go", question);
    let to = address(&stage, "full");
    stage.tell("probe", "send", json!({ "to": to, "first": 0, "notes": 1, "turns": 1 }));
    until_it_handles(&stage, "send").await;
    // The host itself never waits.
    let refused = stage.handle().tell("full", greenroom_testkit::message("go", &NONE));
    assert_eq!(refused, Err(CallError::MailboxFull("full".into(), 1)));
    stage.handle().kill("probe").await.unwrap();
    stage.event("restarting", "probe").await;
    stage.event("started", "probe").await;
    assert_eq!(stage.ask("probe", "done", NONE).await, Ok(json!("done")));
    assert_eq!(published(&stage, "test/sent"), Vec::<Value>::new(), "the turn was killed");
    // The receiver's end makes room too: what waits is heard by the next incarnation.
    stage.tell("probe", "send", json!({ "to": to, "first": 0, "notes": 1, "turns": 1 }));
    until_it_handles(&stage, "send").await;
    stage.handle().kill("full").await.unwrap();
    stage.event("restarting", "full").await;
    assert_eq!(stage.ask("probe", "done", NONE).await, Ok(json!("done")));
    assert_eq!(numbers(&published(&stage, "test/sent")[0]["sent"]), [0]);
    bystander_is_well(&stage).await;
}

/// A deadline bounds all the waiting of a turn: then it is told, and goes on.
#[tokio::test]
async fn a_wait_ends_with_the_deadline() {
    let more = "[actor.probe]\nsource = \"tally.wasm\"\ngrant = [\"publish:test/**\"]\ndeadline = \"50ms\"\n\
                [supervisor.other]\nchildren = [\"full\"]\n\
                [actor.full]\nsource = \"ask_wait.wasm\"\nmailbox = { limit = 1, when-full = \"wait\" }\n\
                [supervisor.third]\nchildren = [\"forgetful\"]\n\
                [actor.forgetful]\nsource = \"forget.wasm\"";
    let stage = Stage::new(&manifest(more)).await;
    let question = json!({ "to": address(&stage, "forgetful"), "kind": "go", "timeout": "1h" });
    stage.tell("full", "go", question);
    let order = json!({ "to": address(&stage, "full"), "first": 0, "notes": 100, "turns": 1 });
    stage.tell("probe", "send", order);
    assert_eq!(stage.ask("probe", "done", NONE).await, Ok(json!("done")));
    let sent = published(&stage, "test/sent");
    assert_eq!((numbers(&sent[0]["sent"]).len(), numbers(&sent[0]["refused"]).len()), (0, 100));
    assert_eq!(stage.handle().show("probe").unwrap().actor.unwrap().incarnation, 1, "told, not ended");
}

/// A long turn that stands still makes way for another one, which may be the one that it waits for.
#[tokio::test]
async fn who_waits_for_a_long_turn_lets_it_run() {
    let more = "[actor.probe]\nsource = \"flood.wasm\"\ndeadline = \"1h\"\n\
                [supervisor.other]\nchildren = [\"full\", \"small\"]\n\
                [actor.full]\nsource = \"flood.wasm\"\nmailbox = { limit = 8000, when-full = \"wait\" }\ndeadline = \"1h\"\n\
                [actor.small]\nsource = \"flood.wasm\"\nmailbox = { limit = 1 }\n\
                [host]\nworkers = 1";
    let mut stage = Stage::new(&manifest(more)).await;
    stage.event("started", "small").await;
    // Long, because what it sends is refused again and again.
    stage.tell("full", "go", json!({ "to": address(&stage, "small"), "messages": 50_000 }));
    // The last of these waits for the end of that turn, whose message has the one place that is missing.
    let flooded = stage.ask("probe", "go", json!({ "to": address(&stage, "full"), "messages": 8000 })).await;
    assert_eq!(flooded, Ok(json!({ "sent": 8000, "refused": 0 })));
    bystander_is_well(&stage).await;
}
