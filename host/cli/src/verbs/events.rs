//! `greenroom events`: what happens to actors and devices.

use super::tail::Stream;
use crate::client::Client;
use crate::clock::time_of_day;
use crate::exit::{Exit, Failure};
use crate::print::{Ink, Print, plain};
use serde_json::Value;
use std::num::NonZeroU64;

/// Show what happens to actors and devices: what the host has kept, then what comes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// End after so many events.
    #[arg(long, value_name = "N")]
    limit: Option<NonZeroU64>,
    /// Begin with what comes, and not with what the host has kept.
    #[arg(long)]
    new: bool,
}

/// Shows them.
pub(crate) fn run(args: &Args, client: &Client, print: &Print) -> Result<Exit, Failure> {
    let stream = Stream { patterns: vec!["greenroom/events".into()], earliest: !args.new, limit: args.limit };
    stream.show(client, print, &|_| true, &|message, print| {
        let body = serde_json::from_str(message.body.get()).unwrap_or_default();
        line(message.time, &message.kind, &body, &|ink, text| print.ink(ink, text))
    })?;
    Ok(Exit::Done)
}

/// An event as a line: when, who, what, and the sentence that says it.
pub(crate) fn line(time: f64, kind: &str, body: &Value, ink: &dyn Fn(Ink, &str) -> String) -> String {
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    let colour = match kind {
        "ended" | "manifest-failed" | "swap-failed" | "watch-failed" | "rolled-back" | "build-failed" | "gave-up"
        | "quarantined" | "max-on" | "device-missing" | "store-failed" => Ink::Bad,
        "restarting" | "auto-shutdown" | "device-safe" | "host-stopping" | "stopped" | "version-chosen"
        | "state-dropped" | "watch-polled" => Ink::Warning,
        "started" | "released" | "swapped" | "watch-passed" | "built" | "device-back" => Ink::Good,
        _ => Ink::Faint,
    };
    let who = ["actor", "supervisor", "device", "address"].into_iter().find_map(text).unwrap_or("host");
    let what = text("text").map_or_else(|| body.to_string(), str::to_owned);
    let kind = ink(colour, &format!("{:14}", plain(kind)));
    format!("{}  {kind}  {:12}  {}", ink(Ink::Faint, &time_of_day(time)), plain(who), plain(&what))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_event_is_one_line() {
        let check = |kind: &str, body: Value, expect: &str| {
            let text = line(0.0, kind, &body, &|_, text| text.to_owned());
            assert!(text.ends_with(expect), "{text}");
        };
        check(
            "swapped",
            json!({ "actor": "controller", "text": "3f9a → 81cc" }),
            "  swapped         controller    3f9a → 81cc",
        );
        check(
            "version-chosen",
            json!({ "source": "a.wasm", "text": "a.wasm: no component" }),
            "  version-chosen  host          a.wasm: no component",
        );
        check("device-safe", json!({ "device": "heater", "text": "off" }), "  device-safe     heater        off");
        check("host-stopping", json!({ "text": "asked to" }), "  host-stopping   host          asked to");
        check("later", json!({ "x": 1 }), "  later           host          {\"x\":1}");
    }

    #[test]
    fn its_colour_says_how_it_went() {
        let check = |kind: &str, expect: Ink| {
            let inks = std::cell::RefCell::new(Vec::new());
            line(0.0, kind, &json!({}), &|ink, text| {
                inks.borrow_mut().push((ink, text.trim().to_owned()));
                text.to_owned()
            });
            assert!(inks.borrow().contains(&(expect, kind.to_owned())), "{inks:?}");
        };
        for kind in ["swap-failed", "watch-failed", "rolled-back", "store-failed"] {
            check(kind, Ink::Bad);
        }
        for kind in ["version-chosen", "state-dropped"] {
            check(kind, Ink::Warning);
        }
        for kind in ["swapped", "watch-passed"] {
            check(kind, Ink::Good);
        }
        for kind in ["compiled", "validated", "later"] {
            check(kind, Ink::Faint);
        }
    }
}
