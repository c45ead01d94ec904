//! What a module may import: each function with its arguments as the canonical ABI flattens them. A function whose answer
//! is more than one number writes it where its last argument says.
//!
//! What is called is the same as for a component in its wrapping ([`Side`]).

use super::heap::{Handed, Lowering, word};
use super::layout::{Layout, Store, address, no_such_case};
use crate::contract::v0_1::bindings::greenroom::actor as wit;
use crate::contract::v0_1::bindings::greenroom::actor::actors::{Options, Relation};
use crate::contract::v0_1::bindings::greenroom::actor::log::Level;
use crate::contract::v0_1::bindings::greenroom::actor::types::{Address, Message, Reason};
use crate::contract::v0_1::mirror::{Mirrored, Side};
use crate::envelopes;
use crate::guest::{Guest, Seat};
use greenroom_core::{Envelope, Request};
use wasmtime::{AsContextMut, Caller, Linker, Result};
use wit::{actors, clock, config, devices, log, messaging, names, routes, timers, topics};

/// The interfaces whose functions there are here.
pub(crate) const OFFERED: [&str; 10] = [
    "greenroom:actor/messaging@0.1.0",
    "greenroom:actor/actors@0.1.0",
    "greenroom:actor/names@0.1.0",
    "greenroom:actor/clock@0.1.0",
    "greenroom:actor/timers@0.1.0",
    "greenroom:actor/topics@0.1.0",
    "greenroom:actor/routes@0.1.0",
    "greenroom:actor/devices@0.1.0",
    "greenroom:actor/log@0.1.0",
    "greenroom:actor/config@0.1.0",
];

type From<'a> = Caller<'a, Seat>;

/// A call: it is done with what is read from memory, and its answer is written to `at`.
fn call<R: Store>(
    mut from: From<'_>,
    at: u32,
    done: impl FnOnce(&Handed<'_>, &mut Side<'_>) -> Result<R>,
) -> Result<()> {
    let memory = from.data().memory()?;
    let (bytes, guest) = memory.data_and_store_mut(&mut from);
    let answer = done(&Handed(bytes), &mut Mirrored::side(guest))?;
    let place = bytes.get_mut(at as usize..).and_then(|rest| rest.get_mut(..R::SIZE as usize));
    if at.is_multiple_of(R::ALIGN) && place.is_some_and(|place| answer.put(place)) {
        return Ok(());
    }
    Lowering::new(from.as_context_mut(), memory).answer(at, &answer)
}

/// A call whose answer is a number, or none.
fn tell<R>(mut from: From<'_>, done: impl FnOnce(&Handed<'_>, &mut Side<'_>) -> Result<R>) -> Result<R> {
    let memory = from.data().memory()?;
    let (bytes, guest) = memory.data_and_store_mut(&mut from);
    done(&Handed(bytes), &mut Mirrored::side(guest))
}

fn text(memory: &Handed<'_>, (at, length): (u32, u32)) -> Result<String> {
    Ok(memory.text(at, length)?.to_owned())
}

fn message(memory: &Handed<'_>, kind: (u32, u32), body: (u32, u32)) -> Result<Message> {
    Ok(Message { kind: text(memory, kind)?, body: memory.bytes(body.0, body.1)?.to_owned() })
}

/// The short way of nearly all messages: nobody looks on, and the kind is plain. Who sends it, and the message in its envelope.
fn plain<'a>(side: &'a mut Side<'_>, kind: &[u8], body: &[u8]) -> Option<(&'a mut Guest, Box<Envelope>)> {
    let guest = side.alone()?;
    let mut envelope = envelopes::take();
    if envelope.write_plain(guest.cell.address, kind, body) {
        return Some((guest, envelope));
    }
    envelopes::give(envelope);
    None
}

