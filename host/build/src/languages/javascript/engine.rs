//! The engine: QuickJS-ng and our own C, compiled for the sandbox by Zig, once for each set of imports that an actor may
//! have beside the usual ones.

use super::{cached, file, write};
use crate::job::BuildError;
use crate::tools::{Install, ToolError, quickjs, zig};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

macro_rules! files {
    ($folder:literal: $($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../../../../", $folder, "/", $name)))),*]
    };
}

/// Our own C: the contract on one side, JavaScript's values on the other.
const OWN: [(&str, &str); 10] = files!["sdk/javascript/engine":
    "engine.c", "engine.h", "exports.c", "family.c", "host.c", "host.h", "messaging.c", "places.c", "system.c", "values.c"];

/// The contract's bindings for C.
const BINDINGS: [(&str, &str); 3] = files!["sdk/c/bindings": "actor.c", "actor.h", "exports.h"];

/// The files of QuickJS that are compiled.
const QUICKJS: [&str; 4] = ["quickjs", "libregexp", "libunicode", "dtoa"];

/// The files of ours that have the functions of those imports.
const VARIED: [&str; 2] = ["messaging", "places"];

/// For speed: a larger engine is no slower to start, and is compiled once.
const FLAGS: [&str; 6] = ["--target=wasm32-wasi", "-std=gnu11", "-O2", "-DNDEBUG", "-D_GNU_SOURCE", "-Wno-everything"];

/// A module that is called, and has no `main`. The stack is at the beginning of memory, so that one that is too deep traps.
const LINK: [&str; 6] = [
    "--target=wasm32-wasi",
    "-mexec-model=reactor",
    "-O2",
    "-s",
    "-Wl,-z,stack-size=262144",
    "-Wl,--export=__stack_pointer",
];

/// The engines: what the files of `VARIED` are told, for each set of imports.
const ENGINES: [(&str, &[&str]); 4] = [
    ("engine", &[]),
    ("engine-asking", &["-DASKING"]),
    ("engine-routes", &["-DROUTES"]),
    ("engine-asking-routes", &["-DASKING", "-DROUTES"]),
];

/// The folder with the engines. They are compiled when there are none, or others: `line` hears of it.
pub(super) fn folder(install: Install, line: &mut dyn FnMut(&str)) -> Result<PathBuf, BuildError> {
    // What they are made of, in full, says whether they are right.
    let made_of = made_of();
    let folder = cached("engine", &made_of).map_err(file(Path::new("engine")))?;
    let mark = folder.join("made-of");
    if fs::read_to_string(&mark).is_ok_and(|old| old == made_of) {
        return Ok(folder);
    }
    let sources = quickjs::sources(install, line)?;
    // Asked for before the line is written: without it, nothing is compiled.
    zig::zig(install, line)?;
    line(&format!("compiling QuickJS-ng {}, once, in a quarter of a minute", quickjs::VERSION));
    let work = folder.join(format!("work-{}", std::process::id()));
    fs::create_dir_all(&work).map_err(file(&work))?;
    let done = compile(&sources, &work, install).and_then(|()| {
        for (name, _) in ENGINES {
            let module = format!("{name}.wasm");
            fs::rename(work.join(&module), folder.join(&module)).map_err(file(&folder))?;
        }
        write(&mark, &made_of).map_err(file(&mark))
    });
    let _ = fs::remove_dir_all(&work);
    done.map(|()| folder)
}

/// Everything that an engine depends on, as one text.
fn made_of() -> String {
    let words = [&[quickjs::VERSION][..], &FLAGS, &LINK].concat().join(" ");
    let files = OWN.iter().chain(&BINDINGS).map(|(name, text)| format!("\n// {name}\n{text}"));
    files.fold(words, |all, file| all + &file)
}

fn compile(sources: &Path, work: &Path, install: Install) -> Result<(), BuildError> {
    for (name, text) in OWN.iter().chain(&BINDINGS) {
        write(&work.join(name), text).map_err(file(work))?;
    }
    let zig = || zig::zig(install, &mut |_| {});
    let object = |source: &Path, object: &str, more: &[&str]| {
        let mut zig = zig()?;
        zig.arg("cc").args(FLAGS).args(more).arg("-I").arg(work).arg("-I").arg(sources);
        run(zig.arg("-c").arg(source).arg("-o").arg(work.join(object)))
    };
    for name in QUICKJS {
        object(&sources.join(format!("{name}.c")), &format!("{name}.o"), &[])?;
    }
    let own = ["system", "engine", "exports", "values", "actor", "host", "family"];
    for name in own {
        object(&work.join(format!("{name}.c")), &format!("{name}.o"), &[])?;
    }
    for (name, more) in ENGINES {
        for name in VARIED {
            object(&work.join(format!("{name}.c")), &format!("{name}.o"), more)?;
        }
        let mut link = zig()?;
        link.arg("cc").args(LINK).arg("-o").arg(work.join(format!("{name}.wasm")));
        // Ours first: what `system.c` has in place of the C library's is then not looked for there.
        let objects = own.iter().chain(&VARIED).chain(&QUICKJS);
        run(link.args(objects.map(|name| work.join(format!("{name}.o")))))?;
    }
    Ok(())
}

fn run(compiler: &mut Command) -> Result<(), BuildError> {
    let failed = |said: String| {
        let tool = format!("QuickJS-ng {}", quickjs::VERSION);
        let why = crate::tools::Why::Failed(said);
        BuildError::Tool(ToolError { tool, purpose: "runs JavaScript in a component", why })
    };
    let output = compiler.stdin(Stdio::null()).output().map_err(|error| failed(error.to_string()))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(failed(String::from_utf8_lossy(&output.stderr).into_owned())),
    }
}
