//! Who is there: every name that the manifest defines, before anything refers to one.

use crate::fault::{Code, Fault, Sink};
use crate::near::{hint, nearest};
use crate::tree::{Entry, Item, Span, Value};
use crate::{device, grant};
use greenroom_core::Name;

/// What a name stands for. Actors, supervisors and behaviours share one space of names, devices have their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Actor,
    Supervisor,
    Behavior,
    Input,
    Output,
    /// A device whose kind is missing or unknown: a mistake of its own.
    Device,
}

impl Role {
    /// With its article, for messages.
    pub(crate) fn is(self) -> &'static str {
        match self {
            Self::Actor => "an actor",
            Self::Supervisor => "a supervisor",
            Self::Behavior => "a behaviour",
            Self::Input => "an input",
            Self::Output => "an output",
            Self::Device => "a device",
        }
    }

    fn section(self) -> &'static str {
        match self {
            Self::Actor => "actor",
            Self::Supervisor => "supervisor",
            Self::Behavior => "behavior",
            Self::Input | Self::Output | Self::Device => "device",
        }
    }
}

/// What the supervisor of those without one is called.
pub(crate) const ROOT: &str = "root";

/// A definition.
pub(crate) struct Defined<'t> {
    pub(crate) name: &'t str,
    pub(crate) role: Role,
    pub(crate) at: Span,
}

/// All definitions, in the order of the text.
pub(crate) struct Names<'t> {
    pub(crate) beings: Vec<Defined<'t>>,
    pub(crate) devices: Vec<Defined<'t>>,
    /// Names that actors may register themselves under.
    pub(crate) registered: Vec<String>,
}

/// The entries of `[actor.…]`, `[device.…]` and the like.
pub(crate) fn section<'t>(root: &'t Value, word: &str, sink: &Sink<'_>) -> &'t [Entry] {
    let Some(value) = root.get(word) else { return &[] };
    if !matches!(value.item, Item::Table(_)) {
        sink.add(
            Fault::new(Code::WrongType, format!("`{word}` must be a table of tables"))
                .at(value.span.clone(), format!("this is {}", value.item.is()))
                .help(format!("write [{word}.NAME] above the keys of each")),
        );
    }
    value.entries()
}

/// A name as a valid one.
pub(crate) fn name(entry: &Entry, sink: &Sink<'_>) -> Option<Name> {
    match entry.key.parse() {
        Ok(name) => Some(name),
        Err(why) => {
            let mut fault = Fault::new(Code::BadName, format!("\"{}\" is no name", entry.key.escape_debug()))
                .at(entry.at.clone(), format!("{why}"));
            let plain = entry.key.to_lowercase().replace([' ', '/'], "-");
            fault = fault.help(match plain.parse::<Name>() {
                Ok(plain) => format!("write `{plain}`"),
                Err(_) => "write a name such as `mash-probe`".into(),
            });
            sink.add(fault);
            None
        }
    }
}

impl<'t> Names<'t> {
    pub(crate) fn find(root: &'t Value, sink: &Sink<'_>) -> Self {
        let mut beings: Vec<Defined<'t>> = Vec::new();
        let mut registered = Vec::new();
        for role in [Role::Actor, Role::Supervisor, Role::Behavior] {
            for entry in section(root, role.section(), sink) {
                beings.push(Defined { name: &entry.key, role, at: entry.at.clone() });
                registered.extend(grant::registers(&entry.value));
            }
        }
        beings.sort_by_key(|defined| defined.at.start);
        for defined in beings.iter().filter(|defined| defined.name == ROOT && defined.role != Role::Behavior) {
            sink.add(
                Fault::new(Code::ReservedName, format!("{} cannot be called `{ROOT}`", defined.role.is()))
                    .at(defined.at.clone(), "the host's own supervisor is called so")
                    .help("choose another name"),
            );
        }
        for (number, defined) in beings.iter().enumerate() {
            let Some(first) = beings[..number].iter().find(|other| other.name == defined.name) else { continue };
            sink.add(
                Fault::new(Code::DuplicateName, format!("`{}` is defined twice", defined.name))
                    .at(defined.at.clone(), format!("here as {}", defined.role.is()))
                    .at(first.at.clone(), format!("and here as {}", first.role.is()))
                    .help("actors, supervisors and behaviours share one space of names: rename one"),
            );
        }
        let devices = section(root, "device", sink)
            .iter()
            .map(|entry| Defined { name: &entry.key, role: device::role(&entry.value), at: entry.at.clone() })
            .collect();
        Self { beings, devices, registered }
    }

    /// The actor, supervisor or behaviour of a name.
    pub(crate) fn being(&self, name: &str) -> Option<&Defined<'t>> {
        self.beings.iter().find(|defined| defined.name == name)
    }

    pub(crate) fn device(&self, name: &str) -> Option<&Defined<'t>> {
        self.devices.iter().find(|defined| defined.name == name)
    }

    pub(crate) fn has(&self, name: &str, role: Role) -> bool {
        self.beings.iter().any(|defined| defined.name == name && defined.role == role)
    }

    /// What to do about a name that is not defined: the nearest of some roles, with its line; or all of them.
    pub(crate) fn hint(&self, name: &str, roles: &[Role], sink: &Sink<'_>) -> String {
        let all = || self.beings.iter().chain(&self.devices).filter(|defined| roles.contains(&defined.role));
        if let Some(near) = nearest(name, all().map(|defined| defined.name))
            && let Some(defined) = all().find(|defined| defined.name == near)
        {
            return format!("did you mean `{near}`? (line {})", sink.line(defined.at.start));
        }
        hint(name, all().map(|defined| defined.name)).unwrap_or_else(|| match roles.first() {
            Some(role) => format!("there is none at all: define [{}.NAME]", role.section()),
            None => "leave it out".into(),
        })
    }
}
