//! The kettle: the real components on the simulated kettle, in virtual time, with what went wrong with the originals.

use greenroom_engine::CallError;
use greenroom_engine::hub::{From, Item};
use greenroom_testkit::{Stage, guest};
use serde_json::{Value, json};
use std::time::Duration;

const TICK: Duration = Duration::from_secs(2);

async fn kettle(start_celsius: &str) -> Stage {
    kettle_with(|manifest| manifest.replace("start-celsius = 64.0", &format!("start-celsius = {start_celsius}"))).await
}

async fn kettle_with(change: impl Fn(String) -> String) -> Stage {
    let manifest =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/kettle/greenroom.toml"))
            .expect("the example's manifest");
    let changed = change(manifest.clone());
    Stage::in_virtual_time(&changed, Some("sim")).await
}

/// A kettle that heats, and its stage.
async fn heating() -> Stage {
    let mut stage = kettle("60.0").await;
    until_heater(&mut stage, 1.0).await;
    stage
}

async fn until_heater(stage: &mut Stage, level: f64) {
    for _ in 0..200 {
        if stage.device("heater") == Ok(level) {
            return;
        }
        stage.advance(TICK).await;
    }
    panic!("the heater never went to {level}: {:#?}", stage.history());
}

async fn state(stage: &Stage) -> Value {
    stage.ask("controller", "which-state", Value::Null).await.expect("the controller answers")
}

