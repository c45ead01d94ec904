//! GPIO lines, and the Pi's 40-pin header.

use crate::plan::Line;
use std::fmt;
use std::str::FromStr;

/// Why a text is no [`Line`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// Nothing.
    #[error("a line has a name")]
    Empty,
    /// A number alone: of the Pi, of the header, of a chip?
    #[error("a number alone does not say of what")]
    Bare,
    /// `GPIO54` and up.
    #[error("the Pi has GPIO0 to GPIO53")]
    Bcm,
    /// `J8:41` and up, or `J8:x`.
    #[error("the header has pins J8:1 to J8:40")]
    Pin,
    /// A pin that is power or ground.
    #[error("pin {0} of the header is {1}, not a GPIO")]
    Power(u32, &'static str),
    /// What follows the colon is no number.
    #[error("what follows the chip's label is no offset of a line")]
    Offset,
    /// Longer than 31 bytes, or with control characters.
    #[error("the kernel's names of lines and chips have 1 to 31 bytes and no control characters")]
    Name,
}

/// What the pins of the 40-pin header are, from pin 1 (Raspberry Pi documentation, "GPIO and the 40-pin header").
const HEADER: [Pin; 40] = {
    use Pin::{Five, Gpio, Ground, Three};
    [
        Three,
        Five,
        Gpio(2),
        Five,
        Gpio(3),
        Ground,
        Gpio(4),
        Gpio(14),
        Ground,
        Gpio(15),
        Gpio(17),
        Gpio(18),
        Gpio(27),
        Ground,
        Gpio(22),
        Gpio(23),
        Three,
        Gpio(24),
        Gpio(10),
        Ground,
        Gpio(9),
        Gpio(25),
        Gpio(11),
        Gpio(8),
        Ground,
        Gpio(7),
        Gpio(0),
        Gpio(1),
        Gpio(5),
        Ground,
        Gpio(6),
        Gpio(12),
        Gpio(13),
        Ground,
        Gpio(19),
        Gpio(16),
        Gpio(26),
        Gpio(20),
        Ground,
        Gpio(21),
    ]
};

#[derive(Clone, Copy)]
enum Pin {
    Three,
    Five,
    Ground,
    Gpio(u32),
}

fn pin(number: u32) -> Option<Pin> {
    HEADER.get(usize::try_from(number).ok()?.checked_sub(1)?).copied()
}

impl Line {
    /// The line in the Pi's own numbering, for one that is given by it or by a pin of the header.
    pub fn bcm(&self) -> Option<u32> {
        match self {
            Self::Bcm(number) => Some(*number),
            Self::Header(number) => match pin(*number)? {
                Pin::Gpio(number) => Some(number),
                _ => None,
            },
            Self::Named(_) | Self::Chip { .. } => None,
        }
    }

    /// Whether both are the same line, as far as their texts tell.
    pub(crate) fn same(&self, other: &Self) -> bool {
        self == other || (self.bcm().is_some() && self.bcm() == other.bcm())
    }
}

impl FromStr for Line {
    type Err = LineError;

    fn from_str(text: &str) -> Result<Self, LineError> {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let named = |text: &str| match (1..=31).contains(&text.len()) && !text.chars().any(char::is_control) {
            true => Ok(text.to_owned()),
            false => Err(LineError::Name),
        };
        if text.is_empty() {
            return Err(LineError::Empty);
        }
        if digits(text) {
            return Err(LineError::Bare);
        }
        if let Some(number) = text.strip_prefix("GPIO").filter(|number| digits(number)) {
            return match number.parse() {
                Ok(number) if number <= 53 => Ok(Self::Bcm(number)),
                _ => Err(LineError::Bcm),
            };
        }
        if let Some(number) = text.strip_prefix("J8:") {
            let number = Some(number).filter(|number| digits(number)).and_then(|number| number.parse().ok());
            let number = number.ok_or(LineError::Pin)?;
            return match pin(number).ok_or(LineError::Pin)? {
                Pin::Gpio(_) => Ok(Self::Header(number)),
                Pin::Three => Err(LineError::Power(number, "3.3 V")),
                Pin::Five => Err(LineError::Power(number, "5 V")),
                Pin::Ground => Err(LineError::Power(number, "ground")),
            };
        }
        match text.rsplit_once(':') {
            Some((chip, offset)) if digits(offset) => {
                Ok(Self::Chip { chip: named(chip)?, offset: offset.parse().map_err(|_| LineError::Offset)? })
            }
            Some(_) => Err(LineError::Offset),
            None => Ok(Self::Named(named(text)?)),
        }
    }
}

impl fmt::Display for Line {
    /// As the manifest writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bcm(number) => write!(f, "GPIO{number}"),
            Self::Header(number) => write!(f, "J8:{number}"),
            Self::Named(name) => f.write_str(name),
            Self::Chip { chip, offset } => write!(f, "{chip}:{offset}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        let good = |text: &str, line: Line, bcm: Option<u32>| {
            assert_eq!(text.parse(), Ok(line.clone()), "{text}");
            assert_eq!(line.to_string(), text);
            assert_eq!(line.bcm(), bcm, "{text}");
        };
        let chip = |chip: &str, offset| Line::Chip { chip: chip.into(), offset };
        good("GPIO17", Line::Bcm(17), Some(17));
        good("GPIO0", Line::Bcm(0), Some(0));
        good("GPIO53", Line::Bcm(53), Some(53));
        good("J8:11", Line::Header(11), Some(17));
        good("J8:40", Line::Header(40), Some(21));
        good("J8:27", Line::Header(27), Some(0));
        good("gpiochip0:17", chip("gpiochip0", 17), None);
        good("pinctrl-bcm2711:4", chip("pinctrl-bcm2711", 4), None);
        good("PWM0_MISO", Line::Named("PWM0_MISO".into()), None);
        good("GPIO_GCLK", Line::Named("GPIO_GCLK".into()), None);
        let bad = |text: &str, why: LineError| assert_eq!(text.parse::<Line>(), Err(why), "{text}");
        bad("", LineError::Empty);
        bad("17", LineError::Bare);
        bad("GPIO54", LineError::Bcm);
        bad("GPIO99999999999", LineError::Bcm);
        bad("J8:0", LineError::Pin);
        bad("J8:41", LineError::Pin);
        bad("J8:", LineError::Pin);
        bad("J8:+1", LineError::Pin);
        bad("J8:1", LineError::Power(1, "3.3 V"));
        bad("J8:2", LineError::Power(2, "5 V"));
        bad("J8:39", LineError::Power(39, "ground"));
        bad("gpiochip0:", LineError::Offset);
        bad("gpiochip0:x", LineError::Offset);
        bad("gpiochip0:99999999999", LineError::Offset);
        bad(":1", LineError::Name);
        bad(&"a".repeat(32), LineError::Name);
        bad("a\u{7}", LineError::Name);
    }

    #[test]
    fn the_header_has_28_lines_each_once() {
        let mut lines: Vec<u32> = (1..=40).filter_map(|pin| Line::Header(pin).bcm()).collect();
        lines.sort_unstable();
        assert_eq!(lines, (0..28).collect::<Vec<_>>());
    }
}
