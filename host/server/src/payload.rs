//! A message's body as JSON: as it is if it is JSON, else in an envelope that says so.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

/// A message's body. JSON goes through byte for byte, empty is `null`, and anything else is
/// `{"base64": "…"}`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Payload<'a>(pub(crate) &'a [u8]);

impl Serialize for Payload<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_empty() {
            return serializer.serialize_unit();
        }
        if let Ok(json) = serde_json::from_slice::<&RawValue>(self.0) {
            return json.serialize(serializer);
        }
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("base64", &STANDARD.encode(self.0))?;
        map.end()
    }
}

/// A value as one line of JSON. A body may be JSON over several lines; within strings JSON has no line breaks, so those
/// that there are mean no more than a space.
///
/// # Errors
/// Only what a value's own `Serialize` makes.
pub(crate) fn line(value: &impl Serialize) -> serde_json::Result<String> {
    let text = serde_json::to_string(value)?;
    Ok(if text.contains(['\n', '\r']) { text.replace(['\n', '\r'], " ") } else { text })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    #[test]
    fn a_body_is_given_as_json() {
        let check = |body: &[u8], expect: &str| assert_eq!(line(&Payload(body)).unwrap(), expect);
        check(b"", "null");
        check(b"null", "null");
        check(br#"{"a":1}"#, r#"{"a":1}"#);
        // Numbers keep all their digits.
        check(b"0.1000000000000000000001", "0.1000000000000000000001");
        check(b"{\n  \"a\": [1,\r\n 2]\n}", r#"{   "a": [1,   2] }"#);
        check(b"\xff\x00", r#"{"base64":"/wA="}"#);
        check(b"{", r#"{"base64":"ew=="}"#);
        check(b"1 2", r#"{"base64":"MSAy"}"#);
        check(b"   ", r#"{"base64":"ICAg"}"#);
    }

    proptest! {
        #[test]
        fn any_body_is_one_line_and_comes_back(body: Vec<u8>) {
            let text = line(&Payload(&body)).unwrap();
            prop_assert!(!text.contains(['\n', '\r']));
            let back: Value = serde_json::from_str(&text).unwrap();
            let expect = match serde_json::from_slice::<Value>(&body) {
                Ok(value) => value,
                Err(_) if body.is_empty() => Value::Null,
                Err(_) => json!({ "base64": STANDARD.encode(&body) }),
            };
            prop_assert_eq!(back, expect);
        }

        #[test]
        fn json_over_many_lines_means_the_same(text in r#"[ \n\r\t]{0,3}\{[ \n\r]{0,2}"a\\n":[\n\r ]{0,2}"b\\r c"\}\n{0,2}"#) {
            let line = line(&Payload(text.as_bytes())).unwrap();
            prop_assert!(!line.contains(['\n', '\r']));
            prop_assert_eq!(
                serde_json::from_str::<Value>(&line).unwrap(),
                serde_json::from_str::<Value>(&text).unwrap()
            );
        }
    }
}
