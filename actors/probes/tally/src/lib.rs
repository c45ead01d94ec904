//! Sends numbered notes, and publishes which of them were accepted and which it has heard: a turn that fails publishes
//! nothing, so that both are exact.

use greenroom::prelude::*;

/// The probe.
pub struct Tally;

/// What it understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Order {
    /// Send notes with the numbers from `first` on to an actor, and publish [`Count`] on `test/sent`. Then go on with the
    /// next numbers, in as many turns as there are.
    Send {
        /// Where to.
        to: Address,
        /// The first number.
        first: u64,
        /// Numbers in each turn.
        notes: u64,
        /// Turns.
        turns: u64,
    },
    /// A note: publish [`Heard`] on `test/heard`.
    Note {
        /// Its number.
        number: u64,
    },
    /// Panic, after everything else that a turn with a note does.
    Trap {
        /// Its number.
        number: u64,
    },
    /// Send `trap` with this number to an actor, as a note.
    SendTrap {
        /// Where to.
        to: Address,
        /// The number.
        number: u64,
    },
    /// Answer, to show that all before it is done.
    Done,
}

/// What became of a turn's notes.
#[derive(Serialize, Deserialize)]
pub struct Count {
    /// Who was to get them.
    pub to: Address,
    /// Those that were accepted.
    pub sent: Vec<u64>,
    /// Those that were not.
    pub refused: Vec<u64>,
}

/// A note that was heard.
#[derive(Serialize, Deserialize)]
pub struct Heard {
    /// Who heard it.
    pub by: Address,
    /// Who sent it.
    pub from: Option<Address>,
    /// Its number.
    pub number: u64,
}

impl Tally {
    fn send(ctx: &mut Context<Self>, to: Address, notes: impl Iterator<Item = (u64, Order)>) -> Result<()> {
        let mut count = Count { to, sent: Vec::new(), refused: Vec::new() };
        for (number, note) in notes {
            match ctx.tell(to, &note) {
                Ok(()) => count.sent.push(number),
                Err(_) => count.refused.push(number),
            }
        }
        ctx.publish("test/sent", &count)?;
        Ok(())
    }

    fn hear(ctx: &mut Context<Self>, number: u64) -> Result<()> {
        let heard = Heard { by: ctx.address(), from: ctx.sender(), number };
        ctx.publish("test/heard", &heard)?;
        Ok(())
    }
}

impl Actor for Tally {
    type Config = ();
    type Message = Order;

    fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
        Ok(Self)
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        match message {
            Order::Send { to, first, notes, turns } => {
                let next = first + notes;
                Self::send(ctx, to, (first..next).map(|number| (number, Order::Note { number })))?;
                if turns > 1 {
                    let own = ctx.address();
                    ctx.tell(own, &Order::Send { to, first: next, notes, turns: turns - 1 })?;
                }
            }
            Order::SendTrap { to, number } => {
                Self::send(ctx, to, std::iter::once((number, Order::Trap { number })))?;
            }
            Order::Note { number } => Self::hear(ctx, number)?,
            Order::Trap { number } => {
                Self::hear(ctx, number)?;
                panic!("heard {number}");
            }
            Order::Done => return ctx.reply("done"),
        }
        Ok(Next::Same)
    }
}

greenroom::export!(Tally);
