//! `checks.json`: scenarios, each a list of steps in a host of its own, in virtual time.
//!
//! A step is one of these, about `subject` unless `to` or `by` names another actor:
//!
//! | | |
//! |---|---|
//! | `ask`, `with` | asks for a check; its result `is` that, or the question was `refused` or `fails` with that text; `meanwhile` time passes |
//! | `tell`, `with` | tells it, and waits for nothing |
//! | `heard` | what it has heard since it was last asked |
//! | `advance` | lets time pass |
//! | `event`, `of`, `has` | waits for an event with these fields |
//! | `device`, `latest` | a device, the last message on a topic; `is` that |
//! | `logged` | the last line of its log, level and text |
//! | `actors` | how many there are |
//! | `dead` | the last dead letter: its kind, and why |
//! | `kill`, `restart` | kills an actor; ends it in order and starts it again |
//! | `swap` | takes the other component over; it `is` that, or it `fails` |
//!
//! In arguments `$name` stands for an actor's address or what was kept as `=name`, `$5s` for nanoseconds. In what is
//! expected `"*"` is anything, `"~text"` a text with that in it, `"=name"` anything, kept. A list in a list of arguments
//! is one check of several in a turn, and `{"lines": …}` the arguments of a check that another actor is to be sent.

use crate::surface::Surface;
use greenroom_core::Message;
use greenroom_engine::hub::{From, Item};
use greenroom_testkit::{PATIENCE, Stage, guest};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A scenario.
pub(crate) struct Scenario {
    pub(crate) name: String,
    pub(crate) manifest: &'static str,
    /// Whether it needs the import `asking`.
    pub(crate) asking: bool,
    pub(crate) steps: Vec<Map<String, Value>>,
}

/// All scenarios.
pub(crate) fn scenarios() -> Vec<Scenario> {
    let file: Value = serde_json::from_str(include_str!("checks.json")).unwrap();
    let scenario = |(name, scenario): (&String, &Value)| Scenario {
        name: name.clone(),
        manifest: match scenario["house"].as_str() {
            Some("registry") => include_str!("registry.toml"),
            _ => include_str!("house.toml"),
        },
        asking: scenario["asking"] == true,
        steps: scenario["steps"].as_array().unwrap().iter().map(|step| step.as_object().unwrap().clone()).collect(),
    };
    file.as_object().unwrap().iter().map(scenario).collect()
}

/// The checks that are asked for, and the errors that they are expected to end with: `send-error.too-large`.
pub(crate) fn covered() -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut checks, mut errors) = (BTreeSet::new(), BTreeSet::new());
    let case = |error: &Value| match error {
        Value::Object(case) => case.keys().next().cloned(),
        other => other.as_str().map(str::to_owned),
    };
    for step in scenarios().iter().flat_map(|scenario| &scenario.steps) {
        for (check, is) in asked(step) {
            let error = case(&is["error"]).zip(Surface::error_of(&check));
            errors.extend(error.map(|(case, error)| format!("{error}.{case}")));
            checks.insert(check);
        }
        for heard in step.get("heard").and_then(Value::as_array).into_iter().flatten() {
            let heard = heard.as_object().unwrap().values().next().unwrap();
            errors.extend(heard.get("error").and_then(case).map(|case| format!("ask-error.{case}")));
            let reason = heard.get("why").or_else(|| heard.get("error")?.get("ended"));
            errors.extend(reason.and_then(case).map(|case| format!("reason.{case}")));
        }
    }
    (checks, errors)
}

/// The checks that a step asks for, with what is expected of each.
fn asked(step: &Map<String, Value>) -> Vec<(String, Value)> {
    let expect = step.get("is").cloned().unwrap_or_default();
    let own = |check: &Value, is: &Value| Some((check.as_str()?.to_owned(), is.clone()));
    match (step.get("with").and_then(Value::as_array).map(Vec::as_slice), &expect) {
        (Some(several @ [Value::Array(_), ..]), Value::Array(results)) => {
            several.iter().zip(results).filter_map(|(check, is)| own(&check[0], is)).collect()
        }
        _ => step.get("ask").and_then(|check| own(check, &expect)).into_iter().collect(),
    }
}

/// A scenario as it is played.
pub(crate) struct Script {
    stage: Stage,
    /// What a failure is reported as.
    title: String,
    /// The component that `swap` takes over, and the one that it takes it over from.
    components: [String; 2],
    kept: BTreeMap<String, Value>,
}

