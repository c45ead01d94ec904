//! `[topic."PATTERN"]` and `[route."/PATH"]`.

use crate::fault::{Code, Fault, Sink};
use crate::names::{Names, Role, section};
use crate::plan::{HttpRoute, Serve, TopicHistory};
use crate::table::Table;
use crate::tree::{Entry, Value};
use greenroom_core::{Kind, Name, Pattern};

pub(crate) const TOPIC: &[&str] = &["keep"];
pub(crate) const ROUTE: &[&str] = &["stream", "actor", "get", "post"];

/// What the host answers itself: these paths and those beneath them.
const OURS: [&str; 7] = ["stream", "events", "topics", "api", "assets", "healthz", "metrics"];

const PATTERN: &str = "write a topic or a pattern, as in \"kettle/sample\" or \"kettle/**\"";

/// `[topic.…]`.
pub(crate) fn topics(root: &Value, sink: &Sink<'_>) -> Vec<TopicHistory> {
    let one = |entry: &Entry| {
        let title = format!("[topic.\"{}\"]", entry.key);
        let pattern = match entry.key.parse::<Pattern>() {
            Ok(pattern) => Some(pattern),
            Err(why) => {
                sink.add(
                    Fault::new(Code::BadTopic, format!("\"{}\" is no topic or pattern", entry.key.escape_debug()))
                        .at(entry.at.clone(), why.to_string())
                        .help("write it in quotes, as in [topic.\"kettle/**\"]"),
                );
                None
            }
        };
        let table = Table::open(&entry.value, entry.at.clone(), title, TOPIC, sink)?;
        let keep = table.whole("keep", 1..=1_000_000_u32).unwrap_or(1024) as usize;
        Some(TopicHistory { pattern: pattern?, keep })
    };
    section(root, "topic", sink).iter().filter_map(one).collect()
}

/// `[route.…]`.
pub(crate) fn routes(root: &Value, names: &Names<'_>, sink: &Sink<'_>) -> Vec<HttpRoute> {
    let one = |entry: &Entry| {
        let good = path(entry, sink);
        let table = Table::open(&entry.value, entry.at.clone(), format!("[route.\"{}\"]", entry.key), ROUTE, sink)?;
        let serve = serve(&table, names)?;
        good.then(|| HttpRoute { path: entry.key.clone(), serve })
    };
    section(root, "route", sink).iter().filter_map(one).collect()
}

fn path(entry: &Entry, sink: &Sink<'_>) -> bool {
    let path = entry.key.as_str();
    let refuse = |code, why: String, help: String| {
        let message = match code {
            Code::ReservedPath => format!("the path `{path}` is the host's own"),
            _ => format!("\"{}\" is no path for a route", path.escape_debug()),
        };
        sink.add(Fault::new(code, message).at(entry.at.clone(), why).help(help));
        false
    };
    let Some(rest) = path.strip_prefix('/') else {
        return refuse(Code::BadPath, "does not begin with `/`".into(), format!("write [route.\"/{path}\"]"));
    };
    let first = rest.split('/').next().unwrap_or_default();
    if rest.is_empty() || OURS.contains(&first) {
        let why = match rest {
            "" => "the page is there".into(),
            _ => format!("the host answers /{first} itself"),
        };
        return refuse(Code::ReservedPath, why, "choose another path".into());
    }
    let known = |c: char| c.is_ascii_alphanumeric() || "-_.~/".contains(c);
    if let Some(c) = path.chars().find(|c| !known(*c)) {
        return refuse(
            Code::BadPath,
            format!("a path has only a–z, A–Z, 0–9, `-`, `_`, `.`, `~` and `/`, not {c:?}"),
            "leave it out".into(),
        );
    }
    if path.len() > 128 {
        return refuse(Code::BadPath, format!("{} bytes", path.len()), "write a path of at most 128 bytes".into());
    }
    if rest.split('/').any(|segment| matches!(segment, "" | "." | "..")) {
        let why = "an empty segment, `.` or `..`".into();
        return refuse(Code::BadPath, why, "write no `/` at the end, no two in a row, and no dots alone".into());
    }
    true
}

