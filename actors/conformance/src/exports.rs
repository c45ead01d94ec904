//! The exports: messages that are checks are run, everything else is noted down and told by the check `heard`.

use crate::args::Args;
use crate::{imports, show};
use greenroom::bindings::imports::greenroom::actor::{actors, devices, messaging, topics};
use greenroom::bindings::{behavior, replies, signals, state};
use greenroom::{Address, AskError, Envelope, Message, Next, Reason};
use serde_json::{Value, json};
use std::cell::RefCell;

/// What is between two turns.
struct Actor {
    heard: Vec<Value>,
    /// How it was started.
    started: Value,
    /// What `state.save` gives.
    kept: Vec<u8>,
    version: u32,
    save: Save,
    /// Whether messages that can't be taken now are put aside (`next`).
    is_open: bool,
    spawned: Option<Address>,
}

/// What `state.save` does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Save {
    Well,
    Fails,
    Acts,
}

thread_local! {
    // A component has one thread, and is never entered twice at a time.
    static ACTOR: RefCell<Actor> = const {
        RefCell::new(Actor {
            heard: Vec::new(),
            started: Value::Null,
            kept: Vec::new(),
            version: 1,
            save: Save::Well,
            is_open: false,
            spawned: None,
        })
    };
}

/// What a turn comes to, unless a check decides otherwise.
struct Outcome {
    next: Next,
    fails: Option<String>,
}

impl Actor {
    /// Runs a check, if there is one of this name.
    fn check(&mut self, name: &str, body: &[u8], outcome: &mut Outcome) -> Option<Value> {
        let mut args = Args::new(body, self.spawned);
        let result = imports::check(name, &mut args);
        self.spawned = args.spawned;
        if result.is_some() {
            return result;
        }
        match name {
            "heard" => return Some(Value::Array(std::mem::take(&mut self.heard))),
            "started" => return Some(self.started.clone()),
            "next" => return Some(self.next(&mut args, outcome)),
            "fail" => outcome.fails = Some(args.text()),
            "trap" => core::arch::wasm32::unreachable(),
            "state.keep" => self.kept = args.bytes(),
            "state.version" => self.version = args.number() as u32,
            "state.save" => {
                self.save = match args.line() {
                    "fails" => Save::Fails,
                    "acts" => Save::Acts,
                    _ => Save::Well,
                }
            }
            _ => return None,
        }
        Some(Value::Null)
    }

    fn next(&mut self, args: &mut Args<'_>, outcome: &mut Outcome) -> Value {
        let word = args.line();
        match word {
            "changed" => {
                self.is_open = true;
                outcome.next = Next::Changed;
            }
            "defer" if !self.is_open => outcome.next = Next::Defer,
            "unhandled" => outcome.next = Next::Unhandled(args.line().into()),
            "become" => outcome.next = Next::Become(args.line().into()),
            "stop" => outcome.next = Next::Stop,
            _ => {}
        }
        json!(word)
    }

    /// Several checks in one turn: the name and the arguments of each, and a line with `;` between two.
    fn turn(&mut self, body: &[u8], outcome: &mut Outcome) -> Value {
        let text = std::str::from_utf8(body).unwrap_or_default();
        let check = |one: &str| {
            let (name, args) = one.split_once('\n').unwrap_or((one, ""));
            self.check(name, args.as_bytes(), outcome).unwrap_or(json!("unknown"))
        };
        text.split("\n;\n").map(check).collect()
    }

    fn handle(&mut self, envelope: Envelope) -> Result<Next, String> {
        let Envelope { sender, request, topic, message } = envelope;
        let mut outcome = Outcome { next: Next::Same, fails: None };
        let result = match &*message.kind {
            "turn" => Some(self.turn(&message.body, &mut outcome)),
            name => self.check(name, &message.body, &mut outcome),
        };
        match (result, request) {
            (None, _) => self.heard.push(json!({ "message": {
                "sender": sender.map(|sender| sender.to_string()),
                "request": request,
                "topic": topic,
                "kind": message.kind,
                "body": show::bytes(&message.body),
            } })),
            (Some(_), _) if matches!(outcome.next, Next::Defer | Next::Unhandled(_)) => {}
            (Some(result), Some(request)) => {
                let body = json!({ "check": message.kind, "result": result }).to_string();
                // Who asked may be gone.
                drop(messaging::reply(request, Ok(&Message::new("result", body))));
            }
            (Some(_), None) => {}
        }
        outcome.fails.map_or(Ok(outcome.next), Err)
    }

