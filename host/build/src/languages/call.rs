//! A compiler that is called: what it says is heard line by line, and is the error when it fails.

use crate::job::{BuildError, Job};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Runs it to its end; gives back what it said on stderr. What it says on stdout is nobody's.
pub(super) fn call(command: &mut Command, job: &Job, line: &mut dyn FnMut(&str)) -> Result<String, BuildError> {
    let program = PathBuf::from(command.get_program());
    let failed = |source| BuildError::File { path: program.clone(), source };
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let mut child = child.map_err(failed)?;
    let mut said = String::new();
    for text in child.stderr.take().into_iter().flat_map(|stderr| BufReader::new(stderr).split(b'\n')) {
        let text = String::from_utf8_lossy(&text.map_err(failed)?).into_owned();
        line(&text);
        said.push_str(&text);
        said.push('\n');
    }
    match child.wait().map_err(failed)?.success() {
        true => Ok(said),
        false => Err(BuildError::Compile { package: job.package.clone(), output: said }),
    }
}
