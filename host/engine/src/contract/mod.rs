//! The contract with components: one folder per version that was ever published. A component is linked against the
//! version that it imports; versions stand side by side.

pub(crate) mod v0_1;
