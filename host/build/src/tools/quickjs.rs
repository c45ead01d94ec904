//! The source of QuickJS-ng, the engine that actors in JavaScript bring along. It is compiled here, by Zig: see
//! `languages/javascript/engine.rs`.

use super::{Install, ToolError, Why, folder, pip};
use std::path::PathBuf;

/// The engine's version; `quickjs.txt` has the package's, and its hash.
pub const VERSION: &str = "0.17.0";

/// The folder with the C files. `line` hears of what takes long.
pub fn sources(install: Install, line: &mut dyn FnMut(&str)) -> Result<PathBuf, ToolError> {
    let tool = format!("the source of QuickJS-ng {VERSION}");
    let failed = |why| ToolError { tool: tool.clone(), purpose: "runs JavaScript in a component", why };
    let folder = folder(&format!("quickjs-{VERSION}")).map_err(|error| failed(Why::Failed(error.to_string())))?;
    if !folder.is_dir() {
        if install == Install::Never {
            return Err(failed(Why::Missing { otherwise: "there is no other way" }));
        }
        line(&format!("fetching {tool} by pip: 0.6 MB, once"));
        let list = include_str!("quickjs.txt");
        pip::unpack(list, "upstream-quickjs", &folder).map_err(|said| failed(Why::Failed(said)))?;
    }
    Ok(folder)
}
