//! Between a component and what it imports: where an actor has a shadow, what it calls is noted down, and its shadow hears
//! the same answers. What a shadow calls is noted down, and not done.
//!
//! Each function is here once. In `mirrored!`, `live` is what happens otherwise; `certain` what a shadow is told because of
//! the call alone, if anything; `likely` what it is told if the actor's own turn made no such call.

use super::bindings::greenroom::actor as wit;
use super::bindings::greenroom::actor::actors::{Options, SpawnError, Spawned};
use super::bindings::greenroom::actor::devices::{ReadError, Reading, WriteError};
use super::bindings::greenroom::actor::log::Level;
use super::bindings::greenroom::actor::names::NameError;
use super::bindings::greenroom::actor::routes::Route;
use super::bindings::greenroom::actor::topics::TopicError;
use super::bindings::greenroom::actor::types::{Address, AskError, Message, Reason, SendError};
use super::words::{self, Refusal};
use super::{convert, imagine};
use crate::guest::Guest;
use crate::shadow::record::Role;
use wasmtime::component::HasData;

/// For the linker: the imports of a guest by way of its [`Side`].
pub(super) struct Mirrored;

impl HasData for Mirrored {
    type Data<'a> = Side<'a>;
}

impl Mirrored {
    pub(super) fn side(guest: &mut Guest) -> Side<'_> {
        Side(guest)
    }
}

/// A guest, on one side of the mirror or the other, or without one.
pub(super) struct Side<'a>(&'a mut Guest);

/// A call whose effect or answer matters.
macro_rules! mirrored {
    ($guest:ident, $key:expr, $line:expr, live: $live:expr, certain: $certain:expr, likely: $likely:expr) => {
        match $guest.role() {
            Role::Alone => $live,
            role => {
                let (key, line): (_, Option<String>) = ($key, $line);
                let answer = match role {
                    Role::Shadow => match $certain {
                        Some(answer) => answer,
                        None => match $guest.partner(&key) {
                            Some(answer) => answer,
                            None => $likely,
                        },
                    },
                    _ => {
                        let answer = $live;
                        $guest.answered(key, answer.clone());
                        answer
                    }
                };
                note($guest, line, &answer);
                answer
            }
        }
    };
}

/// A call that only tells something.
macro_rules! told {
    ($guest:ident, $key:expr, $live:expr) => {
        match $guest.role() {
            Role::Alone => $live,
            role => {
                let key = $key;
                match $guest.told(&key) {
                    Some(answer) => answer,
                    None => {
                        let answer = $live;
                        if role == Role::Watched {
                            $guest.answered(key, answer.clone());
                        }
                        answer
                    }
                }
            }
        }
    };
}

/// A call without an answer.
macro_rules! done {
    ($guest:ident, $line:expr, $live:expr) => {
        if $guest.role() != Role::Alone {
            let line = $line;
            $guest.note(&line);
        }
        if !$guest.is_shadow() {
            $live
        }
    };
}

fn note<T: Refusal>(guest: &mut Guest, line: Option<String>, answer: &T) {
    let Some(line) = line else { return };
    match answer.refusal() {
        Some(why) => guest.note(&format!("{line} → {why}")),
        None => guest.note(&line),
    }
}

fn about(to: Address, kind: &str) -> String {
    format!("{} {kind}", convert::core_address(to))
}

impl Side<'_> {
    /// The guest, if nobody looks on: then nothing of what it sends need be copied twice.
    pub(super) fn alone(&mut self) -> Option<&mut Guest> {
        (self.0.role() == Role::Alone).then_some(&mut *self.0)
    }
}

impl wit::messaging::Host for Side<'_> {
    fn own_address(&mut self) -> Address {
        wit::messaging::Host::own_address(self.0)
    }

    fn send(&mut self, to: Address, message: Message) -> Result<(), SendError> {
        let guest = &mut *self.0;
        mirrored!(guest, ("send", about(to, &message.kind)),
            Some(format!("send to {}: {}", words::name(&guest.shared, to), words::message(&message))),
            live: wit::messaging::Host::send(guest, to, message),
            certain: imagine::cannot_send(guest, to, &message).map(Err),
            likely: imagine::send(guest, to))
    }

    fn start_ask(&mut self, to: Address, message: Message, timeout: u64) -> Result<u64, AskError> {
        let guest = &mut *self.0;
        mirrored!(guest, ("ask", about(to, &message.kind)),
            Some(format!("ask {} for {}: {}", words::name(&guest.shared, to), words::time(timeout), words::message(&message))),
            live: wit::messaging::Host::start_ask(guest, to, message, timeout),
            certain: imagine::cannot_ask(guest, to, &message, timeout).map(Err),
            likely: imagine::ask(guest, to))
    }

    fn reply(&mut self, request: u64, answer: Result<Message, String>) -> Result<(), SendError> {
        let guest = &mut *self.0;
        mirrored!(guest, ("reply", request.to_string()),
            Some(match &answer {
                Ok(message) => format!("reply to question {request}: {}", words::message(message)),
                Err(why) => format!("refuse question {request}: {why}"),
            }),
            live: wit::messaging::Host::reply(guest, request, answer),
            certain: imagine::cannot_reply(guest, request, &answer).map(Err),
            likely: Ok(()))
    }
}

