//! What `greenroom` prints: answers to stdout, everything else to stderr; for people, or for programs.

use crate::exit::{Exit, Failure};
use serde_json::json;
use std::io::{self, ErrorKind, IsTerminal, Write};

/// For whom output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For programs: one JSON value, or one a line where there are many.
    Json,
}

/// When output has colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What a text is, which decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    /// As it should be.
    Good,
    /// Not quite.
    Warning,
    /// Broken.
    Bad,
    /// Beside the point.
    Faint,
    /// To the point.
    Strong,
}

/// Prints.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Print {
    format: Format,
    /// Colours on stdout and on stderr.
    colour: (bool, bool),
}

impl Print {
    /// Looks at the terminal and at NO_COLOR (<https://no-color.org>: set and not empty).
    pub(crate) fn new(format: Format, colour: Colour) -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let colour = match colour {
            Colour::Always => (true, true),
            Colour::Never => (false, false),
            Colour::Auto if plain => (false, false),
            Colour::Auto => (io::stdout().is_terminal(), io::stderr().is_terminal()),
        };
        Self { format, colour }
    }

    /// Whether output is for programs.
    pub(crate) fn json(&self) -> bool {
        self.format == Format::Json
    }

    /// Whether stderr has colours.
    pub(crate) fn colours_notes(&self) -> bool {
        self.colour.1
    }

    /// A text for an answer, in its colour.
    pub(crate) fn ink(&self, ink: Ink, text: &str) -> String {
        paint(self.colour.0, ink, text)
    }

    /// A text for a note, in its colour.
    pub(crate) fn note_ink(&self, ink: Ink, text: &str) -> String {
        paint(self.colour.1, ink, text)
    }

    /// An answer. Where nobody reads any more, as behind `| head`, there is nothing left to do: it ends the program.
    pub(crate) fn answer(&self, text: &str) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        match writeln!(out, "{text}").and_then(|()| out.flush()) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == ErrorKind::BrokenPipe => std::process::exit(Exit::Done.code().into()),
            Err(error) => Err(Failure::new(Exit::Unexpected, format!("the output cannot be written: {error}"))),
        }
    }

    /// A line for programs, of a program that runs on when nobody reads them.
    pub(crate) fn line(&self, text: &str) {
        let mut out = io::stdout().lock();
        let _ = writeln!(out, "{text}").and_then(|()| out.flush());
    }

    /// A note beside the answers. One that nobody can read is no reason to end.
    pub(crate) fn note(&self, text: &str) {
        let mut out = io::stderr().lock();
        let _ = writeln!(out, "{text}").and_then(|()| out.flush());
    }

    /// Why it did not work.
    pub(crate) fn failure(&self, failure: &Failure) {
        match self.format {
            Format::Text => {
                let error = self.note_ink(Ink::Bad, "error:");
                self.note(&format!("{error} {}", plain(&failure.detail)));
            }
            Format::Json => self.note(
                &json!({
                    "error": { "exit": failure.exit.code(), "code": failure.code, "detail": failure.detail },
                })
                .to_string(),
            ),
        }
    }
}

fn paint(colour: bool, ink: Ink, text: &str) -> String {
    let code = match ink {
        Ink::Good => "32",
        Ink::Warning => "33",
        Ink::Bad => "31",
        Ink::Faint => "2",
        Ink::Strong => "1",
    };
    if colour && !text.is_empty() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}

/// A text of somebody else's on one line and without control characters, which could rewrite the terminal.
pub(crate) fn plain(text: &str) -> String {
    text.chars()
        .flat_map(|c| match c {
            '\n' | '\t' => vec![' '],
            c if c.is_control() || is_invisible(c) => c.escape_default().collect(),
            c => vec![c],
        })
        .collect()
}

/// Characters that turn the direction of text round (Unicode UAX #9).
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_are_not_rewritten() {
        let check = |text: &str, expect: &str| assert_eq!(plain(text), expect);
        check("66.0 °C", "66.0 °C");
        check("two\nlines\tand a tab", "two lines and a tab");
        check("\x1b[2Jgone", "\\u{1b}[2Jgone");
        check("\r\0\u{9b}", "\\r\\u{0}\\u{9b}");
        check("a\u{202e}b", "a\\u{202e}b");
    }

    #[test]
    fn colours_only_where_wanted() {
        assert_eq!(paint(true, Ink::Bad, "x"), "\x1b[31mx\x1b[0m");
        assert_eq!(paint(true, Ink::Bad, ""), "");
        assert_eq!(paint(false, Ink::Bad, "x"), "x");
        assert!(Print::new(Format::Text, Colour::Always).colours_notes());
        assert!(!Print::new(Format::Text, Colour::Never).colours_notes());
    }
}
