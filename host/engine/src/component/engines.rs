//! One engine for each memory class, made when it is first needed: one that nobody uses costs nothing.

use super::cache::Cache;
use super::class::{self, FAST, LEAST};
use super::memory::Memories;
use super::pages::Pages;
use crate::contract::v0_1::{self, direct};
use crate::guest::Seat;
use crate::wasi;
use greenroom_manifest::MemoryClass;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use wasmtime::Engine;
use wasmtime::component::Linker;

/// The engines of a host.
pub(crate) struct Engines {
    fast: OnceLock<Kit>,
    dense: OnceLock<Kit>,
    /// Held while one is made.
    making: Mutex<()>,
    /// Where compiled components are kept.
    cache: Option<PathBuf>,
    memories: Arc<Memories>,
    pages: Arc<Pages>,
}

/// An engine with what goes with it.
pub(super) struct Kit {
    pub(super) engine: Engine,
    pub(super) plain: Linker<Seat>,
    pub(super) fiber: Linker<Seat>,
    pub(super) direct: wasmtime::Linker<Seat>,
    pub(super) cache: Option<Cache>,
    /// Instances that there is room for. None: as many as the machine has memory for.
    pub(super) room: Option<u32>,
    /// Instances that wait for their next actors.
    pub(super) spares: Arc<AtomicUsize>,
}

impl std::fmt::Debug for Engines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let made = |kit: &OnceLock<Kit>| kit.get().is_some();
        write!(f, "Engines {{ fast: {}, dense: {} }}", made(&self.fast), made(&self.dense))
    }
}

impl Engines {
    /// None yet.
    pub(crate) fn new(cache: Option<&Path>) -> Self {
        let pages = Arc::new(Pages::open());
        Self {
            fast: OnceLock::new(),
            dense: OnceLock::new(),
            making: Mutex::default(),
            cache: cache.map(Path::to_owned),
            memories: Memories::new(&pages),
            pages,
        }
    }

    /// Which pages of this process were touched.
    pub(super) fn pages(&self) -> &Arc<Pages> {
        &self.pages
    }

    /// The epoch of each engine that there is goes on by one.
    pub(crate) fn tick(&self) {
        [&self.fast, &self.dense].into_iter().filter_map(OnceLock::get).for_each(|kit| kit.engine.increment_epoch());
    }

    /// Instances of a class that live now, without those that wait for their next actors.
    pub(crate) fn live(&self, class: MemoryClass) -> usize {
        let (kit, all) = match class {
            MemoryClass::Dense => (self.dense.get(), self.memories.live()),
            MemoryClass::Fast => {
                let kit = self.fast.get();
                let metrics = kit.and_then(|kit| kit.engine.pooling_allocator_metrics());
                (kit, metrics.map_or(0, |metrics| metrics.memories()))
            }
        };
        all.saturating_sub(kit.map_or(0, |kit| kit.spares.load(Ordering::Relaxed)))
    }

    /// A class's engine, made if it is the first time.
    pub(super) fn of(&self, class: MemoryClass) -> wasmtime::Result<&Kit> {
        let kit = match class {
            MemoryClass::Fast => &self.fast,
            MemoryClass::Dense => &self.dense,
        };
        if let Some(kit) = kit.get() {
            return Ok(kit);
        }
        let _making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kit) = kit.get() {
            return Ok(kit);
        }
        let made = match class {
            MemoryClass::Fast => self.fast()?,
            MemoryClass::Dense => self.kit(Engine::new(&class::dense(&self.memories))?, None)?,
        };
        Ok(kit.get_or_init(|| made))
    }

    /// As large as the address space allows: on some machines it has 512 GiB, and `ulimit -v` may allow less.
    fn fast(&self) -> wasmtime::Result<Kit> {
        let mut room = FAST;
        loop {
            match Engine::new(&class::fast(room)) {
                Ok(engine) => return self.kit(engine, Some(room)),
                Err(error) if room / 2 < LEAST => return Err(error),
                Err(_) => room /= 2,
            }
        }
    }

    fn kit(&self, engine: Engine, room: Option<u32>) -> wasmtime::Result<Kit> {
        let mut plain = Linker::new(&engine);
        v0_1::link(&mut plain)?;
        wasi::link(&mut plain)?;
        let mut fiber = Linker::new(&engine);
        v0_1::link(&mut fiber)?;
        v0_1::link_asking(&mut fiber)?;
        wasi::link(&mut fiber)?;
        let mut direct = wasmtime::Linker::new(&engine);
        direct::link(&mut direct)?;
        let cache = self.cache.as_ref().map(|directory| Cache::new(directory, &engine));
        Ok(Kit { engine, plain, fiber, direct, cache, room, spares: Arc::default() })
    }
}
