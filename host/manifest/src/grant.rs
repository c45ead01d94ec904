//! Grants: each parses, and what it refers to exists.

use crate::fault::{Code, Fault};
use crate::names::{Names, ROOT, Role};
use crate::near::nearest;
use crate::table::Table;
use crate::tree::{Item, Span, Value};
use greenroom_core::{Grant, GrantError};

/// The names that a table's grants allow to register, read before anything is checked.
pub(crate) fn registers(table: &Value) -> impl Iterator<Item = String> {
    let list = match table.get("grant").map(|value| &value.item) {
        Some(Item::List(values)) => values.as_slice(),
        _ => &[],
    };
    list.iter().filter_map(|value| Some(value.text()?.strip_prefix("register:")?.to_owned()))
}

/// Reads `grant` of an actor or behaviour.
pub(crate) fn read(table: &Table<'_>, names: &Names<'_>) -> Vec<Grant> {
    let (mut grants, mut folders) = (Vec::new(), Vec::<(Grant, Span)>::new());
    for (text, span) in table.texts("grant") {
        match text.parse() {
            Ok(grant) => {
                check(&grant, span.clone(), table, names);
                if let Some((other, first)) = folders.iter().find(|(other, _)| clash(other, &grant)) {
                    table.sink().add(twice(other, &grant, first.clone(), span.clone()));
                }
                if matches!(grant, Grant::Files(_) | Grant::FilesWrite(_)) {
                    folders.push((grant.clone(), span));
                }
                grants.push(grant);
            }
            Err(why) => table.sink().add(malformed(text, span, &why)),
        }
    }
    grants
}

/// Whether the actor would find two different folders at one path.
fn clash(one: &Grant, other: &Grant) -> bool {
    match (one, other) {
        (Grant::Files(one) | Grant::FilesWrite(one), Grant::Files(other) | Grant::FilesWrite(other)) => {
            one != other && one.inside() == other.inside()
        }
        _ => false,
    }
}

fn twice(one: &Grant, other: &Grant, first: Span, second: Span) -> Fault {
    let inside = match other {
        Grant::Files(folder) | Grant::FilesWrite(folder) => folder.inside(),
        _ => String::new(),
    };
    Fault::new(Code::BadGrant, format!("\"{one}\" and \"{other}\" are two folders at one path"))
        .at(second, format!("an actor finds it at `{inside}`"))
        .at(first, "and this one, too")
        .help("a folder beside the manifest is found as if the manifest were in `/`: write one of them otherwise")
}

fn malformed(text: &str, span: Span, why: &GrantError) -> Fault {
    let fault =
        Fault::new(Code::BadGrant, format!("\"{}\" is no grant", text.escape_debug())).at(span, why.to_string());
    match why {
        GrantError::Verb(verb) => match nearest(verb, Grant::VERBS) {
            Some("routes") => fault.help("did you mean \"routes\"?"),
            Some(near) => {
                let object = text.split_once(':').map_or("NAME", |(_, object)| object);
                fault.help(format!("did you mean \"{near}:{object}\"?"))
            }
            None => fault.help(format!("there are {}, as in \"write:heater\"", Grant::VERBS.join(", "))),
        },
        GrantError::NoObject { verb, object } => fault.help(format!("write \"{verb}:{object}\"")),
        GrantError::Folder(_) => fault
            .help("write a folder, absolute or beside the manifest, as in \"files:/srv/recipes\" or \"files:recipes\""),
        GrantError::Peer(_) => fault.help("write a host and a port, as in \"connect:broker.local:1883\""),
        GrantError::Name(_) => fault.help("write the name as the manifest defines it"),
        GrantError::Topic(_) => fault.help("write a topic or a pattern, as in \"kettle/sample\" or \"kettle/**\""),
    }
}

