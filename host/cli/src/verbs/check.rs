//! `greenroom check`: is the manifest right, and are its components there and what they should be?

use crate::exit::{Exit, Failure};
use crate::print::{Ink, Print};
use greenroom_engine::{ComponentError, Inspector};
use greenroom_manifest::{Behavior, Plan, parse};
use serde_json::json;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// Check a manifest and its components, without running anything.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    manifest: Manifest,
}

/// Which manifest.
#[derive(Debug, clap::Args)]
pub(crate) struct Manifest {
    /// The manifest.
    #[arg(value_name = "MANIFEST", default_value = "greenroom.toml")]
    pub(crate) file: PathBuf,
    /// The manifest's profile to take.
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
}

/// Checks all of it. What is wrong goes to stderr, or in JSON to stdout.
pub(crate) fn run(args: &Args, print: &Print) -> Result<Exit, Failure> {
    let file = &args.manifest.file;
    let Some(plan) = args.manifest.read(print)? else { return Ok(Exit::Manifest) };
    let (wrong, doubts) = inspect(&plan);
    match (wrong.is_empty(), print.json()) {
        (true, true) => print.answer(&json!({ "file": file, "faults": [], "doubts": doubts }).to_string())?,
        (true, false) => {
            for doubt in &doubts {
                print.note(&format!("{} {doubt}", print.note_ink(Ink::Warning, "!")));
            }
            print.answer(&summary(file, &plan))?;
        }
        (false, _) => show(file, &wrong, print)?,
    }
    Ok(if wrong.is_empty() { Exit::Done } else { Exit::Component })
}

impl Manifest {
    /// Reads the manifest and checks it. None: it has mistakes, and they have been shown.
    pub(crate) fn read(&self, print: &Print) -> Result<Option<Plan>, Failure> {
        let file = &self.file;
        let text = std::fs::read(file).map_err(|error| match error.kind() {
            ErrorKind::NotFound => Failure::new(
                Exit::Manifest,
                format!("there is no {}; name a manifest, or `greenroom new` writes one", file.display()),
            ),
            _ => Failure::new(Exit::Manifest, format!("{} cannot be read: {error}", file.display())),
        })?;
        let text = String::from_utf8(text).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            Failure::new(Exit::Manifest, format!("{} is no text in UTF-8, from byte {at} on", file.display()))
        })?;
        let faults = match parse(&text, file, self.profile.as_deref()) {
            Ok(plan) => return Ok(Some(plan)),
            Err(faults) => faults,
        };
        if print.json() {
            print.answer(&json!({ "file": file, "faults": faults.json() }).to_string())?;
            return Ok(None);
        }
        let count = match faults.list().len() {
            1 => "1 mistake".to_owned(),
            count => format!("{count} mistakes"),
        };
        print.note(faults.text(100, print.colours_notes()).trim_end());
        print.note(&format!("\n{}", print.note_ink(Ink::Bad, &format!("{} has {count}", file.display()))));
        Ok(None)
    }
}

/// A component that is not what the manifest needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// A stable word, as the manifest's mistakes have them.
    code: &'static str,
    /// `actor` or `behavior`, and the name.
    whose: String,
    file: PathBuf,
    message: String,
    help: Option<String>,
}

