//! `greenroom kill`: ends an actor as a fault would.

use crate::client::{Client, segment};
use crate::exit::{Exit, Failure};
use crate::print::Print;

/// Kill an actor or a supervisor, as a fault would: its own supervisor decides what becomes of it.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Its name, or its address.
    actor: String,
}

/// Kills it. That counts against its supervisor's budget.
pub(crate) fn run(args: &Args, client: &Client, print: &Print) -> Result<Exit, Failure> {
    client.post(&format!("/api/actors/{}/kill", segment(&args.actor)), None, None)?;
    match print.json() {
        true => print.answer("{}")?,
        false => print.answer(&format!("killed {}", args.actor))?,
    }
    Ok(Exit::Done)
}
