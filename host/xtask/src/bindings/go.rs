//! The bindings in Go: the imports, and each export in a package of its own.
//!
//! Whatever a package exports to the host is in a component that imports the package. So an actor exports what it has when
//! the SDK's package for it, and no other, imports that export. The generator's own runtime is vendored beside the
//! bindings (`sdk/go/internal/wit`), so that building an actor asks no proxy for anything.

use anyhow::Result;
use std::path::Path;
use wit_bindgen_core::Files;
use wit_bindgen_go::{Format, Opts};

/// Where the bindings are, as Go names it.
const PACKAGE: &str = "greenroom.dev/actor/internal/bindings";

/// The generator's runtime, as it names it and as it is here.
const RUNTIME: [&str; 2] = ["go.bytecodealliance.org/pkg/wit", "greenroom.dev/actor/internal/wit"];

/// Each export's world, and its package.
const EXPORTS: [(&str, &str); 4] =
    [("with-behavior", "behavior"), ("with-state", "state"), ("with-signals", "signals"), ("with-replies", "replies")];

/// The file with the functions that the host calls.
const WIT_EXPORTS: &str = "exports/wit_exports/wit_exports.go";

/// The files, each with its text.
pub(super) fn files(wit: &Path) -> Result<Vec<(String, String)>> {
    let mut files = generate(wit, "all-imports")?;
    files.retain(|(name, _)| name != WIT_EXPORTS);
    for (world, package) in EXPORTS {
        let exports = generate(wit, world)?.into_iter().filter(|(name, _)| name == WIT_EXPORTS);
        let renamed = |(_, text): (String, String)| {
            (
                format!("exports/{package}/exports.go"),
                text.replace("package wit_exports", &format!("package {package}")),
            )
        };
        files.extend(exports.map(renamed));
    }
    Ok(files)
}

fn generate(wit: &Path, world: &str) -> Result<Vec<(String, String)>> {
    let (mut resolve, id) = super::world(wit, world)?;
    // As the generator writes it: not every machine has gofmt.
    let options = Opts { format: Format::False, pkg_name: Some(PACKAGE.into()), quiet: true, ..Opts::default() };
    let mut files = Files::default();
    options.build().generate(&mut resolve, id, &mut files)?;
    let text = |bytes: &[u8]| std::str::from_utf8(bytes).map(|text| text.replace(RUNTIME[0], RUNTIME[1]));
    files.iter().map(|(name, bytes)| Ok((name.to_owned(), text(bytes)?))).collect()
}
