//! Well-behaved: answers, counts, and keeps its count. It can also end badly after having done all that a turn can do.

use greenroom::prelude::*;

/// The probe.
pub struct Echo {
    count: u64,
}

/// What it understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Order {
    /// Count, and answer with the same text.
    Echo {
        /// The text.
        #[serde(default)]
        text: String,
    },
    /// Answer how many `echo` there have been.
    Count,
    /// Send `echo` to an actor, publish, write a device, set a timer, and then panic: nothing of it may take effect.
    CrashAfterSending {
        /// The actor.
        to: Address,
        /// The topic.
        topic: Option<String>,
        /// The device, to be written 1.
        device: Option<String>,
    },
}

impl Actor for Echo {
    type Config = ();
    type Message = Order;

    fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
        Ok(Self { count: 0 })
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        match message {
            Order::Echo { text } => {
                self.count += 1;
                ctx.reply(&Order::Echo { text })
            }
            Order::Count => ctx.reply(&self.count),
            Order::CrashAfterSending { to, topic, device } => {
                self.count += 1;
                let message = Order::Echo { text: "from a turn that trapped".into() };
                ctx.tell(to, &message)?;
                if let Some(topic) = topic {
                    ctx.publish(&topic, &message)?;
                }
                if let Some(device) = device {
                    ctx.switch(&device, true)?;
                }
                ctx.send_after_to(1.ms(), to, &message)?;
                panic!("after sending");
            }
        }
    }
}

impl State for Echo {
    type Kept = u64;

    fn keep(&self) -> &u64 {
        &self.count
    }

    fn resume(count: u64, _: (), _: Occasion, _: &mut Context<Self>) -> Result<Self> {
        Ok(Self { count })
    }
}

greenroom::export!(Echo, state);
