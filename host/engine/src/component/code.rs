//! A component's code, compiled and linked, and how an instance of it comes about.

use super::renew::Fresh;
use super::spares::{Spare, Spares};
use super::{ComponentError, Digest, Inspection};
use crate::contract::v0_1::calls::Calls;
use crate::contract::v0_1::direct::{self, Entries};
use crate::contract::v0_1::exports::Exported;
use crate::guest::{Guest, Seat};
use crate::instance::poll_once;
use greenroom_core::Grant;
use greenroom_manifest::Behavior;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use wasmtime::component::InstancePre;
use wasmtime::{Engine, Store};

/// A component's code, ready to be instantiated.
pub(crate) struct Code {
    pub(crate) digest: Digest,
    pub(crate) path: PathBuf,
    pub(super) form: Form,
    /// Whether it may wait in the middle of a turn, and so runs on a fiber.
    pub(crate) fiber: bool,
    pub(super) inspection: Inspection,
}

/// How its instances are made and entered.
pub(super) enum Form {
    /// In its wrapping, by way of the component model.
    Wrapped(InstancePre<Seat>),
    /// Its module alone.
    Direct(Box<Direct>),
}

/// A module that was taken out of its wrapping.
pub(super) struct Direct {
    pub(super) pre: wasmtime::InstancePre<Seat>,
    pub(super) entries: Arc<Entries>,
    /// What its instances are when they are new, if they can be made so again.
    pub(super) fresh: Option<Fresh>,
    pub(super) spares: Spares,
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code {:?}", self.digest)
    }
}

impl Code {
    pub(crate) fn engine(&self) -> &Engine {
        match &self.form {
            Form::Wrapped(pre) => pre.engine(),
            Form::Direct(direct) => direct.pre.module().engine(),
        }
    }

    pub(crate) fn inspection(&self) -> &Inspection {
        &self.inspection
    }

    /// An instance for an actor: one that another has left, or a new one.
    pub(crate) fn instance(&self, guest: Guest) -> Result<(Store<Seat>, Calls), ComponentError> {
        if let Some((mut store, calls)) = self.spare(&guest) {
            store.data_mut().take(guest);
            return match calls.begin(&mut store) {
                Ok(()) => Ok((store, Calls::Direct(calls))),
                Err(error) => Err(not_made(&store, &error)),
            };
        }
        let mut store = self.store(guest);
        match self.instantiate(&mut store) {
            Ok(calls) => Ok((store, calls)),
            Err(error) => {
                let room = error.is_no_room() && store.data().shared.loader.drop_spares();
                let Some(guest) = store.into_data().leave().filter(|_| room) else { return Err(error) };
                let mut store = self.store(guest);
                let calls = self.instantiate(&mut store)?;
                Ok((store, calls))
            }
        }
    }

    fn store(&self, guest: Guest) -> Store<Seat> {
        let mut store = Store::new(self.engine(), Seat::new(guest));
        store.limiter(|seat| &mut **seat);
        store.epoch_deadline_callback(|mut store| Ok(store.data_mut().tick()));
        store.set_epoch_deadline(1);
        store
    }

    /// One that another has left, for an actor that may have as much memory as it has.
    fn spare(&self, guest: &Guest) -> Option<Spare> {
        let Form::Direct(direct) = &self.form else { return None };
        let Direct { fresh: Some(fresh), spares, .. } = &**direct else { return None };
        if fresh.size as u64 > guest.behavior.memory {
            return None;
        }
        let spare = spares.take()?;
        guest.has_memory(fresh.size);
        Some(spare)
    }

    /// Takes an instance back that its actor has left. It is the next one's, if it can be made new.
    pub(crate) fn take_back(&self, mut store: Store<Seat>, calls: Calls) {
        if let (Form::Direct(direct), Calls::Direct(calls)) = (&self.form, calls)
            && let Direct { fresh: Some(fresh), spares, .. } = &**direct
            && spares.has_room()
            && fresh.restore(&mut store, calls.instance())
        {
            // Not with a lock: whose it was may be dropped with it.
            drop(store.data_mut().leave());
            spares.keep((store, calls));
        }
    }

    /// Drops those that wait for their next actors. Whether there were any.
    pub(super) fn drop_spares(&self) -> bool {
        match &self.form {
            Form::Direct(direct) => direct.spares.clear(),
            Form::Wrapped(_) => false,
        }
    }

    /// Makes an instance in a store.
    fn instantiate(&self, store: &mut Store<Seat>) -> Result<Calls, ComponentError> {
        match &self.form {
            Form::Wrapped(pre) => {
                let instance = match self.fiber {
                    true => poll_once(pre.instantiate_async(&mut *store))
                        .unwrap_or_else(|| Err(wasmtime::Error::msg("it asks while it is made"))),
                    false => pre.instantiate(&mut *store),
                };
                let instance = instance.map_err(|error| not_made(store, &error))?;
                Ok(Calls::Wrapped(Box::new(Exported::new(store, &instance, &self.path, self.fiber)?)))
            }
            Form::Direct(direct) => {
                let instance = direct.pre.instantiate(&mut *store);
                let calls = instance.and_then(|instance| direct::calls::Calls::new(store, &direct.entries, instance));
                Ok(Calls::Direct(Box::new(calls.map_err(|error| not_made(store, &error))?)))
            }
        }
    }

    /// Refuses it for an actor that may not do what it imports, or that is to sleep and could not be woken.
    pub(crate) fn check(&self, behavior: &Behavior, grants: &[Grant]) -> Result<(), ComponentError> {
        let name = behavior.name.as_str();
        self.inspection.check_grants(&self.path, name, grants)?;
        if behavior.sleep_after.is_some() && !self.inspection.has_state() {
            return Err(ComponentError::NoState { component: self.path.clone(), behavior: name.to_owned() });
        }
        self.inspection.check_memory(&self.path, behavior)
    }
}

fn not_made(store: &Store<Seat>, error: &wasmtime::Error) -> ComponentError {
    let guest = store.data();
    match guest.verdict() {
        Some(verdict) => ComponentError::Start { why: verdict.reason().to_string() },
        None if error.is::<wasmtime::PoolConcurrencyLimitError>() => {
            ComponentError::NoRoom { most: guest.shared.loader.most() }
        }
        None => ComponentError::Start { why: format!("{error:#}") },
    }
}
