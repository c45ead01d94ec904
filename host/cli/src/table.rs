//! Tables on a terminal.

use crate::print::{Ink, Print};

/// A row: its cells, each with its ink.
pub(crate) type Row = Vec<(Ink, String)>;

/// Cells one under the other, two spaces apart. A row's last one may be as long as it likes.
pub(crate) fn table(rows: &[Row], print: &Print) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let inner = rows.iter().filter(|row| column + 1 < row.len());
        inner.map(|row| row[column].1.chars().count()).max()
    };
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let line = |row: &Row| {
        let mut line = String::new();
        for (number, ((ink, text), width)) in row.iter().zip(&widths).enumerate() {
            line.push_str(&print.ink(*ink, text));
            if number + 1 < row.len() {
                line.push_str(&" ".repeat(width - text.chars().count() + 2));
            }
        }
        line.trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}