/// Why a component was refused: the code, and the sentence.
type Refused = (&'static str, String);

/// What a component was found to be: what this machine may not be able to give to so many actors that run it.
type Inspect<'a> = &'a dyn Fn(&Behavior, usize) -> Result<Vec<String>, Refused>;

/// Looks at every component of the plan: whether it is there, and with `inspect` whether it is what it should be. Gives what
/// is wrong, and what the machine may have too little for, each of them once.
fn components(plan: &Plan, inspect: Inspect<'_>) -> (Vec<Wrong>, Vec<String>) {
    let mut doubts: Vec<String> = Vec::new();
    let actors = plan.actors.iter().map(|actor| ("actor", &actor.behavior));
    let behaviors = plan.behaviors.iter().map(|behavior| ("behavior", behavior));
    let wrong = |(what, behavior): (&str, &Behavior)| {
        let users = plan.actors.iter().filter(|actor| actor.behavior.source == behavior.source).count();
        let (code, message, help) = match readable(&behavior.source) {
            Ok(()) => match inspect(behavior, users.max(1)) {
                Ok(found) => {
                    let found = found.into_iter().map(|doubt| format!("{}: {doubt}", behavior.source.display()));
                    for doubt in found.collect::<Vec<_>>() {
                        if !doubts.contains(&doubt) {
                            doubts.push(doubt);
                        }
                    }
                    return None;
                }
                Err((code, message)) => (code, message, None),
            },
            Err(error) => absent(what, behavior, &error),
        };
        let whose = format!("{what} `{}`", behavior.name);
        Some(Wrong { code, whose, file: behavior.source.clone(), message, help })
    };
    let wrong = actors.chain(behaviors).filter_map(wrong).collect();
    (wrong, doubts)
}

fn absent(what: &str, behavior: &Behavior, error: &std::io::Error) -> (&'static str, String, Option<String>) {
    let file = behavior.source.display();
    let help = match (error.kind(), &behavior.build) {
        (ErrorKind::NotFound, Some(_)) => format!("`greenroom build {}` makes it", behavior.name),
        (ErrorKind::NotFound, None) => {
            format!("put the component there, or say how it is built in [{what}.{}.build]", behavior.name)
        }
        _ => "a component is a file that whoever runs the host may read".into(),
    };
    match error.kind() {
        ErrorKind::NotFound => ("greenroom::component::missing", format!("{file} does not exist"), Some(help)),
        _ => ("greenroom::component::unreadable", format!("{file} cannot be read: {error}"), Some(help)),
    }
}

/// Opens it and reads a byte. A pipe would be waited for, so it has to be a file.
fn readable(file: &Path) -> std::io::Result<()> {
    if !std::fs::metadata(file)?.is_file() {
        return Err(std::io::Error::other("it is no file"));
    }
    std::fs::File::open(file)?.read(&mut [0]).map(drop)
}

/// Looks at every component of the plan, compiles it, and looks at its world and its imports.
pub(crate) fn inspect(plan: &Plan) -> (Vec<Wrong>, Vec<String>) {
    let inspector = Inspector::default();
    components(plan, &|behavior, users| one(&inspector, behavior, users))
}

fn one(inspector: &Inspector, behavior: &Behavior, users: usize) -> Result<Vec<String>, Refused> {
    let inspected = inspector.inspect(&behavior.source, behavior);
    inspected.map(|inspection| inspection.doubts(users)).map_err(|error| {
        let code = match error {
            ComponentError::Unreadable { .. } => "greenroom::component::unreadable",
            ComponentError::NotComponent { .. } => "greenroom::component::not-a-component",
            ComponentError::NoExport { .. } => "greenroom::component::no-export",
            ComponentError::OtherContract { .. } => "greenroom::component::other-contract",
            ComponentError::Program { .. } => "greenroom::component::program",
            ComponentError::TooMuchMemory { .. } | ComponentError::TooLarge { .. } => {
                "greenroom::component::too-much-memory"
            }
            ComponentError::WrongType { .. } => "greenroom::component::wrong-type",
            ComponentError::UnknownImport { .. } => "greenroom::component::unknown-import",
            ComponentError::NotGranted { .. } => "greenroom::component::not-granted",
            ComponentError::DoesNotLink { .. } => "greenroom::component::does-not-link",
            ComponentError::NoState { .. } => "greenroom::component::no-state",
            ComponentError::NoRoom { .. } | ComponentError::Start { .. } => "greenroom::component::does-not-start",
        };
        (code, error.to_string())
    })
}

/// Shows what is wrong with components: people on stderr, programs on stdout.
pub(crate) fn show(file: &Path, wrong: &[Wrong], print: &Print) -> Result<(), Failure> {
    if print.json() {
        let faults: Vec<_> = wrong.iter().map(Wrong::json).collect();
        return print.answer(&json!({ "file": file, "faults": faults }).to_string());
    }
    for (number, Wrong { code, whose, message, help, .. }) in wrong.iter().enumerate() {
        let gap = if number == 0 { "" } else { "\n" };
        print.note(&format!("{gap}{code}\n\n  {} {whose}: {message}", print.note_ink(Ink::Bad, "×")));
        if let Some(help) = help {
            print.note(&format!("  help: {help}"));
        }
    }
    Ok(())
}

impl Wrong {
    fn json(&self) -> serde_json::Value {
        let Self { code, whose, file, message, help } = self;
        json!({ "code": code, "message": format!("{whose}: {message}"), "help": help, "file": file, "labels": [] })
    }
}

fn summary(file: &Path, plan: &Plan) -> String {
    let parts: Vec<String> = [
        (plan.actors.len(), "actor"),
        (plan.supervisors.len(), "supervisor"),
        (plan.behaviors.len(), "behavior"),
        (plan.devices.len(), "device"),
        (plan.routes.len(), "route"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, what)| if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") })
    .collect();
    let parts = if parts.is_empty() { "nothing but a host".into() } else { parts.join(", ") };
    format!("{} is right: {parts}", file.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = r#"
        [actor.there]
        source = "there.wasm"
        [actor.missing]
        source = "missing.wasm"
        [behavior.built]
        source = "built.wasm"
        build = { package = "built" }
        [actor.folder]
        source = "folder"
        [behavior.wrong]
        source = "there.wasm"
    "#;

    #[test]
    fn components_that_are_not_there_are_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("there.wasm"), "").unwrap();
        std::fs::create_dir(folder.path().join("folder")).unwrap();
        let plan = parse(MANIFEST, &folder.path().join("greenroom.toml"), None).unwrap();
        let (wrong, doubts) = components(&plan, &|behavior, users| match behavior.name.as_str() {
            "there" => Ok(vec![format!("too big for {users}")]),
            "wrong" => Err(("greenroom::component::no-export", "no export".into())),
            // What cannot be read is not looked at.
            other => panic!("{other} was inspected"),
        });
        let check = |number: usize, code: &str, whose: &str, help: Option<&str>| {
            let wrong: &Wrong = &wrong[number];
            assert_eq!((wrong.code, wrong.whose.as_str()), (code, whose));
            assert_eq!(wrong.help.is_some(), help.is_some());
            assert!(help.is_none_or(|help| wrong.help.as_ref().unwrap().contains(help)), "{wrong:?}");
        };
        assert_eq!(wrong.len(), 4, "{wrong:?}");
        check(0, "greenroom::component::missing", "actor `missing`", Some("[actor.missing.build]"));
        check(1, "greenroom::component::unreadable", "actor `folder`", Some("may read"));
        check(2, "greenroom::component::missing", "behavior `built`", Some("`greenroom build built`"));
        check(3, "greenroom::component::no-export", "behavior `wrong`", None);
        assert_eq!(doubts, [format!("{}: too big for 1", folder.path().join("there.wasm").display())]);
    }

    #[test]
    fn what_is_no_component_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("there.wasm"), "nonsense").unwrap();
        let plan = parse("[actor.a]\nsource = \"there.wasm\"", &folder.path().join("greenroom.toml"), None).unwrap();
        let (wrong, _) = inspect(&plan);
        assert_eq!(wrong.len(), 1);
        assert_eq!(wrong[0].code, "greenroom::component::not-a-component");
        assert!(wrong[0].message.contains("there.wasm"), "{}", wrong[0].message);
    }

    #[test]
    fn what_is_right_is_counted() {
        let check = |text: &str, expect: &str| {
            let plan = parse(text, Path::new("greenroom.toml"), None).unwrap();
            assert_eq!(summary(Path::new("greenroom.toml"), &plan), format!("greenroom.toml is right: {expect}"));
        };
        check("", "nothing but a host");
        check(MANIFEST, "3 actors, 2 behaviors");
    }
}