fn check(grant: &Grant, span: Span, table: &Table<'_>, names: &Names<'_>) {
    let sink = table.sink();
    let tell = |fault: Fault, help: String| sink.add(fault.help(help));
    match grant {
        Grant::Read(name) | Grant::Write(name) => {
            let Some(device) = names.device(name.as_str()) else {
                return tell(
                    Fault::new(Code::UnknownDevice, format!("{} names a device that does not exist", table.title()))
                        .at(span, format!("no [device.{name}]")),
                    names.hint(name.as_str(), &[Role::Input, Role::Output, Role::Device], sink),
                );
            };
            if matches!(grant, Grant::Write(_)) && device.role == Role::Input {
                tell(
                    Fault::new(Code::NotAnOutput, format!("{} may write `{name}`, which is an input", table.title()))
                        .at(span, "only outputs are written")
                        .at(device.at.clone(), "an input"),
                    format!("write \"read:{name}\", or name an output"),
                );
            }
        }
        Grant::Tell(name) | Grant::Ask(name) => match names.being(name.as_str()).map(|being| being.role) {
            Some(Role::Actor) => {}
            _ if names.registered.iter().any(|registered| registered == name.as_str()) => {}
            Some(role) => tell(
                Fault::new(Code::NotAnActor, format!("{} may reach `{name}`, which is no actor", table.title()))
                    .at(span, format!("`{name}` is {}", role.is())),
                match role {
                    Role::Behavior => format!(
                        "an actor that is spawned with this behaviour is found by name only with the grant \"register:{name}\""
                    ),
                    _ => format!("to have a supervisor start and stop children, write \"supervise:{name}\""),
                },
            ),
            None => tell(
                Fault::new(Code::UnknownActor, format!("{} names an actor that does not exist", table.title()))
                    .at(span, format!("no [actor.{name}], and nobody has the grant register:{name}")),
                names.hint(name.as_str(), &[Role::Actor], sink),
            ),
        },
        Grant::Spawn(name) => match names.being(name.as_str()).map(|being| being.role) {
            Some(Role::Behavior) => {}
            found => tell(
                Fault::new(Code::UnknownBehavior, format!("{} names a behaviour that does not exist", table.title()))
                    .at(
                        span,
                        match found {
                            Some(role) => format!("`{name}` is {}", role.is()),
                            None => format!("no [behavior.{name}]"),
                        },
                    ),
                match found {
                    Some(_) => "what is spawned, or become, has a [behavior.NAME] of its own".into(),
                    None => names.hint(name.as_str(), &[Role::Behavior], sink),
                },
            ),
        },
        Grant::Supervise(name) => match names.being(name.as_str()).map(|being| being.role) {
            Some(Role::Supervisor) => {}
            _ if name.as_str() == ROOT => {}
            found => tell(
                Fault::new(
                    Code::UnknownSupervisor,
                    format!("{} names a supervisor that does not exist", table.title()),
                )
                .at(
                    span,
                    match found {
                        Some(role) => format!("`{name}` is {}", role.is()),
                        None => format!("no [supervisor.{name}]"),
                    },
                ),
                names.hint(name.as_str(), &[Role::Supervisor], sink),
            ),
        },
        Grant::Publish(pattern) if pattern.as_str().split('/').next() == Some("greenroom") => tell(
            Fault::new(Code::ReservedTopic, format!("{} may publish on the host's own topics", table.title()))
                .at(span, "topics under `greenroom/` are the host's"),
            "choose a name of the application's own, as in \"publish:kettle/**\"".into(),
        ),
        Grant::Register(name) if name.as_str() == ROOT => tell(
            Fault::new(Code::ReservedName, format!("{} may register as `{ROOT}`", table.title()))
                .at(span, "the host's own supervisor is called so"),
            "choose another name".into(),
        ),
        Grant::Publish(_)
        | Grant::Subscribe(_)
        | Grant::Register(_)
        | Grant::Files(_)
        | Grant::FilesWrite(_)
        | Grant::Connect(_)
        | Grant::Routes => {}
    }
}
