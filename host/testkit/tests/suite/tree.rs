//! The suite's trees as manifests. What a tree does not say the manifest does not say either: the host's own defaults have
//! to be the right ones.

use crate::outline;
use serde_json::{Map, Value, json};
use std::fmt::Write;
use std::time::Duration;

/// A line of a tree, with what is beneath it.
pub(crate) struct Child {
    pub(crate) name: String,
    /// Keys of the manifest, or of the order `start-child`.
    pub(crate) keys: Map<String, Value>,
    is_supervisor: bool,
    children: Vec<Child>,
}

/// `1s` or `200ms`.
pub(crate) fn time(text: &str) -> Duration {
    let number = |digits: &str| digits.parse().unwrap_or_else(|_| panic!("no time: {text}"));
    match text.strip_suffix("ms") {
        Some(digits) => Duration::from_millis(number(digits)),
        None => Duration::from_secs(number(text.strip_suffix('s').unwrap_or_else(|| panic!("no time: {text}")))),
    }
}

/// A manifest: the director with its configuration, the behaviour of the puppets with what they are granted, and the tree.
pub(crate) fn manifest(tree: &str, plot: &Value, grants: &[String]) -> String {
    let puppet = json!({ "source": "puppet.wasm", "grant": grants, "memory": "4MiB", "deadline": "200ms" });
    let mut text = String::new();
    table(&mut text, "actor.director", &json!({ "source": "director.wasm", "config": plot }));
    table(&mut text, "behavior.puppet", &puppet);
    for child in parse(tree) {
        write(&mut text, &child, &puppet);
    }
    text
}

fn write(text: &mut String, child: &Child, puppet: &Value) {
    let mut keys = child.keys.clone();
    if child.is_supervisor {
        if !keys.contains_key("template") {
            let names = child.children.iter().map(|child| child.name.as_str());
            keys.insert("children".into(), names.collect());
        }
        table(text, &format!("supervisor.{}", child.name), &Value::Object(keys));
    } else {
        keys.extend(puppet.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())));
        keys.insert("config".into(), json!({ "who": child.name }));
        table(text, &format!("actor.{}", child.name), &Value::Object(keys));
    }
    for child in &child.children {
        write(text, child, puppet);
    }
}

fn table(text: &mut String, title: &str, keys: &Value) {
    let keys = keys.as_object().into_iter().flatten();
    let lines: String = keys.map(|(key, value)| format!("{key} = {}\n", toml(value))).collect();
    write!(text, "[{title}]\n{lines}\n").unwrap();
}

/// A value in TOML: as in JSON, but for tables.
fn toml(value: &Value) -> String {
    match value {
        Value::Object(keys) => {
            let keys = keys.iter().map(|(key, value)| format!("{key} = {}", toml(value)));
            format!("{{ {} }}", keys.collect::<Vec<_>>().join(", "))
        }
        value => value.to_string(),
    }
}

fn parse(text: &str) -> Vec<Child> {
    outline::read(text, child)
}

/// One line: a name, and words in any order.
pub(crate) fn child(line: &str, children: Vec<Child>) -> Child {
    let mut words = line.split_whitespace();
    let name = words.next().unwrap().to_owned();
    let (mut own, mut template, mut intensity) = (Map::new(), Map::new(), Map::new());
    let mut is_supervisor = false;
    for word in words {
        let (word, value) = word.split_once('=').unwrap_or((word, ""));
        let (each, word) = word.strip_prefix("each-").map_or((false, word), |word| (true, word));
        let keys = if each { &mut template } else { &mut own };
        let (keys, key, value) = match word {
            "permanent" | "transient" | "temporary" => (keys, "restart", json!(word)),
            "significant" => (keys, "significant", json!(true)),
            "brutal" => (keys, "shutdown", json!("brutal")),
            "shutdown" => (keys, "shutdown", json!(value)),
            "one-for-one" | "one-for-all" | "rest-for-one" | "dynamic" => {
                is_supervisor = true;
                (keys, "strategy", json!(word))
            }
            "restarts" => (&mut intensity, "restarts", json!(value.parse::<u32>().unwrap())),
            "within" => (&mut intensity, "within", json!(value)),
            "auto-shutdown" => (keys, "auto-shutdown", json!(value)),
            "quarantine" => (keys, "on-give-up", json!("quarantine")),
            "back-off" => (keys, "back-off", json!({ "first": value, "jitter": 0, "reset": "1s" })),
            _ => panic!("no such word in a tree: `{word}` in `{line}`"),
        };
        keys.insert(key.into(), value);
    }
    if own.get("strategy").is_some_and(|strategy| strategy == "dynamic") {
        template.insert("behavior".into(), json!("puppet"));
    }
    for (key, keys) in [("template", template), ("intensity", intensity)] {
        if !keys.is_empty() {
            own.insert(key.into(), Value::Object(keys));
        }
    }
    Child { name, keys: own, is_supervisor, children }
}