/// Something that may be there, as the canonical ABI numbers that.
fn maybe<T>(there: u32, it: impl FnOnce() -> Result<T>) -> Result<Option<T>> {
    match there {
        0 => Ok(None),
        1 => Ok(Some(it()?)),
        case => no_such_case(case),
    }
}

fn reason(memory: &Handed<'_>, case: u32, why: (u32, u32)) -> Result<Reason> {
    Ok(match case {
        0 => Reason::Normal,
        1 => Reason::Shutdown,
        2 => Reason::Killed,
        3 => Reason::Failed(text(memory, why)?),
        4 => Reason::Trapped(text(memory, why)?),
        5 => Reason::OutOfTime,
        6 => Reason::OutOfMemory,
        7 => Reason::NoActor,
        8 => Reason::Unreachable,
        9 => Reason::Other(text(memory, why)?),
        case => return no_such_case(case),
    })
}

fn level(case: u32) -> Result<Level> {
    Ok(match case {
        0 => Level::Trace,
        1 => Level::Debug,
        2 => Level::Info,
        3 => Level::Warn,
        4 => Level::Error,
        case => return no_such_case(case),
    })
}

/// Links all of it.
pub(crate) fn link(linker: &mut Linker<Seat>) -> Result<()> {
    link_messaging(linker)?;
    link_actors(linker)?;
    link_names(linker)?;
    link_times(linker)?;
    link_topics(linker)?;
    link_devices(linker)?;
    link_texts(linker)
}

#[rustfmt::skip]
fn link_messaging(linker: &mut Linker<Seat>) -> Result<()> {
    use messaging::Host;
    let interface = OFFERED[0];
    linker.func_wrap(interface, "own-address", |from: From<'_>, at: u32| {
        call(from, at, |_, side| Ok(side.own_address()))
    })?;
    linker.func_wrap(interface, "send",
        |from: From<'_>, node: u64, key: u64, kind: u32, kind_length: u32, body: u32, body_length: u32, at: u32| {
            call(from, at, |memory, side| {
                let (letters, bytes) = (memory.letters(kind, kind_length)?, memory.bytes(body, body_length)?);
                if let Some((guest, envelope)) = plain(side, letters, bytes) {
                    return Ok(guest.send_envelope(Address { node, key }, envelope));
                }
                let message = message(memory, (kind, kind_length), (body, body_length))?;
                Ok(side.send(Address { node, key }, message))
            })
        })?;
    linker.func_wrap(interface, "start-ask",
        |from: From<'_>, node: u64, key: u64, kind: u32, kind_length: u32, body: u32, body_length: u32, timeout: u64, at: u32| {
            call(from, at, |memory, side| {
                let (letters, bytes) = (memory.letters(kind, kind_length)?, memory.bytes(body, body_length)?);
                if let Some((guest, envelope)) = plain(side, letters, bytes) {
                    return Ok(guest.ask_envelope(Address { node, key }, envelope, timeout));
                }
                let message = message(memory, (kind, kind_length), (body, body_length))?;
                Ok(side.start_ask(Address { node, key }, message, timeout))
            })
        })?;
    linker.func_wrap(interface, "reply",
        |from: From<'_>, request: u64, case: u32, a: u32, b: u32, c: u32, d: u32, at: u32| {
            call(from, at, |memory, side| {
                if case == 0
                    && let Some(guest) = side.alone()
                    && let Some(message) = greenroom_core::Message::plain(memory.letters(a, b)?, memory.bytes(c, d)?)
                {
                    return Ok(guest.hand_back(Box::new((Request(request), Ok(message)))));
                }
                let answer = match case {
                    0 => Ok(message(memory, (a, b), (c, d))?),
                    1 => Err(text(memory, (a, b))?),
                    case => return no_such_case(case),
                };
                Ok(side.reply(request, answer))
            })
        })?;
    Ok(())
}

