//! Which line is meant: from the manifest's name for it to a chip and an offset.

use super::board::{Board, Chip, Chips};
use super::{pi, refusal};
use greenroom_manifest::Line;
use std::path::PathBuf;

/// A line that there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::devices) struct Found {
    /// The chip's device file.
    pub(super) chip: PathBuf,
    /// The chip's label.
    pub(super) label: String,
    /// The line on it.
    pub(super) offset: u32,
    /// Both names, the manifest's and the machine's: `GPIO17 (gpiochip0:17)`.
    pub(super) shown: String,
}

/// Finds a line. Chips go by their labels: their numbers change from kernel to kernel.
pub(super) fn find(board: &dyn Board, line: &Line) -> Result<Found, String> {
    let chips = board.chips().map_err(|error| format!("/dev cannot be listed: {error}"))?;
    let search = Search { board, chips: &chips, line };
    match line {
        Line::Chip { chip, offset } => search.on_chip(chip, *offset),
        Line::Named(name) => search.named(name),
        Line::Bcm(_) | Line::Header(_) => match line.bcm() {
            Some(number) => search.on_pi(number),
            None => Err(format!("{line} is power or ground, not a line")),
        },
    }
}

struct Search<'a> {
    board: &'a dyn Board,
    chips: &'a Chips,
    line: &'a Line,
}

impl Search<'_> {
    fn on_pi(&self, number: u32) -> Result<Found, String> {
        match self.chips.open.iter().find(|chip| pi::LABELS.contains(&chip.label.as_str())) {
            // On these chips the offset is the Pi's own number; their lines' names are not all `GPIO` and the number.
            Some(chip) => self.at(chip, number),
            None => self.named(&format!("GPIO{number}")),
        }
    }

    fn named(&self, name: &str) -> Result<Found, String> {
        let mut found = self.chips.open.iter().flat_map(|chip| {
            let named = move |offset: &u32| self.board.info(&chip.path, *offset).is_ok_and(|info| info.name == name);
            (0..chip.lines).filter(named).map(move |offset| (chip, offset))
        });
        let Some((chip, offset)) = found.next() else {
            return Err(self.absent(&format!("none has a line `{name}`")));
        };
        match found.next() {
            None => self.at(chip, offset),
            Some((other, second)) => Err(format!(
                "two lines are called `{name}`: write \"{}:{offset}\" or \"{}:{second}\"",
                chip.name, other.name
            )),
        }
    }

    fn on_chip(&self, name: &str, offset: u32) -> Result<Found, String> {
        let mut found = self.chips.open.iter().filter(|chip| chip.label == name || chip.name == name);
        let Some(chip) = found.next() else {
            return Err(self.absent(&format!("none is called `{name}`")));
        };
        match found.next() {
            None => self.at(chip, offset),
            Some(other) => Err(format!(
                "two chips are called `{name}`: write \"{}:{offset}\" or \"{}:{offset}\"",
                chip.name, other.name
            )),
        }
    }

    fn at(&self, chip: &Chip, offset: u32) -> Result<Found, String> {
        if offset >= chip.lines {
            let last = chip.lines.saturating_sub(1);
            return Err(format!("{} ({}) has lines 0 to {last}, not {offset}", chip.name, chip.label));
        }
        let (path, label) = (chip.path.clone(), chip.label.clone());
        let (place, written) = (format!("{}:{offset}", chip.name), self.line.to_string());
        let shown = if written == place { written } else { format!("{written} ({place})") };
        Ok(Found { chip: path, label, offset, shown })
    }

    /// Why there is no such line; `none` is said of the chips that were looked at.
    fn absent(&self, none: &str) -> String {
        if let Some((path, error)) = self.chips.shut.first() {
            return refusal::chip(self.board, path, error);
        }
        let chips = self.chips.open.iter().map(|chip| format!("{} ({})", chip.name, chip.label));
        let chips: Vec<_> = chips.collect();
        match chips.is_empty() {
            true => format!("{} cannot be had, as this machine has no /dev/gpiochip*", self.line),
            false => format!("of the machine's GPIO chips {none}; there are {}", chips.join(", ")),
        }
    }
}
