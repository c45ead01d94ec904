//! Savina's big: many actors, each of which pings one of all of them at random, waits for its pong, and pings the next.

use greenroom::prelude::*;

/// The sink, which makes the players and waits until all are done, or a player.
pub struct Big {
    /// Whom a player pings; to the sink, all players.
    players: Vec<Address>,
    /// State of the player's generator of random numbers.
    random: u64,
    /// Pings that the player has left.
    left: u64,
    sink: Option<Address>,
    game: Option<Game>,
}

struct Game {
    question: Request,
    pings: u64,
    /// Players that are not done yet.
    awaited: usize,
}

/// Its table.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Config {
    /// For the sink: how many players it makes.
    #[serde(default)]
    pub players: u64,
    /// For a player: where its random numbers begin.
    #[serde(default)]
    pub seed: u64,
}

/// What it understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// To the sink: have so many pings sent, each player as many. Answered with [`Done`].
    Start {
        /// Pings.
        units: u64,
    },
    /// To a player: these are all.
    Meet {
        /// All players.
        players: Vec<Address>,
    },
    /// To a player: send so many.
    Go {
        /// Pings.
        pings: u64,
    },
    /// From a player to another.
    Ping,
    /// Back.
    Pong,
    /// To the sink: a player has had its last pong.
    Finished,
}

/// How it went.
#[derive(Serialize, Deserialize)]
pub struct Done {
    /// Messages that were sent.
    pub messages: u64,
    /// Pings that were answered.
    pub pings: u64,
}

impl Big {
    /// Pings somebody, itself perhaps; or tells the sink that it has done so often enough.
    fn ping(&mut self, ctx: &Context<Self>) -> Result<()> {
        if self.left == 0 {
            return Ok(self.sink.map_or(Ok(()), |sink| ctx.tell(sink, &Order::Finished))?);
        }
        self.left -= 1;
        // Marsaglia's xorshift: all that is asked of it is that players meet in no order.
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        let whom = self.players[(self.random % self.players.len() as u64) as usize];
        Ok(ctx.tell(whom, &Order::Ping)?)
    }
}

impl Actor for Big {
    type Config = Config;
    type Message = Order;

    fn init(Config { players, seed }: Config, ctx: &mut Context<Self>) -> Result<Self> {
        let make = |seed| {
            let config = Config { players: 0, seed };
            Ok(ctx.spawn("big-player").config(&config)?.linked().start()?.address)
        };
        let players: Vec<Address> = (1..=players).map(make).collect::<Result<_>>()?;
        for player in &players {
            ctx.tell(*player, &Order::Meet { players: players.clone() })?;
        }
        Ok(Self { players, random: seed, left: 0, sink: None, game: None })
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        match message {
            Order::Start { units } => {
                let pings = units.div_ceil(self.players.len().max(1) as u64).max(1);
                let awaited = self.players.len();
                self.game = ctx.request().map(|question| Game { question, pings, awaited });
                for player in &self.players {
                    ctx.tell(*player, &Order::Go { pings })?;
                }
            }
            Order::Meet { players } => self.players = players,
            Order::Go { pings } => {
                self.sink = ctx.sender();
                self.left = pings;
                self.ping(ctx)?;
            }
            Order::Ping => ctx.sender().map_or(Ok(()), |sender| ctx.tell(sender, &Order::Pong))?,
            Order::Pong => self.ping(ctx)?,
            Order::Finished => {
                let Some(game) = &mut self.game else { return Ok(Next::Same) };
                game.awaited -= 1;
                if game.awaited == 0
                    && let Some(Game { question, pings, .. }) = self.game.take()
                {
                    let players = self.players.len() as u64;
                    // Each player was sent its order, and has told its end.
                    let messages = players * (2 * pings + 2);
                    ctx.reply_to(question, &Done { messages, pings: players * pings })?;
                }
            }
        }
        Ok(Next::Same)
    }
}

greenroom::export!(Big);
