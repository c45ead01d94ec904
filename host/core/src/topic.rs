//! Topics, patterns over topics, and the routes that the topic registry sets.
//! On the path of a message: a publish in `engine` looks up its receivers here.

use crate::Address;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// A topic: segments of a–z, 0–9, `-`, `_` and `.` with `/` between them, 1 to 128 bytes. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Topic(Arc<str>);

/// A pattern over topics: as a topic, but `*` stands for one segment, and `**` as the last segment for any number of
/// them, none included.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pattern(Arc<str>);

/// Why a text is no topic or pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TopicError {
    /// Nothing, or too much.
    #[error("a topic has 1 to 128 bytes, this one has {0}")]
    Length(usize),
    /// `a//b`, `/a` or `a/`.
    #[error("a topic has no empty segment: no `/` at an end, no two in a row")]
    EmptySegment,
    /// A character that no topic has.
    #[error("a topic has only a–z, 0–9, `-`, `_`, `.` and `/`, not {0:?}")]
    Character(char),
    /// A star where none may stand.
    #[error("in a pattern `*` is a whole segment, and `**` is the last one")]
    Star,
}

const LONGEST: usize = 128;

fn check(text: &str, stars: bool) -> Result<(), TopicError> {
    if text.is_empty() || text.len() > LONGEST {
        return Err(TopicError::Length(text.len()));
    }
    let mut segments = text.split('/').peekable();
    while let Some(segment) = segments.next() {
        match segment {
            "" => return Err(TopicError::EmptySegment),
            "*" if stars => {}
            "**" if stars && segments.peek().is_none() => {}
            _ if stars && segment.contains('*') => return Err(TopicError::Star),
            _ => {
                let bad = segment.chars().find(|c| !matches!(c, 'a'..='z' | '0'..='9' | '-' | '_' | '.'));
                if let Some(c) = bad {
                    return Err(TopicError::Character(c));
                }
            }
        }
    }
    Ok(())
}

impl Topic {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Topic {
    type Err = TopicError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        check(text, false)?;
        Ok(Self(text.into()))
    }
}

impl Pattern {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a topic is one of this pattern's.
    pub fn matches(&self, topic: &Topic) -> bool {
        self.covers_segments(topic.0.split('/'))
    }

    /// Whether every topic of `other` is one of this pattern's too: what a grant allows.
    pub fn covers(&self, other: &Pattern) -> bool {
        self.covers_segments(other.0.split('/'))
    }

    fn covers_segments<'a>(&self, mut theirs: impl Iterator<Item = &'a str>) -> bool {
        for ours in self.0.split('/') {
            if ours == "**" {
                return true;
            }
            match theirs.next() {
                // `**` may stand for nothing or for many, which only `**` covers.
                Some("**") | None => return false,
                Some(theirs) if ours == "*" || ours == theirs => {}
                Some(_) => return false,
            }
        }
        theirs.next().is_none()
    }
}

impl FromStr for Pattern {
    type Err = TopicError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        check(text, true)?;
        Ok(Self(text.into()))
    }
}

impl From<&Topic> for Pattern {
    fn from(topic: &Topic) -> Self {
        Self(topic.0.clone())
    }
}

macro_rules! text {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "`{}`", self.0) }
        }
    )*};
}
text!(Topic, Pattern);

/// Who receives what is published where, as the topic registry has set it. Routes outlive the registry.
#[derive(Debug, Clone, Default)]
pub struct Routes {
    routes: Vec<(Pattern, Vec<Address>)>,
}

impl Routes {
    /// Sets the receivers of a pattern; none removes the route.
    pub fn set(&mut self, pattern: Pattern, receivers: Vec<Address>) {
        let at = self.routes.iter().position(|(p, _)| *p == pattern);
        match (at, receivers.is_empty()) {
            (Some(at), true) => drop(self.routes.remove(at)),
            (Some(at), false) => self.routes[at].1 = receivers,
            (None, true) => {}
            (None, false) => self.routes.push((pattern, receivers)),
        }
    }

    /// All routes, in the order in which they were first set.
    pub fn current(&self) -> &[(Pattern, Vec<Address>)] {
        &self.routes
    }

    /// The receivers of a topic: each one once, in the order of the routes.
    pub fn receivers(&self, topic: &Topic) -> Vec<Address> {
        let mut receivers = Vec::new();
        for (_, addresses) in self.routes.iter().filter(|(pattern, _)| pattern.matches(topic)) {
            for address in addresses {
                if !receivers.contains(address) {
                    receivers.push(*address);
                }
            }
        }
        receivers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_and_patterns_are_checked() {
        let check = |text: &str, topic: Result<(), TopicError>, pattern: Result<(), TopicError>| {
            assert_eq!(text.parse::<Topic>().map(|_| ()), topic, "{text}");
            assert_eq!(text.parse::<Pattern>().map(|_| ()), pattern, "{text}");
        };
        use TopicError::*;
        check("kettle/sample", Ok(()), Ok(()));
        check("kettle/*", Err(Character('*')), Ok(()));
        check("kettle/**", Err(Character('*')), Ok(()));
        check("**/kettle", Err(Character('*')), Err(Star));
        check("kettle/s*", Err(Character('*')), Err(Star));
        check("", Err(Length(0)), Err(Length(0)));
        check("a//b", Err(EmptySegment), Err(EmptySegment));
        check("/a", Err(EmptySegment), Err(EmptySegment));
        check("a b", Err(Character(' ')), Err(Character(' ')));
    }

    #[test]
    fn patterns_match_topics() {
        let check = |pattern: &str, topic: &str, expect: bool| {
            let (pattern, topic): (Pattern, Topic) = (pattern.parse().unwrap(), topic.parse().unwrap());
            assert_eq!(pattern.matches(&topic), expect, "{pattern} {topic}");
        };
        check("kettle/sample", "kettle/sample", true);
        check("kettle/sample", "kettle", false);
        check("kettle/*", "kettle/sample", true);
        check("kettle/*", "kettle/sample/raw", false);
        check("kettle/**", "kettle/sample/raw", true);
        check("kettle/**", "kettle", true);
        check("**", "a/b/c", true);
        check("*/b", "a/b", true);
        check("*", "a/b", false);
    }

    #[test]
    fn a_pattern_covers_only_what_it_matches_wholly() {
        let check = |ours: &str, theirs: &str, expect: bool| {
            let (ours, theirs): (Pattern, Pattern) = (ours.parse().unwrap(), theirs.parse().unwrap());
            assert_eq!(ours.covers(&theirs), expect, "{ours} covers {theirs}");
        };
        check("a/**", "a/b/*", true);
        check("a/*", "a/**", false);
        check("a/*", "a/*", true);
        check("a/b", "a/*", false);
        check("**", "**", true);
    }

    #[test]
    fn a_receiver_on_two_routes_hears_once() {
        let address = |key| Address { node: 0, key };
        let mut routes = Routes::default();
        routes.set("a/*".parse().unwrap(), vec![address(1), address(2)]);
        routes.set("a/b".parse().unwrap(), vec![address(2), address(3)]);
        assert_eq!(routes.receivers(&"a/b".parse().unwrap()), [1, 2, 3].map(address));
        routes.set("a/*".parse().unwrap(), vec![]);
        assert_eq!(routes.receivers(&"a/b".parse().unwrap()), [2, 3].map(address));
        assert!(routes.receivers(&"a".parse().unwrap()).is_empty());
    }
}
