//! One engine for each memory class, made when it is first needed: one that nobody uses costs nothing.

use super::cache::Cache;
use super::class::{self, FAST, LEAST};
use super::memory::Memories;
use crate::contract::v0_1::{self, direct};
use crate::guest::Guest;
use crate::wasi;
use greenroom_manifest::MemoryClass;
use std::path::{Path, PathBuf};
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
}

/// An engine with what goes with it.
pub(super) struct Kit {
    pub(super) engine: Engine,
    pub(super) plain: Linker<Guest>,
    pub(super) fiber: Linker<Guest>,
    pub(super) direct: wasmtime::Linker<Guest>,
    pub(super) cache: Option<Cache>,
    /// Instances that there is room for. None: as many as the machine has memory for.
    pub(super) room: Option<u32>,
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
        Self {
            fast: OnceLock::new(),
            dense: OnceLock::new(),
            making: Mutex::default(),
            cache: cache.map(Path::to_owned),
            memories: Memories::new(),
        }
    }

    /// The epoch of each engine that there is goes on by one.
    pub(crate) fn tick(&self) {
        [&self.fast, &self.dense].into_iter().filter_map(OnceLock::get).for_each(|kit| kit.engine.increment_epoch());
    }

    /// Instances of a class that live now.
    pub(crate) fn live(&self, class: MemoryClass) -> usize {
        match class {
            MemoryClass::Dense => self.memories.live(),
            MemoryClass::Fast => {
                let metrics = self.fast.get().and_then(|kit| kit.engine.pooling_allocator_metrics());
                metrics.map_or(0, |metrics| metrics.memories())
            }
        }
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
        Ok(Kit { engine, plain, fiber, direct, cache, room })
    }
}
