//! The talk's one-for-one supervisor as an actor of its own: built on spawning with a link, on trapping exits, and on
//! states that put aside what they cannot take. It takes the orders that the host's supervisors take, and answers as they do.
//!
//! What it decides is in `machine`, which knows no host; this is what carries it out. The states are the machine's: while
//! it starts or stops a child, orders are deferred, and come again with each change of state.

pub mod budget;
pub mod machine;
#[cfg(test)]
mod tests;

use budget::Intensity;
use greenroom::prelude::*;
use greenroom::supervisor::{ChildSpec, Shutdown};
use machine::{Do, Machine};
use std::collections::VecDeque;

/// The actor.
pub struct OneForOne {
    kept: Kept,
}

/// Its table.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Config {
    /// How many restarts it makes.
    #[serde(default)]
    pub intensity: Intensity,
    /// Its children, in start order. Each needs the grants `spawn:BEHAVIOR` and `register:NAME`.
    pub children: Vec<ChildSpec>,
}

/// What it understands: the orders of the host's supervisors, and `stop`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Add a child, and start it.
    StartChild(ChildSpec),
    /// Stop a child.
    TerminateChild {
        /// Its name or its address.
        child: String,
    },
    /// Start a child that does not run.
    RestartChild {
        /// Its name.
        child: String,
    },
    /// Forget a child that does not run.
    DeleteChild {
        /// Its name.
        child: String,
    },
    /// List the children.
    WhichChildren,
    /// Count the children.
    CountChildren,
    /// Stop all children in reverse order, each within its time, and end.
    Stop,
    /// A start is to be tried again: only from this actor itself.
    Again {
        /// The child.
        child: String,
    },
    /// A child has had its time to stop: only from this actor itself.
    Late {
        /// Which stop.
        stop: u64,
    },
    /// The first message to a child is answered, so that its start is over: with whatever it says.
    Up(Result<Whatever, AskError>),
}

/// An answer of any shape.
pub struct Whatever;

impl<'de> Deserialize<'de> for Whatever {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

impl Serialize for Whatever {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

/// What outlives its code.
#[derive(Serialize, Deserialize)]
pub struct Kept {
    machine: Machine,
    /// The question to the child that is being started.
    question: Option<Question>,
    /// Who waits for the order that is being carried out.
    asker: Option<Request>,
    patience: Option<greenroom::Timer>,
}

/// What a child is asked first. One that does not know it refuses, which is an answer, too.
const FIRST: &str = "ready";

/// How long a child's start may take.
const START: Duration = Duration::from_nanos(30_000_000_000);

impl OneForOne {
    /// The supervisor at its start: nothing runs yet.
    fn begin(config: Config, ctx: &mut Context<Self>) -> Result<Self> {
        ctx.trap_exits(true);
        let machine = Machine::new(config.children, config.intensity).map_err(Error::new)?;
        let mut supervisor = Self { kept: Kept { machine, question: None, asker: None, patience: None } };
        supervisor.kept.machine.begin(ctx.now());
        supervisor.carry_out(ctx)?;
        Ok(supervisor)
    }

    /// Does what the machine wants, after `tell` has told it something. A change of its state is one of this actor's.
    fn turn(&mut self, ctx: &mut Context<Self>, tell: impl FnOnce(&mut Machine, Instant)) -> Result<Next> {
        let before = self.kept.machine.state().clone();
        tell(&mut self.kept.machine, ctx.now());
        match self.carry_out(ctx)? {
            Next::Same if before != *self.kept.machine.state() => Ok(Next::Changed),
            next => Ok(next),
        }
    }

    fn carry_out(&mut self, ctx: &mut Context<Self>) -> Result<Next> {
        let mut to_do = VecDeque::from(self.kept.machine.to_do());
        while let Some(next) = to_do.pop_front() {
            match next {
                Do::Start(spec) => {
                    self.start(&spec, ctx);
                    to_do.extend(self.kept.machine.to_do());
                }
                Do::Exit(whom, why) => ctx.exit(whom, &why),
                Do::Patience(stop, time) => {
                    if let Some(before) = self.kept.patience.take() {
                        ctx.cancel(before);
                    }
                    self.kept.patience = Some(ctx.send_after(time, &Order::Late { stop })?);
                }
                Do::Again(child) => ctx.tell(ctx.address(), &Order::Again { child })?,
                Do::Answer(answer) => self.answer(answer, ctx)?,
                Do::Say(text) => info!("{text}"),
                Do::End(why) => return ctx.stop(&why),
            }
        }
        Ok(Next::Same)
    }

