//! The host, as functions of the contract's imports: the real one in a component, the virtual one of [`crate::test`]
//! natively. Both have the same functions, so that everything above is tested as it runs.

#[cfg(target_arch = "wasm32")]
mod wasm;
#[cfg(target_arch = "wasm32")]
pub(crate) use wasm::*;

#[cfg(not(target_arch = "wasm32"))]
pub(crate) use crate::test::imports::*;
