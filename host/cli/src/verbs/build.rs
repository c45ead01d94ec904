//! `greenroom build`: actors from source to component, as the manifest says, or package by package without one.
//!
//! Owns nothing but the words: `greenroom-build` does it. `greenroom run --dev` does the same whenever sources change.

use super::check::Manifest;
use crate::data;
use crate::exit::{Exit, Failure};
use crate::print::Print;
use greenroom_build::{BuildError, Built, Install, Job, Language, Place, build, packages};
use greenroom_engine::{Inspector, Progress};
use greenroom_manifest::{Behavior, Plan};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Build actors as WebAssembly components.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Actors and behaviours of the manifest. [default: all that have a `build` entry]
    actors: Vec<String>,
    /// The manifest.
    #[arg(long, value_name = "FILE", default_value = "greenroom.toml")]
    manifest: PathBuf,
    /// Build this package, without a manifest. May be given several times.
    #[arg(long, value_name = "NAME", requires = "out", conflicts_with_all = ["actors", "manifest"])]
    package: Vec<String>,
    /// Build every package in this folder that makes a component, without a manifest.
    #[arg(long, value_name = "DIR", requires = "out", conflicts_with_all = ["actors", "manifest"])]
    all: Option<PathBuf>,
    /// The packages' workspace.
    #[arg(long, value_name = "DIR", default_value = ".", requires = "out")]
    workspace: PathBuf,
    /// The folder for the components.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Install what a language needs and this machine has not, into your cache.
    #[arg(long)]
    install: bool,
    /// Compile the components for this machine as well, so that no start and no swap has to.
    #[arg(long, conflicts_with = "out")]
    precompile: bool,
}

/// Why nothing was built.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("the manifest has no actor or behavior `{name}`; it has: {known}")]
    Unknown { name: String, known: String },
    #[error("`{0}` has no `build` entry: its component is taken as it is")]
    NoEntry(String),
    #[error("{}: nothing there has a `build` entry", .0.display())]
    NoEntries(PathBuf),
    #[error("{}: no package there makes a component (`[lib] crate-type = [\"cdylib\"]`)", .0.display())]
    NoPackages(PathBuf),
    #[error(transparent)]
    Build(#[from] BuildError),
}

/// Builds what was asked for and prints what came out. What Cargo and the compiler say goes to stderr as they say it.
pub(crate) fn run(args: &Args, print: &Print) -> Result<Exit, Failure> {
    let mut plan = None;
    let jobs = match &args.out {
        Some(out) => listed(args, out),
        None => match (Manifest { file: args.manifest.clone(), profile: None }).read(print)? {
            Some(read) => planned(plan.insert(read), args),
            None => return Ok(Exit::Manifest),
        },
    };
    let jobs = match (jobs, args.precompile) {
        // What is ready-made is compiled all the same.
        (Err(Refusal::NoEntries(_)), true) => Ok(Vec::new()),
        (jobs, _) => jobs,
    };
    let install = if args.install { Install::Missing } else { Install::Never };
    let built =
        jobs.and_then(|jobs| Ok(build(&jobs, install, &mut |line| print.note(line))?)).map_err(Refusal::failure)?;
    print.answer(&if print.json() { as_json(&built) } else { as_text(&built) })?;
    match plan.filter(|_| args.precompile) {
        Some(plan) => precompile(&plan, args, print),
        None => Ok(Exit::Done),
    }
}

/// Compiles components where a host looks for them: of the actors that were named, or of all.
fn precompile(plan: &Plan, args: &Args, print: &Print) -> Result<Exit, Failure> {
    let Some(folder) = data::folder(&plan.host) else {
        return Err(Failure::new(Exit::Unexpected, "HOME is not set, so there is no folder for what is compiled"));
    };
    data::make(&folder)?;
    let show = *print;
    let progress = Progress::new(move |line| show.note(line));
    let inspector = Inspector::ahead(plan, &folder.join("artefacts"), progress);
    let behaviors = plan.actors.iter().map(|actor| &actor.behavior).chain(&plan.behaviors);
    let mut seen = Vec::new();
    for behavior in behaviors.filter(|one| args.actors.is_empty() || args.actors.contains(&one.name.to_string())) {
        if seen.contains(&&behavior.source) {
            continue;
        }
        seen.push(&behavior.source);
        let began = Instant::now();
        let inspected = inspector.inspect(&behavior.source, behavior);
        inspected.map_err(|error| Failure::new(Exit::Component, error.to_string()))?;
        if !print.json() {
            print.note(&format!("ready  {}  {} ms", behavior.source.display(), began.elapsed().as_millis()));
        }
    }
    Ok(Exit::Done)
}

