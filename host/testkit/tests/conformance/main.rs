//! The contract from outside Rust: an actor in Rust and the same one in other languages use everything that `wit/` declares,
//! and have to get what `checks.json` says. What the words of that file mean is said in `script`.

#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]

mod script;
mod surface;

use greenroom_testkit::{Stage, guest};
use script::{Script, scenarios};
use serde_json::json;
use surface::Surface;

/// The components, and whether each imports `asking`, too, and so runs on a fiber.
const COMPONENTS: [(&str, bool); 6] = [
    ("conformance", false),
    ("conformance_asking", true),
    ("conformance_c", false),
    ("conformance_c_asking", true),
    ("conformance_javascript", false),
    ("conformance_javascript_asking", true),
];

/// Those that bring a language's runtime, which imports more than the contract.
const WITH_RUNTIME: [(&str, bool); 4] = [
    ("conformance_go", false),
    ("conformance_go_asking", true),
    ("conformance_python", false),
    ("conformance_python_asking", true),
];

/// Runs all scenarios with a component as the subject and another one as its partner.
async fn check(subject: &str, partner: &str, asking: bool) {
    let mut run = 0;
    for scenario in scenarios() {
        if scenario.asking && !asking {
            continue;
        }
        let manifest = scenario.manifest.replace("SUBJECT", subject).replace("PARTNER", partner);
        let stage = Stage::in_virtual_time(&manifest, None).await;
        Script::new(stage, &scenario.name, subject, partner).play(&scenario.steps).await;
        run += 1;
    }
    assert!(run > 0, "there are no scenarios");
}

#[tokio::test]
async fn in_rust() {
    check("conformance", "conformance_c", false).await;
}

#[tokio::test]
async fn in_c() {
    check("conformance_c", "conformance", false).await;
}

#[tokio::test]
async fn in_rust_on_a_fiber() {
    check("conformance_asking", "conformance_c_asking", true).await;
}

#[tokio::test]
async fn in_c_on_a_fiber() {
    check("conformance_c_asking", "conformance_asking", true).await;
}

#[tokio::test]
async fn in_javascript() {
    check("conformance_javascript", "conformance", false).await;
}

#[tokio::test]
async fn in_javascript_on_a_fiber() {
    check("conformance_javascript_asking", "conformance_asking", true).await;
}

/// Components of each published version of the contract, as they were built then (`host/testkit/fixtures`); a partner of
/// today for each, which is never the same; and whether both ask.
const FROZEN: [(&str, &str, bool); 3] = [
    ("frozen_0_1_0_conformance", "conformance_c", false),
    ("frozen_0_1_0_conformance_asking", "conformance_c_asking", true),
    ("frozen_0_1_0_conformance_c", "conformance", false),
];

#[tokio::test]
async fn components_of_published_versions_run_as_ever() {
    for (name, partner, asking) in FROZEN {
        check(name, partner, asking).await;
    }
}

#[test]
fn each_published_version_has_such_components() {
    let frozen = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit/frozen");
    for file in std::fs::read_dir(frozen).unwrap() {
        let version = file.unwrap().path().file_stem().unwrap().to_str().unwrap().replace('.', "_");
        assert!(FROZEN.iter().any(|(name, ..)| name.starts_with(&format!("frozen_{version}_"))), "none of {version}");
    }
}

/// A partner that is small: what the two do to each other is the same in all languages.
#[tokio::test]
async fn in_go() {
    check("conformance_go", "conformance_c", false).await;
}

#[tokio::test]
async fn in_go_on_a_fiber() {
    check("conformance_go_asking", "conformance_c_asking", true).await;
}

#[test]
fn a_component_with_a_runtime_uses_all_that_there_is() {
    let declared = Surface::declared();
    for (name, asking) in WITH_RUNTIME {
        let mut expect = declared.clone();
        expect.imports.retain(|function| asking || !function.starts_with("asking."));
        assert_eq!(Surface::of(&guest(name)).of_the_contract(&declared), expect, "{name}");
    }
}

#[tokio::test]
async fn in_python() {
    check("conformance_python", "conformance_c", false).await;
}

#[tokio::test]
async fn in_python_on_a_fiber() {
    check("conformance_python_asking", "conformance_c_asking", true).await;
}

#[test]
fn each_component_uses_all_that_there_is() {
    let declared = Surface::declared();
    assert!(declared.imports.len() >= 30 && declared.exports.len() >= 10, "{declared:?}");
    for (name, asking) in COMPONENTS {
        let mut expect = declared.clone();
        expect.imports.retain(|function| asking || !function.starts_with("asking."));
        assert_eq!(Surface::of(&guest(name)), expect, "{name}");
    }
}

/// Both ways in are tried, each with components of both languages.
#[test]
fn who_asks_is_entered_in_its_wrapping_and_the_others_directly() {
    let folder = greenroom_testkit::guests();
    for (name, asking) in COMPONENTS {
        let manifest = include_str!("house.toml").replace("SUBJECT", name).replace("PARTNER", name);
        let plan = greenroom_manifest::parse(&manifest, &folder.join("greenroom.toml"), None).unwrap();
        let subject = plan.actors.iter().find(|actor| actor.behavior.name.as_str() == "subject").unwrap();
        let inspection =
            greenroom_engine::Inspector::default().inspect(&subject.behavior.source, &subject.behavior).unwrap();
        assert_eq!(inspection.direct, !asking, "{name}");
    }
}

