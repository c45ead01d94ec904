//! What the manifest says of the kettle.

use greenroom::prelude::*;

/// The manifest's table for the controller, checked: one that exists makes sense.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Table")]
pub struct Config(Table);

/// As it is written.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Table {
    power_watts: f64,
    efficiency: f64,
    volume_litres: f64,
    set_celsius: f64,
    lowest_celsius: f64,
    highest_celsius: f64,
    #[serde(default)]
    on_at_start: bool,
    tick: Duration,
    probe: String,
    heater: String,
}

/// The mash's table.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Mash<'a> {
    power_watts: f64,
    efficiency: f64,
    volume_litres: f64,
    set_celsius: f64,
    tick: Duration,
    probe: &'a str,
    heater: &'a str,
    report_to: Address,
}

impl TryFrom<Table> for Config {
    type Error = String;

    // A mistake is found here, at the start, and not when it is switched on for the first time.
    fn try_from(table: Table) -> Result<Self, String> {
        let quantities = [
            ("power-watts", table.power_watts, 1e6),
            ("efficiency", table.efficiency, 1.0),
            ("volume-litres", table.volume_litres, 1e4),
        ];
        for (name, value, most) in quantities {
            if !(value > 0.0 && value <= most) {
                let (most, value) = (Figure(most), Figure(value));
                return Err(format!("`{name}` is more than 0, and {most} at most, not {value}"));
            }
        }
        if table.lowest_celsius > table.highest_celsius {
            let (lowest, highest) = (Figure(table.lowest_celsius), Figure(table.highest_celsius));
            return Err(format!("`lowest-celsius` ({lowest}) is above `highest-celsius` ({highest})"));
        }
        if table.tick < 10.ms() || table.tick > 60.s() {
            return Err(format!("`tick` is 10ms to 60s, not {}", table.tick));
        }
        let config = Self(table);
        config.check(config.set_celsius()).map(|()| config)
    }
}

impl Config {
    /// The set-point to begin with.
    pub fn set_celsius(&self) -> f64 {
        self.0.set_celsius
    }

    /// Whether it is on from the start.
    pub fn on_at_start(&self) -> bool {
        self.0.on_at_start
    }

    /// The thermometer.
    pub fn probe(&self) -> &str {
        &self.0.probe
    }

    /// Whether this may be a set-point.
    ///
    /// # Errors
    /// What may.
    pub fn check(&self, celsius: f64) -> Result<(), String> {
        let (lowest, highest) = (self.0.lowest_celsius, self.0.highest_celsius);
        match celsius >= lowest && celsius <= highest {
            true => Ok(()),
            false => {
                let (lowest, highest, celsius) = (Figure(lowest), Figure(highest), Figure(celsius));
                Err(format!("a set-point is {lowest} to {highest} °C, not {celsius}"))
            }
        }
    }

    /// The mash's table.
    pub(crate) fn mash(&self, set_celsius: f64, report_to: Address) -> Mash<'_> {
        let Table { power_watts, efficiency, volume_litres, tick, ref probe, ref heater, .. } = self.0;
        Mash { power_watts, efficiency, volume_litres, set_celsius, tick, probe, heater, report_to }
    }
}
