//! Compiled components on disk, by the digest of their bytes and what they were compiled for.

use super::{Digest, renew};
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use wasmtime::component::Component;
use wasmtime::{Engine, Module};

/// Files that are kept; older ones go.
const KEPT: usize = 256;

/// A directory of compiled components that only this user may write to: they are run as they are.
pub(crate) struct Cache {
    directory: PathBuf,
    /// The version of wasmtime, its configuration and this CPU, in one number.
    compatible: u64,
}

/// What is compiled and kept: a component, or a module of one.
pub(crate) trait Compiled: Sized {
    fn compile(engine: &Engine, bytes: &[u8]) -> wasmtime::Result<Self>;

    fn written(&self) -> wasmtime::Result<Vec<u8>>;

    /// # Safety
    /// The file is one that [`Compiled::written`] gave, and nobody else has changed it.
    unsafe fn read(engine: &Engine, path: &Path) -> wasmtime::Result<Self>;
}

impl Compiled for Component {
    fn compile(engine: &Engine, bytes: &[u8]) -> wasmtime::Result<Self> {
        Self::new(engine, bytes)
    }

    fn written(&self) -> wasmtime::Result<Vec<u8>> {
        self.serialize()
    }

    unsafe fn read(engine: &Engine, path: &Path) -> wasmtime::Result<Self> {
        // SAFETY: the caller's.
        unsafe { Self::deserialize_file(engine, path) }
    }
}

impl Compiled for Module {
    /// As it is shown, if it can be made new.
    fn compile(engine: &Engine, bytes: &[u8]) -> wasmtime::Result<Self> {
        match renew::shown(bytes) {
            Some(shown) => Self::new(engine, shown),
            None => Self::new(engine, bytes),
        }
    }

    fn written(&self) -> wasmtime::Result<Vec<u8>> {
        self.serialize()
    }

    unsafe fn read(engine: &Engine, path: &Path) -> wasmtime::Result<Self> {
        // SAFETY: the caller's.
        unsafe { Self::deserialize_file(engine, path) }
    }
}

impl Cache {
    pub(crate) fn new(directory: &Path, engine: &Engine) -> Self {
        let mut hasher = std::hash::DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        let cache = Self { directory: directory.to_owned(), compatible: hasher.finish() };
        if cache.make_directory().is_ok() {
            cache.prune();
        }
        cache
    }

    fn make_directory(&self) -> std::io::Result<()> {
        use std::os::unix::fs::DirBuilderExt;
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.directory)
    }

    fn path(&self, digest: Digest, part: &str) -> PathBuf {
        self.directory.join(format!("{digest}-{part}-{:016x}.cwasm", self.compatible))
    }

    /// Nobody else could have written here.
    fn is_ours(&self) -> bool {
        use std::os::unix::fs::MetadataExt;
        let ours = |path: &Path| {
            std::fs::metadata(path)
                .is_ok_and(|it| it.uid() == rustix::process::geteuid().as_raw() && it.mode() & 0o022 == 0)
        };
        ours(&self.directory)
    }

    /// A part of a component that was compiled before; one that cannot be used any more is compiled again.
    pub(crate) fn find<T: Compiled>(&self, engine: &Engine, digest: Digest, part: &str) -> Option<T> {
        let path = self.path(digest, part);
        if !path.exists() || !self.is_ours() {
            return None;
        }
        // SAFETY: the file was written by this user's host, whole (it was renamed into place), into a directory that
        // nobody else may write to; wasmtime itself checks that version, configuration and CPU are those that it was
        // compiled for.
        let found = unsafe { T::read(engine, &path) };
        found
            .inspect_err(|_| {
                // Of another wasmtime, or damaged: it is of no use to anybody.
                drop(std::fs::remove_file(&path));
            })
            .ok()
    }

    /// Keeps what was compiled. A disk that is full or read-only only costs time at the next start: it is told, and no
    /// error.
    pub(crate) fn keep<T: Compiled>(&self, digest: Digest, part: &str, made: &T) -> Result<(), String> {
        let bytes = made.written().map_err(|error| format!("{error:#}"))?;
        let path = self.path(digest, part);
        // Not only another process may compile the same: another host of this one may, too.
        static WRITTEN: AtomicU64 = AtomicU64::new(0);
        let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
        let partial = path.with_extension(format!("{}-{number}.partial", std::process::id()));
        let written = self.make_directory().and_then(|()| std::fs::write(&partial, bytes));
        written.and_then(|()| std::fs::rename(&partial, &path)).map_err(|error| {
            drop(std::fs::remove_file(&partial));
            format!(
                "compiled components cannot be kept in {}: {error}; each start compiles them again",
                self.directory.display()
            )
        })
    }

    /// Removes the files that were written longest ago.
    fn prune(&self) {
        let Ok(entries) = std::fs::read_dir(&self.directory) else { return };
        let mut files: Vec<_> = entries
            .filter_map(|entry| {
                let entry = entry.ok()?;
                Some((entry.metadata().ok()?.modified().ok()?, entry.path()))
            })
            .collect();
        files.sort();
        let surplus = files.len().saturating_sub(KEPT);
        for (_, path) in &files[..surplus] {
            drop(std::fs::remove_file(path));
        }
    }
}
