//! `greenroom versions`: what there was of an actor's component, and what became of it.

use crate::client::{Client, segment};
use crate::clock::date_and_time;
use crate::exit::{Exit, Failure};
use crate::print::{Ink, Print, plain};
use serde::Deserialize;

/// Digits of a version that are shown: enough to tell them apart, and to go back to one.
const DIGITS: usize = 12;

/// List the versions of an actor's component, the newest activation first.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The actor: its name, or its address.
    actor: String,
}

#[derive(Deserialize)]
struct Versions {
    source: String,
    versions: Vec<Version>,
}

#[derive(Deserialize)]
struct Version {
    digest: String,
    bytes: u64,
    origin: String,
    activated: f64,
    status: String,
    #[serde(default)]
    why: String,
    active: bool,
}

/// Lists them.
pub(crate) fn run(args: &Args, client: &Client, print: &Print) -> Result<Exit, Failure> {
    let answer = client.get(&format!("/api/actors/{}/versions", segment(&args.actor)))?;
    if print.json() {
        print.answer(answer.get())?;
        return Ok(Exit::Done);
    }
    let versions: Versions = serde_json::from_str(answer.get())
        .map_err(|error| Failure::new(Exit::Unexpected, format!("the host's versions cannot be read: {error}")))?;
    print.answer(&draw(&versions, &|ink, text| print.ink(ink, text)))?;
    Ok(Exit::Done)
}

fn draw(Versions { source, versions }: &Versions, ink: &dyn Fn(Ink, &str) -> String) -> String {
    let mut text = plain(source);
    for Version { digest, bytes, origin, activated, status, why, active } in versions {
        let digest: String = plain(digest).chars().take(DIGITS).collect();
        let size = match bytes {
            0 => "not kept".into(),
            bytes => format!("{} KiB", bytes.div_ceil(1024)),
        };
        let (colour, what) = match status.as_str() {
            "passed" => (Ink::Good, "passed its watch".into()),
            "watched" => (Ink::Warning, "under watch".into()),
            "interrupted" => (Ink::Warning, "the host stopped during its watch".into()),
            "failed" => (Ink::Bad, format!("failed: {}", plain(why.lines().next().unwrap_or_default()))),
            other => (Ink::Faint, plain(other)),
        };
        text.push_str(&format!(
            "\n{} {}  {}  {size:>9}  {:8}  {}",
            if *active { "●" } else { " " },
            ink(if *active { Ink::Strong } else { Ink::Faint }, &digest),
            date_and_time(*activated),
            plain(origin),
            ink(colour, &what),
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(versions: serde_json::Value, expect: &[&str]) {
        let versions: Versions = serde_json::from_value(versions).unwrap();
        let text = draw(&versions, &|_, text| text.to_owned());
        // The date and time are of where the test runs.
        let lines: Vec<_> = text.lines().map(|line| line.replace(&date_and_time(0.0), "TIME")).collect();
        assert_eq!(lines, expect);
    }

    #[test]
    fn each_version_is_one_line() {
        check(serde_json::json!({ "source": "a\u{1b}.wasm", "versions": [] }), &["a\\u{1b}.wasm"]);
        let version = |digit: &str, status: &str, why: Option<&str>, active: bool| {
            let digest = digit.repeat(64);
            let mut version = serde_json::json!({
                "digest": digest, "bytes": 61_441, "origin": "file", "activated": 0.0, "status": status, "active": active,
            });
            if let Some(why) = why {
                version["why"] = why.into();
            }
            version
        };
        let mut lost = version("0", "passed", None, false);
        lost["bytes"] = 0.into();
        lost["origin"] = "rollback".into();
        check(
            serde_json::json!({ "source": "controller.wasm", "versions": [
                version("a", "watched", None, true),
                version("b", "interrupted", None, false),
                version("c", "failed", Some("controller: it trapped\n  at main"), false),
                version("d", "later", None, false),
                lost,
            ] }),
            &[
                "controller.wasm",
                "● aaaaaaaaaaaa  TIME     61 KiB  file      under watch",
                "  bbbbbbbbbbbb  TIME     61 KiB  file      the host stopped during its watch",
                "  cccccccccccc  TIME     61 KiB  file      failed: controller: it trapped",
                "  dddddddddddd  TIME     61 KiB  file      later",
                "  000000000000  TIME   not kept  rollback  passed its watch",
            ],
        );
    }
}
