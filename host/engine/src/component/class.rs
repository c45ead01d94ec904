//! How an actor's memory is had.

use wasmtime::{Config, InstanceAllocationStrategy, PoolingAllocationConfig, WasmBacktraceDetails};

/// Instances that the pool has room for. Address space is reserved for all of them, memory only for those there are.
pub(super) const INSTANCES: u32 = 2048;
/// The most linear memory that an actor may have: what the pool reserves for each.
const MEMORY: u64 = 64 << 20;
/// The stack of a fiber, and what a component's own calls may use of a thread's.
const STACK: usize = 1 << 20;
const WASM_STACK: usize = 512 << 10;

/// What an engine is made with.
pub(super) fn config(pooled: bool) -> Config {
    let mut config = Config::new();
    config.concurrency_support(false);
    config.epoch_interruption(true);
    config.wasm_backtrace_details(WasmBacktraceDetails::Enable);
    config.max_wasm_stack(WASM_STACK);
    config.async_stack_size(STACK);
    config.memory_reservation(MEMORY);
    config.memory_reservation_for_growth(0);
    config.memory_guard_size(64 << 10);
    if pooled {
        let mut pool = PoolingAllocationConfig::default();
        pool.total_component_instances(INSTANCES);
        pool.total_core_instances(INSTANCES * 4);
        pool.total_memories(INSTANCES);
        pool.total_tables(INSTANCES * 2);
        pool.total_stacks(INSTANCES);
        pool.max_core_instances_per_component(16);
        pool.max_memories_per_component(2);
        pool.max_tables_per_component(8);
        pool.max_memory_size(MEMORY as usize);
        pool.max_component_instance_size(4 << 20);
        pool.max_core_instance_size(4 << 20);
        pool.table_elements(20_000);
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    }
    config
}
