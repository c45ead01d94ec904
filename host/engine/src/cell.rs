//! One actor, as all threads see it: its mailbox, its place in the run queue, and behind a lock what only its own turns
//! touch. An actor's turns never overlap: its state says whether it is queued or running, and only one worker gets it.

use crate::blueprint::Blueprint;
use crate::body::Body;
use crate::component::{Code, Digest};
use crate::driver::Driving;
use crate::lap::Lap;
use crate::mailbox::{self, Mailbox};
use crate::scheduler::Scheduler;
use crate::shared::Shared;
use crate::sleep::Counted;
use crate::wait::WaitsAt;
use crate::watches::Watches;
use greenroom_core::{Address, Grant, Instant, Reason};
use greenroom_manifest::Behavior;
use greenroom_plane::{Schedule, Shown, Worker};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Messages that one run handles before the others have their turn.
const SLICE: usize = 64;

/// An actor.
pub(crate) struct Cell {
    pub(crate) address: Address,
    /// What people call it: its name, or its behaviour's name and its address.
    pub(crate) name: String,
    max_message: AtomicU32,
    /// What it was made of.
    blueprint: Mutex<Blueprint>,
    /// What its next incarnation is made of, if the manifest has changed since.
    next: Mutex<Option<Blueprint>>,
    pub(crate) mailbox: Mailbox,
    pub(crate) stats: Stats,
    /// Where its turn waits for a place.
    pub(crate) waits_at: WaitsAt,
    /// The monitors that it wants to hear of.
    pub(crate) watches: Watches,
    pub(crate) shared: Arc<Shared>,
    schedule: Schedule,
    /// The worker that it is to stay with, one up; 0 is none.
    home: AtomicUsize,
    /// Which code and incarnation it is: timers and questions of an earlier one are not its own.
    generation: AtomicU64,
    /// Whether an incarnation runs.
    up: AtomicBool,
    /// Set to end a turn from outside; looked at by the turn at every tick.
    kill: AtomicBool,
    /// Set when the host is over.
    discarded: AtomicBool,
    /// When its last turn ended, and when it is looked at next whether it may be put away: in nanoseconds, 0 is never.
    last_turn: AtomicU64,
    next_look: AtomicU64,
    /// Whether it has been told to be put away, and has not heard yet.
    told_to_doze: AtomicBool,
    /// Where it may be put away.
    _able: Option<Counted>,
    /// The kind of message that it is handling, and since when, in nanoseconds. Its own turns show it.
    pub(crate) handling: Shown,
    seen: Mutex<Seen>,
    log: Mutex<Share>,
    body: Mutex<Body>,
}

/// Lines that an actor may log at once, and how many a second in the long run.
const LOG_BURST: u64 = 500;
const LOG_RATE: u64 = 100;

/// How much an actor may still log: a token bucket.
#[derive(Debug)]
struct Share {
    left: u64,
    since: Instant,
    lost: u64,
}

impl Share {
    fn take(&mut self, now: Instant) -> Option<u64> {
        let earned = (now.since(self.since).as_secs_f64() * LOG_RATE as f64) as u64;
        if earned > 0 {
            self.left = (self.left + earned).min(LOG_BURST);
            self.since = now;
        }
        if self.left == 0 {
            self.lost += 1;
            return None;
        }
        self.left -= 1;
        Some(std::mem::take(&mut self.lost))
    }
}

/// Counters, for people to see.
#[derive(Debug, Default)]
pub(crate) struct Stats {
    pub(crate) turns: AtomicU64,
    pub(crate) dropped: AtomicU64,
    pub(crate) restarts: AtomicU64,
    pub(crate) incarnation: AtomicU64,
    pub(crate) memory: AtomicU64,
}

/// What people see of an actor that is running.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) behavior: Option<Arc<Behavior>>,
    pub(crate) digest: Option<Digest>,
    /// Whether an incarnation runs that, or is about to.
    running: bool,
    /// While it is put away: the version of its state.
    asleep: Option<u32>,
    pub(crate) last_end: Option<Reason>,
}

impl Seen {
    /// Other code runs now.
    pub(crate) fn show(&mut self, behavior: &Arc<Behavior>, code: &Code) {
        self.behavior = Some(behavior.clone());
        self.digest = Some(code.digest);
        self.running = true;
        self.asleep = None;
    }

    /// It is put away, with a state of this version that this code has saved.
    pub(crate) fn rest(&mut self, digest: Digest, version: u32) {
        self.digest = Some(digest);
        self.asleep = Some(version);
    }

    /// The version of its state while it is put away.
    pub(crate) fn asleep(&self) -> Option<u32> {
        self.asleep
    }

