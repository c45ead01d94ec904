//! What an instance is entered by, in its wrapping or directly: the exports, with the host's own types.

use super::bindings::greenroom::actor::types::Next;
use super::convert;
use super::direct;
use super::exports::{Exported, Occasion, Started};
use crate::ask::Failure;
use crate::guest::Seat;
use greenroom_core::{Address, Envelope, Message, Reason, Request};
use wasmtime::{Result, Store};

/// An instance's exported functions.
pub(crate) enum Calls {
    /// By way of the component model, on a fiber or not.
    Wrapped(Box<Exported>),
    /// By way of the module's own functions.
    Direct(Box<direct::calls::Calls>),
}

type Turned = Result<Result<Next, String>>;

impl Calls {
    pub(crate) fn has_state(&self) -> bool {
        match self {
            Self::Wrapped(calls) => calls.has_state(),
            Self::Direct(calls) => calls.has_state(),
        }
    }

    pub(crate) async fn init(&self, store: &mut Store<Seat>, config: &str) -> Result<Result<Started, String>> {
        match self {
            Self::Wrapped(calls) => calls.init(store, config).await,
            Self::Direct(calls) => calls.init(store, config),
        }
    }

    pub(crate) async fn handle(&self, store: &mut Store<Seat>, envelope: &Envelope) -> Turned {
        match self {
            Self::Wrapped(calls) => calls.handle(store, envelope).await,
            Self::Direct(calls) => calls.handle(store, envelope),
        }
    }

    /// None: it does not want to know. So it is of all that is told of others.
    pub(crate) async fn answered(
        &self,
        store: &mut Store<Seat>,
        request: Request,
        answer: &std::result::Result<Message, Failure>,
    ) -> Option<Turned> {
        let answer = answer.as_ref().map_err(convert::ask_error);
        match self {
            Self::Wrapped(calls) => calls.answered(store, request, answer).await,
            Self::Direct(calls) => calls.answered(store, request, answer),
        }
    }

    pub(crate) async fn exited(&self, store: &mut Store<Seat>, who: Address, why: &Reason) -> Option<Turned> {
        match self {
            Self::Wrapped(calls) => calls.exited(store, convert::address(who), convert::reason(why)).await,
            Self::Direct(calls) => calls.exited(store, who, why),
        }
    }

    pub(crate) async fn down(
        &self,
        store: &mut Store<Seat>,
        monitor: u64,
        who: Address,
        why: &Reason,
    ) -> Option<Turned> {
        match self {
            Self::Wrapped(calls) => calls.down(store, monitor, convert::address(who), convert::reason(why)).await,
            Self::Direct(calls) => calls.down(store, monitor, who, why),
        }
    }

    pub(crate) async fn stopping(&self, store: &mut Store<Seat>, why: &Reason) -> Result<()> {
        match self {
            Self::Wrapped(calls) => calls.stopping(store, convert::reason(why)).await,
            Self::Direct(calls) => calls.stopping(store, why),
        }
    }

    pub(crate) async fn version(&self, store: &mut Store<Seat>) -> Result<u32> {
        match self {
            Self::Wrapped(calls) => calls.version(store).await,
            Self::Direct(calls) => calls.version(store),
        }
    }

    pub(crate) async fn accepts(&self, store: &mut Store<Seat>) -> Result<Vec<u32>> {
        match self {
            Self::Wrapped(calls) => calls.accepts(store).await,
            Self::Direct(calls) => calls.accepts(store),
        }
    }

    pub(crate) async fn save(&self, store: &mut Store<Seat>) -> Result<std::result::Result<Vec<u8>, String>> {
        match self {
            Self::Wrapped(calls) => calls.save(store).await,
            Self::Direct(calls) => calls.save(store),
        }
    }

    pub(crate) async fn restore(
        &self,
        store: &mut Store<Seat>,
        occasion: Occasion,
        config: &str,
        version: u32,
        bytes: &[u8],
    ) -> Result<std::result::Result<(), String>> {
        match self {
            Self::Wrapped(calls) => calls.restore(store, occasion, config, version, bytes).await,
            Self::Direct(calls) => calls.restore(store, occasion, config, version, bytes),
        }
    }
}
