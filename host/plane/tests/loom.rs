//! The data plane's parts in every order in which threads may meet: `cargo verify --only loom`.

#![cfg(loom)]
#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]

#[path = "loom/desk.rs"]
mod desk;
#[path = "loom/queue.rs"]
mod queue;
#[path = "loom/shown.rs"]
mod shown;

use greenroom_plane::{
    Actor, Gate, Item, Lost, Mailbox, Next, NoPlace, Place, Policy, Queue, Schedule, Stand, Why, Worker,
};
use loom::cell::UnsafeCell;
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;
use std::time::{Duration, Instant};

/// Who sent it, and its number among those of that sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Note(u8, u8);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Signal {
    Hint,
    Kill,
}

/// What an actor has seen. Loom ends the test when two threads are in it at once.
#[derive(Default)]
struct Inside {
    notes: Vec<Note>,
    signals: Vec<Signal>,
}

struct Cell {
    mailbox: Mailbox<Note, (), Signal>,
    schedule: Schedule,
    inside: UnsafeCell<Inside>,
    lost: AtomicUsize,
    queue: Arc<Queue<Arc<Cell>>>,
}

impl Actor for Cell {
    type Message = Note;
    type Answer = ();
    type Signal = Signal;

    fn mailbox(&self) -> &Mailbox<Note, (), Signal> {
        &self.mailbox
    }

    fn replaces(newer: &Note, older: &Note) -> bool {
        newer.0 % 2 == older.0 % 2
    }
}

impl Cell {
    fn new(limit: usize, policy: Policy) -> Arc<Self> {
        Arc::new(Self {
            mailbox: Mailbox::new(limit, policy),
            schedule: Schedule::default(),
            inside: UnsafeCell::new(Inside::default()),
            lost: AtomicUsize::new(0),
            queue: Arc::new(Queue::new(2, || {})),
        })
    }

    fn fill(place: Place<Self>, note: Note) {
        let lost = |cell: &Self, _| _ = cell.lost.fetch_add(1, Ordering::Relaxed);
        place.fill(note, lost, |cell| Self::wake(&cell));
    }

    fn wake(this: &Arc<Self>) {
        if this.schedule.wake() {
            this.queue.push(this.clone(), 0);
        }
    }

    fn send(this: &Arc<Self>, note: Note) {
        Self::fill(Place::reserve(this.clone()).unwrap(), note);
    }

    fn signal(this: &Arc<Self>, signal: Signal) {
        this.mailbox.signal(signal);
        Self::wake(this);
    }

    /// One run, of at most `slice` steps. How many there were.
    fn run(this: &Arc<Self>, slice: usize) -> usize {
        this.schedule.begin();
        let done = this.inside.with_mut(|inside| {
            // SAFETY: nobody else is in here; that is what loom finds out.
            let inside = unsafe { &mut *inside };
            for done in 0..slice {
                match this.mailbox.next() {
                    Some(Next::Signal(signal)) => inside.signals.push(signal),
                    Some(Next::Item(Item::Message(note))) => {
                        inside.notes.push(note);
                        this.mailbox.done();
                    }
                    Some(Next::Item(Item::Answer(()))) => {}
                    None => return done,
                }
            }
            slice
        });
        if this.schedule.end(done == slice) {
            this.queue.push(this.clone(), 0);
        }
        done
    }

    /// A worker's life, until it has seen `notes` and `signals`. One that is never told of them is a deadlock for loom.
    fn work_until(this: &Arc<Self>, notes: usize, signals: usize) {
        while this.seen(|inside| inside.notes.len() < notes || inside.signals.len() < signals) {
            let cell = this.queue.wait(Worker::Ordinary(0), || 0).unwrap();
            Self::run(&cell, 64);
        }
    }

    /// Looks, from the only worker or after all of them.
    fn seen<R>(&self, look: impl FnOnce(&Inside) -> R) -> R {
        // SAFETY: as above.
        self.inside.with(|inside| look(unsafe { &*inside }))
    }

