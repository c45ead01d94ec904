//! Components: read, checked, compiled once per content, and kept.
//!
//! Compiling takes long and never happens on a thread that runs turns. What was compiled is kept on disk by the
//! component's digest, so that it is done once per content and machine.

mod cache;
mod check;
mod class;
mod compiling;
mod engines;
mod memory;
mod pages;
mod renew;
mod size;
mod spares;
pub(crate) mod split;

pub(crate) use cache::Compiled;
pub use check::Inspection;
pub(crate) use class::{FAST, TABLE};
pub use compiling::Progress;
pub(crate) use engines::Engines;
pub use size::Size;

use crate::contract::v0_1;
use crate::contract::v0_1::calls::Calls;
use crate::contract::v0_1::direct::{self, Entries};
use crate::contract::v0_1::exports::Exported;
use crate::guest::{Guest, Seat};
use crate::instance::poll_once;
use crate::limit::Limit;
use crate::machine;
use crate::roster::Roster;
use compiling::Compiling;
use engines::Kit;
use greenroom_core::Grant;
use greenroom_encode::EncodeError;
use greenroom_encode::contract::VERSION;
use greenroom_manifest::{Behavior, MemoryClass};
pub(crate) use greenroom_store::Digest;
use renew::Fresh;
use spares::{Spare, Spares};
use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, Weak};
use wasmtime::component::{Component, InstancePre};
use wasmtime::{Engine, Module, Store};

/// Why a component cannot be run. Each names the file and says what to do.
#[derive(Debug, Clone, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text says what its fields are")]
pub enum ComponentError {
    /// The file cannot be read.
    #[error("{path}: {why}; build it with `greenroom build`, or correct `source` in the manifest", path = path.display())]
    Unreadable { path: PathBuf, why: String },
    /// The bytes are something else.
    #[error("{path} is no component: {why}", path = path.display())]
    NotComponent { path: PathBuf, why: String },
    /// It is a component for something else.
    #[error("{component} is no actor of this contract: it does not export `{export}`; build it with the world `greenroom:actor/actor@0.1.0`", component = component.display())]
    NoExport { component: PathBuf, export: String },
    /// It is made for a contract that this host does not have.
    #[error("{component} is made for greenroom:actor@{version}; this host has {VERSION}: use a host that has {version}, or build it with this host's `wit/`", component = component.display())]
    OtherContract { component: PathBuf, version: String },
    /// It is a program.
    #[error("{component} is a program, which runs once and ends (it exports `wasi:cli/run`), and no actor: build a library with the world `greenroom:actor/actor@0.1.0`", component = component.display())]
    Program { component: PathBuf },
    /// It begins with more memory than it may have.
    #[error("{component} begins with {needs} of memory, and `{behavior}` may have {limit}: write `memory = \"{enough}\"` or more in the manifest", component = component.display())]
    TooMuchMemory { component: PathBuf, behavior: String, needs: String, limit: String, enough: String },
    /// It begins with more than any actor may have.
    #[error("{component} begins with {needs}, and an actor has {most} at most: build it with less", component = component.display())]
    TooLarge { component: PathBuf, needs: String, most: String },
    /// An export has another type.
    #[error("{component}: the export `{export}` has another type than the contract says: {why}; build it with this host's `wit/`", component = component.display())]
    WrongType { component: PathBuf, export: String, why: String },
    /// It imports what there is not.
    #[error("{component} imports `{import}`, which this host does not offer; there are greenroom:actor@0.1.0 and WASI 0.2{hint}", component = component.display())]
    UnknownImport { component: PathBuf, import: String, hint: &'static str },
    /// It imports what the manifest does not allow.
    #[error("{component} imports `{import}`, but `{behavior}` may not: add \"{grant}\" to its `grant` in the manifest", component = component.display())]
    NotGranted { component: PathBuf, behavior: String, import: String, grant: String },
    /// An import has another type.
    #[error("{component} does not fit this host: {why}", component = component.display())]
    DoesNotLink { component: PathBuf, why: String },
    /// It has no state to wake with, and the manifest has it sleep.
    #[error("{component} has no state: `{behavior}` cannot sleep without one; export `state` from it (`save` and `restore`), or remove `sleep-after` from the manifest", component = component.display())]
    NoState { component: PathBuf, behavior: String },
    /// As many instances live as there is room for.
    #[error(
        "this host has room for {most} actors at a time, and it is taken: end some first, or let those sleep that are idle (`sleep-after` in the manifest)"
    )]
    NoRoom { most: usize },
    /// No instance of it could be made.
    #[error("it could not be instantiated: {why}")]
    Start { why: String },
}

