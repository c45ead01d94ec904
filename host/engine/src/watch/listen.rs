//! What the system notifies of, and of which places it is asked to.
//!
//! Each place is watched as the file or directory that it stands for now. One that goes, or is replaced, takes its watch
//! with it: it is watched anew when that is heard.

use super::places::Identity;
use super::settle::Hint;
use crate::clock::Clock;
use greenroom_core::Instant;
use notify::event::{AccessKind, AccessMode, ModifyKind, RenameMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::mpsc::UnboundedSender;

/// Something that was notified of.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Notice {
    At {
        path: PathBuf,
        at: Instant,
        hint: Hint,
        /// Whether a name has come or gone, so that paths may lead elsewhere.
        moved: bool,
    },
    /// Some were lost: anything may have changed.
    Lost { at: Instant },
}

/// Asks the system to notify.
pub(super) struct Listen {
    tell: UnboundedSender<Notice>,
    clock: Clock,
    /// The names that matter. Others in the same directories are left out before anybody is woken.
    names: Arc<RwLock<HashSet<PathBuf>>>,
    watcher: Option<RecommendedWatcher>,
    watched: HashMap<PathBuf, Identity>,
}

/// What has come of watching places.
#[derive(Debug, Default)]
pub(super) struct Watched {
    /// Those that were not watched until now: what happened there before was not heard of.
    pub(super) new: BTreeSet<PathBuf>,
    /// Those that cannot be watched, and why.
    pub(super) failed: Vec<(PathBuf, String)>,
}

impl Listen {
    pub(super) fn new(clock: Clock, tell: UnboundedSender<Notice>) -> Self {
        Self { tell, clock, names: Arc::default(), watcher: None, watched: HashMap::new() }
    }

    /// A place's watch has gone, or may have.
    pub(super) fn forget(&mut self, place: &Path) {
        if self.watched.remove(place).is_some()
            && let Some(watcher) = &mut self.watcher
        {
            // It is an error if the system has ended it already.
            drop(watcher.unwatch(place));
        }
    }

    /// All watches may have gone.
    pub(super) fn forget_all(&mut self) {
        for place in self.watched.keys().cloned().collect::<Vec<_>>() {
            self.forget(&place);
        }
    }

    /// Watches these places and no others, for these names.
    pub(super) fn follow(&mut self, places: &BTreeSet<PathBuf>, names: HashSet<PathBuf>) -> Watched {
        let gone: Vec<_> = self.watched.keys().filter(|place| !places.contains(*place)).cloned().collect();
        gone.iter().for_each(|place| self.forget(place));
        // Before the places, or their first notices would be left out.
        *self.names.write().unwrap_or_else(PoisonError::into_inner) = names;
        let mut watched = Watched::default();
        for place in places {
            // What is not there is heard of where it would be.
            let Some(identity) = Identity::of(place) else { continue };
            if self.watched.get(place) == Some(&identity) {
                continue;
            }
            self.forget(place);
            match self.watch(place) {
                Ok(()) => {
                    self.watched.insert(place.clone(), identity);
                    watched.new.insert(place.clone());
                }
                Err(notify::Error { kind: notify::ErrorKind::PathNotFound, .. }) => {}
                // A file that may not be read yet: that it may now is heard of in its directory.
                Err(error) if is_denied(&error) && !place.is_dir() => {}
                Err(error) => watched.failed.push((place.clone(), because(&error))),
            }
        }
        watched
    }

    fn watch(&mut self, place: &Path) -> notify::Result<()> {
        if self.watcher.is_none() {
            self.watcher = Some(notify::recommended_watcher(self.listener())?);
        }
        self.watcher.as_mut().map_or(Ok(()), |watcher| watcher.watch(place, RecursiveMode::NonRecursive))
    }

    fn listener(&self) -> impl Fn(notify::Result<Event>) + Send + 'static {
        let (tell, clock, names) = (self.tell.clone(), self.clock.clone(), self.names.clone());
        move |event| {
            for notice in notices(event, clock.now()) {
                let matters = match &notice {
                    Notice::At { path, .. } => names.read().unwrap_or_else(PoisonError::into_inner).contains(path),
                    Notice::Lost { .. } => true,
                };
                if matters {
                    // Nobody listens when the host is over.
                    _ = tell.send(notice);
                }
            }
        }
    }
}

fn is_denied(error: &notify::Error) -> bool {
    matches!(&error.kind, notify::ErrorKind::Io(error) if error.kind() == std::io::ErrorKind::PermissionDenied)
}

