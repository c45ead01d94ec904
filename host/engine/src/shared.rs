//! What all of a host's threads share. Each field says who changes it.

use crate::active::Codes;
use crate::ask::Waiter;
use crate::blueprint::{Blueprint, Blueprints};
use crate::cells::Cells;
use crate::clock::Clock;
use crate::component::Loader;
use crate::devices::Devices;
use crate::driver::Desk;
use crate::hub::Hub;
use crate::letters::Letters;
use crate::roster::Roster;
use crate::scheduler::Scheduler;
use crate::shadow::report::Shadows;
use crate::sleep::Sleep;
use crate::tally::Tally;
use greenroom_core::{Address, Addresses, Asks, Envelope, Instant, Name, Routes, System, Timers};
use greenroom_manifest::Plan;
use greenroom_store::Store;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

/// Whose timers: an actor, as long as it is what set them.
pub(crate) type TimerOwner = (Address, u64);

/// What a timer sends.
#[derive(Debug, Clone)]
pub(crate) struct Tick {
    pub(crate) to: Address,
    pub(crate) envelope: Envelope,
}

/// What all threads share.
pub(crate) struct Shared {
    /// The plan that the host was started with. What is in the roster may have changed since.
    pub(crate) plan: Plan,
    /// Changed when the manifest is.
    pub(crate) roster: RwLock<Arc<Roster>>,
    /// The manifest's file, if it may change.
    pub(crate) manifest: Option<PathBuf>,
    pub(crate) profile: Option<String>,
    pub(crate) clock: Clock,
    pub(crate) hub: Arc<Hub>,
    pub(crate) devices: Arc<Devices>,
    pub(crate) loader: Loader,
    /// What outlives this run of the host. None: nothing does.
    pub(crate) store: Option<Store>,
    pub(crate) scheduler: Arc<Scheduler>,
    pub(crate) addresses: Arc<Addresses>,
    pub(crate) cells: Cells,
    /// Changed by the driver alone, as the core says.
    pub(crate) names: RwLock<HashMap<Name, Address>>,
    /// Changed by the topic registry's turns.
    pub(crate) routes: RwLock<Routes>,
    /// Changed by turns that ask and answer, and by the driver when time is up.
    asks: Mutex<Asks<Waiter>>,
    /// Changed by turns that set and cancel, and by the driver when time is up.
    timers: Mutex<Timers<TimerOwner, Tick>>,
    /// Numbers for timers and monitors.
    numbers: AtomicU64,
    /// To the driver.
    pub(crate) desk: Desk,
    /// Until when the driver sleeps, in nanoseconds; the end of time while it is awake, so that it looks once more.
    pub(crate) wakes_at: AtomicU64,
    /// The code that each component's file stands for now, and the watches that it is under.
    pub(crate) codes: Codes,
    /// Told each time a supervisor runs.
    pub(crate) root_up: tokio::sync::Notify,
    /// Set when the host was asked to stop.
    pub(crate) stopping: AtomicBool,
    /// Set by the driver when the tree has ended: nobody answers anything any more.
    pub(crate) over: AtomicBool,
    /// Held by the swap that is under way.
    pub(crate) swapping: tokio::sync::Mutex<()>,
    /// Changed by the driver alone; read for the tree.
    pub(crate) system: Mutex<System>,
    pub(crate) letters: Letters,
    pub(crate) blueprints: Blueprints,
    pub(crate) shadows: Shadows,
    pub(crate) sleep: Sleep,
    pub(crate) counts: Counts,
    /// What is counted so often that workers must not share it.
    pub(crate) tally: Tally,
    /// For what must not keep a worker: reading and compiling components.
    pub(crate) runtime: tokio::runtime::Handle,
    /// Who wants to hear of new readings, by device.
    pub(crate) watchers: Mutex<HashMap<String, Vec<TimerOwner>>>,
}

/// Counters since the start, of what is seldom.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) published: AtomicU64,
    /// Messages that were lost with the turn that handled them.
    pub(crate) lost: AtomicU64,
    pub(crate) faults: AtomicU64,
    pub(crate) restarts: AtomicU64,
    pub(crate) swaps: AtomicU64,
    pub(crate) swaps_failed: AtomicU64,
    pub(crate) rollbacks: AtomicU64,
}

impl Shared {
    #[expect(clippy::too_many_arguments, reason = "called once, by the host's start, with everything it has built")]
    pub(crate) fn new(
        plan: Plan,
        profile: Option<String>,
        clock: Clock,
        hub: Arc<Hub>,
        devices: Arc<Devices>,
        loader: Loader,
        store: Option<Store>,
        scheduler: Arc<Scheduler>,
        addresses: Arc<Addresses>,
        desk: Desk,
        system: System,
        runtime: tokio::runtime::Handle,
        manifest: Option<PathBuf>,
    ) -> Self {
        Self {
            roster: RwLock::new(Arc::new(Roster::of(&plan))),
            manifest,
            plan,
            profile,
            clock,
            hub,
            devices,
            loader,
            store,
            scheduler,
            addresses,
            cells: Cells::default(),
            names: RwLock::default(),
            routes: RwLock::default(),
            asks: Mutex::default(),
            timers: Mutex::default(),
            numbers: AtomicU64::new(1),
            desk,
            wakes_at: AtomicU64::new(u64::MAX),
            codes: Codes::default(),
            root_up: tokio::sync::Notify::new(),
            stopping: AtomicBool::new(false),
            over: AtomicBool::new(false),
            swapping: tokio::sync::Mutex::default(),
            system: Mutex::new(system),
            letters: Letters::default(),
            blueprints: Blueprints::default(),
            shadows: Shadows::default(),
            sleep: Sleep::default(),
            counts: Counts::default(),
            tally: Tally::default(),
            runtime,
            watchers: Mutex::default(),
        }
    }

    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    pub(crate) fn asks(&self) -> MutexGuard<'_, Asks<Waiter>> {
        self.asks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn timers(&self) -> MutexGuard<'_, Timers<TimerOwner, Tick>> {
        self.timers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A number that was never given out: for a timer or a monitor.
    pub(crate) fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// Who has a name: also who has it as of a turn that is over, and of which the core has not heard. In this order: what
    /// it hears meanwhile is found in one place or the other.
    pub(crate) fn lookup(&self, name: &str) -> Option<Address> {
        let known = || self.names.read().unwrap_or_else(PoisonError::into_inner).get(name).copied();
        known().or_else(|| self.awaits(name)).or_else(known)
    }

    /// Whether nobody else can have a name.
    pub(crate) fn is_taken(&self, name: &Name) -> bool {
        if self.awaits(name.as_str()).is_some() {
            return true;
        }
        self.system.lock().unwrap_or_else(PoisonError::into_inner).is_taken(name)
    }

    /// What an actor of a behaviour is made of, if nothing else is said.
    pub(crate) fn behavior(&self, name: &str) -> Option<Blueprint> {
        self.roster().behavior(name).cloned()
    }

    /// An actor's name for people, if it is alive.
    pub(crate) fn called(&self, address: Address) -> String {
        self.cells.get(address).map_or_else(|| address.to_string(), |cell| cell.name.clone())
    }
}
