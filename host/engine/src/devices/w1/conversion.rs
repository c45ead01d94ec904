//! What a read of `w1_slave` says:
//! ```text
//! 58 01 4b 46 7f ff 08 10 f9 : crc=f9 YES
//! 58 01 4b 46 7f ff 08 10 f9 t=21500
//! ```
//! Sources: Linux, `drivers/w1/slaves/w1_therm.c`; Maxim, DS18B20 data sheet 19-7487, page 5 (temperature register), page
//! 8 (scratchpad).

/// A conversion that was read without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Conversion {
    /// In thousandths of a °C: −55,000 to 125,000.
    pub(super) millicelsius: i32,
}

/// The value at power-on, before any conversion. Also a real temperature.
pub(super) const POWER_ON: i32 = 85_000;

/// Why a read is no conversion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    /// What the driver gives after five failed attempts, or for a sensor that has gone.
    #[error("the sensor does not answer: check its wiring and its pull-up resistor")]
    Empty,
    #[error("the checksum is wrong: check the wiring and its length, and the pull-up resistor")]
    Checksum,
    /// All zeros have the checksum zero, and so pass.
    #[error("the sensor reads as zeros only: its data line is shorted to ground")]
    Zeros,
    #[error("the sensor has lost its power and not measured since (85 °C is its value at power-on)")]
    PowerOn,
    #[error("the sensor has too little power to measure (it reads 127.94 °C): check its supply")]
    Power,
    #[error("{} °C is outside of what a DS18B20 measures (-55 to 125 °C)", f64::from(*.0) / 1000.0)]
    Range(i32),
    #[error("this is not what a thermometer on the 1-wire bus says")]
    Malformed,
}

/// Reads the two lines.
pub(super) fn parse(text: &[u8]) -> Result<Conversion, Fault> {
    let text = str::from_utf8(text).map_err(|_| Fault::Malformed)?;
    if text.trim().is_empty() {
        return Err(Fault::Empty);
    }
    let (first, second) = text.split_once('\n').ok_or(Fault::Malformed)?;
    let (scratchpad, crc) = first.split_once(':').ok_or(Fault::Malformed)?;
    // With NO, `t=` is computed from the bad bytes.
    match crc.split_whitespace().next_back() {
        Some("YES") => {}
        Some("NO") => return Err(Fault::Checksum),
        _ => return Err(Fault::Malformed),
    }
    let scratchpad = bytes(scratchpad).ok_or(Fault::Malformed)?;
    let (_, value) = second.split_once("t=").ok_or(Fault::Malformed)?;
    let millicelsius = value.trim().parse().map_err(|_| Fault::Malformed)?;
    // Byte 6 is 0x0c from power-on until the first conversion, in genuine parts.
    let unconverted = scratchpad[6] == 0x0c;
    match millicelsius {
        _ if scratchpad == [0; 9] => Err(Fault::Zeros),
        POWER_ON if unconverted => Err(Fault::PowerOn),
        // 0x07ff: all ones, as far as the register goes.
        _ if scratchpad[..2] == [0xff, 0x07] && unconverted => Err(Fault::Power),
        -55_000..=125_000 => Ok(Conversion { millicelsius }),
        _ => Err(Fault::Range(millicelsius)),
    }
}

fn bytes(text: &str) -> Option<[u8; 9]> {
    let mut bytes = [0; 9];
    let mut words = text.split_whitespace();
    for byte in &mut bytes {
        // `from_str_radix` would take a sign.
        let word = words.next().filter(|word| word.len() == 2 && word.bytes().all(|c| c.is_ascii_hexdigit()))?;
        *byte = u8::from_str_radix(word, 16).ok()?;
    }
    words.next().is_none().then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_read_says() {
        let check = |text: &str, expect: Result<i32, Fault>| {
            assert_eq!(parse(text.as_bytes()).map(|conversion| conversion.millicelsius), expect, "{text:?}");
        };
        let lines = |bytes: &str, end: &str, value: &str| format!("{bytes} : crc=f9 {end}\n{bytes} t={value}\n");
        let good = "58 01 4b 46 7f ff 08 10 f9";
        check(&lines(good, "YES", "21500"), Ok(21_500));
        check(&lines("5e ff 4b 46 7f ff 02 10 d3", "YES", "-10125"), Ok(-10_125));
        check(&lines("f8 ff 4b 46 1f ff 08 10 aa", "YES", "-500"), Ok(-500));
        check(&lines("ff ff 4b 46 7f ff 01 10 aa", "YES", "-62"), Ok(-62));
        check(&lines("00 00 4b 46 7f ff 10 10 aa", "YES", "0"), Ok(0));
        check(&lines("d0 07 4b 46 7f ff 10 10 aa", "YES", "125000"), Ok(125_000));
        check(&lines("90 fc 4b 46 7f ff 10 10 aa", "YES", "-55000"), Ok(-55_000));
        check("", Err(Fault::Empty));
        check("\n", Err(Fault::Empty));
        check(&lines(good, "NO", "21500"), Err(Fault::Checksum));
        check(&lines(good, "", "21500"), Err(Fault::Malformed));
        check(&lines("50 05 4b 46 7f ff 0c 10 1c", "YES", "85000"), Err(Fault::PowerOn));
        check(&lines("50 05 4b 46 7f ff 10 10 1c", "YES", "85000"), Ok(85_000));
        check(&lines("00 00 00 00 00 00 00 00 00", "YES", "0"), Err(Fault::Zeros));
        check(&lines("ff 07 4b 46 7f ff 0c 10 1c", "YES", "127937"), Err(Fault::Power));
        check(&lines("ff 07 4b 46 7f ff 10 10 1c", "YES", "127937"), Err(Fault::Range(127_937)));
        check(&lines(good, "YES", "125001"), Err(Fault::Range(125_001)));
        check(&lines(good, "YES", "-55001"), Err(Fault::Range(-55_001)));
        check(&lines(good, "YES", "-127000"), Err(Fault::Range(-127_000)));
        check(&lines(good, "YES", "warm"), Err(Fault::Malformed));
        check(&lines(good, "YES", "99999999999999999999"), Err(Fault::Malformed));
        check(&lines("58 01 4b 46 7f ff 08 10", "YES", "21500"), Err(Fault::Malformed));
        check(&lines("58 01 4b 46 7f ff 08 10 f9 00", "YES", "21500"), Err(Fault::Malformed));
        check(&lines("58 01 4b 46 7f ff 08 10 +9", "YES", "21500"), Err(Fault::Malformed));
        check("58 01 4b 46 7f ff 08 10 f9 : crc=f9 YES", Err(Fault::Malformed));
        check("58 01 4b 46 7f ff 08 10 f9 : crc=f9 YES\n58 01 4b", Err(Fault::Malformed));
        check("21500\n", Err(Fault::Malformed));
        assert_eq!(parse(b"\xff\xfe"), Err(Fault::Malformed));
    }

    #[test]
    fn a_range_fault_says_degrees() {
        assert!(Fault::Range(-127_000).to_string().starts_with("-127 °C is outside"));
    }
}
