//! `greenroom ps`: all actors, one a line.

use crate::client::Client;
use crate::exit::{Exit, Failure};
use crate::print::{Ink, Print, plain};
use crate::table::{Row, table};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::cmp::{Ordering, Reverse};

/// List the actors of a running host: state, mailbox, turns, restarts, memory and behaviour of each.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// In which order: words from the first letter on, figures from the highest on. Without it, as in the tree.
    #[arg(long, value_enum, value_name = "COLUMN")]
    sort: Option<Column>,
}

/// A column of the list.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Column {
    Name,
    State,
    /// Messages that wait.
    Mailbox,
    Turns,
    Restarts,
    /// Linear memory; one that is asleep has none.
    Memory,
    Behavior,
}

#[derive(Deserialize)]
struct Node {
    name: String,
    state: String,
    actor: Actor,
}

#[derive(Deserialize)]
struct Actor {
    behavior: String,
    restarts: u64,
    turns: u64,
    waiting: usize,
    mailbox_limit: usize,
    handling: Option<String>,
    memory_bytes: u64,
}

/// Lists them.
pub(crate) fn run(args: &Args, client: &Client, print: &Print) -> Result<Exit, Failure> {
    let answer = client.get("/api/actors")?;
    let unreadable = |error| Failure::new(Exit::Unexpected, format!("the host's actors cannot be read: {error}"));
    let actors: Vec<&RawValue> = serde_json::from_str(answer.get()).map_err(unreadable)?;
    let read = |raw: &&RawValue| Ok((serde_json::from_str::<Node>(raw.get())?, raw.get().to_owned()));
    let mut actors: Vec<(Node, String)> =
        actors.iter().map(read).collect::<Result<_, serde_json::Error>>().map_err(unreadable)?;
    if let Some(column) = args.sort {
        // Stable: those that are alike stay as in the tree.
        actors.sort_by(|(one, _), (other, _)| compare(column, one, other));
    }
    if print.json() {
        // As the host writes them, with what it may say more.
        let raw: Vec<_> = actors.into_iter().map(|(_, raw)| raw).collect();
        print.answer(&format!("[{}]", raw.join(",")))?;
    } else {
        print.answer(&draw(actors.iter().map(|(node, _)| node), print))?;
    }
    Ok(Exit::Done)
}

fn compare(column: Column, one: &Node, other: &Node) -> Ordering {
    let highest = |of: fn(&Actor) -> u64| Reverse(of(&one.actor)).cmp(&Reverse(of(&other.actor)));
    match column {
        Column::Name => one.name.cmp(&other.name),
        Column::State => one.state.cmp(&other.state),
        Column::Mailbox => highest(|actor| actor.waiting as u64),
        Column::Turns => highest(|actor| actor.turns),
        Column::Restarts => highest(|actor| actor.restarts),
        Column::Memory => highest(|actor| actor.memory_bytes),
        Column::Behavior => one.actor.behavior.cmp(&other.actor.behavior),
    }
}

fn draw<'n>(actors: impl Iterator<Item = &'n Node>, print: &Print) -> String {
    let heads = ["NAME", "STATE", "MAILBOX", "TURNS", "RESTARTS", "MEMORY", "BEHAVIOR"];
    let head: Row = heads.into_iter().map(|head| (Ink::Faint, head.to_owned())).collect();
    let rows: Vec<Row> = std::iter::once(head).chain(actors.map(row)).collect();
    table(&rows, print)
}

fn row(Node { name, state, actor }: &Node) -> Row {
    let (ink, state) = match (state.as_str(), &actor.handling) {
        ("running", Some(kind)) => (Ink::Good, format!("handles {}", plain(kind))),
        ("running", None) => (Ink::Good, "running".into()),
        ("asleep", _) => (Ink::Faint, "asleep".into()),
        ("stopped" | "quarantined", _) => (Ink::Bad, plain(state)),
        _ => (Ink::Warning, plain(state)),
    };
    // Four fifths full is worth a look.
    let full = actor.waiting.saturating_mul(5) > actor.mailbox_limit.saturating_mul(4);
    vec![
        (Ink::Strong, plain(name)),
        (ink, state),
        (if full { Ink::Warning } else { Ink::Faint }, format!("{}/{}", actor.waiting, actor.mailbox_limit)),
        (Ink::Faint, actor.turns.to_string()),
        (if actor.restarts > 0 { Ink::Warning } else { Ink::Faint }, actor.restarts.to_string()),
        (Ink::Faint, memory(actor.memory_bytes)),
        (Ink::Faint, plain(&actor.behavior)),
    ]
}

/// In the unit that says it with a few digits.
fn memory(bytes: u64) -> String {
    match bytes {
        0 => "-".into(),
        1..=1_048_575 => format!("{} KiB", bytes.div_ceil(1024)),
        _ => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::{Colour, Format};
    use serde_json::json;

    fn node(name: &str, state: &str, turns: u64, memory: u64) -> Node {
        let restarts = u64::from(name == "mash");
        let handling = (name == "controller").then_some("tick\n");
        serde_json::from_value(json!({
            "name": name, "state": state, "children": [],
            "actor": {
                "behavior": format!("b\u{1b}{name}"), "restarts": restarts, "turns": turns, "waiting": turns % 7,
                "mailbox_limit": 256, "handling": handling, "memory_bytes": memory, "later": 1,
            },
        }))
        .unwrap()
    }

    fn nodes() -> Vec<Node> {
        vec![
            node("topics", "running", 412, 65_536),
            node("controller", "running", 1, 1_114_112),
            node("mash", "quarantined", 5, 0),
            node("log", "asleep", 99, 0),
        ]
    }

    #[test]
    fn one_actor_is_one_line() {
        let expect = "
NAME        STATE          MAILBOX  TURNS  RESTARTS  MEMORY   BEHAVIOR
topics      running        6/256    412    0         64 KiB   b\\u{1b}topics
controller  handles tick   1/256    1      0         1.1 MiB  b\\u{1b}controller
mash        quarantined    5/256    5      1         -        b\\u{1b}mash
log         asleep         1/256    99     0         -        b\\u{1b}log
";
        let text = draw(nodes().iter(), &Print::new(Format::Text, Colour::Never));
        assert_eq!(text, expect.trim_matches('\n'), "\n{text}");
    }

    #[test]
    fn each_column_has_its_order() {
        let check = |column: Column, expect: [&str; 4]| {
            let mut nodes = nodes();
            nodes.sort_by(|one, other| compare(column, one, other));
            let names: Vec<_> = nodes.iter().map(|node| node.name.as_str()).collect();
            assert_eq!(names, expect, "{column:?}");
        };
        check(Column::Name, ["controller", "log", "mash", "topics"]);
        check(Column::State, ["log", "mash", "topics", "controller"]);
        check(Column::Mailbox, ["topics", "mash", "controller", "log"]);
        check(Column::Turns, ["topics", "log", "mash", "controller"]);
        check(Column::Restarts, ["mash", "topics", "controller", "log"]);
        check(Column::Memory, ["controller", "topics", "mash", "log"]);
        check(Column::Behavior, ["controller", "log", "mash", "topics"]);
    }
}
