//! `greenroom restart`: ends an actor or supervisor in order and starts it again.

use crate::client::{Client, segment};
use crate::exit::{Exit, Failure};
use crate::print::Print;

/// Restart an actor or a supervisor.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Its name, or its address.
    actor: String,
}

/// Restarts it. That does not count against its supervisor's budget.
pub(crate) fn run(args: &Args, client: &Client, print: &Print) -> Result<Exit, Failure> {
    client.post(&format!("/api/actors/{}/restart", segment(&args.actor)), None, None)?;
    match print.json() {
        true => print.answer("{}")?,
        false => print.answer(&format!("restarted {}", args.actor))?,
    }
    Ok(Exit::Done)
}
