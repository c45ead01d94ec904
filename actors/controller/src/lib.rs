//! The front of the mash: answers what people and pages ask, and starts and stops the state machine beneath it.
//!
//! It is the one whom set-point and on or off are told. Both outlive swaps and restarts of it. While it is on there is a
//! mash, linked: when either ends badly the other ends too, the heater is at its safe level, and the supervisor brings
//! both back.

mod config;
#[cfg(test)]
mod tests;

pub use config::Config;
use greenroom::prelude::*;

/// The behaviour in the manifest that is spawned while it is on.
const MASH: &str = "mash";

/// The actor.
pub struct Controller {
    config: Config,
    kept: Kept,
}

/// What it understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Whether it is on, and what it is at: answered with [`Status`].
    GetController,
    /// Switch it on or off: answered with [`Status`].
    SetController {
        /// On or off.
        set: Switch,
    },
    /// The set-point and the temperature: answered with [`Temperature`].
    GetTemperature,
    /// A new set-point: answered with [`Temperature`].
    SetTemperature {
        /// In degrees Celsius.
        set: f64,
    },
    /// What the stream shows of it: answered with [`Shown`].
    WhichState,
    /// What the mash is at: only from the mash.
    MashState {
        /// `resting`, `heating` or `slacking`.
        state: String,
    },
}

/// What the mash understands of this actor.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Tell {
    Set { celsius: f64 },
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Switch {
    /// There is a mash.
    On,
    /// There is none, and the heater is off.
    Off,
}

/// Whether it is on, and what it is at.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// On or off.
    pub set: Switch,
    /// `idle` while it is off; `resting`, `heating` or `slacking`.
    pub state: String,
}

/// The set-point and the temperature, in degrees Celsius.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Temperature {
    /// The set-point.
    pub set: f64,
    /// The temperature. None: the thermometer says nothing.
    pub temperature: Option<f64>,
}

/// What the stream shows of it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Shown {
    /// As in [`Status`].
    pub controller: String,
    /// The set-point, in degrees Celsius.
    pub mash_temperature: f64,
}

/// What outlives its code and itself.
#[derive(Serialize, Deserialize)]
pub struct Kept {
    /// The set-point, in degrees Celsius.
    set: f64,
    on: bool,
    /// The mash, while it is on.
    mash: Option<Mash>,
}

#[derive(Serialize, Deserialize)]
struct Mash {
    address: Address,
    state: String,
}

impl Controller {
    fn start(&mut self, ctx: &mut Context<Self>) -> Result<()> {
        let config = self.config.mash(self.kept.set, ctx.address());
        let mash = ctx.spawn(MASH).config(&config)?.linked().start()?;
        self.kept.on = true;
        self.kept.mash = Some(Mash { address: mash.address, state: "resting".into() });
        Ok(())
    }

    /// The mash ends in order; the host puts the heater to its safe level at once.
    fn stop(&mut self, ctx: &mut Context<Self>) {
        self.kept.on = false;
        if let Some(mash) = self.kept.mash.take() {
            // Or its end would be this actor's too.
            ctx.unlink(mash.address);
            ctx.exit(mash.address, &Reason::Shutdown);
        }
    }

    fn switch(&mut self, to: Switch, ctx: &mut Context<Self>) -> Result<Next> {
        match to {
            Switch::On if !self.kept.on => {
                self.start(ctx)?;
                info!("on, at {} °C", Figure(self.kept.set));
            }
            Switch::Off if self.kept.on => {
                self.stop(ctx);
                info!("off");
            }
            Switch::On | Switch::Off => {}
        }
        ctx.reply(&self.status())
    }

    fn set(&mut self, celsius: f64, ctx: &mut Context<Self>) -> Result<Next> {
        if let Err(why) = self.config.check(celsius) {
            return ctx.refuse(why);
        }
        info!("set-point {} → {} °C", Figure(self.kept.set), Figure(celsius));
        self.kept.set = celsius;
        if let Some(mash) = &self.kept.mash {
            ctx.tell(mash.address, &Tell::Set { celsius })?;
        }
        self.temperature(ctx)
    }

    fn status(&self) -> Status {
        let set = if self.kept.on { Switch::On } else { Switch::Off };
        Status { set, state: self.state().into() }
    }

    fn state(&self) -> &str {
        self.kept.mash.as_ref().map_or("idle", |mash| &mash.state)
    }

    fn temperature(&self, ctx: &mut Context<Self>) -> Result<Next> {
        let temperature = ctx.read(self.config.probe()).ok().map(|reading| reading.value);
        ctx.reply(&Temperature { set: self.kept.set, temperature })
    }
}

impl Actor for Controller {
    type Config = Config;
    type Message = Order;

    fn init(config: Config, ctx: &mut Context<Self>) -> Result<Self> {
        let kept = Kept { set: config.set_celsius(), on: config.on_at_start(), mash: None };
        let mut controller = Self { config, kept };
        if controller.kept.on {
            controller.start(ctx)?;
        }
        Ok(controller)
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        match message {
            Order::GetController => ctx.reply(&self.status()),
            Order::SetController { set } => self.switch(set, ctx),
            Order::GetTemperature => self.temperature(ctx),
            Order::SetTemperature { set } => self.set(set, ctx),
            Order::WhichState => ctx.reply(&Shown { controller: self.state().into(), mash_temperature: self.kept.set }),
            Order::MashState { state } => match &mut self.kept.mash {
                Some(mash) if ctx.sender() == Some(mash.address) => {
                    mash.state = state;
                    Ok(Next::Same)
                }
                // One that was just stopped may still have said something.
                _ => ctx.refuse("only the mash says what it is at"),
            },
        }
    }
}

impl State for Controller {
    type Kept = Kept;

    fn keep(&self) -> &Kept {
        &self.kept
    }

    fn resume(mut kept: Kept, config: Config, occasion: Occasion, ctx: &mut Context<Self>) -> Result<Self> {
        // The manifest may have changed meanwhile.
        if let Err(why) = config.check(kept.set) {
            warn!("the set-point of before is none any more, so it is {} °C: {why}", Figure(config.set_celsius()));
            kept.set = config.set_celsius();
        }
        let mut controller = Self { config, kept };
        if occasion == Occasion::Restarted {
            controller.kept.mash = None;
            if controller.kept.on {
                controller.start(ctx)?;
            }
        }
        let on = if controller.kept.on { "on" } else { "off" };
        info!("{} with what was set before: {on}, {} °C", occasion.name(), Figure(controller.kept.set));
        Ok(controller)
    }
}

greenroom::export!(Controller, state);
