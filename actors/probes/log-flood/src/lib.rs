//! Logs as fast as it can when it is told to.

use greenroom::prelude::*;

/// The probe.
pub struct LogFlood;

/// What it understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Log lines in this one turn.
    Go {
        /// How many: for ever when this is missing.
        lines: Option<u64>,
    },
    /// Log one line.
    Say {
        /// The line.
        line: String,
    },
}

impl Actor for LogFlood {
    type Config = ();
    type Message = Order;

    fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
        Ok(Self)
    }

    fn handle(&mut self, message: Order, _: &mut Context<Self>) -> Result<Next> {
        match message {
            Order::Go { lines } => (0..lines.unwrap_or(u64::MAX)).for_each(|line| info!("line {line}")),
            Order::Say { line } => info!("{line}"),
        }
        Ok(Next::Same)
    }
}

greenroom::export!(LogFlood);