/// Ids that the stream has given since its beginning: strictly increasing, and none is missing.
fn stream_is_whole(stage: &Stage) {
    let mut cursor = stage.handle().hub().open(vec!["**".parse().expect("a pattern")], From::Earliest);
    let mut last = 0;
    while let Some(item) = cursor.try_next() {
        match item {
            Item::Message(entry) => {
                assert_eq!(entry.seq, last + 1, "no id is missing");
                last = entry.seq;
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(last > 0);
}

/// From cold: without the example's `max-on`, which cuts the first burst of half an hour.
async fn two_hours(change: impl Fn(String) -> String) {
    let from_cold = |manifest: String| {
        manifest.replace("start-celsius = 64.0", "start-celsius = 20.0").replace("max-on = \"15m\"", "max-on = \"1h\"")
    };
    let mut stage = kettle_with(|manifest| change(from_cold(manifest))).await;
    let (mut reached, mut bursts, mut on) = (false, 0, false);
    for _ in 0..3600 {
        stage.advance(TICK).await;
        let celsius = stage.device("mash-probe").expect("a temperature");
        reached |= celsius >= 65.9;
        assert!(!reached || (65.5..=66.5).contains(&celsius), "{celsius} °C");
        let now_on = stage.device("heater") == Ok(1.0);
        // On the way there each burst lasts for half of what is left, which takes a dozen more.
        bursts += u32::from(reached && now_on && !on);
        on = now_on;
    }
    assert!(reached);
    assert!(bursts < 143, "{bursts} bursts");
    let sample = stage.latest("kettle/sample").expect("samples are published");
    assert_eq!(sample["mash-temperature"], 66.0);
    stage.shutdown().await;
}

#[tokio::test]
async fn two_hours_of_mash() {
    two_hours(|manifest| manifest).await;
}

#[tokio::test]
async fn two_hours_of_mash_with_the_volume_wrong_by_a_third() {
    let volume = |litres: &'static str| {
        move |manifest: String| {
            let changed = manifest.replace("volume-litres   = 17", &format!("volume-litres = {litres}"));
            assert!(manifest != changed, "the example has another volume");
            changed
        }
    };
    two_hours(volume("11.3")).await;
    two_hours(volume("22.7")).await;
}

#[tokio::test]
async fn a_killed_controller_comes_back_with_its_set_point() {
    let mut stage = heating().await;
    stage.ask("controller", "set-temperature", json!({ "set": 67.5 })).await.expect("in range");
    stage.handle().kill("controller").await.expect("it is there");
    stage.event_where("device-safe", |body| body["device"] == "heater").await;
    stage.event("restarting", "controller").await;
    stage.advance(Duration::from_millis(1)).await;
    assert_eq!(state(&stage).await["mash-temperature"], 67.5);
    // It heats again by itself, and nobody missed anything.
    until_heater(&mut stage, 1.0).await;
    stream_is_whole(&stage);
}

/// The real controller, heating, is sent what breaks a limit that the manifest sets it.
async fn controller_breaks(limits: &str, kilobytes: usize, reason: &str) {
    let changed = |manifest: String| {
        let changed = manifest.replace("keep-state = \"restarts\"", &format!("keep-state = \"restarts\"\n{limits}"));
        assert!(manifest != changed, "the example's controller keeps its state otherwise");
        changed
    };
    let mut stage = kettle_with(changed).await;
    until_heater(&mut stage, 1.0).await;
    stage.ask("controller", "set-temperature", json!({ "set": 67.5 })).await.expect("in range");
    // So much white space that reading it takes longer, or needs more memory, than it may.
    let body = format!("{{{}\"set\": 70}}", " ".repeat(kilobytes << 10)).into_bytes();
    let message = greenroom_core::Message::new("set-temperature".parse().expect("a kind"), body);
    stage.handle().tell("controller", message).expect("it is accepted");
    let fault = stage.event("fault", "controller").await;
    assert_eq!(fault["reason"], reason, "{fault}");
    stage.event_where("device-safe", |body| body["device"] == "heater").await;
    stage.event("restarting", "controller").await;
    stage.advance(Duration::from_millis(1)).await;
    assert_eq!(state(&stage).await["mash-temperature"], 67.5, "as of the last good turn");
    until_heater(&mut stage, 1.0).await;
    stream_is_whole(&stage);
}

#[tokio::test]
async fn a_controller_that_runs_out_of_time_comes_back_with_its_set_point() {
    controller_breaks("deadline = \"5ms\"\nmemory = \"64MiB\"\nmax-message = \"16MiB\"", 15 << 10, "out-of-time").await;
}

#[tokio::test]
async fn a_controller_that_runs_out_of_memory_comes_back_with_its_set_point() {
    controller_breaks("memory = \"1MiB\"", 1000, "out-of-memory").await;
}

#[tokio::test]
async fn a_killed_mash_takes_the_controller_with_it() {
    let mut stage = heating().await;
    let mash = stage.handle().show("controller").expect("it is there").children[0].address.clone();
    stage.handle().kill(&mash).await.expect("it is there");
    stage.event_where("device-safe", |body| body["device"] == "heater").await;
    stage.event("restarting", "controller").await;
    until_heater(&mut stage, 1.0).await;
    assert_eq!(state(&stage).await["mash-temperature"], 66.0);
}

#[tokio::test]
async fn off_is_at_once() {
    let stage = heating().await;
    stage.ask("controller", "set-controller", json!({ "set": "off" })).await.expect("it is told");
    stage.advance(Duration::from_millis(1)).await;
    assert_eq!(stage.device("heater"), Ok(0.0));
    assert_eq!(state(&stage).await["controller"], "idle");
}

#[tokio::test]
async fn bad_set_points_are_refused() {
    let stage = kettle("64.0").await;
    for bad in [json!({ "set": 400 }), json!({ "set": "hot" }), json!({ "sett": 66 }), json!({ "set": -3 })] {
        let refused = stage.ask("controller", "set-temperature", bad.clone()).await;
        assert!(matches!(&refused, Err(CallError::Refused(why)) if !why.is_empty()), "{bad}: {refused:?}");
    }
    assert_eq!(state(&stage).await["mash-temperature"], 66.0);
}

#[tokio::test]
async fn without_a_sensor_the_heater_is_safe_and_the_mash_resumes() {
    // Warm enough to heat, then nothing for a while, then cold again.
    let scripted = r#"{ kind = "scripted", unit = "celsius", steps = [[0, 64.0], [30, "missing"], [120, 64.0]] }"#;
    let simulated = r#"{ kind = "sim-kettle", heater = "heater", start-celsius = 64.0 }"#;
    let mut stage = kettle_with(|manifest| {
        let changed = manifest.replace(simulated, scripted);
        assert!(manifest != changed, "the example has another kettle");
        changed
    })
    .await;
    until_heater(&mut stage, 1.0).await;
    stage.advance(Duration::from_secs(40)).await;
    stage.event_where("device-missing", |body| body["device"] == "mash-probe").await;
    assert_eq!(stage.device("heater"), Ok(0.0), "blind, it does not heat");
    assert_eq!(stage.latest("kettle/sample").expect("the sampler goes on")["temperature"], Value::Null);
    assert_eq!(stage.handle().healthy(), Ok(()), "and nobody died of it");
    stage.advance(Duration::from_secs(80)).await;
    stage.event_where("device-back", |body| body["device"] == "mash-probe").await;
    until_heater(&mut stage, 1.0).await;
    assert!(!stage.history().iter().any(|line| line.starts_with("ended")), "{:#?}", stage.history());
}

#[tokio::test]
async fn a_killed_registry_loses_no_subscription() {
    let mut stage = kettle("64.0").await;
    stage.advance(Duration::from_secs(4)).await;
    let logged = stage.latest("kettle/log").expect("the first sample is logged");
    stage.handle().kill("topics").await.expect("it is there");
    stage.event("restarting", "topics").await;
    stage.advance(Duration::from_secs(120)).await;
    let later = stage.latest("kettle/log").expect("the log goes on");
    assert_ne!(logged["time"], later["time"]);
    stream_is_whole(&stage);
}

/// The same code with another digest: a custom section more.
fn rebuilt(component: &[u8]) -> Vec<u8> {
    [component, b"\0\x05\x04note"].concat()
}

#[tokio::test]
async fn a_good_build_takes_over_in_mid_burst() {
    let mut stage = heating().await;
    let before = stage.history().len();
    stage.install("controller.wasm", &rebuilt(&guest("controller")));
    assert_eq!(stage.handle().reload("controller").await.expect("it is a good build").state, "kept");
    stage.install("mash.wasm", &rebuilt(&guest("mash")));
    let mash = stage.handle().show("controller").expect("it is there").children[0].address.clone();
    assert_eq!(stage.handle().reload(&mash).await.expect("it is a good build").state, "kept");
    assert_eq!(stage.device("heater"), Ok(1.0), "nothing glitches");
    assert_eq!(state(&stage).await, json!({ "controller": "heating", "mash-temperature": 66.0 }));
    stage.advance(Duration::from_secs(10)).await;
    assert_eq!(stage.device("heater"), Ok(1.0));
    let since: Vec<_> = stage.history().split_off(before);
    assert!(!since.iter().any(|line| line.starts_with("device-") || line.starts_with("ended")), "{since:#?}");
    // Its timers carried over: the burst ends as it would have.
    until_heater(&mut stage, 0.0).await;
    stream_is_whole(&stage);
}

#[tokio::test]
async fn a_bad_build_changes_nothing() {
    let stage = heating().await;
    let controller = guest("controller");
    for (bytes, at) in [
        (&b"half a fi"[..], "compile"),
        (&controller[..controller.len() / 2], "compile"),
        (&guest("panic_at_start")[..], "start"),
        (&guest("state_v9")[..], "state"),
    ] {
        stage.install("controller.wasm", bytes);
        match stage.handle().reload("controller").await {
            Err(CallError::NotSwapped { stage, why }) => assert!(stage == at && !why.is_empty(), "{stage}: {why}"),
            other => panic!("{other:?}"),
        }
        assert_eq!(state(&stage).await, json!({ "controller": "heating", "mash-temperature": 66.0 }));
        assert_eq!(stage.device("heater"), Ok(1.0));
    }
}

/// The same component, except that this export traps.
fn trapping(component: &[u8], export: &str) -> Vec<u8> {
    use wasmparser::{ExternalKind, Parser, Payload, TypeRef};
    let mut bytes = component.to_vec();
    let (mut imported, mut wanted, mut bodies) = (0, None, Vec::new());
    for payload in Parser::new(0).parse_all(component) {
        match payload.expect("a component") {
            Payload::ImportSection(imports) => {
                let functions = imports.into_imports().map(|import| import.expect("an import").ty);
                imported = functions.filter(|ty| matches!(ty, TypeRef::Func(_))).count();
            }
            Payload::ExportSection(exports) => {
                let found = exports.into_iter().map(|it| it.expect("an export")).find(|it| it.name.ends_with(export));
                wanted = found.filter(|it| it.kind == ExternalKind::Func).map(|it| it.index as usize);
            }
            Payload::CodeSectionEntry(body) => bodies.push(body.range()),
            // The first module is the actor.
            Payload::End(_) if !bodies.is_empty() => break,
            _ => {}
        }
    }
    let at = wanted.unwrap_or_else(|| panic!("it exports {export}")) - imported;
    let body = bodies[at].clone();
    // No locals, then `unreachable`, and after that nothing that counts.
    bytes[body.clone()].fill(0x01);
    (bytes[body.start], bytes[body.start + 1], bytes[body.end - 1]) = (0, 0, 0x0b);
    bytes
}

#[tokio::test]
async fn a_build_that_fails_in_mid_burst_is_taken_back_by_itself() {
    for name in ["mash", "controller"] {
        let mut stage = heating().await;
        stage.ask("controller", "set-temperature", json!({ "set": 66.2 })).await.expect("in range");
        let shown = stage.handle().show("controller").expect("it is there");
        let whom = if name == "mash" { shown.children[0].address.clone() } else { name.to_owned() };
        let swapped = stage.directory().join(format!("{name}.wasm"));
        std::fs::write(swapped, trapping(&guest(name), "greenroom-handle-1")).expect("a file");
        assert_eq!(stage.handle().reload(&whom).await.expect("nothing is wrong with it yet").state, "kept");
        stage.advance(TICK).await;
        let back = stage.event_where("rolled-back", |_| true).await;
        assert_eq!(back["state"], "kept", "{back}");
        // Safe first; then the old code did the tick that the new one could not do, and heats on.
        let safe = stage.history().iter().any(|line| line.starts_with("device-safe"));
        assert_eq!((safe, stage.device("heater")), (name == "mash", Ok(1.0)), "{name}");
        assert_eq!(state(&stage).await["mash-temperature"], 66.2);
        until_heater(&mut stage, 0.0).await;
        until_heater(&mut stage, 1.0).await;
        assert!(!stage.history().iter().any(|line| line.starts_with("ended")), "{:#?}", stage.history());
        stream_is_whole(&stage);
    }
}
