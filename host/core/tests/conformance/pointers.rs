//! What a rule or a case says about where else it is shown: pointers, `path/to/file.rs: test_function, another`, and prose,
//! parted by `; `. A pointer leads somewhere.

use std::path::Path;

/// What is wrong with the pointers of a text, if anything. `repository` is what the paths are relative to.
pub(crate) fn wrong(repository: &Path, text: &str) -> Option<String> {
    text.split("; ").find_map(|part| {
        let Some((path, tests)) = part.split_once(": ").filter(|(path, _)| path.ends_with(".rs")) else {
            return part.contains(".rs").then(|| format!("`{part}` names a file, and no test of it"));
        };
        let Ok(source) = std::fs::read_to_string(repository.join(path)) else {
            return Some(format!("there is no file `{path}`"));
        };
        let missing = tests.split(", ").find(|test| !source.contains(&format!("fn {test}(")))?;
        Some(format!("`{path}` has no test `{missing}`"))
    })
}

/// Whether a text has a pointer at all.
pub(crate) fn has(text: &str) -> bool {
    text.contains(".rs: ")
}

#[test]
fn a_pointer_that_leads_nowhere_is_found() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let here = "host/core/tests/conformance/pointers.rs";
    for (text, is_wrong) in [
        ("a reason".to_owned(), false),
        (format!("{here}: has, wrong"), false),
        (format!("{here}: wrong; and prose"), false),
        (format!("{here}: wron"), true),
        (format!("{here}: wrong, nobody"), true),
        (format!("a reason; {here}: nobody"), true),
        ("host/core/tests/nowhere.rs: wrong".to_owned(), true),
        ("see pointers.rs".to_owned(), true),
    ] {
        assert_eq!(wrong(&repository, &text).is_some(), is_wrong, "{text}");
    }
}