impl Script {
    pub(crate) fn new(stage: Stage, scenario: &str, subject: &str, partner: &str) -> Self {
        let mut kept = BTreeMap::from([("nobody".to_owned(), "0000000000000001-00000000000000ff".into())]);
        for name in ["subject", "partner", "small", "bystander"] {
            if let Ok(node) = stage.handle().show(name) {
                kept.insert(name.to_owned(), node.address.into());
            }
        }
        let title = format!("{subject} with {partner}, {scenario}");
        Self { stage, title, components: [partner.to_owned(), subject.to_owned()], kept }
    }

    pub(crate) async fn play(mut self, steps: &[Map<String, Value>]) {
        for (number, step) in steps.iter().enumerate() {
            if let Err(why) = self.step(step).await {
                panic!("{}, step {} {}:\n{why}", self.title, number + 1, Value::Object(step.clone()));
            }
        }
    }

    async fn step(&mut self, step: &Map<String, Value>) -> Result<(), String> {
        // In peace: what came of the steps before is over.
        self.stage.advance(Duration::ZERO).await;
        let text = |key: &str| step.get(key).and_then(Value::as_str);
        let expect = step.get("is").unwrap_or(&Value::Null);
        if let Some(check) = text("ask") {
            return self.ask(text("to").unwrap_or("subject"), check, step).await;
        }
        if let Some(kind) = text("tell") {
            let message = self.message(kind, step);
            return self.stage.handle().tell(text("to").unwrap_or("subject"), message).map_err(|e| e.to_string());
        }
        if let Some(heard) = step.get("heard") {
            let answer = self.stage.ask(text("by").unwrap_or("subject"), "heard", Value::Null).await;
            return self.fits(heard, &answer.map_err(|error| error.to_string())?["result"]);
        }
        if let Some(time) = text("advance") {
            self.stage.advance(duration(time).ok_or("no duration")?).await;
            return Ok(());
        }
        if let Some(kind) = text("event") {
            let of = text("of").unwrap_or("subject");
            let event = self.stage.event(kind, of).await;
            for (key, value) in step.get("has").and_then(Value::as_object).into_iter().flatten() {
                self.fits(value, &event[key])?;
            }
            return Ok(());
        }
        if let Some(device) = text("device") {
            return self.fits(expect, &self.stage.device(device).map_or_else(Into::into, Into::into));
        }
        if let Some(topic) = text("latest") {
            return self.fits(expect, &self.stage.latest(topic).unwrap_or_default());
        }
        if let Some(expect) = step.get("logged") {
            return self.fits(expect, &self.logged(text("by").unwrap_or("subject")));
        }
        if let Some(expect) = step.get("actors") {
            return self.fits(expect, &self.stage.handle().counters().actors.into());
        }
        if let Some(expect) = step.get("dead") {
            let letters = self.stage.handle().dead_letters();
            let last = letters.letters.last().map(|letter| serde_json::json!([letter.kind, letter.why]));
            return self.fits(expect, &last.unwrap_or_default());
        }
        if let Some(whom) = text("kill") {
            return self.stage.handle().kill(whom).await.map_err(|error| error.to_string());
        }
        if let Some(whom) = text("terminate") {
            let order = serde_json::json!({ "child": whom });
            return self
                .stage
                .ask("stage", "terminate-child", order)
                .await
                .map(drop)
                .map_err(|error| error.to_string());
        }
        if let Some(whom) = text("restart") {
            return self.stage.handle().restart(whom).await.map_err(|error| error.to_string());
        }
        if step.contains_key("swap") {
            let file = format!("{}.wasm", self.components[1]);
            self.stage.install(&file, &guest(&self.components[0]));
            let reloaded = self.stage.handle().reload("subject").await;
            return match (reloaded, text("fails")) {
                (Ok(done), None) => self.fits(expect, &done.state.into()),
                (Err(error), Some(why)) => self.fits(&why.into(), &error.to_string().into()),
                (reloaded, _) => Err(format!("{reloaded:?}")),
            };
        }
        Err("no such step".into())
    }

