//! What the same counter costs in each language: a row each, with what its SDK has not.

use super::figure::{Figure, Unit};
use super::host::resident;
use super::{Folder, PATIENCE, call, cpu_time, message, unexpected};
use crate::exit::Failure;
use crate::print::{Ink, Print};
use crate::table::table;
use greenroom_engine::{Handle, Host, Inspector, Options};
use greenroom_manifest::Plan;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Instant;

/// Actors of one component that are weighed, and messages that are counted.
const ACTORS: usize = 20;
const MESSAGES: u32 = 2_000;

/// The languages by how their components' names end, and what is missing beside the SDK of Rust.
const LANGUAGES: [(&str, &str); 9] = [
    ("rust", "nothing"),
    ("c", "lists in messages but as JSON, routes, typed orders to supervisors"),
    ("cpp", "as in C"),
    ("go", "routes, typed orders to supervisors; goroutines end with the turn"),
    ("javascript", "async handlers, whole numbers above 2^53, typed orders to supervisors"),
    ("typescript", "as in JavaScript"),
    ("python", "a crash is an error and no trap; what needs WASI beyond clock, log and randomness"),
    ("zig", "an SDK: by hand on the canonical ABI"),
    ("wat", "an SDK: by hand on the canonical ABI"),
];

/// What a language costs: a sample of each a round.
struct Costs {
    bytes: u64,
    compile: Figure,
    start: Figure,
    memory: Figure,
    message: Figure,
}

impl Costs {
    fn of(bytes: u64) -> Self {
        Self {
            bytes,
            compile: Figure::new("compiled, CPU", Unit::Milliseconds),
            start: Figure::new("start", Unit::Milliseconds),
            memory: Figure::new("memory of one", Unit::Kibibytes),
            message: Figure::new("message, CPU", Unit::Microseconds),
        }
    }
}

fn manifest(component: &str) -> String {
    format!(
        r#"
[host]
workers = 1
[supervisor.pool]
strategy = "dynamic"
template = {{ behavior = "many", restart = "temporary" }}
[behavior.many]
source = "{component}.wasm"
grant  = ["publish:counter/**"]
memory = "64MiB"
config = {{ every-ms = 3600000 }}
[actor.one]
source  = "{component}.wasm"
grant   = ["publish:counter/**"]
memory  = "64MiB"
mailbox = {{ limit = 100000 }}
config  = {{ every-ms = 3600000 }}
"#
    )
}

/// Measures, and shows a table. What is not built is left out, and named.
pub(super) async fn measure(guests: &Path, rounds: usize, print: &Print) -> Result<String, Failure> {
    let mut rows = Vec::new();
    for (language, missing) in LANGUAGES {
        let component = format!("counter_{language}");
        let Ok(bytes) = std::fs::read(guests.join(&component).with_extension("wasm")) else {
            print.note(&format!("{component}.wasm is not there, and left out: `cargo xtask guests` builds it"));
            continue;
        };
        let folder = Folder::new(&format!("languages-{language}"))?;
        folder.put(&format!("{component}.wasm"), &bytes)?;
        let file = folder.0.join("greenroom.toml");
        let plan = greenroom_manifest::parse(&manifest(&component), &file, None);
        let plan = plan.map_err(|faults| unexpected(format!("{faults:?}")))?;
        let mut costs = Costs::of(bytes.len() as u64);
        for round in 1..=rounds {
            print.note(&format!("{language} {round} of {rounds}"));
            one(&plan, &folder, &mut costs).await?;
        }
        rows.push((language, costs, missing));
    }
    Ok(if print.json() { as_json(&rows) } else { as_text(&rows, print) })
}

