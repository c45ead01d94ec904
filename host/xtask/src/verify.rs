//! `cargo verify`: everything that has to hold, one step after the other, up to the first that does not.

use crate::call::{self, Failure, cargo, count, which};
use crate::tally::Tally;
use crate::{guests, host, kernel, page, readme, sdks, setup, tools};
use std::io::IsTerminal;
use std::process::Command;
use std::time::{Duration, Instant};

struct Step {
    name: &'static str,
    what: &'static str,
    run: fn() -> Result<Tally, Failure>,
}

/// In this order: what fails fast comes early, what needs the programs comes after they are built.
const STEPS: &[Step] = &[
    Step { name: "setup", what: "a compiler for actors, a browser, Erlang, editors, cargo-deny", run: set_up },
    Step { name: "format", what: "the source is formatted", run: || one(cargo().args(["fmt", "--all", "--check"])) },
    Step { name: "policy", what: "licences and sources of dependencies", run: policy },
    Step { name: "bindings", what: "the bindings are those of wit/", run: bindings },
    Step { name: "lint", what: "no lint complains", run: lint },
    Step { name: "loom", what: "the data plane holds in every order of its threads", run: loom },
    Step { name: "host", what: "the host builds", run: || host::build().map(|_| Tally::one(true)) },
    Step { name: "guests", what: "actors and probes build", run: || guests::build().map(|()| Tally::one(true)) },
    Step { name: "sdks", what: "the SDKs' own tests pass", run: || sdks::test().map(|()| Tally::one(true)) },
    Step { name: "test", what: "all tests pass", run: test },
    Step { name: "docs", what: "documentation builds, with no broken link", run: docs },
    Step { name: "readme", what: "the README's commands do what it says", run: readme::check },
    Step { name: "page", what: "the kettle in a real browser", run: page::test },
];

/// Only where they are asked for: `kernel` takes a Debian 12 on x86-64, and 300 MB of its packages; `swaps` takes minutes.
const APART: &[Step] = &[
    Step { name: "kernel", what: "the devices on a real kernel (with --only)", run: kernel::drill },
    Step { name: "swaps", what: "10,000 swaps under load (with --only)", run: swaps },
];

/// Runs the steps that `arguments` choose: `--only STEP`, `--from STEP`, or all; `--list` says which there are.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Failure> {
    let steps: &[Step] = match arguments {
        [] => STEPS,
        ["--list"] => {
            STEPS.iter().chain(APART).for_each(|Step { name, what, .. }| println!("{name:<10} {what}"));
            return Ok(());
        }
        ["--only", name] => match APART.iter().position(|step| step.name == *name) {
            Some(at) => &APART[at..=at],
            None => find(name).map(|at| &STEPS[at..=at])?,
        },
        ["--from", name] => find(name).map(|at| &STEPS[at..])?,
        _ => return Err(Failure::new("usage: cargo verify [--list | --only STEP | --from STEP]")),
    };
    report(steps)
}

fn find(name: &str) -> Result<usize, Failure> {
    let names = || STEPS.iter().map(|step| step.name).collect::<Vec<_>>().join(", ");
    let at = STEPS.iter().position(|step| step.name == name);
    at.ok_or_else(|| Failure::new(format!("there is no step `{name}`; there are: {}", names())))
}

