//! `[supervisor.NAME]`, and who is whose child.

use crate::fault::{Code, Fault, Sink};
use crate::names::{self, Names, Role, name};
use crate::near::hint;
use crate::plan::{Rule, Supervisor, Template};
use crate::table::Table;
use crate::tree::{Entry, Item, Span, Value};
use crate::unit;
use greenroom_core::{AutoShutdown, BackOff, Flags, GiveUp, Intensity, Name, Restart, Shutdown, Strategy};
use std::time::Duration;

pub(crate) const SUPERVISOR: &[&str] = &[
    "strategy",
    "intensity",
    "children",
    "template",
    "auto-shutdown",
    "on-give-up",
    "back-off",
    "restart",
    "shutdown",
    "significant",
];
pub(crate) const INTENSITY: &[&str] = &["restarts", "within"];
pub(crate) const BACK_OFF: &[&str] = &["first", "max", "factor", "jitter", "reset"];
pub(crate) const TEMPLATE: &[&str] = &["behavior", "restart", "shutdown", "significant"];

pub(crate) const STRATEGIES: [(&str, Option<Strategy>); 4] = [
    ("one-for-one", Some(Strategy::OneForOne)),
    ("one-for-all", Some(Strategy::OneForAll)),
    ("rest-for-one", Some(Strategy::RestForOne)),
    ("dynamic", None),
];
pub(crate) const RESTARTS: [(&str, Restart); 3] =
    [("permanent", Restart::Permanent), ("transient", Restart::Transient), ("temporary", Restart::Temporary)];
pub(crate) const AUTO_SHUTDOWNS: [(&str, AutoShutdown); 3] =
    [("never", AutoShutdown::Never), ("any", AutoShutdown::Any), ("all", AutoShutdown::All)];
pub(crate) const GIVE_UPS: [(&str, GiveUp); 2] = [("exit", GiveUp::Exit), ("quarantine", GiveUp::Quarantine)];

const MILLISECOND: Duration = Duration::from_millis(1);
const DAY: Duration = Duration::from_secs(86_400);

/// `[supervisor.…]`, without its relations.
pub(crate) fn supervisors(root: &Value, names: &Names<'_>, sink: &Sink<'_>) -> Vec<Supervisor> {
    let mut family = Family::default();
    let one = |entry: &Entry| {
        let name = name(entry, sink);
        let table =
            Table::open(&entry.value, entry.at.clone(), format!("[supervisor.{}]", entry.key), SUPERVISOR, sink)?;
        let flags = flags(&table);
        let strategy = table.word("strategy", &STRATEGIES).unwrap_or(Some(Strategy::OneForOne));
        let children = family.children(&entry.key, &table, names);
        let template = template(&table, names, &flags);
        let rule = rule(&table, strategy, children, template);
        Some(Supervisor {
            rule: rule?,
            flags,
            restart: table.word("restart", &RESTARTS).unwrap_or(Restart::Permanent),
            shutdown: shutdown(&table).unwrap_or(Shutdown::SUPERVISOR),
            significant: table.flag("significant").unwrap_or(false),
            name: name?,
        })
    };
    let supervisors: Vec<_> = names::section(root, "supervisor", sink).iter().filter_map(one).collect();
    family.check_circles(sink);
    significant(root, &supervisors, sink);
    supervisors
}

fn flags(table: &Table<'_>) -> Flags {
    let intensity = table.table("intensity", INTENSITY);
    let usual = Intensity::default();
    let restarts = intensity.as_ref().and_then(|table| table.whole("restarts", 0..=1_000_000_u32));
    let within = intensity.as_ref().and_then(|table| table.time("within", MILLISECOND..=365 * DAY));
    Flags {
        intensity: Intensity { restarts: restarts.unwrap_or(usual.restarts), within: within.unwrap_or(usual.within) },
        auto_shutdown: table.word("auto-shutdown", &AUTO_SHUTDOWNS).unwrap_or_default(),
        give_up: table.word("on-give-up", &GIVE_UPS).unwrap_or_default(),
        back_off: table.table("back-off", BACK_OFF).map(|table| back_off(&table)),
    }
}

fn back_off(table: &Table<'_>) -> BackOff {
    let usual = BackOff::default();
    let first = table.time("first", MILLISECOND..=DAY).unwrap_or(usual.first);
    BackOff {
        first,
        max: table.time("max", MILLISECOND..=DAY).unwrap_or(usual.max).max(first),
        factor: table.number("factor", 1.0..=100.0).unwrap_or(usual.factor),
        jitter: table.number("jitter", 0.0..=1.0).unwrap_or(usual.jitter),
        reset: table.time("reset", MILLISECOND..=365 * DAY).unwrap_or(usual.reset),
    }
}

