//! The state machine by itself.

use super::{LITRES, brewing};
use crate::{Celsius, Phase};
use greenroom::{Duration, Instant, Units};

#[test]
fn heating_times_are_those_of_the_water() {
    let check = |kelvin: f64, seconds: f64| {
        let time = brewing(LITRES).heating_time(kelvin).as_seconds();
        assert!((time - seconds).abs() < 0.01, "{kelvin}: {time}, not {seconds}");
    };
    check(0.0, 20.0);
    check(2.0, 88.95);
    check(10.0, 444.76);
    check(-5.0, 20.0);
    check(f64::NAN, 20.0);
}

#[test]
fn units_are_refused_out_of_their_range() {
    use crate::{Efficiency, Litres, Watts};
    for value in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(Watts::try_from(value).is_err() && Litres::try_from(value).is_err(), "{value}");
        assert!(Efficiency::try_from(value).is_err(), "{value}");
    }
    assert!(Efficiency::try_from(1.01).is_err());
    assert!(Efficiency::try_from(1.0).is_ok());
}

enum Step {
    /// Seconds and degrees.
    Look(u64, f64),
    Set(f64),
}
use Step::{Look, Set};

#[test]
fn steps_lead_where_the_original_went() {
    let check = |steps: &[Step], expect: &str| {
        let (mut phase, mut set) = (Phase::Resting, Celsius(60.0));
        for step in steps {
            match step {
                Set(celsius) => set = Celsius(*celsius),
                Look(seconds, celsius) => {
                    let now = Instant::from_nanos(seconds.s().as_nanos());
                    phase = phase.next(now, set, Celsius(*celsius), &brewing(LITRES));
                }
            }
        }
        assert_eq!(phase.name(), expect);
    };
    check(&[Look(0, 60.0)], "resting");
    check(&[Look(0, 59.9)], "resting");
    check(&[Look(0, 59.89)], "heating");
    check(&[Look(0, 42.0)], "heating");
    check(&[Look(0, 58.0), Look(100, 42.0)], "heating");
    check(&[Look(0, 58.0), Set(21.0), Look(100, 42.0)], "slacking");
    check(&[Look(0, 58.0), Look(100, 58.0)], "slacking");
    check(&[Look(0, 58.0), Look(100, 58.0), Look(121, 58.04)], "resting");
    // Not before the element has had its time, and not while the water still warms.
    check(&[Look(0, 58.0), Look(100, 58.0), Look(120, 58.04)], "slacking");
    check(&[Look(0, 58.0), Look(100, 58.0), Look(121, 58.05)], "slacking");
    check(&[Look(0, 58.0), Look(100, 58.0), Look(121, 58.06), Look(123, 58.1)], "resting");
}

#[test]
fn times_are_points_and_not_lengths() {
    // A burst that began at 10 s ends at 30 s, whenever it is looked at in between.
    let at = |seconds: u64| Instant::from_nanos(seconds.s().as_nanos());
    let heating = Phase::Heating { since: at(10) };
    let next = |now| heating.next(now, Celsius(66.0), Celsius(65.8), &brewing(LITRES)).name();
    assert_eq!(next(at(29)), "heating");
    assert_eq!(next(at(30)), "slacking");
    assert_eq!(at(30).since(at(10)), Duration::from_seconds(20.0));
}
