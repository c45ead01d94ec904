//! What an actor keeps.

use crate::Digest;
use std::sync::Arc;

/// The largest state that is kept, in bytes: 16 MiB.
pub const LARGEST: usize = 16 << 20;

/// A state as a component saved it. Clones share the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The component that saved it.
    pub digest: Digest,
    /// The version of the state, as the component counts.
    pub version: u32,
    /// What it saved.
    pub bytes: Arc<[u8]>,
}

/// What is kept of an actor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loaded {
    /// What a component saved that had passed its watch, or whose watch was never needed.
    pub good: Option<State>,
    /// What a component saved that is, or was, under watch. It becomes the good one when that component passes.
    pub trial: Option<State>,
}

impl Loaded {
    pub(crate) fn is_empty(&self) -> bool {
        self.good.is_none() && self.trial.is_none()
    }
}
