//! Counts in steps, in a state of version 2, which can be made of one of version 1.

use greenroom::prelude::*;

/// The probe.
pub struct Counter {
    kept: Kept,
    began: &'static str,
}

/// What it keeps.
#[derive(Serialize, Deserialize)]
pub struct Kept {
    /// How many there have been.
    pub count: u64,
    /// How many one is. Version 1 had no such thing.
    pub step: u64,
}

/// What it understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Count one more.
    Add,
    /// Answer with [`Which`].
    Which,
}

/// What it is.
#[derive(Serialize)]
pub struct Which {
    /// The version of the code.
    pub version: u32,
    /// How many there have been.
    pub count: u64,
    /// How it began: `started`, `swapped`, `restarted` or `woken`.
    pub began: &'static str,
}

impl Actor for Counter {
    type Config = ();
    type Message = Order;

    fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
        Ok(Self { kept: Kept { count: 0, step: 10 }, began: "started" })
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        match message {
            Order::Add => self.kept.count += self.kept.step,
            Order::Which => {
                let (version, count, began) = (Self::VERSION, self.kept.count, self.began);
                return ctx.reply(&Which { version, count, began });
            }
        }
        Ok(Next::Same)
    }
}

impl State for Counter {
    type Kept = Kept;
    const VERSION: u32 = 2;
    const OLDER: &'static [u32] = &[1];

    fn keep(&self) -> &Kept {
        &self.kept
    }

    fn resume(kept: Kept, _: (), occasion: Occasion, _: &mut Context<Self>) -> Result<Self> {
        Ok(Self { kept, began: occasion.name() })
    }

    fn upgrade(_: u32, old: Old<'_>) -> Result<Kept> {
        #[derive(Deserialize)]
        struct First {
            count: u64,
        }
        let First { count } = old.read()?;
        Ok(Kept { count, step: 10 })
    }
}

greenroom::export!(Counter, state);
