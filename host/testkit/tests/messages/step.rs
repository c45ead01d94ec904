//! A script's line, taken apart: words, a body in JSON, and what is expected.

use serde_json::{Map, Value};
use std::time::Duration;

/// A line of a script.
#[derive(Debug)]
pub(crate) struct Step<'a> {
    /// What comes before the body and the expectation.
    pub(crate) words: Vec<&'a str>,
    /// `null` if there is none.
    pub(crate) body: Value,
    pub(crate) expect: Option<Expect<'a>>,
}

/// What a line says will come of it.
#[derive(Debug)]
pub(crate) enum Expect<'a> {
    /// `= VALUE`
    Is(Value),
    /// `! WORD …`: it fails so; with `…` at its end this is only the beginning of what is said.
    Fails(&'a str),
    /// `-> NAME`: what it is called from then on.
    Called(&'a str),
}

/// A JSON value at the beginning, and the rest.
fn value(text: &str) -> (Value, &str) {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let value = values.next().unwrap_or_else(|| panic!("a value is missing"));
    let value = value.unwrap_or_else(|error| panic!("`{text}`: {error}"));
    (value, text[values.byte_offset()..].trim_start())
}

/// `4..7` is 4, 5, 6.
fn expected(text: &str) -> Value {
    if let Some((from, to)) = text.split_once("..").filter(|_| text.starts_with(|first: char| first.is_ascii_digit())) {
        let (from, to): (u64, u64) = (from.parse().unwrap(), to.parse().unwrap());
        return (from..to).collect();
    }
    let (value, rest) = value(text);
    assert_eq!(rest, "", "after `{text}`");
    value
}

/// Takes a line apart.
pub(crate) fn parse(line: &str) -> Step<'_> {
    let (mut words, mut body, mut rest) = (Vec::new(), Value::Null, line.trim());
    let mut expect = None;
    while !rest.is_empty() {
        if rest.starts_with('{') {
            (body, rest) = value(rest);
            continue;
        }
        let (word, after) = rest.split_once(' ').unwrap_or((rest, ""));
        rest = after.trim_start();
        match word {
            "=" => expect = Some(Expect::Is(expected(rest))),
            "!" => expect = Some(Expect::Fails(rest)),
            "->" => expect = Some(Expect::Called(rest)),
            word => {
                words.push(word);
                continue;
            }
        }
        break;
    }
    Step { words, body, expect }
}

/// `1s`, `200ms` or `1h`.
pub(crate) fn time(text: &str) -> Duration {
    let number = |digits: &str| digits.parse::<u64>().unwrap_or_else(|_| panic!("no time: {text}"));
    match (text.strip_suffix("ms"), text.strip_suffix('s'), text.strip_suffix('h')) {
        (Some(digits), ..) => Duration::from_millis(number(digits)),
        (_, Some(digits), _) => Duration::from_secs(number(digits)),
        (.., Some(digits)) => Duration::from_secs(3600 * number(digits)),
        _ => panic!("no time: {text}"),
    }
}

/// A manifest: the actors of a scenario, a line each, under one supervisor.
pub(crate) fn manifest(actors: &str, supervisor: &str) -> String {
    let lines: Vec<Vec<&str>> = actors.lines().map(|line| line.split_whitespace().collect()).collect();
    let lines: Vec<_> = lines.iter().filter(|line| !line.is_empty()).collect();
    let names: Vec<_> = lines.iter().map(|line| line[0]).collect();
    let tells = names.iter().map(|name| format!("\"tell:{name}\", "));
    let grant = format!("grant = [{}{GRANTS}]", tells.collect::<String>());
    let topics = if names.contains(&"topics") { "topics = \"topics\"\n" } else { "" };
    let mut text = format!(
        "[host]\nworkers = 1\n{topics}[device.relay]\nkind = \"sim-relay\"\nsafe = \"off\"\n[topic.\"test/**\"]\nkeep = 10000\n\
         [behavior.kid]\nsource = \"swapper.wasm\"\n{grant}\n[behavior.counter]\nsource = \"state_v1.wasm\"\n\
         [supervisor.all]\nintensity = {{ restarts = 100, within = \"60s\" }}\nchildren = {names:?}\n{supervisor}\n"
    );
    for line in lines {
        let [name, probe, keys @ ..] = &line[..] else { panic!("`{line:?}` is no actor") };
        text += &format!("[actor.{name}]\nsource = \"{probe}.wasm\"\n{grant}\n");
        for key in keys {
            let (key, value) = key.split_once('=').unwrap_or_else(|| panic!("`{key}` has no value"));
            match (key, value.split_once(':')) {
                ("mailbox", Some((limit, policy))) => {
                    text += &format!("mailbox = {{ limit = {limit}, when-full = \"{policy}\" }}\n");
                }
                _ => text += &format!("{key} = \"{value}\"\n"),
            }
        }
    }
    text
}

/// What every actor may do: what the probes import needs it.
const GRANTS: &str = r#""publish:test/**", "subscribe:test/**", "write:relay", "read:relay", "spawn:kid", "spawn:counter",
    "register:kid", "register:old", "routes""#;

/// What is said of a thing by the words `key=value`, as JSON where it is that.
pub(crate) fn pairs(words: &[&str]) -> Map<String, Value> {
    let pair = |word: &&str| {
        let (key, value) = word.split_once('=').unwrap_or_else(|| panic!("`{word}` has no value"));
        (key.to_owned(), serde_json::from_str(value).unwrap_or_else(|_| Value::from(value)))
    };
    words.iter().map(pair).collect()
}
