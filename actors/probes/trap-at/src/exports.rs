//! The exports: orders are carried out, and everything else is noted down and told when asked.

use crate::calls::{Before, Script};
use greenroom::bindings::imports::greenroom::actor::{actors, messaging, routes};
use greenroom::bindings::{behavior, replies, signals, state};
use greenroom::{Address, AskError, Envelope, Message, Next, Reason};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::cell::RefCell;

/// What is between two turns, and is handed over.
#[derive(Default, Serialize, Deserialize)]
struct Actor {
    before: Before,
    /// What a new build is to do in its first turn.
    plan: Option<Script>,
    heard: Vec<Value>,
}

thread_local! {
    // A component has one thread, and is never entered twice at a time.
    static ACTOR: RefCell<Actor> = RefCell::new(Actor::default());
}

/// Whom it has to do with.
#[derive(Deserialize)]
struct Prepare {
    sink: Address,
    watched: Address,
    linked: Address,
}

impl Actor {
    fn handle(&mut self, envelope: Envelope) -> Result<Next, String> {
        let Envelope { request, message, .. } = envelope;
        let reply = |kind: &str, body: &Value| match request {
            // Who asked may be gone.
            Some(request) => drop(messaging::reply(request, Ok(&Message::new(kind, body.to_string())))),
            None => {}
        };
        match &*message.kind {
            "prepare" => {
                let Prepare { sink, watched, linked } = read(&message.body)?;
                self.before.prepare(sink, watched, linked)?;
                reply("prepared", &Value::Null);
            }
            "traps-exits" => {
                actors::trap_exits(true);
                reply("done", &Value::Null);
            }
            "go" => self.before.turn(&read(&message.body)?, true)?,
            "plan" => {
                self.plan = Some(read(&message.body)?);
                reply("planned", &Value::Null);
            }
            "question" => self.before.question = request.unwrap_or_default(),
            "answer" => drop(messaging::reply(self.before.question, Ok(&Message::new("answered late", "")))),
            "answer-me" => {
                self.heard.push(json!("answer-me"));
                reply("answer", &Value::Null);
            }
            "heard" => reply("heard", &Value::Array(std::mem::take(&mut self.heard))),
            "routes" => {
                let routes = routes::current()?;
                let routed = routes.iter().filter(|route| !route.receivers.is_empty());
                reply("routes", &routed.map(|route| json!(route.pattern)).collect());
            }
            kind => self.heard.push(json!(kind)),
        }
        Ok(Next::Same)
    }
}

fn read<'b, T: Deserialize<'b>>(body: &'b [u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| format!("a message that cannot be read: {error}"))
}

fn hear(what: &str, who: Address) -> Result<Next, String> {
    ACTOR.with_borrow_mut(|actor| actor.heard.push(json!(format!("{what} {who}"))));
    Ok(Next::Same)
}

struct Exports;

impl behavior::exports::greenroom::actor::behavior::Guest for Exports {
    fn init(_: String) -> Result<behavior::exports::greenroom::actor::behavior::Started, String> {
        Ok(behavior::exports::greenroom::actor::behavior::Started::Ready)
    }

    fn handle(envelope: Envelope) -> Result<Next, String> {
        ACTOR.with_borrow_mut(|actor| actor.handle(envelope))
    }
}
greenroom::bindings::behavior::export!(Exports with_types_in greenroom::bindings::behavior);

impl replies::exports::greenroom::actor::replies::Guest for Exports {
    fn answered(_: u64, answer: Result<Message, AskError>) -> Result<Next, String> {
        let heard = if answer.is_ok() { "answer" } else { "no answer" };
        ACTOR.with_borrow_mut(|actor| actor.heard.push(json!(heard)));
        Ok(Next::Same)
    }
}
greenroom::bindings::replies::export!(Exports with_types_in greenroom::bindings::replies);

impl signals::exports::greenroom::actor::signals::Guest for Exports {
    fn exited(who: Address, _: Reason) -> Result<Next, String> {
        hear("exited", who)
    }

    fn down(_: u64, who: Address, _: Reason) -> Result<Next, String> {
        hear("down", who)
    }

    fn stopping(_: Reason) {}
}
greenroom::bindings::signals::export!(Exports with_types_in greenroom::bindings::signals);

impl state::exports::greenroom::actor::state::Guest for Exports {
    fn version() -> u32 {
        1
    }

    fn accepts() -> Vec<u32> {
        vec![1]
    }

    fn save() -> Result<Vec<u8>, String> {
        ACTOR.with_borrow(|actor| serde_json::to_vec(actor).map_err(|error| error.to_string()))
    }

    fn restore(
        _: state::exports::greenroom::actor::state::Occasion,
        _: String,
        _: u32,
        bytes: Vec<u8>,
    ) -> Result<(), String> {
        let mut actor: Actor = read(&bytes)?;
        let plan = actor.plan.take();
        let done = plan.map_or(Ok(()), |plan| actor.before.turn(&plan, false));
        ACTOR.set(actor);
        done
    }
}
greenroom::bindings::state::export!(Exports with_types_in greenroom::bindings::state);
