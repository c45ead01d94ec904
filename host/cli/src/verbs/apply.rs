//! `greenroom apply`: has a running host read its manifest again.

use crate::client::Client;
use crate::exit::{Exit, Failure};
use crate::print::{Print, plain};
use serde::Deserialize;

/// Have a running host read its manifest again, and change its tree in place.
///
/// Changed actors are others from their next restart on, new ones start when asked for (`greenroom supervise`), and removed
/// ones run until they are stopped. A faulty manifest changes nothing.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

#[derive(Deserialize)]
struct Amended {
    added: Vec<String>,
    changed: Vec<String>,
    removed: Vec<String>,
}

/// Applies it.
pub(crate) fn run(_: &Args, client: &Client, print: &Print) -> Result<Exit, Failure> {
    let answer = client.post("/api/manifest/apply", None, None)?;
    if print.json() {
        print.answer(answer.get())?;
        return Ok(Exit::Done);
    }
    let amended: Amended = serde_json::from_str(answer.get())
        .map_err(|error| Failure::new(Exit::Unexpected, format!("the host's answer cannot be read: {error}")))?;
    print.answer(&text(&amended))?;
    Ok(Exit::Done)
}

fn text(Amended { added, changed, removed }: &Amended) -> String {
    let line =
        |what: &str, names: &[String]| (!names.is_empty()).then(|| format!("{what}: {}", plain(&names.join(", "))));
    let lines = [
        line("changed, from their next restart on", changed),
        line("new, to be started with `greenroom supervise`", added),
        line("no longer in the manifest, and running until they are stopped", removed),
    ];
    let lines: Vec<_> = lines.into_iter().flatten().collect();
    if lines.is_empty() { "nothing has changed".into() } else { lines.join("\n") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_brought_is_said() {
        let check = |json: &str, expect: &str| assert_eq!(text(&serde_json::from_str(json).unwrap()), expect);
        check(r#"{"added":[],"changed":[],"removed":[]}"#, "nothing has changed");
        check(
            r#"{"added":["a"],"changed":["b","c"],"removed":[]}"#,
            "changed, from their next restart on: b, c\nnew, to be started with `greenroom supervise`: a",
        );
    }
}
