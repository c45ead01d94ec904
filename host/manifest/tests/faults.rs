//! Every mistake with its picture: `faults/NAME.toml` gives exactly `faults/NAME.txt`. With `GREENROOM_BLESS=1` in the
//! environment, the pictures are written anew. A first line `# profile: NAME` picks a profile.
#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]

use greenroom_manifest::{Code, parse};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "toml"));
    files.sort();
    files
}

#[test]
fn every_mistake_looks_as_it_should() {
    let bless = std::env::var_os("GREENROOM_BLESS").is_some();
    let mut met = BTreeSet::new();
    let mut wrong = Vec::new();
    for case in cases() {
        let text = fs::read_to_string(&case).unwrap();
        let profile = text.lines().next().and_then(|line| line.strip_prefix("# profile: "));
        let faults = match parse(&text, Path::new("greenroom.toml"), profile) {
            Ok(_) => panic!("{} has no mistake", case.display()),
            Err(faults) => faults,
        };
        met.extend(faults.list().iter().map(|fault| fault.kind().as_str()));
        let picture = faults.text(100, false);
        let golden = case.with_extension("txt");
        if bless {
            fs::write(&golden, &picture).unwrap();
        } else if fs::read_to_string(&golden).unwrap_or_default() != picture {
            wrong.push(format!("{}:\n{picture}", golden.display()));
        }
    }
    assert!(wrong.is_empty(), "not as before (GREENROOM_BLESS=1 writes them anew):\n{}", wrong.join("\n"));
    let unmet: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).filter(|code| !met.contains(code)).collect();
    assert!(unmet.is_empty(), "no manifest in tests/faults makes these: {unmet:?}");
}

#[test]
fn every_mistake_has_a_place_and_a_fix() {
    for case in cases() {
        let text = fs::read_to_string(&case).unwrap();
        let profile = text.lines().next().and_then(|line| line.strip_prefix("# profile: "));
        for fault in parse(&text, Path::new("greenroom.toml"), profile).unwrap_err().list() {
            assert!(fault.fix().is_some(), "{}: no fix for: {fault}", case.display());
            assert!(
                !fault.places().is_empty() || fault.kind() == Code::UnknownProfile,
                "{}: no place for: {fault}",
                case.display()
            );
            assert!(fault.places().iter().all(|place| text.get(place.span.clone()).is_some()), "{fault}");
        }
    }
}

#[test]
fn programs_get_json() {
    let text = "[host]\n  größe = 1\nlistne = \"x\"\n";
    let faults = parse(text, Path::new("a/greenroom.toml"), None).unwrap_err();
    let expect = serde_json::json!([
        {
            "code": "greenroom::manifest::unknown-key",
            "message": "[host] has no key `listne`",
            "help": "did you mean `listen`?",
            "file": "a/greenroom.toml",
            "labels": [{ "text": "nobody reads this", "offset": 9, "length": 6, "line": 3, "column": 1 }],
        }
    ]);
    // `größe` is no bare key: TOML says so first, and with that put right, the rest is found.
    assert_eq!(faults.json()[0]["code"], "greenroom::manifest::syntax");
    assert_eq!(faults.json()[0]["labels"][0]["line"], 2);
    let text = text.replace("  größe = 1", "# ");
    let mut faults = parse(&text, Path::new("a/greenroom.toml"), None).unwrap_err().json();
    faults[0]["labels"][0]["offset"] = 9.into();
    assert_eq!(faults, expect);
}

#[test]
fn one_line_a_mistake() {
    let text = "[host]\nlistne = \"x\"\n[actor.a]\n";
    let faults = parse(text, Path::new("greenroom.toml"), None).unwrap_err();
    let expect = "greenroom.toml:2: [host] has no key `listne`\ngreenroom.toml:3: [actor.a] needs `source`";
    assert_eq!(faults.to_string(), expect);
}
