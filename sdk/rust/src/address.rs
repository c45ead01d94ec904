//! Addresses, and the numbers that the host gives to questions, timers and monitors.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// An actor's address: a plain value that can be sent, kept and compared. Holding one is the right to send to it.
///
/// In JSON it is a string, as [`Display`](fmt::Display) writes it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    /// The host that the actor lives on.
    pub node: u64,
    /// The actor on that host.
    pub key: u64,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}-{:016x}", self.node, self.key)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{self}>")
    }
}

/// The text is no address as [`Address`] prints it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an address: expected two groups of 16 hexadecimal digits with `-` between them")]
pub struct ParseAddressError;

impl FromStr for Address {
    type Err = ParseAddressError;

    fn from_str(text: &str) -> Result<Self, ParseAddressError> {
        let hex = |part: &str| match part.len() {
            16 => u64::from_str_radix(part, 16).map_err(|_| ParseAddressError),
            _ => Err(ParseAddressError),
        };
        let (node, key) = text.split_once('-').ok_or(ParseAddressError)?;
        Ok(Self { node: hex(node)?, key: hex(key)? })
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// A timer, for [`Context::cancel`](crate::Context::cancel). Stays good over a swap that hands over state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Timer(pub(crate) u64);

/// A monitor, for [`Context::demonitor`](crate::Context::demonitor) and [`Actor::down`](crate::Actor::down).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Monitor(pub(crate) u64);

/// A question that was taken over with [`Context::request`](crate::Context::request), to be answered in a later turn.
///
/// It may be kept in the state. Whoever drops it leaves the asker to its timeout.
#[derive(Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[must_use = "a question that was taken over has to be answered with `reply_to` or `refuse_to`"]
pub struct Request(pub(crate) u64);

/// A question that this actor asks: [`Context::ask`](crate::Context::ask) gives it, and
/// [`Context::answers`](crate::Context::answers) says which one an answer is to. Stays good over a swap that hands over state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Question(pub(crate) u64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_strings_in_json() {
        let address = Address { node: 1, key: 0xabc };
        let json = serde_json::to_string(&address).unwrap();
        assert_eq!(json, "\"0000000000000001-0000000000000abc\"");
        assert_eq!(serde_json::from_str::<Address>(&json).unwrap(), address);
    }

    #[test]
    fn what_is_no_address_says_so() {
        for text in ["", "-", "1-2", "0000000000000001", "000000000000000g-0000000000000001"] {
            assert_eq!(text.parse::<Address>(), Err(ParseAddressError), "{text}");
        }
    }
}