    /// After how long without a turn it is put away, if it is awake and ever is.
    pub(crate) fn sleeps_after(&self) -> Option<Duration> {
        self.behavior.as_ref().filter(|_| self.running && self.asleep.is_none())?.sleep_after
    }

    /// None runs any more.
    pub(crate) fn over(&mut self, reason: &Reason) {
        self.running = false;
        self.asleep = None;
        self.last_end = Some(reason.clone());
    }
}

impl std::fmt::Debug for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?}", self.name, self.address)
    }
}

impl Cell {
    pub(crate) fn new(address: Address, name: String, shared: Arc<Shared>, body: Body) -> Arc<Self> {
        let blueprint = body.born.clone();
        let behavior = blueprint.behavior.clone();
        let able = behavior.sleep_after.map(|_| Counted::able(&shared));
        Arc::new(Self {
            address,
            name,
            max_message: AtomicU32::new(behavior.max_message),
            blueprint: Mutex::new(blueprint),
            next: Mutex::default(),
            mailbox: mailbox::open(behavior.mailbox),
            stats: Stats::default(),
            waits_at: WaitsAt::default(),
            watches: Watches::default(),
            shared,
            schedule: Schedule::default(),
            home: AtomicUsize::new(0),
            generation: AtomicU64::new(0),
            up: AtomicBool::new(false),
            kill: AtomicBool::new(false),
            discarded: AtomicBool::new(false),
            last_turn: AtomicU64::new(0),
            next_look: AtomicU64::new(0),
            told_to_doze: AtomicBool::new(false),
            _able: able,
            handling: Shown::default(),
            seen: Mutex::new(Seen { behavior: Some(behavior), ..Seen::default() }),
            log: Mutex::new(Share { left: LOG_BURST, since: Instant::ORIGIN, lost: 0 }),
            body: Mutex::new(body),
        })
    }

    /// The worker that it is to stay with, if it is to.
    pub(crate) fn home(&self) -> Option<Worker> {
        self.home.load(Ordering::Relaxed).checked_sub(1).map(Worker::Ordinary)
    }

    /// A worker has run it: it is to stay there, or not.
    pub(crate) fn settle(&self, worker: Worker, stays: bool) {
        let home = match worker {
            Worker::Ordinary(number) if stays => number + 1,
            _ => 0,
        };
        if self.home.load(Ordering::Relaxed) != home {
            self.home.store(home, Ordering::Relaxed);
        }
    }

    /// Has the actor run, if it isn't about to already.
    pub(crate) fn wake(self: &Arc<Self>) {
        if self.schedule.wake() {
            self.shared.scheduler.submit(self.clone());
        }
    }

    /// As [`Cell::wake`], by who has it in hand and needs it no more.
    pub(crate) fn wake_by(self: Arc<Self>, scheduler: &Scheduler) {
        if self.schedule.wake() {
            scheduler.submit(self);
        }
    }

    /// Runs the actor for a slice, from when `lap` says until when it says afterwards. `after` is told how
    /// long each turn took, and says whether the slice goes on. Whether it has to run again.
    pub(crate) fn run(self: &Arc<Self>, lap: &mut Lap<'_>, mut after: impl FnMut(Duration) -> bool) -> bool {
        self.schedule.begin();
        let mut body = self.body.lock().unwrap_or_else(PoisonError::into_inner);
        let (began, mut left) = (*lap, SLICE);
        let turns = self.stats.turns.load(Ordering::Relaxed);
        let driving = Driving::begin();
        while left > 0 && body.step(self, lap.time()) {
            // Whom that concerns has its turn first: those that end with an actor are gone before it is started again.
            let concerns = driving.drive(&self.shared);
            left = if after(lap.over()) && !concerns { left - 1 } else { 0 };
        }
        // What a turn that still waits has for the core.
        driving.drive(&self.shared);
        let more = left == 0 && body.goes_on(self);
        drop((driving, body));
        if self.stats.turns.load(Ordering::Relaxed) != turns {
            self.last_turn.store(lap.time().as_nanos(), Ordering::Relaxed);
        }
        if self.discarded.load(Ordering::SeqCst) {
            self.drop_discarded();
        }
        if let Some(took) = lap.since(&began) {
            self.shared.tally.took(took);
        }
        self.schedule.end(more)
    }

