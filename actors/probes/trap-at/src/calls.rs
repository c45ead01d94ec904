//! The calls: each function of the contract that has an effect, by its name. What a call needs to know comes with it.

use greenroom::bindings::imports::greenroom::actor::{actors, devices, log, messaging, names, routes, timers, topics};
use greenroom::{Address, Message, Reason};
use serde::{Deserialize, Serialize};
use std::fmt::Debug;

const SECOND: u64 = 1_000_000_000;
const HOUR: u64 = 3600 * SECOND;

/// What a turn is to do.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Script {
    /// The calls: the name and the argument of each.
    calls: Vec<(String, String)>,
    /// After how many of them it fails, and how. None: it ends well.
    fail: Option<(usize, How)>,
}

/// How a turn fails.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum How {
    Trap,
    Loop,
    Grow,
    Error,
}

/// What an earlier turn has set up, to be taken back by a later one.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Before {
    timer: u64,
    monitor: u64,
    /// The question that is not answered yet.
    pub(crate) question: u64,
}

impl Before {
    /// Sets up one of each.
    pub(crate) fn prepare(&mut self, sink: Address, watched: Address, linked: Address) -> Result<(), String> {
        self.timer = well(timers::send_every(SECOND, sink, &Message::new("old-timer", "")))?;
        self.monitor = actors::monitor(watched);
        actors::link(linked);
        actors::trap_exits(true);
        well(names::register("old"))?;
        well(devices::write("pump", 1.0))
    }

    /// Makes the calls of a turn. `live`: it is the actor's turn, not one of a build that may take over.
    pub(crate) fn turn(&self, script: &Script, live: bool) -> Result<(), String> {
        for (number, (name, argument)) in script.calls.iter().enumerate() {
            script.fail_at(number)?;
            self.call(name, argument, live)?;
        }
        script.fail_at(script.calls.len())
    }

    fn call(&self, name: &str, argument: &str, live: bool) -> Result<(), String> {
        let to = || argument.parse::<Address>().map_err(|_| format!("{name}: `{argument}` is no address"));
        let message = |kind: &str| Message::new(kind, "");
        let order = Message::new("start-child", format!(r#"{{"name":"{name}"}}"#));
        match name {
            "messaging.send" => well(messaging::send(to()?, &message("sent"))),
            "messaging.start-ask" => well(messaging::start_ask(to()?, &message("asked"), HOUR)).map(drop),
            "messaging.reply" => well(messaging::reply(self.question, Ok(&message("replied")))),
            // To a supervisor, as an order.
            "order-sent" => well(messaging::send(to()?, &order)),
            "order-asked" => well(messaging::start_ask(to()?, &order, HOUR)).map(drop),
            "actors.spawn" => {
                let options =
                    actors::Options { name: Some(argument.into()), relation: actors::Relation::empty(), grants: None };
                well(actors::spawn("kid", "", &options)).map(drop)
            }
            "actors.link" => Ok(actors::link(to()?)),
            "actors.unlink" => Ok(actors::unlink(to()?)),
            "actors.monitor" => to().map(actors::monitor).map(|_| ()),
            "actors.demonitor" => Ok(actors::demonitor(self.monitor)),
            "actors.trap-exits" => Ok(actors::trap_exits(argument == "on")),
            "actors.exit" => Ok(actors::exit(to()?, &Reason::Killed)),
            "exit-failed" => Ok(actors::exit(to()?, &Reason::Failed("told to".into()))),
            "names.register" => well(names::register(argument)),
            "names.unregister" => Ok(names::unregister(argument)),
            "timers.send-after" => well(timers::send_after(SECOND, to()?, &message("after"))).map(drop),
            "timers.send-every" => well(timers::send_every(SECOND, to()?, &message("every"))).map(drop),
            "timers.cancel" => Ok(timers::cancel(self.timer)),
            "topics.publish" => well(topics::publish(argument, &message("published"))),
            "topics.subscribe" => well(topics::subscribe(argument)),
            "topics.unsubscribe" => Ok(topics::unsubscribe(argument)),
            "routes.set" => well(routes::set("routed/**", &[to()?])),
            "routes.clear" => well(routes::set("routed/**", &[])),
            "devices.write" => well(devices::write(argument, 1.0)),
            "devices.watch" => well(devices::watch(argument)),
            "log.write" => Ok(log::write(log::Level::Info, argument)),
            #[cfg(feature = "asking")]
            "asking.ask" => {
                use greenroom::bindings::imports::greenroom::actor::asking;
                match (asking::ask(to()?, &message("answer-me"), HOUR), live) {
                    (Ok(_), true) | (Err(_), false) => Ok(()),
                    (answer, _) => Err(format!("asking.ask: {answer:?}")),
                }
            }
            _ => Err(format!("no call `{name}`, live: {live}")),
        }
    }
}

fn well<T, E: Debug>(result: Result<T, E>) -> Result<T, String> {
    result.map_err(|error| format!("a call was refused: {error:?}"))
}

impl Script {
    fn fail_at(&self, number: usize) -> Result<(), String> {
        match self.fail {
            Some((after, how)) if after == number => how.fail(),
            _ => Ok(()),
        }
    }
}

impl How {
    fn fail(self) -> Result<(), String> {
        match self {
            Self::Trap => core::arch::wasm32::unreachable(),
            Self::Error => Err("told to fail".into()),
            Self::Loop => loop {
                core::hint::black_box(());
            },
            // More than any limit, at once.
            Self::Grow => match core::arch::wasm32::memory_grow::<0>(4096) {
                usize::MAX => Err("the memory did not grow, and the turn went on".into()),
                _ => Err("the memory grew over its limit".into()),
            },
        }
    }
}
