//! Watches the sources of actors and builds again what changed: the outer half of hot reload. The inner half is the
//! host, which watches the component files that come out here.
//!
//! One thread does it all, so that no two builds of a watch run at once, and what changes during a build is seen after it.

use crate::job::{BuildError, Built, Job, build};
use crate::sources::Sources;
use crate::tools::Install;
use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long nothing may have changed before a build: an editor writes several files, and one file several times.
const QUIET: Duration = Duration::from_millis(100);
/// How long changes may go on before a build all the same.
const LONGEST: Duration = Duration::from_secs(2);
/// How often a folder is looked for that has gone away.
const LOST: Duration = Duration::from_secs(1);

/// What a watch has to tell.
#[derive(Debug)]
pub enum Event {
    /// The sources of a package have changed, and its build has begun.
    Started {
        /// The package.
        package: String,
    },
    /// The build failed; the component file is as it was.
    Failed {
        /// The package.
        package: String,
        /// Why. For [`BuildError::Compile`] its `output` is what the compiler said.
        error: BuildError,
    },
    /// The build is done.
    Built(Built),
}

/// The watch cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// A folder cannot be watched: it is not there, may not be read, or there are more watches than the system allows.
    #[error("cannot watch {}: {source}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: notify::Error,
    },
    /// The system has no watches left, or no thread.
    #[error("cannot watch files: {0}")]
    System(String),
}

/// A running watch. It ends when this is dropped, after the build that may be under way.
#[derive(Debug)]
pub struct Watch {
    stop: Sender<Notice>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        // It fails when the thread has ended already.
        let _ = self.stop.send(Notice::Stop);
    }
}

#[derive(Debug)]
enum Notice {
    Touched,
    Stop,
}

impl Watch {
    /// Begins to watch. `on` is called from the watch's own thread: with [`Event::Started`] and then one of the others
    /// for each build.
    pub fn start(sources: Sources, on: impl FnMut(Event) + Send + 'static) -> Result<Watch, WatchError> {
        // Nothing is installed behind somebody's back: what was here at the first build still is.
        let build = |job: &Job| build(std::slice::from_ref(job), Install::Never, &mut |_| {});
        Watch::start_with(sources, build, on)
    }

    fn start_with(
        sources: Sources,
        build: impl FnMut(&Job) -> Result<Vec<Built>, BuildError> + Send + 'static,
        on: impl FnMut(Event) + Send + 'static,
    ) -> Result<Watch, WatchError> {
        let (stop, notices) = channel();
        let notify = stop.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // An error says that events were lost: look at everything.
            if event.is_err() || event.is_ok_and(|event| is_change(event.kind)) {
                let _ = notify.send(Notice::Touched);
            }
        });
        let mut watcher = watcher.map_err(|error| WatchError::System(error.to_string()))?;
        for folder in sources.folders() {
            let watched = watcher.watch(folder, RecursiveMode::Recursive);
            watched.map_err(|source| WatchError::Folder { folder: folder.clone(), source })?;
        }
        // What has changed before the watches were there.
        let _ = stop.send(Notice::Touched);
        thread::Builder::new()
            .name("sources".into())
            .spawn(move || follow(watcher, sources, &notices, build, on))
            .map_err(|error| WatchError::System(error.to_string()))?;
        Ok(Watch { stop })
    }
}

/// Opening and reading are events as well, and this watch does both.
fn is_change(kind: EventKind) -> bool {
    !matches!(kind, EventKind::Access(access) if access != AccessKind::Close(AccessMode::Write))
}

fn follow(
    mut watcher: RecommendedWatcher,
    mut sources: Sources,
    notices: &Receiver<Notice>,
    mut build: impl FnMut(&Job) -> Result<Vec<Built>, BuildError>,
    mut on: impl FnMut(Event),
) {
    let mut burst = Burst::default();
    let mut lost = false;
    loop {
        match next(notices, &burst, lost) {
            Ok(Notice::Touched) => burst.add(Instant::now()),
            Ok(Notice::Stop) | Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) if burst.over().is_none() => {
                lost = !attach(&mut watcher, &sources);
                if !lost {
                    burst.add(Instant::now());
                }
            }
            Err(RecvTimeoutError::Timeout) => {
                burst = Burst::default();
                // A folder that was replaced is watched no longer: watch it again, before its content is looked at.
                lost = !attach(&mut watcher, &sources);
                for job in sources.changed() {
                    on(Event::Started { package: job.package.clone() });
                    match build(&job) {
                        Ok(built) => built.into_iter().for_each(|built| on(Event::Built(built))),
                        Err(error) => on(Event::Failed { package: job.package, error }),
                    }
                }
            }
        }
    }
}

/// Watches every folder, also those that are watched already. Whether all of them could be.
fn attach(watcher: &mut RecommendedWatcher, sources: &Sources) -> bool {
    // Counted, not asked until the first fails: a folder that is gone must not keep the others from being watched.
    sources.folders().filter(|folder| watcher.watch(folder, RecursiveMode::Recursive).is_err()).count() == 0
}

