//! What an actor may do beyond sending to addresses that it holds. Deny by default.

use crate::{Name, NameError, Pattern, TopicError};
use std::fmt;
use std::str::FromStr;

/// One permission, as the manifest writes it: `read:mash-probe`, `publish:kettle/**`, `routes`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Grant {
    /// Read a device.
    Read(Name),
    /// Drive an output.
    Write(Name),
    /// Publish on topics of a pattern.
    Publish(Pattern),
    /// Subscribe to topics of a pattern.
    Subscribe(Pattern),
    /// Look up a name, to send to it.
    Tell(Name),
    /// Look up a name, to send to it or ask it.
    Ask(Name),
    /// Spawn, or become, a behaviour.
    Spawn(Name),
    /// Register under a name.
    Register(Name),
    /// Have a supervisor start, stop, restart, delete, list and count its children.
    Supervise(Name),
    /// Set the routes of topics: for the topic registry.
    Routes,
}

/// Why a text is no grant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// The word before the colon is none of ours.
    #[error(
        "no such grant: `{0}` (there are read:, write:, publish:, subscribe:, tell:, ask:, spawn:, register:, supervise: and routes)"
    )]
    Verb(String),
    /// The word is right and what it is for is missing.
    #[error("`{0}` needs a name after it, as in `{0}:NAME`")]
    NoObject(String),
    /// The name after the colon is malformed.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The topic after the colon is malformed.
    #[error(transparent)]
    Topic(#[from] TopicError),
}

impl Grant {
    /// The words before the colon, for suggestions.
    pub const VERBS: [&str; 10] =
        ["read", "write", "publish", "subscribe", "tell", "ask", "spawn", "register", "supervise", "routes"];

    /// Whether having this grant allows what `wanted` allows.
    pub fn covers(&self, wanted: &Grant) -> bool {
        match (self, wanted) {
            (Self::Publish(ours), Self::Publish(theirs)) | (Self::Subscribe(ours), Self::Subscribe(theirs)) => {
                ours.covers(theirs)
            }
            // Who may ask may tell.
            (Self::Ask(ours), Self::Tell(theirs)) => ours == theirs,
            _ => self == wanted,
        }
    }
}

impl FromStr for Grant {
    type Err = GrantError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "routes" {
            return Ok(Self::Routes);
        }
        let (verb, object) = match text.split_once(':') {
            Some(parts) => parts,
            None if Self::VERBS.contains(&text) => return Err(GrantError::NoObject(text.into())),
            None => return Err(GrantError::Verb(text.into())),
        };
        Ok(match verb {
            "read" => Self::Read(object.parse()?),
            "write" => Self::Write(object.parse()?),
            "publish" => Self::Publish(object.parse()?),
            "subscribe" => Self::Subscribe(object.parse()?),
            "tell" => Self::Tell(object.parse()?),
            "ask" => Self::Ask(object.parse()?),
            "spawn" => Self::Spawn(object.parse()?),
            "register" => Self::Register(object.parse()?),
            "supervise" => Self::Supervise(object.parse()?),
            _ => return Err(GrantError::Verb(verb.into())),
        })
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(name) => write!(f, "read:{name}"),
            Self::Write(name) => write!(f, "write:{name}"),
            Self::Publish(pattern) => write!(f, "publish:{pattern}"),
            Self::Subscribe(pattern) => write!(f, "subscribe:{pattern}"),
            Self::Tell(name) => write!(f, "tell:{name}"),
            Self::Ask(name) => write!(f, "ask:{name}"),
            Self::Spawn(name) => write!(f, "spawn:{name}"),
            Self::Register(name) => write!(f, "register:{name}"),
            Self::Supervise(name) => write!(f, "supervise:{name}"),
            Self::Routes => f.write_str("routes"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_round_trip_and_cover() {
        let grant = |text: &str| text.parse::<Grant>().unwrap();
        for text in
            ["read:a", "write:a", "publish:a/**", "subscribe:*", "tell:a", "ask:a", "spawn:a", "supervise:a", "routes"]
        {
            assert_eq!(grant(text).to_string(), text);
        }
        assert!(grant("publish:a/**").covers(&grant("publish:a/b")));
        assert!(!grant("publish:a/b").covers(&grant("publish:a/**")));
        assert!(grant("ask:a").covers(&grant("tell:a")));
        assert!(!grant("tell:a").covers(&grant("ask:a")));
        assert!(!grant("read:a").covers(&grant("write:a")));
    }

    #[test]
    fn what_is_no_grant_says_why() {
        assert_eq!("reed:a".parse::<Grant>(), Err(GrantError::Verb("reed".into())));
        assert_eq!("read".parse::<Grant>(), Err(GrantError::NoObject("read".into())));
        assert_eq!("read:A".parse::<Grant>(), Err(GrantError::Name(NameError::Character('A'))));
    }
}
