//! Makes a component of another language's core module: `componentize MODULE OUT`. `cargo xtask guests` does so
//! with the module in C.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

use greenroom_build::componentize;
use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [module, out] = &arguments[..] else {
        eprintln!("usage: componentize MODULE OUT");
        return ExitCode::from(2);
    };
    match componentize(module, out) {
        Ok(built) => {
            println!("{}  {} bytes  {}", built.path.display(), built.bytes, built.imports.join(" "));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
