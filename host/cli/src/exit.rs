//! How `greenroom` ends: exit codes that scripts rely on, and the sentence that goes with them.

use std::fmt::Write as _;
use std::process::ExitCode;

macro_rules! exits {
    ($($variant:ident = $code:literal, $word:literal;)+) => {
        /// An exit code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Exit {
            $(#[doc = $word] $variant = $code,)+
        }

        impl Exit {
            /// All of them.
            pub(crate) const ALL: &[Self] = &[$(Self::$variant,)+];

            /// What it means.
            pub(crate) fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }
    };
}

exits! {
    Done = 0, "all went well";
    Unexpected = 1, "something else went wrong";
    Usage = 2, "the command line is wrong";
    Manifest = 3, "the manifest is invalid";
    Component = 4, "a component is invalid, or is not there";
    Unreachable = 5, "no host answers";
    Unknown = 6, "no such actor or topic";
    TimedOut = 7, "an ask was not answered in time";
    Ended = 8, "an actor ended before it answered";
    GaveUp = 9, "the root supervisor gave up";
    Differs = 10, "the new code does not do the same";
    Interrupted = 130, "interrupted";
}

impl Exit {
    /// The code.
    pub(crate) fn code(self) -> u8 {
        self as u8
    }

    /// All codes with their meanings, for `--help`.
    pub(crate) fn table() -> String {
        let mut text = "Exit codes:\n".to_owned();
        for exit in Self::ALL {
            // Writing to a text does not fail.
            let _ = writeln!(text, "  {:>3}  {}", exit.code(), exit.meaning());
        }
        text
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Why a verb did not do what it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// How to end.
    pub(crate) exit: Exit,
    /// A stable word, if there is one: the host's, as `no-actor`.
    pub(crate) code: Option<String>,
    /// One sentence: what, and what to do.
    pub(crate) detail: String,
}

impl Failure {
    /// A failure without a code of its own.
    pub(crate) fn new(exit: Exit, detail: impl Into<String>) -> Self {
        Self { exit, code: None, detail: detail.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scripts rely on these numbers.
    #[test]
    fn exit_codes_stay() {
        let check = |exit: Exit, code: u8| assert_eq!(exit.code(), code, "{exit:?}");
        check(Exit::Done, 0);
        check(Exit::Unexpected, 1);
        check(Exit::Usage, 2);
        check(Exit::Manifest, 3);
        check(Exit::Component, 4);
        check(Exit::Unreachable, 5);
        check(Exit::Unknown, 6);
        check(Exit::TimedOut, 7);
        check(Exit::Ended, 8);
        check(Exit::GaveUp, 9);
        check(Exit::Differs, 10);
        check(Exit::Interrupted, 130);
        assert_eq!(Exit::ALL.len(), 12);
    }

    #[test]
    fn help_has_them_all() {
        let table = Exit::table();
        for exit in Exit::ALL {
            assert!(table.contains(&format!("{:>3}  {}", exit.code(), exit.meaning())));
        }
    }
}
