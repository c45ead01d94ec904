//! The contract, as the programs want it that make bindings: a folder of WIT, with a world for each actor.
//!
//! An actor exports what it has: without `state` a new build restarts it. So what an actor is made for depends on what
//! is in it, and its world is put together, by `greenroom-encode`.

use crate::sysroot::cache;
use std::path::PathBuf;
use std::{fs, io};

pub use greenroom_encode::contract::{VERSION, World};

/// A folder with the contract and this world, below the user's cache. It is written once.
///
/// # Errors
/// There is no cache (`HOME` is not set), or it cannot be written.
pub fn folder(world: World) -> io::Result<PathBuf> {
    let cache = cache().ok_or_else(|| io::Error::other("HOME is not set, so there is no folder for the contract"))?;
    let folder = cache.join("contract").join(world.name());
    let path = folder.join("actor.wit");
    let text = world.package();
    if fs::read_to_string(&path).is_ok_and(|old| old == text) {
        return Ok(folder);
    }
    fs::create_dir_all(&folder)?;
    // Two builds may do so at once: each writes a file of its own, and either is right.
    let fresh = folder.join(format!(".actor.{}", std::process::id()));
    fs::write(&fresh, text).and_then(|()| fs::rename(&fresh, &path))?;
    Ok(folder)
}
