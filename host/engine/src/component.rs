//! Components: read, checked, compiled once per content, and kept.
//!
//! Compiling takes long and never happens on a thread that runs turns. What was compiled is kept on disk by the
//! component's digest, so that it is done once per content and machine.

mod cache;
mod check;
mod class;
mod code;
mod compiling;
mod engines;
mod error;
mod memory;
mod pages;
mod renew;
mod size;
mod spares;
pub(crate) mod split;

pub(crate) use cache::Compiled;
pub use check::Inspection;
pub(crate) use class::{FAST, TABLE};
pub(crate) use code::Code;
pub use compiling::Progress;
pub(crate) use engines::Engines;
pub use error::ComponentError;
pub use size::Size;

use crate::contract::v0_1;
use crate::contract::v0_1::direct::{self, Entries};
use crate::limit::Limit;
use crate::machine;
use crate::roster::Roster;
use code::{Direct, Form};
use compiling::Compiling;
use engines::Kit;
use greenroom_core::Grant;
use greenroom_encode::EncodeError;
use greenroom_manifest::{Behavior, MemoryClass};
pub(crate) use greenroom_store::Digest;
use renew::Fresh;
use spares::Spares;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, Weak};
use wasmtime::Module;
use wasmtime::component::Component;

fn not_encoded(path: &Path, error: EncodeError) -> ComponentError {
    let path = path.to_owned();
    match error {
        EncodeError::OtherContract { version } => ComponentError::OtherContract { component: path, version },
        error => ComponentError::NotComponent { path, why: error.to_string() },
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
        all.iter().any(|code| code.drop_spares())
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
