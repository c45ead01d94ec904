//! `greenroom shadow`, and `greenroom reload --shadow`: new code beside an actor, and what it would do.

use crate::client::{Client, segment};
use crate::exit::{Exit, Failure};
use crate::print::{Ink, Print, plain};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::time::Duration;

/// How often a host is asked for news.
const EVERY: Duration = Duration::from_millis(500);
/// A shadow's time.
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// Show what an actor's shadow has shown, promote it, or drop it.
///
/// `greenroom reload ACTOR --shadow 60s` starts one.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The actor: its name, or its address.
    actor: String,
    /// Swap its code in.
    #[arg(long, conflicts_with = "drop")]
    promote: bool,
    /// End it.
    #[arg(long)]
    drop: bool,
}

#[derive(Debug, Deserialize)]
struct Report {
    running: String,
    shadow: String,
    state: String,
    turns: u64,
    different: u64,
    findings: Vec<Finding>,
    seconds_left: Option<f64>,
    ended: Option<String>,
    states_differ: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct Finding {
    turn: u64,
    kind: String,
    body: String,
    running: Vec<String>,
    shadow: Vec<String>,
}

#[derive(Deserialize)]
struct Reloaded {
    from: String,
    to: String,
    milliseconds: f64,
}

/// Shows it, or ends it.
pub(crate) fn run(args: &Args, client: &Client, print: &Print) -> Result<Exit, Failure> {
    let path = path(&args.actor);
    if args.promote {
        let answer = client.post(&format!("{path}/promote"), None, None)?;
        if print.json() {
            print.answer(answer.get())?;
            return Ok(Exit::Done);
        }
        let Reloaded { from, to, milliseconds } = read(&answer)?;
        let text = match from == to {
            true => format!("{}  {from} runs already", args.actor),
            false => {
                let swapped = print.ink(Ink::Good, "swapped");
                format!("{}  {swapped} {from} → {to}  {milliseconds:.0} ms", args.actor)
            }
        };
        print.answer(&text)?;
        return Ok(Exit::Done);
    }
    let answer = if args.drop { client.delete(&path)? } else { client.get(&path)? };
    let report = read::<Report>(&answer)?;
    if print.json() {
        print.answer(answer.get())?;
    } else {
        for finding in &report.findings {
            print.answer(&difference(finding, print))?;
        }
        print.answer(&summary(&args.actor, &report, print))?;
    }
    Ok(exit(&report))
}

/// Starts a shadow and follows it to its end. `component`: its bytes; without, it is what the actor's file holds.
pub(crate) fn follow(
    actor: &str,
    component: Option<&[u8]>,
    time: Duration,
    client: &Client,
    print: &Print,
) -> Result<Exit, Failure> {
    let path = path(actor);
    let start = format!("{path}?seconds={}", time.as_secs());
    let mut answer = match component {
        Some(bytes) => client.post_bytes(&start, bytes)?,
        None => client.post(&start, None, None)?,
    };
    let mut shown = 0;
    loop {
        let report = read::<Report>(&answer)?;
        if !print.json() {
            for finding in report.findings.iter().filter(|finding| finding.turn > shown) {
                print.answer(&difference(finding, print))?;
            }
        }
        shown = report.findings.last().map_or(shown, |finding| finding.turn.max(shown));
        if report.ended.is_some() {
            print.answer(&if print.json() { answer.get().to_owned() } else { summary(actor, &report, print) })?;
            return Ok(exit(&report));
        }
        std::thread::sleep(EVERY);
        answer = client.get(&path)?;
    }
}

/// A shadow's time on the command line: a whole number of seconds, minutes or hours.
pub(crate) fn time(text: &str) -> Result<Duration, String> {
    let at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(at);
    let unit = match unit {
        "s" => Some(1),
        "m" => Some(60),
        "h" => Some(3600),
        _ => None,
    };
    let seconds = number.parse::<u64>().ok().zip(unit).and_then(|(number, unit)| number.checked_mul(unit));
    let time = seconds.map(Duration::from_secs).filter(|time| (SHORTEST..=LONGEST).contains(time));
    time.ok_or_else(|| "1s to 24h, as in `60s`, `5m` or `1h`".into())
}

fn path(actor: &str) -> String {
    format!("/api/actors/{}/shadow", segment(actor))
}

fn read<'a, T: Deserialize<'a>>(answer: &'a RawValue) -> Result<T, Failure> {
    serde_json::from_str(answer.get())
        .map_err(|error| Failure::new(Exit::Unexpected, format!("the host's answer cannot be read: {error}")))
}

/// 0 when the new code did the same all along, and to the end.
fn exit(report: &Report) -> Exit {
    let whole = report.ended.as_deref().is_none_or(|why| ENDS.contains(&why));
    let same = report.different == 0 && report.states_differ != Some(true);
    if whole && same { Exit::Done } else { Exit::Differs }
}

/// Why a shadow ends that did nothing wrong.
const ENDS: [&str; 3] = ["its time is up", "it was dropped", "it was promoted"];

/// A turn with a difference: what only the running code did, what only the new code did, and what both did.
fn difference(finding: &Finding, print: &Print) -> String {
    let Finding { turn, kind, body, running, shadow } = finding;
    let mut text = format!("turn {turn}: {} {}", plain(kind), plain(body));
    let same = running.iter().zip(shadow).take_while(|(a, b)| a == b).count();
    for line in &running[..same] {
        text.push_str(&format!("\n    {}", plain(line)));
    }
    for line in &running[same..] {
        text.push_str(&format!("\n  {}", print.ink(Ink::Bad, &format!("- {}", plain(line)))));
    }
    for line in &shadow[same..] {
        text.push_str(&format!("\n  {}", print.ink(Ink::Good, &format!("+ {}", plain(line)))));
    }
    text
}

fn summary(actor: &str, report: &Report, print: &Print) -> String {
    let Report { running, shadow, state, turns, different, seconds_left, ended, states_differ, .. } = report;
    let word = match exit(report) {
        Exit::Done => print.ink(Ink::Good, "the same"),
        _ => print.ink(Ink::Bad, "not the same"),
    };
    let states = match states_differ {
        Some(true) => "  the states differ",
        Some(false) => "  the states are the same",
        None => "",
    };
    let end = match (ended, seconds_left) {
        (Some(why), _) => format!("  over: {}", plain(why.lines().next().unwrap_or_default())),
        (None, Some(left)) => format!("  {left:.0} s left"),
        (None, None) => String::new(),
    };
    format!(
        "{actor}  {word}  {running} and {shadow}, state {state}  {different} of {turns} turns were different{states}{end}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::{Colour, Format};

    fn report(more: &str) -> Report {
        let json = format!(
            r#"{{"actor":"a","running":"3f9a","shadow":"81cc","state":"kept","began":[],"turns":4,{more},
                "findings":[{{"turn":2,"kind":"add","body":"{{}}","running":["a","b"],"shadow":["a","c","d"]}}]}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn times_have_units_and_an_end() {
        let check = |text: &str, expect: Option<u64>| {
            assert_eq!(time(text).ok(), expect.map(Duration::from_secs), "{text}");
        };
        check("1s", Some(1));
        check("60s", Some(60));
        check("5m", Some(300));
        check("24h", Some(86_400));
        for wrong in ["", "60", "0s", "25h", "1.5s", "-1s", "s", "99999999999999999999h"] {
            check(wrong, None);
        }
    }

    #[test]
    fn what_is_not_the_same_has_its_own_code() {
        let check = |more: &str, expect: Exit, says: &str| {
            let report = report(more);
            assert_eq!(exit(&report), expect, "{more}");
            let text = summary("a", &report, &Print::new(Format::Text, Colour::Never));
            assert!(text.contains(says), "{text}");
        };
        let over = r#""seconds_left":null,"ended":"its time is up""#;
        check(&format!(r#""different":0,"states_differ":false,{over}"#), Exit::Done, "a  the same  3f9a and 81cc");
        check(&format!(r#""different":0,"states_differ":null,{over}"#), Exit::Done, "over: its time is up");
        check(&format!(r#""different":1,"states_differ":false,{over}"#), Exit::Differs, "1 of 4 turns");
        check(&format!(r#""different":0,"states_differ":true,{over}"#), Exit::Differs, "the states differ");
        let trapped = r#""different":0,"states_differ":null,"seconds_left":null,"ended":"it failed: out-of-time""#;
        check(trapped, Exit::Differs, "over: it failed: out-of-time");
        let goes_on = r#""different":0,"states_differ":null,"seconds_left":12.3,"ended":null"#;
        check(goes_on, Exit::Done, "12 s left");
    }

    #[test]
    fn a_difference_shows_what_is_more_and_what_is_less() {
        let report = report(r#""different":1,"states_differ":null,"seconds_left":1.0,"ended":null"#);
        let text = difference(&report.findings[0], &Print::new(Format::Text, Colour::Never));
        assert_eq!(text, "turn 2: add {}\n    a\n  - b\n  + c\n  + d");
    }
}
