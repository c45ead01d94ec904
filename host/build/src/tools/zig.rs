//! Zig, for its own language and for its compiler of C and C++: the one that `ZIG` names, or a pinned one.

use super::{Install, ToolError, Why, folder, pip};
use std::env;
use std::path::PathBuf;
use std::process::Command;

/// The version that `zig.txt` has the hashes of.
const VERSION: &str = "0.17.1";

/// The program, with folders of its own for what it has compiled, its libc above all. `line` hears of what takes long.
pub fn zig(install: Install, line: &mut dyn FnMut(&str)) -> Result<Command, ToolError> {
    if let Some(given) = env::var_os("ZIG") {
        return Ok(Command::new(given));
    }
    let failed = |why| ToolError { tool: format!("Zig {VERSION}"), purpose: "compiles C, C++ and Zig", why };
    let folder = folder(&format!("zig-{VERSION}")).map_err(|error| failed(Why::Failed(error.to_string())))?;
    let program = program(&folder);
    if !program.is_file() {
        if install == Install::Never {
            return Err(failed(Why::Missing { otherwise: "or set ZIG to one that you have" }));
        }
        line(&format!(
            "fetching Zig {VERSION}, which compiles C, C++ and Zig: 100 MB, once, 410 MB in {}; its libc is then compiled, \
             once, in half a minute of CPU time",
            folder.display()
        ));
        pip::install(include_str!("zig.txt"), &folder).map_err(|said| failed(Why::Failed(said)))?;
    }
    let mut zig = Command::new(program);
    let cache = folder.join("cache");
    zig.env("ZIG_GLOBAL_CACHE_DIR", &cache).env("ZIG_LOCAL_CACHE_DIR", cache);
    Ok(zig)
}

fn program(folder: &std::path::Path) -> PathBuf {
    folder.join("ziglang/zig")
}
