//! What wit-bindgen 0.63.0 made of `wit/` (`cargo xtask bindings`). One file a world of the contract's parts: the imports,
//! and one export interface each, so that a component is put together from what its actor has.
//!
//! All of them use the types of [`crate::wire`] in place of their own. Only here for wasm: natively `host` is the
//! virtual one of [`crate::test`].

#[rustfmt::skip]
pub mod behavior;
#[rustfmt::skip]
pub mod imports;
#[rustfmt::skip]
pub mod replies;
#[rustfmt::skip]
pub mod signals;
#[rustfmt::skip]
pub mod state;
