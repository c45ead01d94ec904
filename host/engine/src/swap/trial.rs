//! The watch over new code: for a time, or a number of turns, the code before it is kept at hand. A trap in that time takes
//! the actors back to it, with its state; what the new code had asked of others stands.

use crate::body::{Body, Cause, Life};
use crate::cell::Cell;
use crate::component::Code;
use crate::instance::{Instance, Job, Saved};
use crate::report;
use crate::shared::{Shared, Tick};
use crate::signal::Signal;
use greenroom_core::Setting;
use greenroom_core::{Instant, Reason, Request};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

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
        actors: usize,
    ) -> Arc<Self> {
        let (unproven, verdict) = (AtomicUsize::new(actors), AtomicU8::new(Verdict::Open as u8));
        Arc::new(Self { source, from, to, until, turns, unproven, verdict })
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
    instance: Box<Instance>,
    kept: Option<Saved>,
    timers: Vec<Setting<Tick>>,
    /// Questions that it had asked have lower numbers.
    asked: Request,
    /// Answers to them that came since.
    answers: Vec<Job>,
}

impl Past {
    /// The old instance stands still from now on.
    pub(crate) fn standing(trial: Arc<Trial>, body: &Body, cell: &Cell, instance: Box<Instance>) -> Self {
        let owner = (cell.address, cell.generation());
        let timers = cell.shared.timers().of(owner);
        let asked = cell.shared.asks().reserve();
        let old = Old { instance, kept: body.kept.clone(), timers, asked, answers: Vec::new() };
        Self { left: trial.turns, trial, before: Before::Instance(Box::new(old)) }
    }

    /// It began anew with the new code.
    pub(crate) fn afresh(trial: Arc<Trial>, kept: Option<Saved>) -> Self {
        Self { left: trial.turns, trial, before: Before::Afresh { kept } }
    }
}

impl Body {
    /// It begins anew with code that is under watch: it joins, if it is not one of the watched already.
    pub(crate) fn join(&mut self, trials: &[Arc<Trial>]) {
        self.past.retain(|past| past.trial.verdict() == Verdict::Open);
        for trial in trials {
            if !self.past.iter().any(|past| Arc::ptr_eq(&past.trial, trial)) {
                trial.unproven.fetch_add(1, Ordering::AcqRel);
                self.past.push(Past::afresh(trial.clone(), self.kept.clone()));
            }
        }
    }

    /// Its incarnation is over: there is no instance to go back to any more, but still the code, and the state.
    pub(crate) fn leave_past(&mut self) {
        self.again.clear();
        for past in &mut self.past {
            if let Before::Instance(old) = &mut past.before {
                past.before = Before::Afresh { kept: old.kept.take() };
            }
        }
    }

    /// It was told the answer to a question: who asked may be the code before.
    pub(crate) fn note_answer(&mut self, job: &Job) {
        let Job::Answered(request, _) = job else { return };
        for past in &mut self.past {
            if let Before::Instance(old) = &mut past.before
                && *request < old.asked
            {
                old.answers.push(job.clone());
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
        self.go_back(cell, Some(cause), &reason.to_string());
        Ok(())
    }

    /// Trials have been judged: if one that it is in has failed, it goes back.
    pub(crate) fn judged(&mut self, cell: &Arc<Cell>) {
        self.past.retain(|past| past.trial.verdict() != Verdict::Passed);
        while self.past.last().is_some_and(|past| past.trial.verdict() == Verdict::Failed) {
            self.switch_off(cell);
            match self.life {
                Life::Up(_) if self.past.last().is_some_and(|past| past.trial.from.is_some()) => {
                    self.go_back(cell, None, "another actor with the same component failed");
                }
                _ => drop(self.past.pop()),
            }
        }
    }

    /// The code before takes the actor back, and does next what the new code could not do.
    fn go_back(&mut self, cell: &Arc<Cell>, cause: Option<Cause>, why: &str) {
        let Some(Past { trial, before, .. }) = self.past.pop() else { return };
        // The old code drives its outputs again when it decides to.
        cell.shared.devices.release(cell.address, "new code was taken back");
        self.life = Life::Down;
        self.end_shadow(cell, "the code before took the actor back", None);
        let (message, job, starts) = match cause {
            Some(Cause::Message(envelope)) => (Some(envelope), None, false),
            Some(Cause::Told(job)) => (None, Some(job), false),
            Some(Cause::Start) => (None, None, true),
            Some(Cause::Again | Cause::Stop(_)) | None => (None, None, false),
        };
        self.deferred.extend(message);
        match before {
            Before::Instance(old) => {
                let Old { instance, kept, timers, answers, .. } = *old;
                let owner = (cell.address, cell.generation());
                let due = cell.shared.set_again(owner, timers);
                self.kept = kept;
                self.again.extend(answers.into_iter().chain(job));
                cell.seen().show(&self.behavior, &instance.code);
                self.life = Life::Up(instance);
                self.put_back(cell);
                report::rolled_back(&cell.shared, cell, &trial, "kept", why);
                if let Some(due) = due {
                    cell.shared.due(due);
                }
            }
            Before::Afresh { kept } => {
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
        if self.codes.fail(trial) {
            self.record_failed(trial, &format!("{actor}: {why}"));
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
            if cell.runs(&trial.source) {
                cell.signal(Signal::Judged);
            }
        }
    }
}
