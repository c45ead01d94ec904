//! Quarantine: a child that used up the restarts is parked, and the others run on. Beyond OTP.

use super::stage::{Child, actor, check, supervisor};
use greenroom_core::AutoShutdown::All;
use greenroom_core::Restart::{Temporary, Transient};
use greenroom_core::Strategy::{self, OneForAll, OneForOne, RestForOne};

fn tree(strategy: Strategy) -> [Child; 1] {
    [supervisor("s", strategy, 1, [actor("a"), actor("b"), actor("c")]).quarantine()]
}

/// Up to b's quarantine.
const PARKED: &str = "started; crash b; crash b; started; ";

#[test]
fn the_child_is_parked_and_its_siblings_run_on() {
    check(
        &tree(OneForOne),
        "started; crash b; crash b; list s; count s",
        "restart b 1/1, start b, park b failed: crash, => [a:alive b:parked c:alive], => 3 2 0 3",
    );
    // Nothing brings it back by itself.
    check(&tree(OneForOne), &format!("{PARKED}wait 1000; list s"), "=> [a:alive b:parked c:alive]");
    // The budget begins anew for the others.
    check(&tree(OneForOne), &format!("{PARKED}crash a; crash a"), "restart a 1/1, start a, park a failed: crash");
}

#[test]
fn groups_leave_it_out() {
    check(&tree(OneForAll), &format!("{PARKED}list s"), "=> [a:alive b:parked c:alive]");
    check(&tree(OneForAll), &format!("{PARKED}crash a"), "restart a 1/1, stop c, start a, start c");
    check(&tree(RestForOne), &format!("{PARKED}crash a"), "restart a 1/1, stop c, start a, start c");
    // Its group was stopped for a restart that failed: the others are started without it.
    check(
        &tree(OneForAll),
        "started; fail b 2; crash b",
        "restart b 1/1, stop c, stop a, start a, start b, park b failed: scripted, start c",
    );
    check(
        &tree(RestForOne),
        "started; fail b 2; crash b",
        "restart b 1/1, stop c, start b, park b failed: scripted, start c",
    );
}

#[test]
fn it_is_released_by_an_operator_or_a_new_build() {
    for release in ["cycle b", "release b"] {
        check(
            &tree(OneForOne),
            &format!("{PARKED}{release}; list s"),
            "release b, start b, => [a:alive b:alive c:alive]",
        );
        check(
            &tree(OneForOne),
            &format!("{PARKED}fail b 1; {release}; list s"),
            "release b, start b, park b failed: scripted, => [a:alive b:parked c:alive]",
        );
    }
    check(&tree(OneForOne), &format!("{PARKED}restart s b"), "release b, => done, start b");
    // Out of it, it has a budget again.
    check(
        &tree(OneForOne),
        &format!("{PARKED}cycle b; crash b; crash b"),
        "release b, start b, restart b 1/1, start b, park b failed: crash",
    );
    // New code for one that is not in quarantine is none of the supervisor's business.
    check(&tree(OneForOne), "started; release b", "");
    check(&tree(OneForOne), &format!("{PARKED}release b; release b"), "release b, start b");
}

#[test]
fn a_release_that_comes_twice_while_the_supervisor_is_busy_counts_once() {
    check(
        &tree(OneForOne),
        &format!("{PARKED}stubborn c; terminate s c; release b; release b; end c"),
        "stop c, => done, release b, start b",
    );
}

#[test]
fn it_is_administered_like_one_that_is_stopped() {
    check(
        &tree(OneForOne),
        &format!("{PARKED}terminate s b; list s; release b"),
        "=> done, => [a:alive b:undefined c:alive]",
    );
    check(&tree(OneForOne), &format!("{PARKED}delete s b; list s"), "forget b, => done, => [a:alive c:alive]");
    check(&tree(OneForOne), &format!("{PARKED}add s b"), "=> already-present");
    check(&tree(OneForOne), &format!("{PARKED}halt"), "stop c, stop a, halt shutdown");
}

#[test]
fn its_supervisors_restart_is_a_new_beginning() {
    check(
        &tree(OneForOne),
        &format!("{PARKED}cycle s; list s"),
        "stop c, stop a, start a, start b, start c, => [a:alive b:alive c:alive]",
    );
}

#[test]
fn it_is_not_gone_for_auto_shutdown() {
    let child = |name| actor(name).restart(Transient).significant();
    let tree = [supervisor("s", OneForOne, 0, [child("a"), child("b")]).quarantine().auto_shutdown(All)];
    check(&tree, "started; crash a; end b", "park a failed: crash");
    // One that is never restarted is never parked.
    let tree = [supervisor("s", OneForOne, 0, [actor("a").restart(Temporary)]).quarantine()];
    check(&tree, "started; crash a", "forget a");
}

#[test]
fn a_wait_and_a_quarantine_go_together() {
    let tree = [supervisor("s", OneForOne, 2, [actor("a")]).quarantine().back_off()];
    check(
        &tree,
        "started; crash a; crash a; wait 1; crash a; cycle a; crash a",
        "restart a 1/2, start a, restart a 2/2 in 1 s, start a, park a failed: crash, release a, start a, restart a 1/2, start a",
    );
}
