use super::*;

/// An actor that answers nothing, without a word of its world.
const ACTOR: &str = r#"
    (memory (export "memory") 1)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
    (func (export "greenroom:actor/behavior@0.1.0#init") (param i32 i32) (result i32) unreachable)
    (func (export "greenroom:actor/behavior@0.1.0#handle")
        (param i32 i64 i64 i32 i64 i32 i32 i32 i32 i32 i32 i32) (result i32) unreachable)"#;

fn module(inside: &str) -> String {
    format!("(module {inside} {ACTOR})")
}

/// The names of what a component imports and exports.
fn surface(component: &[u8]) -> (Vec<String>, Vec<String>) {
    wasmparser::Validator::new().validate_all(component).unwrap();
    let wit_component::DecodedWasm::Component(resolve, world) = wit_component::decode(component).unwrap() else {
        panic!("it is a package of interfaces");
    };
    let world = &resolve.worlds[world];
    let names = |items: &mut dyn Iterator<Item = _>| items.map(|key| resolve.name_world_key(key)).collect::<Vec<_>>();
    let mut exports = names(&mut world.exports.keys());
    exports.sort();
    (names(&mut world.imports.keys()), exports)
}

#[test]
fn a_component_is_left_as_it_is() {
    let bytes = wat::parse_str("(component)").unwrap();
    assert!(matches!(component(&bytes), Ok(Cow::Borrowed(same)) if same == bytes));
    assert_eq!(*component(b"\n (component)").unwrap(), bytes, "and so is its text");
}

#[test]
fn a_module_without_a_word_is_of_the_world_that_its_names_say() {
    let check = |inside: &str, imports: &[&str], exports: &[&str]| {
        let made = component(module(inside).as_bytes()).unwrap().into_owned();
        assert_eq!(*component(&wat::parse_str(module(inside)).unwrap()).unwrap(), made, "as text or not");
        let named =
            |names: &[&str]| names.iter().map(|name| format!("greenroom:actor/{name}@0.1.0")).collect::<Vec<_>>();
        let (found_imports, found_exports) = surface(&made);
        assert_eq!(found_imports, named(imports), "{inside}");
        let expect: Vec<_> = named(&["behavior"]).into_iter().chain(named(exports)).collect();
        assert_eq!(found_exports, expect, "{inside}");
    };
    // `types`, since the exports name some of them.
    check("", &["types"], &[]);
    check(r#"(import "greenroom:actor/clock@0.1.0" "now" (func (result i64)))"#, &["types", "clock"], &[]);
    check(
        r#"(func (export "greenroom:actor/signals@0.1.0#exited") (param i64 i64 i32 i32 i32) (result i32) unreachable)
           (func (export "greenroom:actor/signals@0.1.0#down") (param i64 i64 i64 i32 i32 i32) (result i32) unreachable)
           (func (export "greenroom:actor/signals@0.1.0#stopping") (param i32 i32 i32) unreachable)"#,
        &["types"],
        &["signals"],
    );
}

#[test]
fn a_module_that_says_its_world_is_taken_at_its_word() {
    // This one says that it may do everything, and does nothing of it.
    let world = contract::World { state: false, asking: true, ..contract::World::default() };
    let mut resolve = wit_parser::Resolve::default();
    let package = resolve.push_str("actor.wit", &world.package()).unwrap();
    let chosen = resolve.select_world(&[package], Some(&world.name())).unwrap();
    let mut bytes = wat::parse_str(module("")).unwrap();
    wit_component::embed_component_metadata(&mut bytes, &resolve, chosen, wit_component::StringEncoding::UTF8).unwrap();
    let (imports, exports) = surface(&component(&bytes).unwrap());
    assert_eq!((imports.len(), exports.len()), (1, 1), "{imports:?} {exports:?}");
}

#[test]
fn imports_of_preview_1_are_served_by_the_adapter() {
    let write = r#"(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))"#;
    let (imports, _) = surface(&component(module(write).as_bytes()).unwrap());
    assert!(imports.iter().any(|import| import.starts_with("wasi:io/streams@0.2.")), "{imports:?}");
}

#[test]
fn what_is_no_actor_says_why() {
    let check = |bytes: &[u8], expect: &str| {
        let why = component(bytes).unwrap_err().to_string();
        assert!(why.contains(expect), "{why}");
    };
    let actor = |inside: &str| module(inside).into_bytes();
    check(b"", "empty");
    check(b"\x7fELF\x02", "a program of a machine");
    check(b"PK\x03\x04", "compressed");
    check(b"import greenroom", "does not begin as WebAssembly does");
    check(b"\0asm\x02\0\0\0", "a version that this host does not know");
    check(b"(module (func", "its text");
    check(b"\0asm\x01\0\0\0\x01\x05\x01", "cannot be read");
    check(b"(module)", "does not export `greenroom:actor/behavior@0.1.0#handle`: build it");
    check(br#"(module (func (export "_start")))"#, "`_start`: a program");
    check(
        br#"(module (func (export "greenroom:actor/behavior@0.2.0#handle")))"#,
        "made for greenroom:actor@0.2.0; this host has 0.1.0",
    );
    check(&actor(r#"(import "greenroom:actor/clock@0.3.0" "now" (func))"#), "made for greenroom:actor@0.3.0");
    check(&actor(r#"(import "env" "puts" (func))"#), "imports `env#puts`");
    check(&actor(r#"(import "wasi_unstable" "fd_write" (func))"#), "from before preview 1");
    check(&actor(r#"(import "greenroom:actor/clock@0.1.0" "now" (func))"#), "does not fit its world");
    check(&actor(r#"(import "wasi_snapshot_preview1" "nonsense" (func))"#), "nonsense");
}