impl wit::actors::Host for Side<'_> {
    fn spawn(&mut self, behavior: String, config: String, options: Options) -> Result<Spawned, SpawnError> {
        let guest = &mut *self.0;
        mirrored!(guest, ("spawn", behavior.clone()), Some(words::spawn(&behavior, &config, &options)),
            live: wit::actors::Host::spawn(guest, behavior, config, options),
            certain: imagine::cannot_spawn(guest, &behavior, &config, &options).map(Err),
            likely: imagine::spawn(guest, &behavior, &options))
    }

    fn link(&mut self, to: Address) {
        let guest = &mut *self.0;
        done!(guest, format!("link {}", words::name(&guest.shared, to)), wit::actors::Host::link(guest, to));
    }

    fn unlink(&mut self, to: Address) {
        let guest = &mut *self.0;
        done!(guest, format!("unlink {}", words::name(&guest.shared, to)), wit::actors::Host::unlink(guest, to));
    }

    fn monitor(&mut self, whom: Address) -> u64 {
        let guest = &mut *self.0;
        mirrored!(guest, ("monitor", about(whom, "")), Some(format!("monitor {}", words::name(&guest.shared, whom))),
            live: wit::actors::Host::monitor(guest, whom),
            certain: None,
            likely: guest.own_number())
    }

    fn demonitor(&mut self, monitor: u64) {
        let guest = &mut *self.0;
        done!(guest, format!("demonitor {monitor}"), wit::actors::Host::demonitor(guest, monitor));
    }

    fn trap_exits(&mut self, on: bool) {
        let guest = &mut *self.0;
        let word = if on { "on" } else { "off" };
        done!(guest, format!("trap exits {word}"), wit::actors::Host::trap_exits(guest, on));
    }

    fn exit(&mut self, whom: Address, why: Reason) {
        let guest = &mut *self.0;
        let line = || (words::name(&guest.shared, whom), convert::core_reason(why.clone()));
        done!(
            guest,
            {
                let (name, why) = line();
                format!("exit {name}: {why}")
            },
            wit::actors::Host::exit(guest, whom, why)
        );
    }
}

impl wit::names::Host for Side<'_> {
    fn register(&mut self, name: String) -> Result<(), NameError> {
        let guest = &mut *self.0;
        mirrored!(guest, ("register", name.clone()), Some(format!("register {name}")),
            live: wit::names::Host::register(guest, name),
            certain: imagine::cannot_register(guest, &name).map(Err),
            likely: imagine::register(guest, &name))
    }

    fn unregister(&mut self, name: String) {
        let guest = &mut *self.0;
        done!(guest, format!("unregister {name}"), wit::names::Host::unregister(guest, name));
    }

    fn lookup(&mut self, name: String) -> Result<Option<Address>, NameError> {
        let guest = &mut *self.0;
        told!(guest, ("lookup", name.clone()), wit::names::Host::lookup(guest, name))
    }
}

impl wit::clock::Host for Side<'_> {
    fn now(&mut self) -> u64 {
        let guest = &mut *self.0;
        told!(guest, ("now", String::new()), wit::clock::Host::now(guest))
    }

    fn wall(&mut self) -> Option<u64> {
        let guest = &mut *self.0;
        told!(guest, ("wall", String::new()), wit::clock::Host::wall(guest))
    }
}

