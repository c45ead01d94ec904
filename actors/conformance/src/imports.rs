//! A check for each function that the contract offers: its arguments are the lines of the message, its result what the
//! function gave back.

use crate::args::Args;
#[cfg(feature = "asking")]
use crate::show;
use crate::show::{
    ask_error, name_error, nothing, read_error, result, send_error, spawn_error, topic_error, write_error,
};
use greenroom::bindings::imports::greenroom::actor::{
    actors, clock, config, devices, log, messaging, names, routes, timers, topics,
};
use serde_json::{Value, json};

/// Runs the check of a name, if it is one of these.
pub(crate) fn check(name: &str, args: &mut Args<'_>) -> Option<Value> {
    Some(match name {
        "messaging.own-address" => json!(messaging::own_address().to_string()),
        "messaging.send" => result(messaging::send(args.address(), &args.message()), nothing, send_error),
        "messaging.start-ask" => {
            let asked = messaging::start_ask(args.address(), &args.message(), args.number());
            result(asked, |request| json!(request), ask_error)
        }
        "messaging.reply" => {
            let request = args.number();
            let replied = match args.line() {
                "refuse" => messaging::reply(request, Err(&args.text())),
                _ => messaging::reply(request, Ok(&args.message())),
            };
            result(replied, nothing, send_error)
        }
        #[cfg(feature = "asking")]
        "asking.ask" => {
            use greenroom::bindings::imports::greenroom::actor::asking;
            let answer = asking::ask(args.address(), &args.message(), args.number());
            result(answer, |answer| show::message(&answer), ask_error)
        }
        "actors.spawn" => spawn(args),
        "actors.link" => nothing(actors::link(args.address())),
        "actors.unlink" => nothing(actors::unlink(args.address())),
        "actors.monitor" => json!(actors::monitor(args.address())),
        "actors.demonitor" => nothing(actors::demonitor(args.number())),
        "actors.trap-exits" => nothing(actors::trap_exits(args.line() == "true")),
        "actors.exit" => nothing(actors::exit(args.address(), &args.reason())),
        "names.register" => result(names::register(&args.text()), nothing, name_error),
        "names.unregister" => nothing(names::unregister(&args.text())),
        "names.lookup" => {
            result(names::lookup(&args.text()), |found| json!(found.map(|who| who.to_string())), name_error)
        }
        "clock.now" => json!(clock::now()),
        "clock.wall" => json!(clock::wall()),
        "config.get" => json!(config::get()),
        "log.write" => {
            let level = match args.line() {
                "trace" => log::Level::Trace,
                "debug" => log::Level::Debug,
                "info" => log::Level::Info,
                "warn" => log::Level::Warn,
                _ => log::Level::Error,
            };
            nothing(log::write(level, &args.text()))
        }
        "timers.send-after" => {
            let timer = timers::send_after(args.number(), args.address(), &args.message());
            result(timer, |timer| json!(timer), send_error)
        }
        "timers.send-every" => {
            let timer = timers::send_every(args.number(), args.address(), &args.message());
            result(timer, |timer| json!(timer), send_error)
        }
        "timers.cancel" => nothing(timers::cancel(args.number())),
        "topics.publish" => result(topics::publish(&args.text(), &args.message()), nothing, topic_error),
        "topics.subscribe" => result(topics::subscribe(&args.text()), nothing, topic_error),
        "topics.unsubscribe" => nothing(topics::unsubscribe(&args.text())),
        "routes.set" => {
            let pattern = args.text();
            let mut receivers = Vec::new();
            while !args.is_empty() {
                receivers.push(args.address());
            }
            result(routes::set(&pattern, &receivers), nothing, |why| json!(why))
        }
        "routes.current" => {
            let route = |route: routes::Route| {
                let receivers: Vec<_> = route.receivers.iter().map(ToString::to_string).collect();
                json!({ "pattern": route.pattern, "receivers": receivers })
            };
            result(routes::current(), |all| all.into_iter().map(route).collect(), |why| json!(why))
        }
        "devices.read" => {
            let reading = |reading: devices::Reading| json!({ "at": reading.at, "value": reading.value });
            result(devices::read(&args.text()), reading, read_error)
        }
        "devices.watch" => result(devices::watch(&args.text()), nothing, read_error),
        "devices.write" => result(devices::write(&args.text(), args.float()), nothing, write_error),
        _ => return None,
    })
}

fn spawn(args: &mut Args<'_>) -> Value {
    let (behavior, config, name) = (args.text(), args.text(), args.text());
    let relation = match args.line() {
        "link" => actors::Relation::LINK,
        "monitor" => actors::Relation::MONITOR,
        "both" => actors::Relation::LINK | actors::Relation::MONITOR,
        _ => actors::Relation::empty(),
    };
    // `grants` and then one a line; without that word, none are named.
    let grants = (args.line() == "grants").then(|| {
        let mut grants = Vec::new();
        while !args.is_empty() {
            grants.push(args.text());
        }
        grants
    });
    let options = actors::Options { name: Some(name).filter(|name| !name.is_empty()), relation, grants };
    let spawned = actors::spawn(&behavior, &config, &options);
    args.spawned = spawned.as_ref().ok().map(|spawned| spawned.address).or(args.spawned);
    let show = |spawned: actors::Spawned| json!({ "address": spawned.address.to_string(), "monitor": spawned.monitor });
    result(spawned, show, spawn_error)
}
