//! Dynamic supervisors: children after one template, started when asked for.

use super::stage::{actor, check, dynamic, supervisor};
use greenroom_core::Restart::{Permanent, Temporary, Transient};
use greenroom_core::Strategy::OneForOne;

#[test]
fn children_come_when_asked_for() {
    let tree = [dynamic("d", Permanent, 5)];
    check(&tree, "list d; count d", "=> [], => 1 0 0 0");
    check(&tree, "one d; one d x", "start #2, => started #2, start x, => started x");
    check(&tree, "one d; one d x; started; list d; count d", "=> [#2:alive x:alive], => 1 2 0 2");
    // A name is somebody's: two children cannot have it, and neither can a child and an actor elsewhere.
    check(&tree, "one d x; started; one d x; one d d", "=> name-taken, => name-taken");
}

#[test]
fn restart_types_say_when() {
    check(
        &[dynamic("d", Permanent, 5)],
        "one d x; started; crash x; end x",
        "restart x 1/5, start x, restart x 2/5, start x",
    );
    check(&[dynamic("d", Transient, 5)], "one d x; started; crash x", "restart x 1/5, start x");
    check(&[dynamic("d", Transient, 5)], "one d x; started; end x; list d", "forget x, => []");
    check(&[dynamic("d", Temporary, 5)], "one d x; started; crash x; count d", "forget x, => 1 0 0 0");
    // Only the one that ended: a dynamic supervisor is one-for-one.
    check(&[dynamic("d", Permanent, 5)], "one d x; one d y; started; crash x", "restart x 1/5, start x");
}

#[test]
fn a_name_is_free_again_with_its_child() {
    let tree = [dynamic("d", Temporary, 5)];
    check(&tree, "one d x; started; crash x; one d x", "forget x, start x, => started x");
    check(&tree, "fail x 1; one d x; one d x", "start x, => failed, forget x, start x, => started x");
}

#[test]
fn one_is_terminated_by_address_or_name() {
    let tree = [dynamic("d", Permanent, 5)];
    check(&tree, "one d; one d x; started; terminate d #2; list d", "stop #2, forget #2, => done, => [x:alive]");
    check(&tree, "one d x; started; terminate d x; terminate d x", "stop x, forget x, => done, => not-found");
    check(&tree, "terminate d d", "=> not-found");
    check(&tree, "one d x; started; stubborn x; terminate d x; wait 5", "stop x, kill x killed, forget x, => done");
}

#[test]
fn orders_for_specs_are_refused() {
    let tree = [dynamic("d", Permanent, 5), supervisor("s", OneForOne, 5, [actor("a")])];
    check(&tree, "one d x; started; restart d x; delete d x; add d y", "=> dynamic, => dynamic, => dynamic");
    check(&tree, "started; one s y", "=> not-dynamic");
}

#[test]
fn a_start_that_fails_or_is_ignored_leaves_nothing() {
    let tree = [dynamic("d", Permanent, 5)];
    check(&tree, "fail x 1; one d x; list d", "start x, => failed, forget x, => []");
    check(&tree, "ignore x; one d x; list d", "start x, forget x, => ignored, => []");
    // In a restart, a failure is tried again within the budget; nothing to do is an end.
    check(&tree, "one d x; started; fail x 1; crash x", "restart x 1/5, start x, restart x 2/5, start x");
    check(&tree, "one d x; started; ignore x; crash x; list d", "restart x 1/5, start x, forget x, => []");
}

#[test]
fn they_stop_at_the_same_time_within_one_deadline() {
    let tree = [dynamic("d", Permanent, 5)];
    check(&tree, "one d x; one d y; started; halt", "stop x, stop y, forget x, forget y, halt shutdown");
    check(&tree, "one d x; one d y; one d z; started; stubborn x; stubborn z; halt; wait 4", "stop x, stop y, stop z");
    check(
        &tree,
        "one d x; one d y; one d z; started; stubborn x; stubborn z; halt; wait 4; end x; wait 1",
        "stop x, stop y, stop z, kill z killed, forget x, forget y, forget z, halt shutdown",
    );
}

#[test]
fn the_budget_is_the_supervisors() {
    // The one that it gives up on has ended: only the other is stopped. Both are gone with it.
    check(
        &[dynamic("d", Permanent, 1)],
        "one d x; one d y; started; crash x; crash x; list d",
        "restart x 1/1, start x, d gave up, stop y, forget x, forget y, restart d 1/5, => []",
    );
    check(
        &[dynamic("d", Permanent, 0)],
        "one d x; started; crash x; list d",
        "d gave up, forget x, restart d 1/5, => []",
    );
}

#[test]
fn a_child_that_keeps_failing_is_terminated_at_once() {
    check(
        &[dynamic("d", Permanent, 9).back_off()],
        "one d x; started; crash x; crash x; list d; terminate d x; wait 9; list d",
        "restart x 1/9, start x, restart x 2/9 in 1 s, => [x:restarting], forget x, => done, => []",
    );
}
