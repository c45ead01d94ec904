//! An outline as text: a line for each, those beneath it indented by two more spaces. The running host's suite reads the
//! same files with it.

/// Reads it. `one` makes one of its line, and of those beneath it.
pub(crate) fn read<T>(text: &str, one: fn(&str, Vec<T>) -> T) -> Vec<T> {
    let lines: Vec<(usize, &str)> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| ((line.len() - line.trim_start().len()) / 2, line.trim()))
        .collect();
    level(&lines, 0, one)
}

fn level<T>(lines: &[(usize, &str)], depth: usize, one: fn(&str, Vec<T>) -> T) -> Vec<T> {
    let mut all = Vec::new();
    let mut left = lines;
    while let [(at, line), rest @ ..] = left {
        assert_eq!(*at, depth, "`{line}` is indented too far");
        let below = rest.iter().take_while(|(at, _)| *at > depth).count();
        all.push(one(line, level(&rest[..below], depth + 1, one)));
        left = &rest[below..];
    }
    all
}
