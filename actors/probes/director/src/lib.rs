//! Tells puppets how their starts go and whether they stop when they are asked to: what an actor cannot be told by a
//! message, because it does not handle any then.

use greenroom::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// The probe.
pub struct Director {
    plot: Plot,
    /// Puppets that wait in their last turn.
    held: BTreeMap<String, Request>,
}

/// What is to come.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Plot {
    /// How many starts of each fail.
    fail: BTreeMap<String, u32>,
    /// How many starts of each find nothing to do, after those that fail.
    ignore: BTreeMap<String, u32>,
    /// Who does not stop when it is asked to.
    stubborn: BTreeSet<String>,
}

/// What it understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// A puppet's next starts fail.
    Fail {
        /// Whose.
        who: String,
        /// How many.
        times: u32,
    },
    /// A puppet's next starts find nothing to do.
    Ignore {
        /// Whose.
        who: String,
        /// How many.
        times: u32,
    },
    /// A puppet does not stop any more when it is asked to.
    Stubborn {
        /// Which.
        who: String,
    },
    /// A puppet that was asked to stop and did not ends now. Answered with whether there was one.
    End {
        /// Which.
        who: String,
        /// As what.
        why: String,
    },
    /// From a puppet that starts: answered with `run`, `fail` or `ignore`.
    Starts {
        /// Which.
        who: String,
    },
    /// From a puppet that was asked to stop: answered with what to end as; of one that is stubborn, only when that is known.
    Stops {
        /// Which.
        who: String,
    },
}

/// Takes one away, if there are any.
fn spend(times: &mut BTreeMap<String, u32>, who: &str) -> bool {
    times.get_mut(who).filter(|times| **times > 0).map(|times| *times -= 1).is_some()
}

impl Actor for Director {
    type Config = Plot;
    type Message = Order;

    fn init(plot: Plot, _: &mut Context<Self>) -> Result<Self> {
        Ok(Self { plot, held: BTreeMap::new() })
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        let plot = &mut self.plot;
        match message {
            Order::Fail { who, times } => drop(plot.fail.insert(who, times)),
            Order::Ignore { who, times } => drop(plot.ignore.insert(who, times)),
            Order::Stubborn { who } => drop(plot.stubborn.insert(who)),
            Order::End { who, why } => {
                let held = self.held.remove(&who);
                let there = held.is_some();
                if let Some(held) = held {
                    ctx.reply_to(held, &why)?;
                }
                return ctx.reply(&there);
            }
            Order::Starts { who } => {
                // Of an incarnation that was killed meanwhile.
                _ = self.held.remove(&who);
                let fails = spend(&mut plot.fail, &who);
                let fate = if fails {
                    "fail"
                } else if spend(&mut plot.ignore, &who) {
                    "ignore"
                } else {
                    "run"
                };
                return ctx.reply(fate);
            }
            Order::Stops { who } if plot.stubborn.contains(&who) => {
                if let Some(request) = ctx.request() {
                    _ = self.held.insert(who, request);
                }
                return Ok(Next::Same);
            }
            Order::Stops { .. } => return ctx.reply("shutdown"),
        }
        ctx.reply("done")
    }
}

greenroom::export!(Director);
