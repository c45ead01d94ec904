//! Numbers for people to read.

use crate::json::Writer;
use std::fmt;

/// A number in a text that people read: `info!("{} °C", Figure(66.5))`. It is written as Rust's `{}` has it, except that
/// from 1e16 on and below 1e-4 there is an exponent, and width and precision count for nothing. A component that writes
/// its numbers so is 13 KB smaller.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Figure(pub f64);

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_nan() {
            return f.write_str("NaN");
        }
        if self.0.is_infinite() {
            return f.write_str(if self.0 > 0.0 { "inf" } else { "-inf" });
        }
        let mut writer = Writer::new();
        writer.float(self.0);
        let text = writer.text();
        f.write_str(text.strip_suffix(".0").unwrap_or(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_as_numbers_are() {
        for value in [0.0, -0.0, 66.0, 66.5, -5.0, 0.1 + 0.2, 1e15, 1e-4, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(Figure(value).to_string(), value.to_string());
        }
        assert_eq!(Figure(1e16).to_string(), "1e16");
        assert_eq!(Figure(-2.5e-7).to_string(), "-2.5e-7");
    }
}
