//! What was measured, for people and for programs.

use super::{Row, Sample, Value, json};
use std::fmt::Write;

/// Least, middle and greatest.
fn spread(samples: impl Iterator<Item = f64>) -> [f64; 3] {
    let mut sorted: Vec<f64> = samples.collect();
    sorted.sort_by(f64::total_cmp);
    let at = |share: usize| sorted.get(sorted.len().saturating_sub(1) * share / 2).copied().unwrap_or(f64::NAN);
    [at(0), at(1), at(2)]
}

/// How many times the CPU of Erlang one takes, round by round.
fn ratio<'a>(row: &'a Row, samples: &'a [Sample]) -> Option<[f64; 3]> {
    let (_, erlang) = row.samples.iter().find(|(name, _)| name == "Erlang")?;
    Some(spread(samples.iter().zip(erlang).map(|(one, erlang)| one.cpu / erlang.cpu)))
}

/// A table for people.
pub(super) fn text(rows: &[Row]) -> String {
    let mut text = format!(
        "{:<22}{:>10} {:>10} {:>10} {:>12} {:>21}\n{:<22}{:>10} {:>10} {:>10} {:>12} {:>21}",
        "",
        "CPU: min",
        "median",
        "max",
        "a second",
        "CPU, Erlang being 1",
        "",
        "ns",
        "ns",
        "ns",
        "",
        "median (min to max)"
    );
    for row in rows {
        // Writing into a string does not fail.
        _ = write!(text, "\n{}, per {}", row.pattern, row.per);
        for (name, samples) in &row.samples {
            let [low, middle, high] = spread(samples.iter().map(|sample| sample.cpu));
            let [_, wall, _] = spread(samples.iter().map(|sample| sample.wall));
            let ratio = ratio(row, samples)
                .map_or_else(String::new, |[low, middle, high]| format!("{middle:.2} ({low:.2} to {high:.2})"));
            let second = 1e9 / wall;
            _ = write!(text, "\n  {name:<20}{low:>10.0} {middle:>10.0} {high:>10.0} {second:>12.0} {ratio:>21}");
        }
    }
    text
}

/// The same for programs, with what could not be compared.
pub(super) fn json(rows: &[Row], missing: &[(&'static str, String)]) -> Value {
    let figures = |[min, median, max]: [f64; 3]| json!({ "min": min, "median": median, "max": max });
    let one = |row: &Row, (name, samples): &(String, Vec<Sample>)| {
        json!({
            "runs-on": name,
            "rounds": samples.len(),
            "cpu-nanoseconds": figures(spread(samples.iter().map(|sample| sample.cpu))),
            "wall-nanoseconds": figures(spread(samples.iter().map(|sample| sample.wall))),
            "cpu-of-erlang": ratio(row, samples).map(figures),
        })
    };
    let pattern = |row: &Row| {
        let all: Vec<_> = row.samples.iter().map(|samples| one(row, samples)).collect();
        json!({ "pattern": row.pattern, "per": row.per, "units": row.units, "results": all })
    };
    let missing: Vec<_> = missing.iter().map(|(name, why)| json!({ "name": name, "why": why })).collect();
    json!({ "patterns": rows.iter().map(pattern).collect::<Vec<_>>(), "missing": missing })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        let samples = |cpu: [f64; 3]| cpu.map(|cpu| Sample { cpu, wall: 2.0 * cpu }).to_vec();
        let all = [("greenroom", samples([300.0, 100.0, 250.0])), ("Erlang", samples([100.0, 100.0, 50.0]))];
        let samples = all.map(|(name, samples)| (name.to_owned(), samples)).into();
        Row { pattern: "ring", per: "message".into(), units: 7, samples }
    }

    #[test]
    fn rounds_are_compared_with_each_other() {
        assert_eq!(ratio(&row(), &row().samples[0].1), Some([1.0, 3.0, 5.0]));
        assert_eq!(ratio(&Row { samples: Vec::new(), ..row() }, &row().samples[0].1), None);
    }

    #[test]
    fn both_forms_say_the_same() {
        let text = text(&[row()]);
        let ours = text.lines().find(|line| line.trim_start().starts_with("greenroom")).unwrap();
        let words: Vec<_> = ours.split_whitespace().collect();
        assert_eq!(words, ["greenroom", "100", "250", "300", "2000000", "3.00", "(1.00", "to", "5.00)"]);
        let json = json(&[row()], &[("gevent", "no Python".into())]);
        let ours = &json["patterns"][0]["results"][0];
        assert_eq!(ours["cpu-nanoseconds"], json!({ "min": 100.0, "median": 250.0, "max": 300.0 }));
        assert_eq!(ours["cpu-of-erlang"]["median"], 3.0);
        assert_eq!(json["missing"][0]["why"], "no Python");
    }
}
