//! Plays a script on a running host, through what the outside may ask of it. A line is over when the host is quiet.

use crate::Scenario;
use crate::step::{self, Expect, Step};
use greenroom_core::Message;
use greenroom_engine::hub::{From, Item};
use greenroom_engine::{CallError, Reloaded};
use greenroom_testkit::{PATIENCE, Stage, guest, message};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// How long answers are waited for where the script says nothing.
const LONG: Duration = Duration::from_secs(100 * 3600);

type Answer = Result<Message, CallError>;
type Later<T> = Pin<Box<dyn Future<Output = T>>>;

/// A question from outside.
enum Question {
    Open(Later<Answer>),
    Answered(Answer),
}

struct Player {
    stage: Stage,
    questions: HashMap<String, Question>,
    /// Reloads that go on while the rest of the line does.
    reloads: Vec<Later<Result<Reloaded, CallError>>>,
    /// What the script has a name for: actors' addresses, and answers.
    called: HashMap<String, Value>,
    faults: Vec<String>,
}

/// Plays a scenario. Each line that did not come out as it says, and what came of it instead.
pub(crate) async fn play(scenario: &Scenario) -> Vec<String> {
    let stage = Stage::in_virtual_time(&step::manifest(&scenario.actors, &scenario.supervisor), None).await;
    let names = scenario.actors.split('\n').filter_map(|line| line.split_whitespace().next());
    let called = names.map(|name| (name.to_owned(), json!(stage.handle().show(name).unwrap().address))).collect();
    let mut player = Player { stage, questions: HashMap::new(), reloads: Vec::new(), called, faults: Vec::new() };
    for line in &scenario.script {
        let parts: Vec<_> = line.split(" & ").collect();
        for part in &parts {
            if let Err(seen) = player.step(step::parse(part), parts.len() > 1).await {
                player.faults.push(format!("  said: {part}\n  seen: {seen}"));
            }
        }
        player.settle().await;
    }
    player.faults
}

