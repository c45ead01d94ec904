//! Whatever the text: an answer, never a panic, and mistakes that can be shown.

use greenroom_manifest::parse;
use proptest::prelude::*;
use std::path::Path;

const FULL: &str = include_str!("full.toml");

/// What a manifest is made of, and what it should not be made of.
const PIECES: [&str; 40] = [
    "[",
    "]",
    "[[",
    "{",
    "}",
    "\"",
    "'",
    "\"\"\"",
    "=",
    ".",
    ",",
    "\n",
    "\r\n",
    "\t",
    "#",
    "\u{feff}",
    "\0",
    "ä",
    "\u{1F525}",
    "-",
    "\\",
    "\\u0000",
    "0",
    "-1",
    "1e400",
    "nan",
    "inf",
    "true",
    "1979-05-27",
    "9223372036854775808",
    "[host]\n",
    "[actor.x]\n",
    "[profile.sim]\n",
    "[profile.new]\ndevice.heater.kind = \"sine\"\n",
    "children = [\"brewery\"]\n",
    "grant = [\"write:sim\"]\n",
    "kind = \"sim-relay\"\n",
    "\"15m\"",
    "steps = [[1e308, 1]]\n",
    "device = 1\n",
];

fn check(text: &str) -> Result<(), TestCaseError> {
    for profile in [None, Some("sim"), Some("nobody")] {
        let Err(faults) = parse(text, Path::new("greenroom.toml"), profile) else { continue };
        prop_assert!(!faults.list().is_empty());
        for place in faults.list().iter().flat_map(|fault| fault.places()) {
            prop_assert!(text.get(place.span.clone()).is_some(), "{:?} is no place in the text", place);
        }
        prop_assert_eq!(faults.json().as_array().map(Vec::len), Some(faults.list().len()));
        let picture = faults.text(100, true);
        for fault in faults.list() {
            prop_assert!(picture.contains(fault.kind().as_str()));
        }
        prop_assert!(!faults.to_string().is_empty());
    }
    Ok(())
}

/// Puts pieces into the full manifest, in place of what was there.
fn edited() -> impl Strategy<Value = String> {
    let edit = (0..=FULL.len(), 0..12_usize, prop::sample::select(&PIECES[..]));
    prop::collection::vec(edit, 1..6).prop_map(|edits| {
        let mut text = FULL.to_owned();
        for (at, length, piece) in edits {
            let boundary = |text: &str, mut at: usize| {
                at = at.min(text.len());
                while !text.is_char_boundary(at) {
                    at -= 1;
                }
                at
            };
            let (from, to) = (boundary(&text, at), boundary(&text, at + length));
            text.replace_range(from..to, piece);
        }
        text
    })
}

/// Leaves out, doubles and swaps lines of the full manifest: still TOML, mostly, and no longer a plan.
fn shuffled() -> impl Strategy<Value = String> {
    let lines = FULL.lines().count();
    prop::collection::vec((0..lines, 0..lines, 0..3_u8), 1..8).prop_map(|edits| {
        let mut lines: Vec<&str> = FULL.lines().collect();
        for (one, other, what) in edits {
            let (one, other) = (one % lines.len(), other % lines.len());
            match what {
                0 if lines.len() > 1 => drop(lines.remove(one)),
                1 => lines.insert(other, lines[one]),
                _ => lines.swap(one, other),
            }
        }
        lines.join("\n")
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in any::<String>()) {
        check(&text)?;
    }

    #[test]
    fn any_pieces(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..40)) {
        check(&pieces.concat())?;
    }

    #[test]
    fn any_edit(text in edited()) {
        check(&text)?;
    }

    #[test]
    fn any_order(text in shuffled()) {
        check(&text)?;
    }
}

#[test]
fn deep_and_wide_texts_are_survived() {
    let mut texts = vec![
        format!("a = {}{}", "[".repeat(20_000), "]".repeat(20_000)),
        format!("a{} = 1", ".a".repeat(20_000)),
        format!("[a{}]", ".a".repeat(20_000)),
        format!("[actor.a]\nsource = \"a\"\nconfig = {}1{}", "{ a = ".repeat(70), " }".repeat(70)),
        format!("[host]\nname = \"{}\"", "x".repeat(1 << 20)),
        format!("[supervisor.s]\nchildren = [{}]", "\"a\",".repeat(500)),
    ];
    // A long chain of supervisors, and a long circle.
    let chain: String = (0..300).map(|i| format!("[supervisor.s{i}]\nchildren = [\"s{}\"]\n", i + 1)).collect();
    texts.push(format!("{chain}[supervisor.s300]\nchildren = []\n"));
    texts.push(format!("{chain}[supervisor.s300]\nchildren = [\"s0\"]\n"));
    for text in texts {
        if let Err(error) = check(&text) {
            panic!("{error}");
        }
    }
}
