//! Numbers.

use super::word::{TENS, decimal};

/// A number as it was written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    Unsigned(u64),
    Negative(i64),
    Float(f64),
}

/// Reads the number at `from`, and where it ends. None: there is none.
pub(crate) fn number(text: &[u8], from: usize) -> Option<(Number, usize)> {
    let usual = usual(text, from).filter(|(_, end)| !matches!(text.get(*end), Some(b'.' | b'e' | b'E')));
    usual.or_else(|| any(text, from))
}

/// Reads a number as most are, and where it ends: of 15 digits and 8 places, or of 19 digits. What comes behind it may be a
/// part of it. None: it is another one, or none.
pub(super) fn usual(text: &[u8], from: usize) -> Option<(Number, usize)> {
    let negative = text.get(from) == Some(&b'-');
    let from = from + usize::from(negative);
    let (value, at) = decimal(text, from);
    // JSON has no leading zeros.
    if !matches!(at - from, 1..=19) || (at - from > 1 && text.get(from) == Some(&b'0')) {
        return None;
    }
    if text.get(at) == Some(&b'.') {
        let (fraction, end) = decimal(text, at + 1);
        let places = end - at - 1;
        if places == 0 || end - from > 16 {
            return None;
        }
        // Both are exact, so that this is the nearest there is.
        let scale = TENS.get(places).copied()?;
        let size = (value * u64::from(scale) + fraction) as f64 / f64::from(scale);
        return Some((Number::Float(if negative { -size } else { size }), end));
    }
    let number = match i64::try_from(value) {
        _ if !negative => Number::Unsigned(value),
        Ok(value @ 1..) => Number::Negative(-value),
        _ => return None,
    };
    Some((number, at))
}

#[cold]
fn any(text: &[u8], from: usize) -> Option<(Number, usize)> {
    let negative = text.get(from) == Some(&b'-');
    let mut at = from + usize::from(negative);
    let (mut digits, mut exponent) = (Digits::default(), 0i32);
    let whole = digits.take(text, &mut at);
    // JSON has no leading zeros.
    if whole == 0 || (whole > 1 && text[at - whole] == b'0') {
        return None;
    }
    let mut float = false;
    if text.get(at) == Some(&b'.') {
        float = true;
        at += 1;
        let places = digits.take(text, &mut at);
        if places == 0 {
            return None;
        }
        exponent = i32::try_from(places).ok()?.checked_neg()?;
    }
    if let Some(b'e' | b'E') = text.get(at) {
        float = true;
        at += 1;
        let down = text.get(at) == Some(&b'-');
        at += usize::from(matches!(text.get(at), Some(b'+' | b'-')));
        let mut power = Digits::default();
        if power.take(text, &mut at) == 0 {
            return None;
        }
        // Beyond this everything is nothing or infinite.
        let power = if power.dropped > 0 { 10_000 } else { power.value.min(10_000) as i32 };
        exponent = exponent.saturating_add(if down { -power } else { power });
    }
    let number = if float || digits.dropped > 0 {
        let dropped = i32::try_from(digits.dropped).ok()?;
        let size = scale(digits.value, exponent.saturating_add(dropped));
        Number::Float(if negative { -size } else { size })
    } else if !negative {
        Number::Unsigned(digits.value)
    } else {
        match 0i64.checked_sub_unsigned(digits.value) {
            // A whole number has no negative zero.
            Some(0) => Number::Float(-0.0),
            Some(value) => Number::Negative(value),
            None => Number::Float(-(digits.value as f64)),
        }
    };
    Some((number, at))
}

/// Digits, as many as 64 bits hold.
#[derive(Default)]
struct Digits {
    value: u64,
    /// How many came after that.
    dropped: usize,
}

/// Below this a number has room for another digit.
const PLAIN: u64 = u64::MAX / 16;

impl Digits {
    fn take(&mut self, text: &[u8], at: &mut usize) -> usize {
        let from = *at;
        while let Some(digit @ b'0'..=b'9') = text.get(*at) {
            let digit = u64::from(digit - b'0');
            let more = match self.value {
                // Far from the end, which a multiplication of twice as many bits would be needed to see.
                0..PLAIN => Some(self.value * 10 + digit),
                value => value.checked_mul(10).and_then(|value| value.checked_add(digit)),
            };
            match more {
                Some(value) if self.dropped == 0 => self.value = value,
                _ => self.dropped += 1,
            }
            *at += 1;
        }
        *at - from
    }
}

/// `value · 10^exponent`: the nearest double while the exponent is within ±27, which all that a double was written as is
/// in daily life; a few units in the last place off beyond.
fn scale(value: u64, exponent: i32) -> f64 {
    if value == 0 {
        return 0.0;
    }
    // Ten is five times two, and the twos are exact in any case. 5^27 is the last that fits 64 bits.
    let steps = exponent.clamp(-27, 27);
    let fives = 5u64.pow(steps.unsigned_abs());
    let mut result = if steps >= 0 {
        (u128::from(value) * u128::from(fives)) as f64 * 2f64.powi(steps)
    } else {
        let (up, by) = (value.leading_zeros(), fives.leading_zeros());
        quotient(value << up, fives << by) as f64 * 2f64.powi(steps - 63 + by as i32 - up as i32)
    };
    let mut left = exponent - steps;
    while left != 0 && result != 0.0 && result.is_finite() {
        let steps = left.clamp(-22, 22);
        let power = 10f64.powi(steps.abs());
        result = if steps > 0 { result * power } else { result / power };
        left -= steps;
    }
    result
}

/// `2^63 · dividend / divisor`, both of 64 bits without leading zeros: more bits than a double has, and what remains counts
/// only in that it is not nothing. Bit by bit, since the division of 128 bits that the compiler brings is a kilobyte.
fn quotient(mut dividend: u64, divisor: u64) -> u64 {
    let (mut quotient, mut carry) = (0, false);
    for _ in 0..64 {
        quotient <<= 1;
        if carry || dividend >= divisor {
            dividend = dividend.wrapping_sub(divisor);
            quotient |= 1;
        }
        carry = dividend >> 63 == 1;
        dividend <<= 1;
    }
    quotient | u64::from(carry || dividend != 0)
}

#[cfg(test)]
mod tests {
    use super::{Number, number};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn most_numbers_are_read_as_any_are(text in "-?0{0,1}[0-9]{0,21}(\\.[0-9]{0,10})?", after in "[,}e.x]?") {
            let text = format!("x{text}{after}");
            let bits = |number: Number| match number {
                Number::Float(value) => (0, value.to_bits()),
                Number::Unsigned(value) => (1, value),
                Number::Negative(value) => (2, value.cast_unsigned()),
            };
            let any = super::any(text.as_bytes(), 1).map(|(number, end)| (bits(number), end));
            let read = number(text.as_bytes(), 1).map(|(number, end)| (bits(number), end));
            prop_assert_eq!(read, any, "{}", text);
        }
    }
}
