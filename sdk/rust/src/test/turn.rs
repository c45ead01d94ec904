//! Turns: one at a time, and a transaction. What a turn asks for is collected, and takes effect when it ends well.

use super::effect::Effect;
use super::runner::Runner;
use super::world::{Signal, World};
use crate::{Address, Envelope, Next, Reason};
use std::any::Any;
use std::cell::RefCell;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    /// The turn that runs on this thread: what the functions of `imports` work on.
    static STAGE: RefCell<Option<Stage>> = const { RefCell::new(None) };
}

/// A turn while it runs.
pub(super) struct Stage {
    pub(super) world: World,
    pub(super) me: Address,
    pub(super) effects: Vec<Effect>,
}

/// Works on the turn that runs; none outside of any.
pub(super) fn on_stage<T>(work: impl FnOnce(&mut Stage) -> T) -> Option<T> {
    STAGE.with_borrow_mut(|stage| stage.as_mut().map(work))
}

/// Leaves the stage for as long as `work` takes, with what was asked for so far taking effect: a wait in the turn.
pub(super) fn off_stage<T>(work: impl FnOnce(&mut World, Address) -> T) -> Option<T> {
    let mut stage = STAGE.take()?;
    stage.world.commit(stage.me, mem::take(&mut stage.effects));
    let result = work(&mut stage.world, stage.me);
    STAGE.set(Some(stage));
    Some(result)
}

impl World {
    /// Has an actor's code run on the stage. What it asked for, if it ended well; why the actor ends, if not.
    fn enter<T>(
        &mut self,
        me: Address,
        runner: &mut dyn Runner,
        run: impl FnOnce(&mut dyn Runner) -> Result<T, String>,
    ) -> Result<(T, Vec<Effect>), Reason> {
        let outer = STAGE.replace(Some(Stage { world: mem::take(self), me, effects: Vec::new() }));
        let result = catch_unwind(AssertUnwindSafe(|| run(runner)));
        let Some(stage) = STAGE.replace(outer) else {
            return Err(Reason::Other("the turn lost its stage".into()));
        };
        *self = stage.world;
        match result {
            Ok(Ok(value)) => Ok((value, stage.effects)),
            Ok(Err(text)) => Err(Reason::Failed(text)),
            Err(panic) => Err(Reason::Trapped(text_of(&*panic))),
        }
    }

    /// Runs one turn of an actor. None when it ended in it, or has no code to run.
    fn turn<T>(&mut self, me: Address, run: impl FnOnce(&mut dyn Runner) -> Result<T, String>) -> Option<T> {
        let mut runner = self.actors.get_mut(&me)?.runner.take()?;
        let result = self.enter(me, &mut *runner, run);
        self.settle(me, runner);
        match result {
            Ok((value, effects)) => {
                self.commit(me, effects);
                self.keep(me);
                Some(value)
            }
            Err(why) => {
                self.end(me, why);
                None
            }
        }
    }

    /// After a good turn, the state is saved where the test wants it to be.
    pub(super) fn keep(&mut self, me: Address) {
        let Some(saver) = self.actors.get(&me).and_then(|actor| actor.saver) else { return };
        if let (Ok(saved), Some(actor)) = (self.between(me, saver), self.actors.get_mut(&me)) {
            actor.saved = Some(saved);
        }
    }

    /// Puts the actor's code back, and what came for it meanwhile in front of what came later.
    fn settle(&mut self, me: Address, runner: Box<dyn Runner>) {
        if let Some(actor) = self.actors.get_mut(&me) {
            actor.runner = Some(runner);
            let held = mem::take(&mut actor.held);
            for envelope in held.into_iter().rev() {
                self.mail.push_front((me, envelope));
            }
        }
    }

    /// A message's turn.
    pub(super) fn message(&mut self, me: Address, envelope: Envelope) {
        let next = self.turn(me, |runner| runner.handle(envelope.clone()));
        match next {
            Some(Next::Defer) => {
                if let Some(actor) = self.actors.get_mut(&me) {
                    actor.deferred.push_back(envelope);
                }
            }
            Some(Next::Unhandled(why)) => self.dead_letter(envelope, &why),
            Some(next) => self.proceed(me, next),
            None => {}
        }
    }

    /// A signal's turn.
    pub(super) fn signal(&mut self, me: Address, signal: Signal) {
        if !self.is_alive(me) {
            return;
        }
        let next = match signal {
            Signal::Start => {
                let config = self.actors.get(&me).map(|actor| actor.config.clone()).unwrap_or_default();
                match self.turn(me, |runner| runner.init(&config)) {
                    Some(true) => Some(Next::Same),
                    Some(false) => Some(Next::Stop),
                    None => None,
                }
            }
            Signal::Exited(who, why) => self.turn(me, |runner| runner.exited(who, why)),
            Signal::Down(monitor, who, why) => self.turn(me, |runner| runner.down(monitor, who, why)),
            Signal::Answered(request, answer) => self.turn(me, |runner| runner.answered(request, answer)),
        };
        if let Some(next) = next {
            self.proceed(me, next);
        }
    }

    fn proceed(&mut self, me: Address, next: Next) {
        match next {
            Next::Same | Next::Defer | Next::Unhandled(_) => {}
            Next::Changed => self.undefer(me),
            Next::Stop => self.end(me, Reason::Normal),
            Next::Become(name) => {
                let Some((make, config)) = self.behaviors.get(&name) else {
                    return self.end(me, Reason::Failed(format!("there is no behavior `{name}` to become")));
                };
                let (runner, config) = (make(), config.to_string());
                if let Some(actor) = self.actors.get_mut(&me) {
                    actor.runner = Some(runner);
                    actor.config = config;
                }
                self.undefer(me);
                self.signals.push_front((me, Signal::Start));
            }
        }
    }

    /// Delivers again what was put aside, oldest first.
    fn undefer(&mut self, me: Address) {
        if let Some(actor) = self.actors.get_mut(&me) {
            for envelope in mem::take(&mut actor.deferred).into_iter().rev() {
                self.mail.push_front((me, envelope));
            }
        }
    }

    /// Runs something with the actor's code between turns; what it asks for is dropped.
    pub(super) fn between<T>(
        &mut self,
        me: Address,
        run: impl FnOnce(&mut dyn Runner) -> Result<T, String>,
    ) -> Result<T, String> {
        let runner = self.actors.get_mut(&me).and_then(|actor| actor.runner.take());
        let mut runner = runner.ok_or("the actor has no code to run")?;
        let result = self.enter(me, &mut *runner, run);
        self.settle(me, runner);
        result.map(|(value, _)| value).map_err(|why| why.to_string())
    }

    /// Starts other code for an actor in its first turn. When that fails, the old code carries on.
    pub(super) fn replace(
        &mut self,
        me: Address,
        mut runner: Box<dyn Runner>,
        start: impl FnOnce(&mut dyn Runner) -> Result<(), String>,
    ) -> Result<(), String> {
        let ((), effects) = self.enter(me, &mut *runner, start).map_err(|why| why.to_string())?;
        self.settle(me, runner);
        self.commit(me, effects);
        self.keep(me);
        Ok(())
    }
}

fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "panicked".into())
}