fn report(steps: &[Step]) -> Result<(), Failure> {
    let mut rows: Vec<(&Step, Duration, Tally)> = Vec::new();
    let mut broken = None;
    for (number, step) in steps.iter().enumerate() {
        println!("\n[{}/{}] {}: {}", number + 1, steps.len(), step.name, step.what);
        let start = Instant::now();
        let (tally, failure) = match (step.run)() {
            Ok(tally) => (tally, None),
            // A step that fails before it counts anything is one thing that failed.
            Err(failure) => (Tally { failed: failure.tally.failed.max(1), ..failure.tally }, Some(failure)),
        };
        rows.push((step, start.elapsed(), tally));
        if let Some(failure) = failure {
            broken = Some((step, failure));
            break;
        }
    }
    println!();
    let mut total = Tally::default();
    for (step, time, tally) in &rows {
        let state = if tally.failed == 0 { "ok" } else { "FAILED" };
        println!("{:<10} {state:<6} {:>7.1} s  {:>5} passed", step.name, time.as_secs_f64(), tally.passed);
        total += *tally;
    }
    for step in &steps[rows.len()..] {
        println!("{:<10} not run", step.name);
    }
    if let Some((step, failure)) = &broken {
        println!("\n{}: {failure}\nrepeat it with: cargo verify --only {}", step.name, step.name);
    }
    let time: Duration = rows.iter().map(|(_, time, _)| *time).sum();
    println!("\ntests, and one for each other step; {:.0} s:", time.as_secs_f64());
    println!("{} passed, {} failed", total.passed, total.failed);
    // It has been said.
    if broken.is_some() { std::process::exit(1) } else { Ok(()) }
}

/// A check that is one call.
fn one(command: &mut Command) -> Result<Tally, Failure> {
    call::run(command).map(|()| Tally::one(true))
}

fn set_up() -> Result<Tally, Failure> {
    setup::all()?;
    tools::browser()?;
    tools::erlang()?;
    tools::editors()?;
    tools::deny().map(|_| Tally::one(true))
}

fn policy() -> Result<Tally, Failure> {
    // Not `advisories`: their database comes from the network, and a new one must not fail an old commit.
    let words = ["check", "--hide-inclusion-graph", "bans", "licenses", "sources"];
    one(tools::deny()?.current_dir(call::root()).args(words))
}

fn bindings() -> Result<Tally, Failure> {
    one(cargo().args(["run", "--package", "greenroom-xtask", "--features", "bindings", "--", "bindings", "--check"]))
}

fn lint() -> Result<Tally, Failure> {
    one(cargo().args(["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]))
}

/// The data plane's parts under loom: another build of them and of nothing else, so it has a folder of its own.
fn loom() -> Result<Tally, Failure> {
    let mut tests = cargo();
    tests.env("RUSTFLAGS", "--cfg loom").args(["test", "--package", "greenroom-plane", "--release", "--test", "loom"]);
    count(tests.arg("--target-dir").arg(call::root().join("target/loom")))
}

fn test() -> Result<Tally, Failure> {
    let tests = |words: &[&str]| {
        let mut tests = cargo();
        // A pipe to be counted from is no reason to lose the colours.
        tests.env("CARGO_TERM_COLOR", if std::io::stderr().is_terminal() { "always" } else { "never" });
        tests.args(words).arg("--workspace").arg("--no-fail-fast");
        tests
    };
    if which("cargo-nextest").is_none() {
        return count(&mut tests(&["test"]));
    }
    // nextest ends a test that hangs, but knows no documentation tests.
    let mut tally = count(&mut tests(&["nextest", "run"]))?;
    match count(&mut tests(&["test", "--doc"])) {
        Ok(more) => {
            tally += more;
            Ok(tally)
        }
        Err(mut failure) => {
            failure.tally += tally;
            Err(failure)
        }
    }
}

/// The drill of swaps in its long form. `GREENROOM_SWAPS` and `GREENROOM_SEED` say how many, and which.
fn swaps() -> Result<Tally, Failure> {
    guests::build()?;
    let mut drill = cargo();
    drill.args(["test", "--workspace", "--test", "swaps", "--", "--ignored", "--nocapture", "ten_thousand_swaps"]);
    count(&mut drill)
}

fn docs() -> Result<Tally, Failure> {
    // Libraries alone: the program and the SDK have one name, and so would their folders. With what is private: these
    // pages are read by those who work on the house.
    let words = ["doc", "--workspace", "--lib", "--no-deps", "--document-private-items"];
    one(cargo().args(words).env("RUSTDOCFLAGS", "-Dwarnings -Arustdoc::private-intra-doc-links"))
}
