//! `greenroom new`: a project that builds and runs as it is.
//!
//! Owns the templates in `new/`. What it writes depends on nothing but the name, the language, and where the SDK is.

mod templates;

use crate::exit::{Exit, Failure};
use crate::print::Print;
use greenroom_build::Language;
use greenroom_core::Name;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use templates::Template as Files;

/// Write a new project: an actor with its test, and a manifest that runs it.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder to make. Its last part is the project's name.
    dir: PathBuf,
    /// What to write.
    #[arg(long, value_enum, default_value = "application")]
    template: Template,
    /// What the actor is written in.
    #[arg(long = "lang", value_name = "LANGUAGE", default_value_t)]
    language: Language,
    /// The folder of the language's SDK. [default: the one that this program was built beside]
    #[arg(long, value_name = "DIR")]
    sdk: Option<PathBuf>,
}

/// What to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Template {
    /// An actor, and a manifest that runs it.
    Application,
    /// An actor alone, for an application that there is already.
    Actor,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
enum NewError {
    #[error("{} cannot be the name of a project: {why}", dir.display())]
    Name { dir: PathBuf, why: String },
    #[error("{} is there already, and not empty", .0.display())]
    NotEmpty(PathBuf),
    #[error("{} is not the SDK of {language}: it has no {file}", folder.display())]
    NoSdk { folder: PathBuf, language: Language, file: &'static str },
    #[error("there is no template for {language} yet; see examples/ for actors in it")]
    NoTemplate { language: Language },
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
}

/// Words that Cargo or the compiler keep for themselves, and the SDK's own name.
/// Source: `cargo new`, and the keywords of the Rust reference.
const TAKEN: &[&str] = &[
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "build",
    "const",
    "continue",
    "core",
    "crate",
    "deps",
    "do",
    "dyn",
    "else",
    "enum",
    "examples",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "greenroom",
    "if",
    "impl",
    "in",
    "incremental",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "proc_macro",
    "pub",
    "ref",
    "return",
    "self",
    "serde",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
];

/// Words that Python keeps for itself, and modules of its own that one may think of as a name. `greenroom build` knows them
/// all.
const PYTHON_KEEPS: &[&str] = &[
    "and",
    "array",
    "assert",
    "calendar",
    "class",
    "clock",
    "cmd",
    "code",
    "contextlib",
    "copy",
    "def",
    "del",
    "elif",
    "email",
    "except",
    "finally",
    "from",
    "global",
    "graphlib",
    "import",
    "io",
    "is",
    "json",
    "lambda",
    "logging",
    "math",
    "nonlocal",
    "not",
    "numbers",
    "operator",
    "or",
    "pass",
    "platform",
    "profile",
    "queue",
    "raise",
    "random",
    "sched",
    "secrets",
    "select",
    "selectors",
    "shelve",
    "signal",
    "site",
    "socket",
    "statistics",
    "string",
    "symbol",
    "time",
    "timeit",
    "token",
    "trace",
    "types",
    "with",
    "zipapp",
];

/// Writes the project and says how to go on.
pub(crate) fn run(args: &Args, print: &Print) -> Result<Exit, Failure> {
    let name = write(args).map_err(|error| {
        let exit = if matches!(error, NewError::File { .. }) { Exit::Unexpected } else { Exit::Usage };
        Failure::new(exit, error.to_string())
    })?;
    let text = match print.json() {
        true => serde_json::json!({ "name": name, "path": args.dir }).to_string(),
        false => next(args, &name),
    };
    print.answer(&text)?;
    Ok(Exit::Done)
}

/// Writes the project, and gives back its name.
fn write(args: &Args) -> Result<String, NewError> {
    let name = name(&args.dir)?;
    if args.language == Language::Python && PYTHON_KEEPS.contains(&module(&name).as_str()) {
        let why = "Python has a word or a module of this name".into();
        return Err(NewError::Name { dir: args.dir.clone(), why });
    }
    let files = files(args.language)?;
    let sdk = dependency(args.language, files, args.sdk.as_deref())?;
    let file = |path: &Path| {
        let path = path.to_owned();
        |source| NewError::File { path, source }
    };
    fs::create_dir_all(&args.dir).map_err(file(&args.dir))?;
    if fs::read_dir(&args.dir).map_err(file(&args.dir))?.next().is_some() {
        return Err(NewError::NotEmpty(args.dir.clone()));
    }
    let manifest = [("greenroom.toml", files.manifest)];
    let manifest = if args.template == Template::Application { &manifest[..] } else { &[] };
    for (path, template) in files.files.iter().chain(manifest) {
        let path = args.dir.join(path.replace("{module}", &module(&name)).replace("{name}", &name));
        let text = template.replace("{name}", &name).replace("{module}", &module(&name)).replace("{sdk}", &sdk);
        path.parent().map_or(Ok(()), fs::create_dir_all).map_err(file(&path))?;
        fs::write(&path, text).map_err(file(&path))?;
    }
    Ok(name)
}

fn files(language: Language) -> Result<&'static Files, NewError> {
    templates::of(language).ok_or(NewError::NoTemplate { language })
}

