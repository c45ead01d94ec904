//! `greenroom reload`: an actor's component is read again and takes over.

use crate::client::{Client, segment};
use crate::exit::{Exit, Failure};
use crate::print::{Ink, Print};
use serde::Deserialize;

/// Read an actor's component again and swap it in.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The actor: its name, or its address.
    actor: String,
    /// Not yet: put the new code beside the actor for a time, 1s to 24h, and show what it would do otherwise. Ends with 10
    /// if that is anything; `greenroom shadow ACTOR --promote` takes the code over then.
    #[arg(long, value_name = "TIME", value_parser = super::shadow::time)]
    shadow: Option<std::time::Duration>,
}

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
        return super::shadow::follow(&args.actor, None, time, client, print);
    }
    let answer = client.post(&format!("/api/actors/{}/reload", segment(&args.actor)), None, None)?;
    if print.json() {
        print.answer(answer.get())?;
        return Ok(Exit::Done);
    }
    let reloaded: Reloaded = serde_json::from_str(answer.get())
        .map_err(|error| Failure::new(Exit::Unexpected, format!("the host's answer cannot be read: {error}")))?;
    print.answer(&text(&args.actor, &reloaded, print))?;
    Ok(Exit::Done)
}

fn text(actor: &str, Reloaded { from, to, state, milliseconds }: &Reloaded, print: &Print) -> String {
    if from == to {
        return format!("{actor}  {from} runs already");
    }
    format!("{actor}  {} {from} → {to}  {milliseconds:.0} ms  state {state}", print.ink(Ink::Good, "swapped"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::{Colour, Format};

    #[test]
    fn a_reload_is_one_line() {
        let print = Print::new(Format::Text, Colour::Never);
        let check = |json: &str, expect: &str| {
            assert_eq!(text("controller", &serde_json::from_str(json).unwrap(), &print), expect);
        };
        check(
            r#"{"from":"3f9a","to":"81cc","state":"kept","milliseconds":41.3}"#,
            "controller  swapped 3f9a → 81cc  41 ms  state kept",
        );
        check(r#"{"from":"3f9a","to":"3f9a","state":"unchanged","milliseconds":1.0}"#, "controller  3f9a runs already");
    }
}
