//! What only an actor's own turns touch, and the step that each turn is: a signal, or a message.
//! On a message's path: the mailbox before it, the component's instance behind it, and after a good turn the commit.

mod end;
mod keep;
mod plain;
mod rest;

use crate::active::Active;
use crate::ask::Failure;
use crate::blueprint::Blueprint;
use crate::cell::Cell;
use crate::contract::v0_1::exports::Occasion;
use crate::guest::Guest;
use crate::instance::{Instance, Job, Next, Outcome, Saved};
use crate::line::Ticket;
use crate::mailbox::Answer;
use crate::report;
use crate::shadow::Shadow;
use crate::signal::Signal;
use crate::swap::switch::{Swap, Switching};
use crate::swap::trial::Past;
use crate::swap::{other, switch};
use greenroom_core::system::Input;
use greenroom_core::{Envelope, Grant, Instant, Reason, Request};
use greenroom_manifest::{Behavior, Keep};
use greenroom_plane::{Item, Next as Upcoming};
pub(crate) use rest::{Asleep, PutAway};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};

/// An actor's inside.
pub(crate) struct Body {
    /// What it is born as, at each start.
    pub(crate) born: Blueprint,
    /// What it runs now: another one after a `become`.
    pub(crate) behavior: Arc<Behavior>,
    pub(crate) grants: Arc<[Grant]>,
    pub(crate) config: Arc<str>,
    incarnation: u64,
    pub(crate) life: Life,
    /// The state as of the last good turn, if it is kept over restarts.
    pub(crate) kept: Option<Saved>,
    /// Messages put aside until the next change of behaviour. Their places in the mailbox stay taken.
    #[expect(clippy::vec_box, reason = "they come and go as they are, and are many only seldom")]
    pub(crate) deferred: Vec<Box<Envelope>>,
    /// What it goes back to if the code that it runs fails while that is under watch, the newest last.
    pub(crate) past: Vec<Past>,
    /// What it is told once more, since the code that was told first has been taken back.
    pub(crate) again: VecDeque<Job>,
    /// New code beside it, whose effects are compared with its own.
    pub(crate) shadow: Option<Box<Shadow>>,
    /// Questions that it was asked; some may be answered by now.
    pub(crate) open: Vec<Request>,
    /// Where it stands in the line for room, if it waits for some.
    ticket: Option<Ticket>,
    /// Others want room: it sleeps as soon as it has nothing to do.
    pressed: bool,
}

/// Whether it runs.
pub(crate) enum Life {
    /// No incarnation.
    Down,
    /// Ready for the next message.
    Up(Box<Instance>),
    /// In the middle of a turn, waiting for the answer to a question.
    Waiting(Waiting),
    /// About to become another behaviour, as soon as that is built.
    Becoming,
    /// Ready for new code, as soon as all others are that run it.
    Switching(Box<Switching>),
    /// Put away while it is idle, and woken by the next that comes.
    Asleep(Asleep),
    /// About to begin, for this, as soon as there is room.
    Wanting(Cause),
}

/// A turn that stands still on a fiber. Dropped, the fiber is unwound and the store with it.
pub(crate) struct Waiting {
    turn: Pin<Box<dyn Future<Output = Ended> + Send>>,
    cause: Cause,
}

/// A turn that is over: the instance, and what came of it.
type Ended = (Box<Instance>, Result<Outcome, Reason>);

/// What a turn is for.
pub(crate) enum Cause {
    Start,
    /// A start within the same incarnation; or what is told of others, which the code before is told again by its past.
    Again,
    Message(Box<Envelope>),
    Stop(Reason),
}

/// Questions that are remembered before those that were answered are sorted out.
const OPEN: usize = 64;

impl Body {
    pub(crate) fn new(born: Blueprint) -> Self {
        Self {
            behavior: born.behavior.clone(),
            grants: born.grants.clone(),
            config: born.config.clone(),
            born,
            incarnation: 0,
            life: Life::Down,
            kept: None,
            deferred: Vec::new(),
            past: Vec::new(),
            again: VecDeque::new(),
            shadow: None,
            open: Vec::new(),
            ticket: None,
            pressed: false,
        }
    }

