//! Orders to supervisors: they come as messages, from actors with the grant `supervise:NAME` and from outside, and the
//! answers go back as answers do. The core carries them out.
//! On an order's path: the contract's `messaging` or the API before it, the driver behind it.

use crate::ask::Failure;
use crate::blueprint::{Blueprint, NAMED};
use crate::shared::Shared;
use greenroom_core::system::{
    self, Answer, Caller, ChildSpec, ChildView, Input, Order, Phase, Refusal, Standing, What, Which,
};
use greenroom_core::{Address, Grant, Kind, Message, Name, Request, Restart, Shutdown};
use greenroom_manifest::{Config, Rule};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::{Arc, PoisonError};

/// An order that was understood.
#[derive(Debug)]
pub(crate) enum Draft {
    /// Add this child: its spec's blueprint is still to be given.
    Start(Box<ChildSpec>, Blueprint),
    /// One more of a dynamic supervisor.
    StartOne(Option<Name>, Blueprint),
    /// Whatever else.
    Plain(Order),
}

/// Why an order was not understood, or not taken. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OrderError {
    #[error(
        "a supervisor does not take `{0}`: it takes start-child, terminate-child, restart-child, delete-child, \
         which-children and count-children"
    )]
    Kind(String),
    #[error("`{0}` takes {1}: {2}")]
    Body(&'static str, &'static str, String),
    #[error("{0}")]
    Invalid(String),
    /// The grant that is missing.
    #[error("{0}")]
    NotGranted(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Start {
    name: Named,
    behavior: Named,
    #[serde(default)]
    restart: Word<Restart>,
    shutdown: Option<String>,
    #[serde(default)]
    significant: bool,
    #[serde(default)]
    config: Config,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StartOne {
    name: Option<Named>,
    #[serde(default)]
    config: Config,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Child {
    child: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// A name, checked as it is read.
struct Named(Name);

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

/// A restart type by its word.
struct Word<T>(T);

impl Default for Word<Restart> {
    fn default() -> Self {
        Self(Restart::Permanent)
    }
}

impl<'de> Deserialize<'de> for Word<Restart> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        let restart = match word.as_str() {
            "permanent" => Restart::Permanent,
            "transient" => Restart::Transient,
            "temporary" => Restart::Temporary,
            _ => return Err(serde::de::Error::custom("`restart` is permanent, transient or temporary")),
        };
        Ok(Self(restart))
    }
}

const START: &str = r#"{"name": …, "behavior": …, "restart"?: …, "shutdown"?: …, "significant"?: …, "config"?: {…}}"#;
const START_ONE: &str = r#"{"name"?: …, "config"?: {…}}"#;
const CHILD: &str = r#"{"child": NAME or ADDRESS}"#;

fn body<'m, T: Deserialize<'m>>(
    message: &'m Message,
    kind: &'static str,
    takes: &'static str,
) -> Result<T, OrderError> {
    let text: &[u8] = if message.body.is_empty() { b"{}" } else { &message.body };
    serde_json::from_slice(text).map_err(|error| OrderError::Body(kind, takes, error.to_string()))
}

fn which(message: &Message, kind: &'static str) -> Result<Which, OrderError> {
    let Child { child } = body(message, kind, CHILD)?;
    if let Ok(address) = child.parse() {
        return Ok(Which::Address(address));
    }
    child.parse().map(Which::Name).map_err(|error| OrderError::Body(kind, CHILD, format!("{error}")))
}

/// `shutdown`: `brutal`, `infinity`, or a time as in the manifest.
fn shutdown(text: Option<&str>) -> Result<Shutdown, OrderError> {
    match text {
        None => Ok(Shutdown::WORKER),
        Some("brutal") => Ok(Shutdown::Brutal),
        Some("infinity") => Ok(Shutdown::Infinity),
        Some(text) => greenroom_manifest::time(text).map(Shutdown::After).map_err(|error| {
            OrderError::Invalid(format!("`shutdown` is brutal, infinity or a time as in \"5s\", not `{text}`: {error}"))
        }),
    }
}

impl Shared {
    /// The supervisor at an address, if there is one: its name.
    pub(crate) fn supervisor(&self, address: Address) -> Option<Name> {
        self.system.lock().unwrap_or_else(PoisonError::into_inner).supervisor_name(address).cloned()
    }

    /// Whether a supervisor is about to start or to stop this very child: then it answers nobody else.
    pub(crate) fn waits_for(&self, supervisor: Address, child: Address) -> bool {
        self.system.lock().unwrap_or_else(PoisonError::into_inner).waits_for(supervisor) == Some(child)
    }

    /// Understands an order to a supervisor. `may` says whether who gives it has a grant, or which is missing; from
    /// outside, everything is granted.
    pub(crate) fn draft(
        &self,
        supervisor: &Name,
        message: &Message,
        may: impl Fn(Grant) -> Result<(), String>,
    ) -> Result<Draft, OrderError> {
        may(Grant::Supervise(supervisor.clone())).map_err(OrderError::NotGranted)?;
        let plain = |order| Ok(Draft::Plain(order));
        match message.kind.as_str() {
            "start-child" => self.draft_start(supervisor, message, may),
            "terminate-child" => plain(Order::Terminate(which(message, "terminate-child")?)),
            "restart-child" => plain(Order::Restart(which(message, "restart-child")?)),
            "delete-child" => plain(Order::Delete(which(message, "delete-child")?)),
            "which-children" => {
                body::<Nothing>(message, "which-children", "{}")?;
                plain(Order::List)
            }
            "count-children" => {
                body::<Nothing>(message, "count-children", "{}")?;
                plain(Order::Count)
            }
            kind => Err(OrderError::Kind(kind.to_owned())),
        }
    }

    fn draft_start(
        &self,
        supervisor: &Name,
        message: &Message,
        may: impl Fn(Grant) -> Result<(), String>,
    ) -> Result<Draft, OrderError> {
        let roster = self.roster();
        if let Some(Rule::Dynamic(template)) = roster.supervisor(supervisor).map(|known| &known.rule) {
            if body::<Start>(message, "start-child", START).is_ok() {
                return Err(OrderError::Invalid(Refusal::Dynamic.to_string()));
            }
            let StartOne { name, config } = body(message, "start-child", START_ONE)?;
            return Ok(Draft::StartOne(name.map(|name| name.0), self.blueprint(&template.behavior, config)?));
        }
        let start: Start = body(message, "start-child", START)?;
        may(Grant::Spawn(start.behavior.0.clone())).map_err(OrderError::NotGranted)?;
        let blueprint = self.blueprint(&start.behavior.0, start.config)?;
        let spec = ChildSpec {
            name: start.name.0,
            restart: start.restart.0,
            shutdown: shutdown(start.shutdown.as_deref())?,
            significant: start.significant,
            what: What::Worker(NAMED),
        };
        Ok(Draft::Start(Box::new(spec), blueprint))
    }

    fn blueprint(&self, behavior: &Name, over: Config) -> Result<Blueprint, OrderError> {
        let Some(known) = self.behavior(behavior.as_str()) else {
            return Err(OrderError::Invalid(format!("the manifest has no [behavior.{behavior}]")));
        };
        self.has_room(&known.behavior).map_err(OrderError::Invalid)?;
        Ok(known.with(over))
    }

    /// Hands an order to the core. The answer goes to whoever waits for this request.
    pub(crate) fn order(self: &Arc<Self>, supervisor: Address, request: Request, draft: Draft) {
        // Requests begin with 1: none is the number that stands for the manifest's.
        let number = request.0;
        let blueprint = system::Blueprint(number);
        let order = match draft {
            Draft::Start(mut spec, made_of) => {
                self.blueprints.put(number, made_of);
                spec.what = What::Worker(blueprint);
                Order::Start(*spec)
            }
            Draft::StartOne(name, made_of) => {
                self.blueprints.put(number, made_of);
                Order::StartOne { blueprint, name }
            }
            Draft::Plain(order) => order,
        };
        self.control(Input::Order { supervisor, caller: Caller(request.0), order });
    }

    /// The core has carried an order out, or not.
    pub(crate) fn ordered(self: &Arc<Self>, caller: Caller, answer: Result<Answer, Refusal>) {
        // Refused before it was made: then nobody needs the blueprint.
        drop(self.blueprints.take(caller.0));
        let answer = answer.map(|answer| message(self, &answer)).map_err(|refusal| match refusal {
            Refusal::NoSupervisor => Failure::NoActor,
            refusal => Failure::Refused(refusal.to_string()),
        });
        self.answer(Request(caller.0), answer);
    }
}

/// An answer as a message.
fn message(shared: &Shared, answer: &Answer) -> Message {
    let (kind, body) = match answer {
        Answer::Started(address) => ("started", json!({ "address": address.to_string() })),
        Answer::Ignored => ("ignored", json!({})),
        Answer::Done => ("done", json!({})),
        Answer::Children(children) => {
            let children: Vec<_> = children.iter().map(|child| view(shared, child)).collect();
            ("children", json!({ "children": children }))
        }
        Answer::Count(count) => (
            "count",
            json!({
                "specs": count.specs, "active": count.active, "supervisors": count.supervisors, "workers": count.workers,
            }),
        ),
    };
    let kind: Kind = kind.parse().unwrap_or_else(|error| unreachable!("{kind}: {error}"));
    Message::new(kind, body.to_string().as_bytes())
}

fn view(shared: &Shared, child: &ChildView) -> Value {
    json!({
        "name": child.name.as_ref().map_or_else(|| shared.called(child.address), Name::to_string),
        "address": child.address.to_string(),
        "type": if child.supervisor { "supervisor" } else { "worker" },
        "restart": restart(child.restart),
        "state": state(child.phase, &child.standing),
    })
}

/// A restart type's word.
pub(crate) fn restart(restart: Restart) -> &'static str {
    match restart {
        Restart::Permanent => "permanent",
        Restart::Transient => "transient",
        Restart::Temporary => "temporary",
    }
}

/// The word for where a process is.
pub(crate) fn state(phase: Phase, standing: &Standing) -> &'static str {
    match (phase, standing) {
        (Phase::Down, Standing::Restarting(_)) => "restarting",
        (Phase::Down, Standing::Parked(_)) => "quarantined",
        (Phase::Down, Standing::Settled) => "stopped",
        (Phase::Starting, _) => "starting",
        (Phase::Running, _) => "running",
        (Phase::Stopping, _) => "stopping",
    }
}