    /// Everything is as it was, and what came from one sender came in order.
    fn is_quiet(&self) {
        assert_eq!(self.mailbox.taken(), 0, "a place has leaked");
        assert_eq!(self.mailbox.waiting(), 0, "a message was overlooked");
        self.seen(|inside| {
            for sender in 0..3 {
                let numbers: Vec<_> = inside.notes.iter().filter(|note| note.0 == sender).map(|note| note.1).collect();
                assert!(numbers.is_sorted_by(|a, b| a < b), "out of order or doubled: {:?}", inside.notes);
            }
        });
        // Each is in the other.
        self.queue.close();
    }
}

/// Every order, with at most this many threads taken off in the middle of something: all bugs known of such parts need
/// two at most, and the time grows with each.
fn model(preemptions: usize, test: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(test);
}

fn later() -> Instant {
    Instant::now() + Duration::from_secs(3600)
}

#[test]
fn no_message_is_overlooked_and_each_sender_is_heard_in_order() {
    model(2, || {
        let cell = Cell::new(4, Policy::Reject);
        let senders: Vec<_> = [0, 1]
            .map(|sender| {
                let cell = cell.clone();
                thread::spawn(move || (0..2).for_each(|number| Cell::send(&cell, Note(sender, number))))
            })
            .into();
        Cell::work_until(&cell, 4, 0);
        senders.into_iter().for_each(|sender| sender.join().unwrap());
        cell.is_quiet();
    });
}

#[test]
fn a_slice_that_is_over_leaves_nothing_behind() {
    model(3, || {
        let cell = Cell::new(4, Policy::Reject);
        let sender = thread::spawn({
            let cell = cell.clone();
            move || (0..3).for_each(|number| Cell::send(&cell, Note(0, number)))
        });
        while cell.seen(|inside| inside.notes.len() < 3) {
            Cell::run(&cell.queue.wait(Worker::Ordinary(0), || 0).unwrap(), 1);
        }
        sender.join().unwrap();
        cell.is_quiet();
    });
}

#[test]
fn two_workers_are_never_in_one_actor() {
    model(2, || {
        let cell = Cell::new(4, Policy::Reject);
        let handled = Arc::new(AtomicUsize::new(0));
        (0..2).for_each(|number| Cell::send(&cell, Note(0, number)));
        let workers = [0, 1].map(|number| {
            let (queue, handled) = (cell.queue.clone(), handled.clone());
            thread::spawn(move || {
                while let Some(cell) = queue.wait(Worker::Ordinary(number), || 0) {
                    let done = Cell::run(&cell, 1);
                    if handled.fetch_add(done, Ordering::AcqRel) + done == 3 {
                        queue.close();
                    }
                }
            })
        });
        let sender = thread::spawn({
            let cell = cell.clone();
            move || Cell::send(&cell, Note(1, 0))
        });
        workers.into_iter().for_each(|worker| worker.join().unwrap());
        sender.join().unwrap();
        assert_eq!(cell.seen(|inside| inside.notes.len()), 3);
    });
}

/// A future that an actor waits for is complete by a flag of its own, beside every lock of the plane.
#[test]
fn what_came_before_a_wake_is_seen_by_the_run_without_a_lock() {
    model(3, || {
        let schedule = Arc::new(Schedule::default());
        let flags: [_; 2] = std::array::from_fn(|_| Arc::new(AtomicBool::new(false)));
        let queued = Arc::new(AtomicBool::new(false));
        assert!(schedule.wake());
        let wakers = flags.clone().map(|flag| {
            let (schedule, queued) = (schedule.clone(), queued.clone());
            thread::spawn(move || {
                flag.store(true, Ordering::Relaxed);
                if schedule.wake() {
                    assert!(!queued.swap(true, Ordering::AcqRel), "queued twice");
                }
            })
        });
        let mut seen = [false; 2];
        let mut run = || {
            schedule.begin();
            // The last look is the one that counts: it must not miss what it was woken for.
            seen = [0, 1].map(|at| seen[at] | flags[at].load(Ordering::Relaxed));
            schedule.end(false)
        };
        while run() {}
        wakers.into_iter().for_each(|waker| waker.join().unwrap());
        if queued.load(Ordering::Acquire) {
            while run() {}
        }
        assert_eq!(seen, [true; 2], "a reason to run was overlooked");
    });
}