fn serve(table: &Table<'_>, names: &Names<'_>) -> Option<Serve> {
    let sink = table.sink();
    let contradiction = |why: &str| {
        sink.add(Fault::new(Code::BadRoute, format!("{} {why}", table.title())).at(table.at(), "this route").help(
            "write stream = \"TOPIC-PATTERN\", or actor = \"NAME\" with get = \"KIND\", post = \"KIND\" or both",
        ));
    };
    let asks = ["actor", "get", "post"].map(|key| table.entry(key).is_some());
    match (table.entry("stream").is_some(), asks) {
        (true, [false, false, false]) => {
            table.parsed::<Pattern>("stream", Code::BadTopic, PATTERN).map(|(pattern, _)| Serve::Stream(pattern))
        }
        (true, _) => {
            contradiction("both streams and asks");
            None
        }
        (false, [false, false, false]) => {
            contradiction("does nothing");
            None
        }
        (false, [false, _, _]) => {
            contradiction("has nobody to ask");
            None
        }
        (false, [true, false, false]) => {
            contradiction("has nothing to ask");
            None
        }
        (false, [true, _, _]) => {
            let kind = |key| {
                table
                    .parsed::<Kind>(key, Code::BadMessage, "write the kind of message that the actor understands")
                    .map(|(kind, _)| kind.to_string())
            };
            let (get, post) = (kind("get"), kind("post"));
            Some(Serve::Ask { actor: actor(table, names)?, get, post })
        }
    }
}

fn actor(table: &Table<'_>, names: &Names<'_>) -> Option<Name> {
    let sink = table.sink();
    let (text, span) = table.text("actor")?;
    match names.being(text).map(|being| being.role) {
        _ if names.has(text, Role::Actor) => text.parse().ok(),
        Some(role) => {
            sink.add(
                Fault::new(Code::NotAnActor, format!("{} asks what is no actor", table.title()))
                    .at(span, format!("`{text}` is {}", role.is()))
                    .help("name an actor"),
            );
            None
        }
        None => {
            let fault = Fault::new(Code::UnknownActor, format!("{} asks an actor that does not exist", table.title()))
                .at(span, format!("no [actor.{text}]"));
            sink.add(fault.help(names.hint(text, &[Role::Actor], sink)));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_checked() {
        let check = |path: &str, expect: Result<(), Code>| {
            let sink = Sink::new("");
            let value = Value { span: 0..0, item: crate::tree::Item::Table(Vec::new()) };
            let good = super::path(&Entry { key: path.into(), at: 0..0, value }, &sink);
            let code = sink.into_faults(std::path::Path::new("x")).map(|faults| faults.list()[0].kind());
            assert_eq!(code.map_or(Ok(()), Err), expect, "{path}");
            assert_eq!(good, expect.is_ok(), "{path}");
        };
        check("/logger", Ok(()));
        check("/kettle/temperature", Ok(()));
        check("/apiary", Ok(()));
        check("/v1.2/~a_b-C", Ok(()));
        check("logger", Err(Code::BadPath));
        check("", Err(Code::BadPath));
        check("/", Err(Code::ReservedPath));
        for ours in OURS {
            check(&format!("/{ours}"), Err(Code::ReservedPath));
            check(&format!("/{ours}/x"), Err(Code::ReservedPath));
        }
        check("/a/", Err(Code::BadPath));
        check("/a//b", Err(Code::BadPath));
        check("/a/../b", Err(Code::BadPath));
        check("/{a}", Err(Code::BadPath));
        check("/a?b", Err(Code::BadPath));
        check("/a b", Err(Code::BadPath));
        check("/ä", Err(Code::BadPath));
        check(&format!("/{}", "a".repeat(128)), Err(Code::BadPath));
    }
}
