//! A shadow: new code beside an actor, which is given what the actor is given and whose effects are compared with the
//! actor's own, and not applied. It begins with the actor's state, in the actor's own turns, and ends with the incarnation,
//! with the next swap, when its time is up, or when it fails; nothing of it is ever seen by anybody else.
//!
//! [`record`] is the mirror that the calls go through (`contract/v0_1/mirror.rs`), [`report`] what is known of it,
//! [`order`] how people start and end one.

pub(crate) mod order;
pub(crate) mod record;
pub(crate) mod report;

use crate::body::{Body, Cause, Life};
use crate::cell::Cell;
use crate::contract::v0_1::exports::Occasion;
use crate::guest::Guest;
use crate::instance::{Instance, Job, Next, Outcome, Saved, poll_once};
use crate::report as tell;
use crate::swap::switch::{Refusal, save};
use crate::swap::{Failed, failed};
use greenroom_core::{Instant, Reason};
use record::{Lines, Mirror, Record, Replay};
use report::{Account, Finding};
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// Numbers and addresses that a shadow has not in common with its actor: with more, a comparison says nothing.
const STRANGERS: usize = 1 << 16;
/// How often people are told that something differs.
const PAUSE: Duration = Duration::from_secs(1);

/// New code beside an actor.
pub(crate) struct Shadow {
    instance: Box<Instance>,
    account: Arc<Account>,
    /// Questions, monitors and children of the actor's that the shadow knows nothing of.
    unknown: HashSet<Stranger>,
    /// When people were last told of a difference.
    told: Option<Instant>,
}

/// Something of the actor's that its shadow has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Stranger {
    Question(u64),
    Monitor(u64),
    Child(greenroom_core::Address),
}

/// New code that is to be a shadow.
#[derive(Debug)]
pub(crate) struct Offer {
    instance: Box<Instance>,
    /// Versions of state that it takes.
    accepts: Vec<u32>,
    bytes: Arc<[u8]>,
    source: PathBuf,
    time: Duration,
    /// Who wants it.
    done: oneshot::Sender<Result<(), Failed>>,
}

/// That a shadow is to end.
#[derive(Debug)]
pub(crate) struct Over {
    why: &'static str,
    /// Whether only one whose time is up ends.
    in_time: bool,
    done: Option<oneshot::Sender<()>>,
}

impl Over {
    fn in_time() -> Self {
        Self { why: "its time is up", in_time: true, done: None }
    }
}

impl Guest {
    /// It is a shadow, from the beginning on.
    fn into_shadow(mut self) -> Self {
        self.mirror = Some(Box::new(Mirror::Shadow(Replay::default())));
        self
    }
}

impl Instance {
    /// Has its next turn noted down, for the actor's shadow.
    fn watch(&mut self) {
        self.store.data_mut().mirror = Some(Box::new(Mirror::Watched(Record::default())));
    }

    /// What was noted down.
    fn watched(&mut self) -> Option<Record> {
        match *self.store.data_mut().mirror.take()? {
            Mirror::Watched(record) => Some(record),
            Mirror::Shadow(_) => None,
        }
    }

    /// As a shadow, does what the actor has just done. What it would have done, and what the actor did.
    fn shadow(&mut self, job: &Job, actor: Record) -> Result<(Outcome, Lines, Record), Reason> {
        if let Some(replay) = self.store.data_mut().replay() {
            replay.begin(actor);
        }
        let outcome = poll_once(self.perform(job)).unwrap_or_else(|| Err(Reason::Failed("it waits".into())));
        // Nothing of a shadow's can be in it.
        drop(self.take_turn());
        let ended = self.store.data_mut().replay().map(Replay::end).unwrap_or_default();
        outcome.map(|outcome| (outcome, ended.0, ended.1))
    }

    fn own_children(&mut self) -> usize {
        self.store.data_mut().replay().map_or(0, |replay| replay.spawned())
    }
}

