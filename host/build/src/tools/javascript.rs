//! What JavaScript is built with: a bundler and a checker of types, which run in Node.

use super::{Install, ToolError, Why, folder, npm};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The versions that `package.json` and its lock file have.
const TOOLS: &str = "esbuild 0.28.2 and TypeScript 7.0.2";

/// The same for the folder's name.
const FOLDER: &str = "javascript-0.28.2-7.0.2";

/// The oldest Node that it is tried with: Debian 12's.
const NODE: u32 = 18;

/// A folder with `node_modules`, for a script that is put beside it. `line` hears of what takes long.
pub fn packages(install: Install, line: &mut dyn FnMut(&str)) -> Result<PathBuf, ToolError> {
    let purpose = "bundles JavaScript and checks TypeScript";
    let failed = |why| ToolError { tool: TOOLS.into(), purpose, why };
    let folder = folder(FOLDER).map_err(|error| failed(Why::Failed(error.to_string())))?;
    if !folder.join("node_modules").is_dir() {
        if install == Install::Never {
            return Err(failed(Why::Missing { otherwise: "there is no other way" }));
        }
        line(&format!("fetching {TOOLS} by npm: 15 MB, once, 42 MB in {}", folder.display()));
        let files = (include_str!("javascript/package.json"), include_str!("javascript/package-lock.json"));
        npm::install(files.0, files.1, &folder).map_err(|said| failed(Why::Failed(said)))?;
    }
    Ok(folder)
}

/// Node, which is never installed from here.
pub fn node() -> Result<Command, ToolError> {
    let failed = |said: String| ToolError {
        tool: format!("Node {NODE} or later"),
        purpose: "runs what builds JavaScript",
        why: Why::Failed(format!("{said} (Debian: `sudo apt-get install nodejs`, or https://nodejs.org)")),
    };
    let version = Command::new("node").arg("--version").stdin(Stdio::null()).output();
    let version = version.map_err(|error| failed(format!("node cannot be started: {error}")))?;
    let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    match major {
        Some(major) if major >= NODE => Ok(Command::new("node")),
        _ => Err(failed(format!("the one here is {version}"))),
    }
}
