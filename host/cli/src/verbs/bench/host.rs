//! Whole hosts as processes: how long until they are ready, and what they weigh.

use super::figure::{Figure, Unit};
use crate::exit::{Exit, Failure};
use crate::print::Print;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Starts an application with its compiled components removed, and then with them there.
pub(super) fn measure(application: &Path, rounds: usize, print: &Print) -> Result<Vec<Figure>, Failure> {
    let mut cold = Figure::new("the application ready, components compiled anew", Unit::Milliseconds);
    let mut warm = Figure::new("the application ready, components compiled before", Unit::Milliseconds);
    let mut memory = Figure::new("the application's resident memory, 3 s after its start", Unit::Mebibytes);
    for round in 1..=rounds {
        print.note(&format!("host {round} of {rounds}"));
        let data = std::env::temp_dir().join(format!("greenroom-bench-data-{}-{round}", std::process::id()));
        for (figure, weigh) in [(&mut cold, false), (&mut warm, true)] {
            let (mut host, ready) = start(application, &data)?;
            figure.add(ready.as_secs_f64() * 1e3);
            if weigh {
                // It has sampled and published by now.
                std::thread::sleep(Duration::from_secs(3));
                memory.add(resident(host.id())?);
            }
            end(&mut host);
        }
        drop(std::fs::remove_dir_all(&data));
    }
    Ok(vec![cold, warm, memory])
}

fn failed(why: impl Into<String>) -> Failure {
    Failure::new(Exit::Unexpected, why)
}

/// Starts a host, and waits until it says where its page is.
fn start(application: &Path, data: &Path) -> Result<(Child, Duration), Failure> {
    let program = std::env::current_exe().map_err(|error| failed(error.to_string()))?;
    let began = Instant::now();
    let mut host = Command::new(program)
        .arg("run")
        .arg(application)
        .args(["--profile", "sim", "--listen", "127.0.0.1:0", "--color", "never"])
        .env("XDG_CACHE_HOME", data)
        .env("XDG_STATE_HOME", data)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(format!("a host could not be started: {error}")))?;
    let Some(output) = host.stderr.take() else { return Err(failed("the host has no output")) };
    let mut said = Vec::new();
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        if line.contains("http://127.0.0.1:") {
            return Ok((host, began.elapsed()));
        }
        said.push(line);
    }
    end(&mut host);
    Err(failed(format!("the host did not start: {}", said.join("; "))))
}

fn end(host: &mut Child) {
    // It may have ended by itself.
    drop(host.kill());
    drop(host.wait());
}

/// A process's resident memory, in MiB.
pub(super) fn resident(pid: u32) -> Result<f64, Failure> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).map_err(|error| failed(error.to_string()))?;
    let kibibytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse::<f64>().ok());
    kibibytes.map(|kibibytes| kibibytes / 1024.0).ok_or_else(|| failed("the host ended"))
}