    /// One step, if there is anything to do. `now` is when the step before ended.
    pub(crate) fn step(&mut self, cell: &Arc<Cell>, now: Instant) -> bool {
        if let Life::Waiting(_) = self.life {
            return self.go_on(cell);
        }
        if let Life::Asleep(_) = self.life {
            return self.rest(cell);
        }
        let next = match self.life {
            Life::Up(_) if !self.again.is_empty() => match cell.mailbox.next_signal(|_| true) {
                None => return self.once_more(cell),
                signal => signal.map(Upcoming::Signal),
            },
            Life::Up(_) => cell.mailbox.next(),
            // What it is told of others waits until it is what it is going to be.
            Life::Becoming | Life::Switching(_) | Life::Wanting(_) => {
                cell.mailbox.next_signal(|signal| !signal.is_of_others()).map(Upcoming::Signal)
            }
            _ => cell.mailbox.next_signal(|_| true).map(Upcoming::Signal),
        };
        match next {
            None if self.pressed => self.make_room(cell),
            None => return self.begin_at_last(cell),
            Some(Upcoming::Signal(signal)) => self.take(cell, signal),
            Some(Upcoming::Item(Item::Message(envelope))) => self.message(cell, envelope, now),
            Some(Upcoming::Item(Item::Answer(answer))) => self.answer(cell, answer),
        }
        true
    }

    /// Whether there may be something to do, as far as nobody wakes the actor for it.
    pub(crate) fn goes_on(&self, cell: &Cell) -> bool {
        match self.life {
            Life::Up(_) => !self.again.is_empty() || self.pressed || !cell.mailbox.has_nothing(),
            Life::Down => !cell.mailbox.has_nothing(),
            _ => true,
        }
    }

    fn take(&mut self, cell: &Arc<Cell>, signal: Signal) {
        match signal {
            Signal::Start { incarnation } => self.start(cell, incarnation),
            Signal::Stop { incarnation, reason } if self.runs(incarnation) => self.stop(cell, reason),
            Signal::Kill { incarnation, reason } if self.runs(incarnation) => self.end(cell, reason),
            // Of an incarnation that has ended by itself meanwhile.
            Signal::Stop { .. } | Signal::Kill { .. } => {}
            Signal::Exited { who, why } => self.told(cell, Job::Exited(who, why)),
            Signal::Down { monitor, who, why } if cell.watches.fired(monitor) => {
                self.told(cell, Job::Down(monitor, who, why));
            }
            Signal::Down { .. } => {}
            Signal::Swap(swap) => switch::get_ready(self, cell, *swap),
            Signal::Decided => self.decided(cell),
            Signal::Judged => self.judged(cell),
            Signal::Shadow(offer) => self.begin_shadow(cell, *offer),
            Signal::ShadowOver(over) => self.shadow_over(cell, *over),
            Signal::Doze { early } => self.doze(cell, early),
        }
    }

    fn runs(&self, incarnation: u64) -> bool {
        self.incarnation == incarnation && !matches!(self.life, Life::Down)
    }

    /// What an instance for this actor is given.
    pub(crate) fn guest(&self, cell: &Arc<Cell>) -> Guest {
        Guest::new(cell, self.behavior.clone(), self.grants.clone(), self.config.clone())
    }

    fn start(&mut self, cell: &Arc<Cell>, incarnation: u64) {
        self.incarnation = incarnation;
        if let Some(born) = cell.take_blueprint() {
            self.born = born;
        }
        let Blueprint { behavior, grants, config } = self.born.clone();
        (self.behavior, self.grants, self.config) = (behavior, grants, config);
        cell.begin();
        cell.stats.incarnation.store(incarnation, Ordering::Relaxed);
        cell.next_generation();
        self.begin(cell, Cause::Start);
    }