impl Player {
    /// Does a step. The error is what came of it, where that is not what it says. `together`: with others, in one line.
    async fn step(&mut self, step: Step<'_>, together: bool) -> Result<(), String> {
        let Step { words, mut body, expect } = step;
        self.fill(&mut body);
        match *words {
            ["tell", whom, kind] => {
                let told = self.stage.handle().tell(&self.whom(whom), message(kind, &body));
                self.compare(told.map(|()| Value::Null), expect, false)
            }
            ["ask", ref within @ .., whom, kind] => {
                let name = within.iter().find_map(|word| word.strip_suffix(':'));
                let timeout = within.iter().find_map(|word| word.strip_prefix("within="));
                let question = self.ask(&self.whom(whom), message(kind, &body), timeout.map_or(LONG, step::time));
                match (name, together) {
                    (Some(name), _) => {
                        assert!(expect.is_none(), "what `{name}` comes to is said of its answer");
                        self.questions.insert(name.to_owned(), question);
                        Ok(())
                    }
                    (None, true) => {
                        let answer = match question {
                            Question::Answered(answer) => answer,
                            Question::Open(question) => patiently(question).await?,
                        };
                        self.compare(read(answer), expect, true)
                    }
                    (None, false) => {
                        self.questions.insert(String::new(), question);
                        self.settle().await;
                        self.answer("", expect)
                    }
                }
            }
            ["answer", name] => self.answer(name, expect),
            ["still-open", name] => match self.questions[name] {
                Question::Open(_) => Ok(()),
                Question::Answered(ref answer) => Err(format!("{answer:?}")),
            },
            ["advance", time] => {
                self.stage.advance(step::time(time)).await;
                Ok(())
            }
            // The host does nothing, and time passes all the same.
            ["stall", time] => {
                let clock = self.stage.host().clock();
                clock.advance_to(clock.now() + step::time(time));
                Ok(())
            }
            ["kill", whom] => self.stage.handle().kill(&self.whom(whom)).await.map_err(|error| error.to_string()),
            ["restart", whom] => self.stage.handle().restart(&self.whom(whom)).await.map_err(|error| error.to_string()),
            // The probe of this name, in a build with other bytes.
            ["reload", whom, "renewed", probe] => {
                let mut bytes = guest(probe);
                bytes.extend(b"\0\x08\x07renewed");
                self.stage.install(&format!("{probe}.wasm"), &bytes);
                let (handle, whom) = (self.stage.handle().clone(), self.whom(whom));
                let mut reload: Later<_> = Box::pin(async move { handle.reload(&whom).await });
                match poll(reload.as_mut()) {
                    Some(reloaded) => drop(reloaded.map_err(|error| error.to_string())?),
                    None => self.reloads.push(reload),
                }
                Ok(())
            }
            ["until", whom, "handles", kind] => {
                let handles = || self.actor(whom)["handling"] == kind;
                let waiting = async {
                    while !handles() {
                        tokio::task::yield_now().await;
                    }
                };
                patiently(waiting).await
            }
            ["shows", whom, ref pairs @ ..] => {
                let actor = self.actor(whom);
                differ(&actor, &Value::Object(step::pairs(pairs)))
            }
            ["counts", ref pairs @ ..] => {
                let counters = serde_json::to_value(self.stage.handle().counters()).unwrap();
                differ(&counters, &Value::Object(step::pairs(pairs)))
            }
            // How many dead letters of a receiver and a kind there are, and why.
            ["letters"] => {
                let mut letters = BTreeMap::<String, u64>::new();
                for letter in self.stage.handle().dead_letters().letters {
                    *letters.entry(format!("{} {}: {}", letter.to, letter.kind, letter.why)).or_default() += 1;
                }
                self.compare(Ok::<_, CallError>(json!(letters)), expect, true)
            }
            ["letters", field] => {
                let letters = self.stage.handle().dead_letters().letters;
                let body = |body: &str| serde_json::from_str::<Value>(body).unwrap_or_default();
                let fields = letters.iter().map(|letter| body(&letter.body)[field].clone());
                self.compare(Ok::<_, CallError>(fields.collect()), expect, true)
            }
            ["published", topic, ref field @ ..] => {
                let all = self.published(topic).into_iter().map(|(_, body)| pick(body, field)).collect();
                self.compare(Ok::<_, CallError>(all), expect, true)
            }
            ["events", kind, whom, ref field @ ..] => {
                let events = self.published("greenroom/events").into_iter();
                let of = events.filter(|(word, body)| word == kind && body["actor"] == whom);
                let of = of.map(|(_, body)| pick(body, field)).collect();
                self.compare(Ok::<_, CallError>(of), expect, true)
            }
            ["warnings"] => {
                let lines = self.published("greenroom/logs").into_iter().filter(|(level, _)| level == "warn");
                self.compare(Ok::<_, CallError>(lines.map(|(_, body)| body["text"].clone()).collect()), expect, true)
            }
            ["device", name] => self.compare(Ok::<_, CallError>(json!(self.stage.device(name).unwrap())), expect, true),
            _ => panic!("no such step: {words:?}"),
        }
    }

    /// What a script calls somebody is their name; those without one have `$NAME`.
    fn whom(&self, whom: &str) -> String {
        whom.strip_prefix('$').map_or(whom, |name| self.called[name].as_str().unwrap()).to_owned()
    }

    /// `"@x"` is the address of `x`, `"$x"` what was called so.
    fn fill(&self, body: &mut Value) {
        match body {
            Value::String(text) => {
                if let Some(name) = text.strip_prefix(['@', '$']) {
                    *body = self.called[name].clone();
                }
            }
            Value::Object(keys) => keys.values_mut().for_each(|value| self.fill(value)),
            Value::Array(values) => values.iter_mut().for_each(|value| self.fill(value)),
            _ => {}
        }
    }

    /// The question has reached the host when this returns.
    fn ask(&self, whom: &str, message: Message, timeout: Duration) -> Question {
        let (handle, whom) = (self.stage.handle().clone(), whom.to_owned());
        let mut question: Later<_> = Box::pin(async move { handle.ask(&whom, message, timeout).await });
        poll(question.as_mut()).map_or(Question::Open(question), Question::Answered)
    }

    fn answer(&mut self, name: &str, expect: Option<Expect<'_>>) -> Result<(), String> {
        match self.questions.remove(name).unwrap_or_else(|| panic!("`{name}` was not asked")) {
            Question::Answered(answer) => self.compare(read(answer), expect, true),
            Question::Open(_) => Err("no answer yet".into()),
        }
    }

