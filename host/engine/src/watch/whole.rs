//! Whether bytes can be all of a component, told from its section headers alone. Pure.
//!
//! A copy that is under way ends somewhere: mostly inside a section, whose header says that more is to come. That is
//! cheap to see, and compiling half a component to find out is not. What is wrong in any other way is the loader's to say.

/// What the bytes are, as far as their form says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Form {
    /// Nothing at all: a file that was created or truncated, to be written next.
    Empty,
    /// More is to come. Why that is sure.
    Cut(String),
    /// The sections add up, but there is no export yet, and an actor has at least one: it was cut between two sections,
    /// or it is no actor.
    Bare,
    /// The sections add up, or it is something that no further byte makes a component of.
    Whole,
}

/// How binary components and core modules begin (component-model `Binary.md`): the magic, a version, and the layer.
const PREAMBLE: [u8; 8] = [0, b'a', b's', b'm', 0x0d, 0, 1, 0];
const MODULE: [u8; 8] = [0, b'a', b's', b'm', 1, 0, 0, 0];
const CUSTOM: u8 = 0;
/// The section that each actor has, and that is the last of those in a component; in a core module comes its functions'
/// code after it, and then its data, of which an earlier section may say that there is some (WebAssembly, "Modules").
const EXPORT: u8 = 11;
const MODULE_CODE: u8 = 10;
const MODULE_DATA: u8 = 11;
const MODULE_DATA_COUNT: u8 = 12;

impl Form {
    /// The form of a component's or a module's bytes, binary or text.
    pub(super) fn of(bytes: &[u8]) -> Self {
        match bytes {
            [] => Self::Empty,
            [b' ' | b'\t' | b'\r' | b'\n' | b'(' | b';', ..] => text(bytes),
            // Room is made for the whole file by some copiers, before they fill it in any order.
            [0, 0, ..] => Self::Cut("it begins with zeros, where its content is to be written".into()),
            _ if bytes.starts_with(&PREAMBLE) => sections(&bytes[PREAMBLE.len()..], |ids| ids.has(EXPORT)),
            _ if bytes.starts_with(&MODULE) => sections(&bytes[MODULE.len()..], |ids| {
                ids.has(MODULE_CODE) && (ids.has(MODULE_DATA) || !ids.has(MODULE_DATA_COUNT))
            }),
            _ if PREAMBLE.starts_with(bytes) || MODULE.starts_with(bytes) => {
                Self::Cut("it ends within its first 8 bytes".into())
            }
            _ => Self::Whole,
        }
    }
}

/// Which sections there have been.
#[derive(Default)]
struct Ids(u32);

impl Ids {
    fn add(&mut self, id: u8) {
        self.0 |= 1u32.checked_shl(id.into()).unwrap_or(0);
    }

    fn has(&self, id: u8) -> bool {
        self.0 & 1 << id != 0
    }
}

/// Whether sections add up. `all`: whether there may be no more.
fn sections(mut rest: &[u8], all: impl FnOnce(&Ids) -> bool) -> Form {
    let mut ids = Ids::default();
    while let [id, after @ ..] = rest {
        let (length, content) = match length(after) {
            Length::Is(length, content) => (length, content),
            Length::Cut => return Form::Cut("it ends within a section's header".into()),
            Length::Wrong => return Form::Whole,
        };
        // A custom section has a name, so it is never empty.
        if (*id, length) == (CUSTOM, 0) {
            return Form::Cut("there are zeros where a section is to be written".into());
        }
        let Some(next) = content.get(length..) else {
            return Form::Cut(format!("its last section lacks {} bytes", length - content.len()));
        };
        ids.add(*id);
        rest = next;
    }
    if all(&ids) { Form::Whole } else { Form::Bare }
}

enum Length<'a> {
    Is(usize, &'a [u8]),
    Cut,
    Wrong,
}

/// A section's length, in LEB128 of at most five bytes.
fn length(bytes: &[u8]) -> Length<'_> {
    let mut length = 0u64;
    for (at, byte) in bytes.iter().take(5).enumerate() {
        length |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return match u32::try_from(length).ok().and_then(|length| usize::try_from(length).ok()) {
                Some(length) => Length::Is(length, &bytes[at + 1..]),
                None => Length::Wrong,
            };
        }
    }
    if bytes.len() < 5 { Length::Cut } else { Length::Wrong }
}

