//! The watch over new code: for a time, or a number of turns, the code before it is kept at hand. A trap in that time takes
//! the actors back to it, with its state; what the new code had asked of others stands.

use crate::body::{Body, Cause, Life, PutAway};
use crate::cell::Cell;
use crate::component::Code;
use crate::instance::{Instance, Job, Saved};
use crate::report;
use crate::shared::{Shared, Tick};
use crate::signal::Signal;
use greenroom_core::Setting;
use greenroom_core::{Envelope, Instant, Reason, Request};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

/// New code under watch, for all the actors that run it.
#[derive(Debug)]
pub(crate) struct Trial {
    pub(crate) source: PathBuf,
    /// The code before. None at the first start of all: then there is nothing to go back to.
    pub(crate) from: Option<Arc<Code>>,
    pub(crate) to: Arc<Code>,
    /// When it has passed, whatever its actors have done by then.
    pub(crate) until: Instant,
    /// Turns after which an actor has done its part.
    turns: u32,
    /// Actors that have still to do their part.
    unproven: AtomicUsize,
    verdict: AtomicU8,
    /// Set when an actor would begin anew if the trial failed, and not go on as what it was.
    afresh: AtomicBool,
    /// Whose failure was the first, and what it was.
    failure: OnceLock<String>,
}

/// What has become of a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Verdict {
    /// The code is still under watch.
    Open,
    /// It has passed, or newer code has.
    Passed,
    /// It has failed.
    Failed,
}

impl Trial {
    /// A watch over `to`, in place of `from`.
    pub(crate) fn new(
        source: PathBuf,
        from: Option<Arc<Code>>,
        to: Arc<Code>,
        until: Instant,
        turns: u32,
    ) -> Arc<Self> {
        let (unproven, verdict) = (AtomicUsize::new(0), AtomicU8::new(Verdict::Open as u8));
        let (afresh, failure) = (AtomicBool::new(false), OnceLock::new());
        Arc::new(Self { source, from, to, until, turns, unproven, verdict, afresh, failure })
    }

    /// So many actors more have to do their part.
    pub(crate) fn expect(&self, actors: usize) {
        self.unproven.fetch_add(actors, Ordering::AcqRel);
    }

    /// One that was to do its part does not run the code.
    pub(crate) fn spare(&self) {
        self.unproven.fetch_sub(1, Ordering::AcqRel);
    }

