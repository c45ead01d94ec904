//! The actors by address: what every message looks its receiver up in.

use crate::cell::Cell;
use greenroom_core::Address;
use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock, Weak};

/// In so many shards, so that threads that send to different actors don't wait for each other.
const SHARDS: usize = 64;

type Map = HashMap<Address, Arc<Cell>, BuildHasherDefault<ByKey>>;

/// On cache lines of its own: who looks something up writes to the lock.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Shard(RwLock<Map>);

/// The actors by address.
#[derive(Debug)]
pub(crate) struct Cells {
    shards: Box<[Shard]>,
    count: AtomicUsize,
}

/// Takes an address's key as its hash: the host has made it so that nobody can tell one from a random number.
#[derive(Debug, Default)]
struct ByKey(u64);

impl Hasher for ByKey {
    fn finish(&self) -> u64 {
        self.0
    }

    /// The key comes last.
    fn write_u64(&mut self, part: u64) {
        self.0 = part;
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
}

thread_local! {
    /// Whom the turns on this thread have sent to lately, each at a place that its address says. No locks, and no hashing.
    static NEAR: RefCell<Vec<Near>> = const { RefCell::new(Vec::new()) };
}

/// Places for who is near.
const NEARBY: usize = 1024;

#[derive(Clone)]
struct Near {
    address: Address,
    /// It keeps nobody alive.
    cell: Weak<Cell>,
}

impl Default for Cells {
    fn default() -> Self {
        Self { shards: (0..SHARDS).map(|_| Shard::default()).collect(), count: AtomicUsize::new(0) }
    }
}

impl Cells {
    fn shard(&self, address: Address) -> &RwLock<Map> {
        // Not by the bits that the map goes by: by its lowest and its highest.
        &self.shards[(address.key >> 32) as usize % SHARDS].0
    }

    pub(crate) fn get(&self, address: Address) -> Option<Arc<Cell>> {
        self.shard(address).read().unwrap_or_else(PoisonError::into_inner).get(&address).cloned()
    }

    /// As [`Cells::get`], quicker for who is sent to again and again.
    pub(crate) fn near(&self, address: Address) -> Option<Arc<Cell>> {
        NEAR.with_borrow_mut(|near| {
            if near.is_empty() {
                near.resize(NEARBY, Near { address: Address { node: 0, key: 0 }, cell: Weak::new() });
            }
            let near = &mut near[address.key as usize % NEARBY];
            if near.address == address
                && let Some(cell) = near.cell.upgrade()
                // Who has ended may have come again.
                && !cell.mailbox.is_closed()
            {
                return Some(cell);
            }
            let cell = self.get(address)?;
            *near = Near { address, cell: Arc::downgrade(&cell) };
            Some(cell)
        })
    }

    pub(crate) fn insert(&self, cell: Arc<Cell>) {
        let before =
            self.shard(cell.address).write().unwrap_or_else(PoisonError::into_inner).insert(cell.address, cell);
        if before.is_none() {
            self.count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Who was there. Whoever drops it has none of the locks: a swap that the actor still had a part in is told of its end.
    pub(crate) fn remove(&self, address: Address) -> Option<Arc<Cell>> {
        let removed = self.shard(address).write().unwrap_or_else(PoisonError::into_inner).remove(&address);
        if removed.is_some() {
            self.count.fetch_sub(1, Ordering::Relaxed);
        }
        removed
    }

    pub(crate) fn all(&self) -> Vec<Arc<Cell>> {
        self.shards
            .iter()
            .flat_map(|shard| {
                shard.0.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect::<Vec<_>>()
            })
            .collect()
    }

    pub(crate) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// The host is over: turns that run or wait are ended, and there are no actors any more.
    pub(crate) fn clear(&self) {
        self.all().iter().for_each(|cell| cell.discard());
        for shard in &self.shards {
            let gone = std::mem::take(&mut *shard.0.write().unwrap_or_else(PoisonError::into_inner));
            self.count.fetch_sub(gone.len(), Ordering::Relaxed);
        }
    }
}