impl Refusal {
    fn failure(self) -> Failure {
        let exit = match self {
            Refusal::Unknown { .. } | Refusal::NoEntry(_) => Exit::Usage,
            Refusal::NoEntries(_) => Exit::Manifest,
            Refusal::Build(BuildError::NoModule { .. } | BuildError::Component { .. }) => Exit::Component,
            Refusal::NoPackages(_) | Refusal::Build(_) => Exit::Unexpected,
        };
        match self {
            // The compiler has said it all.
            Refusal::Build(BuildError::Compile { package, .. }) => {
                Failure::new(exit, format!("{package} did not build; components are as they were"))
            }
            refusal => Failure::new(exit, refusal.to_string()),
        }
    }
}

/// The jobs of the command line alone.
fn listed(args: &Args, out: &Path) -> Result<Vec<Job>, Refusal> {
    let mut names = args.package.clone();
    if let Some(under) = &args.all {
        let found = packages(&args.workspace, under)?;
        if found.is_empty() {
            return Err(Refusal::NoPackages(under.clone()));
        }
        names.extend(found);
    }
    let (workspace, place) = (&args.workspace, Place::Folder(out.into()));
    let job = |package| Job { language: Language::Rust, package, workspace: workspace.clone(), place: place.clone() };
    Ok(names.into_iter().map(job).collect())
}

/// The jobs of the manifest: for the actors that were named, or for all that can be built.
fn planned(plan: &Plan, args: &Args) -> Result<Vec<Job>, Refusal> {
    let behaviors: Vec<&Behavior> = plan.actors.iter().map(|actor| &actor.behavior).chain(&plan.behaviors).collect();
    let mut jobs: Vec<Job> = Vec::new();
    if args.actors.is_empty() {
        jobs.extend(behaviors.iter().copied().filter_map(job));
        if jobs.is_empty() {
            return Err(Refusal::NoEntries(args.manifest.clone()));
        }
    }
    for name in &args.actors {
        let Some(behavior) = behaviors.iter().find(|behavior| behavior.name.as_str() == name) else {
            let known = behaviors.iter().map(|behavior| behavior.name.as_str()).collect::<Vec<_>>().join(", ");
            return Err(Refusal::Unknown { name: name.clone(), known });
        };
        jobs.push(job(behavior).ok_or_else(|| Refusal::NoEntry(name.clone()))?);
    }
    // Two actors may run one component.
    let mut seen = Vec::new();
    jobs.retain(|job| {
        !seen.contains(job) && {
            seen.push(job.clone());
            true
        }
    });
    Ok(jobs)
}

/// How the component of a behaviour is built, if its manifest says so.
pub(crate) fn job(behavior: &Behavior) -> Option<Job> {
    let build = behavior.build.as_ref()?;
    // A manifest in the current folder joins its paths with nothing.
    let workspace = if build.workspace.as_os_str().is_empty() { ".".into() } else { build.workspace.clone() };
    // The manifest knows the same words, as a test says.
    let language = build.language.parse().unwrap_or_default();
    Some(Job { language, package: build.package.clone(), workspace, place: Place::File(behavior.source.clone()) })
}

fn as_json(built: &[Built]) -> String {
    let row = |Built { package, path, bytes, imports, changed }: &Built| json!({ "package": package, "path": path, "bytes": bytes, "imports": imports, "changed": changed });
    Value::from_iter(built.iter().map(row)).to_string()
}

