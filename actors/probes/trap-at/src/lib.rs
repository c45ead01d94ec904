//! Makes import calls in a given order, in one turn, and fails after so many of them, in one of several ways. The turn is
//! one that handles a message, or the first one of a new build. Others of its kind stand around it and hear what comes.
//!
//! It is written on the bare bindings, not on the SDK: what the SDK calls by itself would be between the calls. `exports`
//! takes messages in, `calls` has the calls.

#[cfg(target_arch = "wasm32")]
mod calls;
#[cfg(target_arch = "wasm32")]
mod exports;
