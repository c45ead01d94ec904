//! Writing fractions: the shortest text that reads as the same number, as Rust's `{:?}` has it. What the standard library
//! brings for that is ten kilobytes, with tables and two algorithms. This has a short way for what people write and sensors
//! say, and one that is slower for the rest: a microsecond.
//!
//! Source: Steele and White, "How to Print Floating-Point Numbers Accurately" (1990), the free-format algorithm.

use super::bytes::append_first;
use super::word::{TENS, characters, digits};
use super::write::Writer;
use std::cmp::Ordering;

/// How many bits of a double are its fraction. Source: IEEE 754, binary64.
const FRACTION: u32 = 52;

/// What a double's exponent is counted from, when its fraction is taken as a whole number. Source: the same.
const BIAS: i32 = 1075;

impl Writer {
    /// Writes a finite number.
    pub(crate) fn float(&mut self, value: f64) {
        if value.is_sign_negative() {
            self.text.push(b'-');
        }
        match few_places(value.abs()) {
            Some((value, places)) => self.fixed(value, places),
            None => self.free(value.abs()),
        }
    }

    /// A number in so many units of the last of its places.
    fn fixed(&mut self, value: u64, places: usize) {
        let unit = u64::from(TENS[places]);
        self.whole(value / unit, false);
        self.text.push(b'.');
        // There is one in any case.
        let (digits, _) = digits((value % unit) as u32);
        append_first(places.max(1), characters(digits.unbounded_shr(64 - 8 * places as u32)), &mut self.text);
    }

    /// A number of any other kind.
    fn free(&mut self, value: f64) {
        let (digits, point) = shortest(value);
        // Before the point, and after it. `{:?}` changes its form at 1e-4 and at 1e16.
        let (whole, exponent) = if matches!(point, -3..=16) { (point, None) } else { (1, Some(point - 1)) };
        match usize::try_from(whole) {
            Ok(whole @ 1..) => {
                // Not `split_at`, which brings the tables of what is printable.
                let (before, after) = digits.split_at_checked(whole).unwrap_or((&digits, ""));
                self.put(before);
                self.zeros(whole - before.len());
                if exponent.is_none() || !after.is_empty() {
                    self.put(".");
                    self.put(if after.is_empty() { "0" } else { after });
                }
            }
            _ => {
                self.put("0.");
                self.zeros(whole.unsigned_abs() as usize);
                self.put(&digits);
            }
        }
        if let Some(exponent) = exponent {
            self.put("e");
            self.whole(exponent.unsigned_abs().into(), exponent < 0);
        }
    }

    fn zeros(&mut self, count: usize) {
        (0..count).for_each(|_| self.put("0"));
    }
}

/// A number of no more than 15 digits and 8 places, in units of the last of its places, and how many those are. There is only
/// one of so few digits that reads as the same number, so that it is the shortest.
fn few_places(value: f64) -> Option<(u64, usize)> {
    // Smaller ones are written with an exponent.
    if value != 0.0 && !(1e-4..1e15).contains(&value) {
        return None;
    }
    TENS.iter().enumerate().find_map(|(places, unit)| {
        let unit = f64::from(*unit);
        // The nearest, since there is no more than 15 digits' worth of it.
        let units = (value * unit + 0.5) as u64;
        (units < 1_000_000_000_000_000 && units as f64 / unit == value).then_some((units, places))
    })
}

