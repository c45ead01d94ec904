//! Builds every actor in some folders of a workspace: `guests WORKSPACE OUT UNDER…`.
//! `cargo xtask guests` does so with `greenroom build`; this needs no engine.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

use greenroom_build::{BuildError, Install, Job, Language, Place, build, packages};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [workspace, out, folders @ ..] = &arguments[..] else {
        eprintln!("usage: guests WORKSPACE OUT UNDER…");
        return ExitCode::from(2);
    };
    match guests(workspace, out, folders) {
        Ok(()) => ExitCode::SUCCESS,
        // What the compiler said has been shown line by line.
        Err(BuildError::Compile { .. }) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn guests(workspace: &Path, out: &Path, folders: &[PathBuf]) -> Result<(), BuildError> {
    let place = Place::Folder(out.into());
    let job = |package| Job { language: Language::Rust, package, workspace: workspace.into(), place: place.clone() };
    let mut jobs: Vec<Job> = Vec::new();
    for under in folders {
        jobs.extend(packages(workspace, under)?.into_iter().map(job));
    }
    for built in build(&jobs, Install::Never, &mut |line| eprintln!("{line}"))? {
        println!("{}  {} bytes  {}", built.path.display(), built.bytes, built.imports.join(" "));
    }
    Ok(())
}