    /// The code that its file stands for now, which is the one that it is seen to run. None: there is none, and it has ended.
    fn code_now(&mut self, cell: &Arc<Cell>) -> Option<Active> {
        loop {
            let Some(active) = cell.shared.codes.get(&self.behavior.source) else {
                let why = format!("{} was never loaded", self.behavior.source.display());
                self.end(cell, Reason::Failed(why));
                return None;
            };
            cell.seen().show(&self.behavior, &active.code);
            // A swap that is decided from now on sees what this actor runs; one that was decided before is seen here.
            let now = cell.shared.codes.get(&self.behavior.source);
            if now.is_some_and(|now| now.code.digest == active.code.digest) {
                return Some(active);
            }
        }
    }

    /// Begins, if it is its turn among those that wait for room. Whether it has.
    fn begin_at_last(&mut self, cell: &Arc<Cell>) -> bool {
        if !matches!(self.life, Life::Wanting(_)) || cell.shared.sleep.line.is_to_wait(self.ticket) {
            return false;
        }
        let Life::Wanting(cause) = std::mem::replace(&mut self.life, Life::Down) else { return false };
        self.begin(cell, cause);
        !matches!(self.life, Life::Wanting(_))
    }

    /// Begins with the code that its file stands for now.
    pub(crate) fn begin(&mut self, cell: &Arc<Cell>, cause: Cause) {
        if cell.shared.sleep.line.is_to_wait(self.ticket) && self.stand_in_line(cell) {
            self.life = Life::Wanting(cause);
            return;
        }
        let Some(Active { code, trials, .. }) = self.code_now(cell) else { return };
        if self.behavior.keep == Keep::Disk && cell.seen().last_end.is_none() && self.kept.is_none() {
            self.kept = cell.shared.kept_on_disk(&cell.name, &code);
        }
        self.join(&trials);
        let mut instance = match self.instance(cell, &code) {
            Ok(instance) => instance,
            Err(error) if error.is_no_room() && self.stand_in_line(cell) => {
                self.life = Life::Wanting(cause);
                return;
            }
            Err(error) => return self.failed(cell, Reason::Failed(error.to_string()), cause),
        };
        self.has_room(cell);
        instance.go_live();
        let job = match self.kept_for(&mut instance) {
            Ok(Some(saved)) => Job::Restore(Occasion::Restarted, saved),
            Ok(None) => Job::Init,
            Err(reason) => return self.failed(cell, reason, cause),
        };
        if let (Job::Init, Some(kept)) = (&job, &self.kept) {
            let version = kept.version;
            if instance.has_state() && self.past.last().is_some_and(|past| past.trial.from.is_some()) {
                let why = format!("its code does not take the kept state's version {version}");
                return self.failed(cell, Reason::Failed(why), cause);
            }
            report::state_dropped(&cell.shared, cell, version);
        }
        // A state that its own code can't take any more must not fail each restart: the next one begins afresh.
        let kept = self.kept.take();
        self.turn(cell, instance, job, cause);
        if matches!(self.life, Life::Up(_)) && self.kept.is_none() {
            self.kept = kept;
        }
        self.watch_idle(cell);
    }

    /// Begins anew within its incarnation: to everybody else it was restarted.
    pub(crate) fn begin_again(&mut self, cell: &Arc<Cell>) {
        self.untie(cell);
        cell.next_generation();
        cell.shared.control(Input::Renewed { address: cell.address });
        self.begin(cell, Cause::Again);
    }

    fn stop(&mut self, cell: &Arc<Cell>, reason: Reason) {
        self.switch_off(cell);
        match std::mem::replace(&mut self.life, Life::Down) {
            Life::Up(instance) => self.turn(cell, instance, Job::Stopping(reason.clone()), Cause::Stop(reason)),
            other => {
                self.life = other;
                self.end(cell, reason);
            }
        }
    }

    fn message(&mut self, cell: &Arc<Cell>, envelope: Box<Envelope>, now: Instant) {
        if let Some(request) = envelope.request {
            self.remember(cell, request);
        }
        cell.handling.show(envelope.message.kind.as_bytes(), now.as_nanos());
        if let Some(result) = self.plain_turn(cell, |instance| instance.handle(&envelope)) {
            return self.end_plain_turn(cell, result, Cause::Message(envelope));
        }
        let Life::Up(instance) = std::mem::replace(&mut self.life, Life::Down) else { return };
        let job = Job::Handle(envelope);
        // The envelope goes into the job and comes back with it, so that it is never copied.
        self.turn(cell, instance, job, Cause::Again);
    }

