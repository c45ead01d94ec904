//! Nothing of a shadow is ever seen: with one, everything that can be observed is as without.
//!
//! The probe `trap-at` makes every call of the contract that has an effect. It is a shadow of itself, where each call has a
//! partner, and of an actor that does nothing, where none has. The same things happen with the shadow and without, and
//! after each the world is looked at; addresses differ from one host to the next, and are told apart by their order.

use greenroom_engine::hub::{From, Item};
use greenroom_testkit::{Stage, guest, message};
use serde_json::{Value, json};
use std::time::Duration;

const NONE: Value = Value::Null;

const GRANTS: &str = r#""write:lamp", "write:pump", "read:sensor", "publish:trap/**", "subscribe:trap/**",
    "register:new", "register:old", "register:kid", "spawn:kid", "supervise:pool", "routes""#;

/// Each call: its name, and whom or what it is about.
const CALLS: [(&str, &str); 24] = [
    ("messaging.send", "@sink"),
    ("messaging.start-ask", "@sink"),
    ("messaging.reply", ""),
    ("order-sent", "@pool"),
    ("order-asked", "@pool"),
    ("actors.spawn", "kid"),
    ("actors.link", "@victim"),
    ("actors.unlink", "@linked"),
    ("actors.monitor", "@watched-too"),
    ("actors.demonitor", ""),
    ("actors.trap-exits", "off"),
    ("actors.exit", "@doomed"),
    ("names.register", "new"),
    ("names.unregister", "old"),
    ("timers.send-after", "@sink"),
    ("timers.send-every", "@sink"),
    ("timers.cancel", ""),
    ("topics.publish", "trap/it"),
    ("topics.subscribe", "trap/**"),
    ("topics.unsubscribe", "trap/**"),
    ("routes.set", "@sink"),
    ("devices.write", "lamp"),
    ("devices.watch", "sensor"),
    ("log.write", "a line"),
];

fn address(stage: &Stage, name: &str) -> String {
    stage.handle().show(name).unwrap().address
}

fn script(stage: &Stage, backwards: bool, fail: Option<(usize, &str)>) -> Value {
    let mut calls: Vec<_> = CALLS
        .iter()
        .map(|(name, about)| {
            json!([name, about.strip_prefix('@').map_or((*about).to_owned(), |who| address(stage, who))])
        })
        .collect();
    if backwards {
        calls.reverse();
    }
    json!({ "calls": calls, "fail": fail })
}

/// Everything that can be seen: actors, devices, dead letters, counters, and all that was ever published, in order.
fn look(stage: &Stage) -> String {
    let handle = stage.handle();
    let mut tree = serde_json::to_value(handle.tree()).unwrap();
    tree["host"] = NONE;
    let mut counters = serde_json::to_value(handle.counters()).unwrap();
    counters["turn_nanoseconds"] = NONE;
    let mut letters = serde_json::to_value(handle.dead_letters()).unwrap();
    letters["letters"].as_array_mut().unwrap().iter_mut().for_each(|letter| letter["time"] = NONE);
    letters["letters"].as_array_mut().unwrap().sort_by_key(Value::to_string);
    let mut world = format!("{tree:#}\n{counters:#}\n{letters:#}\n");
    for pattern in ["greenroom/events", "greenroom/logs", "trap/**"] {
        let mut cursor = handle.hub().open(vec![pattern.parse().unwrap()], From::Earliest);
        let mut told = Vec::new();
        while let Some(item) = cursor.try_next() {
            let Item::Message(entry) = item else { panic!("{pattern}: something was lost") };
            // But for what tells of shadows themselves, and without how long something took.
            if !entry.kind.as_str().starts_with("shadow-") {
                let mut body = serde_json::from_slice(&entry.body).unwrap_or(NONE);
                body["microseconds"] = NONE;
                told.push((body["actor"].to_string(), format!("{} {body}\n", entry.kind)));
            }
        }
        // Several actors act at the same time; each does one thing after the other.
        told.sort_by(|(one, _), (other, _)| one.cmp(other));
        world.extend(told.into_iter().map(|(_, line)| line));
    }
    // Files are elsewhere each time.
    let lines = world.lines().filter(|line| !line.trim_start().starts_with("\"source\":"));
    numbered(&lines.collect::<Vec<_>>().join("\n"))
}

/// Addresses by the order in which they come.
fn numbered(text: &str) -> String {
    let (mut known, mut out, mut rest) = (Vec::<String>::new(), String::new(), text);
    while !rest.is_empty() {
        let word = rest.get(..33).filter(|word| word.parse::<greenroom_core::Address>().is_ok());
        let Some(word) = word else {
            let next = rest.chars().next().unwrap();
            out.push(next);
            rest = &rest[next.len_utf8()..];
            continue;
        };
        let at = known.iter().position(|one| one == word).unwrap_or_else(|| {
            known.push(word.to_owned());
            known.len() - 1
        });
        out.push_str(&format!("<{at}>"));
        rest = &rest[33..];
    }
    out
}

struct Theatre {
    stage: Stage,
    /// What was seen after each step.
    seen: Vec<String>,
}

