//! What a message carries. On its path: copied out of the sender's memory, and into the receiver's.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// Bytes. Few of them are where they are needed, and copied by who clones them; many are shared.
#[derive(Clone)]
pub struct Content(Bytes);

#[derive(Clone)]
enum Bytes {
    /// So many of the bytes.
    Few(u8, [u8; FEW]),
    Many(Arc<[u8]>),
}

/// An address in a field with a short name, or some numbers.
const FEW: usize = 54;

impl Content {
    /// No bytes.
    pub(crate) const EMPTY: Self = Self(Bytes::Few(0, [0; FEW]));

    /// Has no bytes any more, if it shares them with others.
    pub(crate) fn forget(&mut self) {
        if let Bytes::Many(_) = self.0 {
            *self = Self::EMPTY;
        }
    }

    /// Takes bytes on, in the place where it is: what has just been written is not moved, for which a processor would wait.
    pub(crate) fn set(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            Bytes::Few(length, few) if bytes.len() <= FEW => {
                few[..bytes.len()].copy_from_slice(bytes);
                *length = bytes.len() as u8;
            }
            _ => *self = bytes.into(),
        }
    }

    /// Bytes that all who clone them share, however few they are: by that they are known again.
    #[must_use]
    pub fn shared(bytes: &[u8]) -> Self {
        Self(Bytes::Many(bytes.into()))
    }

    /// Whether both are clones of what was made [shared](Self::shared), or is too long not to be.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        matches!((&self.0, &other.0), (Bytes::Many(one), Bytes::Many(other)) if Arc::ptr_eq(one, other))
    }
}

impl Deref for Content {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Bytes::Few(length, bytes) => &bytes[..usize::from(*length)],
            Bytes::Many(bytes) => bytes,
        }
    }
}

impl From<&[u8]> for Content {
    fn from(bytes: &[u8]) -> Self {
        if bytes.len() > FEW {
            return Self(Bytes::Many(bytes.into()));
        }
        let mut content = Self::EMPTY;
        content.set(bytes);
        content
    }
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        text.as_bytes().into()
    }
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Self {
        bytes.as_slice().into()
    }
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        text.into_bytes().into()
    }
}

impl Default for Content {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl PartialEq for Content {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Content {}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", String::from_utf8_lossy(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_bytes_and_many_are_what_they_were_made_of() {
        for length in [0, 1, FEW - 1, FEW, FEW + 1, 10 * FEW] {
            let bytes: Vec<u8> = (0..length).map(|number| number as u8).collect();
            let content = Content::from(bytes.as_slice());
            assert_eq!(*content, *bytes);
            assert_eq!(content.clone(), content);
            assert_eq!(content, Content::shared(&bytes));
        }
        assert_ne!(Content::from("a"), Content::from("b"));
        assert_ne!(Content::from("a"), Content::default());
    }

    #[test]
    fn what_is_shared_is_known_again() {
        let (one, other) = (Content::shared(b"{}"), Content::shared(b"{}"));
        assert!(one.is(&one.clone()));
        assert!(!one.is(&other));
        let few = Content::from("{}");
        assert!(!few.is(&few.clone()));
    }
}
