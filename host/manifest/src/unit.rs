//! Texts with units: times as `"1h30m"`, sizes as `"16MiB"`.

use std::time::Duration;

/// Why a text is no time or size. The text is the fix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UnitError(pub(crate) String);

const TIMES: [(&str, u64); 6] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
];

const SIZES: [(&str, u64); 4] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];

/// Reads a time as the manifest writes it: whole numbers with a unit each (`d`, `h`, `m`, `s`, `ms`, `us`), the larger
/// unit first: `15m`, `500ms`, `1h30m`.
///
/// # Errors
/// What is wrong, as a sentence that says what would be right.
pub fn time(text: &str) -> Result<Duration, UnitError> {
    let example =
        || UnitError("write whole numbers with units (d, h, m, s, ms, us), as in \"1h30m\" or \"500ms\"".into());
    let mut rest = text;
    let mut total: u64 = 0;
    let mut last = u64::MAX;
    if rest.is_empty() {
        return Err(example());
    }
    while !rest.is_empty() {
        let (number, after) = split(rest, |c| c.is_ascii_digit());
        let (unit, after) = split(after, |c| c.is_ascii_alphabetic());
        let Some((_, nanoseconds)) = TIMES.iter().find(|(word, _)| *word == unit).copied() else {
            return Err(match (number, unit) {
                (number, "") if !number.is_empty() && after.is_empty() => {
                    UnitError(format!("write a unit after `{number}`: d, h, m, s, ms or us, as in \"{number}s\""))
                }
                (_, "ns") => UnitError("the shortest unit is us, a millionth of a second".into()),
                (_, "min") => UnitError("write m for minutes, as in \"15m\"".into()),
                _ => example(),
            });
        };
        if number.is_empty() {
            return Err(example());
        }
        if nanoseconds >= last {
            return Err(UnitError("write each unit once, the larger ones first, as in \"1h30m\"".into()));
        }
        let number: u64 = number.parse().map_err(|_| UnitError("this is longer than anything lasts".into()))?;
        total = number
            .checked_mul(nanoseconds)
            .and_then(|part| total.checked_add(part))
            .ok_or_else(|| UnitError("this is longer than anything lasts".into()))?;
        (rest, last) = (after, nanoseconds);
    }
    Ok(Duration::from_nanos(total))
}

/// A size: a whole number with a unit: `64KiB`, `16MiB`.
pub(crate) fn size(text: &str) -> Result<u64, UnitError> {
    let (number, unit) = split(text, |c| c.is_ascii_digit());
    let Some((_, bytes)) = SIZES.iter().find(|(word, _)| *word == unit) else {
        return Err(match unit {
            "K" | "k" | "KB" | "kB" | "kb" | "Kib" | "kib" => UnitError(format!("write \"{number}KiB\" (1024 bytes)")),
            "M" | "MB" | "mb" | "Mib" | "mib" => UnitError(format!("write \"{number}MiB\" (1024 KiB)")),
            "G" | "GB" | "gb" | "Gib" | "gib" => UnitError(format!("write \"{number}GiB\" (1024 MiB)")),
            _ => UnitError("write a whole number with a unit (B, KiB, MiB, GiB), as in \"16MiB\"".into()),
        });
    };
    if number.is_empty() {
        return Err(UnitError("write a whole number before the unit, as in \"16MiB\"".into()));
    }
    number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(*bytes))
        .ok_or_else(|| UnitError("this is larger than any memory".into()))
}

/// A time as the manifest writes it. What is less than a microsecond is left out.
pub(crate) fn write(time: Duration) -> String {
    let mut rest = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    let mut text = String::new();
    for (word, nanoseconds) in TIMES {
        if rest >= nanoseconds {
            text.push_str(&format!("{}{word}", rest / nanoseconds));
            rest %= nanoseconds;
        }
    }
    if text.is_empty() { "0s".into() } else { text }
}

/// A size as the manifest writes it, in the largest unit that leaves no rest.
pub(crate) fn write_size(bytes: u64) -> String {
    match SIZES.iter().find(|(_, size)| bytes >= *size && bytes.is_multiple_of(*size)) {
        Some((word, size)) => format!("{}{word}", bytes / size),
        None => format!("{bytes}B"),
    }
}

fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !belongs(c)).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        let good = |text: &str, milliseconds: u64| {
            assert_eq!(time(text), Ok(Duration::from_millis(milliseconds)), "{text}");
            assert_eq!(time(&write(Duration::from_millis(milliseconds))), Ok(Duration::from_millis(milliseconds)));
        };
        good("15m", 900_000);
        good("500ms", 500);
        good("2s", 2_000);
        good("1h30m", 5_400_000);
        good("1d", 86_400_000);
        good("0s", 0);
        good("1000us", 1);
        good("007s", 7_000);
        let bad = |text: &str, fix: &str| {
            let Err(UnitError(said)) = time(text) else { panic!("{text:?} is no time") };
            assert!(said.contains(fix), "{text:?}: {said}");
        };
        bad("", "whole numbers");
        bad("s", "whole numbers");
        bad("15", "\"15s\"");
        bad("15 m", "whole numbers");
        bad("1.5s", "whole numbers");
        bad("-1s", "whole numbers");
        bad("15min", "write m");
        bad("30m1h", "larger ones first");
        bad("1s1s", "each unit once");
        bad("5ns", "shortest");
        bad("99999999999999999999s", "longer than");
        bad("999999999999d", "longer than");
        bad("1h 30m", "whole numbers");
        bad("٣s", "whole numbers");
    }

    #[test]
    fn sizes_have_units() {
        let good = |text: &str, bytes: u64, written: &str| {
            assert_eq!(size(text), Ok(bytes), "{text}");
            assert_eq!(write_size(bytes), written);
        };
        good("16MiB", 16 << 20, "16MiB");
        good("64KiB", 64 << 10, "64KiB");
        good("1024KiB", 1 << 20, "1MiB");
        good("1GiB", 1 << 30, "1GiB");
        good("100B", 100, "100B");
        good("0B", 0, "0B");
        let bad = |text: &str, fix: &str| {
            let Err(UnitError(said)) = size(text) else { panic!("{text:?} is no size") };
            assert!(said.contains(fix), "{text:?}: {said}");
        };
        bad("", "with a unit");
        bad("16", "with a unit");
        bad("MiB", "before the unit");
        bad("16 MiB", "with a unit");
        bad("16MB", "\"16MiB\"");
        bad("16M", "\"16MiB\"");
        bad("64k", "\"64KiB\"");
        bad("2GB", "\"2GiB\"");
        bad("99999999999GiB", "larger than");
    }
}