    fn start(&mut self, spec: &ChildSpec, ctx: &mut Context<Self>) {
        let spawned = ctx.spawn(&spec.behavior).config(&spec.config).and_then(|spawn| {
            // Linked, so that neither outlives the other unnoticed.
            spawn.named(&spec.name).linked().start()
        });
        match spawned {
            Ok(child) => {
                self.kept.machine.spawned(&spec.name, child.address);
                match ctx.ask(child.address, &Message::new(FIRST, []), START, Order::Up) {
                    Ok(question) => self.kept.question = Some(question),
                    // Its end is told by the link.
                    Err(why) => warn!("`{}` cannot be asked: {why}", spec.name),
                }
            }
            Err(why) => self.kept.machine.not_spawned(&spec.name, why.to_string(), ctx.now()),
        }
    }

    fn answer(&mut self, answer: Result<greenroom::supervisor::Answer, String>, ctx: &mut Context<Self>) -> Result<()> {
        match (self.kept.asker.take(), answer) {
            (Some(asker), Ok(answer)) => ctx.reply_to(asker, &answer),
            (Some(asker), Err(refusal)) => ctx.refuse_to(asker, &refusal),
            (None, Ok(_)) => Ok(()),
            (None, Err(refusal)) => {
                warn!("{refusal}");
                Ok(())
            }
        }
    }

    /// An order waits until nothing is being started or stopped.
    fn order(&mut self, order: machine::Order, ctx: &mut Context<Self>) -> Result<Next> {
        self.kept.asker = ctx.request();
        self.turn(ctx, |machine, now| machine.order(order, now))
    }

    fn up(&mut self, answer: Result<Whatever, AskError>, ctx: &mut Context<Self>) -> Result<Next> {
        // Of a child that has ended meanwhile, and was started anew.
        if ctx.answers() != self.kept.question {
            return Ok(Next::Same);
        }
        match answer {
            Ok(_) | Err(AskError::Refused(_)) => self.turn(ctx, Machine::up),
            Err(AskError::TimedOut) => self.turn(ctx, |machine, _| machine.slow()),
            // It has ended, which the link tells.
            Err(_) => Ok(Next::Same),
        }
    }
}

impl Actor for OneForOne {
    type Config = Config;
    type Message = Order;

    fn init(config: Config, ctx: &mut Context<Self>) -> Result<Self> {
        Self::begin(config, ctx)
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        let own = ctx.sender() == Some(ctx.address());
        match message {
            Order::Late { stop } if own => self.turn(ctx, |machine, _| machine.late(stop)),
            Order::Up(answer) => self.up(answer, ctx),
            _ if *self.kept.machine.state() != machine::State::Idle => Ok(Next::Defer),
            Order::StartChild(spec) => self.order(machine::Order::Start(spec), ctx),
            Order::TerminateChild { child } => self.order(machine::Order::Terminate(child), ctx),
            Order::RestartChild { child } => self.order(machine::Order::Restart(child), ctx),
            Order::DeleteChild { child } => self.order(machine::Order::Delete(child), ctx),
            Order::WhichChildren => self.order(machine::Order::List, ctx),
            Order::CountChildren => self.order(machine::Order::Count, ctx),
            Order::Stop => self.turn(ctx, |machine, now| machine.stop(Reason::Normal, now)),
            Order::Again { child } if own => self.turn(ctx, |machine, now| machine.again(&child, now)),
            Order::Again { .. } | Order::Late { .. } => ctx.refuse("only this actor itself says so"),
        }
    }

    fn exited(&mut self, who: Address, why: Reason, ctx: &mut Context<Self>) -> Result<Next> {
        self.turn(ctx, |machine, now| machine.ended(who, why, now))
    }

    /// The last turn: there is no time to wait for anybody, so that the children's order is all that can be kept.
    fn stopping(&mut self, _: Reason, ctx: &mut Context<Self>) {
        for (child, shutdown) in self.kept.machine.running() {
            ctx.exit(child, if shutdown == Shutdown::Brutal { &Reason::Killed } else { &Reason::Shutdown });
        }
    }
}

impl State for OneForOne {
    type Kept = Kept;

    fn keep(&self) -> &Kept {
        &self.kept
    }

    fn resume(kept: Kept, config: Config, occasion: Occasion, ctx: &mut Context<Self>) -> Result<Self> {
        match occasion {
            // The links died with the incarnation that had them, and the children of the links.
            Occasion::Restarted => Self::begin(config, ctx),
            // Children and links are as they were: the specs of the manifest count from the next start on.
            Occasion::Swapped | Occasion::Woken => Ok(Self { kept }),
        }
    }
}

greenroom::export!(OneForOne, state);
