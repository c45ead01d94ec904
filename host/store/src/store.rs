//! The store, as the engine has it.

use crate::choice::{self, Choice};
use crate::disk::Disk;
use crate::files::Files;
use crate::folder::Folder;
use crate::memory::Memory;
use crate::writer::{self, Shared};
use crate::{Digest, Error, LARGEST, Loaded, Origin, State, Version, Written};
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How a store behaves.
pub struct Options {
    /// The time from a state's change to its being written, at most; 5 s. What changes again meanwhile is written once.
    pub interval: Duration,
    /// Is told, in a sentence each time, what people should know: that a disk is full, that it is right again. It is called
    /// on the thread that writes, and must not keep a [`Store`], which would then never end.
    pub tell: Box<dyn Fn(&str) + Send>,
}

impl Default for Options {
    /// Every 5 s, and nobody is told.
    fn default() -> Self {
        Self { interval: Duration::from_secs(5), tell: Box::new(|_| {}) }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("interval", &self.interval).finish_non_exhaustive()
    }
}

/// A store that was opened.
#[derive(Debug)]
pub struct Opened {
    /// The store.
    pub store: Store,
    /// What people should know of its folder: what happened, where, and what to do.
    pub trouble: Vec<String>,
}

/// Versions of components and states of actors, in a folder. Clones are the same store; when the last one goes, everything is
/// written and the folder is free.
///
/// Whatever is not said to wait for the disk takes effect in memory, is seen by everybody at once, and is written later, in
/// order: what is on disk is always all that happened up to some moment.
#[derive(Debug, Clone)]
pub struct Store(Arc<Owner>);

#[derive(Debug)]
struct Owner {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.shared.close();
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

impl Store {
    /// Opens the store in `folder`, which is made if it is not there. Waits for the disk.
    ///
    /// A damaged database is put aside and a new one begun; a folder that can only be read is read, and what changes then is
    /// kept in memory. Both are trouble that is told. An error is a folder that another host has, one of a newer greenroom,
    /// or one that cannot be used at all.
    pub fn open(folder: &Path, options: Options) -> Result<Opened, Error> {
        let folder = Folder::open(folder)?;
        let files = Files::new(folder.path());
        let (disk, content, trouble) = Disk::open(folder.path(), &files)?;
        let outcome = match disk.is_unknown() {
            true => Err(Error::NotWritten { why: trouble.join("; ") }),
            false => Ok(()),
        };
        let shared = Arc::new(Shared::new(Memory::new(content), files, options.interval, outcome));
        let tell = options.tell;
        let thread = std::thread::Builder::new().name("greenroom-store".into()).spawn({
            let shared = Arc::clone(&shared);
            // The folder is free when all is written.
            move || {
                writer::run(&shared, disk, &*tell);
                drop(folder);
            }
        });
        let thread = thread
            .map_err(|error| Error::NotWritten { why: format!("no thread that writes can be started: {error}") })?;
        Ok(Opened { store: Self(Arc::new(Owner { shared, thread: Some(thread) })), trouble })
    }

    /// Keeps a component's bytes, which are safe when this returns, and are kept until it has been activated and is not
    /// needed any more. Waits for the disk; what is kept already is not written again. Of those that are never activated,
    /// the last 64 are kept.
    pub fn add(&self, bytes: &[u8]) -> Result<Digest, Error> {
        let digest = Digest::of(bytes);
        let shared = &self.0.shared;
        let written = shared.files.add(digest, bytes, || shared.lock().memory.add(digest, bytes.len() as u64))?;
        shared.lock().written.component_bytes += written;
        Ok(digest)
    }

    /// A component's bytes, which are what the digest says. Waits for the disk. Those of a damaged file are an error, and
    /// the file is gone then.
    pub fn bytes(&self, digest: Digest) -> Result<Vec<u8>, Error> {
        self.0.shared.files.read(digest)
    }

