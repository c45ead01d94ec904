//! Kills of supervisors: everything beneath ends, whatever it is doing.

use super::stage::{actor, check, dynamic, supervisor};
use greenroom_core::Restart::Permanent;
use greenroom_core::Strategy::{OneForAll, OneForOne};

#[test]
fn all_beneath_ends_before_it_is_started_again() {
    let tree = [supervisor("s", OneForOne, 5, [actor("a"), supervisor("in", OneForOne, 5, [actor("b")]), actor("c")])];
    check(
        &tree,
        "started; exit s killed",
        "kill a killed, kill c killed, kill b killed, restart s 1/5, start a, start b, start c",
    );
    // An actor that its supervisor kills ends as killed, and is restarted as any other.
    check(&tree, "started; exit b killed", "kill b killed, restart b 1/5, start b");
    check(&tree, "started; exit root killed", "kill a killed, kill c killed, kill b killed, halt killed");
    // Supervisors trap exits: nothing but a kill ends them from outside.
    check(&tree, "started; exit s shutdown", "");
}

#[test]
fn in_the_middle_of_anything() {
    let two = || [supervisor("s", OneForAll, 5, [actor("a"), actor("b")])];
    let killed = "restart s 1/5, start a, start b";
    // While it starts: its own supervisor's start fails with it.
    check(
        &two(),
        "slow b; exit s killed",
        "start a, start b, kill a killed, kill b killed, halt failed: `s` did not start: killed",
    );
    // While it restarts its group.
    check(
        &two(),
        "started; stubborn b; crash a; exit s killed",
        &format!("restart a 1/5, stop b, kill b killed, {killed}"),
    );
    check(
        &two(),
        "started; slow b; crash a; exit s killed; up b",
        "restart a 1/5, stop b, start a, start b, kill a killed, kill b killed, restart s 1/5, start a, start b",
    );
    // While it stops.
    check(&two(), "started; stubborn b; halt; exit s killed", "stop b, kill a killed, kill b killed, halt shutdown");
    check(&two(), "started; stubborn b; halt; exit root killed", "stop b, kill a killed, kill b killed, halt killed");
    // While an order is under way.
    check(
        &two(),
        "started; stubborn b; terminate s b; exit s killed",
        &format!("stop b, => no-supervisor, kill a killed, kill b killed, {killed}"),
    );
    let dynamic = [dynamic("d", Permanent, 5)];
    check(
        &dynamic,
        "one d x; one d y; started; stubborn x; terminate d x; exit d killed; list d",
        "stop x, => no-supervisor, kill x killed, kill y killed, forget x, forget y, restart d 1/5, => []",
    );
    check(
        &dynamic,
        "one d x; started; stubborn x; halt; exit d killed",
        "stop x, kill x killed, forget x, halt shutdown",
    );
    check(
        &dynamic,
        "started; slow x; one d x; exit d killed",
        "start x, => no-supervisor, kill x killed, forget x, restart d 1/5",
    );
}

#[test]
fn a_stop_is_no_stop_for_what_is_killed_meanwhile() {
    let tree = [supervisor("s", OneForOne, 5, [actor("a"), actor("b")])];
    check(&tree, "started; stubborn b; halt; exit b killed", "stop b, kill b killed, stop a, halt shutdown");
    check(&tree, "started; stubborn b; terminate s b; exit b killed; wait 9", "stop b, kill b killed, => done");
}
