//! Watching the components' files and the manifest: directories are watched, content decides.
//!
//! Editors and build tools write in place, or write another file and rename it, or delete and create: each way is seen as
//! a change of the directory. After the last change things have to be quiet for a moment, so that a burst is one and half
//! a file is none; then the file's content says whether there is something new.

use crate::amend::amend;
use crate::component::{Digest, Loader};
use crate::report;
use crate::shared::Shared;
use crate::swap;
use notify::{Event, PollWatcher, RecommendedWatcher, RecursiveMode, Watcher};
use serde_json::json;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// How long a file has to be left alone.
const QUIET: Duration = Duration::from_millis(60);
/// How often files are looked at where the system does not notify.
const POLL: Duration = Duration::from_secs(1);

/// Watches as long as it lives.
pub(crate) struct Watch(JoinHandle<()>);

impl Watch {
    pub(crate) fn start(shared: &Arc<Shared>) -> Self {
        let (sender, changes) = mpsc::unbounded_channel();
        let mut watchers = Watchers { tell: sender, notified: None, polled: None, watched: BTreeSet::new() };
        watchers.follow(shared);
        Self(tokio::spawn(take_changes(Arc::downgrade(shared), changes, watchers)))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Who is told of changes, and of which directories.
struct Watchers {
    tell: mpsc::UnboundedSender<()>,
    notified: Option<RecommendedWatcher>,
    polled: Option<PollWatcher>,
    watched: BTreeSet<PathBuf>,
}

impl Watchers {
    /// Watches the directories that are not watched yet.
    fn follow(&mut self, shared: &Shared) {
        for directory in directories(shared) {
            if !self.watched.insert(directory.clone()) {
                continue;
            }
            if self.notified.is_none() {
                self.notified = notify::recommended_watcher(self.listener()).ok();
            }
            let notified = self.notified.as_mut();
            if notified.is_some_and(|watcher| watcher.watch(&directory, RecursiveMode::NonRecursive).is_ok()) {
                continue;
            }
            let text = format!(
                "{} cannot be watched (it is not there, or the system's limit is reached: fs.inotify.max_user_watches): \
                 it is looked at once a second instead",
                directory.display()
            );
            report::event(shared, "watch-polled", &text, json!({ "directory": directory }));
            let polling = notify::Config::default().with_poll_interval(POLL).with_compare_contents(true);
            if self.polled.is_none() {
                self.polled = PollWatcher::new(self.listener(), polling).ok();
            }
            if let Some(watcher) = &mut self.polled {
                drop(watcher.watch(&directory, RecursiveMode::NonRecursive));
            }
        }
    }

    fn listener(&self) -> impl Fn(notify::Result<Event>) + Send + 'static {
        let tell = self.tell.clone();
        move |event| {
            if event.map_or(true, |event| !event.kind.is_access()) {
                // Nobody listens when the host is over.
                _ = tell.send(());
            }
        }
    }
}

fn sources(shared: &Shared) -> BTreeSet<PathBuf> {
    shared.roster().sources().collect()
}

/// The directories that the components and the manifest are in. A link's target is watched where it is, too.
fn directories(shared: &Shared) -> BTreeSet<PathBuf> {
    let mut directories = BTreeSet::new();
    for file in sources(shared).into_iter().chain(shared.manifest.clone()) {
        let parent = |path: &Path| path.parent().map(Path::to_owned).filter(|parent| parent != Path::new(""));
        directories.insert(parent(&file).unwrap_or_else(|| PathBuf::from(".")));
        directories.extend(file.canonicalize().ok().and_then(|target| parent(&target)));
    }
    directories
}

/// What each file held when it was last looked at: a build that was not taken is tried again when it changes.
type Seen = HashMap<PathBuf, Digest>;

async fn take_changes(shared: Weak<Shared>, mut changes: mpsc::UnboundedReceiver<()>, mut watchers: Watchers) {
    let mut seen = Seen::new();
    if let Some(shared) = shared.upgrade() {
        for source in sources(&shared) {
            // What was passed over at the start is tried when it changes, and not when its neighbour does.
            seen.extend(shared.codes.get(&source).map(|active| (source, active.file.unwrap_or(active.code.digest))));
        }
        if let Some(manifest) = &shared.manifest {
            // What it holds now is what was started.
            _ = is_new(manifest, &mut seen).await;
        }
    }
    while changes.recv().await.is_some() {
        loop {
            match tokio::time::timeout(QUIET, changes.recv()).await {
                Ok(Some(())) => {}
                Ok(None) => return,
                Err(_) => break,
            }
        }
        let Some(shared) = shared.upgrade() else { return };
        if let Some(manifest) = &shared.manifest
            && is_new(manifest, &mut seen).await
        {
            // Told by events.
            drop(amend(&shared).await);
            watchers.follow(&shared);
        }
        for source in sources(&shared) {
            if is_new(&source, &mut seen).await {
                reload_all(&shared, &source).await;
            }
        }
    }
}

/// Whether a file holds something else than when it was last looked at. One that is gone or empty is left alone.
async fn is_new(file: &Path, seen: &mut Seen) -> bool {
    let reading = file.to_owned();
    let Ok(Ok(bytes)) = tokio::task::spawn_blocking(move || Loader::read(&reading)).await else { return false };
    let digest = Digest::of(&bytes);
    !bytes.is_empty() && seen.insert(file.to_owned(), digest) != Some(digest)
}

/// Has every actor that runs a file take it over.
async fn reload_all(shared: &Arc<Shared>, source: &Path) {
    // Told by events.
    drop(swap::reload(shared, source).await);
}
