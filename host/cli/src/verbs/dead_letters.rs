//! `greenroom dead-letters`: messages that reached nobody, and why.

use crate::client::Client;
use crate::clock::time_of_day;
use crate::exit::{Exit, Failure};
use crate::print::{Ink, Print, plain};
use serde::Deserialize;

/// Characters of a body that are shown.
const EXCERPT: usize = 60;

/// Show the last messages that reached nobody, oldest first, and why.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

#[derive(Deserialize)]
struct Letters {
    total: u64,
    letters: Vec<Letter>,
}

#[derive(Deserialize)]
struct Letter {
    time: f64,
    to: String,
    from: Option<String>,
    kind: String,
    body: String,
    why: String,
}

/// Shows them.
pub(crate) fn run(_: &Args, client: &Client, print: &Print) -> Result<Exit, Failure> {
    let answer = client.get("/api/dead-letters")?;
    if print.json() {
        print.answer(answer.get())?;
        return Ok(Exit::Done);
    }
    let letters: Letters = serde_json::from_str(answer.get())
        .map_err(|error| Failure::new(Exit::Unexpected, format!("the host's dead letters cannot be read: {error}")))?;
    print.answer(&draw(&letters, &|ink, text| print.ink(ink, text)))?;
    Ok(Exit::Done)
}

fn draw(Letters { total, letters }: &Letters, ink: &dyn Fn(Ink, &str) -> String) -> String {
    let messages = if *total == 1 { "message" } else { "messages" };
    let mut text = format!("{total} {messages} reached nobody since the host's start");
    if *total > letters.len() as u64 {
        text.push_str(&format!("; the last {}:", letters.len()));
    }
    for Letter { time, to, from, kind, body, why } in letters {
        let from = from.as_deref().unwrap_or("the host");
        let way = format!("{} → {}", plain(from), plain(to));
        text.push_str(&format!(
            "\n{}  {way:24}  {:14}  {}",
            ink(Ink::Faint, &time_of_day(*time)),
            plain(kind),
            ink(Ink::Warning, &plain(why)),
        ));
        let body = plain(body);
        if !body.is_empty() {
            let cut: String = body.chars().take(EXCERPT).collect();
            let more = if cut.len() < body.len() { "…" } else { "" };
            text.push_str(&format!("  {}", ink(Ink::Faint, &format!("{cut}{more}"))));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(letters: serde_json::Value, expect: &[&str]) {
        let letters: Letters = serde_json::from_value(letters).unwrap();
        let text = draw(&letters, &|_, text| text.to_owned());
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), expect.len(), "{text}");
        // The time of day is of where the test runs.
        assert!(lines.iter().zip(expect).all(|(line, expect)| line.ends_with(expect)), "{text}");
    }

    #[test]
    fn each_letter_is_one_line() {
        check(serde_json::json!({ "total": 0, "letters": [] }), &["0 messages reached nobody since the host's start"]);
        check(
            serde_json::json!({ "total": 300, "letters": [
                { "time": 0.0, "to": "log", "from": "mash", "kind": "note", "body": "{\"a\":\n1}", "why": "the mailbox is full" },
                { "time": 1.0, "to": "0-1", "from": null, "kind": "x\u{1b}", "body": "", "why": "the actor has ended" },
                { "time": 2.0, "to": "log", "from": null, "kind": "long", "body": "é".repeat(61), "why": "w" },
            ] }),
            &[
                "300 messages reached nobody since the host's start; the last 3:",
                "  mash → log                note            the mailbox is full  {\"a\": 1}",
                "  the host → 0-1            x\\u{1b}         the actor has ended",
                &format!("  the host → log            long            w  {}…", "é".repeat(60)),
            ],
        );
    }
}
