//! What actors that are put away cost: memory of each, and how long one takes to answer out of its sleep. Of a million
//! children of a dynamic supervisor, one in a hundred is awake, or as many as there is room for.

use super::figure::{Figure, Unit};
use super::{Folder, call, host, message, read, unexpected};
use crate::exit::Failure;
use crate::print::Print;
use greenroom_engine::{CallError, Handle, Host, Options};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long it may take until all are asleep.
const NIGHT: Duration = Duration::from_secs(600);
/// Orders that are under way at a time.
const AT_ONCE: usize = 32;
/// Sleepers that are asked one after the other.
const ASKED: usize = 2_000;

/// Room for one in fifty at a time, so that what those leave behind that are put away does not count. They sleep after as
/// long as it takes to wake one in a hundred, and to look.
const MANIFEST: &str = r#"
[host]
actors = ROOM
[supervisor.pool]
strategy = "dynamic"
template = { behavior = "child", restart = "temporary" }
[behavior.child]
source      = "state_v1.wasm"
sleep-after = "20s"
"#;

/// So many actors, of which most sleep.
pub(super) async fn measure(guests: &Path, actors: usize, print: &Print) -> Result<Vec<Figure>, Failure> {
    let mut start = Figure::new("an actor started, others being put away for it", Unit::Microseconds);
    let mut each = Figure::new("memory of an actor that sleeps", Unit::Kibibytes);
    let mut count = Figure::new("actors alive", Unit::Number);
    let mut awake = Figure::new("actors of them awake", Unit::Number);
    let mut all = Figure::new("memory of the host with them", Unit::Mebibytes);
    let mut answer = Figure::new("ask round trip of an actor that sleeps", Unit::Microseconds);
    let mut again = Figure::new("the same while it is awake", Unit::Microseconds);
    let directory = Folder::new("sleeping")?;
    directory.put("state_v1.wasm", &read(guests, "state_v1")?)?;
    let manifest = MANIFEST.replace("ROOM", &(actors / 50).max(ASKED).to_string());
    let plan = greenroom_manifest::parse(&manifest, &directory.0.join("greenroom.toml"), None)
        .map_err(|faults| unexpected(format!("{faults:?}")))?;
    let options = Options { artefacts: Some(directory.0.join("artefacts")), ..Options::default() };
    let running = Host::start(plan, options).await.map_err(|error| unexpected(error.to_string()))?;
    let handle = running.handle();
    let before = resident()?;

    print.note(&format!("starting {actors} actors"));
    let began = Instant::now();
    let children = children(&handle, actors).await?;
    start.add(began.elapsed().as_secs_f64() * 1e6 / actors as f64);
    print.note("waiting until they are asleep");
    let night = Instant::now();
    while handle.counters().actors_asleep < actors as u64 {
        if night.elapsed() > NIGHT {
            return Err(unexpected(format!("after {NIGHT:?}, {} are asleep", handle.counters().actors_asleep)));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    each.add((resident()? - before) * 1024.0 / actors as f64);

    print.note("asking some out of their sleep");
    let wakes = handle.counters().wakes;
    let asked: Vec<&String> = children.iter().step_by((children.len() / ASKED).max(1)).take(ASKED).collect();
    for figure in [&mut answer, &mut again] {
        for child in &asked {
            let began = Instant::now();
            ask(&handle, child, "which").await?;
            figure.add(began.elapsed().as_secs_f64() * 1e6);
        }
    }
    let woken = handle.counters().wakes - wakes;
    if woken < asked.len() as u64 {
        return Err(unexpected(format!("{woken} of {} were asleep when they were asked", asked.len())));
    }

    print.note("waking one in a hundred");
    for child in children.iter().skip(50).step_by(100) {
        handle.tell(child, message("add", &Value::Null).map_err(call)?).map_err(call)?;
    }
    // Behind all of them: by its answer, they are awake, or wait for those that are to sleep again.
    if let Some(last) = children.last() {
        ask(&handle, last, "which").await?;
    }
    let counters = handle.counters();
    count.add(counters.actors as f64);
    awake.add((counters.actors - counters.actors_asleep) as f64);
    all.add(resident()?);
    print.note("ending them");
    drop((handle, running));
    Ok(vec![start, each, count, awake, all, answer, again])
}

fn resident() -> Result<f64, Failure> {
    host::resident(std::process::id())
}

async fn ask(handle: &Handle, whom: &str, kind: &str) -> Result<Value, Failure> {
    let answer = handle.ask(whom, message(kind, &Value::Null).map_err(call)?, PATIENCE).await.map_err(call)?;
    Ok(serde_json::from_slice(&answer.body).unwrap_or_default())
}

/// Starts so many, some at once. Their addresses.
async fn children(handle: &Handle, actors: usize) -> Result<Vec<String>, Failure> {
    let mut tasks = JoinSet::new();
    for task in 0..AT_ONCE {
        let (handle, share) = (handle.clone(), (actors + task) / AT_ONCE);
        tasks.spawn(async move {
            let mut started = Vec::with_capacity(share);
            for _ in 0..share {
                started.push(start(&handle).await?);
            }
            Ok::<_, CallError>(started)
        });
    }
    let mut all = Vec::with_capacity(actors);
    while let Some(task) = tasks.join_next().await {
        all.extend(task.map_err(|error| unexpected(error.to_string()))?.map_err(call)?);
    }
    Ok(all)
}

async fn start(handle: &Handle) -> Result<String, CallError> {
    let started = handle.ask("pool", message("start-child", &json!({}))?, PATIENCE).await?;
    let body: Value = serde_json::from_slice(&started.body).unwrap_or_default();
    Ok(body["address"].as_str().unwrap_or_default().to_owned())
}
