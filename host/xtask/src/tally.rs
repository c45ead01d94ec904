//! How many tests passed, read off what test runners say.

use std::ops::AddAssign;

/// Tests that passed and failed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Tally {
    /// Of a check that is a single one.
    pub(crate) fn one(passed: bool) -> Tally {
        Tally { passed: passed.into(), failed: (!passed).into() }
    }

    /// What a line adds: a summary of Cargo's test runner, of nextest, or of Node.
    pub(crate) fn of(line: &str) -> Tally {
        let line = line.trim();
        if let Some(rest) = line.strip_prefix("test result:") {
            return Tally { passed: before(rest, "passed"), failed: before(rest, "failed") };
        }
        if let Some((_, rest)) = line.split_once(" tests run:").or_else(|| line.split_once(" test run:")) {
            let failed = before(rest, "failed") + before(rest, "timed out") + before(rest, "exec failed");
            return Tally { passed: before(rest, "passed"), failed };
        }
        // Node's reporters: `ℹ pass 12` for people, `# pass 12` for programs. A test that was cancelled did not pass.
        let node = line.strip_prefix("ℹ ").or_else(|| line.strip_prefix("# ")).unwrap_or_default();
        match node.split_once(' ').map(|(word, count)| (word, count.parse().unwrap_or(0))) {
            Some(("pass", passed)) => Tally { passed, failed: 0 },
            Some(("fail" | "cancelled", failed)) => Tally { passed: 0, failed },
            _ => Tally::default(),
        }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// The number before a word in a list: 2 in `18 passed (1 slow), 2 failed` before `failed`.
fn before(list: &str, word: &str) -> u64 {
    let entries = list.split([',', ';', '.', '(']).map(str::trim);
    let counts = entries.filter_map(|entry| entry.strip_suffix(word)?.trim().parse::<u64>().ok());
    counts.sum()
}

/// A line as a terminal shows it: without colours. Source: ECMA-48, "CSI sequences".
pub(crate) fn plain(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str(part.split_once(|end: char| ('@'..='~').contains(&end)).map_or("", |(_, rest)| rest));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_runner_is_understood() {
        let check =
            |line: &str, passed: u64, failed: u64| assert_eq!(Tally::of(line), Tally { passed, failed }, "{line}");
        check("test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.1s", 12, 0);
        check("test result: FAILED. 11 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out", 11, 2);
        check("     Summary [   1.521s] 20 tests run: 20 passed, 4 skipped", 20, 0);
        check("     Summary [  21.521s] 20 tests run: 17 passed (1 slow), 2 failed, 1 timed out, 0 skipped", 17, 3);
        check("     Summary [   0.010s] 1 test run: 1 passed, 0 skipped", 1, 0);
        check("ℹ pass 24", 24, 0);
        check("# pass 24", 24, 0);
        check("# fail 2", 0, 2);
        check("ℹ cancelled 1", 0, 1);
        check("ℹ tests 24", 0, 0);
        check("test tests::one ... ok", 0, 0);
        check("", 0, 0);
    }

    #[test]
    fn colours_do_not_count() {
        let check = |line: &str, expect: &str| assert_eq!(plain(line), expect);
        check("plain", "plain");
        check("\u{1b}[1m\u{1b}[32mok\u{1b}[0m. 3", "ok. 3");
        check("cut \u{1b}[3", "cut ");
    }
}
