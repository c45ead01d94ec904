//! How many instructions a step takes, by callgrind.

use crate::{Case, width};
use std::process::{Command, ExitCode, Stdio};

/// Steps of the shorter run. The longer one has twice as many, so that what comes before and after them counts in neither.
const STEPS: u64 = 2_000;

/// Prints the instructions of a step.
pub(crate) fn report(cases: &[&Case]) -> ExitCode {
    let width = width(cases);
    println!("{:width$}  {:>12}", "", "instructions");
    for case in cases {
        match count(case.name, STEPS).and_then(|once| Ok((once, count(case.name, 2 * STEPS)?))) {
            Ok((once, twice)) => {
                println!("{:width$}  {:>12.1}", case.name, twice.saturating_sub(once) as f64 / STEPS as f64);
            }
            Err(why) => {
                eprintln!("{}: {why}", case.name);
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}

/// Instructions of this program when it does a step so many times.
fn count(name: &str, times: u64) -> Result<u64, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(program);
    valgrind.args(["--step", name, &times.to_string()]).stdin(Stdio::null()).stdout(Stdio::null());
    let output = valgrind.output().map_err(|error| format!("valgrind does not run: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    collected(&said).filter(|_| output.status.success()).ok_or_else(|| format!("valgrind did not count: {said}"))
}

/// What callgrind says it has counted.
fn collected(said: &str) -> Option<u64> {
    said.lines().find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_callgrind_counts_is_found() {
        let said = "==7== Events    : Ir\n==7== Collected : 123456\n==7== \n==7== I   refs:      123,456\n";
        assert_eq!(collected(said), Some(123_456));
        assert_eq!(collected("==7== it crashed"), None);
    }
}
