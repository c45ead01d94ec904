//! Panics when it is to take over a state. Otherwise as `echo`, whose state it would take.

use greenroom::prelude::*;

/// The probe.
pub struct TrapInRestore {
    count: u64,
}

/// What it understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Count, and answer how many there have been.
    Count,
}

impl Actor for TrapInRestore {
    type Config = ();
    type Message = Order;

    fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
        Ok(Self { count: 0 })
    }

    fn handle(&mut self, _: Order, ctx: &mut Context<Self>) -> Result<Next> {
        self.count += 1;
        ctx.reply(&self.count)
    }
}

impl State for TrapInRestore {
    type Kept = u64;

    fn keep(&self) -> &u64 {
        &self.count
    }

    fn resume(_: u64, _: (), _: Occasion, _: &mut Context<Self>) -> Result<Self> {
        panic!("in restore")
    }
}

greenroom::export!(TrapInRestore, state);
