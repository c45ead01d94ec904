//! The peer: the same programs in Erlang, compiled, on one scheduler as ours on one worker.

use super::patterns::Took;
use super::{Folder, unexpected};
use crate::exit::Failure;
use std::process::Command;

/// All programs, as the repository has them.
const SOURCE: &str = include_str!("../../../../xtask/peers/erlang/savina.erl");
/// Schedulers do not spin while they wait: that would be no work.
const FLAGS: [&str; 7] = ["+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none", "-noshell"];

/// The programs, compiled.
#[derive(Debug)]
pub(super) struct Erlang(Folder);

impl Erlang {
    /// Compiles the programs. None: there is no Erlang here.
    pub(super) fn find() -> Result<Option<Self>, Failure> {
        let folder = Folder::new("erlang")?;
        folder.put("savina.erl", SOURCE.as_bytes())?;
        let Ok(output) = Command::new("erlc").arg("savina.erl").current_dir(&folder.0).output() else {
            return Ok(None);
        };
        match output.status.success() {
            true => Ok(Some(Self(folder))),
            false => Err(unexpected(format!("erlc did not compile: {}", String::from_utf8_lossy(&output.stdout)))),
        }
    }

    /// Runs one once, on so many schedulers. The CPU time is of the whole virtual machine, to the millisecond.
    pub(super) fn run(&self, pattern: &str, units: u64, schedulers: usize) -> Result<Took, Failure> {
        let mut erl = Command::new("erl");
        erl.args(["+S", &schedulers.to_string()])
            .args(FLAGS)
            .args(["-run", "savina", "main", pattern, &units.to_string()])
            .current_dir(&self.0.0);
        let output = erl.output().map_err(|error| unexpected(format!("erl did not run: {error}")))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let numbers: Vec<u64> = text.split_whitespace().map_while(|word| word.parse().ok()).collect();
        match numbers[..] {
            [messages, cpu, wall] => Ok(Took { messages, cpu: cpu as f64, wall: wall as f64 }),
            _ => Err(unexpected(format!("erl did not measure: {text}{}", String::from_utf8_lossy(&output.stderr)))),
        }
    }
}
