//! The counter of `examples/languages` in each language that actors are built in: the same behaviour, word for word, so that
//! any of them can take over from any other. A row in `LANGUAGES` is all that another language needs.

#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]

use greenroom_engine::CallError;
use greenroom_engine::hub::{From, Item};
use greenroom_testkit::{Stage, guest, message};
use serde_json::{Value, json};
use std::time::Duration;

/// A language's build of the counter.
struct Language {
    /// The component.
    counter: &'static str,
    /// Whether a message's and a configuration's errors have the shape that would be right.
    shapes: bool,
    /// The reason of a crash: `trapped`, or `failed` where the language catches it and says more.
    ends: &'static str,
    /// What the report of a crash has: the place in the source, as far as the language can tell.
    crash: &'static [&'static str],
    /// How much more memory it may have after a while: what its collector has not come to yet, in bytes.
    drift: u64,
}

const LANGUAGES: &[Language] = &[
    Language {
        counter: "counter_rust",
        shapes: true,
        ends: "trapped",
        crash: &["panicked at examples/languages/actors/rust/src/lib.rs:", ": as you wished", "counter_rust::Counter"],
        drift: 0,
    },
    Language {
        counter: "counter_c",
        shapes: true,
        ends: "trapped",
        crash: &["panicked at counter_c.c:", ": as you wished", "at crash (./counter_c.c:"],
        drift: 0,
    },
    Language {
        counter: "counter_cpp",
        shapes: true,
        ends: "trapped",
        crash: &["panicked at counter_cpp.cpp:", ": as you wished", "Counter::crash(gr::Turn&)", "(./counter_cpp.cpp:"],
        drift: 0,
    },
    Language {
        counter: "counter_go",
        shapes: true,
        ends: "trapped",
        crash: &[
            "panicked at counter-go/counter.go:",
            ": as you wished",
            "at main.(*Counter).crash (counter-go/counter.go:",
        ],
        drift: 1 << 20,
    },
    Language {
        counter: "counter_wat",
        shapes: true,
        ends: "trapped",
        crash: &["panicked: as you wished", "at crash"],
        drift: 0,
    },
    Language {
        counter: "counter_zig",
        shapes: true,
        ends: "trapped",
        crash: &["panicked at counter_zig.zig:", ": as you wished", "at counter_zig.panicked"],
        drift: 0,
    },
    Language {
        counter: "counter_javascript",
        shapes: true,
        ends: "trapped",
        crash: &["counter-javascript.js:45: Error: as you wished", "at crash (counter-javascript.js:45)"],
        drift: 0,
    },
    Language {
        counter: "counter_typescript",
        shapes: true,
        ends: "trapped",
        crash: &["counter-typescript.ts:45: Error: as you wished", "at crash (counter-typescript.ts:45)"],
        drift: 0,
    },
    Language {
        counter: "counter_python",
        shapes: true,
        ends: "failed",
        crash: &["RuntimeError: as you wished (counter_python.py:", " in on_crash)"],
        drift: 0,
    },
];

const SECOND: Duration = Duration::from_secs(1);

/// A house with one counter.
fn house(counter: &str, more: &str) -> String {
    format!(
        "[supervisor.stage]\nintensity = {{ restarts = 100, within = \"60s\" }}\nchildren = [\"counter\"]\n\
         [actor.counter]\nsource = \"{counter}.wasm\"\nkeep-state = \"restarts\"\ngrant = [\"publish:counter/**\"]\n{more}\n"
    )
}

async fn stage(language: &Language) -> Stage {
    Stage::in_virtual_time(&house(language.counter, ""), None).await
}

async fn count(stage: &Stage) -> Value {
    stage.ask("counter", "how-many", Value::Null).await.unwrap()
}

/// In peace: what was told before is handled.
async fn add(stage: &Stage, how_many: Value) {
    stage.tell("counter", "add", json!({ "how-many": how_many }));
    stage.advance(Duration::ZERO).await;
}

fn log(stage: &Stage) -> Vec<String> {
    let mut lines = stage.handle().hub().open(vec!["greenroom/logs".parse().unwrap()], From::Earliest);
    let mut all = Vec::new();
    while let Some(Item::Message(line)) = lines.try_next() {
        let body: Value = serde_json::from_slice(&line.body).unwrap();
        all.push(format!("{}: {}", line.kind.as_str(), body["text"].as_str().unwrap()));
    }
    all
}

