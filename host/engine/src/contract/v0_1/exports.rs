//! The exports of a component in its wrapping: their functions, found once per instance, and what they take and give.

use super::bindings::greenroom::actor::types::{self as wit, Address, AskError};
use crate::component::ComponentError;
use crate::guest::Seat;
use crate::instance::Next;
use greenroom_core::{Envelope, Message, Request};
use std::path::Path;
use wasmtime::Store;
use wasmtime::component::{ComponentNamedList, ComponentType, Instance, Lift, Lower, TypedFunc};

/// `behavior.started`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ComponentType, Lift, Lower)]
#[component(enum)]
#[repr(u8)]
pub(crate) enum Started {
    #[component(name = "ready")]
    Ready,
    #[component(name = "ignore")]
    Ignore,
}

/// `state.occasion`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ComponentType, Lift, Lower)]
#[component(enum)]
#[repr(u8)]
pub(crate) enum Occasion {
    #[component(name = "swapped")]
    Swapped,
    #[component(name = "restarted")]
    Restarted,
    #[component(name = "woken")]
    Woken,
}

/// `types.message`, on its way in: nothing is copied before it is in the component's memory.
#[derive(Debug, Clone, Copy, ComponentType, Lower)]
#[component(record)]
pub(crate) struct MessageRef<'a> {
    kind: &'a str,
    body: &'a [u8],
}

/// `types.envelope`, on its way in.
#[derive(Debug, Clone, Copy, ComponentType, Lower)]
#[component(record)]
pub(crate) struct EnvelopeRef<'a> {
    sender: Option<Address>,
    request: Option<u64>,
    topic: Option<&'a str>,
    message: MessageRef<'a>,
}

impl<'a> From<&'a Message> for MessageRef<'a> {
    fn from(message: &'a Message) -> Self {
        Self { kind: message.kind.as_str(), body: &message.body }
    }
}

impl<'a> From<&'a Envelope> for EnvelopeRef<'a> {
    fn from(envelope: &'a Envelope) -> Self {
        Self {
            sender: envelope.sender.map(super::convert::address),
            request: envelope.request.map(|request| request.0),
            topic: envelope.topic.as_ref().map(|topic| topic.as_str()),
            message: (&envelope.message).into(),
        }
    }
}

impl From<wit::Next> for Next {
    fn from(next: wit::Next) -> Self {
        match next {
            wit::Next::Same => Self::Same,
            wit::Next::Changed => Self::Changed,
            wit::Next::Defer => Self::Defer,
            wit::Next::Unhandled(why) => Self::Unhandled(why),
            wit::Next::Become(behavior) => Self::Become(behavior),
            wit::Next::Stop => Self::Stop,
        }
    }
}

type Answer = Result<MessageRef<'static>, AskError>;
type Turned = (Result<wit::Next, String>,);
type Turn = wasmtime::Result<Result<wit::Next, String>>;