async fn one(plan: &Plan, folder: &Folder, costs: &mut Costs) -> Result<(), Failure> {
    let behavior = &plan.actors[0].behavior;
    let began = cpu_time();
    Inspector::default().inspect(&behavior.source, behavior).map_err(|error| unexpected(error.to_string()))?;
    costs.compile.add((cpu_time() - began).as_secs_f64() * 1e3);

    let options = || Options { artefacts: Some(folder.0.join("artefacts")), ..Options::default() };
    let start = async || Host::start(plan.clone(), options()).await.map_err(|error| unexpected(error.to_string()));
    // The first puts its artefacts where the second finds them.
    start().await?.shutdown().await;
    let began = Instant::now();
    let host = start().await?;
    costs.start.add(began.elapsed().as_secs_f64() * 1e3);
    let handle = host.handle();

    let before = cpu_time();
    for _ in 0..MESSAGES {
        handle.tell("one", message("add", &json!({ "how-many": 1 })).map_err(call)?).map_err(call)?;
    }
    let count = ask(&handle, "one", "how-many").await?;
    costs.message.add((cpu_time() - before).as_secs_f64() * 1e6 / f64::from(MESSAGES));
    if count.as_u64() != Some(MESSAGES.into()) {
        return Err(unexpected(format!("it was told of {MESSAGES}, and counts {count}")));
    }

    let before = resident(std::process::id())?;
    for _ in 0..ACTORS {
        ask(&handle, "pool", "start-child").await?;
    }
    costs.memory.add((resident(std::process::id())? - before) * 1024.0 / ACTORS as f64);
    host.shutdown().await;
    Ok(())
}

async fn ask(handle: &Handle, whom: &str, kind: &str) -> Result<Value, Failure> {
    let body = if kind == "start-child" { json!({}) } else { Value::Null };
    let answer = handle.ask(whom, message(kind, &body).map_err(call)?, PATIENCE).await.map_err(call)?;
    Ok(serde_json::from_slice(&answer.body).unwrap_or_default())
}

/// Minimum, median and maximum.
fn three(figure: &Figure) -> [f64; 3] {
    [0.0, 0.5, 1.0].map(|share| figure.at(share).unwrap_or(f64::NAN))
}

fn as_text(rows: &[(&str, Costs, &str)], print: &Print) -> String {
    let titles = ["", "component", "compiled, CPU", "start", "memory of one", "message, CPU", "missing"];
    let mut lines = vec![titles.map(|title| (Ink::Faint, title.to_owned())).to_vec()];
    for (language, costs, missing) in rows {
        let cell = |figure: &Figure, unit: &str| {
            let [least, median, most] = three(figure);
            (Ink::Faint, format!("{median:.1} ({least:.1}–{most:.1}) {unit}"))
        };
        lines.push(vec![
            (Ink::Strong, (*language).to_owned()),
            (Ink::Faint, format!("{} KiB", costs.bytes.div_ceil(1024))),
            cell(&costs.compile, "ms"),
            cell(&costs.start, "ms"),
            cell(&costs.memory, "KiB"),
            cell(&costs.message, "µs"),
            (Ink::Faint, (*missing).to_owned()),
        ]);
    }
    table(&lines, print)
}

fn as_json(rows: &[(&str, Costs, &str)]) -> String {
    let row = |(language, costs, missing): &(&str, Costs, &str)| {
        let three = |figure: &Figure| {
            let [minimum, median, maximum] = three(figure);
            json!({ "min": minimum, "median": median, "max": maximum })
        };
        json!({
            "language": language, "bytes": costs.bytes, "compile-cpu-ms": three(&costs.compile),
            "start-ms": three(&costs.start), "memory-kib": three(&costs.memory),
            "message-cpu-us": three(&costs.message), "missing": missing,
        })
    };
    json!({ "version": env!("CARGO_PKG_VERSION"), "languages": rows.iter().map(row).collect::<Vec<_>>() }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_that_actors_are_built_in_has_a_row() {
        let names = greenroom_build::Language::ALL.map(|language| language.as_str().replace("++", "pp"));
        for name in names {
            assert!(LANGUAGES.iter().any(|(language, _)| *language == name), "{name}");
        }
    }
}