    fn hear(&mut self, what: Value) -> Result<Next, String> {
        self.heard.push(what);
        Ok(Next::Same)
    }
}

/// What `state.save` must not do: nothing of it happens, whatever it is told.
fn act() {
    let message = Message::new("from-save", "");
    drop(messaging::send(messaging::own_address(), &message));
    let options = actors::Options { name: None, relation: actors::Relation::empty(), grants: None };
    drop(actors::spawn("child", "{}", &options));
    drop(devices::write("lamp", 1.0));
    #[cfg(feature = "asking")]
    if let Ok(Some(partner)) = greenroom::bindings::imports::greenroom::actor::names::lookup("partner") {
        drop(greenroom::bindings::imports::greenroom::actor::asking::ask(partner, &message, 1_000_000_000));
    }
}

struct Exports;

impl behavior::exports::greenroom::actor::behavior::Guest for Exports {
    fn init(config: String) -> Result<behavior::exports::greenroom::actor::behavior::Started, String> {
        use behavior::exports::greenroom::actor::behavior::Started;
        ACTOR.with_borrow_mut(|actor| actor.started = json!({ "init": config }));
        if config.contains(r#""start":"fail""#) {
            return Err("it was told to fail".into());
        }
        Ok(if config.contains(r#""start":"ignore""#) { Started::Ignore } else { Started::Ready })
    }

    fn handle(envelope: Envelope) -> Result<Next, String> {
        ACTOR.with_borrow_mut(|actor| actor.handle(envelope))
    }
}
greenroom::bindings::behavior::export!(Exports with_types_in greenroom::bindings::behavior);

impl replies::exports::greenroom::actor::replies::Guest for Exports {
    fn answered(request: u64, answer: Result<Message, AskError>) -> Result<Next, String> {
        let mut heard = show::result(answer, |answer| show::message(&answer), show::ask_error);
        heard["request"] = json!(request);
        ACTOR.with_borrow_mut(|actor| actor.hear(json!({ "answered": heard })))
    }
}
greenroom::bindings::replies::export!(Exports with_types_in greenroom::bindings::replies);

impl signals::exports::greenroom::actor::signals::Guest for Exports {
    fn exited(who: Address, why: Reason) -> Result<Next, String> {
        let heard = json!({ "exited": { "who": who.to_string(), "why": show::reason(&why) } });
        ACTOR.with_borrow_mut(|actor| actor.hear(heard))
    }

    fn down(monitor: u64, who: Address, why: Reason) -> Result<Next, String> {
        let heard = json!({ "down": { "monitor": monitor, "who": who.to_string(), "why": show::reason(&why) } });
        ACTOR.with_borrow_mut(|actor| actor.hear(heard))
    }

    fn stopping(why: Reason) {
        let message = Message::new("stopping", show::reason(&why).to_string());
        // Not everybody is granted it.
        drop(topics::publish("conformance/stopping", &message));
    }
}
greenroom::bindings::signals::export!(Exports with_types_in greenroom::bindings::signals);

impl state::exports::greenroom::actor::state::Guest for Exports {
    fn version() -> u32 {
        ACTOR.with_borrow(|actor| actor.version)
    }

    fn accepts() -> Vec<u32> {
        vec![1, 2]
    }

    fn save() -> Result<Vec<u8>, String> {
        ACTOR.with_borrow(|actor| match actor.save {
            Save::Well => Ok(actor.kept.clone()),
            Save::Fails => Err("it was told not to save".into()),
            Save::Acts => {
                act();
                Ok(actor.kept.clone())
            }
        })
    }

    fn restore(
        occasion: state::exports::greenroom::actor::state::Occasion,
        config: String,
        version: u32,
        bytes: Vec<u8>,
    ) -> Result<(), String> {
        use state::exports::greenroom::actor::state::Occasion;
        let occasion = match occasion {
            Occasion::Swapped => "swapped",
            Occasion::Restarted => "restarted",
            Occasion::Woken => "woken",
        };
        let shown = show::bytes(&bytes);
        let restored = json!({ "occasion": occasion, "config": config, "version": version, "bytes": shown });
        let refuses = bytes == b"refuse";
        ACTOR.with_borrow_mut(|actor| {
            actor.started = json!({ "restored": restored });
            actor.kept = bytes;
            actor.version = version;
        });
        if refuses { Err("it was told to refuse".into()) } else { Ok(()) }
    }
}
greenroom::bindings::state::export!(Exports with_types_in greenroom::bindings::state);