/// A component's exported functions.
pub(crate) struct Exported {
    /// Whether it runs on a fiber.
    fiber: bool,
    init: TypedFunc<(&'static str,), (Result<Started, String>,)>,
    handle: TypedFunc<(EnvelopeRef<'static>,), Turned>,
    state: Option<State>,
    exited: Option<TypedFunc<(Address, wit::Reason), Turned>>,
    down: Option<TypedFunc<(u64, Address, wit::Reason), Turned>>,
    stopping: Option<TypedFunc<(wit::Reason,), ()>>,
    answered: Option<TypedFunc<(u64, Answer), Turned>>,
}

/// The optional export `state`.
struct State {
    version: TypedFunc<(), (u32,)>,
    accepts: TypedFunc<(), (Vec<u32>,)>,
    save: TypedFunc<(), (Result<Vec<u8>, String>,)>,
    #[expect(clippy::type_complexity, reason = "the function's own type, written once")]
    restore: TypedFunc<(Occasion, &'static str, u32, &'static [u8]), (Result<(), String>,)>,
}

pub(crate) const BEHAVIOR: &str = "greenroom:actor/behavior@0.1.0";
pub(crate) const STATE: &str = "greenroom:actor/state@0.1.0";
pub(crate) const SIGNALS: &str = "greenroom:actor/signals@0.1.0";
pub(crate) const REPLIES: &str = "greenroom:actor/replies@0.1.0";

/// Calls a function, on a fiber or not.
macro_rules! call {
    ($this:ident, $store:ident, $function:expr, $params:expr) => {
        if $this.fiber {
            $function.call_async(&mut *$store, $params).await?
        } else {
            $function.call(&mut *$store, $params)?
        }
    };
}

impl Exported {
    /// Finds the functions of an instance, and checks their types. `path` is where the component came from, `fiber` whether
    /// it runs on one.
    pub(crate) fn new<T: 'static>(
        store: &mut Store<T>,
        instance: &Instance,
        path: &Path,
        fiber: bool,
    ) -> Result<Self, ComponentError> {
        let mut exports = Exports { store, instance, path };
        let has_state = exports.has(STATE);
        let has_signals = exports.has(SIGNALS);
        Ok(Self {
            fiber,
            init: exports.function(BEHAVIOR, "init")?,
            handle: exports.function(BEHAVIOR, "handle")?,
            state: match has_state {
                true => Some(State {
                    version: exports.function(STATE, "version")?,
                    accepts: exports.function(STATE, "accepts")?,
                    save: exports.function(STATE, "save")?,
                    restore: exports.function(STATE, "restore")?,
                }),
                false => None,
            },
            exited: has_signals.then(|| exports.function(SIGNALS, "exited")).transpose()?,
            down: has_signals.then(|| exports.function(SIGNALS, "down")).transpose()?,
            stopping: has_signals.then(|| exports.function(SIGNALS, "stopping")).transpose()?,
            answered: match exports.has(REPLIES) {
                true => Some(exports.function(REPLIES, "answered")?),
                false => None,
            },
        })
    }

    pub(crate) fn has_state(&self) -> bool {
        self.state.is_some()
    }

    pub(crate) async fn init(
        &self,
        store: &mut Store<Seat>,
        config: &str,
    ) -> wasmtime::Result<Result<Started, String>> {
        Ok(call!(self, store, self.init, (config,)).0)
    }

    pub(crate) async fn handle(&self, store: &mut Store<Seat>, envelope: &Envelope) -> Turn {
        Ok(call!(self, store, self.handle, (EnvelopeRef::from(envelope),)).0)
    }

    pub(crate) async fn answered(
        &self,
        store: &mut Store<Seat>,
        request: Request,
        answer: Result<&Message, AskError>,
    ) -> Option<Turn> {
        let answered = self.answered.as_ref()?;
        Some(async { Ok(call!(self, store, answered, (request.0, answer.map(MessageRef::from))).0) }.await)
    }

    pub(crate) async fn exited(&self, store: &mut Store<Seat>, who: Address, why: wit::Reason) -> Option<Turn> {
        let exited = self.exited.as_ref()?;
        Some(async { Ok(call!(self, store, exited, (who, why)).0) }.await)
    }

    pub(crate) async fn down(
        &self,
        store: &mut Store<Seat>,
        monitor: u64,
        who: Address,
        why: wit::Reason,
    ) -> Option<Turn> {
        let down = self.down.as_ref()?;
        Some(async { Ok(call!(self, store, down, (monitor, who, why)).0) }.await)
    }

    pub(crate) async fn stopping(&self, store: &mut Store<Seat>, why: wit::Reason) -> wasmtime::Result<()> {
        if let Some(stopping) = &self.stopping {
            call!(self, store, stopping, (why,));
        }
        Ok(())
    }

    pub(crate) async fn version(&self, store: &mut Store<Seat>) -> wasmtime::Result<u32> {
        Ok(call!(self, store, self.state()?.version, ()).0)
    }

    pub(crate) async fn accepts(&self, store: &mut Store<Seat>) -> wasmtime::Result<Vec<u32>> {
        Ok(call!(self, store, self.state()?.accepts, ()).0)
    }

    pub(crate) async fn save(&self, store: &mut Store<Seat>) -> wasmtime::Result<Result<Vec<u8>, String>> {
        Ok(call!(self, store, self.state()?.save, ()).0)
    }

    pub(crate) async fn restore(
        &self,
        store: &mut Store<Seat>,
        occasion: Occasion,
        config: &str,
        version: u32,
        bytes: &[u8],
    ) -> wasmtime::Result<Result<(), String>> {
        Ok(call!(self, store, self.state()?.restore, (occasion, config, version, bytes)).0)
    }

    fn state(&self) -> wasmtime::Result<&State> {
        self.state.as_ref().ok_or_else(|| wasmtime::Error::msg("it has no state"))
    }
}

struct Exports<'a, T: 'static> {
    store: &'a mut Store<T>,
    instance: &'a Instance,
    path: &'a Path,
}

impl<T> Exports<'_, T> {
    fn has(&mut self, interface: &str) -> bool {
        self.instance.get_export_index(&mut *self.store, None, interface).is_some()
    }

    fn function<P, R>(&mut self, interface: &str, name: &str) -> Result<TypedFunc<P, R>, ComponentError>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        let missing =
            || ComponentError::NoExport { component: self.path.to_owned(), export: format!("{interface}#{name}") };
        let interface_index = self.instance.get_export_index(&mut *self.store, None, interface).ok_or_else(missing)?;
        let index =
            self.instance.get_export_index(&mut *self.store, Some(&interface_index), name).ok_or_else(missing)?;
        self.instance.get_typed_func(&mut *self.store, index).map_err(|error| ComponentError::WrongType {
            component: self.path.to_owned(),
            export: format!("{interface}#{name}"),
            why: format!("{error:#}"),
        })
    }
}
