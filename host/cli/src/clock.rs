//! Times of day, for people.

/// The local time of day of a time in seconds since 1970: `14:02:11`.
pub(crate) fn time_of_day(seconds: f64) -> String {
    local(seconds).map_or_else(|| format!("{seconds}"), |parts| of_day(&parts))
}

/// The local date and time of a time in seconds since 1970: `2026-11-22 14:02:11`.
pub(crate) fn date_and_time(seconds: f64) -> String {
    let text = |parts: libc::tm| {
        let year = i64::from(parts.tm_year) + 1900;
        format!("{year:04}-{:02}-{:02} {}", parts.tm_mon + 1, parts.tm_mday, of_day(&parts))
    };
    local(seconds).map_or_else(|| format!("{seconds}"), text)
}

fn of_day(parts: &libc::tm) -> String {
    format!("{:02}:{:02}:{:02}", parts.tm_hour, parts.tm_min, parts.tm_sec)
}

/// None: it is beyond what the calendar takes.
fn local(seconds: f64) -> Option<libc::tm> {
    // Saturates.
    let whole = seconds.floor() as libc::time_t;
    let mut parts = std::mem::MaybeUninit::<libc::tm>::uninit();
    // SAFETY: both pointers are to values that live through the call, and `localtime_r` writes all of `parts` unless it
    // gives null.
    unsafe {
        match libc::localtime_r(&raw const whole, parts.as_mut_ptr()).is_null() {
            true => None,
            false => Some(parts.assume_init()),
        }
    }
}

/// A length of time in seconds, in its largest unit and the next: `4m 5s`, `2d 3h`, `1m`.
pub(crate) fn length(seconds: f64) -> String {
    let whole = seconds.max(0.0) as u64;
    let (large, unit, rest, next) = match whole {
        0..60 => return format!("{whole}s"),
        60..3600 => (whole / 60, "m", whole % 60, "s"),
        3600..86_400 => (whole / 3600, "h", whole / 60 % 60, "m"),
        _ => (whole / 86_400, "d", whole / 3600 % 24, "h"),
    };
    if rest == 0 { format!("{large}{unit}") } else { format!("{large}{unit} {rest}{next}") }
}

/// A short time in seconds: `0.3ms`, `41ms`, `1.2s`.
pub(crate) fn short(seconds: f64) -> String {
    match seconds {
        s if s < 0.01 => format!("{:.1}ms", s * 1e3),
        s if s < 1.0 => format!("{:.0}ms", s * 1e3),
        s if s < 60.0 => format!("{s:.1}s"),
        s => length(s),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_read_well() {
        let check = |seconds: f64, expect: &str| assert_eq!(length(seconds), expect);
        check(-1.0, "0s");
        check(59.9, "59s");
        check(60.0, "1m");
        check(245.0, "4m 5s");
        check(3_661.0, "1h 1m");
        check(183_600.0, "2d 3h");
        check(f64::NAN, "0s");
        let check = |seconds: f64, expect: &str| assert_eq!(short(seconds), expect);
        check(0.0003, "0.3ms");
        check(0.041, "41ms");
        check(1.24, "1.2s");
        check(90.0, "1m 30s");
    }

    #[test]
    fn any_time_is_shown() {
        assert_eq!(time_of_day(0.0).len(), 8);
        for seconds in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1e300, 1e300] {
            assert!(!time_of_day(seconds).is_empty() && !date_and_time(seconds).is_empty());
        }
        // Wherever this runs, the middle of the year is in it.
        let date = date_and_time(1_720_000_000.0);
        assert!(date.len() == 19 && date.starts_with("2024-07-"), "{date}");
        assert!(date.ends_with(&time_of_day(1_720_000_000.0)), "{date}");
        // A day apart, but for a change of summer time.
        assert_eq!(time_of_day(1_700_000_000.0), time_of_day(1_700_086_400.0));
    }
}
