//! What an actor may do beyond sending to addresses that it holds. Deny by default.

use crate::{Folder, FolderError, Name, NameError, Pattern, Peer, PeerError, TopicError};
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
    /// Read the files of a folder, through WASI.
    Files(Folder),
    /// Read and change the files of a folder, through WASI.
    FilesWrite(Folder),
    /// Connect to somebody over TCP, through WASI.
    Connect(Peer),
    /// Set the routes of topics: for the topic registry.
    Routes,
}

/// Why a text is no grant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// The word before the colon is none of ours.
    #[error(
        "no such grant: `{0}` (there are read:, write:, publish:, subscribe:, tell:, ask:, spawn:, register:, supervise:, files:, files-write:, connect: and routes)"
    )]
    Verb(String),
    /// The word is right and what it is for is missing.
    #[error("`{verb}` needs {object} after it, as in `{verb}:{object}`")]
    NoObject {
        /// The word.
        verb: String,
        /// What is missing, in capital letters.
        object: &'static str,
    },
    /// The name after the colon is malformed.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The topic after the colon is malformed.
    #[error(transparent)]
    Topic(#[from] TopicError),
    /// The folder after the colon is malformed.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The host or the port after the colon is malformed.
    #[error(transparent)]
    Peer(#[from] PeerError),
}

impl Grant {
    /// The words before the colon, for suggestions.
    pub const VERBS: [&str; 13] = [
        "read",
        "write",
        "publish",
        "subscribe",
        "tell",
        "ask",
        "spawn",
        "register",
        "supervise",
        "files",
        "files-write",
        "connect",
        "routes",
    ];

    /// What follows a word and its colon, in capital letters.
    fn object(verb: &str) -> &'static str {
        match verb {
            "publish" | "subscribe" => "PATTERN",
            "files" | "files-write" => "FOLDER",
            "connect" => "HOST:PORT",
            _ => "NAME",
        }
    }

    /// Whether having this grant allows what `wanted` allows.
    pub fn covers(&self, wanted: &Grant) -> bool {
        match (self, wanted) {
            (Self::Publish(ours), Self::Publish(theirs)) | (Self::Subscribe(ours), Self::Subscribe(theirs)) => {
                ours.covers(theirs)
            }
            // Who may ask may tell.
            (Self::Ask(ours), Self::Tell(theirs)) => ours == theirs,
            // Who may change files may read them.
            (Self::Files(ours) | Self::FilesWrite(ours), Self::Files(theirs))
            | (Self::FilesWrite(ours), Self::FilesWrite(theirs)) => ours.contains(theirs),
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
            None if Self::VERBS.contains(&text) => {
                return Err(GrantError::NoObject { verb: text.into(), object: Self::object(text) });
            }
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
            "files" => Self::Files(object.parse()?),
            "files-write" => Self::FilesWrite(object.parse()?),
            "connect" => Self::Connect(object.parse()?),
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
            Self::Files(folder) => write!(f, "files:{folder}"),
            Self::FilesWrite(folder) => write!(f, "files-write:{folder}"),
            Self::Connect(peer) => write!(f, "connect:{peer}"),
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
        let all = [
            "read:a",
            "write:a",
            "publish:a/**",
            "subscribe:*",
            "tell:a",
            "ask:a",
            "spawn:a",
            "register:a",
            "supervise:a",
            "files:/srv/a",
            "files-write:a",
            "connect:broker.local:1883",
            "routes",
        ];
        for (text, verb) in all.into_iter().zip(Grant::VERBS) {
            assert_eq!(grant(text).to_string(), text);
            assert_eq!(text.split(':').next(), Some(verb));
        }
        assert!(grant("publish:a/**").covers(&grant("publish:a/b")));
        assert!(!grant("publish:a/b").covers(&grant("publish:a/**")));
        assert!(grant("ask:a").covers(&grant("tell:a")));
        assert!(!grant("tell:a").covers(&grant("ask:a")));
        assert!(!grant("read:a").covers(&grant("write:a")));
        assert!(grant("files:/srv").covers(&grant("files:/srv/a")));
        assert!(!grant("files:/srv").covers(&grant("files-write:/srv")));
        assert!(grant("files-write:/srv").covers(&grant("files:/srv/a")));
        assert!(grant("files-write:/srv").covers(&grant("files-write:/srv/a")));
        assert!(!grant("connect:a:1").covers(&grant("connect:a:2")));
    }

    #[test]
    fn what_is_no_grant_says_why() {
        assert_eq!("reed:a".parse::<Grant>(), Err(GrantError::Verb("reed".into())));
        let why = |text: &str| text.parse::<Grant>().unwrap_err().to_string();
        assert_eq!(why("read"), "`read` needs NAME after it, as in `read:NAME`");
        assert_eq!(why("connect"), "`connect` needs HOST:PORT after it, as in `connect:HOST:PORT`");
        assert_eq!("files:..".parse::<Grant>(), Err(GrantError::Folder(FolderError::Step)));
        assert_eq!("connect:broker".parse::<Grant>(), Err(GrantError::Peer(PeerError::NoPort)));
        assert_eq!("read:A".parse::<Grant>(), Err(GrantError::Name(NameError::Character('A'))));
    }
}