impl Body {
    /// Between two turns: new code is to be a shadow from now on.
    pub(crate) fn begin_shadow(&mut self, cell: &Arc<Cell>, offer: Offer) {
        let Offer { mut instance, accepts, bytes, source, time, done } = offer;
        let begun = match std::mem::replace(&mut self.life, Life::Down) {
            Life::Up(old) if self.shadow.is_none() && self.behavior.source == source => {
                self.start_shadow(cell, old, &mut instance, &accepts)
            }
            life => {
                let why = match &life {
                    Life::Up(_) if self.shadow.is_some() => "it has a shadow already: promote or drop that first",
                    Life::Up(_) => "it runs another component by now: try again",
                    _ => "the actor is not running, or about to run other code: try again",
                };
                self.life = life;
                Err(failed("busy", why))
            }
        };
        // Whoever wanted it may be gone; the events tell everybody else.
        drop(done.send(begun.map(|(from, state, began)| {
            let (to, now) = (instance.code.digest, cell.shared.now());
            let account = Account::new(from, to, state, now + time, &began);
            cell.shared.shadows.put(cell.address, account.clone(), bytes, source);
            tell::shadow_began(&cell.shared, cell, &from.short(), &to.short(), state, time);
            self.shadow = Some(Box::new(Shadow { instance, account, unknown: HashSet::new(), told: None }));
            cell.shared.due(now + time);
        })));
    }

    /// Has it begin beside the actor's code, which stands still.
    fn start_shadow(
        &mut self,
        cell: &Arc<Cell>,
        mut old: Box<Instance>,
        new: &mut Instance,
        accepts: &[u32],
    ) -> Result<(crate::component::Digest, &'static str, Lines), Failed> {
        let from = old.code.digest;
        if old.code.fiber {
            self.life = Life::Up(old);
            return Err(order::asks(&self.behavior.source));
        }
        let saved = match (old.has_state() && new.has_state()).then(|| save(&mut old, accepts)).transpose() {
            Ok(saved) => saved,
            Err(Refusal::Ended(reason)) => {
                let why = format!("the running code ended when it was to save its state: {reason}");
                self.failed(cell, reason, Cause::Again);
                return Err(failed("state", why));
            }
            Err(Refusal::Not(why)) => {
                self.life = Life::Up(old);
                return Err(failed("state", why));
            }
        };
        self.life = Life::Up(old);
        let (state, stage) = if saved.is_some() { ("kept", "state") } else { ("fresh", "start") };
        let job = saved.map_or(Job::Init, |saved| Job::Restore(Occasion::Swapped, saved));
        match new.shadow(&job, Record::default()) {
            Ok((Outcome::Ignore, ..)) => {
                Err(failed("start", "the new code has nothing to do: its `init` says `ignore`"))
            }
            Ok((_, began, _)) => Ok((from, state, began)),
            Err(reason) => Err(failed(stage, reason.to_string())),
        }
    }

    /// The actor's next turn is noted down, if it has a shadow.
    pub(crate) fn watch_for_shadow(&self, instance: &mut Instance, job: &Job) {
        let compared = matches!(job, Job::Handle(_) | Job::Answered(..) | Job::Exited(..) | Job::Down(..));
        if self.shadow.is_some() && compared {
            instance.watch();
        }
    }

    /// The actor's turn has ended well, and nothing of it has happened yet: its shadow has the same one.
    pub(crate) fn shadow_turn(&mut self, cell: &Arc<Cell>, instance: &mut Instance, job: &Job, outcome: &Outcome) {
        let Some(mut actor) = instance.watched() else { return };
        let Some(shadow) = &mut self.shadow else { return };
        if shadow.knows_nothing_of(job) {
            return;
        }
        if actor.overflows {
            return self.end_shadow(cell, "one turn of the actor's made more calls than can be compared", None);
        }
        note_outcome(&mut actor.lines, outcome);
        match shadow.turn(cell, job, actor) {
            Ok(None) => {}
            Ok(Some(next)) if next == outcome_word(outcome) => {}
            Ok(Some(next)) => self.end_shadow(cell, &format!("{next}, and the running code does not"), None),
            Err(why) => self.end_shadow(cell, &why, None),
        }
    }

    /// The shadow is to end, if there is one, and its time is up where that matters.
    pub(crate) fn shadow_over(&mut self, cell: &Arc<Cell>, over: Over) {
        let Over { why, in_time, done } = over;
        let now = cell.shared.now();
        let ends = self.shadow.as_ref().is_some_and(|shadow| !in_time || shadow.account.until <= now);
        if ends {
            let differ = self.states_differ(cell);
            self.end_shadow(cell, why, differ);
        }
        if let Some(done) = done {
            // Who wanted it may be gone.
            _ = done.send(());
        }
    }

    /// Whether the actor's state and its shadow's differ. None: that cannot be said.
    fn states_differ(&mut self, cell: &Arc<Cell>) -> Option<bool> {
        let Life::Up(instance) = &mut self.life else { return None };
        let saved = match self.shadow.as_mut()?.instance.save() {
            Ok(Some(Ok(saved))) => saved,
            _ => return None,
        };
        let same = |own: &Saved| own.bytes == saved.bytes;
        match instance.save() {
            Ok(Some(Ok(own))) => (own.version == saved.version).then(|| !same(&own)),
            Ok(_) => None,
            Err(reason) => {
                // As at a swap: code that cannot be asked for its state has trapped.
                self.life = Life::Down;
                self.failed(cell, reason, Cause::Again);
                None
            }
        }
    }

