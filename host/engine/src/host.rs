//! A host: built from a plan, running until it is stopped or its root supervisor gives up.

use crate::clock::Clock;
use crate::component::{Code, ComponentError, Inspection, Loader, Progress};
use crate::devices::{Devices, Notice, OpenError};
use crate::driver::{self, Desk};
use crate::handle::Handle;
use crate::hub::Hub;
use crate::limit::Limit;
use crate::machine;
use crate::report;
use crate::roster::Roster;
use crate::scheduler::Scheduler;
use crate::shared::Shared;
use crate::versions;
use crate::watch::Watch;
use greenroom_core::system::{Input, Phase};
use greenroom_core::{Addresses, Flags, Instant, Reason, System};
use greenroom_manifest::{Behavior, Plan};
use greenroom_store::Store;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// How a host is run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The machine's clock, or one that stands still until it is advanced.
    pub clock: Clock,
    /// The profile's name, to be shown.
    pub profile: Option<String>,
    /// Where compiled components are kept. None: they are compiled at each start.
    pub artefacts: Option<PathBuf>,
    /// Whether components are taken over when their files change, and the manifest when its does.
    pub watch: bool,
    /// The folder where versions of components and states of actors outlive this run. None: they don't. No other host may
    /// have it.
    pub folder: Option<PathBuf>,
    /// The manifest's file, for [`Handle::apply`] and the watch. None: it does not change.
    pub manifest: Option<PathBuf>,
    /// Who hears how far the compiling of large components is, until the host runs. After that it is an event.
    pub progress: Progress,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            clock: Clock::machine(),
            profile: None,
            artefacts: None,
            watch: true,
            folder: None,
            manifest: None,
            progress: Progress::default(),
        }
    }
}

/// How a host ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// It was asked to.
    Asked,
    /// Its root supervisor gave up, or its tree did not start.
    GaveUp {
        /// Why.
        reason: Reason,
    },
}

