//! Messages and turns as data: who is there, what happens, and what comes of it, on a running host with real components,
//! in virtual time. What the files say is in README.md beside them.
#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]

mod player;
#[path = "../../../core/tests/conformance/pointers.rs"]
mod pointers;
mod step;

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    scenario: Vec<Scenario>,
}

/// A scenario, as README.md has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    name: String,
    rules: Vec<String>,
    actors: String,
    #[serde(default)]
    supervisor: String,
    script: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    rule: BTreeMap<String, Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    text: String,
    /// Tests that show it, instead of a scenario or besides.
    elsewhere: Option<String>,
}

/// A file beside this one.
fn text(file: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/messages");
    std::fs::read_to_string(folder.join(format!("{file}.toml"))).unwrap()
}

fn scenarios(file: &str) -> Vec<Scenario> {
    toml::from_str::<File>(&text(file)).unwrap_or_else(|error| panic!("{file}.toml: {error}")).scenario
}

async fn every_scenario_ends_as_it_says(file: &str) {
    let mut wrong = String::new();
    for scenario in scenarios(file) {
        for fault in player::play(&scenario).await {
            wrong += &format!("\n{}\n{fault}\n", scenario.name);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

const FILES: [&str; 5] = ["asks", "policies", "queues", "timers", "turns"];

#[tokio::test]
async fn asks() {
    every_scenario_ends_as_it_says("asks").await;
}

#[tokio::test]
async fn policies() {
    every_scenario_ends_as_it_says("policies").await;
}

#[tokio::test]
async fn queues() {
    every_scenario_ends_as_it_says("queues").await;
}

#[tokio::test]
async fn timers() {
    every_scenario_ends_as_it_says("timers").await;
}

#[tokio::test]
async fn turns() {
    every_scenario_ends_as_it_says("turns").await;
}

/// None is forgotten here.
#[test]
fn every_file_is_played() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/messages");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = files.filter_map(|name| name.strip_suffix(".toml").map(str::to_owned)).collect();
    names.retain(|name| name != "rules");
    names.sort();
    assert_eq!(names, FILES);
}

#[test]
fn every_rule_is_shown() {
    let rules = toml::from_str::<Rules>(&text("rules")).unwrap().rule;
    let mut names = BTreeSet::new();
    let mut shown = BTreeSet::new();
    for scenario in FILES.into_iter().flat_map(scenarios) {
        assert!(names.insert(scenario.name.clone()), "two scenarios are called `{}`", scenario.name);
        assert!(!scenario.rules.is_empty(), "`{}` shows nothing", scenario.name);
        shown.extend(scenario.rules);
    }
    for rule in &shown {
        assert!(rules.contains_key(rule), "there is no rule `{rule}`");
    }
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (name, Rule { text, elsewhere }) in &rules {
        assert!(!text.is_empty(), "`{name}` says nothing");
        match elsewhere {
            Some(elsewhere) => {
                assert!(pointers::has(elsewhere), "`{name}`: `{elsewhere}` names no test");
                assert_eq!(pointers::wrong(&repository, elsewhere), None, "`{name}`");
            }
            None => assert!(shown.contains(name), "`{name}` ({text}) is shown nowhere"),
        }
    }
}