#[tokio::test]
async fn it_counts_and_says_so() {
    for language in LANGUAGES {
        let stage = stage(language).await;
        assert_eq!(count(&stage).await, 0, "{}", language.counter);
        add(&stage, json!(3)).await;
        add(&stage, json!(4)).await;
        assert_eq!(count(&stage).await, 7, "{}", language.counter);
        assert_eq!(stage.latest("counter/count"), Some(json!({ "count": 7 })), "{}", language.counter);
        let kind = "how-many".parse().unwrap();
        let answer = stage.handle().ask("counter", greenroom_core::Message::new(kind, vec![]), SECOND).await.unwrap();
        assert_eq!(answer.kind.as_str(), "answer", "{}", language.counter);
        assert_eq!(&answer.body[..], b"7", "{}", language.counter);
    }
}

#[tokio::test]
async fn it_publishes_every_so_often() {
    for language in LANGUAGES {
        let stage = stage(language).await;
        assert_eq!(stage.latest("counter/count"), None, "{}", language.counter);
        stage.advance(SECOND).await;
        assert_eq!(stage.latest("counter/count"), Some(json!({ "count": 0 })), "{}", language.counter);

        let more = "config = { topic = \"counter/other\", every-ms = 250 }";
        let stage = Stage::in_virtual_time(&house(language.counter, more), None).await;
        let mut heard = stage.handle().hub().open(vec!["counter/other".parse().unwrap()], From::Earliest);
        stage.advance(SECOND).await;
        let mut times = 0;
        while let Some(Item::Message(message)) = heard.try_next() {
            assert_eq!((message.kind.as_str(), &message.body[..]), ("count", &br#"{"count":0}"#[..]));
            times += 1;
        }
        assert_eq!(times, 4, "{}", language.counter);
    }
}

#[tokio::test]
async fn what_does_not_fit_is_refused_with_what_would_and_kills_nobody() {
    for language in LANGUAGES {
        let stage = stage(language).await;
        add(&stage, json!(5)).await;
        let bodies = [
            ("add", json!(null), "`how-many`"),
            ("add", json!({ "how-man": 3 }), "`how-many`"),
            ("add", json!({ "how-many": "three" }), "`how-many`"),
            ("add", json!({ "how-many": -3 }), "`how-many`"),
            ("add", json!({ "how-many": 1.5 }), "`how-many`"),
            ("add", json!([3]), "an object"),
            ("remove", json!({ "how-many": 3 }), "`remove` is not understood"),
        ];
        for (kind, body, why) in bodies {
            let refused = stage.ask("counter", kind, body.clone()).await;
            let Err(CallError::Refused(text)) = refused else { panic!("{}, {body}: {refused:?}", language.counter) };
            if language.shapes {
                assert!(
                    text.contains("add {how-many}") && text.contains(why),
                    "{}, {kind} {body}: {text}",
                    language.counter
                );
            }
        }
        // Told, it is a dead letter.
        stage.tell("counter", "add", json!({}));
        stage.advance(Duration::ZERO).await;
        let letters = stage.handle().dead_letters();
        assert_eq!(letters.letters.last().unwrap().kind, "add", "{}", language.counter);
        assert_eq!(count(&stage).await, 5, "{}: it lives, and has not counted that", language.counter);
        // What is handled and has no answer does not keep who asked waiting.
        let refused = stage.ask("counter", "add", json!({ "how-many": 1 })).await;
        assert!(matches!(&refused, Err(CallError::Refused(_))), "{}: {refused:?}", language.counter);
        assert_eq!(count(&stage).await, 6, "{}", language.counter);
    }
}

#[tokio::test]
async fn a_configuration_that_is_wrong_is_a_start_that_fails() {
    for language in LANGUAGES {
        let more = "config = { every-ms = \"often\" }";
        let manifest = house(language.counter, more).replace("restarts = 100", "restarts = 1");
        let mut stage = Stage::prepare(&manifest).await;
        let error = stage.begin().await.unwrap_err().to_string();
        if language.shapes {
            assert!(error.contains("configuration") && error.contains("`every-ms`"), "{}: {error}", language.counter);
        }
    }
}

#[tokio::test]
async fn an_error_and_a_crash_end_it_and_are_told() {
    for language in LANGUAGES {
        let mut stage = stage(language).await;
        add(&stage, json!(5)).await;
        stage.tell("counter", "fail", Value::Null);
        let fault = stage.event("fault", "counter").await;
        assert_eq!(fault["reason"], "failed", "{}: {fault}", language.counter);
        assert!(fault["detail"].as_str().unwrap().contains("as you wished"), "{}: {fault}", language.counter);

        stage.tell("counter", "crash", Value::Null);
        let fault = stage.event("fault", "counter").await;
        assert_eq!(fault["reason"], language.ends, "{}: {fault}", language.counter);
        let detail = fault["detail"].as_str().unwrap();
        for part in language.crash {
            assert!(detail.contains(part), "{}: no {part} in {detail}", language.counter);
        }
        let last = fault["log"].as_array().unwrap();
        assert!(
            last.iter().any(|line| line.as_str().unwrap().contains("as you wished")),
            "{}: {fault}",
            language.counter
        );
        let logged = log(&stage);
        assert!(logged.iter().any(|line| line.contains("as you wished")), "{}: {logged:#?}", language.counter);

        // From its state as of the last good turn, and with its timer again.
        stage.advance(Duration::ZERO).await;
        assert_eq!(count(&stage).await, 5, "{}", language.counter);
        let mut heard = stage.handle().hub().open(vec!["counter/count".parse().unwrap()], From::Now);
        stage.advance(SECOND).await;
        assert!(matches!(heard.try_next(), Some(Item::Message(_))), "{}: no tick", language.counter);
        assert!(heard.try_next().is_none(), "{}: one timer", language.counter);
    }
}

#[tokio::test]
async fn too_much_is_an_error() {
    for language in LANGUAGES {
        let mut stage = stage(language).await;
        add(&stage, json!((1_u64 << 53) - 1)).await;
        assert_eq!(count(&stage).await, (1_u64 << 53) - 1, "{}", language.counter);
        for how_many in [1, u64::MAX] {
            add(&stage, json!(how_many)).await;
            let fault = stage.event("fault", "counter").await;
            let detail = fault["detail"].as_str().unwrap();
            assert!(detail.contains("that is too much to count"), "{}: {fault}", language.counter);
        }
    }
}

/// Any takes over from any other, with its state and its timers, and back.
#[tokio::test]
async fn any_language_takes_over_from_any_other() {
    for from in LANGUAGES {
        for to in LANGUAGES {
            let mut stage = stage(from).await;
            add(&stage, json!(41)).await;
            stage.advance(SECOND / 2).await;
            let renewed = renewed(guest(to.counter));
            stage.install(&format!("{}.wasm", from.counter), &renewed);
            let done = stage.handle().reload("counter").await.unwrap();
            assert_eq!(done.state, "kept", "{} to {}", from.counter, to.counter);
            add(&stage, json!(1)).await;
            assert_eq!(count(&stage).await, 42, "{} to {}", from.counter, to.counter);
            // The timer of the code before, at its time and no other.
            let mut heard = stage.handle().hub().open(vec!["counter/count".parse().unwrap()], From::Now);
            stage.advance(SECOND / 2 - Duration::from_millis(1)).await;
            assert!(heard.try_next().is_none(), "{} to {}: too early", from.counter, to.counter);
            stage.advance(Duration::from_millis(1)).await;
            assert!(matches!(heard.try_next(), Some(Item::Message(_))), "{} to {}: no tick", from.counter, to.counter);
            // One that was set anew would tick in between.
            stage.advance(SECOND).await;
            assert!(matches!(heard.try_next(), Some(Item::Message(_))), "{} to {}: no tick", from.counter, to.counter);
            assert!(heard.try_next().is_none(), "{} to {}: one timer", from.counter, to.counter);
            stage.shutdown().await;
        }
    }
}

/// Other bytes that do the same, since the same ones are no swap: with a custom section that nobody reads.
fn renewed(mut component: Vec<u8>) -> Vec<u8> {
    component.extend([0, 4, 3, b'n', b'e', b'w']);
    component
}

/// Whoever is used for long needs no more memory.
#[tokio::test]
async fn memory_is_bounded() {
    for language in LANGUAGES {
        let stage = stage(language).await;
        let round = async |times: usize| {
            for _ in 0..times {
                let add = message("add", &json!({ "how-many": 1, "more": "x".repeat(200) }));
                stage.handle().tell("counter", add).unwrap();
                let _ = stage.ask("counter", "nonsense", Value::Null).await;
                count(&stage).await;
            }
            stage.handle().show("counter").unwrap().actor.unwrap().memory_bytes
        };
        let warm = round(2000).await;
        let later = round(1000).await;
        let most = warm + language.drift;
        assert!(later <= most, "{}: {warm} bytes, and {later} after a thousand messages more", language.counter);
    }
}
