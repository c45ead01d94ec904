//! To everybody else an actor that sleeps is as one that does not: whatever is done to both, the same comes of it.

use super::*;
use greenroom_testkit::message;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

/// One thing that is done.
#[derive(Debug, Clone)]
enum Step {
    Tell(&'static str, &'static str, Value),
    /// The probe asks the bystander, or the other way round, with a message of this kind.
    Ask(bool, &'static str),
    /// The probe hears of the kid's end, or the bystander of the probe's.
    Watch(bool, &'static str),
    Kill(&'static str),
    Restart,
    Swap(u64),
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let whom = || prop_oneof![3 => Just("probe"), 1 => Just("other")];
    let text = || prop_oneof![Just("a"), Just("b"), Just("c")];
    let order = prop_oneof![
        6 => text().prop_map(|text| ("note", json!({ "text": text }))),
        1 => text().prop_map(|text| ("pass", json!({ "text": text }))),
        1 => Just(("shut", NONE)),
        2 => Just(("open", NONE)),
        2 => (100_u64..4_000, text()).prop_map(|(after, text)| {
            ("once", json!({ "after": format!("{after}ms"), "text": text }))
        }),
        1 => (700_u64..4_000, text()).prop_map(|(every, text)| {
            ("every", json!({ "every": format!("{every}ms"), "text": text }))
        }),
        1 => any::<bool>().prop_map(|on| ("switch", json!({ "device": "relay", "on": on }))),
        1 => Just(("spawn", json!({ "behavior": "kid", "name": "kid" }))),
        1 => Just(("stop", NONE)),
    ];
    prop_oneof![
        12 => (whom(), order).prop_map(|(whom, (kind, body))| Step::Tell(whom, kind, body)),
        2 => (any::<bool>(), prop_oneof![Just("which"), Just("take"), Just("open")])
            .prop_map(|(probe, kind)| Step::Ask(probe, kind)),
        2 => (any::<bool>(), prop_oneof![Just("monitor"), Just("link")]).prop_map(|(probe, kind)| Step::Watch(probe, kind)),
        1 => prop_oneof![Just("probe"), Just("kid"), Just("other")].prop_map(Step::Kill),
        1 => Just(Step::Restart),
        1 => (2_u64..9).prop_map(Step::Swap),
        10 => (0_u64..3_000).prop_map(Step::Pass),
    ]
}

async fn play(stage: &Stage, script: &[Step]) {
    for step in script {
        let there = |whom: &str| stage.handle().show(whom).ok().map(|node| node.address);
        match step {
            Step::Tell(whom, kind, body) => drop(stage.handle().tell(whom, message(kind, body))),
            Step::Ask(probe, kind) => {
                let (who, whom) = if *probe { ("probe", "other") } else { ("other", "probe") };
                let body = json!({ "to": there(whom), "kind": kind });
                drop(stage.handle().tell(who, message("ask", &body)));
            }
            Step::Watch(probe, kind) => {
                let (who, whom) = if *probe { ("probe", "kid") } else { ("other", "probe") };
                let key = if *kind == "monitor" { "whom" } else { "to" };
                if let Some(whom) = there(whom) {
                    drop(stage.handle().tell(who, message(kind, &json!({ key: whom }))));
                }
            }
            Step::Kill(whom) => drop(stage.handle().kill(whom).await),
            Step::Restart => drop(stage.handle().restart("probe").await),
            Step::Swap(number) => {
                stage.install("swapper.wasm", &build(*number, "none"));
                drop(stage.handle().reload("probe").await);
            }
            Step::Pass(milliseconds) => advance(stage, *milliseconds).await,
        }
        // One after the other: what happens at the same time has no order.
        advance(stage, 0).await;
    }
    advance(stage, 100).await;
}

/// All that others can see: what was told, what they have heard and what became of them.
async fn seen(stage: &Stage) -> Value {
    let told = all(stage, "test/heard");
    let lives = |line: &String| line.starts_with("ended") || line.starts_with("started");
    let mut ends: Vec<_> = stage.history().into_iter().filter(lives).collect();
    // Of each actor in order: what happens to two at once has none.
    ends.sort_by_key(|line| line.split(' ').nth(1).map(str::to_owned));
    let mut actors = Vec::new();
    for name in ["probe", "other"] {
        let (build, heard, _) = which(stage, name).await;
        // Of an end it hears by several ways at once: as a watcher, as somebody linked, and instead of an answer.
        let of_ends = |text: &String| ["down ", "exited ", "answered "].iter().any(|word| text.starts_with(word));
        let (mut ends, heard): (Vec<_>, Vec<_>) = heard.into_iter().partition(of_ends);
        ends.sort();
        let actor = stage.handle().show(name).unwrap().actor.unwrap();
        actors.push(json!([build, heard, ends, actor.incarnation, actor.restarts, actor.dropped, actor.waiting]));
    }
    let counters = stage.handle().counters();
    json!({
        "told": told, "ends": ends, "actors": actors, "relay": stage.device("relay").ok(), "lost": counters.lost,
        "messages": counters.messages, "dead": counters.dead_letters,
    })
}

#[test]
fn an_actor_that_sleeps_is_to_others_as_one_that_does_not() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let keeps = prop_oneof![Just(""), Just("keep-state = \"restarts\"")];
    let scripts = (keeps, proptest::collection::vec(step(), 1..40));
    let slept = std::cell::Cell::new(0);
    let config = ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() };
    let checked = TestRunner::new(config).run(&scripts, |(keep, script)| {
        runtime.block_on(async {
            let mut outcomes = Vec::new();
            for sleep in ["", "sleep-after = \"300ms\""] {
                // One worker, so that those who are due at the same time have an order.
                let manifest = manifest(&format!("{keep}\n{sleep}")).replace("[host]", "[host]\nworkers = 1");
                let stage = stage_of(&manifest, &build(1, "none")).await;
                play(&stage, &script).await;
                outcomes.push(seen(&stage).await);
                slept.set(slept.get() + counts(&stage).1);
            }
            prop_assert_eq!(&outcomes[0], &outcomes[1]);
            Ok(())
        })
    });
    checked.unwrap();
    assert!(slept.get() > 0, "nobody ever slept");
}
