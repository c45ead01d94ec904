//! C and C++, by the compiler that comes with Zig: every `.c` (and `.cpp`) below the folder, but those of tests.
//!
//! A file `compile_flags.txt` beside them, as clangd reads it, has more words for the compiler, one a line: flags, and
//! sources from elsewhere. The SDK is linked as an archive, so that what an actor does not use is not in it.

use super::Made;
use super::call::call;
use crate::job::{BuildError, Job};
use crate::language::Language;
use crate::sdk;
use crate::tools::{Install, zig};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

/// 64 KiB of stack, in place of 16 MiB; a module that is called, and has no `main`. Without debugging information in
/// what comes with the compiler (`-g0`): it would be nine tenths of the component.
const FLAGS: [&str; 6] =
    ["--target=wasm32-wasi", "-mexec-model=reactor", "-Os", "-g0", "-Wall", "-Wl,-z,stack-size=65536"];

/// An actor's own code has lines, for reports of traps: the oldest format that has all of it, with paths that are the same
/// on all machines.
const LINES: [&str; 5] =
    ["-Xclang", "-debug-info-kind=line-tables-only", "-Xclang", "-dwarf-version=4", "-fdebug-compilation-dir=."];

/// There are no exceptions in the sandbox; errors are values.
const CPP: [&str; 3] = ["-std=c++20", "-fno-exceptions", "-fno-rtti"];

/// How the linker's call begins where the compiler says how it calls it.
const LINKER: &str = "wasm-ld ";

/// Compiles and links.
pub(super) fn make(job: &Job, install: Install, line: &mut dyn FnMut(&str)) -> Result<Made, BuildError> {
    let file = |path: &Path| {
        let path = path.to_owned();
        |source| BuildError::File { path, source }
    };
    let out = Out::new(job).map_err(file(Path::new("the folder for a build")))?;
    let (sources, flags) = (sources(job).map_err(file(&job.workspace))?, flags(&job.workspace));
    if sources.is_empty() && !flags.iter().any(|word| word.contains(".c")) {
        let missing = io::Error::other(format!("there are no sources in {} below it", job.language));
        return Err(file(&job.workspace)(missing));
    }
    let sdk = sdk::c().map_err(file(Path::new("the SDK's folder")))?;
    let archive = archive(job, &sdk, &out.0, install, line)?;

    let module = out.0.join("actor.wasm");
    let mut compile = zig::zig(install, line)?;
    compile.current_dir(&job.workspace).arg("cc").args(FLAGS).args(LINES);
    if job.language == Language::Cpp {
        compile.args(CPP).arg("-lc++");
    }
    compile.arg("-I").arg(sdk.join("include")).arg("-o").arg(&module);
    compile.args(flags).args(&sources).arg(archive);
    call(&mut compile, job, line)?;
    // Again, with nothing to compile: what it calls the linker with. That strips all debugging information, not just the
    // library's, and cannot be told otherwise; so it is called once more without that flag.
    let said = call(compile.arg("-v"), job, &mut |_| {})?;
    if let Some(words) = said.lines().find_map(|line| line.strip_prefix(LINKER)) {
        let mut link = zig::zig(install, line)?;
        link.current_dir(&job.workspace).arg("wasm-ld").args(words.split(' ').filter(|word| *word != "-s"));
        call(&mut link, job, line)?;
    } else {
        line("this Zig does not say how it links: reports of traps will have no lines");
    }
    Ok(Made::Module(fs::read(&module).map_err(file(&module))?))
}

/// The SDK's archive. Its functions have names in reports of traps, and no lines.
fn archive(
    job: &Job,
    sdk: &Path,
    out: &Path,
    install: Install,
    line: &mut dyn FnMut(&str),
) -> Result<PathBuf, BuildError> {
    let mut lib: Command = zig::zig(install, line)?;
    lib.current_dir(out).args([
        "build-lib",
        "-target",
        "wasm32-wasi",
        "-static",
        "-lc",
        "-O",
        "ReleaseSmall",
        "-fstrip",
    ]);
    lib.args(["--name", "greenroom", "-cflags", "-std=c17", "-Os", "--"]).args(sdk::sources(sdk));
    call(&mut lib, job, line)?;
    Ok(out.join("libgreenroom.a"))
}

/// The sources below the folder, in order, by their paths in it.
fn sources(job: &Job) -> io::Result<Vec<PathBuf>> {
    let endings: &[&str] = match job.language {
        Language::Cpp => &["c", "cpp", "cc", "cxx"],
        _ => &["c"],
    };
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(job.workspace.join(&folder))? {
            let entry = entry?;
            let name = entry.file_name();
            let path = folder.join(&name);
            let name = name.to_string_lossy();
            if name.starts_with('.') || OTHERS.contains(&&*name) {
                continue;
            }
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if let Some((stem, ending)) = name.rsplit_once('.')
                && endings.contains(&ending)
                && !stem.ends_with("_test")
            {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Folders that have no sources of the actor's.
const OTHERS: [&str; 3] = ["target", "test", "tests"];

/// The words of `compile_flags.txt`, if there is one.
fn flags(workspace: &Path) -> Vec<String> {
    let text = fs::read_to_string(workspace.join("compile_flags.txt")).unwrap_or_default();
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// A folder for one build, removed when it is over.
struct Out(PathBuf);

impl Out {
    fn new(job: &Job) -> io::Result<Self> {
        let folder = std::env::temp_dir().join(format!("greenroom-{}-{}", job.package, std::process::id()));
        fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Out {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Place;

    #[test]
    fn sources_are_what_is_not_a_test() {
        let folder = tempfile::tempdir().unwrap();
        for path in
            ["b.c", "a.c", "a_test.c", "src/deep/c.c", "more.cpp", "a.h", "tests/t.c", "target/x.c", ".hidden/y.c"]
        {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let check = |language, expect: &[&str]| {
            let place = Place::Folder("out".into());
            let job = Job { language, package: "a".into(), workspace: folder.path().into(), place };
            let expect: Vec<_> = expect.iter().map(PathBuf::from).collect();
            assert_eq!(sources(&job).unwrap(), expect, "{language}");
        };
        check(Language::C, &["a.c", "b.c", "src/deep/c.c"]);
        check(Language::Cpp, &["a.c", "b.c", "more.cpp", "src/deep/c.c"]);
    }

    #[test]
    fn flags_are_one_a_line() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(flags(folder.path()), Vec::<String>::new());
        fs::write(folder.path().join("compile_flags.txt"), "-DASKING\n\n  ../shared/filter.c \n").unwrap();
        assert_eq!(flags(folder.path()), ["-DASKING", "../shared/filter.c"]);
    }
}