fn as_text(built: &[Built]) -> String {
    let widest = built.iter().map(|built| built.package.len()).max().unwrap_or(0);
    let line = |built: &Built| {
        let kib = built.bytes.div_ceil(1024);
        let imports = built.imports.iter().map(|name| short(name)).collect::<Vec<_>>().join(" ");
        let changed = if built.changed { "built" } else { "same " };
        format!("{changed}  {:widest$}  {kib:>5} KiB  {imports}", built.package)
    };
    built.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// `topics` for `greenroom:actor/topics@0.1.0`; whole where it is another package's.
fn short(import: &str) -> &str {
    let ours = import.strip_prefix("greenroom:actor/");
    ours.map_or(import, |name| name.split('@').next().unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn line(words: &[&str]) -> Result<Args, clap::Error> {
        Line::try_parse_from(std::iter::once(&"build").chain(words)).map(|line| line.args)
    }

    const MANIFEST: &str = r#"
        [actor.one]
        source = "out/one.wasm"
        build = { package = "first", workspace = "src" }
        [actor.two]
        source = "out/one.wasm"
        build = { package = "first", workspace = "src" }
        [actor.made]
        source = "made.wasm"
        [behavior.rare]
        source = "out/rare.wasm"
        build = { package = "rare" }
    "#;

    #[test]
    fn the_manifest_says_what_is_built_and_where_to() {
        let plan = greenroom_manifest::parse(MANIFEST, Path::new("app/greenroom.toml"), None).unwrap();
        let check = |words: &[&str], expect: &[(&str, &str, &str)]| {
            let jobs = planned(&plan, &line(words).unwrap()).unwrap();
            let expect: Vec<Job> = expect
                .iter()
                .map(|&(package, workspace, file)| Job {
                    language: Language::Rust,
                    package: package.into(),
                    workspace: workspace.into(),
                    place: Place::File(file.into()),
                })
                .collect();
            assert_eq!(jobs, expect, "{words:?}");
        };
        let first = ("first", "app/src", "app/out/one.wasm");
        let rare = ("rare", "app", "app/out/rare.wasm");
        check(&[], &[first, rare]);
        check(&["rare"], &[rare]);
        check(&["two", "one"], &[first]);
    }

    #[test]
    fn the_manifest_and_the_builder_know_the_same_languages() {
        assert_eq!(greenroom_manifest::LANGUAGES, Language::ALL.map(Language::as_str));
    }

    #[test]
    fn what_cannot_be_built_is_named() {
        let check = |manifest: &str, words: &[&str], expect: &str| {
            let plan = greenroom_manifest::parse(manifest, Path::new("greenroom.toml"), None).unwrap();
            let error = planned(&plan, &line(words).unwrap()).unwrap_err().to_string();
            assert!(error.contains(expect), "{error}");
        };
        check(MANIFEST, &["three"], "`three`; it has: one, two, made, rare");
        check(MANIFEST, &["made"], "`made` has no `build` entry");
        check("[actor.a]\nsource = \"a.wasm\"", &[], "nothing there has a `build` entry");
    }

    #[test]
    fn a_manifest_in_this_folder_builds_in_this_folder() {
        let text = "[actor.a]\nsource = \"a.wasm\"\nbuild = { package = \"a\" }";
        let plan = greenroom_manifest::parse(text, Path::new("greenroom.toml"), None).unwrap();
        assert_eq!(job(&plan.actors[0].behavior).unwrap().workspace, Path::new("."));
    }

    #[test]
    fn packages_need_a_place() {
        let check = |words: &[&str], fits: bool| assert_eq!(line(words).is_ok(), fits, "{words:?}");
        check(&["--package", "a", "--out", "x"], true);
        check(&["--all", "actors", "--workspace", "w", "--out", "x"], true);
        check(&["--package", "a"], false);
        check(&["--all", "actors"], false);
        check(&["one", "--package", "a", "--out", "x"], false);
        check(&["--package", "a", "--out", "x", "--manifest", "m"], false);
    }

    #[test]
    fn a_line_has_name_size_and_imports() {
        let built = Built {
            package: "sampler".into(),
            path: "out/sampler.wasm".into(),
            bytes: 26_000,
            imports: vec!["greenroom:actor/topics@0.1.0".into(), "wasi:io/streams@0.2.6".into()],
            changed: true,
        };
        assert_eq!(as_text(std::slice::from_ref(&built)), "built  sampler     26 KiB  topics wasi:io/streams@0.2.6");
        let json: Value = serde_json::from_str(&as_json(&[built])).unwrap();
        assert_eq!(json[0]["bytes"], 26_000);
    }
}
