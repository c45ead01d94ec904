//! `greenroom reload`: an actor's component is read again, or another one is sent, and takes over.

use crate::client::{Client, segment};
use crate::exit::{Exit, Failure};
use crate::print::{Ink, Print, plain};
use greenroom_store::Digest;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::path::{Path, PathBuf};

/// Read an actor's component again and swap it in, or send another one.
///
/// It takes over in every actor that runs the same file, with their states, or in none. A build that fails while it is
/// watched is taken back by itself; `greenroom events` shows that.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The actor: its name, or its address.
    actor: String,
    /// A component of this machine, to send. The host's own file stays as it is; what was sent runs until that is changed.
    file: Option<PathBuf>,
    /// Not yet: put the new code beside the actor for a time, 1s to 24h, and show what it would do otherwise. Ends with 10
    /// if that is anything; `greenroom shadow ACTOR --promote` takes the code over then.
    #[arg(long, value_name = "TIME", value_parser = super::shadow::time)]
    shadow: Option<std::time::Duration>,
}

/// What a swap did.
#[derive(Deserialize)]
struct Reloaded {
    from: String,
    to: String,
    state: String,
    milliseconds: f64,
}

/// Reloads it. When the new build is not taken the old one runs on, and the failure says why.
pub(crate) fn run(args: &Args, client: &Client, print: &Print) -> Result<Exit, Failure> {
    if let Some(time) = args.shadow {
        let bytes = args.file.as_deref().map(read).transpose()?;
        return super::shadow::follow(&args.actor, bytes.as_deref(), time, client, print);
    }
    let actor = segment(&args.actor);
    let answer = match &args.file {
        Some(file) => {
            let bytes = read(file)?;
            client.put(&format!("/api/actors/{actor}/component?sha256={}", Digest::of(&bytes)), &bytes)?
        }
        None => client.post(&format!("/api/actors/{actor}/reload"), None, None)?,
    };
    show(&args.actor, "swapped", &answer, print)
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |why: String| Failure::new(Exit::Component, format!("{}: {why}", file.display()));
    let bytes = std::fs::read(file).map_err(|error| failed(format!("it cannot be read: {error}")))?;
    if bytes.is_empty() { Err(failed("it is empty; `greenroom build` makes components".into())) } else { Ok(bytes) }
}

/// Shows what a swap did; `done` says it in a word.
pub(super) fn show(actor: &str, done: &str, answer: &RawValue, print: &Print) -> Result<Exit, Failure> {
    if print.json() {
        print.answer(answer.get())?;
        return Ok(Exit::Done);
    }
    let reloaded: Reloaded = serde_json::from_str(answer.get())
        .map_err(|error| Failure::new(Exit::Unexpected, format!("the host's answer cannot be read: {error}")))?;
    print.answer(&text(&plain(actor), done, &reloaded, print))?;
    Ok(Exit::Done)
}

fn text(actor: &str, done: &str, Reloaded { from, to, state, milliseconds }: &Reloaded, print: &Print) -> String {
    let (from, to, state) = (plain(from), plain(to), plain(state));
    if from == to {
        return format!("{actor}  {from} runs already");
    }
    format!("{actor}  {} {from} → {to}  {milliseconds:.0} ms  state {state}", print.ink(Ink::Good, done))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::{Colour, Format};

    #[test]
    fn a_swap_is_one_line() {
        let print = Print::new(Format::Text, Colour::Never);
        let check = |done: &str, json: &str, expect: &str| {
            assert_eq!(text("controller", done, &serde_json::from_str(json).unwrap(), &print), expect);
        };
        let kept = r#"{"from":"3f9a","to":"81cc","state":"kept","milliseconds":41.3}"#;
        check("swapped", kept, "controller  swapped 3f9a → 81cc  41 ms  state kept");
        check("went back", kept, "controller  went back 3f9a → 81cc  41 ms  state kept");
        let same = r#"{"from":"3f9a","to":"3f9a","state":"unchanged","milliseconds":1.0}"#;
        check("swapped", same, "controller  3f9a runs already");
    }
}
