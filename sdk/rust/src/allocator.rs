//! Where a component's memory comes from: an allocator a third as large as the standard library's. What is free is joined
//! with what is free beside it, also over a growth of the memory, so that an actor may live long.

use talc::wasm::{WasmDynamicTalc, new_wasm_dynamic_allocator};

#[global_allocator]
static ALLOCATOR: WasmDynamicTalc = new_wasm_dynamic_allocator();
