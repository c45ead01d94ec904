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
    /// The command that runs its test. `{sdk}` as in files.
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
        Language::C => Some(&C),
        Language::Cpp => Some(&CPP),
        Language::Go => Some(&GO),
        Language::JavaScript => Some(&JAVASCRIPT),
        Language::TypeScript => Some(&TYPESCRIPT),
        Language::Python => Some(&PYTHON),
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

/// A folder as it is, for a Makefile.
fn as_it_is(folder: &Path) -> String {
    folder.display().to_string()
}

/// C has no registry: the SDK is the one that this program brings, in the user's cache.
fn in_cache(_: &str) -> String {
    greenroom_build::sdk::c().map_or_else(|_| "greenroom".into(), |folder| as_it_is(&folder))
}

const C: Template = Template {
    files: &[
        ("src/{module}.c", include_str!("c/actor.c")),
        ("tests/{module}_test.c", include_str!("c/actor_test.c")),
        ("Makefile", include_str!("c/Makefile")),
        (".gitignore", include_str!("rust/gitignore")),
    ],
    manifest: include_str!("c/greenroom.toml"),
    build: "language = \"c\", package = \"{name}\", workspace = \"{dir}\"",
    sources: "src",
    test: "make test",
    sdk: "c",
    sdk_has: "include/greenroom.h",
    by_folder: as_it_is,
    by_version: in_cache,
};

const CPP: Template = Template {
    files: &[
        ("src/{module}.cpp", include_str!("cpp/actor.cpp")),
        ("tests/{module}_test.cpp", include_str!("cpp/actor_test.cpp")),
        ("Makefile", include_str!("cpp/Makefile")),
        (".gitignore", include_str!("rust/gitignore")),
    ],
    manifest: include_str!("cpp/greenroom.toml"),
    build: "language = \"c++\", package = \"{name}\", workspace = \"{dir}\"",
    sources: "src",
    test: "make test",
    sdk: "c",
    sdk_has: "include/greenroom.hpp",
    by_folder: as_it_is,
    by_version: in_cache,
};

const GO: Template = Template {
    files: &[
        ("{module}.go", include_str!("go/actor.go")),
        ("{module}_test.go", include_str!("go/actor_test.go")),
        ("go.mod", include_str!("go/go.mod")),
        (".gitignore", include_str!("rust/gitignore")),
    ],
    manifest: include_str!("go/greenroom.toml"),
    build: "language = \"go\", package = \"{name}\", workspace = \"{dir}\"",
    sources: ".",
    test: "go test",
    sdk: "go",
    sdk_has: "go.mod",
    by_folder: |folder| {
        let folder = serde_json::Value::from(as_it_is(folder));
        format!("require greenroom.dev/actor v{}\n\nreplace greenroom.dev/actor => {folder}", env!("CARGO_PKG_VERSION"))
    },
    by_version: |version| format!("require greenroom.dev/actor v{version}"),
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

const PYTHON: Template = Template {
    files: &[
        ("src/{module}.py", include_str!("python/actor.py")),
        ("tests/test_{module}.py", include_str!("python/test.py")),
        ("pyproject.toml", include_str!("python/pyproject.toml")),
        (".gitignore", include_str!("python/gitignore")),
    ],
    manifest: include_str!("python/greenroom.toml"),
    build: "language = \"python\", package = \"{name}\", workspace = \"{dir}/src\"",
    sources: "src",
    // Nothing is installed for it: no environment, and no `pip`.
    test: "PYTHONPATH={sdk}:src python3 -m unittest discover tests",
    sdk: "python",
    sdk_has: "pyproject.toml",
    by_folder: |folder| folder.display().to_string(),
    // The one that this program carries: of its own version.
    by_version: |_| greenroom_build::python_sdk().map_or_else(|_| String::new(), |folder| folder.display().to_string()),
};
