//! The run queue: actors with something to do, and the threads that do it.
//!
//! An actor is queued when its mailbox becomes non-empty, and is in a queue or on a worker at most once. A worker first
//! runs the actor that its own turn has just woken (a slot of one, for the sake of the cache), then who else its turns have
//! woken, then who came from outside or has used a slice up, then what other workers have too much of.
//! A thread beside them ticks the epoch that turns' deadlines are measured by. It sees when every worker is in a turn that
//! takes long, and then starts a further one, a helper, before anybody has to wait: the operating system slices between
//! the long turns, and the helper takes in what comes. It leaves when another worker waits for work again, or when as many
//! get on as there are workers. What the long turns leave to it is [`Pace`]'s affair.

use crate::cell::Cell;
use crate::clock::Clock;
use crate::component::Engines;
use crate::lap::Lap;
use crate::pace::{OFFER, Pace};
use greenroom_plane::{Queue, Stand, Worker};
use std::cell::RefCell;
use std::iter::once;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// One tick: how exactly a deadline is kept. The epoch may tick more often.
pub(crate) const TICK: Duration = Duration::from_millis(1);
/// Ticks that the queue may stand still before another worker is started.
const PATIENCE: u64 = 3;
/// Ticks after which whom a worker has not come to is brought to the others.
const LEFT_ALONE: u64 = 2;
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
    clock: Clock,
    pace: Pace,
    ticker: Ticker,
    /// One for each worker, helpers included.
    seats: Mutex<Vec<Arc<Seat>>>,
    /// Told each time that nothing happens by itself any more.
    quiet: Arc<tokio::sync::Notify>,
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

/// What a worker is at, for the ticker to see. On cache lines of its own: it is written at each turn.
#[derive(Debug, Default)]
#[repr(align(128))]
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
    /// What a worker has at hand; none on any other thread.
    static DESK: RefCell<Option<Desk>> = const { RefCell::new(None) };
}

/// What a worker has at hand.
struct Desk {
    worker: Worker,
    /// Whom its turn has woken last.
    next: Option<Arc<Cell>>,
    /// Whom its turn wakes while that is committed, and much of it: they have all that it sends them when they run, and no other
    /// worker comes for them before.
    held: Option<Vec<Arc<Cell>>>,
    /// Whether a turn since its run began has sent to many.
    many: bool,
}

fn is_worker() -> bool {
    DESK.with_borrow(Option::is_some)
}

/// Something outside the run queue that is not finished: as long as one exists, the host is not quiet.
#[derive(Debug)]
pub(crate) struct Busy(Arc<Scheduler>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.queue.activity().end();
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

/// Whom a turn wakes is held.
pub(crate) struct Held<'a>(&'a Scheduler);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.let_go();
    }
}

impl Scheduler {
    /// Starts the workers and the ticker.
    pub(crate) fn start(engines: Arc<Engines>, clock: Clock, workers: usize) -> std::io::Result<Arc<Self>> {
        let quiet = Arc::new(tokio::sync::Notify::new());
        let told = quiet.clone();
        let scheduler = Arc::new(Self {
            queue: Queue::new(workers, move || told.notify_waiters()),
            clock,
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
            quiet,
        });
        for number in 0..workers {
            let (scheduler, seat) = (scheduler.clone(), scheduler.seat());
            std::thread::Builder::new()
                .name(format!("turns-{number}"))
                .spawn(move || scheduler.work(Worker::Ordinary(number), &seat))?;
        }
        let ticking = scheduler.clone();
        std::thread::Builder::new().name("ticks".into()).spawn(move || ticking.tick())?;
        Ok(scheduler)
    }

    /// Has an actor run. The caller has just marked it as queued.
    pub(crate) fn submit(&self, cell: Arc<Cell>) {
        let (worker, cell) = DESK.with_borrow_mut(|desk| match desk {
            None => (None, Some(cell)),
            Some(Desk { held: Some(held), .. }) => {
                held.push(cell);
                (None, None)
            }
            // One that sends to many stays where it is, with all that it works on.
            Some(desk) if cell.home().is_some_and(|home| home != desk.worker) => (cell.home(), Some(cell)),
            // The one woken before goes to the queue: the newest is the one whose data is in the cache.
            Some(desk) => (Some(desk.worker), desk.next.replace(cell)),
        });
        match (cell, worker) {
            (Some(cell), Some(worker)) => self.queue.push_own(worker, once(cell), self.now()),
            (Some(cell), None) => self.enqueue(cell),
            (None, _) => {}
        }
    }