#[test]
fn places_are_neither_exceeded_nor_lost() {
    model(3, || {
        let cell = Cell::new(1, Policy::Reject);
        let holders = Arc::new(AtomicUsize::new(0));
        let tries: Vec<_> = [0, 1]
            .map(|sender| {
                let (cell, holders) = (cell.clone(), holders.clone());
                thread::spawn(move || match Place::reserve(cell.clone()) {
                    Ok(place) => {
                        assert_eq!(holders.fetch_add(1, Ordering::AcqRel), 0, "more places than there are");
                        holders.fetch_sub(1, Ordering::AcqRel);
                        // One turn ends well, and one does not.
                        if sender == 0 {
                            Cell::fill(place, Note(sender, 0));
                        }
                        true
                    }
                    Err(why) => {
                        assert_eq!(why, NoPlace::Full);
                        false
                    }
                })
            })
            .into();
        let got: Vec<_> = tries.into_iter().map(|tried| tried.join().unwrap()).collect();
        assert!(got[0] || got[1], "a place was there, and nobody got it");
        Cell::work_until(&cell, usize::from(got[0]), 0);
        cell.is_quiet();
    });
}

/// Two senders at a mailbox with one place, and a worker: `drops` of the two messages are lost, whatever the order.
fn drops(policy: Policy, senders: [u8; 2], why: Why) {
    model(2, move || {
        let cell = Cell::new(1, policy);
        let sending = senders.map(|sender| {
            let cell = cell.clone();
            thread::spawn(move || {
                let place = Place::reserve(cell.clone()).unwrap();
                place.fill(
                    Note(sender, 0),
                    |cell, lost| {
                        let (Ok(lost) | Err(lost)) = lost;
                        assert_eq!(lost.why, why);
                        cell.lost.fetch_add(1, Ordering::Relaxed);
                    },
                    |cell| Cell::wake(&cell),
                );
            })
        });
        Cell::run(&cell.queue.wait(Worker::Ordinary(0), || 0).unwrap(), 64);
        sending.into_iter().for_each(|sender| sender.join().unwrap());
        let lost = cell.lost.load(Ordering::Relaxed);
        Cell::work_until(&cell, 2 - lost, 0);
        assert!(lost <= 1, "one place, one message");
        cell.is_quiet();
    });
}

#[test]
fn drop_oldest_keeps_count() {
    drops(Policy::DropOldest, [0, 1], Why::Oldest);
}

#[test]
fn drop_newest_keeps_count() {
    drops(Policy::DropNewest, [0, 1], Why::Newest);
}

#[test]
fn latest_keeps_count() {
    drops(Policy::Latest, [0, 2], Why::Replaced);
}

#[test]
fn each_message_is_handled_or_lost_when_the_mailbox_closes() {
    model(3, || {
        let cell = Cell::new(2, Policy::Reject);
        let sender = thread::spawn({
            let cell = cell.clone();
            move || {
                (0..2).fold((0, 0), |(filled, lost), number| match Place::reserve(cell.clone()) {
                    Ok(place) => {
                        let mut gone = false;
                        place.fill(
                            Note(0, number),
                            |_, this| {
                                assert_eq!(this, Err(Lost { message: Note(0, number), why: Why::Ended }));
                                gone = true;
                            },
                            |cell| Cell::wake(&cell),
                        );
                        if gone { (filled, lost + 1) } else { (filled + 1, lost) }
                    }
                    Err(why) => {
                        assert_eq!(why, NoPlace::Closed);
                        (filled, lost)
                    }
                })
            }
        });
        // Handles one, if one is there, and ends.
        let handled = match cell.mailbox.next() {
            Some(_) => {
                cell.mailbox.done();
                1
            }
            None => 0,
        };
        let left = cell.mailbox.close().len();
        let (filled, _lost) = sender.join().unwrap();
        assert_eq!(filled, handled + left);
        assert_eq!(Place::reserve(cell.clone()).err(), Some(NoPlace::Closed));
        cell.is_quiet();
    });
}

