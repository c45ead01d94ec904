//! Does what it is told to, as the scripts of the conformance suite want it: ends as this or that, ties itself to others,
//! spawns, names itself, and logs what it hears. How its starts and its stops go it asks the actor `director`.

use greenroom::prelude::*;
use greenroom::{NameError, Spawn, SpawnError};
use std::collections::BTreeMap;
use std::hint::black_box;

/// The probe.
pub struct Puppet {
    kept: Kept,
}

/// What goes over to a new build of it.
#[derive(Serialize, Deserialize)]
pub struct Kept {
    who: String,
    director: Address,
    /// The host's numbers of its monitors, by those of the script.
    monitors: BTreeMap<u64, Monitor>,
}

/// Who it is.
#[derive(Serialize, Deserialize)]
pub struct Part {
    /// What the script calls it.
    who: String,
}

/// What it understands. All of it is answered with `done` where nothing else is said.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// End as `normal`, `shutdown`, `failed`, `trapped`, `out-of-time` or `out-of-memory`.
    End {
        /// As what.
        why: String,
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
    /// Monitor an actor.
    Monitor {
        /// The script's number of it.
        number: u64,
        /// Whom.
        whom: Address,
    },
    /// Remove a monitor.
    Demonitor {
        /// The script's number of it.
        number: u64,
    },
    /// Trap exits from now on.
    TrapExits,
    /// Send an exit signal.
    Exit {
        /// To whom.
        whom: Address,
        /// Why.
        why: String,
    },
    /// Spawn another puppet, or two that are to have the same name. Answered with their addresses.
    Spawn {
        /// What the script calls it, or them.
        who: Vec<String>,
        /// A name for it.
        name: Option<String>,
        /// Link it.
        #[serde(default)]
        link: bool,
        /// Monitor it, by this number of the script.
        number: Option<u64>,
    },
    /// Register under a name.
    Register {
        /// The name.
        name: String,
    },
    /// Give up a name.
    Unregister {
        /// The name.
        name: String,
    },
}

/// What it asks the director.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Question<'a> {
    Starts { who: &'a str },
    Stops { who: &'a str },
}

/// Seconds that it waits for the director, at most: more than any script takes.
const LONG: u64 = 3600;

fn reason(word: &str) -> Reason {
    match word {
        "normal" => Reason::Normal,
        "shutdown" => Reason::Shutdown,
        "killed" => Reason::Killed,
        "failed" => Reason::Failed("as it was told to".into()),
        word => Reason::Other(word.into()),
    }
}

/// Ends this turn, and with it the actor, as what only a fault does. Returns for any other reason.
fn break_down(why: &str) {
    match why {
        "trapped" => panic!("as it was told to"),
        "out-of-time" => loop {
            black_box(());
        },
        "out-of-memory" => {
            let mut hoard = Vec::new();
            loop {
                hoard.push(black_box(vec![1u8; 64 * 1024]));
            }
        }
        _ => {}
    }
}

impl Puppet {
    fn spawn(&mut self, spawn: Spawn, number: Option<u64>) -> core::result::Result<Address, String> {
        match spawn.start() {
            Ok(Child { address, monitor }) => {
                if let (Some(number), Some(monitor)) = (number, monitor) {
                    self.kept.monitors.insert(number, monitor);
                }
                Ok(address)
            }
            Err(SpawnError::NameTaken) => Err("name-taken".into()),
            Err(why) => Err(why.to_string()),
        }
    }
}

impl Actor for Puppet {
    type Config = Part;
    type Message = Order;

    fn init(Part { who }: Part, ctx: &mut Context<Self>) -> Result<Self> {
        let Some(director) = ctx.lookup("director")? else { return Err(Error::new("there is no director")) };
        let fate: String = ctx.ask_wait(director, &Question::Starts { who: &who }, LONG.s())?;
        match fate.as_str() {
            "run" => Ok(Self { kept: Kept { who, director, monitors: BTreeMap::new() } }),
            "ignore" => Err(Error::ignore()),
            _ => Err(Error::new("as it was told to")),
        }
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        match message {
            Order::End { why } => {
                break_down(&why);
                match why.as_str() {
                    "normal" => return Ok(Next::Stop),
                    "failed" => return Err(Error::new("as it was told to")),
                    why => ctx.exit(ctx.address(), &reason(why)),
                }
            }
            Order::Link { to } => ctx.link(to),
            Order::Unlink { to } => ctx.unlink(to),
            Order::Monitor { number, whom } => drop(self.kept.monitors.insert(number, ctx.monitor(whom))),
            Order::Demonitor { number } => match self.kept.monitors.get(&number) {
                Some(monitor) => ctx.demonitor(*monitor),
                None => return ctx.refuse(format!("it has no monitor {number}")),
            },
            Order::TrapExits => ctx.trap_exits(true),
            Order::Exit { whom, why } => ctx.exit(whom, &reason(&why)),
            Order::Spawn { who, name, link, number } => {
                let mut born = Vec::new();
                for who in who {
                    let mut spawn = ctx.spawn("puppet").config(&Part { who })?;
                    spawn = if let Some(name) = &name { spawn.named(name) } else { spawn };
                    spawn = if link { spawn.linked() } else { spawn };
                    spawn = if number.is_some() { spawn.monitored() } else { spawn };
                    match self.spawn(spawn, number) {
                        Ok(address) => born.push(address),
                        Err(why) => return ctx.refuse(why),
                    }
                }
                return ctx.reply(&born);
            }
            Order::Register { name } => match ctx.register(&name) {
                Ok(()) => {}
                Err(NameError::Taken) => return ctx.refuse("name-taken"),
                Err(why) => return ctx.refuse(why.to_string()),
            },
            Order::Unregister { name } => ctx.unregister(&name),
        }
        ctx.reply("done")
    }

    fn exited(&mut self, who: Address, why: Reason, _: &mut Context<Self>) -> Result<Next> {
        info!("exited {who} {why}");
        Ok(Next::Same)
    }

    fn down(&mut self, monitor: Monitor, who: Address, why: Reason, _: &mut Context<Self>) -> Result<Next> {
        let known = self.kept.monitors.iter().find(|(_, known)| **known == monitor);
        let Some((number, _)) = known else { return Err(Error::new("it has no such monitor")) };
        info!("down {number} {who} {why}");
        Ok(Next::Same)
    }

    fn stopping(&mut self, _: Reason, ctx: &mut Context<Self>) {
        let Kept { who, director, .. } = &self.kept;
        let question = Question::Stops { who };
        // Without a director it ends as it was asked to.
        let Ok(why) = ctx.ask_wait::<_, String>(*director, &question, LONG.s()) else { return };
        break_down(&why);
        if why != "shutdown" {
            ctx.exit(ctx.address(), &reason(&why));
            // The signal goes out with the turn so far, and ends this one, whatever comes of it.
            drop(ctx.ask_wait::<_, String>(*director, &question, LONG.s()));
        }
    }
}

impl State for Puppet {
    type Kept = Kept;
    const VERSION: u32 = 1;

    fn keep(&self) -> &Kept {
        &self.kept
    }

    fn resume(kept: Kept, _: Part, _: Occasion, _: &mut Context<Self>) -> Result<Self> {
        Ok(Self { kept })
    }
}

greenroom::export!(Puppet, state);
