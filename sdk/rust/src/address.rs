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

/// How long an address is as a text: four times eight digits, with a line in the middle.
const LENGTH: usize = 33;
const LINE: usize = 16;
/// Where each eight digits are.
const EIGHTS: [usize; 4] = [0, 8, LINE + 1, LINE + 9];

/// An address as a text.
struct Text([u8; LENGTH]);

impl Address {
    fn text(self) -> Text {
        let mut text = [b'-'; LENGTH];
        let words = [self.node >> 32, self.node, self.key >> 32, self.key];
        for (at, word) in EIGHTS.into_iter().zip(words) {
            text[at..at + 8].copy_from_slice(&digits(word as u32).to_be_bytes());
        }
        Text(text)
    }
}

/// Eight hexadecimal digits, the first in the highest byte. All at once: addresses are in many messages.
fn digits(number: u32) -> u64 {
    let mut each = u64::from(number);
    each = (each << 16 | each) & 0x0000_ffff_0000_ffff;
    each = (each << 8 | each) & 0x00ff_00ff_00ff_00ff;
    each = (each << 4 | each) & 0x0f0f_0f0f_0f0f_0f0f;
    // Those above 9 are letters, which come 39 places after where the next digits would be.
    let letters = (each + 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101;
    each + 0x3030_3030_3030_3030 + letters * 39
}

/// The number that eight digits are, with letters of either case.
fn number(text: &[u8]) -> Option<u32> {
    let text = u64::from_be_bytes(text.try_into().ok()?);
    // Letters have a bit that digits have not, and begin at 1.
    let letters = text >> 6 & 0x0101_0101_0101_0101;
    let mut each = (text & 0x0f0f_0f0f_0f0f_0f0f).wrapping_add(letters * 9) & 0x0f0f_0f0f_0f0f_0f0f;
    each = (each | each >> 4) & 0x00ff_00ff_00ff_00ff;
    each = (each | each >> 8) & 0x0000_ffff_0000_ffff;
    let number = (each | each >> 16) as u32;
    // What does not come out the same again has something else in it.
    (digits(number) == text | letters << 5).then_some(number)
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
        let [a, b, c, d] = EIGHTS.map(|at| number(&text[at..at + 8]));
        let both = |high: Option<u32>, low: Option<u32>| Some(u64::from(high?) << 32 | u64::from(low?));
        match (both(a, b), text[LINE], both(c, d)) {
            (Some(node), b'-', Some(key)) => Ok(Self { node, key }),
            _ => Err(ParseAddressError),
        }
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
    use proptest::prelude::*;

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
        // Whatever byte is at whatever place, but for the digits.
        let whole = Address { node: 0x0123_4567_89ab_cdef, key: 0xfedc_ba98_7654_3210 }.to_string();
        for (at, byte) in (0..LENGTH).flat_map(|at| (0..128).map(move |byte| (at, byte))) {
            let mut text = whole.clone().into_bytes();
            text[at] = byte;
            let text = String::from_utf8(text).unwrap();
            let fits = if at == LINE { byte == b'-' } else { byte.is_ascii_hexdigit() };
            assert_eq!(text.parse::<Address>().is_ok(), fits, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn an_address_is_what_its_text_says(node: u64, key: u64) {
            let address = Address { node, key };
            let text = address.to_string();
            prop_assert_eq!(&text, &format!("{node:016x}-{key:016x}"));
            prop_assert_eq!(text.parse(), Ok(address));
            prop_assert_eq!(text.to_uppercase().parse(), Ok(address));
        }
    }
}