#[test]
fn each_import_and_each_error_is_checked() {
    let (checked, errors) = script::covered();
    let imports = Surface::declared().imports;
    let missing: Vec<_> = imports.iter().filter(|import| !checked.contains(*import)).collect();
    assert!(missing.is_empty(), "no check in checks.json for {missing:?}");
    let mut unseen: Vec<_> = Surface::errors().difference(&errors).cloned().collect();
    unseen.retain(|error| !UNSEEN.iter().any(|(word, _)| word == error));
    assert!(unseen.is_empty(), "no check in checks.json ends with {unseen:?}");
    for (word, why) in UNSEEN {
        assert!(!errors.contains(word), "{word} is seen after all, although {why}");
    }
}

/// Errors that this host never gives, or that no check can bring about.
const UNSEEN: [(&str, &str); 15] = [
    ("send-error.not-granted", "whoever has an address may send to it"),
    ("send-error.other", "it is for later hosts"),
    ("ask-error.not-granted", "whoever has an address may ask it"),
    ("ask-error.unreachable", "there is one host"),
    ("ask-error.other", "`save` alone gets it, and tells nobody"),
    ("reason.unreachable", "there is one host"),
    ("reason.out-of-memory", "the probe `grow` has it"),
    ("spawn-error.limit", "it takes two thousand actors"),
    ("spawn-error.other", "it is for later hosts"),
    ("name-error.other", "it is for later hosts"),
    ("topic-error.other", "the registry's mailbox has to be full"),
    ("read-error.stale", "no simulated input falls silent; the tests of `engine/src/devices` have it"),
    ("read-error.other", "it is for later hosts"),
    ("write-error.failed", "no simulated output fails; the tests of `engine/src/devices` have it"),
    ("write-error.other", "it is for later hosts"),
];

/// What only a language without a safe string can do: each is this actor's fault, and nobody else's.
#[tokio::test]
async fn garbage_is_the_fault_of_who_hands_it_over() {
    let manifest = include_str!("house.toml");
    for name in ["conformance_c", "conformance_c_asking"] {
        let manifest = manifest.replace("SUBJECT", name).replace("PARTNER", "conformance");
        let mut stage = Stage::in_virtual_time(&manifest, None).await;
        for (what, why) in [
            ("bad-text", "utf-8"),
            ("far-text", "bounds"),
            ("huge-list", "bounds"),
            ("no-such-case", "discriminant"),
            ("far-answer", "bounds"),
            ("unaligned-list", "align"),
        ] {
            let body = format!(
                "messaging.send\n{}\nnote\n\n;\ngarbage\n{what}",
                stage.handle().show("partner").unwrap().address
            );
            let kind = "turn".parse().unwrap();
            stage.handle().tell("subject", greenroom_core::Message::new(kind, body.into_bytes())).unwrap();
            let fault = stage.event("fault", "subject").await;
            assert_eq!(fault["reason"], "trapped", "{name} {what}: {fault}");
            let detail = fault["detail"].as_str().unwrap();
            assert!(detail.to_lowercase().contains(why), "{name} {what}: {detail}");
            stage.event("started", "subject").await;
            let heard = stage.ask("partner", "heard", json!(null)).await.unwrap();
            assert_eq!(heard["result"], json!([]), "{name} {what}: a turn that traps sends nothing");
        }
    }
}

/// Whatever goes over the contract has one owner, who frees it: a component that is used for long needs no more memory.
/// The state is saved after each of these turns, too.
#[tokio::test]
async fn nothing_that_is_handed_over_is_lost() {
    let manifest = include_str!("house.toml");
    // Go's collector comes when it does.
    let python = WITH_RUNTIME.into_iter().filter(|(name, _)| name.contains("python"));
    for (name, asking) in COMPONENTS.into_iter().chain(python) {
        let stage = Stage::in_virtual_time(&manifest.replace("SUBJECT", name).replace("PARTNER", name), None).await;
        let address = |name: &str| stage.handle().show(name).unwrap().address;
        let (subject, partner) = (address("subject"), address("partner"));
        let mut turn = vec![
            format!("messaging.send\n{subject}\nnote\nfill:20000"),
            format!("messaging.send\n{partner}\n\n"),
            format!("messaging.start-ask\n{partner}\nnext\nhex:756e68616e646c65640a6e6f\n1000000000"),
            format!("messaging.start-ask\n{partner}\nstarted\n\n1000000000"),
            "actors.monitor\n0000000000000000-0000000000000001".into(),
            "actors.spawn\nforbidden\n{}\n\n".into(),
            "names.lookup\nNo Name".into(),
            "names.lookup\npartner".into(),
            "config.get".into(),
            "topics.publish\nelsewhere\nnote\nfill:1000".into(),
            "routes.set\nNo Pattern".into(),
            "routes.current".into(),
            "devices.read\nsecret".into(),
            "devices.write\nlamp\n7".into(),
            "state.keep\nfill:5000".into(),
            "heard".into(),
        ];
        if asking {
            turn.push(format!("asking.ask\n{partner}\nstarted\n\n1000000000"));
            turn.push(format!("asking.ask\n{subject}\nstarted\n\n1000000000"));
        }
        let body = turn.join("\n;\n").into_bytes();
        let round = async |times: usize| {
            for _ in 0..times {
                let message = greenroom_core::Message::new("turn".parse().unwrap(), body.clone());
                stage.handle().ask("subject", message, greenroom_testkit::PATIENCE).await.unwrap();
                stage.advance(std::time::Duration::ZERO).await;
            }
            stage.handle().show("subject").unwrap().actor.unwrap().memory_bytes
        };
        let warm = round(100).await;
        // What comes in which order differs, and so does the most that it needed at once, by less than a page.
        let later = round(1000).await;
        assert!(later <= warm + 65_536, "{name}: {warm} bytes, and {later} after a thousand turns");
        assert!(warm > 0, "{name}: its memory is counted");
    }
}
