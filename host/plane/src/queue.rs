//! The run queue: who is to run, and the workers that wait for them. Time is counted in ticks, and told by the caller.
//!
//! Each ordinary worker has a queue of its own, and all share one, for what comes from outside and for what is to wait
//! behind everybody. A worker takes from its own, now and then and when that is empty from the shared one, and then
//! steals from the others'.
//!
//! Beside the ordinary workers there are helpers, for turns that take long and for workers that stand still. They have no
//! queue of their own. A helper leaves when there is nothing to take, another worker waits, and none stands still for
//! which it stands in; or when it is seen that as many others as there are ordinary workers get on.

use crate::activity::Activity;
use crate::own::Own;
use crate::sync::{Apart, AtomicBool, AtomicUsize, Condvar, Mutex, MutexGuard, Ordering};
use std::collections::VecDeque;
use std::sync::PoisonError;

/// So many at most go from the shared queue into a worker's own at a time.
const BATCH: usize = 32;
/// Helpers that come at a time, at most.
const AT_ONCE: usize = 4;
/// Ticks for which a helper stays although it is one too many: the next long turn may be about to begin.
const LINGER: u64 = 50;

/// A run queue.
#[derive(Debug)]
pub struct Queue<T> {
    shared: Apart<Mutex<State<T>>>,
    /// Something was queued, or all is over.
    work: Condvar,
    signs: Apart<Signs>,
    own: Box<[Own<T>]>,
    activity: Activity,
}

/// What every worker looks at without the lock. Changed under it, and only when workers begin and cease to wait.
#[derive(Debug)]
struct Signs {
    /// Workers that wait.
    idle: AtomicUsize,
    /// Somebody has been woken, and has not found anything yet: nobody else is woken meanwhile, and whoever it is wakes the
    /// next one.
    searching: AtomicBool,
    /// Whether there is anybody in the shared queue.
    others: AtomicBool,
    /// A helper is to leave, although there may be something to take.
    dismissed: AtomicBool,
}

#[derive(Debug)]
struct State<T> {
    ready: VecDeque<T>,
    helpers: usize,
    /// Helpers among those that wait.
    reserve: usize,
    /// Workers in the middle of a turn that wait for something else.
    standing: usize,
    over: bool,
    /// The tick at which somebody last took from the shared queue.
    taken_at: u64,
    /// The last tick at which no helper was one too many.
    needed_at: u64,
}

/// What becomes of a worker that wants to stand still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// Another one waits for work already.
    Still,
    /// It does when this is started: a thread that calls [`Queue::wait`] until that says that it is no longer needed.
    WithHelper,
    /// It may not: too many do.
    No,
}

/// Who looks for somebody to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worker {
    /// An ordinary one, by its number. One thread has it.
    Ordinary(usize),
    /// A helper.
    Helper,
}

