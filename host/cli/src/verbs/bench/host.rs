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
            let host = Process::start(application, Some("sim"), &data)?;
            figure.add(host.ready.as_secs_f64() * 1e3);
            if weigh {
                // It has sampled and published by now.
                std::thread::sleep(Duration::from_secs(3));
                memory.add(resident(host.id())?);
            }
        }
        drop(std::fs::remove_dir_all(&data));
    }
    Ok(vec![cold, warm, memory])
}

fn failed(why: impl Into<String>) -> Failure {
    Failure::new(Exit::Unexpected, why)
}

/// A host that runs as a process. Dropped, it ends.
pub(super) struct Process {
    child: Child,
    /// How long it took until it could be reached.
    ready: Duration,
    /// Where it can be, as `ADDRESS:PORT`.
    pub(super) address: String,
}

impl Process {
    /// Starts a host, and waits until it says where its page is. What it keeps goes into the folder `data`.
    pub(super) fn start(application: &Path, profile: Option<&str>, data: &Path) -> Result<Self, Failure> {
        let program = std::env::current_exe().map_err(|error| failed(error.to_string()))?;
        let began = Instant::now();
        let mut host = Command::new(program);
        host.arg("run").arg(application).args(["--listen", "127.0.0.1:0", "--color", "never"]);
        if let Some(profile) = profile {
            host.args(["--profile", profile]);
        }
        host.env("XDG_CACHE_HOME", data).env("XDG_STATE_HOME", data);
        let child = host.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        let mut child = child.map_err(|error| failed(format!("a host could not be started: {error}")))?;
        let Some(output) = child.stderr.take() else { return Err(failed("the host has no output")) };
        let mut host = Self { child, ready: Duration::ZERO, address: String::new() };
        let mut said = Vec::new();
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        for line in &mut lines {
            if let Some((_, address)) = line.split_once("http://") {
                host.ready = began.elapsed();
                host.address = address.split(['/', ' ']).next().unwrap_or_default().to_owned();
                // It may say more, and nobody reads it; but it must not find that nobody could.
                std::thread::spawn(move || lines.for_each(drop));
                return Ok(host);
            }
            said.push(line);
        }
        Err(failed(format!("the host did not start: {}", said.join("; "))))
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// CPU time that it has taken so far, in user and system mode, to the hundredth of a second.
    pub(super) fn cpu_time(&self) -> Result<Duration, Failure> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.id()));
        let stat = stat.map_err(|error| failed(error.to_string()))?;
        // The second field is a name in parentheses, in which anything may be; the 14th and 15th are ticks.
        let fields = stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace().skip(11).take(2));
        let ticks: Option<u64> =
            fields.and_then(|mut fields| fields.try_fold(0, |sum, field| Some(sum + field.parse::<u64>().ok()?)));
        // SAFETY: `sysconf` takes no pointer, and gives a number.
        let second = unsafe { libc::sysconf(libc::_SC_CLK_TCK) };
        match (ticks, u32::try_from(second)) {
            (Some(ticks), Ok(second)) if second > 0 => {
                Ok(Duration::from_secs(1) * u32::try_from(ticks).unwrap_or(u32::MAX) / second)
            }
            _ => Err(failed("the system does not say what time a process has taken")),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
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