    /// Whom the turn on this thread wakes is held as long as the result lives.
    pub(crate) fn hold(&self) -> Held<'_> {
        DESK.with_borrow_mut(|desk| {
            desk.iter_mut().for_each(|desk| (desk.held, desk.many) = (Some(Vec::new()), true));
        });
        Held(self)
    }

    fn let_go(&self) {
        let woken = DESK.with_borrow_mut(|desk| {
            let desk = desk.as_mut()?;
            let held = desk.held.take()?;
            // As if they had come one by one: the newest is next.
            let mut woken: Vec<_> = desk.next.take().into_iter().chain(held).collect();
            desk.next = woken.pop();
            Some((desk.worker, woken))
        });
        if let Some((worker, woken)) = woken.filter(|(_, woken)| !woken.is_empty()) {
            self.queue.push_own(worker, woken.into_iter(), self.now());
        }
    }

    /// Puts an actor behind all others, for any worker.
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

    /// A worker's life: an ordinary one's until all is over, a helper's until it is no longer needed.
    fn work(&self, worker: Worker, seat: &Seat) {
        DESK.set(Some(Desk { worker, next: None, held: None, many: false }));
        while let Some(cell) = self.queue.wait(worker, || self.now()) {
            let _running = self.running();
            seat.next(1);
            let mut lap = Lap::start(&self.clock);
            self.run_from(cell, worker, seat, &mut lap);
            while let Some(cell) = self.queue.take(worker, || self.now()) {
                self.run_from(cell, worker, seat, &mut lap);
            }
            seat.next(1);
        }
        DESK.set(None);
    }

    /// Runs an actor, and then whom its turns have woken last, and so on. `lap` knows when the turn before ended, which is
    /// when the next one begins.
    fn run_from(&self, first: Arc<Cell>, worker: Worker, seat: &Seat, lap: &mut Lap<'_>) {
        let (mut next, mut chain) = (Some(first), 0);
        while let Some(cell) = next {
            let again = cell.run(lap, |took| {
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
            chain += 1;
            let many;
            (next, many) = DESK.with_borrow_mut(|desk| {
                let Some(desk) = desk.as_mut() else { return (None, false) };
                (desk.next.take(), std::mem::take(&mut desk.many))
            });
            cell.settle(worker, many);
            if again {
                // A slice is over: it is for the others now, if there are any.
                match next {
                    None if self.queue.has_none(worker) => next = Some(cell),
                    _ => self.enqueue(cell),
                }
            }
            if chain % CHAIN == 0 {
                next = next.map(|cell| self.queue.exchange(worker, cell, self.now()));
            }
        }
    }

    /// Gives whom this worker has woken to the others: it is going to be busy for longer.
    fn flush(&self) {
        if let Some(cell) = DESK.with_borrow_mut(|desk| desk.as_mut()?.next.take()) {
            self.enqueue(cell);
        }
    }

    /// The turn on this thread is going to stand still as long as the result lives. None: it may not, because too many do
    /// or there is no thread to be had for another worker.
    pub(crate) fn stand(self: &Arc<Self>) -> Option<Standing<'_>> {
        // Any other thread is missing nowhere.
        let Some(worker) = DESK.with_borrow(|desk| Some(desk.as_ref()?.worker)) else { return Some(Standing(None)) };
        // Who waits behind this worker may be the one that it is going to wait for.
        self.flush();
        self.pace.leave();
        match self.queue.stand(worker, self.now(), STANDING) {
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
        if is_worker() {
            if ran > LONG {
                // Whom an earlier turn of the same slice has woken.
                self.flush();
            }
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
            self.queue.rescue(now, LEFT_ALONE);
            // Each is looked at: what it is at is noted for the next tick.
            let free = self.seats().iter().filter(|seat| !seat.is_long()).count();
            for _ in 0..self.queue.needs_helpers(free, now, PATIENCE, SPARE) {
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
        let help = move || {
            scheduler.work(Worker::Helper, &helping);
            scheduler.leave(&helping);
        };
        let started = std::thread::Builder::new().name("turns-spare".into()).spawn(help);
        if started.is_err() {
            self.leave(&seat);
            self.queue.no_helper();
        }
        started.is_ok()
    }

    /// Something is going on that is no actor's run.
    pub(crate) fn busy(self: &Arc<Self>) -> Busy {
        self.queue.activity().begin();
        Busy(self.clone())
    }

    /// Waits until nothing happens by itself any more.
    pub(crate) async fn quiet(&self) {
        loop {
            let quiet = self.quiet.notified();
            if self.queue.activity().is_quiet() {
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
