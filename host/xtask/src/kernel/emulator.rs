//! Starts the emulated machine, shows what it says on its serial line, and counts the drill's checks.

use super::debian::Kernel;
use crate::call::{Failure, shown};
use crate::tally::Tally;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long it may take. It ends itself before that, unless its kernel stands still.
const PATIENCE: Duration = Duration::from_secs(600);
/// How the drill says that it is over.
const RESULT: &str = "TEST-RESULT rc=";

/// Runs the drill.
pub(super) fn run(kernel: &Kernel, image: &Path) -> Result<Tally, Failure> {
    let mut machine = command(kernel, image);
    let child = machine.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut child = child.map_err(|error| Failure::new(format!("cannot run `{}`: {error}", shown(&machine))))?;
    let (sender, lines) = channel();
    let serial = child.stdout.take();
    thread::spawn(move || {
        let lines = serial.into_iter().flat_map(|serial| BufReader::new(serial).split(b'\n')).map_while(Result::ok);
        for line in lines {
            if sender.send(String::from_utf8_lossy(&line).trim_end().to_owned()).is_err() {
                return;
            }
        }
    });
    let drill = follow(&lines, Instant::now() + PATIENCE);
    end(&mut child);
    match drill {
        Drill { result: Some(0), tally, .. } if tally.failed == 0 && tally.passed > 0 => Ok(tally),
        Drill { why, mut tally, .. } => {
            tally.failed = tally.failed.max(1);
            let mut failure = Failure::new(why);
            failure.tally = tally;
            Err(failure)
        }
    }
}

fn command(kernel: &Kernel, image: &Path) -> Command {
    let (program, libraries) = kernel.emulator();
    let mut command = Command::new(program);
    if let Ok(path) = std::env::join_paths(libraries)
        && !path.is_empty()
    {
        command.env("LD_LIBRARY_PATH", path);
    }
    // Two processors: an actor that loops must not be all that runs. No disk, no network.
    command.args(["-machine", "microvm,acpi=off", "-nodefaults", "-no-reboot", "-display", "none", "-serial", "stdio"]);
    command.args(["-accel", "tcg", "-cpu", "max", "-smp", "2", "-m", "512"]);
    command.arg("-kernel").arg(kernel.unpacked().join(format!("boot/vmlinuz-{}", kernel.release)));
    command.arg("-initrd").arg(image);
    // `panic`: an end rather than a machine that stands still.
    let mut words = "console=ttyS0 quiet panic=-1 reboot=t mitigations=off nokaslr tsc=reliable".to_owned();
    // Its clock is this machine's time stamp counter. Told how fast that is, as it cannot measure it while others compute.
    if let Some(kilohertz) = std::fs::read_to_string("/proc/cpuinfo").ok().as_deref().and_then(frequency) {
        words.push_str(&format!(" tsc_early_khz={kilohertz}"));
    }
    command.arg("-append").arg(words);
    command
}

/// The processor's frequency in kHz, in what `/proc/cpuinfo` says.
fn frequency(said: &str) -> Option<u64> {
    let megahertz = said.lines().find_map(|line| line.strip_prefix("cpu MHz")?.split(':').nth(1)?.trim().parse().ok());
    // No processor has as much as a terahertz.
    megahertz.map(|megahertz: f64| (megahertz.clamp(0.0, 1e6) * 1000.0) as u64).filter(|kilohertz| *kilohertz > 0)
}

/// What was seen of a drill.
struct Drill {
    /// What it says of itself at its end.
    result: Option<u32>,
    /// Its checks.
    tally: Tally,
    /// Why it did not end well, if it did not.
    why: String,
}

/// Shows lines until the drill is over, one way or the other.
fn follow(lines: &Receiver<String>, late: Instant) -> Drill {
    let mut drill = Drill { result: None, tally: Tally::default(), why: String::new() };
    loop {
        match lines.recv_timeout(late.saturating_duration_since(Instant::now())) {
            Ok(line) => {
                println!("  {line}");
                drill.tally += check(&line);
                if let Some(result) = line.strip_prefix(RESULT) {
                    drill.result = result.parse().ok();
                    drill.why = format!("the drill failed: {line}, {} checks failed", drill.tally.failed);
                    return drill;
                }
            }
            Err(error) => {
                let what = match error {
                    RecvTimeoutError::Timeout => format!("has not ended within {} s", PATIENCE.as_secs()),
                    RecvTimeoutError::Disconnected => "ended before the drill did".to_owned(),
                };
                drill.why = format!("the emulated machine {what}");
                return drill;
            }
        }
    }
}

/// What a line adds.
fn check(line: &str) -> Tally {
    match line.split_once("  ") {
        Some(("ok", _)) => Tally::one(true),
        Some(("FAILED", _)) => Tally::one(false),
        _ => Tally::default(),
    }
}

/// It has said what it had to say.
fn end(child: &mut Child) {
    // It may be gone already.
    let _ = child.kill();
    let _ = child.wait();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn followed(lines: &[&str]) -> Drill {
        let (sender, receiver) = channel();
        lines.iter().for_each(|line| sender.send((*line).to_owned()).unwrap_or_default());
        drop(sender);
        follow(&receiver, Instant::now() + Duration::from_secs(60))
    }

    #[test]
    fn checks_are_counted_until_the_result() {
        let drill =
            followed(&["# outputs", "ok      low", "figure  1 ms", "FAILED  high: it is 0", "TEST-RESULT rc=1"]);
        assert_eq!((drill.result, drill.tally), (Some(1), Tally { passed: 1, failed: 1 }));
        assert_eq!(drill.why, "the drill failed: TEST-RESULT rc=1, 1 checks failed");
        let drill = followed(&["ok      low", "TEST-RESULT rc=0", "ok      too late"]);
        assert_eq!((drill.result, drill.tally), (Some(0), Tally { passed: 1, failed: 0 }));
    }

    #[test]
    fn a_machine_that_ends_early_has_no_result() {
        let drill = followed(&["ok      low"]);
        assert_eq!((drill.result, drill.why.as_str()), (None, "the emulated machine ended before the drill did"));
    }

    #[test]
    fn the_frequency_is_the_first_processors() {
        assert_eq!(frequency("model name\t: x\ncpu MHz\t\t: 2596.134\ncpu MHz\t\t: 1.0\n"), Some(2_596_134));
        assert_eq!(frequency("BogoMIPS\t: 108.00\n"), None);
    }
}
