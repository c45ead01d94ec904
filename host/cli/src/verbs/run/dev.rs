//! `greenroom run --dev`: components are built from source before the start, and again whenever their source changes.
//! The host sees the new component file and swaps it in; this side only tells of builds.

use crate::exit::{Exit, Failure};
use crate::print::{Ink, Print};
use crate::verbs::build::job;
use greenroom_build::{BuildError, Event, Install, Sources, Target, Watch, build as make};
use greenroom_engine::{Handle, Host};
use greenroom_manifest::{Behavior, Plan};
use serde_json::json;

/// Builds what the manifest says how to build. A build that fails leaves the component as it was; whether there is one
/// is found out next. What it gives: the sources as they were before, if there are any.
pub(super) fn build(plan: &Plan, print: &Print) -> Result<Option<Sources>, Failure> {
    let targets = targets(plan);
    if targets.is_empty() {
        print.note(
            &print.note_ink(Ink::Warning, "nothing is built: no actor has a `build` entry with folders to watch"),
        );
        return Ok(None);
    }
    let jobs: Vec<_> = targets.iter().map(|target| target.job.clone()).collect();
    let sources = Sources::read(targets).map_err(|error| Failure::new(Exit::Unexpected, error.to_string()))?;
    match make(&jobs, Install::Never, &mut |line| print.note(line)) {
        Ok(_) => {}
        // The compiler has said it all.
        Err(BuildError::Compile { package, .. }) => {
            let text = format!("{package} did not build; the components are as they were");
            print.note(&print.note_ink(Ink::Bad, &text));
        }
        Err(error) => return Err(Failure::new(Exit::Unexpected, error.to_string())),
    }
    Ok(Some(sources))
}

/// Builds again from now on.
pub(super) fn watch(sources: Sources, host: &Host, print: &Print) -> Result<Watch, Failure> {
    let (handle, print) = (host.handle(), *print);
    let failed = |error: greenroom_build::WatchError| Failure::new(Exit::Unexpected, error.to_string());
    Watch::start(sources, move |event| tell(&handle, &print, event)).map_err(failed)
}

/// Each package once, with what any of its actors watches.
fn targets(plan: &Plan) -> Vec<Target> {
    let mut targets: Vec<Target> = Vec::new();
    for behavior in behaviors(plan) {
        let (Some(job), Some(build)) = (job(behavior), &behavior.build) else { continue };
        match targets.iter_mut().find(|target| target.job == job) {
            Some(target) => target.folders.extend(build.watch.iter().cloned()),
            None => targets.push(Target { job, folders: build.watch.clone() }),
        }
    }
    targets
}

fn behaviors(plan: &Plan) -> impl Iterator<Item = &Behavior> {
    plan.actors.iter().map(|actor| &actor.behavior).chain(&plan.behaviors)
}

fn tell(handle: &Handle, print: &Print, event: Event) {
    match event {
        Event::Started { package } => {
            handle.event("build-started", &format!("{package} is being built"), fields(handle, &package));
        }
        Event::Built(built) => {
            let size = built.bytes.div_ceil(1024);
            let changed = if built.changed { "" } else { ", and is as it was" };
            let text = format!("{} is built: {size} KiB{changed}", built.package);
            let mut fields = fields(handle, &built.package);
            fields["bytes"] = built.bytes.into();
            fields["changed"] = built.changed.into();
            handle.event("built", &text, fields);
        }
        Event::Failed { package, error } => {
            let output = match error {
                BuildError::Compile { output, .. } => output,
                error => error.to_string(),
            };
            if !print.json() {
                print.note(output.trim_end());
            }
            let mut fields = fields(handle, &package);
            fields["output"] = output.into();
            handle.event("build-failed", &format!("{package} did not build; the old code runs on"), fields);
        }
    }
}

/// The package, and the first actor that is made of it.
fn fields(handle: &Handle, package: &str) -> serde_json::Value {
    let of = |behavior: &&Behavior| behavior.build.as_ref().is_some_and(|build| build.package == package);
    match behaviors(handle.plan()).find(of) {
        Some(behavior) => json!({ "package": package, "actor": behavior.name.as_str() }),
        None => json!({ "package": package }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::{Path, PathBuf};

    #[test]
    fn a_package_of_two_actors_is_one_target() {
        let text = r#"
            [actor.a]
            source = "out/x.wasm"
            build = { package = "x", watch = ["a"] }
            [behavior.b]
            source = "out/x.wasm"
            build = { package = "x", watch = ["b"] }
            [actor.c]
            source = "out/c.wasm"
            build = { package = "x", watch = ["c"] }
            [actor.made]
            source = "made.wasm"
        "#;
        let plan = greenroom_manifest::parse(text, Path::new("app/greenroom.toml"), None).unwrap();
        let folders: Vec<_> = targets(&plan).into_iter().map(|target| target.folders).collect();
        let paths = |paths: &[&str]| paths.iter().map(PathBuf::from).collect::<Vec<_>>();
        assert_eq!(folders, [paths(&["app/a", "app/b"]), paths(&["app/c"])]);
    }
}
