//! How long a bystander's answer takes while others work: neighbours whose turns take 40 ms each, one after the other, and
//! neighbours in an endless loop that are ended at their deadline and restarted for ever.

use super::figure::{Figure, Unit};
use super::{Folder, call, message, read, unexpected};
use crate::exit::Failure;
use crate::print::Print;
use greenroom_engine::{CallError, Handle, Host, Options};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

/// Neighbours.
const NEIGHBOURS: usize = 8;
/// How long a neighbour works in one turn.
const WORK: Duration = Duration::from_millis(40);
/// Questions of one round, and the pause before each.
const QUESTIONS: usize = 400;
const PAUSE: Duration = Duration::from_millis(2);
/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// What the neighbours do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Neighbours {
    None,
    Work,
    Loop,
}

/// The 50th and 99th percentile and the maximum of each round, for each sort of neighbours. With as many workers as the
/// machine has processors.
pub(super) async fn measure(guests: &Path, rounds: usize, print: &Print) -> Result<Vec<Figure>, Failure> {
    let mut figures = Vec::new();
    let all = [
        (Neighbours::None, ["answer alone, p50", "answer alone, p99", "answer alone, longest"]),
        (
            Neighbours::Work,
            [
                "answer beside 8 turns of 40 ms, p50",
                "answer beside 8 turns of 40 ms, p99",
                "answer beside 8 turns of 40 ms, longest",
            ],
        ),
        (
            Neighbours::Loop,
            [
                "answer beside 8 endless loops, p50",
                "answer beside 8 endless loops, p99",
                "answer beside 8 endless loops, longest",
            ],
        ),
    ];
    for (neighbours, names) in all {
        let mut three = names.map(|name| Figure::new(name, Unit::Microseconds));
        for round in 1..=rounds {
            print.note(&format!("neighbours {round} of {rounds}: {neighbours:?}"));
            let samples = round_of(guests, neighbours).await?;
            for (figure, share) in three.iter_mut().zip([0.5, 0.99, 1.0]) {
                figure.add(samples.at(share).unwrap_or_default());
            }
        }
        figures.extend(three);
    }
    Ok(figures)
}

fn manifest(neighbours: Neighbours) -> String {
    let names: Vec<_> = (0..NEIGHBOURS).map(|number| format!("neighbour-{number}")).collect();
    let mut text = format!(
        "[supervisor.bench]\nintensity = {{ restarts = 1000000, within = \"1s\" }}\nchildren = {:?}\n\
         [actor.bystander]\nsource = \"trap.wasm\"\n",
        [&["bystander".to_owned()], &names[..]].concat(),
    );
    for name in names {
        let (deadline, config) = match neighbours {
            // Theirs are not to be ended, whatever the machine makes of 40 ms.
            Neighbours::None | Neighbours::Work => ("1s", ""),
            Neighbours::Loop => ("50ms", "config = { from-start = true }\n"),
        };
        text.push_str(&format!("[actor.{name}]\nsource = \"spin.wasm\"\ndeadline = \"{deadline}\"\n{config}"));
    }
    text
}

async fn round_of(guests: &Path, neighbours: Neighbours) -> Result<Figure, Failure> {
    let directory = Folder::new("neighbours")?;
    for name in ["trap", "spin"] {
        directory.put(&format!("{name}.wasm"), &read(guests, name)?)?;
    }
    let plan = greenroom_manifest::parse(&manifest(neighbours), &directory.0.join("greenroom.toml"), None)
        .map_err(|faults| unexpected(format!("{faults:?}")))?;
    let options = Options { artefacts: Some(directory.0.join("artefacts")), ..Options::default() };
    let host = Host::start(plan, options).await.map_err(|error| unexpected(error.to_string()))?;
    let handle = host.handle();
    if neighbours == Neighbours::Work {
        let rounds = rounds_of_work(&handle).await.map_err(call)?;
        for number in 0..NEIGHBOURS {
            let work = message("work", &json!({ "rounds": rounds, "again": true })).map_err(call)?;
            handle.tell(&format!("neighbour-{number}"), work).map_err(call)?;
        }
    }
    let mut samples = Figure::new("", Unit::Microseconds);
    for _ in 0..QUESTIONS {
        tokio::time::sleep(PAUSE).await;
        let began = Instant::now();
        ask(&handle, "bystander", "ping", &Value::Null).await.map_err(call)?;
        samples.add(began.elapsed().as_secs_f64() * 1e6);
    }
    host.shutdown().await;
    Ok(samples)
}

/// Rounds of the probe's loop that take as long as [`WORK`], measured when nobody else works.
async fn rounds_of_work(handle: &Handle) -> Result<u64, CallError> {
    let mut rounds: u64 = 100_000;
    loop {
        let began = Instant::now();
        ask(handle, "neighbour-0", "work", &json!({ "rounds": rounds, "again": false })).await?;
        let took = began.elapsed();
        if took > WORK / 4 {
            return Ok((rounds as f64 * WORK.as_secs_f64() / took.as_secs_f64()) as u64);
        }
        rounds = rounds.saturating_mul(2);
    }
}

async fn ask(handle: &Handle, actor: &str, kind: &str, body: &Value) -> Result<(), CallError> {
    handle.ask(actor, message(kind, body)?, PATIENCE).await.map(drop)
}
