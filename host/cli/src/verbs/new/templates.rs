//! What `greenroom new` writes, for each language: files with holes `{name}`, `{module}` (the name as identifiers have it)
//! and `{sdk}`.

use greenroom_build::Language;
use std::path::Path;

/// A project in one language: an actor that counts, with its test.
pub(super) struct Template {
    /// The files of the actor: path in the project, and text.
    pub(super) files: &'static [(&'static str, &'static str)],
    /// The manifest that runs it.
    pub(super) manifest: &'static str,
    /// The entry `build` of an actor that is added to another manifest, without `watch`. `{dir}` is the project's folder.
    pub(super) build: &'static str,
    /// Where its sources are, in the project.
    pub(super) sources: &'static str,
    /// The command that runs its test.
    pub(super) test: &'static str,
    /// The folder of the language's SDK, below `sdk/`.
    pub(super) sdk: &'static str,
    /// A file that the SDK's folder has.
    pub(super) sdk_has: &'static str,
    /// How the project names an SDK that is in a folder, for the hole `{sdk}`.
    pub(super) by_folder: fn(&Path) -> String,
    /// How it names one that is published, of a version.
    pub(super) by_version: fn(&str) -> String,
}

/// The template of a language, if there is one.
pub(super) fn of(language: Language) -> Option<&'static Template> {
    match language {
        Language::Rust => Some(&RUST),
        _ => None,
    }
}

const RUST: Template = Template {
    files: &[
        ("Cargo.toml", include_str!("rust/cargo.toml")),
        ("src/lib.rs", include_str!("rust/lib.rs")),
        ("rust-toolchain.toml", include_str!("rust/rust-toolchain.toml")),
        (".gitignore", include_str!("rust/gitignore")),
    ],
    manifest: include_str!("rust/greenroom.toml"),
    build: "package = \"{name}\", workspace = \"{dir}\"",
    sources: "src",
    test: "cargo test",
    sdk: "rust",
    sdk_has: "Cargo.toml",
    // TOML's strings escape as JSON's do.
    by_folder: |folder| format!("{{ path = {} }}", serde_json::Value::from(folder.display().to_string())),
    by_version: |version| format!("{version:?}"),
};
