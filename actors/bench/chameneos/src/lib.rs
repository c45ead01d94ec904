//! Savina's chameneos: creatures go to a mall, meet there by two, change their colours, and go there again.

use greenroom::prelude::*;

/// The mall, which makes the creatures, or a creature.
pub struct Chameneos {
    /// The mall's creatures.
    creatures: Vec<Address>,
    /// The creature that waits in the mall, with its colour.
    waiting: Option<(Address, Colour)>,
    game: Option<Game>,
    /// A creature's own.
    colour: Colour,
    meetings: u64,
    mall: Option<Address>,
}

struct Game {
    question: Request,
    meetings: u64,
    /// Meetings that are still to come.
    left: u64,
    /// Creatures that are still about.
    about: usize,
    /// What those that are not have told.
    sum: u64,
}

/// A creature's colour.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Colour {
    /// Blue.
    Blue,
    /// Red.
    Red,
    /// Yellow.
    Yellow,
}

impl Colour {
    const ALL: [Self; 3] = [Self::Blue, Self::Red, Self::Yellow];

    /// What two become that meet: both what they are if they are the same, or what neither is.
    fn with(self, other: Self) -> Self {
        let third = Self::ALL.into_iter().find(|colour| *colour != self && *colour != other);
        if self == other { self } else { third.unwrap_or(self) }
    }
}

/// Its table.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Config {
    /// For the mall: how many creatures it makes.
    #[serde(default)]
    pub creatures: usize,
    /// For a creature: its colour.
    pub colour: Option<Colour>,
}

/// What it understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// To the mall: have so many meetings. Answered with [`Done`].
    Start {
        /// Meetings.
        units: u64,
    },
    /// To a creature: go to the mall that says so.
    Go,
    /// To the mall: here I am.
    Come {
        /// Of this colour.
        colour: Colour,
    },
    /// To a creature that waits: meet another one.
    Meet {
        /// The other.
        whom: Address,
        /// Its colour.
        colour: Colour,
    },
    /// To a creature from one that it has met.
    Change {
        /// Its colour from now on.
        colour: Colour,
    },
    /// To a creature: there are no meetings any more.
    Fade,
    /// To the mall: from a creature that fades.
    Faded {
        /// Its meetings.
        meetings: u64,
    },
}

/// How it went.
#[derive(Serialize, Deserialize)]
pub struct Done {
    /// Messages that were sent.
    pub messages: u64,
    /// Meetings that all creatures have had: two for each.
    pub meetings: u64,
}

impl Chameneos {
    fn come(&self, ctx: &Context<Self>) -> Result<()> {
        Ok(self.mall.map_or(Ok(()), |mall| ctx.tell(mall, &Order::Come { colour: self.colour }))?)
    }

    /// A creature has come to the mall.
    fn receive(&mut self, creature: Address, colour: Colour, ctx: &Context<Self>) -> Result<()> {
        let Some(game) = &mut self.game else { return Ok(()) };
        if game.left == 0 {
            return Ok(ctx.tell(creature, &Order::Fade)?);
        }
        let Some((waiting, _)) = self.waiting.take() else {
            self.waiting = Some((creature, colour));
            return Ok(());
        };
        ctx.tell(waiting, &Order::Meet { whom: creature, colour })?;
        game.left -= 1;
        Ok(())
    }
}

impl Actor for Chameneos {
    type Config = Config;
    type Message = Order;

    fn init(Config { creatures, colour }: Config, ctx: &mut Context<Self>) -> Result<Self> {
        let make = |number: usize| {
            let config = Config { creatures: 0, colour: Some(Colour::ALL[number % 3]) };
            Ok(ctx.spawn("creature").config(&config)?.linked().start()?.address)
        };
        Ok(Self {
            creatures: (0..creatures).map(make).collect::<Result<_>>()?,
            waiting: None,
            game: None,
            colour: colour.unwrap_or(Colour::Blue),
            meetings: 0,
            mall: None,
        })
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        match (message, ctx.sender()) {
            (Order::Start { units }, _) => {
                let about = self.creatures.len();
                self.game =
                    ctx.request().map(|question| Game { question, meetings: units, left: units, about, sum: 0 });
                for creature in &self.creatures {
                    ctx.tell(*creature, &Order::Go)?;
                }
            }
            (Order::Go, mall) => {
                self.mall = mall;
                self.come(ctx)?;
            }
            (Order::Come { colour }, Some(creature)) => self.receive(creature, colour, ctx)?,
            (Order::Meet { whom, colour }, _) => {
                self.colour = self.colour.with(colour);
                self.meetings += 1;
                ctx.tell(whom, &Order::Change { colour: self.colour })?;
                self.come(ctx)?;
            }
            (Order::Change { colour }, _) => {
                self.colour = colour;
                self.meetings += 1;
                self.come(ctx)?;
            }
            (Order::Fade, Some(mall)) => {
                ctx.tell(mall, &Order::Faded { meetings: std::mem::take(&mut self.meetings) })?;
            }
            (Order::Faded { meetings }, _) => {
                let Some(game) = &mut self.game else { return Ok(Next::Same) };
                game.sum += meetings;
                game.about -= 1;
                if game.about == 0
                    && let Some(Game { question, meetings, sum, .. }) = self.game.take()
                {
                    // Two come to each meeting, one is told of it, and one changes. Beside that each creature goes, comes in
                    // vain, is told to fade, and does.
                    let messages = 4 * meetings + 4 * self.creatures.len() as u64;
                    ctx.reply_to(question, &Done { messages, meetings: sum })?;
                }
            }
            (Order::Come { .. } | Order::Fade, None) => {}
        }
        Ok(Next::Same)
    }
}

greenroom::export!(Chameneos);
