//! How long a step takes: several samples, each of so many steps that the clock is exact enough.

use crate::{Case, width};
use std::process::ExitCode;
use std::time::{Duration, Instant};

const SAMPLES: usize = 15;
/// How long one sample takes, about.
const SAMPLE: Duration = Duration::from_millis(20);

/// Prints the least, the middle and the longest time of a step.
pub(crate) fn report(cases: &[&Case]) -> ExitCode {
    let width = width(cases);
    println!("{:width$}  {:>10} {:>10} {:>10}", "ns", "min", "median", "max");
    for case in cases {
        let mut step = (case.prepare)();
        let times = enough(&mut |times| time(&mut step, times));
        let mut samples: Vec<f64> =
            (0..SAMPLES).map(|_| time(&mut step, times).as_nanos() as f64 / times as f64).collect();
        samples.sort_by(f64::total_cmp);
        let [low, middle, high] = [0, SAMPLES / 2, SAMPLES - 1].map(|at| samples[at]);
        println!("{:width$}  {low:>10.1} {middle:>10.1} {high:>10.1}", case.name);
    }
    ExitCode::SUCCESS
}

fn time(step: &mut dyn FnMut(u64), times: u64) -> Duration {
    let began = Instant::now();
    step(times);
    began.elapsed()
}

/// How many steps a sample has.
fn enough(took: &mut dyn FnMut(u64) -> Duration) -> u64 {
    let mut times = 1;
    loop {
        let took = took(times);
        if took >= SAMPLE / 4 {
            let share = SAMPLE.as_secs_f64() / took.as_secs_f64();
            return ((times as f64 * share) as u64).max(1);
        }
        times *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_has_as_many_steps_as_fit() {
        let check = |step: Duration, expect: u64| {
            let mut took = |times: u64| step * u32::try_from(times).unwrap();
            assert_eq!(enough(&mut took), expect, "{step:?}");
        };
        check(Duration::from_micros(1), 20_000);
        check(Duration::from_millis(2), 10);
        check(Duration::from_secs(1), 1);
    }
}
