//! The contract from inside: an actor with a check for each function that a component may import, and everything that
//! one may export. `actors/conformance-c` is the same program in C; both have to give the results that
//! `host/testkit/tests/conformance/` says.
//!
//! It is written on the bare bindings, not on the SDK: what the SDK does by itself would be between the contract and the
//! check. `exports` takes messages in, `imports` has the checks, `args` and `show` read and write what they are about.

#[cfg(target_arch = "wasm32")]
mod args;
#[cfg(target_arch = "wasm32")]
mod exports;
#[cfg(target_arch = "wasm32")]
mod imports;
#[cfg(target_arch = "wasm32")]
mod show;
