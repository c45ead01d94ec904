use greenroom_store::*;
#[test]
fn smoke() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Store::open(folder.path(), Options::default()).unwrap();
    let Opened { store, trouble } = open();
    assert!(trouble.is_empty());
    assert!(matches!(Store::open(folder.path(), Options::default()), Err(Error::InUse { .. })));
    let d = store.add(b"abc").unwrap();
    store.begin_now("a.wasm", d, Origin::File, Some(d)).unwrap();
    store.keep("x", State { digest: d, version: 1, bytes: (*b"hi").into() }, true).unwrap();
    store.passed("a.wasm", d, &["x".into()]);
    store.flush().unwrap();
    println!("{:?}", store.written());
    drop(store);
    let Opened { store, trouble } = open();
    assert!(trouble.is_empty());
    println!("{:?} {:?} {:?}", store.versions("a.wasm"), store.load("x"), store.choose("a.wasm", None));
    for e in std::fs::read_dir(folder.path()).unwrap() {
        let e = e.unwrap();
        println!("{:?} {}", e.file_name(), e.metadata().unwrap().len());
    }
}
