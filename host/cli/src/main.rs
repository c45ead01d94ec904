//! The `greenroom` command: one verb a file, over HTTP where a host runs already.
//!
//! A verb gives an [`Exit`], or a [`Failure`] with one sentence. Its neighbours: `client`, `sse` and `follow` for hosts
//! that run, `print` for everything that is seen.

mod client;
mod clock;
mod data;
mod exit;
mod follow;
mod print;
mod sse;
mod table;
mod verbs;

use clap::{Args, Parser, Subcommand};
use client::Client;
use exit::{Exit, Failure};
use print::{Colour, Format, Print};
use std::process::ExitCode;

/// A host for supervised WebAssembly actors.
#[derive(Debug, Parser)]
#[command(name = "greenroom", version, after_help = Exit::table(), max_term_width = 100)]
struct Line {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    verb: Verb,
}

/// What all verbs have.
#[derive(Debug, Args)]
struct Globals {
    /// The running host to talk to.
    #[arg(long, global = true, value_name = "URL", env = "GREENROOM_HOST", default_value = "http://127.0.0.1:8080")]
    host: String,
    /// The token of a host beyond this machine.
    #[arg(long, global = true, value_name = "TOKEN", env = "GREENROOM_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// For whom output is.
    #[arg(long, global = true, value_enum, default_value = "text")]
    format: Format,
    /// When output has colours.
    #[arg(long, global = true, value_enum, value_name = "WHEN", alias = "colour", default_value = "auto")]
    color: Colour,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Run(verbs::run::Args),
    Check(verbs::check::Args),
    Tree(verbs::tree::Args),
    Ps(verbs::ps::Args),
    Tell(verbs::tell::Args),
    Ask(verbs::ask::Args),
    Tail(verbs::tail::Args),
    Logs(verbs::logs::Args),
    Events(verbs::events::Args),
    DeadLetters(verbs::dead_letters::Args),
    Reload(verbs::reload::Args),
    Rollback(verbs::rollback::Args),
    Versions(verbs::versions::Args),
    Shadow(verbs::shadow::Args),
    Restart(verbs::restart::Args),
    Kill(verbs::kill::Args),
    Supervise(verbs::supervise::Args),
    Apply(verbs::apply::Args),
    New(verbs::new::Args),
    Build(verbs::build::Args),
    Doctor(verbs::doctor::Args),
    Bench(verbs::bench::Args),
}

fn main() -> ExitCode {
    let Line { globals, verb } = Line::parse();
    let print = Print::new(globals.format, globals.color);
    let client = || {
        interrupt()?;
        Client::new(&globals.host, globals.token.as_deref())
    };
    let ended = match &verb {
        Verb::Run(args) => verbs::run::run(args, globals.token.as_deref(), &print),
        Verb::Check(args) => verbs::check::run(args, &print),
        Verb::Tree(args) => client().and_then(|client| verbs::tree::run(args, &client, &print)),
        Verb::Ps(args) => client().and_then(|client| verbs::ps::run(args, &client, &print)),
        Verb::Tell(args) => client().and_then(|client| verbs::tell::run(args, &client, &print)),
        Verb::Ask(args) => client().and_then(|client| verbs::ask::run(args, &client, &print)),
        Verb::Tail(args) => client().and_then(|client| verbs::tail::run(args, &client, &print)),
        Verb::Logs(args) => client().and_then(|client| verbs::logs::run(args, &client, &print)),
        Verb::Events(args) => client().and_then(|client| verbs::events::run(args, &client, &print)),
        Verb::DeadLetters(args) => client().and_then(|client| verbs::dead_letters::run(args, &client, &print)),
        Verb::Reload(args) => client().and_then(|client| verbs::reload::run(args, &client, &print)),
        Verb::Rollback(args) => client().and_then(|client| verbs::rollback::run(args, &client, &print)),
        Verb::Versions(args) => client().and_then(|client| verbs::versions::run(args, &client, &print)),
        Verb::Shadow(args) => client().and_then(|client| verbs::shadow::run(args, &client, &print)),
        Verb::Restart(args) => client().and_then(|client| verbs::restart::run(args, &client, &print)),
        Verb::Kill(args) => client().and_then(|client| verbs::kill::run(args, &client, &print)),
        Verb::Supervise(args) => client().and_then(|client| verbs::supervise::run(args, &client, &print)),
        Verb::Apply(args) => client().and_then(|client| verbs::apply::run(args, &client, &print)),
        Verb::New(args) => verbs::new::run(args, &print),
        Verb::Build(args) => verbs::build::run(args, &print),
        Verb::Doctor(args) => verbs::doctor::run(args, &print),
        Verb::Bench(args) => verbs::bench::run(args, &print),
    };
    match ended {
        Ok(exit) => exit.into(),
        Err(failure) => {
            print.failure(&failure);
            failure.exit.into()
        }
    }
}

/// Ends the program with its own code on Ctrl-C, and not by the signal.
fn interrupt() -> Result<(), Failure> {
    let failed = |error| Failure::new(Exit::Unexpected, format!("no thread for signals: {error}"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    let wait = move || {
        if runtime.block_on(tokio::signal::ctrl_c()).is_ok() {
            std::process::exit(Exit::Interrupted.code().into());
        }
    };
    std::thread::Builder::new().name("signals".into()).spawn(wait).map(drop).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_holds_together() {
        <Line as clap::CommandFactory>::command().debug_assert();
    }
}
