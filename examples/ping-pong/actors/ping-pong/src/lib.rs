//! The talk's ping-pong: two behaviours that hit a ball to each other. The next behaviour is the return value; what the
//! present one cannot take is put aside until another comes.

#[cfg(test)]
mod tests;

use greenroom::prelude::*;

/// The actor: whichever behaviour it has now.
pub struct PingPong(Current<Self>);

/// Its table.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Config {
    /// How long the ball flies: 1 ms or more.
    pub flight: Duration,
}

/// What it understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Play {
    /// Begin a rally. During another one it waits for its end. Answered when it is over with who hit last.
    Serve {
        /// How often the ball is hit: 1 or more.
        hits: u32,
    },
    /// The ball, which only this actor hits.
    Ball {
        /// How often it is to be hit after this.
        left: u32,
    },
    /// Who is to hit the ball: answered with `ready` (nobody), `ping` or `pong`.
    WhichState,
    /// End, after the rally.
    Stop,
}

/// No ball is in play.
struct Ready;

/// The ball comes to ping.
struct Ping(Rally);

/// The ball comes to pong.
struct Pong(Rally);

/// A rally.
#[derive(Default)]
struct Rally {
    flight: Duration,
    /// Who waits for its end.
    question: Option<Request>,
}

impl Behavior<PingPong> for Ready {
    fn handle(&mut self, message: Play, ctx: &mut Context<PingPong>) -> Result<Then<PingPong>> {
        match message {
            Play::Serve { hits: 0 } => ctx.refuse("a rally has one hit or more").map(Then::Next),
            Play::Serve { hits } => {
                let rally = Rally { flight: ctx.config()?.flight, question: ctx.request() };
                ctx.send_after(rally.flight, &Play::Ball { left: hits - 1 })?;
                Ok(Then::to(Ping(rally)))
            }
            Play::Ball { .. } => ctx.refuse("no ball is in play").map(Then::Next),
            Play::WhichState => ctx.reply("ready").map(Then::Next),
            Play::Stop => Ok(Then::STOP),
        }
    }
}

impl Behavior<PingPong> for Ping {
    fn handle(&mut self, message: Play, ctx: &mut Context<PingPong>) -> Result<Then<PingPong>> {
        play("ping", &mut self.0, Pong, message, ctx)
    }
}

impl Behavior<PingPong> for Pong {
    fn handle(&mut self, message: Play, ctx: &mut Context<PingPong>) -> Result<Then<PingPong>> {
        play("pong", &mut self.0, Ping, message, ctx)
    }
}

/// What both have in common: hit the ball, and be the other.
fn play<B: Behavior<PingPong>>(
    name: &str,
    rally: &mut Rally,
    other: fn(Rally) -> B,
    message: Play,
    ctx: &mut Context<PingPong>,
) -> Result<Then<PingPong>> {
    match message {
        Play::Ball { .. } if ctx.sender() != Some(ctx.address()) => {
            ctx.refuse("there is a ball in play already").map(Then::Next)
        }
        Play::Ball { left } => {
            info!("{name} {left}");
            let mut rally = std::mem::take(rally);
            if left > 0 {
                ctx.send_after(rally.flight, &Play::Ball { left: left - 1 })?;
                return Ok(Then::to(other(rally)));
            }
            if let Some(question) = rally.question.take() {
                ctx.reply_to(question, name)?;
            }
            Ok(Then::to(Ready))
        }
        Play::WhichState => ctx.reply(name).map(Then::Next),
        // Not now: they come again, in order, with each change of behaviour, until one takes them.
        Play::Serve { .. } | Play::Stop => Ok(Then::DEFER),
    }
}

impl Actor for PingPong {
    type Config = Config;
    type Message = Play;

    fn init(_: Config, _: &mut Context<Self>) -> Result<Self> {
        Ok(Self(Current::new(Ready)))
    }

    fn handle(&mut self, message: Play, ctx: &mut Context<Self>) -> Result<Next> {
        self.0.handle(message, ctx)
    }
}

greenroom::export!(PingPong);