impl<T> Queue<T> {
    /// A queue for so many ordinary workers. They count as busy until they wait for the first time. `quiet` is called each
    /// time that nothing goes on any more, and must not use the queue.
    #[must_use]
    pub fn new(workers: usize, quiet: impl Fn() + Send + Sync + 'static) -> Self {
        let activity = Activity::new(quiet);
        (0..workers).for_each(|_| activity.begin());
        let state = State {
            ready: VecDeque::new(),
            helpers: 0,
            reserve: 0,
            standing: 0,
            over: false,
            taken_at: 0,
            needed_at: 0,
        };
        let signs = Signs {
            idle: AtomicUsize::new(0),
            searching: AtomicBool::new(false),
            others: AtomicBool::new(false),
            dismissed: AtomicBool::new(false),
        };
        Self {
            shared: Apart(Mutex::new(state)),
            work: Condvar::new(),
            signs: Apart(signs),
            own: (0..workers).map(|_| Own::default()).collect(),
            activity,
        }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn own(&self, worker: Worker) -> Option<&Own<T>> {
        match worker {
            Worker::Ordinary(number) => self.own.get(number),
            Worker::Helper => None,
        }
    }

    /// What goes on: a worker that has work, somebody in the shared queue, and what else is begun.
    pub fn activity(&self) -> &Activity {
        &self.activity
    }

    fn idle(&self) -> usize {
        self.signs.0.idle.load(Ordering::Acquire)
    }

    /// Somebody was queued: whether a worker is to be woken for them. Under the lock, so that whoever is counted as waiting
    /// does wait.
    fn calls(&self, _: &MutexGuard<'_, State<T>>) -> bool {
        self.idle() > 0 && !self.signs.0.searching.swap(true, Ordering::AcqRel)
    }

    /// Puts somebody at the end of the shared queue. After [`Queue::close`] they are dropped.
    pub fn push(&self, item: T, now: u64) {
        self.push_all([item].into(), now);
    }

    fn push_all(&self, items: VecDeque<T>, now: u64) {
        let mut state = self.state();
        if items.is_empty() || state.over {
            return;
        }
        if state.ready.is_empty() {
            state.taken_at = now;
            self.activity.begin();
            self.signs.0.others.store(true, Ordering::Relaxed);
        }
        state.ready.extend(items);
        let wake = self.calls(&state);
        drop(state);
        if wake {
            self.work.notify_one();
        }
    }

    /// Puts them at the end of this worker's own queue; a helper's is the shared one. Somebody who waits is woken, if
    /// nobody searches already.
    pub fn push_own(&self, worker: Worker, items: impl Iterator<Item = T>, now: u64) {
        let Some(own) = self.own(worker) else { return self.push_all(items.collect(), now) };
        let too_many = own.push(items, now);
        self.push_all(too_many, now);
        // Who begins to wait says so first, and then looks at this queue under its lock: it has seen who was put there, or
        // is seen here.
        self.call_if_idle();
    }

    fn call_if_idle(&self) {
        if self.idle() == 0 || self.signs.0.searching.load(Ordering::Acquire) {
            return;
        }
        let state = self.state();
        let wake = self.calls(&state);
        drop(state);
        if wake {
            self.work.notify_one();
        }
    }

    /// Whether nobody waits for this worker, so that who has used a slice up may have another one. Of a helper it never is so:
    /// whom it keeps, it could not leave.
    pub fn has_none(&self, worker: Worker) -> bool {
        !self.signs.0.others.load(Ordering::Relaxed) && self.own(worker).is_some_and(Own::is_empty)
    }

    /// Who is next for a worker that runs. None: there is nobody, or it is a helper that is to leave.
    pub fn take(&self, worker: Worker, now: impl Fn() -> u64) -> Option<T> {
        if worker == Worker::Helper && self.signs.0.dismissed.load(Ordering::Relaxed) {
            return None;
        }
        let own = self.own(worker);
        if let Some(own) = own
            && let Some(item) = own.pop(self.signs.0.others.load(Ordering::Relaxed), now())
        {
            return Some(item);
        }
        let mut state = self.state();
        if let Some(item) = self.take_shared(&mut state, own, now()) {
            return Some(item);
        }
        drop(state);
        let (item, more) = self.steal(worker, now())?;
        if more {
            self.call_if_idle();
        }
        Some(item)
    }

    /// A worker that has found nobody to [take](Queue::take) waits for who is next. None: all is over, or it is a helper
    /// that is no longer needed, and counts no more.
    pub fn wait(&self, worker: Worker, now: impl Fn() -> u64) -> Option<T> {
        let helper = worker == Worker::Helper;
        let signs = &self.signs.0;
        let mut state = self.state();
        if helper && state.helpers > state.standing && signs.dismissed.swap(false, Ordering::Relaxed) {
            // Others run: they look at the queues before they wait.
            state.helpers -= 1;
            self.activity.end();
            return None;
        }
        loop {
            if state.over {
                self.activity.end();
                return None;
            }
            // Told before the queues are looked at: who puts somebody into one of them afterwards knows.
            let idle = self.idle();
            signs.idle.store(idle + 1, Ordering::Release);
            signs.searching.store(false, Ordering::Release);
            let found = self.take_shared(&mut state, self.own(worker), now());
            if let Some(item) = found.or_else(|| Some(self.steal(worker, now())?.0)) {
                signs.idle.store(idle, Ordering::Release);
                let more = !state.ready.is_empty() || self.own.iter().any(|own| !own.is_empty());
                let wake = more && self.calls(&state);
                drop(state);
                if wake {
                    self.work.notify_one();
                }
                return Some(item);
            }
            if helper && idle > 0 && state.helpers > state.standing {
                // In the same step that has seen that there is nobody to take.
                signs.idle.store(idle, Ordering::Release);
                state.helpers -= 1;
                self.activity.end();
                return None;
            }
            if state.reserve > 0 {
                // One of them may leave now.
                self.work.notify_all();
            }
            state.reserve += usize::from(helper);
            self.activity.end();
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
            // Who it is woken for goes on as long as nobody has taken them.
            self.activity.begin();
            state.reserve -= usize::from(helper);
            signs.idle.store(self.idle() - 1, Ordering::Release);
        }
    }

    /// Takes the first of the shared queue; some more of it go into a worker's own, so that it comes here less often.
    fn take_shared(&self, state: &mut State<T>, own: Option<&Own<T>>, now: u64) -> Option<T> {
        let item = state.ready.pop_front()?;
        state.taken_at = now;
        if let Some(own) = own {
            let share = (state.ready.len() / (self.own.len() + state.helpers)).min(BATCH);
            own.add(state.ready.drain(..share), now);
        }
        if state.ready.is_empty() {
            self.signs.0.others.store(false, Ordering::Relaxed);
            // The worker has begun.
            self.activity.end();
        }
        Some(item)
    }

    /// Takes from the workers' own queues: half of what another one has. Whether it was more than one.
    fn steal(&self, worker: Worker, now: u64) -> Option<(T, bool)> {
        let first = match worker {
            Worker::Ordinary(number) => number,
            Worker::Helper => 0,
        };
        let (before, from) = self.own.split_at_checked(first).unwrap_or((&self.own, &[]));
        let own = self.own(worker);
        for other in from.iter().chain(before) {
            if own.is_some_and(|own| std::ptr::eq(own, other)) {
                if let Some(item) = other.pop(false, now) {
                    return Some((item, false));
                }
                continue;
            }
            let mut stolen = match own {
                Some(_) => other.steal(),
                None => other.pop(false, now).into_iter().collect(),
            };
            if let Some(item) = stolen.pop_front() {
                let more = !stolen.is_empty();
                if let (Some(own), true) = (own, more) {
                    own.add(stolen.into_iter(), now);
                }
                return Some((item, more));
            }
        }
        None
    }

    /// Whom a worker's own queue holds and who has not been taken by it for `patience` ticks goes to the shared one: it is
    /// in a turn that takes long, and the others, who may have much to do themselves, would not steal from it. To be called
    /// at each tick.
    pub fn rescue(&self, now: u64, patience: u64) {
        // Who is between the queues is in neither.
        self.activity.begin();
        for own in &self.own {
            self.push_all(own.left_alone(now, patience), now);
        }
        self.activity.end();
    }

    /// How many helpers the caller has to start, which count from now on: some when nobody waits for work although none of the
    /// workers is `free`, since all are in turns that take long, or although there is work that nobody has come for since
    /// `patience` ticks. Then it is one at least, and as many as there is work for, up to a few at a time and to `most` that do
    /// not stand in for others. If for some time more are free than there are ordinary workers, a helper leaves when it looks
    /// for work, also where there always is some. To be called at each tick.
    #[must_use = "the helpers have to be started"]
    pub fn needs_helpers(&self, free: usize, now: u64, patience: u64, most: usize) -> usize {
        let mut state = self.state();
        if free <= self.own.len() {
            state.needed_at = now;
        }
        // One at a time.
        let dismissed = now.saturating_sub(state.needed_at) >= LINGER;
        if dismissed {
            state.needed_at = now;
        }
        self.signs.0.dismissed.store(dismissed, Ordering::Relaxed);
        let still = !state.ready.is_empty() && now.saturating_sub(state.taken_at) >= patience;
        if self.idle() > 0 || free > 0 && !still || state.over {
            return 0;
        }
        let helpers = state.ready.len().clamp(1, AT_ONCE).min((state.standing + most).saturating_sub(state.helpers));
        self.count_helpers(&mut state, helpers);
        helpers
    }

    fn count_helpers(&self, state: &mut State<T>, helpers: usize) {
        state.helpers += helpers;
        (0..helpers).for_each(|_| self.activity.begin());
    }

    /// The one that has waited longest, if anybody waits: the one given waits in its place.
    pub fn exchange(&self, worker: Worker, item: T, now: u64) -> T {
        if self.signs.0.others.load(Ordering::Relaxed) {
            let mut state = self.state();
            if let Some(oldest) = state.ready.pop_front() {
                state.ready.push_back(item);
                state.taken_at = now;
                return oldest;
            }
        }
        match self.own(worker) {
            Some(own) => own.exchange(item, now),
            None => item,
        }
    }

    /// The helper that was to be started could not be: it counts no more.
    pub fn no_helper(&self) {
        self.state().helpers -= 1;
        self.activity.end();
    }

    /// This worker wants to stand still, until [`Queue::go_on`]. At most `most` do, and there is always one that does not.
    /// Who waits in its own queue is for the others.
    #[must_use = "the helper has to be started"]
    pub fn stand(&self, worker: Worker, now: u64, most: usize) -> Stand {
        if let Some(own) = self.own(worker) {
            self.push_all(own.left_alone(now, 0), now);
        }
        let mut state = self.state();
        if state.over || state.standing >= most {
            return Stand::No;
        }
        state.standing += 1;
        if self.idle() > 0 || state.helpers >= state.standing {
            return Stand::Still;
        }
        self.count_helpers(&mut state, 1);
        Stand::WithHelper
    }

    /// This worker stands still no longer.
    pub fn go_on(&self) {
        self.state().standing -= 1;
        // A helper that has stood in for it may be one of those that wait.
        self.work.notify_all();
    }

    /// Nobody runs any more. Who is queued is dropped.
    pub fn close(&self) {
        let mut state = self.state();
        state.over = true;
        let ready = std::mem::take(&mut state.ready);
        self.signs.0.others.store(false, Ordering::Relaxed);
        drop(state);
        if !ready.is_empty() {
            self.activity.end();
        }
        self.work.notify_all();
        drop(ready);
        self.own.iter().for_each(|own| drop(own.close()));
    }
}