impl ComponentError {
    /// At which step of a swap it failed.
    pub(crate) fn stage(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "read",
            Self::NotComponent { .. } => "compile",
            Self::NoExport { .. }
            | Self::OtherContract { .. }
            | Self::Program { .. }
            | Self::WrongType { .. }
            | Self::UnknownImport { .. }
            | Self::DoesNotLink { .. } => "world",
            Self::TooMuchMemory { .. } | Self::TooLarge { .. } => "memory",
            Self::NotGranted { .. } => "grants",
            Self::NoState { .. } => "state",
            Self::NoRoom { .. } | Self::Start { .. } => "start",
        }
    }

    /// Whether there would be room if another actor were put away.
    pub(crate) fn is_no_room(&self) -> bool {
        matches!(self, Self::NoRoom { .. })
    }
}

/// A component's code, ready to be instantiated.
pub(crate) struct Code {
    pub(crate) digest: Digest,
    pub(crate) path: PathBuf,
    form: Form,
    /// Whether it may wait in the middle of a turn, and so runs on a fiber.
    pub(crate) fiber: bool,
    inspection: Inspection,
}

/// How its instances are made and entered.
enum Form {
    /// In its wrapping, by way of the component model.
    Wrapped(InstancePre<Seat>),
    /// Its module alone.
    Direct(Box<Direct>),
}

