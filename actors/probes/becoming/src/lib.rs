//! Has two behaviours of its own, and can become one of the manifest. (Its name would be `become`, were that no Rust
//! keyword.)

use greenroom::prelude::*;

/// The probe: a door. What is shut puts `pass` aside until it is opened.
pub struct Door(Current<Self>);

/// What it understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Become open.
    Open,
    /// Become shut.
    Shut,
    /// Answer how many have passed since it was opened.
    Pass,
    /// Become a behaviour of the manifest.
    Become {
        /// Its name.
        behavior: String,
    },
}

struct Shut;

struct Open {
    passed: u64,
}

impl Behavior<Door> for Shut {
    fn handle(&mut self, message: Order, _: &mut Context<Door>) -> Result<Then<Door>> {
        match message {
            Order::Open => Ok(Then::to(Open { passed: 0 })),
            Order::Shut => Ok(Then::SAME),
            Order::Pass => Ok(Then::DEFER),
            Order::Become { behavior } => Ok(Then::Next(Next::Become(behavior))),
        }
    }
}

impl Behavior<Door> for Open {
    fn handle(&mut self, message: Order, ctx: &mut Context<Door>) -> Result<Then<Door>> {
        match message {
            Order::Open => Ok(Then::SAME),
            Order::Shut => Ok(Then::to(Shut)),
            Order::Pass => {
                self.passed += 1;
                ctx.reply(&self.passed).map(Then::Next)
            }
            Order::Become { behavior } => Ok(Then::Next(Next::Become(behavior))),
        }
    }
}

impl Actor for Door {
    type Config = ();
    type Message = Order;

    fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
        Ok(Self(Current::new(Shut)))
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        self.0.handle(message, ctx)
    }
}

greenroom::export!(Door);
