//! A figure: samples of one thing, reported with their minimum, median and maximum.

use serde_json::{Value, json};
use std::fmt::Write;

/// What a figure is measured in.
#[derive(Debug, Clone, Copy)]
pub(super) enum Unit {
    Nanoseconds,
    Microseconds,
    Milliseconds,
    Kibibytes,
    Mebibytes,
    Number,
    Times,
}

impl Unit {
    fn word(self) -> &'static str {
        match self {
            Self::Nanoseconds => "ns",
            Self::Microseconds => "µs",
            Self::Milliseconds => "ms",
            Self::Kibibytes => "KiB",
            Self::Mebibytes => "MiB",
            Self::Number => "",
            Self::Times => "×",
        }
    }
}

/// Samples of one thing.
#[derive(Debug)]
pub(super) struct Figure {
    name: String,
    unit: Unit,
    samples: Vec<f64>,
    /// What programs are told beside: an object.
    about: Value,
}

impl Figure {
    pub(super) fn new(name: impl Into<String>, unit: Unit) -> Self {
        Self { name: name.into(), unit, samples: Vec::new(), about: json!({}) }
    }

    /// Has programs told these things beside.
    pub(super) fn about(self, about: Value) -> Self {
        Self { about, ..self }
    }

    pub(super) fn add(&mut self, sample: f64) {
        let at = self.samples.partition_point(|other| *other < sample);
        self.samples.insert(at, sample);
    }

    /// The sample below which this share of them lies: 0 to 1.
    pub(super) fn at(&self, share: f64) -> Option<f64> {
        let last = self.samples.len().checked_sub(1)?;
        self.samples.get((last as f64 * share).round() as usize).copied()
    }

    pub(super) fn json(&self) -> Value {
        let mut json = json!({
            "name": self.name,
            "unit": self.unit.word(),
            "samples": self.samples.len(),
            "min": self.at(0.0),
            "median": self.at(0.5),
            "p99": self.at(0.99),
            "max": self.at(1.0),
        });
        if let (Some(json), Some(about)) = (json.as_object_mut(), self.about.as_object()) {
            json.extend(about.clone());
        }
        json
    }
}

/// All figures, for people.
pub(super) fn table(figures: &[Figure]) -> String {
    let width = figures.iter().map(|figure| figure.name.chars().count()).max().unwrap_or(0);
    let mut text = format!("{:width$}  {:>10} {:>10} {:>10} {:>10}      samples", "", "min", "median", "p99", "max");
    for figure in figures {
        let digits = if matches!(figure.unit, Unit::Times) { 2 } else { 1 };
        let cell = |share| figure.at(share).map_or_else(|| "–".into(), |sample| format!("{sample:.digits$}"));
        let (low, middle, high, top) = (cell(0.0), cell(0.5), cell(0.99), cell(1.0));
        // Writing into a string does not fail.
        _ = write!(
            text,
            "\n{:width$}  {low:>10} {middle:>10} {high:>10} {top:>10} {:>4} {:>6}",
            figure.name,
            figure.unit.word(),
            figure.samples.len()
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_has_its_samples_in_order() {
        let mut figure = Figure::new("it", Unit::Milliseconds);
        assert_eq!(figure.json()["median"], Value::Null);
        for sample in [3.0, 1.0, 2.0, 9.0, 5.0] {
            figure.add(sample);
        }
        let json = figure.json();
        assert_eq!((&json["min"], &json["median"], &json["max"]), (&json!(1.0), &json!(3.0), &json!(9.0)));
        assert!(table(&[figure]).contains("3.0"));
    }
}
