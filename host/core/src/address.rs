//! Addresses: what a message is sent to. On the path of a message: from `engine` imports and the API to the mailbox.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

/// An actor's address. Unguessable, so holding one is the right to send to it; never reused.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    /// The host that the actor lives on.
    pub node: u64,
    /// The actor on that host.
    pub key: u64,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // At one go: many are written, and to be told of each digit takes a formatter long.
        const DIGITS: [u8; 16] = *b"0123456789abcdef";
        let mut text = [b'-'; 33];
        let (node, key) = text.split_at_mut(17);
        for (half, number) in [(&mut node[..16], self.node), (key, self.key)] {
            for (place, digit) in half.iter_mut().rev().zip(0..) {
                *place = DIGITS[(number >> (4 * digit)) as usize % 16];
            }
        }
        f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{self}>")
    }
}

/// The text is not an address as [`Address`] prints it.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not an address: expected two groups of 16 hexadecimal digits with `-` between them")]
pub struct ParseAddressError;

impl FromStr for Address {
    type Err = ParseAddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let hex = |part: &str| {
            (part.len() == 16).then(|| u64::from_str_radix(part, 16).ok()).flatten().ok_or(ParseAddressError)
        };
        let (node, key) = text.split_once('-').ok_or(ParseAddressError)?;
        Ok(Self { node: hex(node)?, key: hex(key)? })
    }
}

/// Hands out addresses that cannot be guessed, from a secret seed: the core has no source of randomness of its own.
/// Shared between the control plane and the turns that spawn.
#[derive(Debug)]
pub struct Addresses {
    node: u64,
    secret: [u64; 2],
    next: AtomicU64,
}

impl Addresses {
    /// Addresses of a node. `secret` must come from a good source of randomness, and be new at each start of the host.
    pub fn new(node: u64, secret: [u64; 2]) -> Self {
        Self { node, secret, next: AtomicU64::new(1) }
    }

    /// An address that was never handed out before. A bijection of a counter, so no two are alike: a four-round Feistel
    /// network with a keyed round function.
    pub fn fresh(&self) -> Address {
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        let (mut left, mut right) = ((next >> 32) as u32, next as u32);
        for round in 0..4u64 {
            let mixed = mix(u64::from(right) ^ self.secret[(round & 1) as usize].rotate_left(round as u32 * 7) ^ round);
            (left, right) = (right, left ^ mixed as u32);
        }
        Address { node: self.node, key: u64::from(left) << 32 | u64::from(right) }
    }
}

/// SplitMix64's finalizer (Steele, Lea, Flood 2014), as the round function.
fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn fresh_addresses_differ_and_round_trip() {
        let addresses = Addresses::new(7, [3, 5]);
        let all: HashSet<_> = (0..10_000).map(|_| addresses.fresh()).collect();
        assert_eq!(all.len(), 10_000);
        for address in all {
            assert_eq!(address.to_string().parse(), Ok(address));
        }
    }

    #[test]
    fn text_that_is_no_address_is_refused() {
        for text in ["", "-", "1-2", "0000000000000001", "000000000000000g-0000000000000001"] {
            assert_eq!(text.parse::<Address>(), Err(ParseAddressError), "{text}");
        }
    }
}