impl Theatre {
    async fn new(running: &str) -> Self {
        let manifest =
            include_str!("../turns/house.toml").replace("PROBE.wasm", "probe.wasm").replace("GRANTS", GRANTS);
        let stage = Stage::with_in_virtual_time(&manifest, &[("probe.wasm", running)]).await;
        Self { stage, seen: Vec::new() }
    }

    async fn step(&mut self, time: Duration) {
        self.stage.advance(time).await;
        self.seen.push(look(&self.stage));
    }

    async fn heard(&mut self) {
        for name in ["sink", "registry", "linked", "watched", "victim", "doomed"] {
            let heard = self.stage.ask(name, "heard", NONE).await.unwrap();
            self.seen.push(numbered(&format!("{name}: {heard}")));
        }
        let routes = self.stage.ask("registry", "routes", NONE).await.unwrap();
        self.seen.push(routes.to_string());
    }
}

/// Everything happens to a probe that runs `running`, with a shadow of `trap_at` or without. What was seen, and how many
/// turns the shadow had.
async fn play(running: &str, shadow: bool, backwards: bool, fail: Option<(usize, &str)>) -> (Vec<String>, u64) {
    let mut theatre = Theatre::new(running).await;
    let stage = &theatre.stage;
    if shadow {
        stage.handle().shadow("probe", Some(guest("trap_at")), Duration::from_secs(3600)).await.unwrap();
    }
    stage.ask("linked", "traps-exits", NONE).await.unwrap();
    let prepare = ["sink", "watched", "linked"].map(|name| (name.to_owned(), Value::from(address(stage, name))));
    stage.tell("probe", "prepare", Value::Object(prepare.into_iter().collect()));
    let handle = stage.handle().clone();
    let question = tokio::spawn(async move {
        handle.ask("probe", message("question", &NONE), Duration::from_secs(600)).await.map(|answer| answer.kind)
    });
    tokio::task::yield_now().await;
    theatre.step(Duration::ZERO).await;
    let told = script(&theatre.stage, backwards, fail);
    theatre.stage.tell("probe", "go", told);
    theatre.step(Duration::ZERO).await;
    theatre.heard().await;
    // Timers, readings.
    theatre.step(Duration::from_secs(3)).await;
    theatre.heard().await;
    for name in ["watched", "watched-too"] {
        theatre.stage.handle().kill(name).await.unwrap();
        theatre.step(Duration::from_secs(1)).await;
    }
    let turns = theatre.stage.handle().shadow_report("probe").map_or(0, |report| report.turns);
    if running == "trap_at" && shadow {
        let report = theatre.stage.handle().shadow_report("probe").unwrap();
        assert_eq!(report.different, 0, "{report:#?}");
    }
    theatre.stage.handle().kill("probe").await.unwrap();
    theatre.step(Duration::from_secs(1)).await;
    theatre.heard().await;
    theatre.seen.push(format!("{:?}", question.await.unwrap().map_err(|error| numbered(&error.to_string()))));
    (theatre.seen, turns)
}

async fn check(running: &str, backwards: bool, fail: Option<(usize, &str)>, least: u64) {
    let (without, _) = play(running, false, backwards, fail).await;
    let (with, turns) = play(running, true, backwards, fail).await;
    assert!(turns >= least, "{running} {fail:?}: the shadow had {turns} turns");
    for (number, (with, without)) in with.iter().zip(&without).enumerate() {
        let differs = with.lines().zip(without.lines()).find(|(with, without)| with != without);
        assert_eq!(differs, None, "{running} {fail:?}, step {number}: with a shadow, and without");
        assert_eq!(with, without);
    }
    assert_eq!(with.len(), without.len());
}

/// Each call has a partner.
#[tokio::test]
async fn nothing_is_seen_of_a_shadow_that_does_the_same() {
    for backwards in [false, true] {
        check("trap_at", backwards, None, 8).await;
    }
}

/// No call has a partner, and all of them are made.
#[tokio::test]
async fn nothing_is_seen_of_a_shadow_that_does_what_its_actor_does_not() {
    for backwards in [false, true] {
        check("forget", backwards, None, 3).await;
    }
}

/// Nor when it fails in the middle.
#[tokio::test]
async fn nothing_is_seen_of_a_shadow_that_fails() {
    for how in ["trap", "loop", "grow", "error"] {
        for after in [0, 7, CALLS.len()] {
            check("forget", false, Some((after, how)), 2).await;
        }
    }
}

/// Its first turn, of which nothing is compared.
#[tokio::test]
async fn nothing_is_seen_of_a_shadows_first_turn() {
    let mut seen = Vec::new();
    for shadow in [false, true] {
        let mut theatre = Theatre::new("trap_at").await;
        let plan = script(&theatre.stage, false, None);
        theatre.stage.ask("probe", "plan", plan).await.unwrap();
        if shadow {
            let report = theatre.stage.handle().shadow("probe", None, Duration::from_secs(60)).await.unwrap();
            assert_eq!(report.began.len(), CALLS.len(), "{report:#?}");
        }
        theatre.step(Duration::from_secs(2)).await;
        theatre.heard().await;
        seen.push(theatre.seen);
    }
    assert_eq!(seen[0], seen[1]);
}
