//! Builds one actor that is not in Rust: `actor LANGUAGE PACKAGE WORKSPACE OUT`. `cargo xtask guests` does so with
//! `greenroom build`; this needs no engine. Compilers that are missing are installed.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

use greenroom_build::{BuildError, Install, Job, Place, build};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [language, package, workspace, out] = &arguments[..] else {
        eprintln!("usage: actor LANGUAGE PACKAGE WORKSPACE OUT");
        return ExitCode::from(2);
    };
    let language = match language.parse() {
        Ok(language) => language,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    let place = Place::Folder(out.into());
    let job = Job { language, package: package.clone(), workspace: workspace.into(), place };
    match build(&[job], Install::Missing, &mut |line| eprintln!("{line}")) {
        Ok(built) => {
            for built in built {
                println!("{}  {} bytes  {}", built.path.display(), built.bytes, built.imports.join(" "));
            }
            ExitCode::SUCCESS
        }
        // What the compiler said has been shown line by line.
        Err(BuildError::Compile { .. }) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