    /// What becomes of the actors' states in a rollback: `kept`, or `fresh` if that of one is not.
    pub(crate) fn state(&self) -> &'static str {
        if self.afresh.load(Ordering::Acquire) { "fresh" } else { "kept" }
    }

    pub(crate) fn verdict(&self) -> Verdict {
        match self.verdict.load(Ordering::Acquire) {
            0 => Verdict::Open,
            1 => Verdict::Passed,
            _ => Verdict::Failed,
        }
    }

    /// Judges it, once. Whether this was the first judgement.
    pub(crate) fn judge(&self, verdict: Verdict) -> bool {
        let open = Verdict::Open as u8;
        self.verdict.compare_exchange(open, verdict as u8, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

/// What an actor goes back to if a trial fails.
pub(crate) struct Past {
    pub(crate) trial: Arc<Trial>,
    /// Turns that it has still to do well.
    left: u32,
    before: Before,
}

/// An actor as it was before a swap.
enum Before {
    /// It had handed its state over: the old instance stands still since.
    Instance(Box<Old>),
    /// It had not, or was restarted since: it begins anew with the old code, and with the state that was kept.
    Afresh { kept: Option<Saved> },
}

struct Old {
    rest: Rest,
    kept: Option<Saved>,
    timers: Vec<Setting<Tick>>,
    /// Questions that it was asked.
    open: Vec<Request>,
    /// Questions that it had asked have lower numbers.
    asked: Request,
    /// Monitors that it had set have lower numbers.
    set: u64,
    /// What the actor was told since that this was to hear.
    told: VecDeque<Job>,
}

/// What is left of the actor as it was.
enum Rest {
    /// Its instance, which stands still since.
    Standing(Box<Instance>),
    /// It was put away, and sleeps on.
    Asleep(PutAway),
}

impl Past {
    /// The old instance stands still from now on.
    pub(crate) fn standing(trial: Arc<Trial>, body: &Body, cell: &Cell, instance: Box<Instance>) -> Self {
        Self::of(trial, body, cell, Rest::Standing(instance))
    }

    /// It was asleep, and is woken as the new code.
    pub(crate) fn asleep(trial: Arc<Trial>, body: &Body, cell: &Cell, put_away: PutAway) -> Self {
        Self::of(trial, body, cell, Rest::Asleep(put_away))
    }

    fn of(trial: Arc<Trial>, body: &Body, cell: &Cell, rest: Rest) -> Self {
        let owner = (cell.address, cell.generation());
        let timers = cell.shared.timers().of(owner);
        let asked = cell.shared.asks().reserve();
        let (open, set) = (body.open.clone(), cell.shared.number());
        let old = Old { rest, kept: body.kept.clone(), timers, open, asked, set, told: body.again.clone() };
        Self { left: trial.turns, trial, before: Before::Instance(Box::new(old)) }
    }

    /// It began anew with the new code.
    pub(crate) fn afresh(trial: Arc<Trial>, kept: Option<Saved>) -> Self {
        trial.afresh.store(true, Ordering::Release);
        Self { left: trial.turns, trial, before: Before::Afresh { kept } }
    }
}

impl Body {
    /// It begins anew with code that is under watch: it joins, if it is not one of the watched already.
    pub(crate) fn join(&mut self, trials: &[Arc<Trial>]) {
        self.past.retain(|past| past.trial.verdict() != Verdict::Passed);
        while self.past.last().is_some_and(|past| past.trial.verdict() == Verdict::Failed) {
            self.forget_past();
        }
        for trial in trials {
            if !self.past.iter().any(|past| Arc::ptr_eq(&past.trial, trial)) {
                trial.expect(1);
                self.past.push(Past::afresh(trial.clone(), self.kept.clone()));
            }
        }
    }

    /// Its incarnation is over: there is no instance to go back to any more, but still the code, and the state.
    pub(crate) fn leave_past(&mut self) {
        self.again.clear();
        for past in &mut self.past {
            if let Before::Instance(old) = &mut past.before {
                past.trial.afresh.store(true, Ordering::Release);
                past.before = Before::Afresh { kept: old.kept.take() };
            }
        }
    }

    /// The newest trial has failed while nothing runs: what begins next goes on from the state before it.
    fn forget_past(&mut self) {
        let Some(Past { trial, before, .. }) = self.past.pop() else { return };
        if trial.from.is_some() {
            self.kept = match before {
                Before::Instance(old) => old.kept,
                Before::Afresh { kept } => kept,
            };
        }
    }

    /// It is told of others: the code before may be who wants to know.
    pub(crate) fn note(&mut self, job: &Job) {
        for past in &mut self.past {
            if let Before::Instance(old) = &mut past.before
                && old.wants(job)
            {
                old.told.push_back(job.clone());
            }
        }
    }

    /// A turn ended well.
    pub(crate) fn prove(&mut self, cell: &Arc<Cell>) {
        let Some(past) = self.past.last_mut().filter(|past| past.left > 0) else { return };
        past.left -= 1;
        if past.left == 0 && past.trial.unproven.fetch_sub(1, Ordering::AcqRel) == 1 {
            let trial = past.trial.clone();
            cell.shared.pass(&trial);
        }
    }

    /// The code of this actor failed, in a turn that this was for. Under watch, the code before takes the actor back and
    /// does that turn next. Otherwise what the turn was for is given back.
    pub(crate) fn roll_back(&mut self, cell: &Arc<Cell>, reason: &Reason, cause: Cause) -> Result<(), Cause> {
        self.past.retain(|past| past.trial.verdict() != Verdict::Passed);
        let Some(past) = self.past.last() else { return Err(cause) };
        let trial = past.trial.clone();
        cell.shared.fail(&trial, &cell.name, &reason.to_string());
        if trial.from.is_none() {
            self.past.pop();
            return Err(cause);
        }
        if matches!(cause, Cause::Stop(_)) {
            return Err(cause);
        }
        self.go_back(cell, Some(cause), reason, &reason.to_string());
        Ok(())
    }

    /// Trials have been judged: if one that it is in has failed, it goes back.
    pub(crate) fn judged(&mut self, cell: &Arc<Cell>) {
        self.past.retain(|past| past.trial.verdict() != Verdict::Passed);
        while self.past.last().is_some_and(|past| past.trial.verdict() == Verdict::Failed) {
            self.switch_off(cell);
            match self.life {
                Life::Up(_) | Life::Asleep(_) if self.past.last().is_some_and(|past| past.trial.from.is_some()) => {
                    let why = self.past.last().and_then(|past| past.trial.failure.get().cloned()).unwrap_or_default();
                    self.go_back(cell, None, &Reason::Failed(why.clone()), &why);
                }
                _ => self.forget_past(),
            }
        }
    }

    /// The code before takes the actor back, and does next what the new code could not do.
    fn go_back(&mut self, cell: &Arc<Cell>, cause: Option<Cause>, reason: &Reason, why: &str) {
        let Some(Past { trial, before, .. }) = self.past.pop() else { return };
        // The old code drives its outputs again when it decides to.
        cell.shared.devices.release(cell.address, "new code was taken back");
        self.life = Life::Down;
        self.end_shadow(cell, "the code before took the actor back", None);
        let starts = matches!(cause, Some(Cause::Start));
        if let Some(Cause::Message(envelope)) = cause {
            self.deferred.push(envelope);
        }
        match before {
            Before::Instance(old) => {
                let Old { rest, kept, timers, open, told, .. } = *old;
                self.again = told;
                self.forsake(cell, &open, reason);
                let due = self.set_again(cell, timers);
                self.kept = kept;
                match rest {
                    Rest::Standing(instance) => {
                        cell.seen().show(&self.behavior, &instance.code);
                        self.life = Life::Up(instance);
                        self.watch_idle(cell);
                    }
                    Rest::Asleep(put_away) => self.fall_asleep(cell, put_away),
                }
                self.put_back(cell);
                report::rolled_back(&cell.shared, cell, &trial, "kept", why);
                if let Some(due) = due {
                    cell.shared.due(due);
                }
            }
            Before::Afresh { kept } => {
                self.forsake(cell, &[], reason);
                self.kept = kept;
                self.put_back(cell);
                trial.from.iter().for_each(|from| cell.seen().show(&self.behavior, from));
                report::rolled_back(&cell.shared, cell, &trial, "fresh", why);
                if starts {
                    self.begin(cell, Cause::Start);
                } else {
                    self.begin_again(cell);
                }
            }
        }
    }

    /// Gives it the timers that it had, and no others. One whose message still waits for the actor has fired for it. When
    /// the first of them is due.
    fn set_again(&self, cell: &Arc<Cell>, timers: Vec<Setting<Tick>>) -> Option<Instant> {
        let waits = |tick: &Tick| {
            // A timer's messages share one body, and nobody else has that.
            let same = |envelope: &Envelope| envelope.message.body.is(&tick.envelope.message.body);
            tick.to == cell.address
                && (self.deferred.iter().any(|envelope| same(envelope)) || cell.mailbox.any(|envelope| same(envelope)))
        };
        let now = cell.shared.now();
        // Held until they are set: what fires from now on fires for the old code.
        let mut all = cell.shared.timers();
        let fired = |timer: Setting<Tick>| if waits(&timer.payload) { timer.fired(now) } else { Some(timer) };
        let timers: Vec<_> = timers.into_iter().filter_map(fired).collect();
        let first = timers.iter().map(|timer| timer.due).min();
        all.set_again((cell.address, cell.generation()), timers);
        first
    }
}

impl Old {
    /// Whether this was to hear of something: an answer to a question of its own, the end of whom it watched.
    fn wants(&self, job: &Job) -> bool {
        match job {
            Job::Answered(answer) => answer.0 < self.asked,
            Job::Down(monitor, ..) => monitor.0 < self.set,
            Job::Exited(..) => true,
            _ => false,
        }
    }
}

impl Shared {
    /// New code has done well: there is no going back any more.
    pub(crate) fn pass(self: &Arc<Self>, trial: &Arc<Trial>) {
        if self.codes.pass(trial) {
            self.record_passed(trial);
            report::watch_passed(self, trial);
            self.tell_judged(trial);
        }
    }

    /// New code has failed: the code before stands for the file again, for every actor that runs it.
    pub(crate) fn fail(self: &Arc<Self>, trial: &Arc<Trial>, actor: &str, why: &str) {
        let failure = trial.failure.get_or_init(|| format!("{actor}: {why}"));
        if self.codes.fail(trial) {
            self.record_failed(trial, failure);
            if trial.from.is_some() {
                self.counts.rollbacks.fetch_add(1, Ordering::Relaxed);
            }
            report::watch_failed(self, trial, actor, why);
            self.tell_judged(trial);
        }
    }

    /// Passes the trials whose time is up.
    pub(crate) fn pass_due(self: &Arc<Self>, now: Instant) {
        while let Some(trial) = self.codes.due(now) {
            self.pass(&trial);
        }
    }

    fn tell_judged(self: &Arc<Self>, trial: &Trial) {
        for cell in self.cells.all() {
            // One that is put away looks when it wakes.
            if cell.runs(&trial.source) && cell.seen().asleep().is_none() {
                cell.signal(Signal::Judged);
            }
        }
    }
}
