//! Held against `serde_json`, whose word counts.

use super::{Reader, Value, read, write};
use crate::codec::Misfit;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Every shape that serde has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Shape {
    Unit,
    Newtype(Option<f64>),
    Tuple(u8, i64, char),
    Struct { text: String, list: Vec<Shape>, map: BTreeMap<i32, bool> },
    Wrapped(Wrapped),
    Nothing(()),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Wrapped(u64);

fn shapes() -> impl Strategy<Value = Shape> {
    let leaf = prop_oneof![
        Just(Shape::Unit),
        Just(Shape::Nothing(())),
        // Eighths, which serde_json reads exactly: it takes others for a neighbour now and then.
        proptest::option::of(any::<i32>().prop_map(|eighths| f64::from(eighths) / 8.0)).prop_map(Shape::Newtype),
        any::<(u8, i64, char)>().prop_map(|(a, b, c)| Shape::Tuple(a, b, c)),
        any::<u64>().prop_map(|value| Shape::Wrapped(Wrapped(value))),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        let map = proptest::collection::btree_map(any::<i32>(), any::<bool>(), 0..3);
        (any::<String>(), proptest::collection::vec(inner, 0..4), map).prop_map(|(text, list, map)| Shape::Struct {
            text,
            list,
            map,
        })
    })
}

/// Fields of each kind, as programs write them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Fields {
    whole: u64,
    small: Option<i8>,
    #[serde(default)]
    celsius: f64,
    name: String,
    on: Option<bool>,
    inner: Option<Box<Fields>>,
    list: Vec<Shape>,
    much_longer_than_a_word: char,
}

fn fields() -> impl Strategy<Value = Fields> {
    let leaf =
        (any::<u64>(), 0..20u32, any::<Option<i8>>(), "[a-z ]{0,20}|.{0,9}", any::<Option<bool>>(), any::<char>());
    let leaf = leaf.prop_map(|(whole, shift, small, name, on, character)| Fields {
        whole: whole >> (3 * shift),
        small,
        celsius: f64::from(shift) / 8.0,
        name,
        on,
        inner: None,
        list: Vec::new(),
        much_longer_than_a_word: character,
    });
    leaf.prop_recursive(3, 8, 1, |inner| {
        (inner, proptest::collection::vec(shapes(), 0..2)).prop_map(|(inner, list)| Fields {
            whole: inner.whole / 7,
            inner: Some(Box::new(inner.clone())),
            list,
            ..inner
        })
    })
}