    /// Compares what came of something. `said`: something has to be expected, if it is not that all is well.
    fn compare(
        &mut self,
        seen: Result<Value, impl Into<CallWord>>,
        expect: Option<Expect<'_>>,
        said: bool,
    ) -> Result<(), String> {
        let seen = seen.map_err(|error| error.into().0);
        let same = match (&seen, expect) {
            (Ok(_), None) => true,
            (Ok(value), Some(Expect::Is(mut expected))) if said => {
                self.fill(&mut expected);
                *value == expected
            }
            (Ok(value), Some(Expect::Called(name))) => {
                self.called.insert(name.to_owned(), value.clone());
                true
            }
            (Err(word), Some(Expect::Fails(expected))) => match expected.strip_suffix('…') {
                Some(beginning) => word.starts_with(beginning),
                None => word == expected,
            },
            _ => false,
        };
        match (same, seen) {
            (true, _) => Ok(()),
            (false, Ok(value)) => Err(value.to_string()),
            (false, Err(word)) => Err(format!("! {word}")),
        }
    }

    fn actor(&self, whom: &str) -> Value {
        let node = self.stage.handle().show(&self.whom(whom)).map(|node| serde_json::to_value(node).unwrap());
        let mut node = node.unwrap_or_else(|error| json!({ "state": error.to_string() }));
        let mut actor = node["actor"].take();
        if actor.is_null() {
            actor = json!({});
        }
        actor["state"] = node["state"].clone();
        actor
    }

    /// Kind and body of all that was published on a topic.
    fn published(&self, topic: &str) -> Vec<(String, Value)> {
        let mut cursor = self.stage.handle().hub().open(vec![topic.parse().unwrap()], From::Earliest);
        let read = |item| match item {
            Item::Message(entry) => (entry.kind.to_string(), serde_json::from_slice(&entry.body).unwrap_or_default()),
            other => panic!("{other:?}"),
        };
        std::iter::from_fn(|| cursor.try_next()).map(read).collect()
    }

    /// Waits until nothing happens any more but with time.
    async fn settle(&mut self) {
        for reload in std::mem::take(&mut self.reloads) {
            match patiently(reload).await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => self.faults.push(format!("  a reload failed: {error}")),
                Err(late) => self.faults.push(format!("  a reload has {late}")),
            }
        }
        self.stage.advance(Duration::ZERO).await;
        for question in self.questions.values_mut() {
            if let Question::Open(open) = question
                && let Some(answer) = poll(open.as_mut())
            {
                *question = Question::Answered(answer);
            }
        }
    }
}

/// How a script says that something failed.
struct CallWord(String);

impl std::convert::From<CallError> for CallWord {
    fn from(error: CallError) -> Self {
        Self(match error {
            CallError::NoActor(_) => "no-actor".into(),
            CallError::MailboxFull(..) => "mailbox-full".into(),
            CallError::TimedOut(..) => "timed-out".into(),
            CallError::Restarting(_) => "restarting".into(),
            CallError::Refused(why) => format!("refused {why}"),
            CallError::Ended(_, why) => format!("ended {why}"),
            other => other.to_string(),
        })
    }
}

fn read(answer: Answer) -> Result<Value, CallError> {
    answer.map(|message| serde_json::from_slice(&message.body).unwrap_or(Value::Null))
}

/// One field of a body, or all of it.
fn pick(body: Value, field: &[&str]) -> Value {
    field.first().map_or_else(|| body.clone(), |field| body[field].clone())
}

/// The fields that are not as expected, as they are.
fn differ(seen: &Value, expected: &Value) -> Result<(), String> {
    let keys = expected.as_object().into_iter().flatten();
    let wrong: Vec<_> = keys.filter(|(key, value)| seen[*key] != **value).collect();
    let text = wrong.iter().map(|(key, _)| format!("{key}={}", seen[*key]));
    if wrong.is_empty() { Ok(()) } else { Err(text.collect::<Vec<_>>().join(" ")) }
}

async fn patiently<T>(future: impl Future<Output = T>) -> Result<T, String> {
    tokio::time::timeout(PATIENCE, future).await.map_err(|_| "not ended in time".to_owned())
}

/// What a future has come to by now.
fn poll<T>(future: Pin<&mut (impl Future<Output = T> + ?Sized)>) -> Option<T> {
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}
