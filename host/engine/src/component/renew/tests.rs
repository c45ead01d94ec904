use super::*;
use proptest::prelude::*;
use std::sync::LazyLock;
use wasmtime::{Engine, Memory, TypedFunc};

/// Two pages with data across a page of the machine's, and a global of each kind, which only the module reaches.
const MODULE: &str = r#"(module
    (memory (export "memory") 2 3)
    (data (i32.const 1000) "here")
    (data (i32.const 4090) "across the end of a page")
    (data "and one that is put somewhere as it runs")
    (table funcref (elem $put))
    (global $i (mut i32) (i32.const -7))
    (global (export "fixed") i32 (i32.const 3))
    (global $l (mut i64) (i64.const 70000000000))
    (global $f (mut f32) (f32.const 0.5))
    (global $d (mut f64) (f64.const -nan:0x4000000000001))
    (func $put (export "put") (param $at i32) (param $it i64)
        (i64.store (local.get $at) (local.get $it))
        (memory.init 2 (i32.add (local.get $at) (i32.const 8)) (i32.const 0) (i32.const 3))
        (global.set $i (local.get $at))
        (global.set $l (local.get $it))
        (global.set $f (f32.convert_i64_u (local.get $it)))
        (global.set $d (f64.convert_i64_u (local.get $it))))
    (func (export "grow") (drop (memory.grow (i32.const 1))))
    (func (export "look") (result i32 i64 i32 i64)
        (global.get $i) (global.get $l) (i32.reinterpret_f32 (global.get $f)) (i64.reinterpret_f64 (global.get $d))))"#;

static ENGINE: LazyLock<Engine> = LazyLock::new(Engine::default);
static COMPILED: LazyLock<(Vec<u8>, Module)> = LazyLock::new(|| {
    let bytes = wat::parse_str(MODULE).unwrap();
    let module = Module::new(&ENGINE, shown(&bytes).unwrap()).unwrap();
    (bytes, module)
});

type Look = TypedFunc<(), (i32, i64, i32, i64)>;

struct Stage {
    fresh: Fresh,
    store: Store<()>,
    instance: Instance,
    memory: Memory,
    put: TypedFunc<(i32, i64), ()>,
    look: Look,
}

impl Stage {
    fn new() -> Self {
        let (bytes, module) = &*COMPILED;
        let fresh = Fresh::of(bytes, module, &Arc::new(Pages::open())).unwrap();
        let mut store = Store::new(&ENGINE, ());
        let instance = Instance::new(&mut store, module, &[]).unwrap();
        let memory = instance.get_memory(&mut store, "memory").unwrap();
        let put = instance.get_typed_func(&mut store, "put").unwrap();
        let look = instance.get_typed_func(&mut store, "look").unwrap();
        Self { fresh, store, instance, memory, put, look }
    }

    /// All that an actor could find in it.
    fn all(&mut self) -> (Vec<u8>, (i32, i64, i32, i64)) {
        (self.memory.data(&self.store).to_vec(), self.look.call(&mut self.store, ()).unwrap())
    }

    fn restore(&mut self) -> bool {
        self.fresh.restore(&mut self.store, &self.instance)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_is_left_of_who_was_there(puts in proptest::collection::vec((0..131_060_i32, any::<i64>()), 1..30)) {
        let mut stage = Stage::new();
        let (mut untouched, mut used) = (Stage::new(), false);
        for (at, it) in puts {
            stage.put.call(&mut stage.store, (at, it)).unwrap();
            used |= it != 0;
        }
        prop_assert!(!used || stage.all().1 != untouched.all().1);
        // It looks at itself as a fresh one is looked at, which touches what was not.
        prop_assert!(stage.restore());
        prop_assert!(stage.all() == untouched.all());
    }
}

#[test]
fn one_that_has_trapped_is_made_new_as_well() {
    let mut stage = Stage::new();
    stage.put.call(&mut stage.store, (131_060, 1)).unwrap();
    stage.put.call(&mut stage.store, (131_070, 1)).unwrap_err();
    assert!(stage.restore());
    assert!(stage.all() == Stage::new().all());
}

#[test]
fn one_that_has_grown_is_not() {
    let mut stage = Stage::new();
    let grow: TypedFunc<(), ()> = stage.instance.get_typed_func(&mut stage.store, "grow").unwrap();
    grow.call(&mut stage.store, ()).unwrap();
    assert!(!stage.restore());
}

#[test]
fn nor_is_one_of_which_the_kernel_does_not_say_what_was_touched() {
    let mut stage = Stage::new();
    stage.fresh.pages = Arc::new(Pages::none());
    assert!(!stage.restore());
}

#[test]
fn a_module_of_which_more_can_change_is_left_as_it_is() {
    let check = |why: &str, part: &str| {
        let text = format!(
            r#"(module (memory (export "memory") 1) (table $t 2 2 funcref) (data $d "d") (elem $e func $f) (func $f) {part})"#
        );
        assert_eq!(shown(&wat::parse_str(text).unwrap()), None, "{why}");
    };
    let runs = |why: &str, code: &str| check(why, &format!("(func {code})"));
    runs("an element is set", "(table.set $t (i32.const 0) (ref.null func))");
    runs("elements are set", "(table.fill $t (i32.const 0) (ref.null func) (i32.const 1))");
    runs("elements are copied", "(table.copy $t $t (i32.const 0) (i32.const 1) (i32.const 1))");
    runs("elements come from a segment", "(table.init $t $e (i32.const 0) (i32.const 0) (i32.const 1))");
    runs("the table grows", "(drop (table.grow $t (ref.null func) (i32.const 0)))");
    runs("a segment of elements is dropped", "(elem.drop $e)");
    runs("a segment of data is dropped", "(data.drop $d)");
    check("a global holds a reference", "(global (mut funcref) (ref.null func))");
    check(
        "a global begins with another one's value",
        "(global $g i32 (i32.const 1)) (global (mut i32) (global.get $g))",
    );
    check("it has the sign already", r#"(func (export "greenroom-renewable"))"#);
    // And with none of that it is not.
    let plain = wat::parse_str(r#"(module (memory (export "memory") 1) (func (export "f")))"#).unwrap();
    wasmparser::Validator::new().validate_all(&shown(&plain).unwrap()).unwrap();
}