/// Why a host did not start. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Outputs that cannot be driven.
    #[error(transparent)]
    Devices(#[from] OpenError),
    /// Components that cannot be run.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Components(Vec<ComponentError>),
    /// The folder that it is to keep things in cannot be used.
    #[error(transparent)]
    Folder(#[from] greenroom_store::Error),
    /// The manifest asks for more than there can be.
    #[error("{0}")]
    Limit(String),
    /// The machine has no room for the engine, or no threads.
    #[error("the engine did not start: {0}")]
    Engine(String),
    /// An actor's first start failed.
    #[error("the tree did not start: {0}")]
    Tree(Reason),
}

/// A host that has everything it needs, and whose tree is not started yet: who wants to see all that happens from the
/// beginning opens its streams now. Outputs are at their safe levels.
pub struct Prepared {
    host: Host,
    watch: bool,
}

/// A running host. Dropped without [`Host::shutdown`], its outputs go to their safe levels and its threads end.
pub struct Host {
    shared: Arc<Shared>,
    exit: watch::Receiver<Option<Exit>>,
    exiting: watch::Sender<Option<Exit>>,
    _watch: Option<Watch>,
}

/// Looks at components without running them. What was compiled for one behaviour is there for the next.
pub struct Inspector(Loader, Mutex<Vec<Arc<Code>>>);

impl Default for Inspector {
    fn default() -> Self {
        Self(Loader::new(None, Limit::new(None, None)), Mutex::default())
    }
}

impl Inspector {
    /// One that compiles for the actors of a plan, into the folder where a host finds it (`Options::artefacts`).
    pub fn ahead(plan: &Plan, artefacts: &Path, progress: Progress) -> Self {
        let loader = Loader::new(Some(artefacts), Limit::new(plan.host.actors, machine::memory()));
        loader.assign(&Roster::of(plan));
        loader.tell_progress_to(progress);
        Self(loader, Mutex::default())
    }

    /// What a component imports and exports, and whether it fits this host and these grants.
    ///
    /// # Errors
    /// It does not, and why.
    pub fn inspect(&self, path: &Path, behavior: &Behavior) -> Result<Inspection, ComponentError> {
        let code = self.0.load(path, behavior, &behavior.grants)?;
        let inspection = code.inspection().clone();
        self.1.lock().unwrap_or_else(PoisonError::into_inner).push(code);
        Ok(inspection)
    }
}

impl Host {
    /// Starts a host, within a tokio runtime. When this returns, every actor of the plan runs.
    ///
    /// # Errors
    /// What [`Host::prepare`] and [`Prepared::begin`] say.
    pub async fn start(plan: Plan, options: Options) -> Result<Self, StartError> {
        Self::prepare(plan, options).await?.begin().await
    }

    /// Makes everything ready, within a tokio runtime: outputs are safe, components are loaded, nothing runs.
    ///
    /// # Errors
    /// Outputs that cannot be driven, components that cannot be run, no room for the engine.
    pub async fn prepare(plan: Plan, options: Options) -> Result<Prepared, StartError> {
        let engine = |error: String| StartError::Engine(error);
        let notices: Arc<OnceLock<std::sync::Weak<Shared>>> = Arc::default();
        let hear = notices.clone();
        // Outputs are at their safe levels before anything else happens.
        let devices = Devices::open(
            &plan.devices,
            options.clock.clone(),
            Box::new(move |notice: Notice| {
                if let Some(shared) = hear.get().and_then(std::sync::Weak::upgrade) {
                    report::device(&shared, notice);
                }
            }),
        )?;
        let devices = Arc::new(devices);
        let limit = Limit::new(plan.host.actors, machine::memory());
        limit.check(&plan).map_err(StartError::Limit)?;
        let loader = Loader::new(options.artefacts.as_deref(), limit);
        loader.assign(&Roster::of(&plan));
        loader.look_at_limits();
        let (store, trouble) = open_store(options.folder, plan.host.write_every, notices.clone()).await?;
        let workers =
            plan.host.workers.or_else(|| std::thread::available_parallelism().ok().map(Into::into)).unwrap_or(2);
        let scheduler = Scheduler::start(loader.engines().clone(), options.clock.clone(), workers)
            .map_err(|error| engine(error.to_string()))?;
        let addresses = Arc::new(Addresses::new(random()?, [random()?, random()?]));
        let system = System::new(&addresses, Roster::of(&plan).tree(), Flags::default());
        let (exiting, exit) = watch::channel(None);
        let epoch = format!("{:x}", options.clock.wall().as_millis());
        let hub = Arc::new(Hub::new(epoch, plan.topics.clone(), options.clock.clone()));
        let shared = Arc::new(Shared::new(
            plan,
            options.profile,
            options.clock,
            hub,
            devices,
            loader,
            store,
            scheduler,
            addresses,
            Desk::new(exiting.clone()),
            system,
            tokio::runtime::Handle::current(),
            options.manifest,
        ));
        drop(notices.set(Arc::downgrade(&shared)));
        let host = Self { shared, exit, exiting, _watch: None };
        for trouble in trouble {
            report::not_kept(&host.shared, &trouble);
        }
        let hears = Arc::downgrade(&host.shared);
        host.shared.loader.told_to(move |kind, why| {
            if let Some(shared) = hears.upgrade() {
                report::event(&shared, kind, why, serde_json::json!({ "why": why }));
            }
        });
        host.shared.loader.tell_progress_to(options.progress);
        host.load().await?;
        host.shared.loader.tell_progress_to(Progress::default());
        tokio::spawn(driver::drive(host.shared.clone()));
        for (device, warning) in host.shared.devices.warnings() {
            report::device_warning(&host.shared, device, warning);
        }
        Ok(Prepared { host, watch: options.watch })
    }

    /// Loads what every component of the plan is to start with. All that is wrong is told at once.
    async fn load(&self) -> Result<(), StartError> {
        let shared = self.shared.clone();
        let loaded = tokio::task::spawn_blocking(move || versions::load(&shared)).await;
        loaded.map_err(|error| StartError::Engine(error.to_string()))?.map_err(StartError::Components)
    }

    async fn started(&mut self) -> Result<(), StartError> {
        loop {
            if let Some(Exit::GaveUp { reason }) = self.exit.borrow().clone() {
                return Err(StartError::Tree(reason));
            }
            let phase = self.shared.system.lock().unwrap_or_else(PoisonError::into_inner).tree().phase;
            if phase == Phase::Running {
                return Ok(());
            }
            tokio::select! {
                changed = self.exit.changed() => drop(changed),
                () = self.shared.root_up.notified() => {}
            }
        }
    }

    /// What the outside may ask.
    pub fn handle(&self) -> Handle {
        Handle::new(self.shared.clone())
    }

    /// The clock that it goes by.
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// Waits until the host has ended.
    pub async fn wait(&self) -> Exit {
        let mut exit = self.exit.clone();
        let ended = exit.wait_for(Option::is_some).await;
        ended.ok().and_then(|exit| exit.clone()).unwrap_or(Exit::Asked)
    }

    /// Begins to stop the tree, in order. [`Host::wait`] returns when it has ended.
    pub fn stop(&self) {
        report::stopping(&self.shared);
        self.shared.stopping.store(true, Ordering::Release);
        self.shared.record_interrupted();
        self.shared.control(Input::Stop);
    }

    /// Stops the tree in order, and then everything else.
    pub async fn shutdown(self) -> Exit {
        self.stop();
        self.wait().await
    }

    /// Virtual time: lets this much of it pass, event by event. Does nothing under the machine's clock.
    pub async fn advance(&self, time: Duration) {
        let shared = &self.shared;
        let until = shared.now() + time;
        while !shared.clock.is_machine() {
            shared.scheduler.quiet().await;
            let due = [driver::next_due(shared), shared.devices.next_due()].into_iter().flatten().min();
            let next: Instant = due.filter(|due| *due <= until).unwrap_or(until);
            shared.clock.advance_to(next);
            shared.devices.poll(next);
            driver::look(shared);
            if due.is_none_or(|due| due > until) {
                return shared.scheduler.quiet().await;
            }
        }
    }
}

impl Prepared {
    /// What the outside may ask.
    pub fn handle(&self) -> Handle {
        self.host.handle()
    }

    /// Starts the tree. When this returns, every actor of the plan runs.
    ///
    /// # Errors
    /// [`StartError::Tree`]: an actor's first start failed. What had started was stopped in order.
    pub async fn begin(self) -> Result<Host, StartError> {
        let Self { mut host, watch } = self;
        host.shared.devices.start();
        if !host.shared.clock.is_machine() {
            host.shared.devices.poll(host.shared.now());
        }
        host.shared.control(Input::Start);
        host.started().await?;
        tokio::spawn(report::tree_every_second(Arc::downgrade(&host.shared)));
        if watch {
            host._watch = Some(Watch::start(&host.shared));
        }
        Ok(host)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.shared.devices.shutdown();
        self.shared.hub.close();
        self.shared.scheduler.stop();
        self.shared.cells.clear();
        self.exiting.send_replace(Some(Exit::Asked));
        // The driver sleeps otherwise, and keeps all that is shared.
        self.shared.desk.ring();
    }
}

/// Opens the folder of what is kept, off the threads that have other work.
async fn open_store(
    folder: Option<PathBuf>,
    interval: Duration,
    notices: Arc<OnceLock<std::sync::Weak<Shared>>>,
) -> Result<(Option<Store>, Vec<String>), StartError> {
    let Some(folder) = folder else { return Ok((None, Vec::new())) };
    let tell = move |why: &str| {
        if let Some(shared) = notices.get().and_then(std::sync::Weak::upgrade) {
            report::not_kept(&shared, why);
        }
    };
    let options = greenroom_store::Options { interval, tell: Box::new(tell) };
    let opening = tokio::task::spawn_blocking(move || Store::open(&folder, options));
    let opened = opening.await.map_err(|error| StartError::Engine(error.to_string()))??;
    Ok((Some(opened.store), opened.trouble))
}

fn random() -> Result<u64, StartError> {
    getrandom::u64().map_err(|error| StartError::Engine(format!("the machine gives no random numbers: {error}")))
}
