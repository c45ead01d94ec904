//! `cargo xtask`: the project's chores, one file a verb. `cargo kettle` and `cargo verify` are two of them.
//!
//! Owns nothing but the order of calls: what is done is done by Cargo, by the `greenroom` binary, and by the programs of
//! the machine.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "chores report to the terminal")]

mod apt;
#[cfg(feature = "bindings")]
mod bindings;
mod call;
#[cfg(any(feature = "compare", test))]
mod compare;
mod guests;
mod host;
mod javascript;
mod kernel;
mod kettle;
mod languages;
mod page;
mod readme;
mod sdks;
mod server;
mod setup;
mod tally;
mod tools;
mod verify;

use call::Failure;
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask VERB

  kettle [ARGUMENTS]   set up, build, and run the kettle on simulated devices; arguments go to `greenroom run`
  verify [--list | --only STEP | --from STEP]
                       check everything that has to hold
  setup                find or set up the compilers for actors
  guests               build the actors, examples and probes into target/guests
  kernel               try the devices out on a real kernel, in an emulated machine; downloads about 300 MB, once
  bindings [--check]   generate the bindings for Rust and C from wit/
  compare [--only PATTERN] [--rounds N] [--messages N] [--format json]
                       measure messages, and the same in Erlang, kameo, ractor, actix and gevent

`cargo kettle` and `cargo verify` are the first two.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match &arguments[..] {
        ["kernel"] => kernel::drill().map(|tally| println!("{} passed", tally.passed)),
        ["setup"] => setup::all(),
        ["guests"] => setup::all().and_then(|()| guests::build()),
        ["kettle", "--", rest @ ..] | ["kettle", rest @ ..] => kettle::run(rest),
        ["verify", rest @ ..] => verify::run(rest),
        ["bindings", rest @ ..] => bindings(rest),
        ["compare", rest @ ..] => compare(rest),
        ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            Ok(())
        }
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(feature = "bindings")]
fn bindings(arguments: &[&str]) -> Result<(), Failure> {
    bindings::run(arguments == ["--check"]).map_err(|error| Failure::new(format!("{error:#}")))
}

#[cfg(not(feature = "bindings"))]
fn bindings(arguments: &[&str]) -> Result<(), Failure> {
    again_with("bindings", arguments)
}

#[cfg(any(feature = "compare", test))]
fn compare(arguments: &[&str]) -> Result<(), Failure> {
    compare::compare(arguments)
}

#[cfg(not(any(feature = "compare", test)))]
fn compare(arguments: &[&str]) -> Result<(), Failure> {
    again_with("compare", arguments)
}

/// Calls this program again, with a feature of the name of the verb that needs it.
#[cfg(not(all(feature = "bindings", feature = "compare")))]
fn again_with(verb: &str, arguments: &[&str]) -> Result<(), Failure> {
    let mut again = call::cargo();
    again.args(["run", "--quiet", "--package", "greenroom-xtask", "--features", verb, "--", verb]);
    call::run(again.args(arguments))
}
