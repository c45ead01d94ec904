//! Where a module's functions are, and the functions of one instance. Where they are is looked up once for all instances,
//! and each function is had when it is first called: of most actors, most are never.

use super::heap::Handed;
use super::layout::Load;
use crate::component::split::{INITIALIZE, MEMORY, POST, REALLOC};
use crate::contract::v0_1::exports::{BEHAVIOR, REPLIES, SIGNALS, STATE};
use crate::guest::Seat;
use std::sync::OnceLock;
use wasmtime::{
    Extern, Func, Instance, Memory, Module, ModuleExport, Result, Store, TypedFunc, WasmParams, WasmResults, bail,
};

/// The names of the short way in, `tray.rs`.
const TRAY: &str = "greenroom-tray-1";
const HANDLE: &str = "greenroom-handle-1";
const ANSWERED: &str = "greenroom-answered-1";

/// Where a module's exports are.
pub(crate) struct Entries {
    pub(super) memory: ModuleExport,
    pub(super) realloc: Option<ModuleExport>,
    pub(super) initialize: Option<ModuleExport>,
    pub(super) tray: Option<TrayEntry>,
    pub(super) init: Entry,
    pub(super) handle: Entry,
    pub(super) state: Option<StateEntries>,
    pub(super) signals: Option<SignalEntries>,
    pub(super) answered: Option<Entry>,
}

/// A function, and what it wants to be called afterwards, to free what it gave.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    function: ModuleExport,
    post: Option<ModuleExport>,
}

pub(super) struct TrayEntry {
    pub(super) tray: ModuleExport,
    pub(super) handle: ModuleExport,
    pub(super) answered: Option<ModuleExport>,
    /// What the first instance said: where the tray is, and its size. It is a place in the module's own data, and so the same
    /// in all of them; one that it is not the same in misleads itself.
    pub(super) place: OnceLock<u64>,
}

pub(super) struct StateEntries {
    pub(super) version: Entry,
    pub(super) accepts: Entry,
    pub(super) save: Entry,
    pub(super) restore: Entry,
}

pub(super) struct SignalEntries {
    pub(super) exited: Entry,
    pub(super) down: Entry,
    pub(super) stopping: Entry,
}

impl Entries {
    /// A module's. None: it has not what the contract demands by the names that the canonical ABI gives it.
    pub(crate) fn of(module: &Module) -> Option<Self> {
        let find = |name: &str| module.get_export_index(name);
        let entry = |interface: &str, name: &str| {
            let name = format!("{interface}#{name}");
            Some(Entry { function: find(&name)?, post: find(&format!("{POST}{name}")) })
        };
        let state = || {
            Some(StateEntries {
                version: entry(STATE, "version")?,
                accepts: entry(STATE, "accepts")?,
                save: entry(STATE, "save")?,
                restore: entry(STATE, "restore")?,
            })
        };
        let signals = || {
            Some(SignalEntries {
                exited: entry(SIGNALS, "exited")?,
                down: entry(SIGNALS, "down")?,
                stopping: entry(SIGNALS, "stopping")?,
            })
        };
        let tray = || {
            let (tray, handle, answered) = (find(TRAY)?, find(HANDLE)?, find(ANSWERED));
            Some(TrayEntry { tray, handle, answered, place: OnceLock::new() })
        };
        Some(Self {
            memory: find(MEMORY)?,
            realloc: find(REALLOC),
            initialize: find(INITIALIZE),
            tray: tray(),
            init: entry(BEHAVIOR, "init")?,
            handle: entry(BEHAVIOR, "handle")?,
            state: state(),
            signals: signals(),
            answered: entry(REPLIES, "answered"),
        })
    }
}

/// An instance's function.
pub(super) fn function(store: &mut Store<Seat>, instance: &Instance, entry: &ModuleExport) -> Result<Func> {
    match instance.get_module_export(&mut *store, entry) {
        Some(Extern::Func(function)) => Ok(function),
        _ => bail!("an export of the contract's is no function"),
    }
}

/// A function of one instance, once it has been called.
pub(super) struct Call<P, R = u32>(OnceLock<Box<Function<P, R>>>);

impl<P, R> Default for Call<P, R> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

pub(super) struct Function<P, R> {
    function: TypedFunc<P, R>,
    post: Option<TypedFunc<R, ()>>,
}

impl<P: WasmParams, R: WasmResults + WasmParams + Copy> Call<P, R> {
    /// The function, ready to be called.
    pub(super) fn of(&self, store: &mut Store<Seat>, instance: &Instance, entry: Entry) -> Result<&Function<P, R>> {
        if let Some(known) = self.0.get() {
            return Ok(known);
        }
        let typed = function(store, instance, &entry.function)?.typed(&*store)?;
        let post = match entry.post {
            Some(post) => Some(function(store, instance, &post)?.typed(&*store)?),
            None => None,
        };
        Ok(self.0.get_or_init(|| Box::new(Function { function: typed, post })))
    }
}

impl<P: WasmParams, R: WasmResults + WasmParams + Copy> Function<P, R> {
    pub(super) fn enter(&self, store: &mut Store<Seat>, params: P) -> Result<R> {
        self.function.call(store, params)
    }

    /// The function's result has been taken.
    pub(super) fn over(&self, store: &mut Store<Seat>, result: R) -> Result<()> {
        let Some(post) = &self.post else { return Ok(()) };
        store.data_mut().closed = true;
        post.call(&mut *store, result)?;
        store.data_mut().closed = false;
        Ok(())
    }
}

impl<P: WasmParams> Function<P, u32> {
    /// Calls it, and takes what it gives out of its memory.
    pub(super) fn go<T: Load>(&self, store: &mut Store<Seat>, memory: Memory, params: P) -> Result<T> {
        let at = self.enter(store, params)?;
        let handed = Handed(memory.data(&*store));
        let result = T::load(&handed, handed.result::<T>(at)?)?;
        self.over(store, at)?;
        Ok(result)
    }
}
