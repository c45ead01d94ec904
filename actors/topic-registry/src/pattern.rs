//! Patterns over topics, as the contract's `topics` has them: `*` stands for one segment, `**` at the end for any number.

/// Whether every topic of `other`, a pattern or a topic, is one of `pattern` too.
pub(crate) fn covers(pattern: &str, other: &str) -> bool {
    let mut theirs = other.split('/');
    for ours in pattern.split('/') {
        if ours == "**" {
            return true;
        }
        match theirs.next() {
            // `**` may stand for nothing or for many, which only `**` covers.
            Some("**") | None => return false,
            Some(segment) if ours == "*" || ours == segment => {}
            Some(_) => return false,
        }
    }
    theirs.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn patterns_cover_topics_and_patterns() {
        let check = |pattern: &str, other: &str, expect: bool| {
            assert_eq!(covers(pattern, other), expect, "{pattern} covers {other}");
        };
        check("kettle/sample", "kettle/sample", true);
        check("kettle/sample", "kettle", false);
        check("kettle/*", "kettle/sample", true);
        check("kettle/*", "kettle/sample/raw", false);
        check("kettle/*", "kettle/*", true);
        check("kettle/*", "kettle/**", false);
        check("kettle/**", "kettle", true);
        check("kettle/**", "kettle/*/raw", true);
        check("**", "**", true);
    }
}