/// Waits for a notice, until a burst of changes is over. A timeout says to look now: at the sources after a burst, and
/// otherwise for folders that are lost.
fn next(notices: &Receiver<Notice>, burst: &Burst, lost: bool) -> Result<Notice, RecvTimeoutError> {
    match burst.over() {
        Some(over) => match over.checked_duration_since(Instant::now()) {
            Some(wait) => notices.recv_timeout(wait),
            None => Err(RecvTimeoutError::Timeout),
        },
        None if lost => notices.recv_timeout(LOST),
        None => notices.recv().map_err(|_| RecvTimeoutError::Disconnected),
    }
}

/// Changes that come close together.
#[derive(Debug, Default, Clone, Copy)]
struct Burst {
    span: Option<(Instant, Instant)>,
}

impl Burst {
    fn add(&mut self, now: Instant) {
        let first = self.span.map_or(now, |(first, _)| first);
        self.span = Some((first, now));
    }

    /// When it is over, if nothing is added.
    fn over(&self) -> Option<Instant> {
        self.span.map(|(first, last)| (last + QUIET).min(first + LONGEST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::tests::target;
    use std::fs;

    #[test]
    fn a_burst_is_over_when_it_is_quiet_or_lasts_too_long() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let check = |added: &[u64], expect: Option<u64>| {
            let mut burst = Burst::default();
            added.iter().for_each(|&millis| burst.add(at(millis)));
            assert_eq!(burst.over(), expect.map(at), "{added:?}");
        };
        check(&[], None);
        check(&[0], Some(100));
        check(&[0, 50, 90], Some(190));
        check(&[0, 500, 1000, 1500, 1950, 1990], Some(2000));
    }

    #[test]
    fn reading_is_no_change() {
        use notify::event::{CreateKind, ModifyKind, RemoveKind};
        let check = |kind, expect| assert_eq!(is_change(kind), expect, "{kind:?}");
        check(EventKind::Access(AccessKind::Open(AccessMode::Any)), false);
        check(EventKind::Access(AccessKind::Close(AccessMode::Read)), false);
        check(EventKind::Access(AccessKind::Close(AccessMode::Write)), true);
        check(EventKind::Create(CreateKind::File), true);
        check(EventKind::Modify(ModifyKind::Any), true);
        check(EventKind::Remove(RemoveKind::Folder), true);
    }

    /// What a watch told, as text; waits for it as long as a hanging test may take.
    fn told(events: &Receiver<Event>) -> String {
        match events.recv_timeout(Duration::from_secs(60)).unwrap() {
            Event::Started { package } => format!("started {package}"),
            Event::Failed { package, error } => format!("failed {package}: {error}"),
            Event::Built(built) => format!("built {}", built.package),
        }
    }

    #[test]
    fn a_change_on_disk_builds_and_a_failed_build_waits_for_the_next_change() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("a/lib.rs");
        // By a rename, so that no half-written file is ever there to be seen.
        let save = |text: &str| {
            fs::create_dir_all(source.parent().unwrap()).unwrap();
            let fresh = folder.path().join("fresh");
            fs::write(&fresh, text).unwrap();
            fs::rename(&fresh, &source).unwrap();
        };
        save("zero");
        let sources = Sources::read(vec![target("a", folder.path())]).unwrap();
        // Between the reading of the sources and the watch.
        save("bad");

        let (sender, events) = channel();
        let read = source.clone();
        let build = move |job: &Job| match fs::read_to_string(&read).unwrap_or_default().as_str() {
            "" | "bad" => Err(BuildError::NoModule { package: job.package.clone() }),
            text => {
                let package = format!("{} of {text}", job.package);
                Ok(vec![Built { package, path: "out".into(), bytes: 0, imports: vec![], changed: true }])
            }
        };
        let _watch = Watch::start_with(sources, build, move |event| sender.send(event).unwrap()).unwrap();
        assert_eq!(told(&events), "started a");
        assert!(told(&events).starts_with("failed a"));

        save("one");
        assert_eq!(told(&events), "started a");
        assert_eq!(told(&events), "built a of one");

        // A folder that is replaced, as by a version control system, is watched on.
        fs::remove_dir_all(source.parent().unwrap()).unwrap();
        assert_eq!(told(&events), "started a");
        assert!(told(&events).starts_with("failed a"));
        save("two");
        assert_eq!(told(&events), "started a");
        assert_eq!(told(&events), "built a of two");
        save("three");
        assert_eq!(told(&events), "started a");
        assert_eq!(told(&events), "built a of three");
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let sources = Sources::read(vec![target("a", folder.path())]).unwrap();
        let error = Watch::start(sources, |_| {}).unwrap_err();
        assert!(error.to_string().contains(&folder.path().join("a").display().to_string()), "{error}");
    }
}
