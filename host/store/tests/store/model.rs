//! The store against the model, over whatever is asked of it in whatever order, opened anew in between.

use crate::steps::{Model, Source, Step, component, digest, seen, source, step};
use greenroom_store::{Choice, Digest, From, Opened, Options, Status, Store};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

fn open(folder: &Path) -> Store {
    let options = Options { interval: Duration::from_secs(3600), ..Options::default() };
    let Opened { store, trouble } = Store::open(folder, options).unwrap();
    assert!(trouble.is_empty(), "{trouble:?}");
    store
}

/// Components whose bytes are in the folder.
fn kept(folder: &Path) -> BTreeSet<Digest> {
    let Ok(files) = std::fs::read_dir(folder.join("versions")) else { return BTreeSet::new() };
    files.map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().parse().unwrap()).collect()
}

/// What may be chosen, said as it was asked for and not as it is found.
fn sensible(source: &Source, file: Option<u8>, choice: Option<Choice>) -> Result<(), TestCaseError> {
    let status = |number: u8| source.versions.get(&number).map(|(_, _, status)| status.clone());
    let Some(choice) = choice else {
        prop_assert!(file.is_none() && source.versions.is_empty());
        return Ok(());
    };
    let chosen = (0..12).find(|&number| digest(number) == choice.digest).unwrap();
    let passed = source.passed();
    prop_assert_eq!(choice.from == From::File, file == Some(chosen));
    let changed = file.is_some() && file != source.file;
    let untried = status(chosen) != Some(Status::Passed) || changed && source.active != Some(chosen);
    prop_assert_eq!(choice.trying, untried);
    if changed {
        prop_assert_eq!(Some(chosen), file, "a changed file is tried");
    } else if let Some(Status::Passed | Status::Interrupted) = source.active.and_then(status) {
        prop_assert_eq!(Some(chosen), source.active);
    } else if passed.is_some() {
        prop_assert_eq!(Some(chosen), passed, "nothing is started that never passed");
    }
    match choice.fallback {
        Some(fallback) => prop_assert!(fallback != choice.digest && choice.trying),
        None => prop_assert!(!choice.trying || passed.is_none_or(|passed| passed == chosen)),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_store_is_what_its_model_is(
        lives in prop::collection::vec(prop::collection::vec(step(), 0..40), 1..4),
        file in prop::option::of(0..12_u8),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut model = Model::default();
        for life in lives {
            let store = open(folder.path());
            prop_assert_eq!(seen(&store), model.seen(), "after the start");
            for step in life {
                let durable = step.ask(&store);
                model.step(&step);
                prop_assert_eq!(seen(&store), model.seen(), "after {:?}", &step);
                if durable && matches!(step, Step::Begin { .. }) {
                    prop_assert_eq!(kept(folder.path()), model.needed());
                }
            }
            for number in 0..3 {
                let known = model.source(number);
                for &version in known.versions.keys() {
                    prop_assert_eq!(store.bytes(digest(version)).unwrap(), component(version));
                }
                sensible(&known, file, store.choose(&source(number), file.map(digest)))?;
                sensible(&known, known.file, store.choose(&source(number), known.file.map(digest)))?;
            }
            model.end();
        }
        prop_assert_eq!(seen(&open(folder.path())), model.seen(), "at the end");
    }
}