impl wit::timers::Host for Side<'_> {
    fn send_after(&mut self, delay: u64, to: Address, message: Message) -> Result<u64, SendError> {
        let guest = &mut *self.0;
        mirrored!(guest, ("after", about(to, &message.kind)), Some(timer(guest, "in", delay, to, &message)),
            live: wit::timers::Host::send_after(guest, delay, to, message),
            certain: imagine::cannot_set_timer(guest, delay, false, to, &message).map(Err),
            likely: imagine::timer(guest, to))
    }

    fn send_every(&mut self, interval: u64, to: Address, message: Message) -> Result<u64, SendError> {
        let guest = &mut *self.0;
        mirrored!(guest, ("every", about(to, &message.kind)), Some(timer(guest, "every", interval, to, &message)),
            live: wit::timers::Host::send_every(guest, interval, to, message),
            certain: imagine::cannot_set_timer(guest, interval, true, to, &message).map(Err),
            likely: imagine::timer(guest, to))
    }

    fn cancel(&mut self, timer: u64) {
        let guest = &mut *self.0;
        done!(guest, format!("cancel timer {timer}"), wit::timers::Host::cancel(guest, timer));
    }
}

fn timer(guest: &Guest, word: &str, time: u64, to: Address, message: &Message) -> String {
    let own = convert::core_address(to) == guest.cell.address;
    let to = if own { String::new() } else { format!(" to {}", words::name(&guest.shared, to)) };
    format!("timer {word} {}{to}: {}", words::time(time), words::message(message))
}

impl wit::topics::Host for Side<'_> {
    fn publish(&mut self, topic: String, message: Message) -> Result<(), TopicError> {
        let guest = &mut *self.0;
        mirrored!(guest, ("publish", topic.clone()), Some(format!("publish {topic}: {}", words::message(&message))),
            live: wit::topics::Host::publish(guest, topic, message),
            certain: imagine::cannot_publish(guest, &topic, &message).map(Err),
            likely: Ok(()))
    }

    fn subscribe(&mut self, pattern: String) -> Result<(), TopicError> {
        let guest = &mut *self.0;
        mirrored!(guest, ("subscribe", pattern.clone()), Some(format!("subscribe {pattern}")),
            live: wit::topics::Host::subscribe(guest, pattern),
            certain: imagine::cannot_subscribe(guest, &pattern).map(Err),
            likely: imagine::subscribe(guest))
    }

    fn unsubscribe(&mut self, pattern: String) {
        let guest = &mut *self.0;
        done!(guest, format!("unsubscribe {pattern}"), wit::topics::Host::unsubscribe(guest, pattern));
    }
}

impl wit::routes::Host for Side<'_> {
    fn set(&mut self, pattern: String, receivers: Vec<Address>) -> Result<(), String> {
        let guest = &mut *self.0;
        mirrored!(guest, ("route", pattern.clone()),
            Some({
                let to: Vec<_> = receivers.iter().map(|to| words::name(&guest.shared, *to)).collect();
                format!("route {pattern} to [{}]", to.join(", "))
            }),
            live: wit::routes::Host::set(guest, pattern, receivers),
            certain: imagine::cannot_route(guest, &pattern).map(Err),
            likely: Ok(()))
    }

    fn current(&mut self) -> Result<Vec<Route>, String> {
        let guest = &mut *self.0;
        told!(guest, ("routes", String::new()), wit::routes::Host::current(guest))
    }
}

impl wit::devices::Host for Side<'_> {
    fn read(&mut self, device: String) -> Result<Reading, ReadError> {
        let guest = &mut *self.0;
        told!(guest, ("read", device.clone()), wit::devices::Host::read(guest, device))
    }

    fn write(&mut self, device: String, value: f64) -> Result<(), WriteError> {
        let guest = &mut *self.0;
        mirrored!(guest, ("write", device.clone()), Some(format!("write {device} {value}")),
            live: wit::devices::Host::write(guest, device, value),
            certain: imagine::cannot_write(guest, &device, value).map(Err),
            likely: imagine::write(guest, &device, value))
    }

    fn watch(&mut self, device: String) -> Result<(), ReadError> {
        let guest = &mut *self.0;
        mirrored!(guest, ("watch", device.clone()), Some(format!("watch {device}")),
            live: wit::devices::Host::watch(guest, device),
            certain: guest.may_read(&device).err().map(Err),
            likely: Ok(()))
    }
}

impl wit::log::Host for Side<'_> {
    fn write(&mut self, level: Level, text: String) {
        let guest = &mut *self.0;
        let word = super::log::word(level);
        if guest.is_shadow() && level == Level::Error {
            guest.say(text.clone());
        }
        done!(guest, format!("log {word}: {text}"), wit::log::Host::write(guest, level, text));
    }
}
