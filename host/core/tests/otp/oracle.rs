//! The real thing: OTP's supervisor in an Erlang system of its own, which answers case after case.

use crate::case::Case;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

pub(crate) struct Oracle {
    erlang: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Oracle {
    pub(crate) fn start() -> Self {
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/otp/oracle.erl");
        let load = format!(
            "{{ok, M, B}} = compile:file({program:?}, [binary, report]), {{module, M}} = code:load_binary(M, \"\", B), M:main([])."
        );
        let erlang = Command::new("erl")
            .args(["-noshell", "+S", "1", "-kernel", "logger_level", "none", "-eval", &load])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut erlang = erlang.unwrap_or_else(|error| {
            panic!("Erlang's `erl` does not start ({error}): install Debian's package `erlang-base`");
        });
        let (input, output) = (erlang.stdin.take().unwrap(), erlang.stdout.take().unwrap());
        Self { erlang, input, output: BufReader::new(output) }
    }

    /// What happened, step by step.
    pub(crate) fn run(&mut self, case: &Case) -> Vec<Vec<String>> {
        writeln!(self.input, "{}", case.erlang()).unwrap();
        let mut steps = Vec::new();
        let mut events = Vec::new();
        loop {
            let mut line = String::new();
            self.output.read_line(&mut line).unwrap();
            match line.trim_end() {
                "step" => steps.push(std::mem::take(&mut events)),
                "done" => return steps,
                "" | "hangs" => panic!("Erlang gave no answer (`{line}`) to: {case:?}"),
                event => events.push(event.to_owned()),
            }
        }
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        let _ = self.erlang.kill();
        let _ = self.erlang.wait();
    }
}
