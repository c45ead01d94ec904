//! Two hours on a simulated kettle.

use super::{config, switched};
use crate::Mash;
use greenroom::Units;
use greenroom::test::{Host, Test};

const TICK_SECONDS: f64 = 2.0;
const HEATING_WATTS: f64 = 1600.0;
const LOSS_WATTS_PER_KELVIN: f64 = 10.0;
const ROOM: f64 = 20.0;
const JOULES_PER_LITRE_AND_KELVIN: f64 = 4186.0;
const LITRES: f64 = 17.0;

/// What the thermometer shows of a temperature.
fn shown(celsius: f64) -> f64 {
    (celsius / 0.0625).round() * 0.0625
}

/// Mashes for two hours with the volume configured as this.
fn mash(configured: f64) {
    let mut celsius = ROOM;
    let mut host = Host::new();
    host.set_input("mash-probe", shown(celsius));
    let mut mash = Test::<Mash>::on(host, config(66.0, configured));
    let (mut reached, mut lowest, mut highest) = (None, f64::MAX, f64::MIN);
    for _ in 0..3600 {
        let power = HEATING_WATTS * mash.output("heater") - LOSS_WATTS_PER_KELVIN * (celsius - ROOM);
        celsius += TICK_SECONDS * power / (LITRES * JOULES_PER_LITRE_AND_KELVIN);
        mash.set_input("mash-probe", shown(celsius));
        mash.advance(2.s());
        if celsius >= 65.9 && reached.is_none() {
            reached = Some(mash.now().as_nanos() as f64 / 1e9);
        }
        if reached.is_some() {
            lowest = lowest.min(celsius);
            highest = highest.max(celsius);
        }
    }
    let Some(reached) = reached else { panic!("it never got warm: {celsius} °C") };
    assert!(lowest >= 65.5 && highest <= 66.5, "{configured} l: {lowest} to {highest} °C");
    // On the way there each burst lasts for half of what is left, which takes a dozen more.
    let bursts = switched(&mash).iter().filter(|(at, on)| *on && *at >= reached).count();
    assert!(bursts < 143, "{configured} l: {bursts} bursts");
}

#[test]
fn two_hours_stay_within_half_a_kelvin() {
    mash(LITRES);
}

#[test]
fn so_they_do_when_the_volume_is_configured_wrong_by_a_third() {
    mash(LITRES * 2.0 / 3.0);
    mash(LITRES * 4.0 / 3.0);
}