#[rustfmt::skip]
fn link_actors(linker: &mut Linker<Seat>) -> Result<()> {
    use actors::Host;
    let interface = OFFERED[1];
    linker.func_wrap(interface, "spawn",
        |from: From<'_>, behavior: u32, behavior_length: u32, config: u32, config_length: u32,
         has_name: u32, name: u32, name_length: u32, relations: u32, has_grants: u32, grants: u32, grants_length: u32, at: u32| {
            call(from, at, |memory, side| {
                let behavior = text(memory, (behavior, behavior_length))?;
                let config = text(memory, (config, config_length))?;
                let name = maybe(has_name, || text(memory, (name, name_length)))?;
                let mut relation = Relation::empty();
                relation |= if relations & 1 == 0 { Relation::empty() } else { Relation::LINK };
                relation |= if relations & 2 == 0 { Relation::empty() } else { Relation::MONITOR };
                let grants = maybe(has_grants, || {
                    let texts = memory.list(grants, grants_length, String::SIZE, String::ALIGN)?;
                    texts.map(|part| text(memory, (word(part, 0), word(part, 4)))).collect()
                })?;
                Ok(side.spawn(behavior, config, Options { name, relation, grants }))
            })
        })?;
    linker.func_wrap(interface, "link", |from: From<'_>, node: u64, key: u64| {
        tell(from, |_, side| { side.link(Address { node, key }); Ok(()) })
    })?;
    linker.func_wrap(interface, "unlink", |from: From<'_>, node: u64, key: u64| {
        tell(from, |_, side| { side.unlink(Address { node, key }); Ok(()) })
    })?;
    linker.func_wrap(interface, "monitor", |from: From<'_>, node: u64, key: u64| {
        tell(from, |_, side| Ok(side.monitor(Address { node, key })))
    })?;
    linker.func_wrap(interface, "demonitor", |from: From<'_>, monitor: u64| {
        tell(from, |_, side| { side.demonitor(monitor); Ok(()) })
    })?;
    linker.func_wrap(interface, "trap-exits", |from: From<'_>, on: u32| {
        tell(from, |_, side| { side.trap_exits(on != 0); Ok(()) })
    })?;
    linker.func_wrap(interface, "exit", |from: From<'_>, node: u64, key: u64, case: u32, why: u32, why_length: u32| {
        tell(from, |memory, side| { side.exit(Address { node, key }, reason(memory, case, (why, why_length))?); Ok(()) })
    })?;
    Ok(())
}

#[rustfmt::skip]
fn link_names(linker: &mut Linker<Seat>) -> Result<()> {
    use names::Host;
    let interface = OFFERED[2];
    linker.func_wrap(interface, "register", |from: From<'_>, name: u32, length: u32, at: u32| {
        call(from, at, |memory, side| Ok(side.register(text(memory, (name, length))?)))
    })?;
    linker.func_wrap(interface, "unregister", |from: From<'_>, name: u32, length: u32| {
        tell(from, |memory, side| { side.unregister(text(memory, (name, length))?); Ok(()) })
    })?;
    linker.func_wrap(interface, "lookup", |from: From<'_>, name: u32, length: u32, at: u32| {
        call(from, at, |memory, side| Ok(side.lookup(text(memory, (name, length))?)))
    })?;
    Ok(())
}

#[rustfmt::skip]
fn link_times(linker: &mut Linker<Seat>) -> Result<()> {
    use clock::Host as _;
    use timers::Host as _;
    let (clock, timers) = (OFFERED[3], OFFERED[4]);
    linker.func_wrap(clock, "now", |from: From<'_>| tell(from, |_, side| Ok(side.now())))?;
    linker.func_wrap(clock, "wall", |from: From<'_>, at: u32| call(from, at, |_, side| Ok(side.wall())))?;
    linker.func_wrap(timers, "send-after",
        |from: From<'_>, delay: u64, node: u64, key: u64, kind: u32, kind_length: u32, body: u32, body_length: u32, at: u32| {
            call(from, at, |memory, side| {
                let message = message(memory, (kind, kind_length), (body, body_length))?;
                Ok(side.send_after(delay, Address { node, key }, message))
            })
        })?;
    linker.func_wrap(timers, "send-every",
        |from: From<'_>, interval: u64, node: u64, key: u64, kind: u32, kind_length: u32, body: u32, body_length: u32, at: u32| {
            call(from, at, |memory, side| {
                let message = message(memory, (kind, kind_length), (body, body_length))?;
                Ok(side.send_every(interval, Address { node, key }, message))
            })
        })?;
    linker.func_wrap(timers, "cancel", |from: From<'_>, timer: u64| {
        tell(from, |_, side| { side.cancel(timer); Ok(()) })
    })?;
    Ok(())
}

