//! What is wrong with a message that does not fit its type.

use serde::de;
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
    pub(super) fn new(text: impl fmt::Display) -> Self {
        Self { text: text.to_string(), kinds: None }
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
    fn invalid_type(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new(format_args!("expected {expected}"))
    }

    fn invalid_value(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new(format_args!("expected {expected}"))
    }

    /// Only of the kind: bodies are read by serde_json, whose errors are its own.
    fn unknown_variant(kind: &str, kinds: &'static [&'static str]) -> Self {
        Self { text: format!("unknown kind `{kind}`"), kinds: Some(kinds) }
    }
}

impl From<serde_json::Error> for Misfit {
    fn from(error: serde_json::Error) -> Self {
        // A body is one short line: where in it adds nothing.
        let place = format!(" at line {} column {}", error.line(), error.column());
        let mut text = error.to_string();
        text.truncate(text.strip_suffix(&place).unwrap_or(&text).len());
        Self { text, kinds: None }
    }
}
