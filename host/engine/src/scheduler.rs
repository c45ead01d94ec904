//! The run queue: actors with something to do, and the threads that do it.
//!
//! An actor is queued when its mailbox becomes non-empty, and is in the queue or on a worker at most once. A worker first
//! takes the actor that its own turn has just woken (a slot of one, for the sake of the cache), then the queue's oldest.
//! A thread beside them ticks the epoch that turns' deadlines are measured by. It sees when every worker is in a turn that
//! takes long, and then starts a further one, a helper, before anybody has to wait: the operating system slices between
//! the long turns, and the helper takes in what comes. It leaves when another worker waits for work again. What the long
//! turns leave to it is [`Pace`]'s affair.

use crate::cell::Cell;
use crate::component::Engines;
use crate::pace::{OFFER, Pace};
use greenroom_plane::{Queue, Stand};
use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// One tick: how exactly a deadline is kept. The epoch may tick more often.
pub(crate) const TICK: Duration = Duration::from_millis(1);
/// Ticks that the queue may stand still before another worker is started.
const PATIENCE: u64 = 3;
/// Workers beyond the ordinary ones, at most: each holds one turn that takes long.
const SPARE: usize = 32;
/// Turns that stand still at the same time, at most: each holds a thread.
const STANDING: usize = 64;
/// Actors that a worker runs because its own turns have woken them, before one that was queued has its turn.
const CHAIN: usize = 64;
/// A turn that took longer hands over whom it has woken, instead of keeping it for afterwards.
const LONG: Duration = Duration::from_micros(200);

/// The run queue and its threads.
#[derive(Debug)]
pub(crate) struct Scheduler {
    queue: Queue<Arc<Cell>>,
    pace: Pace,
    ticker: Ticker,
    /// One for each worker, helpers included.
    seats: Mutex<Vec<Arc<Seat>>>,
    /// Actors queued or running, and whatever else keeps the host busy: at zero, nothing happens by itself any more.
    busy: AtomicUsize,
    quiet: tokio::sync::Notify,
}

#[derive(Debug)]
struct Ticker {
    engines: Arc<Engines>,
    ticks: AtomicU64,
    /// Runs in progress: without one the ticker sleeps, so that an idle host wakes nobody.
    running: AtomicUsize,
    awake: Mutex<()>,
    wake: Condvar,
    over: AtomicBool,
}

/// What a worker is at, for the ticker to see.
#[derive(Debug, Default)]
struct Seat {
    /// Changed whenever a turn ends, by its worker alone; odd while it runs actors.
    turn: AtomicU64,
    /// What it was at the last tick.
    seen: AtomicU64,
}

impl Seat {
    fn next(&self, turns: u64) {
        self.turn.store(self.turn.load(Ordering::Relaxed) + turns, Ordering::Relaxed);
    }

    /// Whether the worker has been in one turn since the last tick.
    fn is_long(&self) -> bool {
        let turn = self.turn.load(Ordering::Relaxed);
        let seen = self.seen.swap(turn, Ordering::Relaxed);
        turn == seen && turn % 2 == 1
    }
}

thread_local! {
    /// On a worker: whom its turn has woken last.
    static SLOT: RefCell<Slot> = const { RefCell::new(Slot::NoWorker) };
}

enum Slot {
    NoWorker,
    Empty,
    Next(Arc<Cell>),
}

/// Something outside the run queue that is not finished: as long as one exists, the host is not quiet.
#[derive(Debug)]
pub(crate) struct Busy(Arc<Scheduler>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.unbusy();
    }
}

/// Code of a component is running on this thread: deadlines are ticked.
pub(crate) struct Running<'a>(&'a Ticker);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::AcqRel);
    }
}

/// The turn on this thread stands still, and another worker is there in its place.
pub(crate) struct Standing<'a>(Option<&'a Scheduler>);

impl Drop for Standing<'_> {
    fn drop(&mut self) {
        if let Some(scheduler) = self.0 {
            scheduler.queue.go_on();
        }
    }
}

