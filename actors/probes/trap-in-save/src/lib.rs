//! Panics when its state is to be saved.

use greenroom::prelude::*;

/// The probe.
pub struct TrapInSave {
    count: u64,
}

/// What it understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Count, and answer how many there have been.
    Count,
}

impl Actor for TrapInSave {
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

impl State for TrapInSave {
    type Kept = u64;

    fn keep(&self) -> &u64 {
        panic!("in save")
    }

    fn resume(count: u64, _: (), _: Occasion, _: &mut Context<Self>) -> Result<Self> {
        Ok(Self { count })
    }
}

greenroom::export!(TrapInSave, state);
