//! The conformance suite on a running host with real components, in virtual time: the very files that `host/core` is
//! tested with. What they say is in README.md beside them.
//!
//! Everything goes through [`greenroom_engine::Handle`], what the HTTP API is a thin layer over, and not over HTTP itself:
//! a question that is answered three steps later has reached the host when `Handle::ask` was polled once; over HTTP nobody
//! could know when it has. That the API says what the handle says is tested in `host/server`.
#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]

mod lines;
#[path = "../../../core/tests/conformance/outline.rs"]
mod outline;
mod player;
mod tree;

use player::Trace;
use serde::Deserialize;

#[derive(Deserialize)]
struct File {
    scenario: Vec<Scenario>,
}

#[derive(Deserialize)]
struct Scenario {
    name: String,
    tree: String,
    #[serde(default)]
    reshaped: String,
    script: Vec<String>,
    #[serde(default)]
    unordered: bool,
    trace: Vec<String>,
}

impl Scenario {
    /// Whether this is the trace. What is unordered may be so within a step, and one actor's lines keep their order.
    fn allows(&self, seen: &Trace) -> bool {
        let flat: Vec<_> = seen.iter().flatten().cloned().collect();
        if !self.unordered || flat.len() != self.trace.len() {
            return flat == self.trace;
        }
        let mut expected = &self.trace[..];
        seen.iter().all(|step| {
            let (said, rest) = expected.split_at(step.len());
            expected = rest;
            let (mut said, mut step) = (said.to_vec(), step.clone());
            said.sort_by_key(|line| whose(line).to_owned());
            step.sort_by_key(|line| whose(line).to_owned());
            said == step
        })
    }
}

/// Who a line is about; for what is heard, who hears it.
fn whose(line: &str) -> &str {
    match *line.split(' ').collect::<Vec<_>>() {
        ["exited", _, "to", who, ..] | ["down", _, _, "to", who, ..] => who,
        ["=>", ..] => "=>",
        [_, who, ..] => who,
        _ => line,
    }
}

async fn every_scenario_has_its_trace(text: &str) {
    let mut wrong = String::new();
    for scenario in toml::from_str::<File>(text).unwrap().scenario {
        let seen = player::play(&scenario.tree, &scenario.reshaped, &scenario.script).await;
        if !scenario.allows(&seen) {
            wrong += &format!("\n{}\n  said: {:?}\n  done: {seen:?}\n", scenario.name, scenario.trace);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

macro_rules! files {
    ($($name:ident),*) => {
        $(
            #[tokio::test]
            async fn $name() {
                every_scenario_has_its_trace(include_str!(concat!(
                    "../../../core/tests/conformance/", stringify!($name), ".toml"
                ))).await;
            }
        )*

        /// Each file of scenarios is played: none is forgotten here.
        #[test]
        fn every_file_is_played() {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../core/tests/conformance");
            let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
            let scenarios = files.filter(|path| path.extension().is_some_and(|extension| extension == "toml")).filter(|path| {
                std::fs::read_to_string(path).unwrap().contains("[[scenario]]")
            });
            let mut names: Vec<_> = scenarios.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
            names.sort();
            assert_eq!(names, [$(stringify!($name)),*]);
        }
    };
}

files!(administration, beyond, starts, strategies, ties);