impl Scheduler {
    /// Starts the workers and the ticker.
    pub(crate) fn start(engines: Arc<Engines>, workers: usize) -> std::io::Result<Arc<Self>> {
        let scheduler = Arc::new(Self {
            queue: Queue::default(),
            pace: Pace::new(workers),
            ticker: Ticker {
                engines,
                ticks: AtomicU64::new(0),
                running: AtomicUsize::new(0),
                awake: Mutex::new(()),
                wake: Condvar::new(),
                over: AtomicBool::new(false),
            },
            seats: Mutex::default(),
            busy: AtomicUsize::new(0),
            quiet: tokio::sync::Notify::new(),
        });
        for number in 0..workers {
            let (scheduler, seat) = (scheduler.clone(), scheduler.seat());
            std::thread::Builder::new().name(format!("turns-{number}")).spawn(move || scheduler.work(&seat))?;
        }
        let ticking = scheduler.clone();
        std::thread::Builder::new().name("ticks".into()).spawn(move || ticking.tick())?;
        Ok(scheduler)
    }

    /// Has an actor run. The caller has just marked it as queued.
    pub(crate) fn submit(&self, cell: Arc<Cell>) {
        self.busy.fetch_add(1, Ordering::AcqRel);
        let cell = SLOT.with_borrow_mut(|slot| match slot {
            Slot::NoWorker => Some(cell),
            Slot::Empty => {
                *slot = Slot::Next(cell);
                None
            }
            // The one woken before goes to the queue: the newest is the one whose data is in the cache.
            Slot::Next(next) => Some(std::mem::replace(next, cell)),
        });
        if let Some(cell) = cell {
            self.enqueue(cell);
        }
    }

    fn enqueue(&self, cell: Arc<Cell>) {
        self.queue.push(cell, self.now());
    }

    /// The tick.
    fn now(&self) -> u64 {
        self.ticker.ticks.load(Ordering::Relaxed)
    }