    /// This version of a source is active from now on, and under watch. `file` is what the source's file holds now. Its
    /// bytes should have been [added](Self::add) before. Versions that are not needed any more go; see [`KEPT`](crate::KEPT).
    pub fn begin(&self, source: &str, digest: Digest, origin: Origin, file: Option<Digest>) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let now = u64::try_from(now).unwrap_or(u64::MAX);
        self.0.shared.record(true, |memory| memory.begin(source, digest, origin, file, now));
    }

    /// As [`begin`](Self::begin), and waits until it is on disk.
    pub fn begin_now(&self, source: &str, digest: Digest, origin: Origin, file: Option<Digest>) -> Result<(), Error> {
        self.begin(source, digest, origin, file);
        self.flush()
    }

    /// This version was watched to the end and nothing happened: the states that it kept of these actors on trial are good
    /// ones now. On disk that is one step. A version that is not known is none afterwards either.
    pub fn passed(&self, source: &str, digest: Digest, actors: &[String]) {
        self.0.shared.record(false, |memory| memory.passed(source, digest, actors));
    }

    /// This version failed, for this reason (2,000 bytes of it are kept). `back_to` is active again, if it is known, and the
    /// states on trial of these actors go. On disk that is one step.
    pub fn failed(&self, source: &str, digest: Digest, why: &str, back_to: Option<Digest>, actors: &[String]) {
        self.0.shared.record(false, |memory| memory.failed(source, digest, why, back_to, actors));
    }

    /// The host stops in good order while this version is under watch.
    pub fn interrupted(&self, source: &str, digest: Digest) {
        self.0.shared.record(false, |memory| memory.interrupted(source, digest));
    }

    /// What versions of a source there were, the newest activation first.
    pub fn versions(&self, source: &str) -> Vec<Version> {
        self.0.shared.lock().memory.record(source).versions
    }

    /// What to start a source's actors with; `file` is what its file holds, none if there is no such file. Waits for the
    /// disk, since it looks whether kept bytes are whole. None if there is nothing to start with.
    ///
    /// A file that was changed since the last activation is tried, with the last version that passed its watch to fall back
    /// to. Otherwise it is the active version, if it passed or was interrupted; if the host was killed during its watch, or
    /// it failed, the last one that passed.
    pub fn choose(&self, source: &str, file: Option<Digest>) -> Option<Choice> {
        let record = self.0.shared.lock().memory.record(source);
        choice::choose(source, &record, file, &mut |digest| self.bytes(digest).is_ok())
    }

    /// Keeps a state of an actor, which replaces the one from before. A trial one is of a component under watch; a good one
    /// lets a trial one go. It is written within the [interval](Options::interval), unless it is what is on disk. More than
    /// [`LARGEST`] bytes are an error.
    pub fn keep(&self, actor: &str, state: State, trial: bool) -> Result<(), Error> {
        if state.bytes.len() > LARGEST {
            return Err(Error::TooLarge { actor: actor.to_owned(), bytes: state.bytes.len() });
        }
        self.0.shared.state(|memory| memory.keep(actor, state, trial));
        Ok(())
    }

    /// What is kept of an actor.
    pub fn load(&self, actor: &str) -> Option<Loaded> {
        self.0.shared.lock().memory.load(actor)
    }

    /// The actors of which something is kept, in order: also those that there are no more, until they are forgotten.
    pub fn actors(&self) -> Vec<String> {
        self.0.shared.lock().memory.actors()
    }

    /// Forgets what is kept of an actor.
    pub fn forget(&self, actor: &str) {
        self.0.shared.state(|memory| memory.forget(actor));
    }

    /// Waits until everything that was asked for is on disk; the error says why it is not. Then it is tried again, at least
    /// once a second or once an interval, whichever is longer.
    pub fn flush(&self) -> Result<(), Error> {
        self.0.shared.flush()
    }

    /// What is wrong with the disk now.
    pub fn trouble(&self) -> Option<Error> {
        self.0.shared.outcome().err()
    }

    /// What has been written since it was opened.
    pub fn written(&self) -> Written {
        self.0.shared.lock().written
    }
}
