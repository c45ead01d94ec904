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
        Language::JavaScript => Some(&JAVASCRIPT),
        Language::TypeScript => Some(&TYPESCRIPT),
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

const JAVASCRIPT: Template = Template {
    files: &[
        ("package.json", include_str!("javascript/package.json")),
        ("src/{name}.js", include_str!("javascript/actor.js")),
        ("test/{name}.test.js", include_str!("javascript/test.js")),
        (".gitignore", include_str!("javascript/gitignore")),
    ],
    manifest: include_str!("javascript/greenroom.toml"),
    build: "language = \"javascript\", package = \"{name}\", workspace = \"{dir}/src\"",
    sources: "src",
    test: "npm install && npm test",
    sdk: "javascript",
    sdk_has: "package.json",
    by_folder: npm_folder,
    by_version: |_| greenroom_build::javascript_sdk().map_or_else(|_| String::new(), |folder| npm_folder(&folder)),
};

const TYPESCRIPT: Template = Template {
    files: &[
        ("package.json", include_str!("typescript/package.json")),
        ("tsconfig.json", include_str!("typescript/tsconfig.json")),
        ("src/{name}.ts", include_str!("typescript/actor.ts")),
        ("test/{name}.test.ts", include_str!("typescript/test.ts")),
        (".gitignore", include_str!("typescript/gitignore")),
    ],
    manifest: include_str!("typescript/greenroom.toml"),
    build: "language = \"typescript\", package = \"{name}\", workspace = \"{dir}/src\"",
    ..JAVASCRIPT
};

/// How a `package.json` names a package in a folder, within the quotes.
fn npm_folder(folder: &Path) -> String {
    let text = serde_json::Value::from(format!("file:{}", folder.display())).to_string();
    text.trim_matches('"').to_owned()
}
