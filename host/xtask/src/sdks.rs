//! The tests of the SDKs that have their own, with those of the examples: natively, by each language's own means.

use crate::call::{Failure, root, run, which};
use crate::{host, javascript};
use greenroom_build::{Install, tools};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the C of a test is compiled with: this machine's compiler, which looks for undefined behaviour. What a test program
/// leaves to its end is no leak.
const C: [&str; 7] = [
    "-std=c17",
    "-g",
    "-Wall",
    "-Wextra",
    "-Wno-missing-field-initializers",
    "-fsanitize=address,undefined",
    "-fno-sanitize-recover",
];

/// Compiles and runs a test in C of the SDK, or of an actor.
fn c(name: &str, sources: &[PathBuf]) -> Result<(), Failure> {
    let (sdk, out) = (root().join("sdk/c"), root().join("target/sdk-tests"));
    fs::create_dir_all(&out).map_err(|error| Failure::new(format!("{}: {error}", out.display())))?;
    let program = out.join(name);
    let mut compile = Command::new("cc");
    compile.args(C).arg("-I").arg(sdk.join("include")).arg("-o").arg(&program).args(sources);
    run(compile.args(files(&sdk.join("src"), "c")?).arg(sdk.join("test/host.c")))?;
    run(Command::new(program).env("ASAN_OPTIONS", "detect_leaks=0"))
}

/// The files of a folder with an ending.
fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, Failure> {
    let failed = |error: std::io::Error| Failure::new(format!("{}: {error}", folder.display()));
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        found.push(entry.map_err(failed)?.path());
    }
    found.retain(|path| path.extension().is_some_and(|found| found == ending));
    found.sort();
    Ok(found)
}

/// The packages of Go's SDK that are written by hand: what its checker says of generated ones is nobody's to mend.
const GO: [&str; 6] = [".", "./actortest", "./ask", "./internal/link", "./signals", "./state"];

/// Go, as it is called in a folder: with what is there, and nothing from elsewhere.
fn go(folder: &Path) -> Result<Command, Failure> {
    let go = tools::go::go(Install::Missing, &mut |line| println!("{line}"));
    let mut go = go.map_err(|error| Failure::new(error.to_string()))?;
    go.current_dir(folder).env("GOPROXY", "off").env("GOFLAGS", "-mod=readonly");
    Ok(go)
}

/// A new project in a language is built, and its test passes. `greenroom` is the one of the step `host`.
fn project(language: &str) -> Result<(), Failure> {
    let folder = root().join("target/sdk-tests/new").join(language.replace('+', "p"));
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| Failure::new(format!("{}: {error}", folder.display())))?;
    }
    let greenroom = host::path()?;
    run(Command::new(&greenroom).args(["new", "--lang", language]).arg(&folder))?;
    run(Command::new(&greenroom).args(["build", "--install"]).current_dir(&folder))?;
    match language {
        "go" => run(go(&folder)?.arg("test")),
        "c" if which("make").is_some() => run(Command::new("make").arg("test").current_dir(&folder)),
        "c++" if which("make").is_some() && which("c++").is_some() => {
            run(Command::new("make").args(["test", "CXX=c++"]).current_dir(&folder))
        }
        _ => {
            println!("NOT TESTED: the new project in {language}, whose test takes `make`, `cc` and `c++`");
            Ok(())
        }
    }
}

/// The SDK for Python, and the example in it, with this machine's Python: nothing is installed for it.
fn python() -> Result<(), Failure> {
    let sdk = root().join("sdk/python");
    let example = root().join("examples/languages/actors/python");
    let tests = |folder: &Path, sources: &Path| {
        let path = std::env::join_paths([&*sdk, sources]).map_err(|error| Failure::new(error.to_string()))?;
        let mut python = Command::new("python3");
        python.args(["-m", "unittest", "discover", "tests"]).current_dir(folder);
        run(python.env("PYTHONPATH", path).env("PYTHONDONTWRITEBYTECODE", "1"))
    };
    tests(&sdk, &sdk)?;
    tests(&example, &example.join("src"))
}

/// Runs all of them.
pub(crate) fn test() -> Result<(), Failure> {
    javascript::test()?;
    python()?;
    let root = root();
    c("sdk", &[root.join("sdk/c/test/sdk_test.c")])?;
    c("counter-c", &files(&root.join("examples/languages/actors/c"), "c")?)?;
    let sdk = root.join("sdk/go");
    run(go(&sdk)?.arg("vet").args(GO))?;
    run(go(&sdk)?.arg("test").args(GO))?;
    run(go(&root.join("actors/conformance-go"))?.args(["vet", "./..."]).env("GOOS", "wasip1").env("GOARCH", "wasm"))?;
    let counter = root.join("examples/languages/actors/go");
    run(go(&counter)?.arg("vet"))?;
    run(go(&counter)?.arg("test"))?;
    ["c", "c++", "go"].into_iter().try_for_each(project)
}
