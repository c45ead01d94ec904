use super::*;
use std::path::Path;
use wit_parser::{Resolve, SizeAlign, Type, TypeDefKind};

/// Size and alignment of each type that `wit/` names, and the names of a variant's cases.
struct Declared {
    resolve: Resolve,
    sizes: SizeAlign,
}

impl Declared {
    fn new() -> Self {
        let mut resolve = Resolve::default();
        resolve.push_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit")).unwrap();
        let mut sizes = SizeAlign::default();
        sizes.fill(&resolve);
        Self { resolve, sizes }
    }

    /// The type of a name as the interfaces have it, aliases aside.
    fn find(&self, name: &str) -> wit_parser::TypeId {
        let named = self.resolve.types.iter().filter(|(_, kind)| kind.name.as_deref() == Some(name));
        let mut own = named.filter(|(_, kind)| !matches!(kind.kind, TypeDefKind::Type(_)));
        own.next().unwrap_or_else(|| panic!("wit/ has no `{name}`")).0
    }

    fn check<T: Layout>(&self, name: &str) {
        let kind = Type::Id(self.find(name));
        let expect = (self.sizes.size(&kind).size_wasm32(), self.sizes.align(&kind).align_wasm32());
        assert_eq!((T::SIZE as usize, T::ALIGN as usize), expect, "{name}");
    }
}

#[test]
fn types_lie_in_memory_as_the_canonical_abi_has_them() {
    let declared = Declared::new();
    declared.check::<Address>("address");
    declared.check::<Reason>("reason");
    declared.check::<SendError>("send-error");
    declared.check::<AskError>("ask-error");
    declared.check::<SpawnError>("spawn-error");
    declared.check::<Spawned>("spawned");
    declared.check::<NameError>("name-error");
    declared.check::<TopicError>("topic-error");
    declared.check::<Reading>("reading");
    declared.check::<ReadError>("read-error");
    declared.check::<WriteError>("write-error");
    declared.check::<Route>("route");
    declared.check::<Next>("next");
    declared.check::<Started>("started");
}

#[test]
fn what_functions_give_lies_in_memory_as_the_canonical_abi_has_it() {
    let declared = Declared::new();
    let mut checked = 0;
    let mut check = |function: &str, size: u32, align: u32| {
        let functions = declared.resolve.interfaces.iter().flat_map(|(_, interface)| &interface.functions);
        let (_, found) = functions.into_iter().find(|(name, _)| name.as_str() == function).unwrap();
        let kind = found.result.unwrap();
        let expect = (declared.sizes.size(&kind).size_wasm32(), declared.sizes.align(&kind).align_wasm32());
        assert_eq!((size as usize, align as usize), expect, "{function}");
        checked += 1;
    };
    fn of<T: Layout>() -> (u32, u32) {
        (T::SIZE, T::ALIGN)
    }
    for (function, (size, align)) in [
        ("send", of::<Result<(), SendError>>()),
        ("start-ask", of::<Result<u64, AskError>>()),
        ("send-after", of::<Result<u64, SendError>>()),
        ("spawn", of::<Result<Spawned, SpawnError>>()),
        ("lookup", of::<Result<Option<Address>, NameError>>()),
        ("wall", of::<Option<u64>>()),
        ("publish", of::<Result<(), TopicError>>()),
        ("current", of::<Result<Vec<Route>, String>>()),
        ("init", of::<Result<Started, String>>()),
        ("handle", of::<Result<Next, String>>()),
        ("save", of::<Result<Vec<u8>, String>>()),
        ("restore", of::<Result<(), String>>()),
        ("accepts", of::<Vec<u32>>()),
    ] {
        check(function, size, align);
    }
    assert_eq!(checked, 13);
}
