//! Those that are compared with: what each needs is set up, and what cannot be had is left out, with the reason.

use crate::call::{Failure, cargo, root, run, shown};
use crate::tools;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// One that is compared with.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) name: &'static str,
    /// What runs it: a program and its first arguments, in a folder.
    program: PathBuf,
    arguments: Vec<String>,
    folder: PathBuf,
}

/// What a round took: messages, and nanoseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Took {
    pub(super) messages: f64,
    pub(super) cpu: f64,
    pub(super) wall: f64,
}

/// One scheduler, which does not spin while it waits: that would be no work.
const ERLANG: [&str; 12] =
    ["+S", "1", "+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none", "-noshell", "-run", "savina", "main"];

/// Sets all of them up. What could not be, and why.
pub(super) fn set_up() -> (Vec<Peer>, Vec<(&'static str, String)>) {
    let (mut peers, mut missing) = (Vec::new(), Vec::new());
    let mut add = |name: &'static str, peer: Result<Vec<Peer>, Failure>| match peer {
        Ok(found) => peers.extend(found),
        Err(why) => missing.push((name, why.to_string())),
    };
    add("Erlang", erlang());
    add("kameo, ractor and actix", rust());
    add("gevent", python());
    (peers, missing)
}

fn sources() -> PathBuf {
    root().join("host/xtask/peers")
}

/// What is built of them.
fn built() -> PathBuf {
    root().join("target/peers")
}

fn erlang() -> Result<Vec<Peer>, Failure> {
    tools::erlang()?;
    let folder = built().join("erlang");
    std::fs::create_dir_all(&folder).map_err(|error| Failure::new(format!("{}: {error}", folder.display())))?;
    run(Command::new("erlc").arg("-o").arg(&folder).arg(sources().join("erlang/savina.erl")))?;
    let arguments = ERLANG.map(str::to_owned).into();
    Ok(vec![Peer { name: "Erlang", program: "erl".into(), arguments, folder }])
}

fn rust() -> Result<Vec<Peer>, Failure> {
    let mut build = cargo();
    build.args(["build", "--quiet", "--release", "--locked", "--manifest-path"]).arg(sources().join("rust/Cargo.toml"));
    run(build.arg("--target-dir").arg(built()))?;
    let peer = |name: &'static str| Peer {
        name,
        program: built().join("release/peers"),
        arguments: vec![name.into()],
        folder: root(),
    };
    Ok(["kameo", "ractor", "actix"].map(peer).into())
}

fn python() -> Result<Vec<Peer>, Failure> {
    let (venv, sources) = (built().join("venv"), sources().join("python"));
    let python = venv.join("bin/python");
    if !python.is_file() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
    }
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:", "-r"]);
    run(install.arg(sources.join("requirements.txt")))?;
    Ok(vec![Peer { name: "gevent", program: python, arguments: vec!["savina.py".into()], folder: sources }])
}

impl Peer {
    /// Runs a program once.
    pub(super) fn run(&self, pattern: &str, units: u64) -> Result<Took, Failure> {
        let mut program = Command::new(&self.program);
        program.args(&self.arguments).args([pattern, &units.to_string()]).current_dir(&self.folder);
        let output = program.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
        let output = output.map_err(|error| Failure::new(format!("cannot run `{}`: {error}", shown(&program))))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let numbers: Vec<f64> = text.split_whitespace().map_while(|word| word.parse().ok()).collect();
        match numbers[..] {
            [messages, cpu, wall] if output.status.success() => Ok(Took { messages, cpu, wall }),
            _ => Err(Failure::new(format!("`{}` did not measure; it said: {text}", shown(&program)))),
        }
    }
}
