//! A turn is a transaction: one that fails leaves no effect of any function of the contract, wherever it fails and however,
//! and one that ends well has the effect of each.
//!
//! The probe `trap-at` makes every call that has an effect, in some order, and fails after the k-th. That turn handles a
//! message; or it is the first one of a new build, and then the old one goes on with all that it had. Others stand around
//! it, and everything that they and the host can see of it is looked at. Every k and every way to fail is tried in two
//! orders, and random ones in random orders.
#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]

mod play;

use play::{CALLS, Case, Host, How, Theatre};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::path::Path;

const WAYS: [How; 4] = [How::Trap, How::Loop, How::Grow, How::Error];

/// Functions that only tell something.
const PURE: [&str; 7] = [
    "messaging.own-address",
    "names.lookup",
    "clock.now",
    "clock.wall",
    "config.get",
    "routes.current",
    "devices.read",
];

#[test]
fn every_function_that_has_an_effect_is_called() {
    let mut resolve = wit_parser::Resolve::default();
    resolve.push_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit")).unwrap();
    let mut imports = BTreeSet::new();
    for item in resolve.worlds.iter().flat_map(|(_, world)| world.imports.values()) {
        let wit_parser::WorldItem::Interface { id, .. } = item else { continue };
        let interface = &resolve.interfaces[*id];
        let name = interface.name.as_deref().unwrap();
        imports.extend(interface.functions.keys().map(|function| format!("{name}.{function}")));
    }
    imports.retain(|function| !PURE.contains(&&**function));
    let called: BTreeSet<_> = CALLS.iter().map(|call| call.name.to_owned()).filter(|name| name.contains('.')).collect();
    assert_eq!(called, imports);
}

/// All of a component's calls, in the order of the list.
fn calls(asking: bool) -> Vec<&'static str> {
    CALLS.iter().map(|call| call.name).filter(|name| asking || *name != "asking.ask").collect()
}

/// Every k and every way to fail, in an order and its reverse; and a turn that ends well after all of them.
async fn check(host: Host, asking: bool) {
    let forwards = calls(asking);
    let backwards = forwards.iter().rev().copied().collect();
    for order in [forwards, backwards] {
        let mut theatre = Theatre::new(asking).await;
        for after in 0..=order.len() {
            for how in WAYS {
                theatre.play(&Case { order: &order, fail: Some((after, how)), host }).await;
            }
        }
        theatre.play(&Case { order: &order, fail: None, host }).await;
    }
}

#[tokio::test]
async fn a_failed_turn_leaves_nothing() {
    check(Host::Turn, false).await;
}

#[tokio::test]
async fn a_failed_turn_on_a_fiber_leaves_what_it_asked_for_before_it_asked_and_waited() {
    check(Host::Turn, true).await;
}

#[tokio::test]
async fn a_failed_first_turn_of_a_new_build_leaves_nothing_and_takes_nothing() {
    check(Host::Build, false).await;
}

#[tokio::test]
async fn a_failed_first_turn_of_a_new_build_on_a_fiber_leaves_nothing() {
    check(Host::Build, true).await;
}

fn any_order(asking: bool) -> impl Strategy<Value = Vec<&'static str>> {
    Just(calls(asking)).prop_shuffle()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn in_any_order(
        (asking, order) in any::<bool>().prop_flat_map(|asking| (Just(asking), any_order(asking))),
        host in prop::sample::select(vec![Host::Turn, Host::Build]),
        fails in prop::collection::vec((0..=CALLS.len(), prop::sample::select(WAYS.to_vec())), 8),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut theatre = Theatre::new(asking).await;
            for (after, how) in fails {
                let after = after.min(order.len());
                theatre.play(&Case { order: &order, fail: Some((after, how)), host }).await;
            }
            theatre.play(&Case { order: &order, fail: None, host }).await;
        });
    }
}