    fn answer(&mut self, cell: &Arc<Cell>, answer: Answer) {
        if let Some(result) = self.plain_turn(cell, |instance| instance.answered(&answer)) {
            return self.end_plain_turn(cell, result, Cause::Again);
        }
        self.told(cell, Job::Answered(answer));
    }

    fn told(&mut self, cell: &Arc<Cell>, job: Job) {
        self.note(&job);
        self.tell(cell, job);
    }

    fn tell(&mut self, cell: &Arc<Cell>, job: Job) {
        if let Life::Up(instance) = std::mem::replace(&mut self.life, Life::Down) {
            self.turn(cell, instance, job, Cause::Again);
        }
    }

    fn once_more(&mut self, cell: &Arc<Cell>) -> bool {
        self.again.pop_front().map(|job| self.tell(cell, job)).is_some()
    }

    /// Keeps a question in mind: if this incarnation ends, who asked must hear of it.
    fn remember(&mut self, cell: &Arc<Cell>, request: Request) {
        if self.open.len() >= OPEN {
            let asks = cell.shared.asks();
            self.open.retain(|request| asks.target(*request).is_some());
        }
        self.open.push(request);
    }

    /// One turn. `cause` says more of what it is for than the job does.
    fn turn(&mut self, cell: &Arc<Cell>, mut instance: Box<Instance>, job: Job, cause: Cause) {
        cell.count_turn();
        if !instance.code.fiber {
            self.watch_for_shadow(&mut instance, &job);
            let result = instance.perform_at_once(&job);
            if let Ok(outcome) = &result {
                self.shadow_turn(cell, &mut instance, &job, outcome);
            }
            return self.finish(cell, instance, result, cause.with(job));
        }
        let cause = cause.with(job.clone());
        let turn = Box::pin(async move {
            let result = instance.perform(&job).await;
            (instance, result)
        });
        self.life = Life::Waiting(Waiting { turn, cause });
        self.go_on(cell);
    }

