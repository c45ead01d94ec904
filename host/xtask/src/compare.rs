//! `cargo xtask compare`: what a message costs here, and in the peers, in the same run and on one thread each. Each round runs
//! every program once with everybody, one after the other, so that what else the machine does meets all of them.

mod peers;
mod table;

use crate::call::{self, Failure, cargo, root, run};
use peers::Took;
use serde_json::{Value, json};
use std::process::{Command, Stdio};

/// The programs, by their names in `greenroom bench --only`.
const PATTERNS: [&str; 9] =
    ["ping-pong", "ring", "counting", "fork-join", "creation", "spawn", "big", "chameneos", "asking"];

const USAGE: &str = "usage: cargo xtask compare [--only PATTERN] [--rounds N] [--messages N] [--format json]";

/// What was asked for.
struct Wanted {
    patterns: Vec<&'static str>,
    rounds: usize,
    messages: u64,
    json: bool,
}

impl Wanted {
    fn of(arguments: &[&str]) -> Option<Self> {
        let mut wanted = Self { patterns: PATTERNS.into(), rounds: 5, messages: 400_000, json: false };
        for pair in arguments.chunks(2) {
            match pair {
                ["--only", name] => wanted.patterns = vec![PATTERNS.into_iter().find(|pattern| pattern == name)?],
                ["--rounds", number] => wanted.rounds = number.parse().ok().filter(|rounds| *rounds > 0)?,
                ["--messages", number] => wanted.messages = number.parse().ok()?,
                ["--format", "json"] => wanted.json = true,
                ["--format", "text"] => wanted.json = false,
                _ => return None,
            }
        }
        Some(wanted)
    }
}

/// One program: what it counts in, and what each round took, ours first.
#[derive(Debug)]
struct Row {
    pattern: &'static str,
    /// `message`, `actor` or `question`.
    per: String,
    units: u64,
    /// By peer, and by round.
    samples: Vec<(String, Vec<Sample>)>,
}

/// What one of whatever is counted took, in nanoseconds.
#[derive(Debug, Clone, Copy)]
struct Sample {
    cpu: f64,
    wall: f64,
}

/// Sets up what there is to compare with, measures, and prints.
pub(crate) fn compare(arguments: &[&str]) -> Result<(), Failure> {
    let Some(wanted) = Wanted::of(arguments) else {
        return Err(Failure::new(format!("{USAGE}\npatterns: {}", PATTERNS.join(", "))));
    };
    // What building says is no part of the answer.
    let program = std::env::current_exe().map_err(|error| Failure::new(error.to_string()))?;
    run(Command::new(program).arg("guests").stdout(Stdio::null()))?;
    run(cargo().args(["build", "--quiet", "--release", "--package", "greenroom-cli"]))?;
    let (peers, missing) = peers::set_up();
    for (name, why) in &missing {
        eprintln!("without {name}: {why}");
    }
    let mut rows: Vec<Row> = Vec::new();
    for round in 1..=wanted.rounds {
        for (at, pattern) in wanted.patterns.iter().enumerate() {
            eprintln!("round {round} of {}: {pattern}", wanted.rounds);
            let (per, units, ours) = ours(pattern, wanted.messages)?;
            if rows.len() == at {
                let names = std::iter::once("greenroom").chain(peers.iter().map(|peer| peer.name));
                let samples = names.map(|name| (name.to_owned(), Vec::new())).collect();
                rows.push(Row { pattern, per, units, samples });
            }
            let row = &mut rows[at];
            row.samples[0].1.push(ours);
            for (peer, (_, samples)) in peers.iter().zip(&mut row.samples[1..]) {
                samples.push(sample(&row.per, &peer.run(pattern, units)?));
            }
        }
    }
    match wanted.json {
        true => println!("{}", table::json(&rows, &missing)),
        false => println!("{}", table::text(&rows)),
    }
    Ok(())
}

/// Per message; or per actor or question, which takes a message there and one back.
fn sample(per: &str, took: &Took) -> Sample {
    let count = if per == "message" { took.messages } else { took.messages / 2.0 };
    Sample { cpu: took.cpu / count, wall: took.wall / count }
}

/// One round of ours: what it counts in, how many units that was, and what each took.
fn ours(pattern: &str, messages: u64) -> Result<(String, u64, Sample), Failure> {
    let mut bench = Command::new(root().join("target/release/greenroom"));
    bench.args(["bench", "--alone", "--format", "json", "--rounds", "1", "--only", pattern, "--messages"]);
    bench.arg(messages.to_string()).current_dir(root()).stderr(Stdio::null());
    let output = bench.output().map_err(|error| Failure::new(format!("{}: {error}", call::shown(&bench))))?;
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let figure = |time: &str| {
        let figures = answer["figures"].as_array().into_iter().flatten();
        figures.clone().find(|figure| figure["time"] == time).cloned().unwrap_or_default()
    };
    let (cpu, wall) = (figure("cpu"), figure("wall"));
    match (cpu["per"].as_str(), cpu["units"].as_u64(), cpu["median"].as_f64(), wall["median"].as_f64()) {
        (Some(per), Some(units), Some(cpu), Some(wall)) => Ok((per.to_owned(), units, Sample { cpu, wall })),
        _ => Err(Failure::new(format!("`{}` did not measure; it said: {answer}", call::shown(&bench)))),
    }
}
