//! Eight bytes at a time, as one number: what is looked for in texts, and digits. In a component a step of a loop costs as
//! much as the whole of one of these.
//!
//! Source: S. E. Anderson, "Bit Twiddling Hacks", on a byte in a word; D. Lemire, "Quickly parsing eight digits".

/// As many times a byte as there are bytes.
const EACH: u64 = 0x0101_0101_0101_0101;
/// The highest bit of each byte.
const HIGH: u64 = 0x80 * EACH;

/// What each number of digits counts.
pub(super) const TENS: [u32; 9] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

/// The bytes of `text` from `at` on, the first the lowest. Zeros are in place of those that there are not.
#[inline(always)]
pub(super) fn word(text: &[u8], at: usize) -> u64 {
    let rest = text.get(at..).unwrap_or_default();
    match (rest.first_chunk(), text.last_chunk()) {
        (Some(bytes), _) => u64::from_le_bytes(*bytes),
        // The last eight, of which fewer count.
        (None, Some(bytes)) if !rest.is_empty() => u64::from_le_bytes(*bytes) >> (64 - 8 * rest.len() as u32),
        _ => short(rest),
    }
}

/// Of a text that has fewer.
#[cold]
#[inline(never)]
fn short(text: &[u8]) -> u64 {
    text.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// Where there is a byte below `limit`, which is no more than 128, the lowest that counts.
fn below(word: u64, limit: u64) -> u64 {
    word.wrapping_sub(limit * EACH) & !word
}

/// Where there are quotes, backslashes and control characters.
fn special(word: u64) -> u64 {
    let (quote, backslash) = (word ^ (u64::from(b'"') * EACH), word ^ (u64::from(b'\\') * EACH));
    below(quote, 1) | below(backslash, 1) | below(word, u64::from(b' '))
}

/// How many bytes at the beginning are what the high bit of each does not say: 8 for all.
fn first(found: u64) -> usize {
    (found & HIGH).trailing_zeros() as usize / 8
}

/// How many bytes at the beginning are of a string's plain text: ASCII, and nothing that ends or escapes.
#[inline]
pub(super) fn plain(word: u64) -> usize {
    first(special(word) | word)
}

/// As [`plain`], of characters of any kind.
pub(super) fn unescaped(word: u64) -> usize {
    first(special(word))
}

/// Whether a string can be written as it is.
#[inline(always)]
pub(super) fn needs_no_escape(text: &[u8]) -> bool {
    let (words, _) = text.as_chunks();
    let special = words.iter().fold(special(few(text)), |found, word| found | special(u64::from_le_bytes(*word)));
    special & HIGH == 0
}

/// A word in which there are the last bytes of a text, up to eight, in any order and any number.
fn few(text: &[u8]) -> u64 {
    if let Some(bytes) = text.last_chunk() {
        return u64::from_le_bytes(*bytes);
    }
    if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        return u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last));
    }
    match text {
        [first, second, ..] => few(&[*first, *second, text[text.len() - 1], b' ']),
        [byte] => EACH * u64::from(*byte),
        [] => EACH * u64::from(b' '),
    }
}

/// The digits from `from` on as a number, and where they end. Of more than 19, it is another one.
#[inline(always)]
pub(super) fn decimal(text: &[u8], from: usize) -> (u64, usize) {
    let (mut value, mut at) = (0u64, from);
    loop {
        let word = word(text, at);
        let digits = first(word.wrapping_add(0x46 * EACH) | word.wrapping_sub(u64::from(b'0') * EACH));
        if digits > 0 {
            value = value.wrapping_mul(TENS[digits].into()).wrapping_add(number(word << (64 - 8 * digits as u32)));
        }
        at += digits;
        if digits < 8 {
            return (value, at);
        }
    }
}

/// The number that eight digits are. Zeros of any kind may come before them.
fn number(digits: u64) -> u64 {
    let pairs = (digits & (0x0f * EACH)).wrapping_mul(10 << 8 | 1) >> 8;
    let fours = (pairs & 0x00ff_00ff_00ff_00ff).wrapping_mul(100 << 16 | 1) >> 16;
    (fours & 0x0000_ffff_0000_ffff).wrapping_mul(10_000 << 32 | 1) >> 32
}

/// The eight digits of a number below 100,000,000, without what makes characters of them, and how many zeros come first.
pub(super) fn digits(number: u32) -> (u64, usize) {
    let fours = u64::from(number / 10_000) | u64::from(number % 10_000) << 32;
    // Each by 100: exact for four digits.
    let hundreds = (fours * 10_486) >> 20 & 0x0000_007f_0000_007f;
    let pairs = hundreds | (fours - 100 * hundreds) << 16;
    let tens = (pairs * 103) >> 10 & 0x000f_000f_000f_000f;
    let digits = tens | (pairs - 10 * tens) << 8;
    (digits, digits.trailing_zeros() as usize / 8)
}

/// Digits as characters.
pub(super) fn characters(digits: u64) -> [u8; 8] {
    (digits | (u64::from(b'0') * EACH)).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn is_special(byte: &u8) -> bool {
        matches!(byte, b'"' | b'\\' | 0..b' ')
    }

    proptest! {
        #[test]
        fn words_are_as_their_bytes(text in proptest::collection::vec(any::<u8>(), 0..24), at in 0usize..24) {
            let bytes = word(&text, at).to_le_bytes();
            let there = text.get(at..).unwrap_or_default();
            let there = &there[..there.len().min(8)];
            prop_assert_eq!(&bytes[..there.len()], there);
            prop_assert!(bytes[there.len()..].iter().all(|byte| *byte == 0), "{:?}", bytes);
        }

        #[test]
        fn texts_are_looked_through(bytes in proptest::collection::vec(prop_oneof![any::<u8>(), b'a'..=b'z', Just(b'"')], 0..24)) {
            prop_assert_eq!(needs_no_escape(&bytes), !bytes.iter().any(is_special));
            if let Some(first) = bytes.first_chunk() {
                let word = u64::from_le_bytes(*first);
                let before = |stop: fn(&u8) -> bool| first.iter().position(stop).unwrap_or(8);
                prop_assert_eq!(unescaped(word), before(is_special));
                prop_assert_eq!(plain(word), before(|byte| is_special(byte) || !byte.is_ascii()));
            }
        }

        #[test]
        fn digits_are_read_and_written(value in any::<u64>(), shift in 0u32..64, after in "[^0-9]{0,9}", zeros in "0{0,3}") {
            let value = value >> shift;
            let text = format!("-{zeros}{value}{after}");
            let end = text.len() - after.len();
            if end - 1 <= 19 {
                prop_assert_eq!(decimal(text.as_bytes(), 1), (value, end), "{}", text);
            }
            let number = (value % 100_000_000) as u32;
            let (digits, zeros) = digits(number);
            let text = format!("{number:08}");
            prop_assert_eq!(&characters(digits)[..], text.as_bytes());
            prop_assert_eq!(zeros, text.bytes().take_while(|byte| *byte == b'0').count());
        }
    }
}
