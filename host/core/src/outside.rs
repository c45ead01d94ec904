//! What there is outside of the host: folders of the machine, and who is reached over the network. Names only; nothing
//! here looks whether they exist.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

/// A folder of the machine, as the manifest names it: absolute, or relative to the manifest. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Folder(Arc<str>);

/// Why a text is no [`Folder`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FolderError {
    /// Nothing.
    #[error("a folder is missing after the colon")]
    Empty,
    /// A character that no path has.
    #[error("a path has no control characters")]
    Control,
    /// A step upwards, or one that leads nowhere.
    #[error("a path goes down only: no `..`, no `.`, no two slashes in a row")]
    Step,
}

impl Folder {
    /// As the manifest has it, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where the actor finds it: at the same path, and if that is relative, as if the manifest were in the root.
    pub fn inside(&self) -> String {
        match self.0.starts_with('/') {
            true => self.0.to_string(),
            false => format!("/{}", self.0),
        }
    }

    /// Whether the other one is this one, or somewhere in it. One that is relative and one that is not have nothing to do
    /// with each other, as far as their names say.
    pub fn contains(&self, other: &Folder) -> bool {
        let rest = other.0.strip_prefix(&*self.0);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || &*self.0 == "/")
    }
}

impl FromStr for Folder {
    type Err = FolderError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            return Err(FolderError::Empty);
        }
        if text.chars().any(char::is_control) {
            return Err(FolderError::Control);
        }
        let steps = text.strip_prefix('/').unwrap_or(text);
        let steps = steps.strip_suffix('/').unwrap_or(steps);
        if !(steps.is_empty() && text == "/") && steps.split('/').any(|step| matches!(step, "" | "." | "..")) {
            return Err(FolderError::Step);
        }
        Ok(Self(if text == "/" { text.into() } else { text.strip_suffix('/').unwrap_or(text).into() }))
    }
}

impl fmt::Display for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Somebody on the network: a host and a port of TCP.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Peer {
    /// Which machine.
    pub host: PeerHost,
    /// Which port, 1 to 65,535.
    pub port: u16,
}

/// A machine on the network.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PeerHost {
    /// By its address.
    Address(IpAddr),
    /// By a name of the DNS, in lower case.
    Name(Arc<str>),
}

/// Why a text is no [`Peer`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PeerError {
    /// No port at the end.
    #[error("a port is missing: write HOST:PORT, as in `192.168.1.7:1883` or `broker.local:1883`")]
    NoPort,
    /// The port is none.
    #[error("a port is a number from 1 to 65535")]
    Port,
    /// The host is neither an address nor a name.
    #[error("a host is an address, an IPv6 one in brackets, or a name of letters, digits, `-` and `.`")]
    Host,
}

/// The longest name of the DNS, and the longest part of one (RFC 1035, 2.3.4), in bytes.
const LONGEST: usize = 253;
const LONGEST_LABEL: usize = 63;

impl FromStr for PeerHost {
    type Err = PeerError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(inner) = text.strip_prefix('[') {
            let address = inner.strip_suffix(']').and_then(|inner| inner.parse::<std::net::Ipv6Addr>().ok());
            return address.map(|address| Self::Address(address.into())).ok_or(PeerError::Host);
        }
        if let Ok(address) = text.parse::<std::net::Ipv4Addr>() {
            return Ok(Self::Address(address.into()));
        }
        let label = |label: &str| {
            let known = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            (1..=LONGEST_LABEL).contains(&label.len()) && label.chars().all(known)
        };
        // Such a name would be an address with a mistake.
        let number = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
        let mut labels = text.split('.');
        let is_name = text.len() <= LONGEST && labels.clone().all(label) && !labels.next_back().is_none_or(number);
        is_name.then(|| Self::Name(text.to_ascii_lowercase().into())).ok_or(PeerError::Host)
    }
}

impl FromStr for Peer {
    type Err = PeerError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (host, port) = text.rsplit_once(':').ok_or(PeerError::NoPort)?;
        if host.is_empty() || port.ends_with(']') {
            return Err(PeerError::NoPort);
        }
        let number = port.parse::<u16>().ok().filter(|port| *port > 0 && text.is_ascii());
        let host = host.parse()?;
        Ok(Self { host, port: number.ok_or(PeerError::Port)? })
    }
}

impl fmt::Display for PeerHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(IpAddr::V4(address)) => write!(f, "{address}"),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders() {
        let inside = |text: &str| text.parse::<Folder>().map(|folder| (folder.to_string(), folder.inside()));
        let is = |text: &str, inside: &str| Ok((text.to_owned(), inside.to_owned()));
        assert_eq!(inside("/srv/kettle"), is("/srv/kettle", "/srv/kettle"));
        assert_eq!(inside("/srv/kettle/"), is("/srv/kettle", "/srv/kettle"));
        assert_eq!(inside("data/in"), is("data/in", "/data/in"));
        assert_eq!(inside("data/"), is("data", "/data"));
        assert_eq!(inside("/"), is("/", "/"));
        assert_eq!(inside(""), Err(FolderError::Empty));
        for text in ["..", "../data", "/a/../b", "a/./b", ".", "//", "/a//b", "a//"] {
            assert_eq!(inside(text), Err(FolderError::Step), "{text}");
        }
        assert_eq!(inside("/a\nb"), Err(FolderError::Control));
    }

    #[test]
    fn what_a_folder_has_in_it() {
        let check = |ours: &str, theirs: &str, expect: bool| {
            let [ours, theirs]: [Folder; 2] = [ours, theirs].map(|text| text.parse().unwrap());
            assert_eq!(ours.contains(&theirs), expect, "{ours} {theirs}");
        };
        check("/srv", "/srv", true);
        check("/srv", "/srv/a/b", true);
        check("/srv", "/srva", false);
        check("/srv/a", "/srv", false);
        check("/", "/srv", true);
        check("/", "srv", false);
        check("srv", "/srv", false);
        check("srv", "srv/a", true);
    }

    #[test]
    fn peers() {
        for text in ["192.168.1.7:1883", "[::1]:80", "localhost:1", "broker.local:65535", "a_b-c.d:7"] {
            assert_eq!(text.parse::<Peer>().unwrap().to_string(), text);
        }
        assert_eq!("Broker.Local:7".parse::<Peer>().unwrap().to_string(), "broker.local:7");
        let check = |text: &str, why: PeerError| assert_eq!(text.parse::<Peer>(), Err(why), "{text}");
        check("broker", PeerError::NoPort);
        check(":80", PeerError::NoPort);
        check("[::1]", PeerError::NoPort);
        check("broker:", PeerError::Port);
        check("broker:0", PeerError::Port);
        check("broker:65536", PeerError::Port);
        check("::1:80", PeerError::Host);
        check("1.2.3.400:80", PeerError::Host);
        check("a..b:80", PeerError::Host);
        check("br öker:80", PeerError::Host);
        check("*:80", PeerError::Host);
    }
}
