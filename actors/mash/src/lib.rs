//! Keeps a mash at its set-point: rests, heats, and waits for the element to give off its heat.
//!
//! The controller spawns it, linked, and tells it a new set-point; it tells the controller what it is at. It reads the
//! thermometer itself, on its own ticks, and is the one writer of the heater: when it ends for whatever reason, the host
//! puts the heater to its safe level.

mod brewing;
mod phase;
#[cfg(test)]
mod tests;

pub use brewing::{Brewing, Celsius, Efficiency, Litres, Watts};
use greenroom::WriteError;
use greenroom::prelude::*;
pub use phase::Phase;

/// The actor.
pub struct Mash {
    config: Config,
    kept: Kept,
    /// Whether there was no temperature the last time: said once.
    blind: bool,
    /// What was wrong with the heater the last time: said once.
    fault: Option<String>,
}

/// What it is to do.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Config {
    /// The element's power.
    pub power_watts: Watts,
    /// How much of it heats the water.
    pub efficiency: Efficiency,
    /// How much water there is.
    pub volume_litres: Litres,
    /// The set-point to begin with.
    pub set_celsius: Celsius,
    /// How often it looks at the thermometer.
    pub tick: Duration,
    /// The thermometer.
    pub probe: String,
    /// The heater.
    pub heater: String,
    /// Who is told each change of the phase.
    pub report_to: Option<Address>,
}

impl Config {
    fn brewing(&self) -> Brewing {
        Brewing { power: self.power_watts, efficiency: self.efficiency, volume: self.volume_litres }
    }
}

/// What it understands, and what it tells.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Look at the thermometer: its own timer.
    Tick,
    /// A new set-point, at which it goes on from where it is.
    Set {
        /// In degrees Celsius.
        celsius: Celsius,
    },
    /// What it is at: answered with `mash-state`.
    WhichState,
    /// What it is at: told on each change.
    MashState {
        /// `resting`, `heating` or `slacking`.
        state: String,
    },
}

/// What outlives its code.
#[derive(Serialize, Deserialize)]
pub struct Kept {
    phase: Phase,
    set: Celsius,
}

impl Mash {
    fn new(config: Config, kept: Kept) -> Self {
        Self { config, kept, blind: false, fault: None }
    }

    fn look(&mut self, ctx: &mut Context<Self>) -> Result<()> {
        match ctx.read(&self.config.probe) {
            Ok(reading) => {
                let temperature = Celsius(reading.value);
                if std::mem::take(&mut self.blind) {
                    info!("there is a temperature again: {} °C", Figure(temperature.0));
                }
                let next = self.kept.phase.next(ctx.now(), self.kept.set, temperature, &self.config.brewing());
                self.enter(next, ctx);
                self.drive(temperature, ctx);
            }
            // Nothing is known of the water: the one safe thing is not to heat it. The phase stays, and the mash goes on
            // from there.
            Err(why) => {
                if !std::mem::replace(&mut self.blind, true) {
                    warn!("no temperature, so the heater is off until there is one: {why}");
                }
                let off = ctx.switch(&self.config.heater, false);
                self.note(off.err());
            }
        }
        Ok(())
    }

    /// Written on each tick, not only on a change: what the host switched off by itself is noticed so.
    fn drive(&mut self, temperature: Celsius, ctx: &mut Context<Self>) {
        let mut driven = ctx.switch(&self.config.heater, self.kept.phase.heats());
        // On for as long as the manifest lets it: as if the burst were over. Switching it off sets it free again.
        if driven == Err(WriteError::MaxOn) {
            info!("the heater has been on for as long as it may be");
            self.enter(Phase::cut_short(ctx.now(), temperature), ctx);
            driven = ctx.switch(&self.config.heater, false);
        }
        self.note(driven.err());
    }

    fn note(&mut self, fault: Option<WriteError>) {
        let fault = fault.map(|why| why.to_string());
        match (&self.fault, &fault) {
            (before, Some(now)) if before.as_ref() != Some(now) => warn!("the heater can't be switched: {now}"),
            (Some(_), None) => info!("the heater can be switched again"),
            _ => {}
        }
        self.fault = fault;
    }

    fn enter(&mut self, next: Phase, ctx: &mut Context<Self>) {
        let before = std::mem::replace(&mut self.kept.phase, next);
        if before.name() != next.name() {
            self.tell(ctx);
        }
    }

    fn tell(&self, ctx: &mut Context<Self>) {
        if let Some(to) = self.config.report_to
            && let Err(why) = ctx.tell(to, &self.state())
        {
            warn!("{} told nobody: {why}", self.kept.phase.name());
        }
    }

    fn state(&self) -> Order {
        Order::MashState { state: self.kept.phase.name().into() }
    }
}

impl Actor for Mash {
    type Config = Config;
    type Message = Order;

    fn init(config: Config, ctx: &mut Context<Self>) -> Result<Self> {
        ctx.send_every(config.tick, &Order::Tick)?;
        let kept = Kept { phase: Phase::Resting, set: config.set_celsius };
        let mut mash = Self::new(config, kept);
        mash.tell(ctx);
        mash.look(ctx)?;
        Ok(mash)
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        match message {
            Order::Tick => self.look(ctx)?,
            Order::Set { celsius } => self.kept.set = celsius,
            Order::WhichState => return ctx.reply(&self.state()),
            Order::MashState { .. } => return ctx.refuse("`mash-state` is what this actor tells, not what it is told"),
        }
        Ok(Next::Same)
    }
}

impl State for Mash {
    type Kept = Kept;

    fn keep(&self) -> &Kept {
        &self.kept
    }

    fn resume(kept: Kept, config: Config, occasion: Occasion, ctx: &mut Context<Self>) -> Result<Self> {
        let mash = Self::new(config, kept);
        if occasion == Occasion::Restarted {
            ctx.send_every(mash.config.tick, &Order::Tick)?;
            mash.tell(ctx);
        }
        Ok(mash)
    }
}

greenroom::export!(Mash, state);
