//! `greenroom:actor@0.1.0`: one file per interface that a component may import.

pub(crate) mod bindings;
pub(crate) mod calls;
pub(crate) mod convert;
pub(crate) mod direct;
pub(crate) mod exports;

mod actors;
mod asking;
mod clock;
mod config;
mod devices;
mod imagine;
mod log;
mod messaging;
mod mirror;
mod names;
mod routes;
mod timers;
mod topics;
mod words;

use crate::guest::{Guest, Seat};
use bindings::greenroom::actor as wit;
use greenroom_core::Grant;
use mirror::Mirrored;
use wasmtime::component::{HasSelf, Linker};

fn own(seat: &mut Seat) -> &mut Guest {
    seat
}

/// Links what every component may import.
pub(crate) fn link(linker: &mut Linker<Seat>) -> wasmtime::Result<()> {
    wit::types::add_to_linker::<_, HasSelf<_>>(linker, own)?;
    wit::config::add_to_linker::<_, HasSelf<_>>(linker, own)?;
    wit::messaging::add_to_linker::<_, Mirrored>(linker, |seat| Mirrored::side(seat))?;
    wit::actors::add_to_linker::<_, Mirrored>(linker, |seat| Mirrored::side(seat))?;
    wit::names::add_to_linker::<_, Mirrored>(linker, |seat| Mirrored::side(seat))?;
    wit::clock::add_to_linker::<_, Mirrored>(linker, |seat| Mirrored::side(seat))?;
    wit::timers::add_to_linker::<_, Mirrored>(linker, |seat| Mirrored::side(seat))?;
    wit::topics::add_to_linker::<_, Mirrored>(linker, |seat| Mirrored::side(seat))?;
    wit::routes::add_to_linker::<_, Mirrored>(linker, |seat| Mirrored::side(seat))?;
    wit::devices::add_to_linker::<_, Mirrored>(linker, |seat| Mirrored::side(seat))?;
    wit::log::add_to_linker::<_, Mirrored>(linker, |seat| Mirrored::side(seat))
}

/// Links what needs a fiber.
pub(crate) fn link_asking(linker: &mut Linker<Seat>) -> wasmtime::Result<()> {
    wit::asking::add_to_linker::<_, HasSelf<_>>(linker, own)
}

impl wit::types::Host for Guest {}

/// The interface whose import makes a component run on a fiber.
pub(crate) const ASKING: &str = "greenroom:actor/asking@0.1.0";

/// Functions that are of no use without a grant: the interface, the function, how many functions the interface has, and
/// what to grant.
///
/// `names.lookup` is not among them: which name it is comes with the configuration, if any does, so that a component of
/// general use imports it without needing it each time.
pub(crate) const GRANTED: [(&str, &str, usize, &str); 9] = [
    ("greenroom:actor/devices@0.1.0", "read", 3, "read:DEVICE"),
    ("greenroom:actor/devices@0.1.0", "watch", 3, "read:DEVICE"),
    ("greenroom:actor/devices@0.1.0", "write", 3, "write:DEVICE"),
    ("greenroom:actor/topics@0.1.0", "publish", 3, "publish:PATTERN"),
    ("greenroom:actor/topics@0.1.0", "subscribe", 3, "subscribe:PATTERN"),
    ("greenroom:actor/actors@0.1.0", "spawn", 7, "spawn:BEHAVIOR"),
    ("greenroom:actor/names@0.1.0", "register", 3, "register:NAME"),
    // The topic registry's own: no binding imports it by accident.
    ("greenroom:actor/routes@0.1.0", "set", usize::MAX, "routes"),
    ("greenroom:actor/routes@0.1.0", "current", usize::MAX, "routes"),
];

/// Whether a grant is of the kind that a function needs.
pub(crate) fn serves(grant: &Grant, needed: &str) -> bool {
    grant.to_string().split(':').next() == needed.split(':').next()
}
