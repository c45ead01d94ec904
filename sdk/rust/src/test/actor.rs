//! One actor under test.

use super::host::Host;
use super::runner::{Runner, fresh};
use crate::instance::Instance;
use crate::{Actor, Address, AskError, Occasion, Reason, Sendable, State};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::any::Any;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

/// An actor under test, on a [`Host`] of its own, to which everything else is handed through.
pub struct Test<A> {
    host: Host,
    address: Address,
    actor: PhantomData<fn(A)>,
}

impl<A> Deref for Test<A> {
    type Target = Host;
    fn deref(&self) -> &Host {
        &self.host
    }
}

impl<A> DerefMut for Test<A> {
    fn deref_mut(&mut self) -> &mut Host {
        &mut self.host
    }
}

impl<A: Actor> Test<A> {
    /// The name that the actor is registered under.
    pub const NAME: &'static str = "under-test";

    /// Starts the actor on a new host.
    ///
    /// # Panics
    /// It ended in its first turn.
    #[track_caller]
    pub fn start(config: impl Serialize) -> Self {
        Self::on(Host::new(), config)
    }

    /// Starts the actor on a host with what it needs from its first turn on.
    ///
    /// # Panics
    /// It ended in its first turn.
    #[track_caller]
    pub fn on(host: Host, config: impl Serialize) -> Self {
        match Self::try_on(host, config) {
            Ok(test) => test,
            Err(why) => panic!("the actor did not start: {why}"),
        }
    }

    /// Starts the actor on a host.
    ///
    /// # Errors
    /// Why it ended in its first turn.
    pub fn try_on(mut host: Host, config: impl Serialize) -> Result<Self, Reason> {
        let address = host.start::<A>(Self::NAME, &config)?;
        Ok(Self { host, address, actor: PhantomData })
    }

    /// The actor's address.
    pub fn address(&self) -> Address {
        self.address
    }

    /// Sends it a message from outside.
    #[track_caller]
    pub fn tell(&mut self, message: impl Sendable) {
        self.host.tell(self.address, &message);
    }

    /// Sends it a message from an actor.
    #[track_caller]
    pub fn tell_by(&mut self, sender: Address, message: impl Sendable) {
        self.host.tell_from(sender, self.address, &message);
    }

    /// Asks it, and lets time pass until the answer is there: at most 5 s.
    ///
    /// # Errors
    /// [`AskError`].
    #[track_caller]
    pub fn ask<T: DeserializeOwned>(&mut self, message: impl Sendable) -> Result<T, AskError> {
        self.host.ask(self.address, &message)
    }

    /// Why it has ended, if it has.
    pub fn why_ended(&self) -> Option<Reason> {
        self.host.ended(self.address)
    }

    /// Restarts it without its state, as a supervisor does by default: all that was its own is gone.
    ///
    /// # Panics
    /// It ended in its first turn.
    #[track_caller]
    pub fn restart_fresh(&mut self) {
        let config = self.begin_restart();
        let started = self.host.world.replace(self.address, fresh::<A>(), |runner| match runner.init(&config) {
            Ok(true) => Ok(()),
            Ok(false) => Err("it is to be ignored".into()),
            Err(why) => Err(why),
        });
        self.host.world.run();
        if let Err(why) = started {
            panic!("the actor did not start again: {why}");
        }
    }

    /// Ends this incarnation, when it has not ended by itself, and makes room for the next.
    fn begin_restart(&mut self) -> String {
        self.host.end(self.address, Reason::Killed);
        self.host.world.names.insert(Self::NAME.into(), self.address);
        let Some(actor) = self.host.world.actors.get_mut(&self.address) else { return String::new() };
        actor.ended = None;
        actor.traps_exits = false;
        actor.config.clone()
    }
}

impl<A: State> Test<A> {
    /// Has its state saved now and after each good turn from now on, as with `keep-state = "restarts"`.
    #[must_use]
    pub fn keeping_state(mut self) -> Self {
        if let Some(actor) = self.host.world.actors.get_mut(&self.address) {
            actor.saver = Some(saver::<A>);
        }
        self.host.world.keep(self.address);
        self
    }

    /// Restarts it with its state as of the last good turn. When it has ended by itself, only what
    /// [`Test::keeping_state`] saved before is left.
    ///
    /// # Panics
    /// There is no saved state, or it does not start.
    #[track_caller]
    pub fn restart(&mut self) {
        let kept = self.host.world.actors.get(&self.address).and_then(|actor| actor.saved.clone());
        let saved = kept.map_or_else(|| self.host.world.between(self.address, saver::<A>), Ok);
        let config = self.begin_restart();
        let started = saved.and_then(|bytes| self.resume::<A>(Occasion::Restarted, &config, A::VERSION, &bytes));
        if let Err(why) = started {
            panic!("the actor did not start again: {why}");
        }
    }

    /// Swaps in other code, which takes over the state, and all else as it is.
    ///
    /// # Panics
    /// The new code does not take it.
    #[track_caller]
    #[must_use]
    pub fn swap<New: State>(mut self) -> Test<New> {
        match self.try_swap::<New>() {
            Ok(()) => Test { host: self.host, address: self.address, actor: PhantomData },
            Err(why) => panic!("the swap failed: {why}"),
        }
    }

    /// As [`Test::swap`], for a swap that is to fail: the old code goes on as it was.
    ///
    /// # Errors
    /// Why the new code does not take it.
    pub fn try_swap<New: State>(&mut self) -> Result<(), String> {
        let bytes = self.host.world.between(self.address, saver::<A>)?;
        let accepts = Instance::<New>::accepts();
        if !accepts.contains(&A::VERSION) {
            return Err(format!("state of version {} can't be taken: version {accepts:?} can", A::VERSION));
        }
        let config = self.host.world.actors.get(&self.address).map(|actor| actor.config.clone()).unwrap_or_default();
        self.resume::<New>(Occasion::Swapped, &config, A::VERSION, &bytes)
    }

    fn resume<New: State>(
        &mut self,
        occasion: Occasion,
        config: &str,
        version: u32,
        bytes: &[u8],
    ) -> Result<(), String> {
        let resumed = self.host.world.replace(self.address, fresh::<New>(), |runner| {
            let runner: &mut dyn Any = runner;
            let instance = runner.downcast_mut::<Instance<New>>().ok_or("it is of another type")?;
            instance.restore(occasion, config, version, bytes)
        });
        self.host.world.run();
        resumed
    }
}

/// Saves an actor that is an `A`.
fn saver<A: State>(runner: &mut dyn Runner) -> Result<Vec<u8>, String> {
    let runner: &mut dyn Any = runner;
    runner.downcast_ref::<Instance<A>>().ok_or("the actor has become another")?.save()
}