/// Children or a template, as the strategy wants it.
fn rule(
    table: &Table<'_>,
    strategy: Option<Strategy>,
    children: Vec<Name>,
    template: Option<Template>,
) -> Option<Rule> {
    let (wanted, unwanted, example) = match strategy {
        Some(_) => ("children", "template", "[\"NAME\", …], its actors and supervisors in start order"),
        None => ("template", "children", "{ behavior = \"NAME\" }, what each of its children runs"),
    };
    if table.entry(wanted).is_none() {
        table.missing(wanted, example);
    }
    if let Some(entry) = table.entry(unwanted) {
        let (what, help) = match strategy {
            Some(_) => ("only a dynamic supervisor has a template", "add `strategy = \"dynamic\"`, or remove it"),
            None => ("a dynamic supervisor starts with no children", "remove it, or choose another `strategy`"),
        };
        table.sink().add(
            Fault::new(Code::BadTemplate, format!("{} cannot have `{unwanted}`", table.title()))
                .at(entry.at.clone(), what)
                .help(help),
        );
    }
    match strategy {
        Some(strategy) => Some(Rule::Static(strategy, children)),
        None => template.map(Rule::Dynamic),
    }
}

fn template(table: &Table<'_>, names: &Names<'_>, flags: &Flags) -> Option<Template> {
    let table = table.table("template", TEMPLATE)?;
    let sink = table.sink();
    let restart = table.word("restart", &RESTARTS).unwrap_or(Restart::Permanent);
    let shutdown = shutdown(&table).unwrap_or(Shutdown::WORKER);
    let significant = table.flag("significant").unwrap_or(false);
    if let (Some(value), Err(why)) = (table.value("significant"), flags.allow(significant, restart)) {
        sink.add(not_significant(value.span.clone(), "the template's children", why));
    }
    if table.entry("behavior").is_none() {
        table.missing("behavior", "\"NAME\", a [behavior.NAME] of this manifest");
    }
    let (text, span) = table.text("behavior")?;
    match names.being(text).map(|being| being.role) {
        Some(Role::Behavior) => {}
        found => sink.add(
            Fault::new(Code::UnknownBehavior, format!("{} names a behaviour that does not exist", table.title()))
                .at(span, found.map_or(format!("no [behavior.{text}]"), |role| format!("`{text}` is {}", role.is())))
                .help(match found {
                    Some(_) => "what a template runs has a [behavior.NAME] of its own".into(),
                    None => names.hint(text, &[Role::Behavior], sink),
                }),
        ),
    }
    Some(Template { behavior: text.parse().ok()?, restart, shutdown, significant })
}

fn not_significant(span: Span, who: &str, why: &str) -> Fault {
    Fault::new(Code::BadSignificant, format!("{who} cannot be significant"))
        .at(span, why)
        .help("give it `restart = \"transient\"` or \"temporary\" and its supervisor `auto-shutdown = \"any\"` or \"all\", or remove it")
}

/// A significant child needs a supervisor that minds.
fn significant(root: &Value, supervisors: &[Supervisor], sink: &Sink<'_>) {
    for entry in ["actor", "supervisor"].into_iter().flat_map(|word| root.get(word).map_or(&[][..], Value::entries)) {
        let Some(Value { item: Item::Flag(true), span }) = entry.value.get("significant") else { continue };
        let known = entry.value.get("restart").and_then(Value::text);
        let restart =
            RESTARTS.iter().find(|(word, _)| Some(*word) == known).map_or(Restart::Permanent, |found| found.1);
        let parent = supervisors.iter().find(|above| above.children().iter().any(|name| name.as_str() == entry.key));
        let flags = parent.map_or_else(Flags::default, |parent| parent.flags);
        if let Err(why) = flags.allow(true, restart) {
            sink.add(not_significant(span.clone(), &format!("`{}`", entry.key), why));
        }
    }
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
    let listed = |name: &Name| supervisors.iter().any(|supervisor| supervisor.children().contains(name));
    let startable = names.beings.iter().filter(|being| being.role != Role::Behavior);
    startable.filter_map(|being| being.name.parse().ok()).filter(|name| !listed(name)).collect()
}
