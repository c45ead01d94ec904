//! A kettle of water with a heater: `litres · 4186 · dT/dt = power · efficiency · heater − loss · (T − 20)`.
//!
//! Solved exactly between the moments at which the heater changes, so that the temperature does not depend on how often
//! it is looked at, and no choice of volume and loss makes it unstable.

use crate::devices::input::{Missing, Sensor};
use crate::devices::lock;
use greenroom_core::Instant;
use std::sync::{Arc, Mutex};

/// Of water, in J per litre and kelvin.
const HEAT_CAPACITY: f64 = 4186.0;
/// The room, in °C.
const ROOM: f64 = 20.0;
/// It does not get hotter than this, in °C.
const BOILING: f64 = 100.0;
/// A DS18B20's step at 12 bits, in K.
const STEP: f64 = 0.0625;

/// The water. Shared by the heater's output, which tells it of each change, and by the thermometer in it.
#[derive(Debug)]
pub(in crate::devices) struct Plant {
    /// In °C.
    celsius: f64,
    heater: bool,
    /// When `celsius` was right.
    at: Instant,
    /// What the heater gives, in W.
    watts: f64,
    /// What is lost to the room, in W/K.
    loss: f64,
    /// What a kelvin takes, in J.
    capacity: f64,
}

impl Plant {
    /// `watts` is what reaches the water; `loss` in W/K; the heater is off.
    pub(in crate::devices) fn new(start_celsius: f64, litres: f64, watts: f64, loss: f64, at: Instant) -> Self {
        let capacity = litres * HEAT_CAPACITY;
        Self { celsius: start_celsius.min(BOILING), heater: false, at, watts, loss, capacity }
    }

    /// Lets the time until `now` pass. A time before the last one is that one: of two threads that look at the clock,
    /// the earlier may come second.
    fn advance(&mut self, now: Instant) {
        let seconds = now.since(self.at).as_secs_f64();
        self.at = self.at.max(now);
        let watts = if self.heater { self.watts } else { 0.0 };
        // The rate of the exponential, in 1/s. `exp_m1` keeps small steps exact. Without loss it is a line.
        let rate = self.loss / self.capacity;
        self.celsius += if rate > f64::EPSILON {
            (ROOM + watts / self.loss - self.celsius) * -(-rate * seconds).exp_m1()
        } else {
            watts * seconds / self.capacity
        };
        self.celsius = self.celsius.min(BOILING);
    }

    /// The heater is `on` from `now`.
    pub(in crate::devices) fn heat(&mut self, on: bool, now: Instant) {
        self.advance(now);
        self.heater = on;
    }

    /// The temperature at `now`, in °C.
    pub(in crate::devices) fn celsius(&mut self, now: Instant) -> f64 {
        self.advance(now);
        self.celsius
    }
}

/// A thermometer in the water, which shows steps of 0.0625 K.
#[derive(Debug)]
pub(in crate::devices) struct Kettle(pub(in crate::devices) Arc<Mutex<Plant>>);

impl Sensor for Kettle {
    fn sample(&mut self, now: Instant) -> Result<f64, Missing> {
        Ok((lock(&self.0).celsius(now) / STEP).round() * STEP)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// KETTLE.md's step, for 17 l and 10 W/K: what the plant has to agree with.
    fn step(celsius: f64, heater: bool) -> f64 {
        celsius + 2.0 * (1600.0 * f64::from(u8::from(heater)) - 10.0 * (celsius - 20.0)) / (17.0 * 4186.0)
    }

    #[test]
    fn the_plant_follows_the_formula() {
        let (mut plant, mut expect) = (Plant::new(20.0, 17.0, 1600.0, 10.0, Instant::ORIGIN), 20.0);
        // Heats for 35 minutes, then in bursts, for two hours in all; the heater of the tick before counts.
        for tick in 0..3600u64 {
            let now = Instant::ORIGIN + Duration::from_secs(2 * tick);
            let celsius = plant.celsius(now);
            // The formula takes steps of 2 s where the plant is exact. With a rate of 10 / (17 · 4186) per second they
            // part by (rate · 2)² / 2 of the distance from equilibrium in a step: by less than 0.01 K in two hours.
            assert!((celsius - expect).abs() < 0.01, "tick {tick}: {celsius} and {expect}");
            let heater = tick < 1050 || tick % 90 < 30;
            plant.heat(heater, now);
            expect = step(expect, heater);
        }
        assert!(expect > 60.0, "it was a mash: {expect}");
    }

    #[test]
    fn the_end_does_not_depend_on_how_often_it_is_looked_at() {
        let run = |looks: u64, one_more: bool| {
            let mut plant = Plant::new(20.0, 1.0, 2000.0, 30.0, Instant::ORIGIN);
            plant.heat(true, Instant::ORIGIN);
            for look in 1..=looks {
                plant.celsius(Instant::from_nanos(60_000_000_000 * look / looks));
            }
            // The heater changes between two looks.
            let change = Instant::from_nanos(60_500_000_000);
            if one_more {
                plant.celsius(change);
            }
            plant.heat(false, change);
            plant.celsius(Instant::ORIGIN + Duration::from_secs(90))
        };
        let expect = run(1, true);
        for (looks, one_more) in [(1, false), (2, false), (997, false), (997, true)] {
            let celsius = run(looks, one_more);
            assert!((celsius - expect).abs() < 1e-9, "{looks} looks: {celsius} and {expect}");
        }
    }

    #[test]
    fn limits() {
        let check = |start, litres, watts, loss, expect: f64| {
            let mut plant = Plant::new(start, litres, watts, loss, Instant::ORIGIN);
            plant.heat(true, Instant::ORIGIN);
            let celsius = plant.celsius(Instant::ORIGIN + Duration::from_secs(86_400));
            assert!((celsius - expect).abs() < 1e-6, "{start} °C, {litres} l, {watts} W, {loss} W/K: {celsius}");
        };
        check(20.0, 17.0, 2000.0, 10.0, 100.0);
        check(110.0, 17.0, 2000.0, 10.0, 100.0);
        check(90.0, 0.1, 0.0, 10_000.0, 20.0);
        check(-20.0, 0.1, 0.0, 10_000.0, 20.0);
        check(20.0, 10_000.0, 0.0, 0.0, 20.0);
        check(20.0, 0.1, 0.004_186, 0.0, 20.0 + 0.86_4);
        check(20.0, 0.1, 300.0, 10.0, 50.0);
    }

    #[test]
    fn an_earlier_look_changes_nothing() {
        let mut plant = Plant::new(50.0, 1.0, 0.0, 10.0, Instant::ORIGIN);
        let celsius = plant.celsius(Instant::from_nanos(2_000_000_000));
        assert_eq!(plant.celsius(Instant::from_nanos(1_000_000_000)), celsius);
        assert_eq!(plant.celsius(Instant::from_nanos(2_000_000_000)), celsius);
    }

    #[test]
    fn the_thermometer_shows_steps() {
        for (celsius, shown) in [(20.0, 20.0), (20.03, 20.0), (20.04, 20.0625), (-0.04, -0.0625)] {
            let plant = Plant::new(celsius, 1.0, 0.0, 0.0, Instant::ORIGIN);
            assert_eq!(Kettle(Arc::new(Mutex::new(plant))).sample(Instant::ORIGIN), Ok(shown), "{celsius}");
        }
    }
}
