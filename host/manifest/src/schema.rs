//! The schema for editors and the parser know the same keys, kinds and words.

use crate::{SCHEMA, behavior, device, host, input, profile, route, supervisor};
use serde_json::Value;
use std::collections::BTreeSet;

fn schema() -> Value {
    serde_json::from_str(SCHEMA).unwrap()
}

fn keys(table: &Value) -> BTreeSet<String> {
    assert_eq!(table["additionalProperties"], false, "{table}");
    table["properties"].as_object().unwrap().keys().cloned().collect()
}

fn words<'w, T: 'w>(words: impl IntoIterator<Item = &'w (&'static str, T)>) -> BTreeSet<&'static str> {
    words.into_iter().map(|(word, _)| *word).collect()
}

#[test]
fn the_schema_has_the_keys_of_the_parser() {
    let schema = schema();
    let tables: [(&str, &[&str]); 14] = [
        ("host", host::HOST),
        ("supervisor", supervisor::SUPERVISOR),
        ("intensity", supervisor::INTENSITY),
        ("back-off", supervisor::BACK_OFF),
        ("template", supervisor::TEMPLATE),
        ("actor", behavior::ACTOR),
        ("behavior", behavior::BEHAVIOR),
        ("mailbox", behavior::MAILBOX),
        ("build", behavior::BUILD),
        ("topic", route::TOPIC),
        ("route", route::ROUTE),
        ("profile", profile::PROFILE),
        ("change", profile::PROFILE_ACTOR),
        ("", crate::ROOT),
    ];
    for (name, parser) in tables {
        let table = if name.is_empty() { &schema } else { &schema["$defs"][name] };
        assert_eq!(keys(table), parser.iter().map(|key| (*key).to_owned()).collect(), "{name}");
    }
}

#[test]
fn the_schema_has_the_devices_of_the_parser() {
    let schema = schema();
    let kinds = schema["$defs"]["device"]["oneOf"].as_array().unwrap();
    assert_eq!(kinds.len(), device::SORTS.len());
    for (sort, kind) in device::SORTS.iter().zip(kinds) {
        assert_eq!(kind["properties"]["kind"]["const"], sort.word);
        assert_eq!(keys(kind), sort.keys.iter().map(|key| (*key).to_owned()).collect(), "{}", sort.word);
    }
}

#[test]
fn the_schema_has_the_words_of_the_parser() {
    let schema = schema();
    let check = |table: &Value, key: &str, parser: BTreeSet<&str>| {
        let found: BTreeSet<&str> =
            table["properties"][key]["enum"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
        assert_eq!(found, parser, "{key}");
    };
    let defs = &schema["$defs"];
    check(&defs["supervisor"], "strategy", words(&supervisor::STRATEGIES));
    check(&defs["supervisor"], "auto-shutdown", words(&supervisor::AUTO_SHUTDOWNS));
    check(&defs["supervisor"], "on-give-up", words(&supervisor::GIVE_UPS));
    check(&defs["template"], "restart", words(&supervisor::RESTARTS));
    check(&defs["supervisor"], "restart", words(&supervisor::RESTARTS));
    check(&defs["actor"], "restart", words(&supervisor::RESTARTS));
    check(&defs["actor"], "keep-state", words(&behavior::KEEP));
    check(&defs["behavior"], "keep-state", words(&behavior::KEEP_SPAWNED));
    check(&defs["actor"], "memory-class", words(&behavior::MEMORY_CLASSES));
    check(&defs["behavior"], "memory-class", words(&behavior::MEMORY_CLASSES));
    check(&defs["mailbox"], "when-full", words(&behavior::WHEN_FULL));
    check(&defs["device"]["oneOf"][1], "bias", words(&input::BIASES));
    for output in [9, 10] {
        check(&defs["device"]["oneOf"][output], "safe", words(&device::LEVELS));
    }
}

/// A key that is listed and never read would be accepted in silence: each must mind a value of the wrong type.
#[test]
fn the_parser_reads_every_key() {
    let check = |header: &str, keys: &[&str], rest: &str| {
        for key in keys {
            // A date is right nowhere but within `config`.
            let text = format!("[{header}]\n{key} = 1979-05-27\n{rest}");
            let place = text.find("1979").unwrap();
            let faults = crate::parse(&text, std::path::Path::new("greenroom.toml"), None).unwrap_err();
            let minds = faults.list().iter().any(|fault| fault.places().iter().any(|label| label.span.start == place));
            assert!(minds, "nobody minds {text}\n{faults}");
        }
    };
    check("host", host::HOST, "");
    check("supervisor.s", supervisor::SUPERVISOR, "");
    check("supervisor.s.intensity", supervisor::INTENSITY, "");
    check("supervisor.s.back-off", supervisor::BACK_OFF, "");
    check("supervisor.s.template", supervisor::TEMPLATE, "");
    check("actor.a", behavior::ACTOR, "");
    check("behavior.b", behavior::BEHAVIOR, "");
    check("actor.a.mailbox", behavior::MAILBOX, "");
    check("actor.a.build", behavior::BUILD, "");
    check("topic.a", route::TOPIC, "");
    check("route.\"/a\"", &["stream"], "");
    check("route.\"/a\"", &["actor"], "get = \"x\"");
    check("route.\"/a\"", &["get", "post"], "actor = \"x\"\n[actor.x]\nsource = \"x\"");
    check("profile.p", profile::PROFILE, "");
    check("profile.p.actor.x", profile::PROFILE_ACTOR, "[actor.x]\nsource = \"x\"");
    for sort in device::SORTS {
        let keys: Vec<&str> = sort.keys.iter().copied().filter(|key| *key != "kind").collect();
        check("device.d", &keys, &format!("kind = \"{}\"", sort.word));
    }
}
