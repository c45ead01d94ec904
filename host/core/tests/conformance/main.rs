//! The conformance suite on the core, in virtual time. What the files say is in README.md beside them; a running host is
//! tested with the very same files.
#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]

mod outline;
mod player;
mod pointers;
mod tree;

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    scenario: Vec<Scenario>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    name: String,
    rules: Vec<String>,
    #[serde(default)]
    source: Vec<String>,
    tree: String,
    #[serde(default)]
    reshaped: String,
    script: Vec<String>,
    /// Whether a running host may say it in another order. The core may not.
    #[serde(default, rename = "unordered")]
    _unordered: bool,
    trace: Vec<String>,
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
    /// Where else it is shown, if the control plane alone cannot.
    elsewhere: Option<String>,
}

const FILES: [(&str, &str); 5] = [
    ("strategies", include_str!("strategies.toml")),
    ("starts", include_str!("starts.toml")),
    ("administration", include_str!("administration.toml")),
    ("beyond", include_str!("beyond.toml")),
    ("ties", include_str!("ties.toml")),
];

fn scenarios() -> Vec<Scenario> {
    let parse = |(name, text): (&str, &str)| {
        toml::from_str::<File>(text).unwrap_or_else(|error| panic!("{name}.toml: {error}")).scenario
    };
    FILES.into_iter().flat_map(parse).collect()
}

fn rules() -> BTreeMap<String, Rule> {
    toml::from_str::<Rules>(include_str!("rules.toml")).unwrap().rule
}

#[test]
fn every_scenario_has_its_trace() {
    let mut wrong = String::new();
    for scenario in scenarios() {
        let trace = player::play(&scenario.tree, &scenario.reshaped, &scenario.script);
        if trace != scenario.trace {
            wrong += &format!("\n{}\n  said: {:?}\n  done: {trace:?}\n", scenario.name, scenario.trace);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_rule_has_a_scenario() {
    let rules = rules();
    let covered: BTreeSet<String> = scenarios().into_iter().flat_map(|scenario| scenario.rules).collect();
    for rule in &covered {
        assert!(rules.contains_key(rule), "there is no rule `{rule}`");
    }
    for (name, rule) in &rules {
        let shown = covered.contains(name);
        assert!(shown != rule.elsewhere.is_some(), "`{name}` ({}): shown here or elsewhere, one of the two", rule.text);
    }
}

/// Those tests are there that rules and cases are said to be shown by.
#[test]
fn every_pointer_leads_to_a_test() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let suites: BTreeMap<String, BTreeMap<String, String>> = toml::from_str(include_str!("suites.toml")).unwrap();
    let elsewhere = rules().into_iter().filter_map(|(name, rule)| Some((name, rule.elsewhere?)));
    let mut pointers = 0;
    for (name, text) in elsewhere.chain(suites.into_values().flatten()) {
        assert_eq!(pointers::wrong(&repository, &text), None, "`{name}`");
        pointers += u32::from(pointers::has(&text));
    }
    assert!(pointers > 0, "none was looked at");
}

#[test]
fn names_are_unique() {
    let mut names = BTreeSet::new();
    for scenario in scenarios() {
        assert!(names.insert(scenario.name.clone()), "two scenarios are called `{}`", scenario.name);
    }
}

/// OTP's test cases: each with the scenarios that cover it, or why it does not apply.
#[test]
fn every_case_of_otp_is_accounted_for() {
    let suites: BTreeMap<String, BTreeMap<String, String>> = toml::from_str(include_str!("suites.toml")).unwrap();
    let scenarios = scenarios();
    let mut sources = BTreeSet::new();
    for scenario in &scenarios {
        for source in &scenario.source {
            let (suite, case) = source.split_once(':').unwrap();
            assert!(suites[suite].contains_key(case), "`{}` is of a case that is not listed: {source}", scenario.name);
            sources.insert(source.clone());
        }
    }
    for (suite, cases) in &suites {
        for (case, why) in cases {
            let covered = sources.contains(&format!("{suite}:{case}"));
            // An empty reason: it has to have a scenario.
            assert!(
                covered == why.is_empty(),
                "{suite}:{case} has a scenario ({covered}) or a reason (`{why}`), not both"
            );
        }
    }
}