/// The digits of a number that is not negative, and where the point is: so many digits after the first of them, or so many
/// zeros before it.
fn shortest(value: f64) -> (String, i32) {
    if value == 0.0 {
        return ("0".into(), 1);
    }
    let bits = value.to_bits();
    let (stored, fraction) = ((bits >> FRACTION) as i32, bits & ((1 << FRACTION) - 1));
    let (whole, exponent) = match stored {
        0 => (fraction, 1 - BIAS),
        _ => (fraction | 1 << FRACTION, stored - BIAS),
    };
    // The value is `rest / one`. What lies less than `above / one` over it, or `below / one` under it, reads as the same
    // number; and what lies just there when the number is even. All of them four times as large, to be whole.
    let (up, down) = (exponent.max(0).unsigned_abs(), exponent.min(0).unsigned_abs());
    let words = exponent.unsigned_abs() as usize / 32 + 5;
    let mut rest = Whole::new(words, 4 * whole, up);
    let mut one = Whole::new(words, 4, down);
    let mut above = Whole::new(words, 2, up);
    // Below a power of two, numbers lie twice as close.
    let mut below = Whole::new(words, if fraction == 0 && stored > 1 { 1 } else { 2 }, up);
    let even = whole % 2 == 0;
    let reaches = |order: Ordering| order.is_gt() || (even && order.is_eq());

    let mut point = 0;
    while reaches(rest.plus(&above).cmp(&one)) {
        one.times(10);
        point += 1;
    }
    let mut digits = String::new();
    loop {
        rest.times(10);
        above.times(10);
        below.times(10);
        let mut digit = b'0';
        while rest >= one {
            rest.subtract(&one);
            digit += 1;
        }
        let (may_end, may_round_up) = (reaches(below.cmp(&rest)), reaches(rest.plus(&above).cmp(&one)));
        let last = may_end || may_round_up;
        if may_round_up && !(may_end && rest.plus(&rest) < one) {
            digit += 1;
        }
        if digits.is_empty() && digit == b'0' {
            point -= 1;
        } else {
            digits.push(digit.into());
        }
        if last {
            return (digits, point);
        }
    }
}

/// A whole number of any size. Those that are used together have as many words.
#[derive(Clone, PartialEq, Eq)]
struct Whole {
    /// The least first.
    words: Vec<u32>,
}

impl Whole {
    /// `value · 2^shift`.
    fn new(words: usize, value: u64, shift: u32) -> Self {
        let mut number = Self { words: vec![0; words] };
        let at = shift as usize / 32;
        number.words[at] = value as u32;
        number.words[at + 1] = (value >> 32) as u32;
        number.times(1 << (shift % 32));
        number
    }

    fn times(&mut self, factor: u32) {
        let mut carry = 0;
        for word in &mut self.words {
            carry += u64::from(*word) * u64::from(factor);
            *word = carry as u32;
            carry >>= 32;
        }
    }

    fn plus(&self, other: &Self) -> Self {
        let mut sum = self.clone();
        let mut carry = 0;
        for (word, other) in sum.words.iter_mut().zip(&other.words) {
            carry += u64::from(*word) + u64::from(*other);
            *word = carry as u32;
            carry >>= 32;
        }
        sum
    }

    /// Takes away what is no larger.
    fn subtract(&mut self, other: &Self) {
        let mut borrow = false;
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            let (less, first) = word.overflowing_sub(*other);
            let (less, second) = less.overflowing_sub(u32::from(borrow));
            (*word, borrow) = (less, first || second);
        }
    }
}

impl Ord for Whole {
    fn cmp(&self, other: &Self) -> Ordering {
        self.words.iter().rev().cmp(other.words.iter().rev())
    }
}

impl PartialOrd for Whole {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(value: f64) {
        let mut writer = Writer::new();
        writer.float(value);
        assert_eq!(writer.text(), format!("{value:?}"), "{:#x}", value.to_bits());
    }

    #[test]
    fn numbers_are_written_as_the_standard_library_does() {
        // Where the form changes, where numbers lie closer on one side, and the first and last of each kind.
        let edges =
            [0.0, 1.0, 0.1, 66.5, 1e-3, 9.999e-4, 1e-4, 9.999999e-5, 1e15, 1e16, 9007199254740993.0, 1e23, 5e-324];
        let edges =
            edges.into_iter().chain([9999999999999998.0, 99999999999999980.0, 2.2250738585072014e-308, 9.5, 0.95]);
        for value in edges.chain([f64::MAX, f64::MIN_POSITIVE, f64::EPSILON, 0.1 + 0.2, 1.0 / 3.0]) {
            [value, -value, value.next_up(), value.next_down()]
                .into_iter()
                .filter(|value| value.is_finite())
                .for_each(check);
        }
        (-1074..1024).for_each(|power| check(2f64.powi(power)));
        (-323..309).for_each(|power| check(format!("1e{power}").parse().unwrap_or_default()));
    }

    proptest! {
        #[test]
        fn whatever_the_bits_are(bits: u64) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            check(value);
        }

        #[test]
        fn what_sensors_say(whole in -100_000_000i64..100_000_000, places in 0i32..9) {
            check(whole as f64 / 10f64.powi(places));
        }
    }
}
