//! `componentize-py`, for actors in Python: the one that `COMPONENTIZE_PY` names, or a pinned one.

use super::{Install, ToolError, Why, folder, pip};
use std::env;
use std::process::Command;

/// The version that `python.txt` has the hashes of.
pub const VERSION: &str = "0.25.1";

/// Has it run without what `pip` makes for a `PATH`, whose first line names a folder that has been renamed since.
const START: &str =
    "import sys; from componentize_py import script; sys.argv[0] = 'componentize-py'; sys.exit(script())";

/// The program. `line` hears of what takes long.
pub fn componentize(install: Install, line: &mut dyn FnMut(&str)) -> Result<Command, ToolError> {
    if let Some(given) = env::var_os("COMPONENTIZE_PY") {
        return Ok(Command::new(given));
    }
    let failed = |why| ToolError {
        tool: format!("componentize-py {VERSION}"),
        purpose: "makes components of actors in Python",
        why,
    };
    let folder =
        folder(&format!("componentize-py-{VERSION}")).map_err(|error| failed(Why::Failed(error.to_string())))?;
    if !folder.is_dir() {
        if install == Install::Never {
            return Err(failed(Why::Missing { otherwise: "or set COMPONENTIZE_PY to one that you have" }));
        }
        line(&format!(
            "fetching componentize-py {VERSION}, which makes components of actors in Python: 17 MB, once, 50 MB in {}",
            folder.display()
        ));
        pip::install(include_str!("python.txt"), &folder).map_err(|said| failed(Why::Failed(said)))?;
    }
    let mut program = Command::new("python3");
    program.args(["-P", "-c", START]).env("PYTHONPATH", folder);
    Ok(program)
}
