//! Names of actors, behaviours, supervisors and devices: one that exists is a valid one.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// A name in the manifest or the registry: 1 to 64 characters of a–z, 0–9, `-`, `_` and `.`, beginning with a letter.
/// Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(Arc<str>);

/// Why a text is not a [`Name`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing, or more than 64 characters.
    #[error("a name has 1 to 64 characters, this one has {0}")]
    Length(usize),
    /// The first character is not a letter.
    #[error("a name begins with a letter a–z, not with {0:?}")]
    Start(char),
    /// A character that no name has.
    #[error("a name has only a–z, 0–9, `-`, `_` and `.`, not {0:?}")]
    Character(char),
}

impl Name {
    /// The longest name, in bytes.
    pub const LONGEST: usize = 64;

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() || text.len() > Self::LONGEST {
            return Err(NameError::Length(text.chars().count()));
        }
        if let Some(c) = text.chars().find(|c| !matches!(c, 'a'..='z' | '0'..='9' | '-' | '_' | '.')) {
            return Err(NameError::Character(c));
        }
        match text.chars().next() {
            Some('a'..='z') => Ok(Self(text.into())),
            other => Err(NameError::Start(other.unwrap_or('?'))),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.0)
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        let check = |text: &str, expect: Result<(), NameError>| {
            assert_eq!(text.parse::<Name>().map(|_| ()), expect, "{text:?}");
        };
        check("controller", Ok(()));
        check("mash-probe_2.a", Ok(()));
        check("", Err(NameError::Length(0)));
        check(&"a".repeat(65), Err(NameError::Length(65)));
        check("2nd", Err(NameError::Start('2')));
        check("Kettle", Err(NameError::Character('K')));
        check("a b", Err(NameError::Character(' ')));
        check("a/b", Err(NameError::Character('/')));
    }
}