    /// Goes on with a turn that waits, if it can. Only a kill is taken in meanwhile.
    fn go_on(&mut self, cell: &Arc<Cell>) -> bool {
        if let Some(reason) = cell.next_kill(self.incarnation) {
            self.end(cell, reason);
            return true;
        }
        let Life::Waiting(waiting) = &mut self.life else { return false };
        let waker = Waker::from(cell.clone());
        match waiting.turn.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Pending => false,
            Poll::Ready((instance, result)) => {
                if let Life::Waiting(waiting) = std::mem::replace(&mut self.life, Life::Down) {
                    self.finish(cell, instance, result, waiting.cause);
                }
                true
            }
        }
    }

    /// A turn is over.
    fn finish(&mut self, cell: &Arc<Cell>, mut instance: Box<Instance>, result: Result<Outcome, Reason>, cause: Cause) {
        // Before what it asked for takes effect: who has heard of a turn finds its state kept.
        let ended = result.and_then(|outcome| {
            let kept = self.state_of(cell, &mut instance, &cause, &outcome)?;
            Ok((outcome, kept))
        });
        let (outcome, kept) = match ended {
            Ok(ended) => ended,
            Err(reason) => {
                // Before anything else, and before anybody is told.
                cell.shared.devices.release(cell.address, &reason.to_string());
                instance.turn().abort(&cell.shared, cell);
                instance.leave();
                return self.failed(cell, reason, cause);
            }
        };
        // Before the answer leaves: who has it must not see the actor still busy with the question, nor its place in the
        // mailbox taken.
        cell.handling.hide();
        if matches!(cause, Cause::Message(_)) && !matches!(outcome, Outcome::Next(Next::Defer)) {
            cell.mailbox.done();
        }
        if let Some(kept) = kept {
            self.keep(cell, &instance, kept);
        }
        instance.turn().commit(&cell.shared, cell);
        self.life = Life::Up(instance);
        self.prove(cell);
        match (cause, outcome) {
            (Cause::Stop(reason), _) => self.end(cell, reason),
            (Cause::Start, Outcome::Ignore) => self.ignored(cell),
            (Cause::Start, _) => {
                cell.set_up(true);
                let started = Input::Started { address: cell.address, incarnation: self.incarnation };
                cell.shared.control(started);
            }
            (Cause::Message(envelope), Outcome::Next(next)) => self.next(cell, next, Some(envelope)),
            (_, Outcome::Next(next)) => self.next(cell, next, None),
            (Cause::Message(_) | Cause::Again, _) => {}
        }
    }

    /// A turn failed, and what it was for was not done. The code before does it, if there is one to go back to; otherwise
    /// this incarnation ends.
    pub(crate) fn failed(&mut self, cell: &Arc<Cell>, reason: Reason, cause: Cause) {
        let message = if let Cause::Message(envelope) = &cause { Some(&**envelope) } else { None };
        report::fault(&cell.shared, cell, &reason, message);
        let cause = match reason.is_of_code() {
            true => self.roll_back(cell, &reason, cause),
            false => Err(cause),
        };
        let Err(cause) = cause else { return };
        if let Cause::Message(_) = cause {
            Self::lost(cell);
        }
        self.end(cell, reason);
    }

    /// A message is lost with the turn that handled it.
    fn lost(cell: &Arc<Cell>) {
        cell.mailbox.done();
        cell.shared.counts.lost.fetch_add(1, Ordering::Relaxed);
    }

    fn next(&mut self, cell: &Arc<Cell>, next: Next, envelope: Option<Box<Envelope>>) {
        match (next, envelope) {
            (Next::Defer, Some(envelope)) => self.deferred.push(envelope),
            (Next::Unhandled(why), Some(envelope)) => {
                cell.shared.dead_letter(&cell.name, &envelope, &why);
                report::unhandled(&cell.shared, cell, &envelope, &why);
                if let Some(request) = envelope.request {
                    cell.shared.answer(request, Err(Failure::Refused(why)));
                }
            }
            (Next::Same | Next::Defer | Next::Unhandled(_), _) => {}
            (Next::Changed, _) => self.put_back(cell),
            (Next::Stop, _) => self.end(cell, Reason::Normal),
            (Next::Become(behavior), _) => self.begin_to_become(cell, &behavior),
        }
    }

    /// Messages that were put aside come again, before those that came later.
    pub(crate) fn put_back(&mut self, cell: &Arc<Cell>) {
        cell.mailbox.put_back(std::mem::take(&mut self.deferred).into_iter());
    }

    pub(crate) fn begin_to_become(&mut self, cell: &Arc<Cell>, behavior: &str) {
        self.end_shadow(cell, &format!("the actor becomes {behavior}"), None);
        self.life = Life::Becoming;
        if let Err(why) = other::begin_to_become(self, cell, self.incarnation, behavior) {
            self.end(cell, Reason::Failed(format!("it could not become `{behavior}`: {why}")));
        }
    }

    /// The same actor goes on with other code, and its own state: the next message is for that.
    pub(crate) fn go_on_with(&mut self, cell: &Arc<Cell>, mut instance: Box<Instance>) {
        self.end_shadow(cell, "other code took the actor over", None);
        instance.go_live();
        cell.seen().show(&self.behavior, &instance.code);
        self.life = Life::Up(instance);
        self.watch_idle(cell);
    }

    /// What a [`Swap`] hands over with new code for a `become`.
    pub(crate) fn becomes(&mut self, swap: &Swap) {
        self.behavior = swap.behavior.clone();
        self.config = swap.config.clone();
        self.kept = None;
        self.past.clear();
    }
}

impl Cause {
    /// What a turn that is not a start or a stop is for, is its job.
    fn with(self, job: Job) -> Self {
        match (self, job) {
            (Self::Again, Job::Handle(envelope)) => Self::Message(envelope),
            (cause, _) => cause,
        }
    }
}