    /// The shadow goes, if there is one. What it has shown stays.
    pub(crate) fn end_shadow(&mut self, cell: &Arc<Cell>, why: &str, states_differ: Option<bool>) {
        let Some(shadow) = self.shadow.take() else { return };
        let account = shadow.account.clone();
        drop(shadow);
        account.end(why, states_differ);
        let (turns, different) = account.count();
        tell::shadow_ended(&cell.shared, cell, turns, different, states_differ, why);
    }
}

impl Shadow {
    /// Whether this is about something that only the actor has.
    fn knows_nothing_of(&mut self, job: &Job) -> bool {
        match job {
            Job::Answered(answer) => self.unknown.remove(&Stranger::Question(answer.0.0)),
            Job::Down(monitor, ..) => self.unknown.remove(&Stranger::Monitor(monitor.0)),
            Job::Exited(who, _) => self.unknown.contains(&Stranger::Child(*who)),
            _ => false,
        }
    }

    /// Has the actor's turn, and compares. Err: it is over with it, and why. Some: its code would be over with it.
    fn turn(&mut self, cell: &Arc<Cell>, job: &Job, actor: Record) -> Result<Option<String>, String> {
        let (outcome, mut lines, actor) =
            self.instance.shadow(job, actor).map_err(|reason| format!("it failed: {reason}"))?;
        note_outcome(&mut lines, &outcome);
        let finding = self.account.compare(job, &actor.lines, &lines);
        if let Some(finding) = finding {
            self.tell(cell, &finding);
        }
        for (function, answer) in actor.left() {
            self.unknown.extend(strangers(function, &*answer));
        }
        if self.unknown.len() + self.instance.own_children() > STRANGERS {
            return Err(format!("more than {STRANGERS} questions, monitors and children have no partner"));
        }
        match outcome {
            Outcome::Next(Next::Stop | Next::Become(_)) => Ok(Some(outcome_word(&outcome))),
            _ => Ok(None),
        }
    }

    fn tell(&mut self, cell: &Arc<Cell>, finding: &Finding) {
        let now = cell.shared.now();
        if self.told.is_none_or(|told| now.since(told) >= PAUSE) {
            self.told = Some(now);
            tell::shadow_differs(&cell.shared, cell, finding, self.account.count());
        }
    }
}

/// What an answer that only the actor was given stands for.
fn strangers(function: &str, answer: &dyn std::any::Any) -> Vec<Stranger> {
    use crate::contract::v0_1::bindings::greenroom::actor::{actors, types};
    let mut strangers = Vec::new();
    match function {
        "ask" => {
            let asked = answer.downcast_ref::<Result<u64, types::AskError>>();
            strangers.extend(asked.and_then(|asked| asked.as_ref().ok()).map(|request| Stranger::Question(*request)));
        }
        "monitor" => strangers.extend(answer.downcast_ref().map(|monitor| Stranger::Monitor(*monitor))),
        "spawn" => {
            let spawned = answer.downcast_ref::<Result<actors::Spawned, actors::SpawnError>>();
            if let Some(Ok(spawned)) = spawned {
                let child = crate::contract::v0_1::convert::core_address(spawned.address);
                strangers.push(Stranger::Child(child));
                strangers.extend(spawned.monitor.map(Stranger::Monitor));
            }
        }
        _ => {}
    }
    strangers
}

fn note_outcome(lines: &mut Lines, outcome: &Outcome) {
    if !matches!(outcome, Outcome::Next(Next::Same) | Outcome::Ready | Outcome::Done) {
        lines.push(&outcome_word(outcome));
    }
}

fn outcome_word(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Next(Next::Changed) => "changes, so that what was put aside comes again".into(),
        Outcome::Next(Next::Defer) => "puts the message aside".into(),
        Outcome::Next(Next::Unhandled(why)) => format!("does not understand the message: {why}"),
        Outcome::Next(Next::Become(behavior)) => format!("becomes {behavior}"),
        Outcome::Next(Next::Stop) => "stops".into(),
        Outcome::Ignore => "has nothing to do".into(),
        Outcome::Next(Next::Same) | Outcome::Ready | Outcome::Done => String::new(),
    }
}
