//! Go: the one that `GO` names, or a pinned one.

use super::{Install, ToolError, Why, folder, pip};
use std::env;
use std::process::Command;

/// The version that `go.txt` has the hashes of.
const VERSION: &str = "1.27.3";

/// The program. It fetches no other Go, whatever a module asks for. `line` hears of what takes long.
pub fn go(install: Install, line: &mut dyn FnMut(&str)) -> Result<Command, ToolError> {
    let mut go = match env::var_os("GO") {
        Some(given) => Command::new(given),
        None => pinned(install, line)?,
    };
    go.env("GOTOOLCHAIN", "local");
    Ok(go)
}

fn pinned(install: Install, line: &mut dyn FnMut(&str)) -> Result<Command, ToolError> {
    let failed = |why| ToolError { tool: format!("Go {VERSION}"), purpose: "compiles Go", why };
    let folder = folder(&format!("go-{VERSION}")).map_err(|error| failed(Why::Failed(error.to_string())))?;
    let program = folder.join("go/bin/go");
    if !program.is_file() {
        if install == Install::Never {
            return Err(failed(Why::Missing { otherwise: "or set GO to one that you have, of 1.27 or later" }));
        }
        line(&format!(
            "fetching Go {VERSION}: 75 MB, once, 230 MB in {}; its library is then compiled, once, in a minute of CPU time",
            folder.display()
        ));
        pip::install(include_str!("go.txt"), &folder).map_err(|said| failed(Why::Failed(said)))?;
    }
    let mut go = Command::new(program);
    // With the JSON of old: what a component gets with the new one beneath it is a third larger, and compiles as much longer.
    go.env("GOEXPERIMENT", "nojsonv2");
    Ok(go)
}
