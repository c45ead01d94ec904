//! Strategies, restart types, the budget, and starts that fail: OTP's rules.

use super::stage::{actor, check, supervisor};
use greenroom_core::Restart::{Permanent, Temporary, Transient};
use greenroom_core::Strategy::{OneForAll, OneForOne, RestForOne};

#[test]
fn children_start_in_order_and_stop_in_reverse() {
    let tree = [supervisor("s", OneForOne, 5, [actor("a"), actor("b"), actor("c")])];
    check(&tree, "", "start a, start b, start c");
    check(&tree, "halt", "start a, start b, start c, stop c, stop b, stop a, halt shutdown");
}

#[test]
fn strategies_restart_whom_they_should() {
    let three = || [actor("a"), actor("b"), actor("c")];
    check(&[supervisor("s", OneForOne, 5, three())], "started; crash b", "restart b 1/5, start b");
    check(
        &[supervisor("s", OneForAll, 5, three())],
        "started; crash b",
        "restart b 1/5, stop c, stop a, start a, start b, start c",
    );
    check(&[supervisor("s", RestForOne, 5, three())], "started; crash b", "restart b 1/5, stop c, start b, start c");
    check(&[supervisor("s", RestForOne, 5, three())], "started; crash c", "restart c 1/5, start c");
}

#[test]
fn restart_types_say_when() {
    let one = |restart| [supervisor("s", OneForOne, 5, [actor("a").restart(restart), actor("b")])];
    check(&one(Permanent), "started; end a", "restart a 1/5, start a");
    check(&one(Transient), "started; end a", "");
    check(&one(Transient), "started; crash a", "restart a 1/5, start a");
    check(&one(Temporary), "started; crash a", "forget a");
    // Neither is one brought back as a bystander.
    let group = [supervisor("s", OneForAll, 5, [actor("a").restart(Temporary), actor("b")])];
    check(&group, "started; crash b", "restart b 1/5, stop a, forget a, start b");
}

#[test]
fn one_restart_too_many_ends_the_supervisor() {
    let tree = [supervisor("s", OneForOne, 1, [actor("a"), actor("b")])];
    check(
        &tree,
        "started; crash a; crash a",
        "restart a 1/1, start a, s gave up, stop b, restart s 1/5, start a, start b",
    );
    // The window slides: 60 s later, the first one no longer counts.
    check(&tree, "started; crash a; wait 61; crash a", "restart a 1/1, start a, restart a 1/1, start a");
}

#[test]
fn the_root_giving_up_ends_the_host() {
    let tree = [supervisor("s", OneForOne, 0, [actor("a")])];
    let rounds = "restart s 1/5, start a, s gave up, restart s 2/5, start a, s gave up, restart s 3/5, start a, s gave up, \
                  restart s 4/5, start a, s gave up, restart s 5/5, start a, s gave up";
    check(
        &tree,
        "started; crash a; crash a; crash a; crash a; crash a; crash a",
        &format!("s gave up, {rounds}, root gave up, halt shutdown"),
    );
}

#[test]
fn a_first_start_that_fails_stops_what_was_started() {
    let tree = [supervisor("s", OneForOne, 5, [actor("a"), actor("b"), actor("c")])];
    check(
        &tree,
        "fail b 1",
        "start a, start b, stop a, halt failed: `s` did not start: failed: `b` did not start: failed: scripted",
    );
}

#[test]
fn a_restart_that_fails_is_tried_again_and_counts() {
    let three = || [actor("a"), actor("b"), actor("c")];
    check(
        &[supervisor("s", OneForOne, 5, three())],
        "started; fail b 2; crash b",
        "restart b 1/5, start b, restart b 2/5, start b, restart b 3/5, start b",
    );
    // One-for-all: what was started is stopped again, and the whole group is tried.
    check(
        &[supervisor("s", OneForAll, 5, three())],
        "started; fail b 1; crash a",
        "restart a 1/5, stop c, stop b, start a, start b, restart b 2/5, stop a, start a, start b, start c",
    );
    // Rest-for-one: from the failing child on.
    check(
        &[supervisor("s", RestForOne, 5, three())],
        "started; fail b 1; crash a",
        "restart a 1/5, stop c, stop b, start a, start b, restart b 2/5, start b, start c",
    );
}

#[test]
fn a_stop_that_takes_too_long_is_a_kill() {
    let tree = [supervisor("s", OneForAll, 5, [actor("a"), actor("b")])];
    check(&tree, "started; stubborn b; crash a; wait 4", "restart a 1/5, stop b");
    check(&tree, "started; stubborn b; crash a; wait 5", "restart a 1/5, stop b, kill b killed, start a, start b");
}

#[test]
fn supervisors_nest() {
    let inner = || supervisor("inner", OneForAll, 1, [actor("b"), actor("c")]);
    let tree = [supervisor("outer", RestForOne, 5, [actor("a"), inner(), actor("d")])];
    check(&tree, "started; crash b", "restart b 1/1, stop c, start b, start c");
    check(
        &tree,
        "started; crash b; crash c",
        "restart b 1/1, stop c, start b, start c, inner gave up, stop b, restart inner 1/5, stop d, start b, start c, start d",
    );
    check(&tree, "started; crash a", "restart a 1/5, stop d, stop c, stop b, start a, start b, start c, start d");
}

#[test]
fn what_happens_while_it_is_busy_is_taken_in_afterwards() {
    // c ends while b is being stopped for a's group restart: its end is of the incarnation before.
    let tree = [supervisor("s", OneForAll, 5, [actor("a"), actor("b"), actor("c")])];
    check(&tree, "started; stubborn c; crash a; crash b; end c", "restart a 1/5, stop c, start a, start b, start c");
    // A stop in the middle of a restart: nothing is started any more.
    check(&tree, "started; stubborn c; crash a; halt; end c", "restart a 1/5, stop c, stop b, halt shutdown");
}

#[test]
fn an_operators_restart_is_outside_the_budget() {
    let tree = [supervisor("s", OneForOne, 0, [actor("a"), actor("b")])];
    check(&tree, "started; cycle a", "stop a, start a");
    check(&tree, "started; cycle s", "stop b, stop a, start a, start b");
    // A temporary one too; but nobody tries that twice.
    let tree = [supervisor("s", OneForOne, 0, [actor("a").restart(Temporary)])];
    check(&tree, "started; cycle a; end a", "stop a, start a, forget a");
    check(&tree, "started; fail a 1; cycle a", "stop a, start a, forget a");
}

#[test]
fn a_start_may_find_nothing_to_do() {
    let tree = [supervisor("s", OneForOne, 5, [actor("a"), actor("b")])];
    check(&tree, "ignore a", "start a, start b");
    let tree = [supervisor("s", OneForOne, 5, [actor("a").restart(Temporary), actor("b")])];
    check(&tree, "ignore a", "start a, forget a, start b");
}

#[test]
fn what_is_said_of_an_incarnation_before_is_nothing() {
    let tree = [supervisor("s", OneForOne, 5, [actor("a"), actor("b")])];
    check(&tree, "started; crash a; stale a", "restart a 1/5, start a");
    check(&tree, "started; slow a; crash a; stale a; list s; up a", "restart a 1/5, start a, => [a:alive b:alive]");
    check(
        &tree,
        "started; crash a; stubborn a; halt; stale a; end a",
        "restart a 1/5, start a, stop b, stop a, halt shutdown",
    );
}
