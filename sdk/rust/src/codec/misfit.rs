//! What is wrong with a message that does not fit its type.

use serde::de::{self, Expected, Unexpected};
use serde::ser;
use std::fmt;

/// A message that does not fit its type, or a value that has no form as a message. The text says what would.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Misfit {
    text: String,
    /// When it is the kind that does not fit: those that would.
    kinds: Option<&'static [&'static str]>,
}

impl Misfit {
    pub(crate) fn new(text: impl fmt::Display) -> Self {
        Self { text: text.to_string(), kinds: None }
    }

    /// A body's own variants are no kinds.
    pub(super) fn of_body(self) -> Self {
        Self { kinds: None, ..self }
    }

    pub(super) fn expected(&self) -> Option<&'static [&'static str]> {
        self.kinds
    }
}

impl de::Error for Misfit {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Self::new(text)
    }

    // The two below would print the value that was found: for that serde brings in all there is for printing floats, a
    // tenth of a small component. What was found is in the message anyway.
    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let found = match found {
            Unexpected::Unit | Unexpected::Option => "null",
            Unexpected::Bool(_) => "a boolean",
            Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) => "a number",
            Unexpected::Str(_) | Unexpected::Char(_) => "a string",
            Unexpected::Seq => "a list",
            Unexpected::Map => "an object",
            _ => "something else",
        };
        Self::new(format_args!("expected {expected}, not {found}"))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format_args!("expected {expected}"))
    }

    fn unknown_variant(name: &str, names: &'static [&'static str]) -> Self {
        Self { text: format!("unknown variant `{name}`, expected one of {}", list(names, ", ")), kinds: Some(names) }
    }

    fn unknown_field(name: &str, names: &'static [&'static str]) -> Self {
        Self::new(format_args!("unknown field `{name}`, expected one of {}", list(names, ", ")))
    }
}

impl ser::Error for Misfit {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Self::new(text)
    }
}

/// As `join`, at a fifth of its code.
pub(super) fn list(items: &[impl AsRef<str>], between: &str) -> String {
    let mut text = String::new();
    for (n, item) in items.iter().enumerate() {
        if n > 0 {
            text.push_str(between);
        }
        text.push_str(item.as_ref());
    }
    text
}
