//! Spawns, links, monitors and ends actors by message, and tells what it heard of them.

use greenroom::prelude::*;
use std::collections::BTreeMap;

/// The probe.
pub struct Spawner {
    heard: Vec<Heard>,
}

/// What it understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Spawn an actor. Answered with [`Born`], or refused with the reason.
    Spawn {
        /// The behaviour.
        behavior: String,
        /// A name for it.
        name: Option<String>,
        /// Its configuration.
        #[serde(default)]
        config: BTreeMap<String, String>,
        /// Link it.
        #[serde(default)]
        link: bool,
        /// Monitor it.
        #[serde(default)]
        monitor: bool,
        /// What it may do.
        grants: Option<Vec<String>>,
    },
    /// Link an actor.
    Link {
        /// Whom.
        to: Address,
    },
    /// Unlink an actor.
    Unlink {
        /// Whom.
        to: Address,
    },
    /// Monitor an actor. Answered with the monitor.
    Monitor {
        /// Whom.
        whom: Address,
    },
    /// Remove a monitor.
    Demonitor {
        /// Which.
        monitor: Monitor,
        /// Only when nobody has this name any more: until then, the turn goes on.
        gone: Option<String>,
    },
    /// Trap exits from now on, or no more.
    TrapExits {
        /// Whether.
        on: bool,
    },
    /// Send an exit signal.
    Exit {
        /// To whom.
        whom: Address,
        /// Why.
        why: Reason,
    },
    /// Register under a name. Answered, or refused with the reason.
    Register {
        /// The name.
        name: String,
    },
    /// Look a name up. Answered with who has it, or refused with the reason.
    Lookup {
        /// The name.
        name: String,
    },
    /// Answer what it has heard, oldest first.
    Heard,
    /// End, as planned.
    Stop,
}

/// An actor that was spawned.
#[derive(Serialize, Deserialize)]
pub struct Born {
    /// Its address.
    pub address: Address,
    /// The monitor, if one was wanted.
    pub monitor: Option<Monitor>,
}

/// What it heard of an actor.
#[derive(Clone, Serialize, Deserialize)]
pub struct Heard {
    /// `exited`, `down`, or `stopping` of itself.
    pub what: String,
    /// Of whom.
    pub who: Address,
    /// Why.
    pub why: Reason,
    /// Which monitor told.
    pub monitor: Option<Monitor>,
}

impl Spawner {
    fn hear(&mut self, what: &str, who: Address, why: Reason, monitor: Option<Monitor>) -> Result<Next> {
        info!("{what} {why}");
        self.heard.push(Heard { what: what.into(), who, why, monitor });
        Ok(Next::Same)
    }
}

impl Actor for Spawner {
    type Config = ();
    type Message = Order;

    fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
        Ok(Self { heard: Vec::new() })
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        match message {
            Order::Spawn { behavior, name, config, link, monitor, grants } => {
                let mut spawn = ctx.spawn(behavior).config(&config)?;
                spawn = if let Some(name) = name { spawn.named(name) } else { spawn };
                spawn = if link { spawn.linked() } else { spawn };
                spawn = if monitor { spawn.monitored() } else { spawn };
                spawn = if let Some(grants) = grants { spawn.grants(grants) } else { spawn };
                return match spawn.start() {
                    Ok(Child { address, monitor }) => ctx.reply(&Born { address, monitor }),
                    Err(why) => ctx.refuse(why.to_string()),
                };
            }
            Order::Link { to } => ctx.link(to),
            Order::Unlink { to } => ctx.unlink(to),
            Order::Monitor { whom } => return ctx.reply(&ctx.monitor(whom)),
            Order::Demonitor { monitor, gone } => {
                while let Some(name) = &gone
                    && ctx.lookup(name)?.is_some()
                {}
                ctx.demonitor(monitor);
            }
            Order::TrapExits { on } => ctx.trap_exits(on),
            Order::Exit { whom, why } => ctx.exit(whom, &why),
            Order::Register { name } => match ctx.register(&name) {
                Ok(()) => {}
                Err(why) => return ctx.refuse(why.to_string()),
            },
            Order::Lookup { name } => match ctx.lookup(&name) {
                Ok(found) => return ctx.reply(&found),
                Err(why) => return ctx.refuse(why.to_string()),
            },
            Order::Heard => return ctx.reply(&self.heard),
            Order::Stop => return Ok(Next::Stop),
        }
        ctx.reply("done")
    }

    fn exited(&mut self, who: Address, why: Reason, _: &mut Context<Self>) -> Result<Next> {
        self.hear("exited", who, why, None)
    }

    fn down(&mut self, monitor: Monitor, who: Address, why: Reason, _: &mut Context<Self>) -> Result<Next> {
        self.hear("down", who, why, Some(monitor))
    }

    fn stopping(&mut self, why: Reason, _: &mut Context<Self>) {
        info!("stopping {why}");
    }
}

greenroom::export!(Spawner);
