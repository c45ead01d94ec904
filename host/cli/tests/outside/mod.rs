//! A real host as its users have it: the binary, its output, its signals.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

pub(crate) fn command(folder: &Path, words: &[&str]) -> Command {
    let mut command = of(folder, env!("CARGO_BIN_EXE_greenroom"));
    command.args(words);
    command
}

pub(crate) fn of(folder: &Path, program: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for name in ["GREENROOM_HOST", "GREENROOM_TOKEN", "NO_COLOR"] {
        command.env_remove(name);
    }
    command.env("XDG_CACHE_HOME", folder.join("cache"));
    command.env("XDG_STATE_HOME", folder.join("state"));
    command
}

pub(crate) fn ran(folder: &Path, words: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command(folder, words).output().unwrap();
    (status.code().unwrap(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// A host that runs.
pub(crate) struct Running {
    pub(crate) child: Child,
    pub(crate) out: BufReader<ChildStdout>,
    pub(crate) started: Value,
}

impl Running {
    pub(crate) fn start(folder: &Path, words: &[&str]) -> Self {
        let words = [&["--format", "json", "run"], words].concat();
        Self::of(command(folder, &words))
    }

    /// A host of which only the command is not started yet.
    pub(crate) fn of(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let mut running = Self { child, out, started: Value::Null };
        running.started = running.until("started")["started"].clone();
        running
    }

    /// Reads its lines until one has a key.
    pub(crate) fn until(&mut self, key: &str) -> Value {
        loop {
            let mut line = String::new();
            if self.out.read_line(&mut line).unwrap() == 0 {
                let mut err = String::new();
                self.child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
                panic!("it ended without saying `{key}`: {err}");
            }
            let line: Value = serde_json::from_str(&line).unwrap();
            if line.get(key).is_some() {
                return line;
            }
        }
    }

    pub(crate) fn url(&self) -> &str {
        self.started["url"].as_str().unwrap()
    }

    /// Sends it a signal; gives its exit code and the kinds of events that it told until its end.
    pub(crate) fn end(mut self, signal: libc::c_int) -> (i32, Vec<String>) {
        let pid = libc::pid_t::try_from(self.child.id()).unwrap();
        // SAFETY: a plain system call, with the id of a child that was not waited for.
        assert_eq!(unsafe { libc::kill(pid, signal) }, 0);
        let mut kinds = Vec::new();
        for line in self.out.lines() {
            let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
            kinds.extend(line["kind"].as_str().map(str::to_owned));
        }
        (self.child.wait().unwrap().code().unwrap(), kinds)
    }
}
