//! Components' bytes: one file each, by the digest of its content, and never half.

use crate::{Digest, Error, folder};
use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The folder of components. It is taken before the memory is: who adds waits for who removes.
#[derive(Debug)]
pub(crate) struct Files {
    folder: PathBuf,
    busy: Mutex<()>,
}

impl Files {
    pub(crate) fn new(folder: &Path) -> Self {
        Self { folder: folder.join("versions"), busy: Mutex::default() }
    }

    fn path(&self, digest: Digest) -> PathBuf {
        self.folder.join(format!("{digest}.wasm"))
    }

    fn busy(&self) -> MutexGuard<'_, ()> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps bytes; they are safe when this returns. How many were written: none if they were kept already. `protect` is
    /// called before, when nothing can be removed any more.
    pub(crate) fn add(&self, digest: Digest, bytes: &[u8], protect: impl FnOnce()) -> Result<u64, Error> {
        let _busy = self.busy();
        protect();
        if self.whole(digest).is_ok() {
            return Ok(0);
        }
        let path = self.path(digest);
        let partial = path.with_extension("partial");
        let write = || -> io::Result<()> {
            folder::make(&self.folder)?;
            let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&partial)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&partial, &path)?;
            folder::sync(&self.folder)
        };
        write().map_err(|error| {
            drop(fs::remove_file(&partial));
            Error::File { path, why: error.to_string() }
        })?;
        Ok(bytes.len() as u64)
    }

    /// Reads bytes that are kept. A file whose content is another is removed.
    pub(crate) fn read(&self, digest: Digest) -> Result<Vec<u8>, Error> {
        match self.whole(digest) {
            Err(Error::Damaged { .. }) => {}
            read => return read,
        }
        // Somebody may have added it anew meanwhile.
        let _busy = self.busy();
        let again = self.whole(digest);
        if let Err(Error::Damaged { path }) = &again {
            drop(fs::remove_file(path));
        }
        again
    }

    fn whole(&self, digest: Digest) -> Result<Vec<u8>, Error> {
        let path = self.path(digest);
        let bytes = fs::read(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Error::NotKept { digest },
            _ => Error::File { path: path.clone(), why: error.to_string() },
        })?;
        if Digest::of(&bytes) == digest {
            return Ok(bytes);
        }
        Err(Error::Damaged { path })
    }

    /// Removes what is not needed; `needed` is asked when nothing can be added any more. A file that cannot be removed
    /// stays until the next time.
    pub(crate) fn sweep(&self, needed: impl FnOnce() -> Option<HashSet<Digest>>) {
        let _busy = self.busy();
        let (Some(needed), Ok(files)) = (needed(), fs::read_dir(&self.folder)) else { return };
        for path in files.filter_map(|file| Some(file.ok()?.path())) {
            let stem = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
            let keep = match (path.extension().and_then(|it| it.to_str()), stem) {
                (Some("wasm"), Some(digest)) => needed.contains(&digest),
                // Left behind by a power cut.
                (Some("partial"), Some(_)) => false,
                _ => true,
            };
            if !keep {
                drop(fs::remove_file(&path));
            }
        }
    }

    /// Whether anything is kept.
    pub(crate) fn any(&self) -> bool {
        fs::read_dir(&self.folder).is_ok_and(|mut files| files.next().is_some())
    }
}
