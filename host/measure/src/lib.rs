//! Micro-benchmarks, for `cargo bench -p greenroom-core` and its like: what a step costs, in nanoseconds and in instructions.
//!
//! On a machine where others work as well, times of a microsecond's part say little; how many instructions a step takes is
//! the same on each run. `cargo bench -p greenroom-core -- --instructions` counts them, by callgrind, of valgrind: it runs a step
//! so many times and twice as many, and what is said is the difference, so that nothing else is counted.
//!
//! ```no_run
//! use greenroom_measure::{Case, main};
//! main(&[Case::new("a sum", || {
//!     let mut sum = 0_u64;
//!     Box::new(move |times| (0..times).for_each(|number| sum = std::hint::black_box(sum + number)))
//! })]);
//! ```

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark reports to the terminal")]

mod instructions;
mod time;

use std::process::ExitCode;

/// Does a step so many times.
pub type Step = Box<dyn FnMut(u64)>;

/// What is measured.
pub struct Case {
    name: &'static str,
    prepare: fn() -> Step,
}

impl Case {
    /// A step with a name; `prepare` makes ready what it works on, and is not measured.
    pub const fn new(name: &'static str, prepare: fn() -> Step) -> Self {
        Self { name, prepare }
    }
}

/// Runs what the command line asks for: `[--instructions] [NAME]`, where a name stands for all that contain it. What
/// Cargo adds to it is passed over.
pub fn main(cases: &[Case]) -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let chosen = |name: &str| cases.iter().filter(move |case| case.name.contains(name)).collect::<Vec<_>>();
    match arguments[..] {
        // By `instructions`, under valgrind.
        ["--step", name, times] => {
            let (Some(case), Ok(times)) = (cases.iter().find(|case| case.name == name), times.parse()) else {
                return ExitCode::from(2);
            };
            (case.prepare)()(times);
            ExitCode::SUCCESS
        }
        ["--instructions"] => instructions::report(&chosen("")),
        ["--instructions", name] => instructions::report(&chosen(name)),
        [] => time::report(&chosen("")),
        [name] if !name.starts_with("--") => time::report(&chosen(name)),
        _ => {
            eprintln!("usage: [--instructions] [NAME]");
            ExitCode::from(2)
        }
    }
}

/// How wide the longest name is.
fn width(cases: &[&Case]) -> usize {
    cases.iter().map(|case| case.name.chars().count()).max().unwrap_or(0)
}
