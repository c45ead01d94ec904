//! Addresses, and the numbers that the host gives to questions, timers and monitors.

use serde::de::Visitor;
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

/// How long an address is as a text.
const LENGTH: usize = 33;
/// Where its second half begins.
const SECOND: usize = 17;

/// An address as a text.
struct Text([u8; LENGTH]);

impl Address {
    fn text(self) -> Text {
        let mut text = [b'-'; LENGTH];
        for (at, number) in [(0, self.node), (SECOND, self.key)] {
            for (place, digit) in text[at..at + 16].iter_mut().rev().zip(0..) {
                *place = b"0123456789abcdef"[(number >> (4 * digit)) as usize % 16];
            }
        }
        Text(text)
    }
}

impl Text {
    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().as_str())
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
        let text: &[u8; LENGTH] = text.as_bytes().try_into().map_err(|_| ParseAddressError)?;
        // All digits at once: what is none leaves a mark in the upper half of its byte's.
        let mut wrong = text[SECOND - 1] ^ b'-';
        let mut hex = |part: &[u8]| {
            part.iter().fold(0, |number: u64, digit| {
                let value = match digit {
                    b'0'..=b'9' => digit - b'0',
                    b'a'..=b'f' => digit - b'a' + 10,
                    b'A'..=b'F' => digit - b'A' + 10,
                    _ => 0xf0,
                };
                wrong |= value & 0xf0;
                number << 4 | u64::from(value & 0xf)
            })
        };
        let address = Self { node: hex(&text[..SECOND - 1]), key: hex(&text[SECOND..]) };
        if wrong == 0 { Ok(address) } else { Err(ParseAddressError) }
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text().as_str())
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(AnAddress)
    }
}

/// Reads an address where it lies.
struct AnAddress;

impl Visitor<'_> for AnAddress {
    type Value = Address;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Address, E> {
        text.parse().map_err(E::custom)
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
