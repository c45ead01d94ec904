//! Components' modules run without the component model's own machinery: what goes in and out is lifted and lowered here.
//!
//! A component is a core module in a wrapping, mostly (`component/split`). Entering it through the wrapping costs several
//! times what the module's own call costs, so the host takes the wrapping's part: [`imports`] lifts what the module hands over, calls
//! what a component would call as well, and lowers the answer; [`calls`] does it the other way round; [`layout`] says how
//! the contract's types lie in memory, [`heap`] reads and writes that, [`entries`] finds the functions; [`tray`] is a shorter
//! way for small messages. All of it follows the canonical ABI, as in the component model's `CanonicalABI.md`.

pub(crate) mod calls;
mod entries;
mod heap;
mod imports;
mod layout;
mod tray;

pub(crate) use entries::Entries;
pub(crate) use heap::Heap;
pub(crate) use imports::{OFFERED, link};
