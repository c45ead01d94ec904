//! Calls of other programs.

use crate::tally::{self, Tally};
use std::fmt;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Why a chore is not done: a sentence or more for the terminal.
#[derive(Debug)]
pub(crate) struct Failure {
    text: String,
    /// What was counted until then.
    pub(crate) tally: Tally,
}

impl Failure {
    pub(crate) fn new(text: impl Into<String>) -> Failure {
        Failure { text: text.into(), tally: Tally::default() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The repository.
pub(crate) fn root() -> PathBuf {
    // Two folders above this package.
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or(Path::new(".")).into()
}

/// A call of Cargo in the repository.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    cargo
}

/// Runs a program to its end, with this one's terminal.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    let status = command.status().map_err(|error| absent(command, &error))?;
    ended(command, status)
}

/// Runs a test runner to its end, shows what it says, and counts its tests.
pub(crate) fn count(command: &mut Command) -> Result<Tally, Failure> {
    count_and_show(command, &mut std::io::stdout(), &mut std::io::stderr())
}

/// As [`count`], and shows it elsewhere.
pub(crate) fn count_and_show(
    command: &mut Command,
    out: &mut impl Write,
    err: &mut (impl Write + Send),
) -> Result<Tally, Failure> {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.map_err(|error| absent(command, &error))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let mut tally = std::thread::scope(|scope| {
        let beside = scope.spawn(|| show(stderr, err));
        let mut tally = show(stdout, out);
        // A thread that only reads and writes does not panic.
        tally += beside.join().unwrap_or_default();
        tally
    });
    let status = child.wait().map_err(|error| absent(command, &error))?;
    match ended(command, status) {
        Ok(()) => Ok(tally),
        Err(failure) => {
            // A runner that ends badly without a failed test, as one that does not compile, is a failure all the same.
            tally.failed = tally.failed.max(1);
            Err(Failure { tally, ..failure })
        }
    }
}

/// Passes lines on as they come, and counts what they tell.
fn show(stream: Option<impl Read>, terminal: &mut impl Write) -> Tally {
    let mut tally = Tally::default();
    for line in stream.into_iter().flat_map(|stream| BufReader::new(stream).split(b'\n')).map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        // A terminal that is gone is no reason to stop the tests.
        let _ = writeln!(terminal, "{line}");
        tally += Tally::of(&tally::plain(&line));
    }
    tally
}

fn ended(command: &Command, status: std::process::ExitStatus) -> Result<(), Failure> {
    match status.success() {
        true => Ok(()),
        false => Err(Failure::new(format!("`{}` ended with {status}", shown(command)))),
    }
}

fn absent(command: &Command, error: &std::io::Error) -> Failure {
    Failure::new(format!("cannot run `{}`: {error}", shown(command)))
}

/// The command as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args()).map(|word| word.to_string_lossy().into_owned());
    words.collect::<Vec<_>>().join(" ")
}

/// Where a program is in `PATH`.
pub(crate) fn which(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}
