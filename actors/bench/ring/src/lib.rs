//! Savina's thread ring: a token goes round among many actors, each of which knows the next one alone.

use greenroom::prelude::*;

/// A node of the ring. The first one makes the others, and tells whoever asked when the token has gone its way.
pub struct Node {
    /// Of the whole ring; the first node knows it.
    nodes: u64,
    next: Address,
    game: Option<(Request, u64)>,
}

/// Its table.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Config {
    /// For the first node: how many the ring is to have, itself among them.
    pub nodes: Option<u64>,
    /// For any other: who comes after it.
    pub next: Option<Address>,
}

/// What it understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Send the token round, for so many hops, made whole rounds. Answered with [`Done`].
    Start {
        /// Hops.
        units: u64,
    },
    /// The token.
    Token {
        /// How many hops are left.
        left: u64,
    },
}

/// How it went.
#[derive(Serialize, Deserialize)]
pub struct Done {
    /// Messages that were sent.
    pub messages: u64,
}

impl Actor for Node {
    type Config = Config;
    type Message = Order;

    fn init(Config { nodes, next }: Config, ctx: &mut Context<Self>) -> Result<Self> {
        let nodes = nodes.unwrap_or(1);
        let mut next = next.unwrap_or(ctx.address());
        // From the last one, which comes before this one, to the second.
        for _ in 1..nodes {
            let config = Config { nodes: None, next: Some(next) };
            next = ctx.spawn("ring-node").config(&config)?.linked().start()?.address;
        }
        Ok(Self { nodes, next, game: None })
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        match message {
            Order::Start { units } => {
                // So that the last hop leads here.
                let hops = units.max(1).next_multiple_of(self.nodes);
                self.game = ctx.request().map(|question| (question, hops));
                ctx.tell(self.next, &Order::Token { left: hops - 1 })?;
            }
            Order::Token { left: 0 } => {
                if let Some((question, messages)) = self.game.take() {
                    ctx.reply_to(question, &Done { messages })?;
                }
            }
            Order::Token { left } => ctx.tell(self.next, &Order::Token { left: left - 1 })?,
        }
        Ok(Next::Same)
    }
}

greenroom::export!(Node);
