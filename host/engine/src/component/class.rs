//! Memory classes: how an actor's memory is had, and which class a component's actors are of.
//!
//! `fast` is for few actors: 4 GiB of address space each, so that the code need not check where it reads and writes.
//! `dense` is for many: memory as they need it, and code that checks each access.

use super::memory::{Creator, Memories};
use crate::roster::Roster;
use greenroom_manifest::MemoryClass;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use wasmtime::{Config, Enabled, InstanceAllocationStrategy, PoolingAllocationConfig, WasmBacktraceDetails};

/// The most linear memory that an actor may have, in bytes.
pub(super) const MEMORY: u64 = 64 << 20;
/// Elements that a table may have. Runtimes of some languages have 40,000.
pub(crate) const TABLE: u32 = 100_000;
/// Core modules that a component may have: Python's are linked of 38. They are only counted.
const CORES: u32 = 64;
/// Instances of the class `fast` that there is room for, where the machine's address space has it.
pub(crate) const FAST: u32 = 1024;
/// With less room the class is not worth its while, and all are dense.
pub(super) const LEAST: u32 = 16;
/// Instances that an actor may have at a time, in this reckoning: with new code beside it, and code to go back to.
const EACH: u32 = 4;
/// Actors of the manifest with the same component that are no longer few.
const FEW: u32 = 32;
/// The stack of a fiber, and what a component's own calls may use of a thread's.
const STACK: usize = 1 << 20;
const WASM_STACK: usize = 512 << 10;

/// What the components' actors are to be, by file. `room`: instances that the class `fast` has room for, which is asked
/// for only if some are to be fast.
pub(super) fn choose(roster: &Roster, room: impl FnOnce() -> u32) -> HashMap<PathBuf, MemoryClass> {
    let mut groups: BTreeMap<&Path, Group> = BTreeMap::new();
    for behavior in roster.behaviors.iter().map(|known| &known.behavior) {
        let group = groups.entry(&behavior.source).or_default();
        group.wanted = group.wanted.max(behavior.memory_class);
        group.open = true;
    }
    for actor in &roster.actors {
        let group = groups.entry(&actor.behavior.source).or_default();
        group.wanted = group.wanted.max(actor.behavior.memory_class);
        group.actors += 1;
    }
    let mut fast: Vec<_> = groups.iter().filter(|(_, group)| group.class() == MemoryClass::Fast).collect();
    // What the manifest asks for comes first, and then those of whom there are the fewest.
    fast.sort_by_key(|(_, group)| (group.wanted.is_none(), group.actors));
    let mut left = if fast.is_empty() { 0 } else { room() };
    let fits = |group: &Group, left: &mut u32| {
        let rest = left.checked_sub(EACH * group.actors.max(1));
        *left = rest.unwrap_or(*left);
        rest.is_some()
    };
    let fast: Vec<_> = fast.into_iter().filter(|(_, group)| fits(group, &mut left)).map(|(path, _)| *path).collect();
    let class = |path| if fast.contains(&path) { MemoryClass::Fast } else { MemoryClass::Dense };
    groups.into_keys().map(|path| (path.to_owned(), class(path))).collect()
}

/// The actors with one component, which share its code and so its class.
#[derive(Debug, Default)]
struct Group {
    /// What the manifest says; if it says both, `dense`, which serves all.
    wanted: Option<MemoryClass>,
    /// Actors that it names.
    actors: u32,
    /// Whether there may be any number: it can be spawned, or is a supervisor's template.
    open: bool,
}

impl Group {
    fn class(&self) -> MemoryClass {
        self.wanted.unwrap_or(match self.open || self.actors > FEW {
            true => MemoryClass::Dense,
            false => MemoryClass::Fast,
        })
    }
}

/// What both classes have in common.
fn common() -> Config {
    let mut config = Config::new();
    config.concurrency_support(false);
    config.epoch_interruption(true);
    config.wasm_backtrace_details(WasmBacktraceDetails::Enable);
    config.max_wasm_stack(WASM_STACK);
    config.async_stack_size(STACK);
    config
}

/// Of the memory of who has ended, so much keeps its pages for the next one.
const KEPT: usize = 512 << 10;

/// An engine of the class `fast`, with room for so many instances.
pub(super) fn fast(instances: u32) -> Config {
    let mut config = common();
    config.memory_reservation(4 << 30);
    config.memory_reservation_for_growth(0);
    let mut pool = PoolingAllocationConfig::default();
    pool.total_component_instances(instances);
    pool.total_core_instances(instances * CORES);
    pool.total_memories(instances);
    pool.total_tables(instances * 4);
    pool.total_stacks(instances);
    pool.max_core_instances_per_component(CORES);
    pool.max_memories_per_component(2);
    pool.max_tables_per_component(8);
    pool.max_memory_size(MEMORY as usize);
    pool.max_component_instance_size(4 << 20);
    pool.max_core_instance_size(4 << 20);
    pool.table_elements(TABLE as usize);
    // Where the kernel says which pages were touched (Linux 6.7), those are made zero for the next one, which then need not
    // ask for others.
    if PoolingAllocationConfig::is_pagemap_scan_available() {
        pool.pagemap_scan(Enabled::Auto);
        pool.linear_memory_keep_resident(KEPT);
        pool.table_keep_resident(KEPT);
    }
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    config
}

/// An engine of the class `dense`.
pub(super) fn dense(memories: &Arc<Memories>) -> Config {
    let mut config = common();
    config.memory_reservation(0);
    config.memory_reservation_for_growth(0);
    config.memory_guard_size(0);
    config.memory_may_move(true);
    config.memory_init_cow(false);
    config.with_host_memory(Arc::new(Creator(memories.clone())));
    config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
    config
}

#[cfg(test)]
mod tests;
