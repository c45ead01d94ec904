//! The guide's manifests are right, and its links lead somewhere.
#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]

use std::fs;
use std::path::{Path, PathBuf};

fn pages() -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../guide/src");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files
        .filter(|file| file.extension().is_some_and(|end| end == "md"))
        .map(|file| {
            let text = fs::read_to_string(&file).unwrap();
            (file, text)
        })
        .collect()
}

#[test]
fn its_manifests_are_right() {
    let mut found = 0;
    for (page, text) in pages() {
        for block in text.split("```toml\n").skip(1) {
            let manifest = block.split("```").next().unwrap();
            if let Err(faults) = greenroom_manifest::parse(manifest, &page, None) {
                panic!("{}:\n{manifest}\n{}", page.display(), faults.text(100, false));
            }
            found += 1;
        }
    }
    assert!(found >= 4, "{found}");
}

/// What a heading is called in a link. Source: mdBook, `normalize_id`.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}

#[test]
fn its_links_lead_somewhere() {
    let mut found = 0;
    for (page, text) in pages() {
        for link in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { page.clone() } else { page.parent().unwrap().join(file) };
            let there =
                fs::read_to_string(&target).unwrap_or_else(|error| panic!("{}: {link}: {error}", page.display()));
            let has = |line: &str| line.starts_with('#') && anchor(line.trim_start_matches(['#', ' '])) == heading;
            assert!(heading.is_empty() || there.lines().any(has), "{}: {link}", page.display());
            found += 1;
        }
    }
    assert!(found >= 8, "{found}");
}

#[test]
fn every_page_is_in_the_summary() {
    let pages = pages();
    let summary = &pages.iter().find(|(page, _)| page.ends_with("SUMMARY.md")).unwrap().1;
    for (page, _) in &pages {
        let name = page.file_name().unwrap().to_str().unwrap();
        assert!(name == "SUMMARY.md" || summary.contains(&format!("]({name})")), "{name}");
    }
}
