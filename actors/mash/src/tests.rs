//! The tables of the kettle, in virtual time.

mod actor;
mod machine;
mod plant;

use crate::{Brewing, Mash};
use greenroom::Units;
use greenroom::test::{Host, Test};

const POWER: f64 = 2000.0;
const EFFICIENCY: f64 = 0.80;
const LITRES: f64 = 17.0;

fn brewing(litres: f64) -> Brewing {
    Brewing {
        power: POWER.try_into().unwrap(),
        efficiency: EFFICIENCY.try_into().unwrap(),
        volume: litres.try_into().unwrap(),
    }
}

fn config(set: f64, litres: f64) -> serde_json::Value {
    serde_json::json!({
        "power-watts": POWER, "efficiency": EFFICIENCY, "volume-litres": litres, "set-celsius": set, "tick": "2s",
        "probe": "mash-probe", "heater": "heater",
    })
}

/// A mash that is told to keep 66 degrees, with the thermometer at a temperature.
fn mash(celsius: f64) -> Test<Mash> {
    let mut host = Host::new();
    host.set_input("mash-probe", celsius);
    Test::on(host, config(66.0, LITRES))
}

/// When the heater changed, in seconds, and whether to on.
fn switched(mash: &Test<Mash>) -> Vec<(f64, bool)> {
    mash.changes("heater").iter().map(|(at, value)| (at.as_nanos() as f64 / 1e9, *value == 1.0)).collect()
}

fn state(mash: &mut Test<Mash>) -> String {
    match mash.ask(crate::Order::WhichState) {
        Ok(crate::Order::MashState { state }) => state,
        _ => "no answer".into(),
    }
}

fn tick(mash: &mut Test<Mash>) {
    mash.advance(2.s());
}
