//! A timer for other actors: it rings once or again and again, until it is cancelled or who set it ends.
//!
//! The host keeps the time: a ring that comes again goes from there straight to its owner, drift-free, and one that rings
//! once comes here first, to be forgotten. What is set outlives new code, and ends with this actor's incarnation.

#[cfg(test)]
mod tests;

use greenroom::Timer as HostTimer;
use greenroom::prelude::*;

/// The actor.
pub struct Timer {
    kept: Kept,
}

/// What it understands, and what it tells.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Ring once, `after` this: answered with the timer's number. Only actors can set one: they are who it rings for.
    Once {
        /// 1 ms to 366 days.
        after: Duration,
        /// Comes back with the ring.
        note: String,
    },
    /// Ring again and again, first after one interval: answered with the timer's number.
    Every {
        /// 1 ms to 366 days.
        every: Duration,
        /// Comes back with each ring.
        note: String,
    },
    /// Ring no more. Answered with whether it would have: one that has rung, or is somebody else's, is none.
    Cancel {
        /// Its number.
        timer: u64,
    },
    /// How many are set: answered with the number.
    Count,
    /// What an owner is told.
    Rang {
        /// The timer's number.
        timer: u64,
        /// As it was set.
        note: String,
    },
    /// A timer that rings once is due: only from this actor itself.
    Due {
        /// Its number.
        timer: u64,
    },
}

/// What outlives its code.
#[derive(Default, Serialize, Deserialize)]
pub struct Kept {
    /// The last number that was given.
    last: u64,
    set: Vec<Entry>,
    owners: Vec<(Monitor, Address)>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    timer: u64,
    owner: Address,
    host: HostTimer,
    note: String,
}

impl Timer {
    /// Sets one with `begin`, which has the host count the time.
    fn set(
        &mut self,
        note: String,
        ctx: &mut Context<Self>,
        begin: impl FnOnce(u64, Address, &str, &Context<Self>) -> Result<HostTimer, greenroom::SendError>,
    ) -> Result<Next> {
        let Some(owner) = ctx.sender() else {
            return ctx.refuse("only an actor can set a timer: it is who hears the ring");
        };
        let timer = self.kept.last + 1;
        let host = match begin(timer, owner, &note, ctx) {
            Ok(host) => host,
            Err(why) => return ctx.refuse(why.to_string()),
        };
        self.kept.last = timer;
        self.kept.set.push(Entry { timer, owner, host, note });
        if !self.kept.owners.iter().any(|(_, known)| *known == owner) {
            self.kept.owners.push((ctx.monitor(owner), owner));
        }
        ctx.reply(&timer)
    }

    fn take(&mut self, timer: u64) -> Option<Entry> {
        let at = self.kept.set.iter().position(|entry| entry.timer == timer)?;
        Some(self.kept.set.remove(at))
    }

    fn cancel(&mut self, timer: u64, ctx: &mut Context<Self>) -> Result<Next> {
        let owned = self.kept.set.iter().any(|entry| entry.timer == timer && Some(entry.owner) == ctx.sender());
        if owned && let Some(entry) = self.take(timer) {
            ctx.cancel(entry.host);
            self.unwatch_if_done(entry.owner, ctx);
        }
        ctx.reply(&owned)
    }

    fn due(&mut self, timer: u64, ctx: &Context<Self>) {
        // Cancelled in the very moment that it was due.
        let Some(Entry { owner, note, .. }) = self.take(timer) else { return };
        if let Err(why) = ctx.tell(owner, &Order::Rang { timer, note }) {
            warn!("timer {timer} rang for nobody: {why}");
        }
        self.unwatch_if_done(owner, ctx);
    }

    fn unwatch_if_done(&mut self, owner: Address, ctx: &Context<Self>) {
        if self.kept.set.iter().any(|entry| entry.owner == owner) {
            return;
        }
        self.kept.owners.retain(|(monitor, known)| {
            if *known == owner {
                ctx.demonitor(*monitor);
            }
            *known != owner
        });
    }
}

impl Actor for Timer {
    type Config = ();
    type Message = Order;

    fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
        Ok(Self { kept: Kept::default() })
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        match message {
            Order::Once { after, note } => {
                self.set(note, ctx, |timer, _, _, ctx| ctx.send_after(after, &Order::Due { timer }))
            }
            Order::Every { every, note } => self.set(note, ctx, |timer, owner, note, ctx| {
                ctx.send_every_to(every, owner, &Order::Rang { timer, note: note.into() })
            }),
            Order::Cancel { timer } => self.cancel(timer, ctx),
            Order::Count => ctx.reply(&self.kept.set.len()),
            Order::Due { timer } if ctx.sender() == Some(ctx.address()) => {
                self.due(timer, ctx);
                Ok(Next::Same)
            }
            Order::Due { .. } | Order::Rang { .. } => ctx.refuse("this is what a timer says, not what it is told"),
        }
    }

    /// An owner has ended: this incarnation of it set the timers, and nobody is left to hear them.
    fn down(&mut self, monitor: Monitor, who: Address, _: Reason, ctx: &mut Context<Self>) -> Result<Next> {
        self.kept.owners.retain(|(known, _)| *known != monitor);
        let (gone, set): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.kept.set).into_iter().partition(|entry| entry.owner == who);
        self.kept.set = set;
        for entry in &gone {
            ctx.cancel(entry.host);
        }
        info!("{} of {who} with it", gone.len());
        Ok(Next::Same)
    }
}

impl State for Timer {
    type Kept = Kept;

    fn keep(&self) -> &Kept {
        &self.kept
    }

    fn resume(kept: Kept, _: (), occasion: Occasion, _: &mut Context<Self>) -> Result<Self> {
        // The host's timers and the monitors ended with the incarnation that set them.
        let kept = if occasion == Occasion::Restarted { Kept { last: kept.last, ..Kept::default() } } else { kept };
        Ok(Self { kept })
    }
}

greenroom::export!(Timer, state);
