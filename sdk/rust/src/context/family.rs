//! Spawning, ending and watching actors. The rules are Erlang's.

use super::Context;
use crate::{Actor, Address, Monitor, Next, Reason, Result, SpawnError, host, json};
use serde::Serialize;

/// An actor that was spawned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Child {
    /// Good at once; the actor starts when the turn ends well.
    pub address: Address,
    /// The monitor, when one was asked for.
    pub monitor: Option<Monitor>,
}

/// An actor to be spawned: see [`Context::spawn`].
#[derive(Debug, Clone)]
#[must_use = "nothing is spawned before `start`"]
pub struct Spawn {
    behavior: String,
    config: String,
    options: Options,
}

/// How an actor is spawned, as [`host`] takes it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    pub(crate) name: Option<String>,
    pub(crate) link: bool,
    pub(crate) monitor: bool,
    pub(crate) grants: Option<Vec<String>>,
}

impl Spawn {
    /// Its configuration: an object, merged over that of the behaviour in the manifest.
    ///
    /// # Errors
    /// [`SpawnError::Invalid`]: it has no form in JSON.
    pub fn config<C: Serialize + ?Sized>(mut self, config: &C) -> Result<Self, SpawnError> {
        self.config = json::write(config).map_err(|error| SpawnError::Invalid(error.to_string()))?;
        Ok(self)
    }

    /// A name to register it under. Needs the grant `register:NAME`.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.options.name = Some(name.into());
        self
    }

    /// Ties both together, as by [`Context::link`], from its first instant.
    pub fn linked(mut self) -> Self {
        self.options.link = true;
        self
    }

    /// Watches it, as by [`Context::monitor`], from its first instant.
    pub fn monitored(mut self) -> Self {
        self.options.monitor = true;
        self
    }

    /// What it may do: at most what this actor may do. Without this, all that its behaviour asks for in the manifest and
    /// this actor has.
    pub fn grants<G: Into<String>>(mut self, grants: impl IntoIterator<Item = G>) -> Self {
        self.options.grants = Some(grants.into_iter().map(Into::into).collect());
        self
    }

    /// Spawns it. A start that fails is told by the link or the monitor, as any other end.
    ///
    /// # Errors
    /// [`SpawnError`].
    pub fn start(self) -> Result<Child, SpawnError> {
        let (address, monitor) = host::spawn(&self.behavior, &self.config, self.options)?;
        Ok(Child { address, monitor: monitor.map(Monitor) })
    }
}

impl<A: Actor> Context<A> {
    /// Spawns an actor with a behaviour of the manifest. Needs the grant `spawn:BEHAVIOR`.
    ///
    /// ```
    /// # use greenroom::prelude::*;
    /// # fn handle<A: Actor>(ctx: &mut Context<A>) -> Result<()> {
    /// let child = ctx.spawn("mash").linked().start()?;
    /// ctx.exit(child.address, &Reason::Shutdown);
    /// # Ok(())
    /// # }
    /// ```
    pub fn spawn(&self, behavior: impl Into<String>) -> Spawn {
        Spawn { behavior: behavior.into(), config: "{}".into(), options: Options::default() }
    }

    /// Ties both together: when one ends abnormally, the other ends too, or is told if it traps exits.
    pub fn link(&self, to: Address) {
        host::link(to);
    }

    /// Removes the link.
    pub fn unlink(&self, to: Address) {
        host::unlink(to);
    }

    /// Watches an actor: [`Actor::down`] comes once when it ends, whatever the reason; with [`Reason::NoActor`] if it
    /// has already.
    pub fn monitor(&self, whom: Address) -> Monitor {
        Monitor(host::monitor(whom))
    }

    /// Removes a monitor; nothing of it comes any more.
    pub fn demonitor(&self, monitor: Monitor) {
        host::demonitor(monitor.0);
    }

    /// Whether the ends of linked actors come to [`Actor::exited`] and don't end this one.
    pub fn trap_exits(&self, on: bool) {
        host::trap_exits(on);
    }

    /// Ends this actor with a reason when the turn ends well (Erlang's `{stop, Reason, State}`): `return ctx.stop(why)`. Those
    /// linked to it see the reason. What waits in its mailbox is left for its next incarnation, if there is one.
    ///
    /// # Errors
    /// None; as a turn's result.
    pub fn stop(&mut self, why: &Reason) -> Result<Next> {
        if *why == Reason::Normal {
            return Ok(Next::Stop);
        }
        // Trapped, the signal to itself would be a message.
        host::trap_exits(false);
        host::exit(host::own_address(), why);
        self.ending = true;
        Ok(Next::Same)
    }

    /// Sends an exit signal, as if linked to `whom`: [`Reason::Normal`] does nothing to others, [`Reason::Killed`] cannot
    /// be trapped.
    pub fn exit(&self, whom: Address, why: &Reason) {
        host::exit(whom, why);
    }
}
