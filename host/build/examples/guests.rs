//! Builds every actor in a folder of a workspace: `guests WORKSPACE UNDER OUT`.
//! `cargo xtask guests` does so with `greenroom build`; this needs no engine.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

use greenroom_build::{BuildError, Job, Place, build, packages};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [workspace, under, out] = &arguments[..] else {
        eprintln!("usage: guests WORKSPACE UNDER OUT");
        return ExitCode::from(2);
    };
    match guests(workspace, under, out) {
        Ok(()) => ExitCode::SUCCESS,
        // What the compiler said has been shown line by line.
        Err(BuildError::Compile { .. }) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn guests(workspace: &Path, under: &Path, out: &Path) -> Result<(), BuildError> {
    let job = |package| Job { package, workspace: workspace.into(), place: Place::Folder(out.into()) };
    let jobs: Vec<Job> = packages(workspace, under)?.into_iter().map(job).collect();
    for built in build(&jobs, &mut |line| eprintln!("{line}"))? {
        println!("{}  {} bytes  {}", built.path.display(), built.bytes, built.imports.join(" "));
    }
    Ok(())
}
