//! `greenroom doctor`: is this machine ready? One line a check: what was found, and what to do about it.
//!
//! Owns no state and changes nothing. `machine` looks at the kernel and its devices, `host` at what the host needs of its
//! surroundings, `tools` at what building actors needs.

mod host;
mod machine;
mod tools;

use super::check::Manifest;
use crate::exit::{Exit, Failure};
use crate::print::{Ink, Print};
use greenroom_manifest::Plan;
use serde::Serialize;
use std::path::Path;

/// Is this machine ready? Checks compilers, devices and the system, and says what to do.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Its devices and its address are checked, where there is one.
    #[command(flatten)]
    manifest: Manifest,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    /// As it should be.
    Ok,
    /// Not on this machine; a problem only for those who want it.
    Absent,
    /// It works, and one should know.
    Warning,
    /// Something will not work.
    Problem,
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Finding {
    check: &'static str,
    state: State,
    diagnosis: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    treatment: Option<String>,
}

impl Finding {
    fn new(check: &'static str, state: State, diagnosis: impl Into<String>) -> Finding {
        Finding { check, state, diagnosis: diagnosis.into(), treatment: None }
    }

    fn treat(mut self, treatment: impl Into<String>) -> Finding {
        self.treatment = Some(treatment.into());
        self
    }
}

/// Checks everything and prints it. A problem is told by the exit code as well.
pub(crate) fn run(args: &Args, print: &Print) -> Result<Exit, Failure> {
    let (plan, manifest) = plan(&args.manifest);
    let root = Path::new("/");
    let findings = [
        tools::cargo(),
        tools::compiler(),
        manifest,
        machine::gpio(root, plan.as_ref()),
        machine::wires(root, plan.as_ref()),
        machine::outputs(root),
        machine::clock(),
        machine::mappings(root, plan.as_ref()),
        host::port(plan.as_ref()),
        host::data(plan.as_ref()),
    ];
    let text = match print.json() {
        true => serde_json::to_string(&findings).map_err(|error| Failure::new(Exit::Unexpected, error.to_string()))?,
        false => findings.iter().map(|finding| text(finding, print)).collect::<Vec<_>>().join("\n"),
    };
    print.answer(&text)?;
    Ok(match findings.iter().any(|finding| finding.state == State::Problem) {
        true => Exit::Unexpected,
        false => Exit::Done,
    })
}

/// The manifest's plan if it holds, and what is to be said about it.
fn plan(manifest: &Manifest) -> (Option<Plan>, Finding) {
    let shown = manifest.file.display();
    let text = match std::fs::read_to_string(&manifest.file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let finding =
                Finding::new("manifest", State::Absent, format!("no {shown} here: checking the machine alone"));
            return (None, finding);
        }
        Err(error) => {
            let finding = Finding::new("manifest", State::Problem, format!("{shown}: {error}"));
            return (None, finding.treat("make it readable, or name another"));
        }
    };
    match greenroom_manifest::parse(&text, &manifest.file, manifest.profile.as_deref()) {
        Ok(plan) => (Some(plan), Finding::new("manifest", State::Ok, format!("{shown} holds together"))),
        Err(faults) => {
            let count = faults.list().len();
            let finding = Finding::new("manifest", State::Problem, format!("{shown} has mistakes: {count}"));
            (None, finding.treat(format!("`greenroom check {shown}` shows them")))
        }
    }
}

fn text(finding: &Finding, print: &Print) -> String {
    let (ink, mark) = match finding.state {
        State::Ok => (Ink::Good, "ok     "),
        State::Absent => (Ink::Faint, "absent "),
        State::Warning => (Ink::Warning, "warning"),
        State::Problem => (Ink::Bad, "problem"),
    };
    let mut text = format!("{}  {:<9} {}", print.ink(ink, mark), finding.check, finding.diagnosis);
    if let Some(treatment) = &finding.treatment {
        text.push_str(&format!("\n{:19} → {treatment}", ""));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::{Colour, Format};

    #[test]
    fn a_finding_is_one_line_and_its_treatment_another() {
        let print = Print::new(Format::Text, Colour::Never);
        let finding = Finding::new("port", State::Problem, "8080 is in use");
        assert_eq!(text(&finding, &print), "problem  port      8080 is in use");
        let treated = finding.treat("stop the other");
        assert_eq!(text(&treated, &print), "problem  port      8080 is in use\n                    → stop the other");
        assert_eq!(
            serde_json::to_string(&treated).unwrap(),
            r#"{"check":"port","state":"problem","diagnosis":"8080 is in use","treatment":"stop the other"}"#
        );
    }
}