/// Reads without what makes the usual fast.
fn read_slowly<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, Misfit> {
    let mut reader = Reader::new(json);
    reader.slow = true;
    let value = T::deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// What is said of a text is the same on both ways, be it right or wrong.
fn both_ways(json: &[u8]) -> Result<(), TestCaseError> {
    let text = String::from_utf8_lossy(json);
    prop_assert_eq!(read::<Fields>(json), read_slowly::<Fields>(json), "{}", text);
    prop_assert_eq!(read::<Shape>(json), read_slowly::<Shape>(json), "{}", text);
    prop_assert_eq!(read::<Value>(json), read_slowly::<Value>(json), "{}", text);
    type Map<'a> = BTreeMap<&'a str, Option<bool>>;
    prop_assert_eq!(read::<Map<'_>>(json), read_slowly::<Map<'_>>(json), "{}", text);
    Ok(())
}

proptest! {
    #[test]
    fn the_short_way_and_the_long_one_read_the_same(fields in fields(), spaced: bool, at: usize, byte: u8, how in 0..4) {
        let text = if spaced { serde_json::to_string_pretty(&fields) } else { serde_json::to_string(&fields) };
        let mut text = text.unwrap().into_bytes();
        prop_assert_eq!(&read::<Fields>(&text).unwrap(), &fields);
        // One byte of it is another, and what is said of that.
        let at = at % text.len();
        let byte = *br#"{}[]",:\0-.e ntu"#.get(usize::from(byte)).unwrap_or(&byte);
        match how {
            0 => text[at] = byte,
            1 => text.insert(at, byte),
            2 => text.truncate(at),
            _ => text.swap(at, 0),
        }
        both_ways(&text)?;
    }

    #[test]
    fn what_looks_like_an_object_reads_the_same_on_both_ways(
        parts in proptest::collection::vec(r#""[a-c\"]{0,9}"|"(whole|small|celsius|on|inner)":|-?[0-9]{1,20}|[0-9]\.[0-9]{1,9}|[{}\[\],:]|true|null| |e"#, 0..12),
    ) {
        both_ways(format!("{{{}}}", parts.concat()).as_bytes())?;
    }

    #[test]
    fn what_is_written_is_what_serde_json_writes(fields in fields()) {
        let theirs = serde_json::to_string(&fields).unwrap();
        // Here, two control characters have no forms of their own.
        prop_assume!(!theirs.contains("\\b") && !theirs.contains("\\f"));
        prop_assert_eq!(write(&fields).unwrap(), theirs);
    }

    #[test]
    fn what_is_written_reads_the_same_there_and_here(shape in shapes()) {
        let ours = write(&shape).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Shape>(&ours).unwrap(), &shape);
        prop_assert_eq!(&read::<Shape>(ours.as_bytes()).unwrap(), &shape);
        let theirs = serde_json::to_string_pretty(&shape).unwrap();
        prop_assert_eq!(&read::<Shape>(theirs.as_bytes()).unwrap(), &shape);
        let value: Value = read(theirs.as_bytes()).unwrap();
        prop_assert_eq!(write(&value).unwrap(), ours);
    }

    #[test]
    fn every_double_of_daily_life_is_read_exactly(digits in any::<u64>(), places in 0usize..=27) {
        let digits = format!("{digits:028}");
        let (whole, fraction) = digits.split_at(digits.len() - places);
        let whole = whole.trim_start_matches('0');
        let text = if whole.is_empty() { format!("0.{fraction}0") } else { format!("-{whole}.{fraction}0") };
        // The zero at the end may be one digit more than 64 bits hold, which is what scripts write.
        let text = text.strip_suffix(if fraction.len() == 27 { "0" } else { "" }).unwrap_or(&text);
        prop_assert_eq!(read::<f64>(text.as_bytes()).unwrap().to_bits(), text.parse::<f64>().unwrap().to_bits(), "{}", text);
    }

    #[test]
    fn a_double_that_was_written_is_read_back(value in -1e6..1e6f64) {
        prop_assert_eq!(read::<f64>(write(&value).unwrap().as_bytes()).unwrap().to_bits(), value.to_bits());
    }

    #[test]
    fn other_doubles_are_read_nearly(value in any::<f64>().prop_filter("finite", |value| value.is_finite())) {
        let text = format!("{value:e}");
        let read = read::<f64>(text.as_bytes()).unwrap();
        let off = (read - value).abs() / value.abs().max(f64::MIN_POSITIVE);
        prop_assert!(read == value || off < 1e-14, "{text}: {read}");
    }

    #[test]
    fn what_is_no_json_there_is_none_here(text in r#"[\[\]{}:,"\\ue0-9.+\- a-f]{0,12}"#) {
        let (ours, theirs) = (read::<Value>(text.as_bytes()), serde_json::from_str::<serde_json::Value>(&text));
        // serde_json has no place for numbers beyond a double's; here they are infinite, and written as null.
        let too_large = theirs.as_ref().is_err_and(|error| error.to_string().contains("out of range"));
        prop_assert!(ours.is_ok() == theirs.is_ok() || too_large, "{text}: {ours:?} {theirs:?}");
    }

    #[test]
    fn bytes_of_any_kind_are_no_danger(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let ours = read::<Value>(&bytes).is_ok();
        prop_assert_eq!(ours, serde_json::from_slice::<serde_json::Value>(&bytes).is_ok());
    }
}

#[test]
fn doubles_are_read_exactly_where_there_are_many_digits() {
    // Between two doubles, and just beside: 15 digits, 16, and more.
    for text in
        ["9007199.25474099", "9556474435415.693", "9691114525807.239", "0.30000000000000004", "1.00000000000000011"]
    {
        assert_eq!(read::<f64>(text.as_bytes()).unwrap(), text.parse::<f64>().unwrap(), "{text}");
    }
}

#[test]
fn escapes_are_read() {
    let check = |json: &str, text: &str| assert_eq!(read::<String>(json.as_bytes()).unwrap(), text, "{json}");
    check(r#""a\"b\\c\/d\b\f\n\r\te""#, "a\"b\\c/d\u{8}\u{c}\n\r\te");
    check(r#""\u00e9\u20AC\ud83d\ude00""#, "é€😀");
    assert_eq!(write("\u{1}\u{1f}é\"").unwrap(), r#""\u0001\u001fé\"""#);
}

#[test]
fn what_is_wrong_is_said() {
    let check = |json: &str, expect: &str| {
        assert_eq!(read::<BTreeMap<String, f64>>(json.as_bytes()).unwrap_err().to_string(), expect, "{json}");
    };
    check("", "not JSON: expected a value at byte 0");
    check("{", "not JSON: expected `,` or the end of a list or object at byte 1");
    check(r#"{"a" 1}"#, "not JSON: expected `:` at byte 5");
    check(r#"{"a":1"#, "not JSON: expected `,` or the end of a list or object at byte 6");
    check(r#"{"a":1}x"#, "not JSON: expected nothing more at byte 7");
    check(r#"{"a":nul}"#, "not JSON: expected null at byte 5");
    check(r#"{"a":"\ud800"}"#, "not JSON: expected a character at byte 12");
    check(r#"{"a":01}"#, "not JSON: expected a value at byte 5");
    check(r#"[1]"#, "expected an object, not a list");
    check(r#"{"a":"1"}"#, "`a`: expected f64, not a string");
    let deep = "[".repeat(70);
    assert_eq!(read::<Value>(deep.as_bytes()).unwrap_err().to_string(), "the JSON nests more than 64 deep");
    assert!(write(&BTreeMap::from([(vec![1], 1)])).is_err());
}