#[test]
fn signals_are_seen_and_a_kill_overtakes_them() {
    model(3, || {
        let cell = Cell::new(2, Policy::Reject);
        Cell::signal(&cell, Signal::Hint);
        let host = thread::spawn({
            let cell = cell.clone();
            move || Cell::signal(&cell, Signal::Kill)
        });
        let sender = thread::spawn({
            let cell = cell.clone();
            move || Cell::send(&cell, Note(0, 0))
        });
        // As a turn that stands still does: it takes nothing but a kill.
        let killed = cell.mailbox.next_signal(|signal| *signal == Signal::Kill);
        Cell::work_until(&cell, 1, if killed.is_some() { 1 } else { 2 });
        host.join().unwrap();
        sender.join().unwrap();
        cell.seen(|inside| assert_eq!(inside.signals[0], Signal::Hint));
        cell.is_quiet();
    });
}

#[test]
fn a_sender_that_waits_gets_the_place_that_is_freed() {
    model(2, || {
        let cell = Cell::new(1, Policy::Wait);
        Cell::send(&cell, Note(2, 0));
        let senders: Vec<_> = [0, 1]
            .map(|sender| {
                let cell = cell.clone();
                thread::spawn(move || {
                    let place = Place::wait(&cell, later(), || true).unwrap();
                    assert_eq!(cell.mailbox.taken(), 1);
                    Cell::fill(place, Note(sender, 0));
                })
            })
            .into();
        Cell::work_until(&cell, 3, 0);
        senders.into_iter().for_each(|sender| sender.join().unwrap());
        cell.is_quiet();
    });
}

#[test]
fn a_sender_that_waits_hears_of_the_end() {
    model(4, || {
        let cell = Cell::new(1, Policy::Wait);
        Cell::send(&cell, Note(0, 0));
        let sender = thread::spawn({
            let cell = cell.clone();
            move || Place::wait(&cell, later(), || true).err()
        });
        assert_eq!(cell.mailbox.close(), [Item::Message(Note(0, 0))]);
        assert_eq!(sender.join().unwrap(), Some(NoPlace::Closed));
        cell.is_quiet();
    });
}

#[test]
fn a_sender_that_waits_hears_of_its_own_end() {
    model(4, || {
        let cell = Cell::new(1, Policy::Wait);
        Cell::send(&cell, Note(0, 0));
        let killed = Arc::new(AtomicBool::new(false));
        let sender = thread::spawn({
            let (cell, killed) = (cell.clone(), killed.clone());
            move || Place::wait(&cell, later(), || !killed.load(Ordering::Acquire)).err()
        });
        killed.store(true, Ordering::Release);
        cell.mailbox.rouse();
        assert_eq!(sender.join().unwrap(), Some(NoPlace::Full));
        Cell::work_until(&cell, 1, 0);
        cell.is_quiet();
    });
}

/// A worker stands still until another actor's run has freed a place: somebody must run that.
#[test]
fn a_worker_that_stands_still_is_stood_in_for() {
    model(3, || {
        let cell = Cell::new(1, Policy::Wait);
        let worker = thread::spawn({
            let cell = cell.clone();
            move || {
                Cell::send(&cell, Note(0, 0));
                // Its turn: the mailbox is full, and the only worker is this one.
                let helper = match cell.queue.stand(Worker::Ordinary(0), 0, 1) {
                    Stand::WithHelper => {
                        let cell = cell.clone();
                        thread::spawn(move || {
                            while let Some(cell) = cell.queue.wait(Worker::Helper, || 0) {
                                Cell::run(&cell, 64);
                            }
                            // It leaves when the worker waits for work again: all is done.
                            cell.queue.close();
                        })
                    }
                    other => panic!("{other:?}"),
                };
                let place = Place::wait(&cell, later(), || true).unwrap();
                cell.queue.go_on();
                Cell::fill(place, Note(0, 1));
                while let Some(cell) = cell.queue.wait(Worker::Ordinary(0), || 0) {
                    Cell::run(&cell, 64);
                }
                helper.join().unwrap();
                cell.clone()
            }
        });
        let cell = worker.join().unwrap();
        Cell::work_until(&cell, 2, 0);
        cell.is_quiet();
    });
}