#[rustfmt::skip]
fn link_topics(linker: &mut Linker<Seat>) -> Result<()> {
    use routes::Host as _;
    use topics::Host as _;
    let (topics, routes) = (OFFERED[5], OFFERED[6]);
    linker.func_wrap(topics, "publish",
        |from: From<'_>, topic: u32, length: u32, kind: u32, kind_length: u32, body: u32, body_length: u32, at: u32| {
            call(from, at, |memory, side| {
                let message = message(memory, (kind, kind_length), (body, body_length))?;
                Ok(side.publish(text(memory, (topic, length))?, message))
            })
        })?;
    linker.func_wrap(topics, "subscribe", |from: From<'_>, pattern: u32, length: u32, at: u32| {
        call(from, at, |memory, side| Ok(side.subscribe(text(memory, (pattern, length))?)))
    })?;
    linker.func_wrap(topics, "unsubscribe", |from: From<'_>, pattern: u32, length: u32| {
        tell(from, |memory, side| { side.unsubscribe(text(memory, (pattern, length))?); Ok(()) })
    })?;
    linker.func_wrap(routes, "set",
        |from: From<'_>, pattern: u32, length: u32, receivers: u32, receivers_length: u32, at: u32| {
            call(from, at, |memory, side| {
                let receivers = memory.list(receivers, receivers_length, Address::SIZE, Address::ALIGN)?;
                Ok(side.set(text(memory, (pattern, length))?, receivers.map(address).collect()))
            })
        })?;
    linker.func_wrap(routes, "current", |from: From<'_>, at: u32| {
        call(from, at, |_, side| Ok(side.current()))
    })?;
    Ok(())
}

#[rustfmt::skip]
fn link_devices(linker: &mut Linker<Seat>) -> Result<()> {
    use devices::Host;
    let interface = OFFERED[7];
    linker.func_wrap(interface, "read", |from: From<'_>, device: u32, length: u32, at: u32| {
        call(from, at, |memory, side| Ok(side.read(text(memory, (device, length))?)))
    })?;
    linker.func_wrap(interface, "write", |from: From<'_>, device: u32, length: u32, value: f64, at: u32| {
        call(from, at, |memory, side| Ok(side.write(text(memory, (device, length))?, value)))
    })?;
    linker.func_wrap(interface, "watch", |from: From<'_>, device: u32, length: u32, at: u32| {
        call(from, at, |memory, side| Ok(side.watch(text(memory, (device, length))?)))
    })?;
    Ok(())
}

#[rustfmt::skip]
fn link_texts(linker: &mut Linker<Seat>) -> Result<()> {
    let (log, config) = (OFFERED[8], OFFERED[9]);
    linker.func_wrap(log, "write", |from: From<'_>, case: u32, line: u32, length: u32| {
        tell(from, |memory, side| { log::Host::write(side, level(case)?, text(memory, (line, length))?); Ok(()) })
    })?;
    linker.func_wrap(config, "get", |mut from: From<'_>, at: u32| {
        let memory = from.data().memory()?;
        let text = config::Host::get(&mut **from.data_mut());
        Lowering::new(from.as_context_mut(), memory).answer(at, &text)
    })?;
    Ok(())
}