    /// A turn of it begins. Nobody else counts them.
    pub(crate) fn count_turn(&self) {
        self.stats.turns.store(self.stats.turns.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        self.shared.tally.turn();
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// What was set by the generation before is no longer its own.
    pub(crate) fn next_generation(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
    }

    /// Whether it is between two incarnations. One that has not run yet is not: a question waits in its mailbox for the end
    /// of its first start, so that who spawned it can ask in the same turn.
    pub(crate) fn is_restarting(&self) -> bool {
        !self.up.load(Ordering::Acquire) && self.seen().last_end.is_some()
    }

    /// When its last turn ended. The slice that it is in counts when that is over.
    pub(crate) fn last_turn(&self) -> Instant {
        Instant::from_nanos(self.last_turn.load(Ordering::Relaxed))
    }

    /// When it is looked at next whether it may be put away. When it was to be until now.
    pub(crate) fn next_look(&self, at: Option<Instant>) -> Option<Instant> {
        let before = self.next_look.swap(at.map_or(0, Instant::as_nanos), Ordering::AcqRel);
        (before != 0).then(|| Instant::from_nanos(before))
    }

    /// Notes whether it has been told to be put away and not heard yet. What it was until now.
    pub(crate) fn is_told_to_doze(&self, told: bool) -> bool {
        self.told_to_doze.swap(told, Ordering::AcqRel)
    }

    /// Whether anybody wants something of it.
    pub(crate) fn is_called(&self) -> bool {
        !self.mailbox.is_empty()
    }

    /// Whether it runs a component's file.
    pub(crate) fn runs(&self, source: &Path) -> bool {
        self.seen().behavior.as_ref().is_some_and(|behavior| behavior.source == source)
    }

    /// Whether it is put away, and wakes as what this file stands for.
    pub(crate) fn sleeps_on(&self, source: &Path) -> bool {
        let seen = self.seen();
        seen.asleep.is_some() && seen.behavior.as_ref().is_some_and(|behavior| behavior.source == source)
    }

    /// Whether an incarnation of it runs a file's code of before. One that is put away does not: it wakes with the new one.
    pub(crate) fn is_behind(&self, source: &Path, code: &Code) -> bool {
        let seen = self.seen();
        let runs = seen.running
            && seen.asleep.is_none()
            && seen.behavior.as_ref().is_some_and(|behavior| behavior.source == source);
        runs && seen.digest != Some(code.digest)
    }

    pub(crate) fn set_up(&self, up: bool) {
        self.up.store(up, Ordering::Release);
    }

    /// A new incarnation begins: a kill of the one before is none of its business.
    pub(crate) fn begin(&self) {
        self.kill.store(false, Ordering::Release);
    }

    /// The longest body that it receives, in bytes.
    pub(crate) fn max_message(&self) -> u32 {
        self.max_message.load(Ordering::Relaxed)
    }

    /// What it may do.
    pub(crate) fn grants(&self) -> Arc<[Grant]> {
        self.blueprint.lock().unwrap_or_else(PoisonError::into_inner).grants.clone()
    }

    /// Whether it may write a line to its log, and how many were lost since it last could. None: its share is used up.
    pub(crate) fn log_share(&self, now: Instant) -> Option<u64> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).take(now)
    }

    /// Its configuration, as JSON.
    pub(crate) fn config(&self) -> Arc<str> {
        self.blueprint.lock().unwrap_or_else(PoisonError::into_inner).config.clone()
    }

    /// The next incarnation is made of this.
    pub(crate) fn amend(&self, blueprint: Blueprint) {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = Some(blueprint);
    }

    /// What the incarnation that begins is made of, if that is new.
    pub(crate) fn take_blueprint(&self) -> Option<Blueprint> {
        let next = self.next.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        self.max_message.store(next.behavior.max_message, Ordering::Relaxed);
        *self.blueprint.lock().unwrap_or_else(PoisonError::into_inner) = next.clone();
        Some(next)
    }

    /// Ends the turn that is running, if one is, at its next tick; one that waits goes on at once, to its end.
    pub(crate) fn interrupt(&self) {
        self.kill.store(true, Ordering::Release);
        self.waits_at.rouse();
        self.shared.scheduler.rouse();
    }

    /// The host is over: a turn that is running is ended, and what the actor has is dropped, which holds its cell.
    pub(crate) fn discard(&self) {
        self.discarded.store(true, Ordering::SeqCst);
        self.interrupt();
        self.drop_discarded();
    }

    /// Who holds the lock meanwhile, does it afterwards.
    fn drop_discarded(&self) {
        if let Ok(mut body) = self.body.try_lock() {
            body.discard();
        }
    }

    pub(crate) fn is_interrupted(&self) -> bool {
        self.kill.load(Ordering::Acquire)
    }

    /// What people see of it.
    pub(crate) fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::task::Wake for Cell {
    fn wake(self: Arc<Self>) {
        Cell::wake(&self);
    }
}