    fn seats(&self) -> MutexGuard<'_, Vec<Arc<Seat>>> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn seat(&self) -> Arc<Seat> {
        let seat = Arc::new(Seat::default());
        self.seats().push(seat.clone());
        seat
    }

    fn leave(&self, seat: &Arc<Seat>) {
        self.seats().retain(|other| !Arc::ptr_eq(other, seat));
    }

    /// An ordinary worker's life.
    fn work(&self, seat: &Seat) {
        SLOT.set(Slot::Empty);
        while let Some(cell) = self.queue.wait(|| self.now()) {
            self.run_from(cell, seat);
        }
    }

    /// A further worker's life: until it is no longer needed.
    fn help(&self, seat: &Arc<Seat>) {
        SLOT.set(Slot::Empty);
        while let Some(cell) = self.queue.help(|| self.now()) {
            self.run_from(cell, seat);
        }
        self.leave(seat);
    }

    /// Runs an actor, and then whom its turns have woken last, and so on.
    fn run_from(&self, first: Arc<Cell>, seat: &Seat) {
        let _running = self.running();
        seat.next(1);
        let (mut next, mut chain) = (Some(first), 0);
        while let Some(cell) = next {
            let again = cell.run(|took| {
                seat.next(2);
                self.pace.leave();
                if took > LONG {
                    self.flush();
                }
                // Others have their turn after a long one.
                took < TICK
            });
            // Also of a turn that waits for an answer, and is not over.
            self.pace.leave();
            if again {
                // Behind the others: a slice is over.
                self.busy.fetch_add(1, Ordering::AcqRel);
                self.enqueue(cell);
            }
            self.unbusy();
            chain += 1;
            next = SLOT.with_borrow_mut(|slot| match std::mem::replace(slot, Slot::Empty) {
                Slot::Next(cell) => Some(cell),
                _ => None,
            });
            if chain % CHAIN == 0 {
                next = next.map(|cell| self.queue.exchange(cell, self.now()));
            }
        }
        seat.next(1);
    }

    /// Gives whom this worker has woken to the others: it is going to be busy for longer.
    fn flush(&self) {
        let next = SLOT.with_borrow_mut(|slot| match slot {
            Slot::Next(_) => match std::mem::replace(slot, Slot::Empty) {
                Slot::Next(cell) => Some(cell),
                _ => None,
            },
            _ => None,
        });
        if let Some(cell) = next {
            self.enqueue(cell);
        }
    }

    /// The turn on this thread is going to stand still as long as the result lives. None: it may not, because too many do
    /// or there is no thread to be had for another worker.
    pub(crate) fn stand(self: &Arc<Self>) -> Option<Standing<'_>> {
        if SLOT.with_borrow(|slot| matches!(slot, Slot::NoWorker)) {
            // Not one of the workers: it is missing nowhere.
            return Some(Standing(None));
        }
        // Who waits behind this worker may be the one that it is going to wait for.
        self.flush();
        self.pace.leave();
        match self.queue.stand(STANDING) {
            Stand::No => None,
            Stand::Still => Some(Standing(Some(self))),
            Stand::WithHelper => {
                let standing = Standing(Some(self));
                self.add_worker().then_some(standing)
            }
        }
    }

    /// A turn on this thread, which has `ran` for so long, at a tick of the epoch: who waits for a processor has this one.
    /// If the turn is one that takes long, it waits until it may go on; no longer than `stay` says that it is to.
    pub(crate) fn offer(&self, ran: Duration, stay: impl Fn() -> bool) {
        if SLOT.with_borrow(|slot| !matches!(slot, Slot::NoWorker)) {
            self.pace.wait(ran, || self.now(), stay);
        }
        std::thread::yield_now();
    }

    /// A turn that waits until it may go on is to end, or may be.
    pub(crate) fn rouse(&self) {
        self.pace.rouse();
    }

    /// From now on deadlines are ticked, as long as the result lives.
    pub(crate) fn running(&self) -> Running<'_> {
        if self.ticker.running.fetch_add(1, Ordering::AcqRel) == 0 {
            // The lock closes the race with a ticker that is about to sleep.
            let _awake = self.ticker.awake.lock().unwrap_or_else(PoisonError::into_inner);
            self.ticker.wake.notify_one();
        }
        Running(&self.ticker)
    }

    fn tick(self: Arc<Self>) {
        let ticker = &self.ticker;
        let mut ticked = Instant::now();
        while !ticker.over.load(Ordering::Acquire) {
            let awake = ticker.awake.lock().unwrap_or_else(PoisonError::into_inner);
            if ticker.running.load(Ordering::Acquire) == 0 && !ticker.over.load(Ordering::Acquire) {
                drop(ticker.wake.wait(awake));
                continue;
            }
            drop(awake);
            std::thread::sleep(if self.pace.is_full() { OFFER } else { TICK });
            ticker.engines.tick();
            if ticked.elapsed() < TICK {
                continue;
            }
            ticked = Instant::now();
            let now = ticker.ticks.fetch_add(1, Ordering::Relaxed) + 1;
            // Each is looked at: what it is at is noted for the next tick.
            let busy = self.seats().iter().filter(|seat| !seat.is_long()).count() == 0;
            if self.queue.needs_helper(busy, now, PATIENCE, SPARE) {
                // No thread to be had: the queue waits for the ordinary ones, and the next tick tries again.
                self.add_worker();
            }
        }
    }

    /// Starts a helper that the queue counts on. False: there is no thread to be had.
    fn add_worker(self: &Arc<Self>) -> bool {
        // From now on it counts as one that is free.
        let (scheduler, seat) = (self.clone(), self.seat());
        let helping = seat.clone();
        let started = std::thread::Builder::new().name("turns-spare".into()).spawn(move || scheduler.help(&helping));
        if started.is_err() {
            self.leave(&seat);
            self.queue.no_helper();
        }
        started.is_ok()
    }

    /// Something is going on that is no actor's run.
    pub(crate) fn busy(self: &Arc<Self>) -> Busy {
        self.busy.fetch_add(1, Ordering::AcqRel);
        Busy(self.clone())
    }

    fn unbusy(&self) {
        if self.busy.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.quiet.notify_waiters();
        }
    }

    /// Waits until nothing happens by itself any more.
    pub(crate) async fn quiet(&self) {
        loop {
            let quiet = self.quiet.notified();
            if self.busy.load(Ordering::Acquire) == 0 {
                return;
            }
            quiet.await;
        }
    }

    /// Ends the threads, each after the run that it is in.
    pub(crate) fn stop(&self) {
        self.queue.close();
        self.ticker.over.store(true, Ordering::Release);
        let _awake = self.ticker.awake.lock().unwrap_or_else(PoisonError::into_inner);
        self.ticker.wake.notify_all();
    }
}