/// A module that was taken out of its wrapping.
struct Direct {
    pre: wasmtime::InstancePre<Seat>,
    entries: Arc<Entries>,
    /// What its instances are when they are new, if they can be made so again.
    fresh: Option<Fresh>,
    spares: Spares,
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

fn not_encoded(path: &Path, error: EncodeError) -> ComponentError {
    let path = path.to_owned();
    match error {
        EncodeError::OtherContract { version } => ComponentError::OtherContract { component: path, version },
        error => ComponentError::NotComponent { path, why: error.to_string() },
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

/// Reads, checks, compiles and keeps components.
pub(crate) struct Loader {
    engines: Arc<Engines>,
    /// Which memory class the actors of each file are of. A file keeps its class as long as the host runs.
    classes: RwLock<HashMap<PathBuf, MemoryClass>>,
    /// What is in use, so that actors with the same component share its code.
    loaded: Mutex<HashMap<Digest, Weak<Code>>>,
    /// What people should know: what cannot be kept, or be had. Kept until somebody hears it.
    trouble: Mutex<Vec<(&'static str, String)>>,
    hears: OnceLock<Hears>,
    compiling: Compiling,
    /// Who hears of what is being compiled, while the host is started.
    progress: Mutex<Progress>,
    limit: Limit,
}

/// Who hears what people should know: a kind of event, and what to say.
type Hears = Box<dyn Fn(&'static str, &str) + Send + Sync>;

impl Loader {
    /// A loader that keeps compiled components in `cache`, if given.
    pub(crate) fn new(cache: Option<&Path>, limit: Limit) -> Self {
        Self {
            engines: Arc::new(Engines::new(cache)),
            classes: RwLock::default(),
            loaded: Mutex::default(),
            trouble: Mutex::default(),
            hears: OnceLock::new(),
            compiling: Compiling::default(),
            progress: Mutex::default(),
            limit,
        }
    }

    pub(crate) fn engines(&self) -> &Arc<Engines> {
        &self.engines
    }

    /// From now on, this hears what people should know, and first what there was so far.
    pub(crate) fn told_to(&self, hears: impl Fn(&'static str, &str) + Send + Sync + 'static) {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        for (kind, why) in std::mem::take(&mut *trouble) {
            hears(kind, &why);
        }
        // Under the lock, so that nothing is kept after it.
        drop(self.hears.set(Box::new(hears)));
    }

    pub(crate) fn warn(&self, kind: &'static str, why: String) {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        match self.hears.get() {
            Some(hears) => hears(kind, &why),
            None => trouble.push((kind, why)),
        }
    }

    /// Who hears of what is being compiled from now on. Without anybody, it is an event.
    pub(crate) fn tell_progress_to(&self, progress: Progress) {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner) = progress;
    }

    fn tell_progress(&self, line: &str) {
        let progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if !progress.tell(line) {
            self.warn("compiling", line.to_owned());
        }
    }

    /// Tells what this machine may not be able to give to so many actors that run it.
    pub(crate) fn look_at_size(&self, code: &Code, actors: usize) {
        if let Some(doubt) = code.inspection.size.instances(actors, machine::memory()) {
            self.warn("too-big", format!("{}: {doubt}", code.path.display()));
        }
    }

    /// How many actors there may be.
    pub(crate) fn limit(&self) -> Limit {
        self.limit
    }

    /// Instances that there may be.
    pub(crate) fn most(&self) -> usize {
        self.limit.actors()
    }

    /// Drops a component's instances that wait for their next actors, to have room for others. Whether there were any.
    pub(crate) fn drop_spares(&self) -> bool {
        let all: Vec<_> = self.loaded().values().filter_map(Weak::upgrade).collect();
        all.iter().any(|code| match &code.form {
            Form::Direct(direct) => direct.spares.clear(),
            Form::Wrapped(_) => false,
        })
    }

    /// Whether as many instances live as may.
    pub(crate) fn is_full(&self) -> bool {
        self.engines.live(MemoryClass::Dense) + self.engines.live(MemoryClass::Fast) >= self.most()
    }

    /// Whether any actor is to be of the class `fast`.
    pub(crate) fn is_fast_used(&self) -> bool {
        let classes = self.classes.read().unwrap_or_else(PoisonError::into_inner);
        classes.values().any(|class| *class == MemoryClass::Fast)
    }

    /// Instances of a file's class that live, and that there is room for, if its class has such a number.
    pub(crate) fn room(&self, path: &Path) -> Option<(usize, usize)> {
        let class = self.class(path);
        let room = self.engines.of(class).ok()?.room?;
        Some((self.engines.live(class), room as usize))
    }

    /// Chooses the memory classes of files that have none yet.
    pub(crate) fn assign(&self, roster: &Roster) {
        let chosen = class::choose(roster, || self.fast_room());
        let mut classes = self.classes.write().unwrap_or_else(PoisonError::into_inner);
        for (path, class) in chosen {
            classes.entry(path).or_insert(class);
        }
    }

    /// Instances of the class `fast` that there is room for.
    fn fast_room(&self) -> u32 {
        match self.engines.of(MemoryClass::Fast) {
            Ok(kit) => kit.room.unwrap_or(0),
            Err(error) => {
                let why = format!(
                    "there is no address space for the memory class fast ({error:#}): all actors are dense; raise \
                     the limit (`ulimit -v`)"
                );
                self.warn("memory-class", why);
                0
            }
        }
    }

    /// A file's memory class. One that nobody has been told of is dense, which serves any.
    pub(crate) fn class(&self, path: &Path) -> MemoryClass {
        let classes = self.classes.read().unwrap_or_else(PoisonError::into_inner);
        classes.get(path).copied().unwrap_or(MemoryClass::Dense)
    }

    /// Reads a component's bytes.
    pub(crate) fn read(path: &Path) -> Result<Vec<u8>, ComponentError> {
        std::fs::read(path).map_err(|error| ComponentError::Unreadable {
            path: path.to_owned(),
            why: match error.kind() {
                std::io::ErrorKind::NotFound => "there is no such file".into(),
                _ => error.to_string(),
            },
        })
    }

    /// Reads a component and makes it ready. Takes long when its content is new: not for threads that run turns.
    pub(crate) fn load(&self, path: &Path, behavior: &Behavior, grants: &[Grant]) -> Result<Arc<Code>, ComponentError> {
        self.prepare(path, &Self::read(path)?, behavior, grants)
    }

    /// Makes a component ready, as [`Loader::load`].
    pub(crate) fn prepare(
        &self,
        path: &Path,
        bytes: &[u8],
        behavior: &Behavior,
        grants: &[Grant],
    ) -> Result<Arc<Code>, ComponentError> {
        let code = self.compiled(path, Digest::of(bytes), bytes)?;
        code.check(behavior, grants)?;
        Ok(code)
    }

    /// A component that fits this host, whatever it may do.
    pub(crate) fn compiled(&self, path: &Path, digest: Digest, bytes: &[u8]) -> Result<Arc<Code>, ComponentError> {
        // Who comes while it is compiled finds it then.
        self.compiling.alone(digest, || {
            let known = self.loaded().get(&digest).and_then(Weak::upgrade);
            if let Some(code) = known.filter(|code| code.path == path) {
                return Ok(code);
            }
            let code = Arc::new(self.compile(path, digest, bytes)?);
            let mut loaded = self.loaded();
            loaded.retain(|_, code| code.strong_count() > 0);
            loaded.insert(digest, Arc::downgrade(&code));
            Ok(code)
        })
    }

    fn loaded(&self) -> std::sync::MutexGuard<'_, HashMap<Digest, Weak<Code>>> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn compile(&self, path: &Path, digest: Digest, bytes: &[u8]) -> Result<Code, ComponentError> {
        let component = greenroom_encode::component(bytes).map_err(|error| not_encoded(path, error))?;
        let bytes = &*component;
        let size = Size::of(bytes)
            .map_err(|error| ComponentError::NotComponent { path: path.to_owned(), why: error.to_string() })?;
        size.check(path)?;
        let unlinked = |error: wasmtime::Error| ComponentError::DoesNotLink {
            component: path.to_owned(),
            why: format!("{error:#}"),
        };
        let kit = self
            .engines
            .of(self.class(path))
            .map_err(|error| ComponentError::Start { why: format!("the engine did not start: {error:#}") })?;
        if let Some(split) = split::split(bytes, |import| direct::OFFERED.contains(&import)) {
            let hollow: Component = self.made(kit, path, digest, ("hollow", &split.hollow), Size::default())?;
            let inspection = Inspection::of(&kit.engine, path, &hollow, true, size)?;
            kit.plain.instantiate_pre(&hollow).map_err(unlinked)?;
            check::exports(&kit.engine, path, &hollow)?;
            let module: Module = self.made(kit, path, digest, ("shown", &bytes[split.module.clone()]), size)?;
            let pre = kit.direct.instantiate_pre(&module).map_err(unlinked)?;
            if let Some(entries) = Entries::of(&module) {
                let fresh = Fresh::of(&bytes[split.module], &module, self.engines.pages());
                let spares = Spares::new(&kit.spares);
                let form = Form::Direct(Box::new(Direct { pre, entries: Arc::new(entries), fresh, spares }));
                return Ok(Code { digest, path: path.to_owned(), form, fiber: false, inspection });
            }
        }
        let component: Component = self.made(kit, path, digest, ("component", bytes), size)?;
        let inspection = Inspection::of(&kit.engine, path, &component, false, size)?;
        let fiber = inspection.imports.iter().any(|import| import == v0_1::ASKING);
        let linker = if fiber { &kit.fiber } else { &kit.plain };
        let form = Form::Wrapped(linker.instantiate_pre(&component).map_err(unlinked)?);
        Ok(Code { digest, path: path.to_owned(), form, fiber, inspection })
    }

    /// A component's part as machine code: found, or compiled and kept.
    fn made<T: Compiled>(
        &self,
        kit: &Kit,
        path: &Path,
        digest: Digest,
        (part, bytes): (&str, &[u8]),
        size: Size,
    ) -> Result<T, ComponentError> {
        if let Some(known) = kit.cache.as_ref().and_then(|cache| cache.find(&kit.engine, digest, part)) {
            return Ok(known);
        }
        // Before it is tried: it may be the last thing that is heard.
        if let Some(doubt) = size.compiling(machine::memory()) {
            self.warn("too-big", format!("{}: {doubt}", path.display()));
        }
        let compile = || T::compile(&kit.engine, bytes);
        let made = compiling::told(path, bytes.len(), |line| self.tell_progress(line), compile)
            .map_err(|error| ComponentError::NotComponent { path: path.to_owned(), why: format!("{error:#}") })?;
        if let Some(Err(why)) = kit.cache.as_ref().map(|cache| cache.keep(digest, part, &made)) {
            self.warn("cache-failed", why);
        }
        Ok(made)
    }
}