/// The project's name: valid for the manifest and for Cargo.
fn name(dir: &Path) -> Result<String, NewError> {
    let refuse = |why: &str| NewError::Name { dir: dir.into(), why: why.into() };
    // `.` and the like have no last part as they stand.
    let full = std::path::absolute(dir).map_err(|source| NewError::File { path: dir.into(), source })?;
    let name = full.file_name().and_then(|name| name.to_str()).ok_or_else(|| refuse("it has none"))?;
    name.parse::<Name>().map_err(|error| refuse(&error.to_string()))?;
    if name.contains('.') {
        return Err(refuse("a package's name has no `.`"));
    }
    if TAKEN.contains(&module(name).as_str()) {
        return Err(refuse("the word means something else to the compiler"));
    }
    Ok(name.into())
}

/// What Cargo calls the module of a package.
fn module(name: &str) -> String {
    name.replace('-', "_")
}

/// How the project names the SDK: by folder where it is known, or by version.
fn dependency(language: Language, files: &Files, given: Option<&Path>) -> Result<String, NewError> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sdk").join(files.sdk);
    let folder = given.unwrap_or(&beside);
    match (folder.join(files.sdk_has).is_file(), folder.canonicalize()) {
        (true, Ok(folder)) => Ok((files.by_folder)(&folder)),
        _ if given.is_some() => Err(NewError::NoSdk { folder: folder.into(), language, file: files.sdk_has }),
        _ => Ok((files.by_version)(env!("CARGO_PKG_VERSION"))),
    }
}