/// Text is whole when its parentheses are balanced, outside of strings and comments (WebAssembly, "Text Format").
fn text(bytes: &[u8]) -> Form {
    let (mut depth, mut comments, mut any) = (0u32, 0u32, false);
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        match (byte, rest.peek()) {
            (b'(', Some(b';')) => {
                comments += 1;
                rest.next();
            }
            (b';', Some(b')')) if comments > 0 => {
                comments -= 1;
                rest.next();
            }
            _ if comments > 0 => {}
            (b';', Some(b';')) => while rest.next_if(|byte| *byte != b'\n').is_some() {},
            (b'"', _) => loop {
                match rest.next() {
                    Some(b'"') => break,
                    Some(b'\\') => drop(rest.next()),
                    Some(_) => {}
                    None => return Form::Cut("it ends within a string".into()),
                }
            },
            (b'(', _) => (depth, any) = (depth + 1, true),
            (b')', _) => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return Form::Whole,
            },
            _ => {}
        }
    }
    match (comments, depth) {
        (0, 0) if any => Form::Whole,
        (0, 0) => Form::Cut("there is only blank space and comments so far".into()),
        (0, _) => Form::Cut(format!("{depth} of its parentheses are not closed")),
        _ => Form::Cut("it ends within a comment".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A component of sections with these ids and contents; not one that would load.
    fn binary(sections: &[(u8, &[u8])]) -> Vec<u8> {
        let mut bytes = PREAMBLE.to_vec();
        for (id, content) in sections {
            bytes.push(*id);
            let mut length = content.len();
            while length >= 0x80 {
                bytes.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
                length >>= 7;
            }
            bytes.push(u8::try_from(length).unwrap());
            bytes.extend_from_slice(content);
        }
        bytes
    }

    fn check(bytes: &[u8], expect: &str) {
        let said = match Form::of(bytes) {
            Form::Empty => "empty".into(),
            Form::Cut(why) => format!("cut: {why}"),
            Form::Bare => "bare".into(),
            Form::Whole => "whole".to_owned(),
        };
        assert_eq!(said, expect, "{:?}", String::from_utf8_lossy(bytes));
    }

    #[test]
    fn binaries() {
        let whole = binary(&[(1, &[7; 300]), (EXPORT, &[1, 2, 3]), (CUSTOM, b"\x04note")]);
        check(&whole, "whole");
        check(b"", "empty");
        check(b"\0as", "cut: it ends within its first 8 bytes");
        check(&PREAMBLE, "bare");
        check(&whole[..10], "cut: it ends within a section's header");
        check(&whole[..11], "cut: its last section lacks 300 bytes");
        check(&whole[..311], "bare");
        check(&whole[..whole.len() - 1], "cut: its last section lacks 1 bytes");
        check(&[&whole[..311], &[0; 12]].concat(), "cut: there are zeros where a section is to be written");
        check(&vec![0; whole.len()], "cut: it begins with zeros, where its content is to be written");
        // What no further byte changes is the loader's to say: garbage, a length that is none.
        check(b"nonsense", "whole");
        check(&[&PREAMBLE[..], &[1, 0xff, 0xff, 0xff, 0xff, 0xff]].concat(), "whole");
        check(&[&PREAMBLE[..], &[1, 0xff, 0xff, 0xff, 0xff, 0x7f]].concat(), "whole");
    }

    #[test]
    fn modules() {
        let module = |ids: &[u8]| ids.iter().fold(MODULE.to_vec(), |bytes, id| [&bytes[..], &[*id, 1, 7]].concat());
        check(&MODULE[..5], "cut: it ends within its first 8 bytes");
        check(&MODULE, "bare");
        check(&module(&[1, 7, 10, 11, 0]), "whole");
        check(&module(&[1, 7, 10]), "whole");
        check(&module(&[1, 7]), "bare");
        check(&module(&[1, 7, 12, 10]), "bare");
        check(&module(&[1, 7, 12, 10, 11]), "whole");
        check(&module(&[1, 7, 10])[..16], "cut: its last section lacks 1 bytes");
    }

    #[test]
    fn texts() {
        check(b"(component (core module))", "whole");
        check(b" \n;; one line (\n(component) (; nested (; ( ;) ;)", "whole");
        check(b"(component \")\" \"\\\")\")", "whole");
        check(b"(component (core module)", "cut: 1 of its parentheses are not closed");
        check(b"(component) (; and", "cut: it ends within a comment");
        check(b"(component \"half", "cut: it ends within a string");
        check(b"\n\n", "cut: there is only blank space and comments so far");
        check(b"())", "whole");
    }

    proptest! {
        #[test]
        fn nothing_that_is_cut_within_a_section_counts_as_whole(
            sections in prop::collection::vec((1u8..12, prop::collection::vec(any::<u8>(), 0..200)), 0..8),
            cut in any::<prop::sample::Index>(),
        ) {
            let sections: Vec<(u8, &[u8])> = sections.iter().map(|(id, content)| (*id, &content[..])).collect();
            let bytes = binary(&sections);
            let cut = cut.index(bytes.len());
            // The form of the first k sections, where the cut is between two.
            let between = (0..=sections.len()).find(|k| binary(&sections[..*k]).len() == cut);
            match between {
                Some(k) => {
                    let exports = sections[..k].iter().any(|(id, _)| *id == EXPORT);
                    prop_assert_eq!(Form::of(&bytes[..cut]), if exports { Form::Whole } else { Form::Bare });
                }
                None if cut == 0 => prop_assert_eq!(Form::of(&bytes[..cut]), Form::Empty),
                None => prop_assert!(matches!(Form::of(&bytes[..cut]), Form::Cut(_))),
            }
        }
    }
}
