//! The examples, run as their READMEs say: real components, in virtual time.

#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]

use greenroom_core::Reason;
use greenroom_engine::hub::{From, Item};
use greenroom_engine::{CallError, Exit};
use greenroom_testkit::{Stage, guest};
use serde_json::{Value, json};
use std::time::Duration;

const NONE: Value = Value::Null;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// An example's manifest.
fn manifest(example: &str) -> String {
    let path = format!("{}/../../examples/{example}/greenroom.toml", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

async fn example(name: &str) -> Stage {
    Stage::in_virtual_time(&manifest(name), None).await
}

/// The same code with another digest: a custom section more.
fn rebuilt(component: &[u8]) -> Vec<u8> {
    [component, b"\0\x05\x04note"].concat()
}

/// Puts a rebuilt component in the place of the one that runs: what became of its state.
async fn swap(stage: &Stage, actor: &str, component: &str) -> String {
    stage.install(&format!("{component}.wasm"), &rebuilt(&guest(component)));
    stage.handle().reload(actor).await.unwrap().state.to_string()
}

fn refused(answer: Result<Value, CallError>) -> String {
    match answer {
        Err(CallError::Refused(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn ping_pong() {
    let mut stage = example("ping-pong").await;
    let state = async || stage.ask("ping-pong", "which-state", NONE).await.unwrap();
    assert_eq!(state().await, "ready");
    // Each hit is another behaviour; what comes meanwhile waits for the end of the rally, the question with it.
    let rallies = async {
        let first = stage.ask("ping-pong", "serve", json!({ "hits": 3 }));
        let second = stage.ask("ping-pong", "serve", json!({ "hits": 2 }));
        tokio::join!(first, second)
    };
    let watch = async {
        let mut states = Vec::new();
        for _ in 0..6 {
            states.push(state().await);
            stage.advance(Duration::from_millis(500)).await;
        }
        states
    };
    let ((first, second), states) = tokio::join!(biased; rallies, watch);
    assert_eq!((first.unwrap(), second.unwrap()), (json!("ping"), json!("pong")));
    assert_eq!(states, ["ping", "pong", "ping", "ping", "pong", "ready"]);
    // Killed in the middle: who asked is told, and the next incarnation is ready.
    let rally = stage.ask("ping-pong", "serve", json!({ "hits": 9 }));
    let kill = async {
        assert_eq!(state().await, "ping");
        stage.handle().kill("ping-pong").await.unwrap();
    };
    let (rally, ()) = tokio::join!(biased; rally, kill);
    assert_eq!(rally, Err(CallError::Ended("ping-pong".into(), Reason::Killed)));
    stage.event("restarting", "ping-pong").await;
    stage.advance(seconds(1)).await;
    assert_eq!(stage.ask("ping-pong", "which-state", NONE).await.unwrap(), "ready");
    // A behaviour is no state that new code could take over, and the swap says so.
    assert_eq!(swap(&stage, "ping-pong", "ping_pong").await, "fresh");
    // It ends as planned, after the rally, and stays ended.
    stage.tell("ping-pong", "serve", json!({ "hits": 1 }));
    stage.tell("ping-pong", "stop", NONE);
    stage.advance(Duration::from_millis(400)).await;
    assert!(stage.handle().show("ping-pong").unwrap().state == "running");
    stage.advance(seconds(60)).await;
    let node = stage.handle().show("ping-pong").unwrap();
    assert_eq!((node.state, node.actor.unwrap().last_end.as_deref()), ("stopped", Some("normal")));
    assert_eq!(stage.handle().healthy(), Ok(()));
}

/// What the cook has heard, with the seconds since `start`.
async fn heard(stage: &Stage, start: f64) -> Vec<(String, f64)> {
    let heard = stage.ask("cook", "heard", NONE).await.unwrap();
    let one = |heard: &Value| {
        let at = heard["at"].as_f64().unwrap() / 1e9 - start;
        (heard["note"].as_str().unwrap().to_owned(), (at * 1000.0).round() / 1000.0)
    };
    heard.as_array().unwrap().iter().map(one).collect()
}

fn rings(notes: &[(&str, f64)]) -> Vec<(String, f64)> {
    notes.iter().map(|(note, at)| ((*note).to_owned(), *at)).collect()
}

#[tokio::test]
async fn timer() {
    let mut stage = example("timer").await;
    let start = stage.handle().tree().host.uptime_seconds;
    stage.ask("cook", "boil", json!({ "minutes": 0.1 })).await.unwrap();
    stage.ask("cook", "stir", json!({ "every": "4s" })).await.unwrap();
    stage.advance(seconds(9)).await;
    assert_eq!(heard(&stage, start).await, rings(&[("stir", 4.0), ("eggs", 6.0), ("stir", 8.0)]));
    assert_eq!(stage.latest("kitchen/bell").unwrap()["note"], "stir");
    // New code takes over what is set, with the host's timers.
    assert_eq!(swap(&stage, "timer", "timer").await, "kept");
    stage.advance(seconds(4)).await;
    assert_eq!(heard(&stage, start).await.last().unwrap(), &("stir".to_owned(), 12.0));
    // Drift-free: what comes again and again goes from the host straight to its owner. In an hour it is at the second, and
    // the timer has had nothing to do with it.
    let turns = |stage: &Stage| stage.handle().show("timer").unwrap().actor.unwrap().turns;
    let before = turns(&stage);
    stage.advance(seconds(3600)).await;
    let all = heard(&stage, start).await;
    assert_eq!((all.len(), all.last().unwrap().1), (4 + 900, 3612.0));
    assert_eq!(turns(&stage), before);
    // Cancelled, it rings no more.
    stage.ask("cook", "stop-stirring", NONE).await.unwrap();
    stage.advance(seconds(20)).await;
    assert_eq!(heard(&stage, start).await.len(), all.len());
    // With its owner a timer ends: the next incarnation hears nothing of it.
    stage.ask("cook", "stir", json!({ "every": "1s" })).await.unwrap();
    stage.advance(Duration::from_millis(1500)).await;
    assert_eq!(stage.ask("timer", "count", NONE).await.unwrap(), 1);
    stage.handle().kill("cook").await.unwrap();
    stage.event("restarting", "cook").await;
    stage.advance(seconds(20)).await;
    assert_eq!(heard(&stage, start).await, []);
    assert_eq!(stage.ask("timer", "count", NONE).await.unwrap(), 0);
    // Without the timer, those who rely on it begin anew.
    stage.ask("cook", "stir", json!({ "every": "1s" })).await.unwrap();
    stage.advance(Duration::from_millis(1500)).await;
    stage.handle().kill("timer").await.unwrap();
    stage.event("restarting", "timer").await;
    stage.advance(seconds(20)).await;
    assert_eq!(
        (heard(&stage, start).await, stage.handle().show("cook").unwrap().actor.unwrap().incarnation),
        (vec![], 3)
    );
    assert!(
        refused(stage.ask("timer", "once", json!({ "after": "1s", "note": "me" })).await).contains("only an actor")
    );
    assert!(refused(stage.ask("cook", "boil", json!({ "minutes": -1 })).await).contains("longer"));
}

/// The topics that a listener has heard, in order, without repetitions.
async fn topics_heard(stage: &Stage, who: &str) -> Vec<String> {
    let heard = stage.ask(who, "heard", NONE).await.unwrap();
    let mut topics: Vec<_> =
        heard.as_array().unwrap().iter().map(|heard| heard["topic"].as_str().unwrap().to_owned()).collect();
    topics.dedup();
    topics
}

#[tokio::test]
async fn topics() {
    let mut stage = example("topics").await;
    // The first sample may come before the subscriptions: the next one is heard.
    stage.advance(seconds(3)).await;
    stage.tell("board", "milk", json!({ "litres": 2 }));
    stage.advance(Duration::from_millis(1)).await;
    assert_eq!(topics_heard(&stage, "everything").await, ["house/cellar/climate", "house/notices"]);
    assert_eq!(topics_heard(&stage, "notices").await, ["house/notices"]);
    let receivers = async |stage: &Stage, topic: &str| {
        let all = stage.ask("registry", "which-receivers", json!({ "topic": topic })).await.unwrap();
        all.as_array().unwrap().len()
    };
    assert_eq!((receivers(&stage, "house/notices").await, receivers(&stage, "house/attic").await), (2, 1));
    // The registry ends, and nobody's subscription with it.
    stage.handle().kill("registry").await.unwrap();
    stage.event("restarting", "registry").await;
    stage.advance(seconds(2)).await;
    stage.tell("board", "bread", NONE);
    stage.advance(Duration::from_millis(1)).await;
    assert_eq!(receivers(&stage, "house/notices").await, 2);
    let heard = stage.ask("notices", "heard", NONE).await.unwrap();
    let kinds: Vec<_> = heard.as_array().unwrap().iter().map(|heard| heard["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["milk", "bread"]);
    // So does a listener: it subscribes again, and hears everything once.
    stage.handle().kill("everything").await.unwrap();
    stage.event("restarting", "everything").await;
    stage.advance(Duration::from_millis(1)).await;
    stage.tell("board", "eggs", NONE);
    stage.advance(Duration::from_millis(1)).await;
    let heard = stage.ask("everything", "heard", NONE).await.unwrap();
    assert_eq!(heard.as_array().unwrap().iter().filter(|heard| heard["kind"] == "eggs").count(), 1, "{heard}");
    assert_eq!(receivers(&stage, "house/notices").await, 2);
    // What the rules do not allow is not heard, whatever the grants say.
    let changed = manifest("topics").replace("subscribe = [\"house/notices\"]", "subscribe = [\"house/**\"]");
    let stage = Stage::in_virtual_time(&changed, None).await;
    stage.advance(seconds(5)).await;
    assert_eq!(topics_heard(&stage, "notices").await, [""; 0]);
    assert_eq!(receivers(&stage, "house/cellar/climate").await, 1);
}

/// The same children, under the host's own supervisor `guest` in the place of the actor.
fn native(manifest: &str) -> String {
    let (head, tail) = manifest.split_once("[actor.guest]").unwrap();
    let (_, fragile) = tail.split_once("[behavior.fragile]").unwrap();
    let child = |name: &str, keys: &str| {
        format!(
            "[actor.{name}]\nsource = \"../../target/guests/fragile.wasm\"\ngrant = [\"read:permit\"]\n{keys}\n\
             config = {{ permit = \"permit\" }}\n"
        )
    };
    format!(
        "{head}[supervisor.guest]\nintensity = {{ restarts = 2, within = \"10s\" }}\nchildren = [\"a\", \"b\", \"c\"]\n{}{}{}\
         [behavior.fragile]{fragile}",
        child("a", ""),
        child("b", "restart = \"transient\"\nshutdown = \"2s\""),
        child("c", "restart = \"temporary\"\nshutdown = \"brutal\""),
    )
}

/// Lets everything that is under way come to its end, without any time passing.
async fn settle(stage: &Stage) {
    stage.advance(Duration::ZERO).await;
}

/// What has happened to the children and to who looks after them, in order, since an event of this number.
fn story(stage: &Stage, after: &mut u64) -> Vec<String> {
    let events = "greenroom/events".parse().unwrap();
    let mut cursor = stage.handle().hub().open(vec![events], From::Earliest);
    let mut story = Vec::new();
    while let Some(item) = cursor.try_next() {
        let Item::Message(entry) = item else { panic!("the story has a gap") };
        if entry.seq <= *after {
            continue;
        }
        *after = entry.seq;
        let body: Value = serde_json::from_slice(&entry.body).unwrap();
        let (kind, actor) = (entry.kind.as_str(), body["actor"].as_str().unwrap_or_default());
        match kind {
            // A supervisor of the host has started when its children have; an actor has before.
            "started" if !["guest", "top", "root"].contains(&actor) => story.push(format!("start {actor}")),
            "ended" => story.push(format!("end {actor} {}", body["reason"].as_str().unwrap())),
            _ => {}
        }
    }
    story
}

/// Runs a script, and tells what came of each step: what happened, and what was answered.
async fn told(stage: &Stage, script: &[&str]) -> Vec<String> {
    let mut seen = 0;
    settle(stage).await;
    let mut told = vec![format!("at first: {}", story(stage, &mut seen).join(", "))];
    for step in script {
        let words: Vec<_> = step.split(' ').collect();
        let answer = match words[..] {
            ["wait", time] => {
                stage.advance(seconds(time.parse().unwrap())).await;
                String::new()
            }
            ["kill", whom] => {
                stage.handle().kill(whom).await.unwrap();
                String::new()
            }
            ["crash" | "stop", whom] => {
                stage.tell(whom, words[0], NONE);
                String::new()
            }
            ["fail", whom] => {
                stage.tell(whom, "fail", json!({ "why": "told to" }));
                String::new()
            }
            [order, ref more @ ..] => {
                let body = match (order, more) {
                    ("start-child", [name]) => json!({ "name": name, "behavior": "fragile" }),
                    (_, [child]) => json!({ "child": child }),
                    _ => NONE,
                };
                answered(stage.ask("guest", order, body).await)
            }
            [] => unreachable!(),
        };
        settle(stage).await;
        told.push(format!("{step}: {answer} {}", story(stage, &mut seen).join(", ")));
    }
    told
}

/// An answer without what differs by nature: addresses, and the sentence behind a refusal's word.
fn answered(answer: Result<Value, CallError>) -> String {
    match answer {
        Ok(Value::Object(mut body)) => {
            body.remove("address");
            if let Some(Value::Array(children)) = body.get_mut("children") {
                children.iter_mut().filter_map(Value::as_object_mut).for_each(|child| drop(child.remove("address")));
            }
            Value::Object(body).to_string()
        }
        Ok(Value::Null) => "{}".into(),
        Err(CallError::Refused(why)) => why.split(':').next().unwrap_or_default().to_owned(),
        other => format!("{other:?}"),
    }
}

/// Both supervisors live through the same script, and do the same.
async fn both(steps: &str, script: &[&str]) -> Vec<String> {
    let manifest = manifest("supervisor").replace("[[0, 1.0]]", steps);
    let guest = Stage::in_virtual_time(&manifest, None).await;
    let native = Stage::in_virtual_time(&native(&manifest), None).await;
    let (guest, native) = (told(&guest, script).await, told(&native, script).await);
    assert_eq!(guest, native);
    guest
}

#[tokio::test]
async fn the_guest_supervisor_does_as_the_hosts_does() {
    // Ends of all kinds, within the budget and over it: then it ends as `shutdown`, and its own supervisor starts it afresh.
    let told = both(
        "[[0, 1.0]]",
        &[
            "crash b",
            "stop b",
            "fail a",
            "which-children",
            "stop c",
            "count-children",
            "wait 11",
            "crash a",
            "kill a",
            "crash a",
        ],
    )
    .await;
    assert_eq!(told[0], "at first: start a, start b, start c");
    assert_eq!(told[1], "crash b:  end b trapped, start b");
    assert_eq!(told[2], "stop b:  end b normal");
    assert_eq!(told[3], "fail a:  end a failed, start a");
    assert_eq!(told[5], "stop c:  end c normal");
    assert_eq!(told[9], "kill a:  end a killed, start a");
    assert_eq!(told[10], "crash a:  end a trapped, end guest shutdown, start a, start b, start c");
    // Giving up stops the others in reverse order, each in its way.
    let told = both("[[0, 1.0]]", &["crash a", "crash b", "wait 1", "fail a", "which-children"]).await;
    let ends = "end a failed, end c killed, end b shutdown, end guest shutdown, start a, start b, start c";
    assert_eq!(told[4], format!("fail a:  {ends}"));
    // Orders, and their answers.
    both(
        "[[0, 1.0]]",
        &[
            "terminate-child b",
            "terminate-child b",
            "restart-child a",
            "restart-child b",
            "delete-child b",
            "terminate-child c",
            "restart-child c",
            "which-children",
            "start-child d",
            "start-child d",
            "crash d",
            "terminate-child d",
            "start-child d",
            "delete-child d",
            "delete-child d",
            "start-child d",
            "count-children",
            "which-children",
            "terminate-child nobody",
        ],
    )
    .await;
    // A start that fails, as long as the permit is off: in a restart each try counts, and the last one ends it. Its own
    // supervisor has no more luck with it, until there is one.
    let told =
        both("[[0, 1.0], [10, 0.0], [20, 1.0]]", &["wait 12", "start-child d", "count-children", "wait 9", "crash a"])
            .await;
    assert!(told[2].starts_with("start-child d: failed end d failed"), "{told:#?}");
    assert_eq!(told[5], "crash a:  end a trapped, start a");
}

#[tokio::test]
async fn supervisor() {
    let mut stage = example("supervisor").await;
    settle(&stage).await;
    let states = async |stage: &Stage| {
        let children = stage.ask("guest", "which-children", NONE).await.unwrap();
        let state = |child: &Value| format!("{} {}", child["name"].as_str().unwrap(), child["state"].as_str().unwrap());
        children["children"].as_array().unwrap().iter().map(state).collect::<Vec<_>>()
    };
    assert_eq!(states(&stage).await, ["a running", "b running", "c running"]);
    // New code takes over while the children run: they are the same, and their ends are still heard of.
    let address = |stage: &Stage, name: &str| stage.handle().show(name).unwrap().address;
    let before = address(&stage, "a");
    stage.ask("a", "count", NONE).await.unwrap();
    assert_eq!(swap(&stage, "guest", "one_for_one").await, "kept");
    assert_eq!((address(&stage, "a"), stage.ask("a", "count", NONE).await.unwrap()), (before.clone(), json!(3)));
    stage.tell("a", "crash", NONE);
    stage.event("ended", "a").await;
    settle(&stage).await;
    assert_eq!(states(&stage).await, ["a running", "b running", "c running"]);
    assert_ne!(address(&stage, "a"), before);
    // A child that does not stop when it is asked to is killed after its time. Orders that come meanwhile wait for it.
    let stubborn = json!({ "name": "d", "behavior": "fragile", "shutdown": "3s", "config": { "stubborn": true } });
    stage.ask("guest", "start-child", stubborn).await.unwrap();
    let stop = stage.ask("guest", "terminate-child", json!({ "child": "d" }));
    let count = stage.ask("guest", "count-children", NONE);
    let wait = async {
        stage.advance(Duration::from_millis(2900)).await;
        assert_eq!(stage.handle().show("d").unwrap().state, "running");
        stage.advance(Duration::from_millis(200)).await;
    };
    let (stop, count, ()) = tokio::join!(biased; stop, count, wait);
    assert!(stop.is_ok(), "{stop:?}");
    assert_eq!(count.unwrap(), json!({ "specs": 4, "active": 3, "supervisors": 0, "workers": 4 }));
    assert_eq!(stage.event("ended", "d").await["reason"], "killed");
    // Stopped in order: reverse order, and then itself; its own supervisor starts it again.
    let mut seen = 0;
    story(&stage, &mut seen);
    stage.tell("guest", "stop", NONE);
    settle(&stage).await;
    let ends =
        ["end c killed", "end b shutdown", "end a shutdown", "end guest normal", "start a", "start b", "start c"];
    assert_eq!(story(&stage, &mut seen), ends);
    // Killed, it takes its children along, by the links.
    stage.handle().kill("guest").await.unwrap();
    stage.event_where("ended", |body| body["actor"] == "guest" && body["reason"] == "killed").await;
    settle(&stage).await;
    assert_eq!(states(&stage).await, ["a running", "b running", "c running"]);
    assert_eq!(stage.shutdown().await, Exit::Asked);
}

#[tokio::test]
async fn pool() {
    let mut stage = example("pool").await;
    let work = async |below: u32, crashes: u32| {
        let work = stage.ask("dispatcher", "work", json!({ "below": below, "crashes": crashes }));
        // Time passes for the waits between a worker's restarts.
        let pass = async {
            for _ in 0..100 {
                stage.advance(Duration::from_millis(200)).await;
            }
        };
        tokio::join!(biased; work, pass).0
    };
    assert_eq!(work(100, 0).await.unwrap(), json!({ "job": 1, "primes": 25, "attempts": 1 }));
    // Its worker crashes twice, and is brought back with the job.
    assert_eq!(work(1000, 2).await.unwrap(), json!({ "job": 2, "primes": 168, "attempts": 3 }));
    stage.advance(seconds(60)).await;
    // It crashes always: its worker ends in quarantine, the job is given up, and the others go on.
    let (bad, good) = tokio::join!(biased; work(10, 99), work(10, 0));
    let why = refused(bad);
    assert!(why.contains("job 3") && why.contains("6 attempts") && why.contains("crash"), "{why}");
    assert_eq!(good.unwrap()["primes"], 4);
    assert_eq!(stage.ask("dispatcher", "report", NONE).await.unwrap(), json!({ "done": 3, "failed": 1, "open": 0 }));
    let count = stage.ask("workers", "count-children", NONE).await.unwrap();
    assert_eq!(count, json!({ "specs": 1, "active": 0, "supervisors": 0, "workers": 0 }), "nothing is left behind");
    assert!(refused(stage.ask("dispatcher", "work", json!({ "below": 2_000_000 })).await).contains("1,000,000"));
    stage.event_where("quarantined", |body| body["supervisor"] == "workers").await;
}
