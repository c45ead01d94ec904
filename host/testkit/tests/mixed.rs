//! `examples/mixed`, run as its README says: a tree whose actors are in four languages, and another language's build that
//! takes over from each of them.

#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]

use greenroom_engine::hub::{Cursor, From, Item};
use greenroom_testkit::{Stage, guest};
use serde_json::{Value, json};
use std::time::Duration;

const NONE: Value = Value::Null;
const HALF: Duration = Duration::from_millis(500);
/// The actors, with the component in the manifest and the one in another language.
const PAIRS: [(&str, &str, &str); 4] = [
    ("sampler", "mixed_sampler_rust", "mixed_sampler_go"),
    ("filter", "mixed_filter_c", "mixed_filter_rust"),
    ("controller", "mixed_controller_python", "mixed_controller_javascript"),
    ("formatter", "mixed_formatter_javascript", "mixed_formatter_python"),
];

fn manifest() -> String {
    let path = format!("{}/../../examples/mixed/greenroom.toml", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The running tree, and the lines that were read of it.
struct Tree {
    stage: Stage,
    heard: Cursor,
    lines: u64,
}

impl Tree {
    async fn start() -> Self {
        Self::of(&manifest()).await
    }

    async fn of(manifest: &str) -> Self {
        let stage = Stage::in_virtual_time(manifest, None).await;
        let heard = stage.handle().hub().open(vec!["mixed/lines".parse().unwrap()], From::Earliest);
        Self { stage, heard, lines: 0 }
    }

    /// Lets time pass, and reads the lines: each is for people, and the next one's number is one more.
    async fn run(&mut self, halves: u64, when: &str) {
        for _ in 0..halves {
            self.stage.advance(HALF).await;
            while let Some(item) = self.heard.try_next() {
                let Item::Message(line) = item else { panic!("{when}: a gap in what was published: {item:?}") };
                let body: Value = serde_json::from_slice(&line.body).unwrap();
                let text = body["text"].as_str().unwrap();
                let (celsius, heating) = text.split_once(" °C, ").unwrap_or_else(|| panic!("{when}: {text}"));
                assert!(celsius.split_once('.').is_some_and(|(_, tenths)| tenths.len() == 1), "{when}: {text}");
                assert!(["heating", "resting"].contains(&heating), "{when}: {text}");
                self.lines += 1;
                assert_eq!(
                    (line.kind.as_str(), &body["line"]),
                    ("line", &json!(self.lines)),
                    "{when}: a line is lost or told twice"
                );
            }
        }
    }

    async fn ask(&self, actor: &str, kind: &str) -> Value {
        self.stage.ask(actor, kind, NONE).await.unwrap_or_else(|error| panic!("{actor}, {kind}: {error}"))
    }

    /// What the temperature was in some time: the lowest and the highest.
    async fn range(&mut self, halves: u64, when: &str) -> (f64, f64) {
        let mut range = (f64::MAX, f64::MIN);
        for _ in 0..halves {
            self.run(1, when).await;
            let celsius = self.stage.device("probe").unwrap();
            range = (range.0.min(celsius), range.1.max(celsius));
        }
        range
    }

    /// Lets time pass until the heater is on.
    async fn heating(&mut self, when: &str) {
        for _ in 0..200 {
            if self.stage.device("heater") == Ok(1.0) {
                return;
            }
            self.run(1, when).await;
        }
        panic!("{when}: it does not heat for 100 s");
    }

    fn writer(&self) -> Option<String> {
        self.stage.handle().devices().into_iter().find(|device| device.name == "heater").unwrap().writer
    }

    /// All have seen each sample, and nothing went astray on the way.
    async fn counts(&self, when: &str) -> u64 {
        let samples = self.ask("sampler", "status").await["samples"].as_u64().unwrap();
        assert_eq!(self.ask("filter", "status").await["samples"], samples, "{when}: the filter has each sample once");
        assert_eq!(self.ask("formatter", "how-many").await, samples, "{when}: the formatter has each status once");
        assert_eq!(self.lines, samples, "{when}: each line was heard");
        assert_eq!(self.stage.handle().dead_letters().total, 0, "{when}: {:?}", self.stage.handle().dead_letters());
        samples
    }

    /// Nobody ended, and no build was taken back.
    fn well(&self, when: &str) {
        let mut history = self.stage.history();
        let bad = ["ended: ", "fault: ", "rolled-back: ", "swap-failed: "];
        history.retain(|event| bad.iter().any(|kind| event.starts_with(kind)));
        assert_eq!(history, Vec::<String>::new(), "{when}");
    }

    /// Another language's build takes over while it heats, and all goes on.
    async fn swap(&mut self, actor: &str, from: &str, to: &str, file: &str) {
        let when = &format!("{from} to {to}");
        self.heating(when).await;
        let before = self.counts(when).await;
        let smooth = self.ask("filter", "status").await["smooth"].as_f64().unwrap();
        self.stage.install(&format!("{file}.wasm"), &guest(to));
        let done = self.stage.handle().reload(actor).await.unwrap_or_else(|error| panic!("{when}: {error}"));
        assert_eq!(done.state, "kept", "{when}: its state is handed over");
        assert_ne!(done.from, done.to, "{when}: other code runs");
        assert_eq!(self.stage.device("heater"), Ok(1.0), "{when}: the heater is held");
        assert_eq!(self.writer().as_deref(), Some("controller"), "{when}: by who held it before");
        assert_eq!(self.counts(when).await, before, "{when}: what was counted is kept");
        let status = self.ask("controller", "status").await;
        assert_eq!(status["set-point"].as_f64(), Some(68.0), "{when}: what was set is kept: {status}");
        assert_eq!(status["heating"], true, "{when}: {status}");
        // A filter that began anew would take the first sample as it is, and one that had no past would begin at zero.
        self.run(1, when).await;
        let (raw, now) =
            (self.stage.device("probe").unwrap(), self.ask("filter", "status").await["smooth"].as_f64().unwrap());
        let wanted = smooth + 0.25 * (raw - smooth);
        assert!((now - wanted).abs() < 1e-9, "{when}: {now} is smooth, not {wanted}");
        // Longer than new code is watched for. The timer of the code before goes on: one more, or none, would be seen.
        self.run(23, when).await;
        assert_eq!(self.counts(when).await, before + 24, "{when}: a sample each half second");
        self.well(when);
    }
}

#[tokio::test]
async fn each_actor_goes_over_into_another_language_and_back_while_the_tree_runs() {
    let mut tree = Tree::start().await;
    tree.run(120, "at first").await;
    let (lowest, highest) = tree.range(120, "at 66 °C").await;
    assert!(65.0 < lowest && highest < 67.0 && highest - lowest > 0.4, "it is held at 66 °C: {lowest} to {highest}");
    tree.stage.tell("controller", "set", json!({ "celsius": 68 }));
    tree.run(120, "at another set-point").await;
    for (actor, first, second) in PAIRS {
        tree.swap(actor, first, second, first).await;
    }
    let (lowest, highest) = tree.range(120, "all in another language").await;
    assert!(67.0 < lowest && highest < 69.0 && highest - lowest > 0.4, "it is held at 68 °C: {lowest} to {highest}");
    for (actor, first, second) in PAIRS {
        tree.swap(actor, second, first, first).await;
    }
    let (lowest, highest) = tree.range(120, "all as at first").await;
    assert!(67.0 < lowest && highest < 69.0 && highest - lowest > 0.4, "it is held at 68 °C: {lowest} to {highest}");
    let swaps = tree.stage.history().iter().filter(|event| event.starts_with("swapped: ")).count();
    assert_eq!(swaps, 8, "each of them once there and once back");
}

/// An end in the middle, in either language: those after it are restarted with it, and all of them with what they kept.
#[tokio::test]
async fn who_ends_takes_along_those_after_it_and_all_keep_what_they_had() {
    for others in [false, true] {
        let mut tree = Tree::start().await;
        if others {
            for (actor, first, second) in PAIRS {
                tree.stage.install(&format!("{first}.wasm"), &guest(second));
                tree.stage.handle().reload(actor).await.unwrap();
            }
        }
        tree.stage.tell("controller", "set", json!({ "celsius": 68 }));
        let when = if others { "in other languages" } else { "as in the manifest" };
        tree.run(40, when).await;
        tree.heating(when).await;
        let before = tree.counts(when).await;
        tree.stage.handle().kill("controller").await.unwrap();
        for actor in ["controller", "filter", "sampler"] {
            tree.stage.event("ended", actor).await;
        }
        tree.stage.advance(Duration::ZERO).await;
        assert_eq!(tree.stage.device("heater"), Ok(0.0), "{when}: without a writer it is off");
        assert_eq!(tree.ask("controller", "status").await["set-point"].as_f64(), Some(68.0), "{when}");
        assert_eq!(tree.counts(when).await, before, "{when}: what was counted is kept");
        assert_eq!(
            tree.stage.handle().show("formatter").unwrap().actor.unwrap().restarts,
            0,
            "{when}: it relies on nobody"
        );
        // The timer of the new incarnation, and one alone.
        tree.run(20, when).await;
        assert_eq!(tree.counts(when).await, before + 20, "{when}: a sample each half second");
        assert_eq!(tree.stage.device("heater"), Ok(1.0), "{when}: it heats again");
    }
}

/// A thermometer that says nothing for a while: no sample, a line in the log, and nobody ends.
#[tokio::test]
async fn a_missing_reading_is_logged_and_ends_nobody() {
    let (_, rust, go) = PAIRS[0];
    for sampler in [rust, go] {
        let manifest = manifest();
        let (before, probe) = manifest.split_once("[device.probe]\n").unwrap();
        let (_, after) = probe.split_once("\n\n").unwrap();
        let steps = "kind = \"scripted\"\nsteps = [[0, 64.0], [5, \"missing\"], [10, 65.0]]";
        let manifest = format!("{before}[device.probe]\n{steps}\n\n{}", after.replace(rust, sampler));
        let mut tree = Tree::of(&manifest).await;
        tree.run(8, sampler).await;
        assert_eq!(tree.counts(sampler).await, 8, "{sampler}: a sample each half second");
        tree.run(9, sampler).await;
        let there = tree.counts(sampler).await;
        tree.run(2, sampler).await;
        assert_eq!(tree.counts(sampler).await, there, "{sampler}: no sample without a reading");
        tree.run(11, sampler).await;
        assert!(tree.counts(sampler).await > there, "{sampler}: it goes on");
        let mut log = tree.stage.handle().hub().open(vec!["greenroom/logs".parse().unwrap()], From::Earliest);
        let mut logged = Vec::new();
        while let Some(Item::Message(line)) = log.try_next() {
            logged.push(format!("{}: {}", line.kind.as_str(), String::from_utf8_lossy(&line.body)));
        }
        let said = |line: &String| line.starts_with("warn: ") && line.contains("no reading: ");
        assert!(logged.iter().any(said), "{sampler}: {logged:#?}");
        tree.well(sampler);
    }
}
