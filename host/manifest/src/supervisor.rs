//! `[supervisor.NAME]`, and who is whose child.

use crate::fault::{Code, Fault, Sink};
use crate::names::{self, Names, Role, name};
use crate::near::hint;
use crate::plan::Supervisor;
use crate::table::Table;
use crate::tree::{Entry, Item, Span, Value};
use crate::unit;
use greenroom_core::{Intensity, Name, Restart, Shutdown, Strategy};
use std::time::Duration;

pub(crate) const SUPERVISOR: &[&str] = &["strategy", "intensity", "children", "restart", "shutdown"];
pub(crate) const INTENSITY: &[&str] = &["restarts", "within"];

pub(crate) const STRATEGIES: [(&str, Strategy); 3] = [
    ("one-for-one", Strategy::OneForOne),
    ("one-for-all", Strategy::OneForAll),
    ("rest-for-one", Strategy::RestForOne),
];
pub(crate) const RESTARTS: [(&str, Restart); 3] =
    [("permanent", Restart::Permanent), ("transient", Restart::Transient), ("temporary", Restart::Temporary)];

const MILLISECOND: Duration = Duration::from_millis(1);
const DAY: Duration = Duration::from_secs(86_400);

/// `[supervisor.…]`, without its relations.
pub(crate) fn supervisors(root: &Value, names: &Names<'_>, sink: &Sink<'_>) -> Vec<Supervisor> {
    let mut family = Family::default();
    let one = |entry: &Entry| {
        let name = name(entry, sink);
        let table =
            Table::open(&entry.value, entry.at.clone(), format!("[supervisor.{}]", entry.key), SUPERVISOR, sink)?;
        if table.entry("children").is_none() {
            table.missing("children", "[\"NAME\", …], its actors and supervisors in start order");
        }
        let intensity = table.table("intensity", INTENSITY);
        let usual = Intensity::default();
        Some(Supervisor {
            strategy: table.word("strategy", &STRATEGIES).unwrap_or(Strategy::OneForOne),
            intensity: Intensity {
                restarts: intensity
                    .as_ref()
                    .and_then(|table| table.whole("restarts", 0..=1_000_000_u32))
                    .unwrap_or(usual.restarts),
                within: intensity
                    .as_ref()
                    .and_then(|table| table.time("within", MILLISECOND..=365 * DAY))
                    .unwrap_or(usual.within),
            },
            children: family.children(&entry.key, &table, names),
            restart: table.word("restart", &RESTARTS).unwrap_or(Restart::Permanent),
            shutdown: shutdown(&table).unwrap_or(Shutdown::SUPERVISOR),
            name: name?,
        })
    };
    let supervisors = names::section(root, "supervisor", sink).iter().filter_map(one).collect();
    family.check_circles(sink);
    supervisors
}

/// `shutdown`: `"brutal"`, `"infinity"`, or a time of up to a day.
pub(crate) fn shutdown(table: &Table<'_>) -> Option<Shutdown> {
    match table.value("shutdown").map(|value| &value.item) {
        Some(Item::Text(text)) if text == "brutal" => Some(Shutdown::Brutal),
        Some(Item::Text(text)) if text == "infinity" => Some(Shutdown::Infinity),
        Some(Item::Text(text)) if unit::time(text).is_err() => {
            let (text, span) = table.text("shutdown")?;
            let near = hint(text, ["brutal", "infinity"]).filter(|hint| hint.starts_with("did"));
            table.sink().add(
                Fault::new(Code::BadTime, format!("`shutdown` cannot be \"{}\"", text.escape_debug()))
                    .at(span, "neither a time nor one of the two words")
                    .help(near.unwrap_or_else(|| "write a time, as in \"5s\", or \"brutal\", or \"infinity\"".into())),
            );
            None
        }
        _ => table.time("shutdown", MILLISECOND..=DAY).map(Shutdown::After),
    }
}

/// Who was found as whose child, and where that is written.
#[derive(Default)]
struct Family {
    links: Vec<Link>,
}

struct Link {
    parent: String,
    child: String,
    at: Span,
}

impl Family {
    fn children(&mut self, parent: &str, table: &Table<'_>, names: &Names<'_>) -> Vec<Name> {
        let sink = table.sink();
        let mut children = Vec::new();
        for (text, span) in table.texts("children") {
            let Some(role) = names.being(text).map(|being| being.role) else {
                let fault =
                    Fault::new(Code::UnknownChild, format!("supervisor `{parent}` names a child that does not exist"))
                        .at(span, format!("no [actor.{text}] or [supervisor.{text}]"));
                sink.add(fault.help(names.hint(text, &[Role::Actor, Role::Supervisor], sink)));
                continue;
            };
            if role == Role::Behavior {
                sink.add(
                    Fault::new(Code::BehaviorChild, format!("supervisor `{parent}` has a behaviour as a child"))
                        .at(span, format!("`{text}` is a behaviour"))
                        .help(format!("behaviours are spawned by actors; make it [actor.{text}] to have it started")),
                );
                continue;
            }
            if let Some(first) = self.links.iter().find(|link| link.child == text) {
                sink.add(match first.parent == parent {
                    true => Fault::new(Code::RepeatedChild, format!("supervisor `{parent}` lists `{text}` twice"))
                        .at(span, "again")
                        .at(first.at.clone(), "first here")
                        .help("a child is started once: leave one out"),
                    false => Fault::new(Code::TwoSupervisors, format!("`{text}` has two supervisors"))
                        .at(span, format!("a child of `{parent}`"))
                        .at(first.at.clone(), format!("and of `{}`", first.parent))
                        .help("a child has one supervisor: leave one out"),
                });
                continue;
            }
            self.links.push(Link { parent: parent.into(), child: text.into(), at: span });
            // A malformed name is a mistake of its own, where it is defined.
            children.extend(text.parse::<Name>());
        }
        children
    }

    /// Each child has one parent here, so following the parents up either ends or goes round.
    fn check_circles(&self, sink: &Sink<'_>) {
        let mut seen: Vec<&str> = Vec::new();
        for link in &self.links {
            let mut circle = vec![link];
            let mut above = link;
            while let Some(next) = self.links.iter().find(|other| other.child == above.parent) {
                if next.child == link.child {
                    break;
                }
                if circle.iter().any(|known| known.child == next.child) {
                    circle.clear();
                    break;
                }
                circle.push(next);
                above = next;
            }
            let closed = circle.last().is_some_and(|last| last.parent == link.child);
            if !closed || seen.contains(&link.child.as_str()) {
                continue;
            }
            seen.extend(circle.iter().map(|link| link.child.as_str()));
            circle.sort_by_key(|link| link.at.start);
            let message = match circle.as_slice() {
                [one] => format!("supervisor `{}` is its own child", one.child),
                many => {
                    let names: Vec<_> = many.iter().map(|link| format!("`{}`", link.child)).collect();
                    format!("supervisors {} are each other's children", names.join(", "))
                }
            };
            let mut fault = Fault::new(Code::SupervisorCycle, message).help("take one of these out of the circle");
            for link in circle {
                fault = fault.at(link.at.clone(), format!("`{}` has `{}`", link.parent, link.child));
            }
            sink.add(fault);
        }
    }
}

/// What no supervisor lists, in the order of the text.
pub(crate) fn root(names: &Names<'_>, supervisors: &[Supervisor]) -> Vec<Name> {
    let listed = |name: &Name| supervisors.iter().any(|supervisor| supervisor.children.contains(name));
    let startable = names.beings.iter().filter(|being| being.role != Role::Behavior);
    startable.filter_map(|being| being.name.parse().ok()).filter(|name| !listed(name)).collect()
}