/// The next commands to type.
fn next(args: &Args, name: &str) -> String {
    let dir = args.dir.display().to_string();
    let Some(files) = templates::of(args.language) else { return String::new() };
    let sdk = dependency(args.language, files, args.sdk.as_deref()).unwrap_or_default();
    let test = files.test.replace("{sdk}", &sdk);
    match args.template {
        Template::Application => format!(
            "created {dir}: an actor that counts, its test, and a manifest\n\
             next:  cd {dir}\n       \
             {test}\n       \
             greenroom run --dev"
        ),
        Template::Actor => format!(
            "created {dir}: an actor that counts, and its test\n\
             next:  (cd {dir} && {test})\n       \
             add to the manifest:  [actor.{name}]\n                             \
             source = \"{dir}/target/guests/{module}.wasm\"\n                             \
             build  = {{ {build}, watch = [\"{dir}/{sources}\"] }}\n       \
             greenroom build {name}",
            sources = files.sources,
            build = files.build.replace("{name}", name).replace("{dir}", &dir),
            module = module(name)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(dir: PathBuf, template: Template) -> Args {
        Args { dir, template, language: Language::Rust, sdk: None }
    }

    #[test]
    fn what_is_written_is_a_manifest_that_holds_and_a_package_that_it_builds() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("my-brewery");
        let args = args(dir.clone(), Template::Application);
        assert_eq!(write(&args).unwrap(), "my-brewery");

        let path = dir.join("greenroom.toml");
        let plan = greenroom_manifest::parse(&fs::read_to_string(&path).unwrap(), &path, None).unwrap();
        assert_eq!(plan.host.name, "my-brewery");
        let behavior = &plan.actors[0].behavior;
        assert_eq!(behavior.source, dir.join("target/guests/my_brewery.wasm"));
        let build = behavior.build.as_ref().unwrap();
        assert_eq!(build.package, "my-brewery");
        assert!(build.watch.iter().all(|folder| folder.is_dir()), "{:?}", build.watch);

        let cargo = fs::read_to_string(dir.join("Cargo.toml")).unwrap();
        assert!(cargo.contains("name    = \"my-brewery\""), "{cargo}");
        assert!(cargo.contains("greenroom = { path = "), "the SDK is beside this program when it is tested: {cargo}");
        for file in ["Cargo.toml", "greenroom.toml", "src/lib.rs", ".gitignore"] {
            let text = fs::read_to_string(dir.join(file)).unwrap();
            assert!(!["{name}", "{module}", "{sdk}"].iter().any(|hole| text.contains(hole)), "{file}: {text}");
        }
    }

    #[test]
    fn each_language_with_a_template_has_a_project_without_holes() {
        for language in Language::ALL {
            let Some(files) = templates::of(language) else { continue };
            let folder = tempfile::tempdir().unwrap();
            let dir = folder.path().join("my-brewery");
            let args = Args { dir: dir.clone(), template: Template::Application, language, sdk: None };
            write(&args).unwrap();
            let path = dir.join("greenroom.toml");
            let plan = greenroom_manifest::parse(&fs::read_to_string(&path).unwrap(), &path, None).unwrap();
            let build = plan.actors[0].behavior.build.as_ref().unwrap();
            assert_eq!((build.language, build.package.as_str()), (language.as_str(), "my-brewery"));
            assert!(build.watch.iter().all(|folder| folder.is_dir()), "{language}: {:?}", build.watch);
            for (path, _) in files.files {
                let path = path.replace("{module}", "my_brewery").replace("{name}", "my-brewery");
                let text = fs::read_to_string(dir.join(&path)).unwrap();
                assert!(!["{name}", "{module}", "{sdk}"].iter().any(|hole| text.contains(hole)), "{path}: {text}");
            }
        }
    }

    #[test]
    fn an_actor_alone_has_no_manifest() {
        let folder = tempfile::tempdir().unwrap();
        let args = args(folder.path().join("second"), Template::Actor);
        write(&args).unwrap();
        assert!(!args.dir.join("greenroom.toml").exists());
        assert!(next(&args, "second").contains("[actor.second]"));
    }

    #[test]
    fn a_project_in_javascript_or_typescript_builds_the_file_that_it_has() {
        for (language, ending) in [(Language::JavaScript, "js"), (Language::TypeScript, "ts")] {
            let folder = tempfile::tempdir().unwrap();
            let dir = folder.path().join("tea-pot");
            let args = Args { language, ..args(dir.clone(), Template::Application) };
            write(&args).unwrap();
            let path = dir.join("greenroom.toml");
            let plan = greenroom_manifest::parse(&fs::read_to_string(&path).unwrap(), &path, None).unwrap();
            let build = plan.actors[0].behavior.build.clone().unwrap();
            assert_eq!((build.language, build.package.as_str()), (language.as_str(), "tea-pot"));
            assert_eq!(build.workspace, dir.join("src"));
            for file in [format!("src/tea-pot.{ending}"), format!("test/tea-pot.test.{ending}"), "package.json".into()]
            {
                let text = fs::read_to_string(dir.join(&file)).unwrap();
                assert!(!["{name}", "{module}", "{sdk}"].iter().any(|hole| text.contains(hole)), "{file}: {text}");
            }
            let package: serde_json::Value =
                serde_json::from_str(&fs::read_to_string(dir.join("package.json")).unwrap()).unwrap();
            let sdk = package["devDependencies"]["@greenroom/actor"].as_str().unwrap();
            assert!(Path::new(sdk.strip_prefix("file:").unwrap()).join("package.json").is_file(), "{sdk}");
        }
    }

    #[test]
    fn a_project_in_python_builds_the_file_that_it_has() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("tea-pot");
        let args = Args { language: Language::Python, ..args(dir.clone(), Template::Application) };
        write(&args).unwrap();
        let path = dir.join("greenroom.toml");
        let plan = greenroom_manifest::parse(&fs::read_to_string(&path).unwrap(), &path, None).unwrap();
        let behavior = &plan.actors[0].behavior;
        let build = behavior.build.as_ref().unwrap();
        assert_eq!((build.language, build.package.as_str()), ("python", "tea-pot"));
        assert_eq!(build.workspace, dir.join("src"));
        assert!(dir.join("src/tea_pot.py").is_file() && dir.join("tests/test_tea_pot.py").is_file());
        for file in ["src/tea_pot.py", "tests/test_tea_pot.py", "pyproject.toml"] {
            let text = fs::read_to_string(dir.join(file)).unwrap();
            assert!(!["{name}", "{module}", "{sdk}"].iter().any(|hole| text.contains(hole)), "{file}: {text}");
        }
        let next = next(&args, "tea-pot");
        assert!(next.contains("sdk/python:src python3 -m unittest discover tests"), "{next}");
        let taken = Args { dir: folder.path().join("queue"), ..args };
        assert!(write(&taken).unwrap_err().to_string().contains("Python has a word or a module of this name"));
    }

    #[test]
    fn a_folder_with_something_in_it_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("brewery");
        fs::create_dir(&dir).unwrap();
        fs::write(dir.join("mine"), "").unwrap();
        let error = write(&args(dir.clone(), Template::Application)).unwrap_err();
        assert!(error.to_string().ends_with("is there already, and not empty"), "{error}");
        assert_eq!(fs::read_dir(dir).unwrap().count(), 1);
    }

    #[test]
    fn names_are_good_for_the_manifest_and_for_cargo() {
        let check = |dir: &str, expect: Result<&str, &str>| match (name(Path::new(dir)), expect) {
            (Ok(name), Ok(expect)) => assert_eq!(name, expect),
            (Err(error), Err(expect)) => assert!(error.to_string().contains(expect), "{error}"),
            (got, _) => panic!("{dir}: {got:?}"),
        };
        check("brewery", Ok("brewery"));
        check("/tmp/deep/my-brewery/", Ok("my-brewery"));
        check("Brewery", Err("'B'"));
        check("2nd", Err("begins with a letter"));
        check("a.b", Err("no `.`"));
        check("match", Err("means something else"));
        check("proc-macro", Err("means something else"));
        check("greenroom", Err("means something else"));
        check("/", Err("has none"));
    }

    #[test]
    fn a_folder_that_is_no_sdk_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let refused = dependency(Language::Rust, files(Language::Rust).unwrap(), Some(folder.path()));
        assert!(matches!(refused, Err(NewError::NoSdk { .. })));
    }
}
