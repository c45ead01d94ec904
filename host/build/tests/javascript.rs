//! Actors in JavaScript and TypeScript, built: what they export, and how it is told what is wrong with their source. What
//! builds them has to be there, as `cargo xtask setup` puts it.

#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]

use greenroom_build::{BuildError, Built, Install, Job, Language, Place, build};
use std::fs;
use std::path::Path;

/// Builds `actor.js` or `actor.ts` of these files, and gives back what was told line by line, too.
fn made(folder: &Path, language: Language, files: &[(&str, &str)]) -> (Result<Built, BuildError>, Vec<String>) {
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let place = Place::Folder(folder.join("out"));
    let job = Job { language, package: "actor".into(), workspace: folder.into(), place };
    let mut lines = Vec::new();
    let built = build(&[job], Install::Never, &mut |line| lines.push(line.to_owned()));
    if let Err(BuildError::Tool(missing)) = &built {
        panic!("{missing}; here, `cargo xtask setup` does");
    }
    (built.map(|mut built| built.remove(0)), lines)
}

/// What a source is refused with.
fn refused(language: Language, files: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let (built, lines) = made(folder.path(), language, files);
    let Err(BuildError::Compile { output, .. }) = built else { panic!("{built:?}") };
    assert_eq!(lines.join("\n"), output, "told as it is built, and at the end");
    output
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let js = |text: &str, parts: &[&str]| {
        let told = refused(Language::JavaScript, &[("actor.js", text)]);
        for part in parts {
            assert!(told.contains(part), "no {part} in:\n{told}");
        }
    };
    js("export default {\n  add(,) {},\n};", &["actor.js:2:6", "Expected identifier but found \",\""]);
    js("import missing from \"./missing.js\";\nexport default missing;", &["actor.js:1:20", "Could not resolve"]);
    js("export const nothing = 1;", &["actor.js: it exports no actor: `export default actor({ … })`"]);
    js("export default {};", &["actor.js: what it exports by default is no actor"]);
    let wrong = "import { actor } from \"@greenroom/actor\";\n\nexport default actor({ messages: { add: {} } });";
    js(wrong, &["`add` is in `messages`, and there is no function of that name to handle it", "actor.js:3"]);
    js(
        "function deep() {\n  throw new Error(\"no\");\n}\ndeep();\nexport default 1;",
        &["Error: no", "at deep (actor.js:2)"],
    );
    let early = "import host from \"@greenroom/actor/host\";\nexport const handle = () => 1;\nhost.send(\"\", \"\");";
    js(early, &["`send` of the host is called outside of a function", "actor.js:3"]);
}

#[test]
fn types_are_checked() {
    let text = "import { actor, whole } from \"@greenroom/actor\";\n\
        export default actor({\n  state: { count: 0 },\n  messages: { add: { howMany: whole } },\n\
        \x20 add({ howMany }) {\n    this.count += howManny;\n  },\n});";
    let told = refused(Language::TypeScript, &[("actor.ts", text)]);
    assert!(
        told.starts_with("actor.ts:6:19: error TS2552: Cannot find name 'howManny'. Did you mean 'howMany'?"),
        "{told}"
    );
    // As the project wants them checked.
    let project = (
        "tsconfig.json",
        r#"{ "compilerOptions": { "noUnusedLocals": true, "lib": ["es2023"], "module": "esnext", "moduleResolution": "bundler" } }"#,
    );
    let unused =
        "import { actor } from \"@greenroom/actor\";\nconst unused = 1;\nexport default actor({ messages: {} });";
    let told = refused(Language::TypeScript, &[("actor.ts", unused), project]);
    assert!(told.starts_with("actor.ts:2:7: error TS6133"), "{told}");
}

/// The interfaces that a component exports.
fn exports(component: &Path) -> Vec<String> {
    let wit_component::DecodedWasm::Component(resolve, world) =
        wit_component::decode(&fs::read(component).unwrap()).unwrap()
    else {
        panic!("no component")
    };
    let names = resolve.worlds[world].exports.keys().map(|key| resolve.name_world_key(key));
    let mut names: Vec<_> =
        names.map(|name| name.trim_start_matches("greenroom:actor/").replace("@0.1.0", "")).collect();
    names.sort();
    names
}

#[test]
fn a_component_exports_and_imports_what_its_actor_has() {
    let check = |definition: &str, expect: &[&str], imports: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        let text =
            format!("import {{ actor, number }} from \"@greenroom/actor\";\nexport default actor({definition});");
        let built = made(folder.path(), Language::JavaScript, &[("actor.js", &text)]).0.unwrap();
        assert_eq!(exports(&built.path), expect, "{definition}");
        let has = |name: &str| built.imports.iter().any(|import| import.contains(&format!("/{name}@")));
        for name in ["asking", "routes"] {
            assert_eq!(has(name), imports.contains(&name), "{definition}: {name}");
        }
        assert!(!built.imports.iter().any(|import| import.contains("wasi")), "{:?}", built.imports);
    };
    check("{ messages: {} }", &["behavior"], &[]);
    check("{ messages: {}, state: {}, imports: [\"routes\"] }", &["behavior", "state"], &["routes"]);
    check(
        "{ messages: {}, answers: { price: number }, price() {}, stopping() {}, imports: [\"asking\"] }",
        &["behavior", "replies", "signals"],
        &["asking"],
    );
}

#[test]
fn an_actor_is_of_several_files_and_packages_and_the_same_source_makes_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        (
            "actor.js",
            "import { actor } from \"@greenroom/actor\";\nimport { add } from \"./sum.js\";\nimport { two } from \"numbers\";\nexport default actor({ messages: { sum: {} }, sum(_, ctx) { return ctx.reply(add(two)); } });",
        ),
        ("sum.js", "export const add = (number) => number + 1;"),
        ("node_modules/numbers/package.json", r#"{ "name": "numbers", "main": "numbers.cjs" }"#),
        ("node_modules/numbers/numbers.cjs", "exports.two = 2;"),
    ];
    let (built, lines) = made(folder.path(), Language::JavaScript, &files);
    assert!(built.unwrap().changed && lines.is_empty(), "{lines:?}");
    assert!(!made(folder.path(), Language::JavaScript, &files).0.unwrap().changed);
}