    async fn ask(&mut self, to: &str, check: &str, step: &Map<String, Value>) -> Result<(), String> {
        let handle = self.stage.handle().clone();
        let asking = handle.ask(to, self.message(check, step), PATIENCE);
        let answer = match step.get("meanwhile").and_then(Value::as_str).and_then(duration) {
            Some(time) => tokio::join!(biased; asking, self.stage.advance(time)).0,
            None => asking.await,
        };
        use greenroom_engine::CallError::Refused;
        match (answer, step.get("refused"), step.get("fails")) {
            (Ok(answer), None, None) => {
                let answer: Value = serde_json::from_slice(&answer.body).map_err(|error| error.to_string())?;
                self.fits(&check.into(), &answer["check"])?;
                self.fits(step.get("is").unwrap_or(&Value::Null), &answer["result"])
            }
            (Err(Refused(why)), Some(expect), _) => self.fits(expect, &why.into()),
            (Err(error), _, Some(expect)) => self.fits(expect, &error.to_string().into()),
            (answer, ..) => {
                Err(format!("{:?}", answer.map(|answer| String::from_utf8_lossy(&answer.body).into_owned())))
            }
        }
    }

    /// A message with the arguments of a step.
    fn message(&self, kind: &str, step: &Map<String, Value>) -> Message {
        let with = step.get("with").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let lines = |list: &[Value]| list.iter().map(|one| self.argument(one)).collect::<Vec<_>>().join("\n");
        let body = match with {
            [Value::Array(_), ..] => {
                with.iter().map(|check| lines(check.as_array().unwrap())).collect::<Vec<_>>().join("\n;\n")
            }
            _ => lines(with),
        };
        Message::new(kind.parse().unwrap(), body.into_bytes())
    }

    fn argument(&self, argument: &Value) -> String {
        if let Some(lines) = argument.get("lines").and_then(Value::as_array) {
            let lines = lines.iter().map(|line| self.argument(line)).collect::<Vec<_>>().join("\n");
            return lines.bytes().fold("hex:".into(), |text, byte| text + &format!("{byte:02x}"));
        }
        let text = argument.as_str().map_or_else(|| argument.to_string(), str::to_owned);
        let Some(name) = text.strip_prefix('$') else { return text };
        match (self.kept.get(name), duration(name)) {
            (Some(Value::String(text)), _) => text.clone(),
            (Some(other), _) => other.to_string(),
            (None, Some(time)) => time.as_nanos().to_string(),
            (None, None) => panic!("{}: nothing was kept as ${name}", self.title),
        }
    }

    /// The last line of an actor's log.
    fn logged(&self, actor: &str) -> Value {
        let mut lines = self.stage.handle().hub().open(vec!["greenroom/logs".parse().unwrap()], From::Earliest);
        let mut last = Value::Null;
        while let Some(Item::Message(line)) = lines.try_next() {
            let body: Value = serde_json::from_slice(&line.body).unwrap();
            if body["actor"] == actor {
                last = serde_json::json!([line.kind.as_str(), body["text"]]);
            }
        }
        last
    }

    /// Whether it is what was expected; keeps what is to be kept.
    fn fits(&mut self, expect: &Value, actual: &Value) -> Result<(), String> {
        let wrong = || Err(format!("expected {expect}\n     got {actual}"));
        match (expect, actual) {
            (Value::String(word), _) if word == "*" => Ok(()),
            (Value::String(word), _) if word.starts_with('=') => {
                self.kept.insert(word[1..].to_owned(), actual.clone());
                Ok(())
            }
            (Value::String(word), Value::String(text)) if word.starts_with('~') => {
                if text.contains(&word[1..]) {
                    Ok(())
                } else {
                    wrong()
                }
            }
            (Value::String(word), _) if word.starts_with('$') => {
                let argument = self.argument(expect);
                let text = actual.as_str().map_or_else(|| actual.to_string(), str::to_owned);
                if text == argument { Ok(()) } else { wrong() }
            }
            (Value::Array(expect), Value::Array(actual)) if expect.len() == actual.len() => expect
                .iter()
                .zip(actual)
                .try_for_each(|(expect, actual)| self.fits(expect, actual))
                .or_else(|_| wrong()),
            (Value::Object(expect), Value::Object(actual)) if expect.keys().eq(actual.keys()) => {
                expect.iter().try_for_each(|(key, expect)| self.fits(expect, &actual[key])).or_else(|_| wrong())
            }
            (Value::Number(one), Value::Number(other)) if one.as_f64() == other.as_f64() => Ok(()),
            _ if expect == actual => Ok(()),
            _ => wrong(),
        }
    }
}

/// `1500ms`, `5s`, `2h`.
fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic())?);
    let number: u64 = number.parse().ok()?;
    match unit {
        "ns" => Some(Duration::from_nanos(number)),
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "h" => Some(Duration::from_secs(number * 3600)),
        _ => None,
    }
}