fn because(error: &notify::Error) -> String {
    match &error.kind {
        notify::ErrorKind::MaxFilesWatch => "the system's limit is reached: fs.inotify.max_user_watches".into(),
        // What `inotify_init` says when there are too many of them.
        notify::ErrorKind::Io(error) if error.raw_os_error() == Some(rustix::io::Errno::MFILE.raw_os_error()) => {
            "the system's limit is reached: fs.inotify.max_user_instances, or open files".into()
        }
        notify::ErrorKind::Io(error) => error.to_string(),
        _ => error.to_string(),
    }
}

/// What an event means. Reading a file is none: the host itself does.
fn notices(event: notify::Result<Event>, at: Instant) -> Vec<Notice> {
    let Ok(event) = event else { return vec![Notice::Lost { at }] };
    if event.need_rescan() {
        return vec![Notice::Lost { at }];
    }
    let (hint, moved) = match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => (Hint::Closed, false),
        EventKind::Access(_) => return Vec::new(),
        EventKind::Create(_) => (Hint::Created, true),
        EventKind::Modify(ModifyKind::Data(_)) => (Hint::Written, false),
        EventKind::Modify(ModifyKind::Metadata(_)) => (Hint::Touched, false),
        EventKind::Modify(ModifyKind::Name(RenameMode::To)) => (Hint::Placed, true),
        // Both ends are told of on their own as well.
        EventKind::Modify(ModifyKind::Name(RenameMode::Both)) => return Vec::new(),
        EventKind::Modify(ModifyKind::Name(_)) | EventKind::Remove(_) => (Hint::Touched, true),
        EventKind::Modify(_) | EventKind::Any | EventKind::Other => (Hint::Touched, true),
    };
    event.paths.into_iter().map(|path| Notice::At { path, at, hint, moved }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::event::{CreateKind, DataChange, Flag, MetadataKind, RemoveKind};

    #[test]
    fn what_events_mean() {
        let check = |kind, expect: Option<(Hint, bool)>| {
            let event = Event::new(kind).add_path("/a".into());
            let at = Instant::ORIGIN;
            let expect: Vec<_> =
                expect.map(|(hint, moved)| Notice::At { path: "/a".into(), at, hint, moved }).into_iter().collect();
            assert_eq!(notices(Ok(event), at), expect, "{kind:?}");
        };
        check(EventKind::Access(AccessKind::Open(AccessMode::Any)), None);
        check(EventKind::Access(AccessKind::Close(AccessMode::Read)), None);
        check(EventKind::Access(AccessKind::Close(AccessMode::Write)), Some((Hint::Closed, false)));
        check(EventKind::Create(CreateKind::File), Some((Hint::Created, true)));
        check(EventKind::Modify(ModifyKind::Data(DataChange::Any)), Some((Hint::Written, false)));
        check(EventKind::Modify(ModifyKind::Metadata(MetadataKind::Any)), Some((Hint::Touched, false)));
        check(EventKind::Modify(ModifyKind::Name(RenameMode::To)), Some((Hint::Placed, true)));
        check(EventKind::Modify(ModifyKind::Name(RenameMode::From)), Some((Hint::Touched, true)));
        check(EventKind::Modify(ModifyKind::Name(RenameMode::Both)), None);
        check(EventKind::Remove(RemoveKind::Folder), Some((Hint::Touched, true)));
    }

    /// A folder that is removed and made again often has the number of the one before.
    #[test]
    fn what_is_made_again_is_watched_again() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("folder");
        let file = folder.join("file");
        let (tell, mut heard) = tokio::sync::mpsc::unbounded_channel();
        let mut listen = Listen::new(Clock::machine(), tell);
        let (places, names) = (BTreeSet::from([folder.clone()]), HashSet::from([file.clone()]));
        for _ in 0..5 {
            std::fs::create_dir(&folder).unwrap();
            let watched = listen.follow(&places, names.clone());
            assert_eq!((watched.new, watched.failed), (places.clone(), vec![]));
            assert_eq!(listen.follow(&places, names.clone()).new, BTreeSet::new(), "it is watched");
            std::fs::write(&file, "").unwrap();
            let created = loop {
                let Some(Notice::At { path, hint, .. }) = heard.blocking_recv() else { panic!("nothing is heard") };
                if hint == Hint::Created {
                    break path;
                }
            };
            assert_eq!(created, file);
            std::fs::remove_dir_all(&folder).unwrap();
            listen.forget(&folder);
        }
    }

    #[test]
    fn lost_events_are_told_of() {
        let at = Instant::ORIGIN;
        let overflow = Event::new(EventKind::Other).set_flag(Flag::Rescan);
        assert_eq!(notices(Ok(overflow), at), [Notice::Lost { at }]);
        assert_eq!(notices(Err(notify::Error::generic("broken")), at), [Notice::Lost { at }]);
    }
}
