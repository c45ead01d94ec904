//! Did you mean …?

/// The candidate nearest to a word, if one is near enough to be what was meant.
pub(crate) fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let plain = |text: &str| text.chars().filter(|c| !"-_ .".contains(*c)).flat_map(char::to_lowercase).collect();
    let wanted: Vec<char> = plain(word);
    let allowed = (wanted.len() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| {
            let theirs: Vec<char> = plain(candidate);
            // Half a word is meant as the whole one.
            let cut = wanted.len() >= 3 && theirs.starts_with(&wanted);
            (if cut { 1 } else { distance(&wanted, &theirs) }, candidate)
        })
        .filter(|(distance, candidate)| *distance <= allowed && *distance < candidate.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// A help text: the nearest candidate, or all of them.
pub(crate) fn hint<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<String> {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    match (nearest(word, candidates.iter().copied()), candidates.as_slice()) {
        (Some(near), _) => Some(format!("did you mean `{near}`?")),
        (None, []) => None,
        (None, [only]) => Some(format!("there is only `{only}`")),
        (None, [rest @ .., last]) => Some(format!(
            "there are {} and `{last}`",
            rest.iter().map(|c| format!("`{c}`")).collect::<Vec<_>>().join(", ")
        )),
    }
}

/// Insertions, deletions, substitutions and swaps of neighbours that make one word of the other (optimal string
/// alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    // A word can be as long as the manifest: beyond this nothing is a slip of the finger.
    if a.len().abs_diff(b.len()) > 32 || a.len().max(b.len()) > 256 {
        return usize::MAX;
    }
    let mut before = vec![0; b.len() + 1];
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let change = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = change.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_understood() {
        let check = |word: &str, candidates: &[&str], expect: Option<&str>| {
            assert_eq!(nearest(word, candidates.iter().copied()), expect, "{word}");
        };
        check("controler", &["sampler", "controller"], Some("controller"));
        check("contorller", &["sampler", "controller"], Some("controller"));
        check("max_on", &["safe", "max-on"], Some("max-on"));
        check("maxOn", &["safe", "max-on"], Some("max-on"));
        check("behaviour", &["behavior", "actor"], Some("behavior"));
        check("banana", &["safe", "max-on"], None);
        check("x", &["y"], None);
        check("", &["a"], None);
        check("gpio-out", &["gpio-output", "gpio-input"], Some("gpio-output"));
    }

    #[test]
    fn hints_name_what_there_is() {
        assert_eq!(hint("a", []), None);
        assert_eq!(hint("zzz", ["sim"]).as_deref(), Some("there is only `sim`"));
        assert_eq!(hint("zzz", ["sim", "pi", "lab"]).as_deref(), Some("there are `sim`, `pi` and `lab`"));
    }

    #[test]
    fn distances() {
        let check = |a: &str, b: &str, expect| {
            let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
            assert_eq!(distance(&a, &b), expect, "{a:?} {b:?}");
            assert_eq!(distance(&b, &a), expect, "{b:?} {a:?}");
        };
        check("", "", 0);
        check("abc", "", 3);
        check("abc", "acb", 1);
        check("kitten", "sitting", 3);
    }
}