/// The helper is there for what comes later, and leaves when its worker waits for work again.
#[test]
fn a_helper_stays_as_long_as_its_worker_stands_still() {
    model(3, || {
        let queue = Arc::new(Queue::new(1, || {}));
        let done = Arc::new((Mutex::new(false), Condvar::new()));
        assert_eq!(queue.stand(Worker::Ordinary(0), 0, 1), Stand::WithHelper);
        assert_eq!(queue.stand(Worker::Ordinary(0), 0, 1), Stand::No);
        let helper = thread::spawn({
            let (queue, done) = (queue.clone(), done.clone());
            move || {
                while let Some(()) = queue.wait(Worker::Helper, || 0) {
                    *done.0.lock().unwrap() = true;
                    done.1.notify_one();
                }
                queue.close();
            }
        });
        let other = thread::spawn({
            let queue = queue.clone();
            move || queue.push((), 0)
        });
        let mut finished = done.0.lock().unwrap();
        while !*finished {
            finished = done.1.wait(finished).unwrap();
        }
        drop(finished);
        queue.go_on();
        assert_eq!(queue.wait(Worker::Ordinary(0), || 0), None, "the helper has left, and closed the queue");
        helper.join().unwrap();
        other.join().unwrap();
    });
}

/// Who is behind a gate, who has waited for it, and who has come in after waiting.
#[derive(Default)]
struct Watch {
    inside: AtomicUsize,
    arrived: Mutex<Vec<u8>>,
    let_in: Mutex<Vec<u8>>,
}

impl Watch {
    /// As `enter` or `pass` of a gate, which is `way`.
    fn come(&self, who: u8, way: impl FnOnce(&dyn Fn() -> bool) -> bool) {
        let waited = std::cell::Cell::new(false);
        let inside = way(&|| {
            if !waited.replace(true) {
                self.arrived.lock().unwrap().push(who);
            }
            true
        });
        assert!(inside, "it wants to");
        assert_eq!(self.inside.fetch_add(1, Ordering::AcqRel), 0, "more than the gate lets in");
        if waited.get() {
            self.let_in.lock().unwrap().push(who);
        }
    }

    fn goes(&self) {
        self.inside.fetch_sub(1, Ordering::AcqRel);
    }
}

#[test]
fn a_gate_lets_in_as_many_as_it_may_in_the_order_of_their_arrival() {
    model(2, || {
        let (gate, watch) = (Arc::new(Gate::new(1)), Arc::new(Watch::default()));
        watch.come(0, |stay| gate.enter(stay));
        let others = [1, 2].map(|who| {
            let (gate, watch) = (gate.clone(), watch.clone());
            thread::spawn(move || {
                watch.come(who, |stay| gate.enter(stay));
                watch.goes();
                gate.leave();
            })
        });
        // Gives way to those that wait by now, if any do, and comes in again after them.
        watch.goes();
        watch.come(0, |stay| gate.pass(stay));
        watch.goes();
        gate.leave();
        // Who is overlooked is a deadlock for loom.
        others.into_iter().for_each(|other| other.join().unwrap());
        assert_eq!(*watch.arrived.lock().unwrap(), *watch.let_in.lock().unwrap());
        assert!(!gate.is_full() && gate.enter(|| false), "the gate is free, so nobody has to wait");
        assert!(gate.is_full());
    });
}

#[test]
fn who_is_roused_at_a_gate_goes_and_takes_nothing_along() {
    model(3, || {
        let gate = Arc::new(Gate::new(1));
        let killed = Arc::new(AtomicBool::new(false));
        assert!(gate.enter(|| true));
        let waiting = thread::spawn({
            let (gate, killed) = (gate.clone(), killed.clone());
            move || {
                let inside = gate.enter(|| !killed.load(Ordering::Acquire));
                if inside {
                    gate.leave();
                }
                inside
            }
        });
        let killer = thread::spawn({
            let (gate, killed) = (gate.clone(), killed.clone());
            move || {
                killed.store(true, Ordering::Release);
                gate.rouse();
            }
        });
        killer.join().unwrap();
        // The gate is not left before: without the rouse it waits for ever.
        assert!(!waiting.join().unwrap());
        gate.leave();
        assert!(gate.enter(|| false), "the gate is free");
    });
}
