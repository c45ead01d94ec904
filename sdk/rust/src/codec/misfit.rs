//! What is wrong with a message that does not fit its type.

use serde::de::{self, Expected, Unexpected};
use serde::ser;
use std::fmt;

/// A message that does not fit its type, or a value that has no form as a message. The text says what would.
///
/// In a box, since it is in the result of each step of reading and writing: what passes it on passes one number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Misfit(Box<Why>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Why {
    text: String,
    /// When it is the kind that does not fit: those that would.
    kinds: Option<&'static [&'static str]>,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// How what is said of something begins that is no JSON.
pub(crate) const NOT_JSON: &str = "not JSON: ";

impl Misfit {
    pub(crate) fn new(text: impl fmt::Display) -> Self {
        Self::text(format_args!("{text}"))
    }

    #[cold]
    #[inline(never)]
    fn text(text: fmt::Arguments<'_>) -> Self {
        Self::of(text.to_string(), None)
    }

    fn of(text: String, kinds: Option<&'static [&'static str]>) -> Self {
        Self(Box::new(Why { text, kinds }))
    }

    /// It is the value of a field that does not fit. What is no JSON at all is told with its place.
    #[cold]
    #[inline(never)]
    pub(crate) fn within(self, field: &str) -> Self {
        match self.0.text.starts_with(NOT_JSON) {
            true => self,
            false => Self::new(format_args!("`{field}`: {}", self.0.text)),
        }
    }

    /// A body's own variants are no kinds.
    pub(super) fn of_body(mut self) -> Self {
        self.0.kinds = None;
        self
    }

    pub(super) fn expected(&self) -> Option<&'static [&'static str]> {
        self.0.kinds
    }
}

impl de::Error for Misfit {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Self::new(text)
    }

    // The two below would print the value that was found: for that serde brings in all there is for printing floats, a
    // tenth of a small component. What was found is in the message anyway.
    #[cold]
    #[inline(never)]
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

    #[cold]
    #[inline(never)]
    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format_args!("expected {expected}"))
    }

    #[cold]
    #[inline(never)]
    fn unknown_variant(name: &str, names: &'static [&'static str]) -> Self {
        Self::of(format!("unknown variant `{name}`, expected one of {}", list(names, ", ")), Some(names))
    }

    #[cold]
    #[inline(never)]
    fn unknown_field(name: &str, names: &'static [&'static str]) -> Self {
        Self::new(format_args!("unknown field `{name}`, expected one of {}", list(names, ", ")))
    }

    // As serde has them, but once, and not in each type that has fields.

    #[cold]
    #[inline(never)]
    fn missing_field(name: &'static str) -> Self {
        Self::new(format_args!("missing field `{name}`"))
    }

    #[cold]
    #[inline(never)]
    fn duplicate_field(name: &'static str) -> Self {
        Self::new(format_args!("duplicate field `{name}`"))
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
