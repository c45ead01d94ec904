//! `wasi:filesystem/preopens`: the folders that an actor is given, and one that has nothing.
//!
//! A language's library finds the folder that a path is in among those that it was given, and if there is none says itself
//! that there is no such file. So that it is seen what an actor looks for and may not have, it is given a root as well, in
//! which there is nothing and never will be: a folder of the machine that was removed while it was open.

use crate::cell::Cell;
use crate::guest::Guest;
use crate::report;
use greenroom_core::Grant;
use rustix::fs::{Mode, OFlags};
use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::sync::OnceLock;
use wasmtime::component::Resource;
use wasmtime_wasi::filesystem::{Descriptor, Dir};
use wasmtime_wasi::p2::bindings::filesystem::preopens;
use wasmtime_wasi::{FsPerms, OpenMode};

/// An instance's folders.
pub(super) struct Folders {
    given: Vec<Given>,
    /// Those that are open, by their handles.
    open: HashMap<u32, Open>,
}

/// A folder that it is given.
#[derive(Clone)]
struct Given {
    folder: Dir,
    open: Open,
}

/// What a handle of a folder stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Open {
    /// Where the actor finds it: an absolute path.
    pub(super) path: String,
    /// Whether there is anything in it.
    pub(super) is_given: bool,
}

impl Folders {
    /// Opens what is granted. What cannot be opened is told in the actor's log, and is not there.
    pub(super) fn open(grants: &[Grant], base: &Path, cell: &Cell) -> Self {
        let mut given: Vec<Given> = Vec::new();
        // The most specific first, since some libraries take the first that fits; and who may write before who may read.
        let mut granted: Vec<_> = grants.iter().filter_map(folder).collect();
        granted.sort_by_key(|(folder, perms)| (std::cmp::Reverse(folder.inside().len()), *perms == FsPerms::ReadOnly));
        for (folder, perms) in granted {
            let path = folder.inside();
            if given.iter().any(|known| known.open.path == path) {
                continue;
            }
            match open(&base.join(folder.as_str())) {
                Ok(file) => {
                    let mode = match perms {
                        FsPerms::ReadOnly => OpenMode::READ,
                        FsPerms::ReadWrite => OpenMode::READ | OpenMode::WRITE,
                    };
                    let folder = Dir::new(file, perms, mode, true);
                    given.push(Given { folder, open: Open { path, is_given: true } });
                }
                Err(error) => {
                    let text = format!("the folder {folder} that it was granted cannot be opened: {error}");
                    report::log(&cell.shared, cell, "error", &text);
                }
            }
        }
        if !given.iter().any(|known| known.open.path == "/")
            && let Some(folder) = nothing()
        {
            given.push(Given { folder, open: Open { path: "/".into(), is_given: false } });
        }
        Self { given, open: HashMap::new() }
    }

    /// What a handle stands for. None: it is no folder's.
    pub(super) fn of(&self, handle: u32) -> Option<&Open> {
        self.open.get(&handle)
    }

    pub(super) fn opened(&mut self, handle: u32, path: String) {
        self.open.insert(handle, Open { path, is_given: true });
    }

    pub(super) fn closed(&mut self, handle: u32) {
        self.open.remove(&handle);
    }
}

fn folder(grant: &Grant) -> Option<(&greenroom_core::Folder, FsPerms)> {
    match grant {
        Grant::Files(folder) => Some((folder, FsPerms::ReadOnly)),
        Grant::FilesWrite(folder) => Some((folder, FsPerms::ReadWrite)),
        _ => None,
    }
}

fn open(path: &Path) -> std::io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}

/// A folder in which nothing can be. None: none could be made, and what is looked for elsewhere is not seen.
fn nothing() -> Option<Dir> {
    static NOTHING: OnceLock<Option<Dir>> = OnceLock::new();
    let made = NOTHING.get_or_init(|| {
        let path = std::env::temp_dir().join(format!(".greenroom-nothing-{}", std::process::id()));
        rustix::fs::mkdir(&path, Mode::RWXU).ok()?;
        let file = open(&path);
        std::fs::remove_dir(&path).ok()?;
        Some(Dir::new(file.ok()?, FsPerms::ReadOnly, OpenMode::READ, true))
    });
    made.clone()
}

impl preopens::Host for Guest {
    fn get_directories(&mut self) -> wasmtime::Result<Vec<(Resource<Descriptor>, String)>> {
        let wasi = self.wasi();
        let mut list = Vec::new();
        for Given { folder, open } in wasi.folders.given.clone() {
            let handle = wasi.table.push(Descriptor::Dir(folder))?;
            wasi.folders.open.insert(handle.rep(), open.clone());
            list.push((handle, open.path));
        }
        Ok(list)
    }
}
