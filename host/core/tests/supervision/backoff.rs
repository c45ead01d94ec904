//! Waits between restarts: beyond OTP.

use super::stage::{Child, actor, check, supervisor};
use greenroom_core::Restart::Transient;
use greenroom_core::Strategy::{self, OneForAll, OneForOne, RestForOne};

fn tree(strategy: Strategy, restarts: u32) -> [Child; 1] {
    [supervisor("s", strategy, restarts, [actor("a"), actor("b"), actor("c")]).back_off()]
}

#[test]
fn each_restart_in_a_row_waits_longer() {
    check(
        &tree(OneForOne, 9),
        "started; crash b; crash b; wait 1; crash b; wait 1; list s; wait 1; crash b; wait 4",
        "restart b 1/9, start b, restart b 2/9 in 1 s, start b, restart b 3/9 in 2 s, => [a:alive b:restarting c:alive], \
         start b, restart b 4/9 in 4 s, start b",
    );
    // Each child has its own; starts that fail are restarts in the row.
    check(&tree(OneForOne, 9), "started; crash b; crash a", "restart b 1/9, start b, restart a 2/9, start a");
    check(
        &tree(OneForOne, 9),
        "started; fail b 2; crash b; wait 1; wait 2",
        "restart b 1/9, start b, restart b 2/9 in 1 s, start b, restart b 3/9 in 2 s, start b",
    );
}

#[test]
fn it_begins_anew_for_a_child_that_was_well() {
    check(
        &tree(OneForOne, 9),
        "started; crash b; crash b; wait 1; wait 10; crash b",
        "restart b 1/9, start b, restart b 2/9 in 1 s, start b, restart b 3/9, start b",
    );
    check(
        &tree(OneForOne, 9),
        "started; crash b; crash b; wait 1; wait 9; crash b",
        "restart b 1/9, start b, restart b 2/9 in 1 s, start b, restart b 3/9 in 2 s",
    );
}

#[test]
fn a_group_waits_together() {
    check(
        &tree(OneForAll, 9),
        "started; crash b; crash b; list s; wait 1",
        "restart b 1/9, stop c, stop a, start a, start b, start c, restart b 2/9 in 1 s, stop c, stop a, \
         => [a:undefined b:restarting c:undefined], start a, start b, start c",
    );
    check(
        &tree(RestForOne, 9),
        "started; crash b; crash b; wait 1",
        "restart b 1/9, stop c, start b, start c, restart b 2/9 in 1 s, stop c, start b, start c",
    );
    // Another of the group that ends meanwhile restarts it at once: the wait is over.
    check(
        &tree(RestForOne, 9),
        "started; crash b; crash b; crash a; wait 9",
        "restart b 1/9, stop c, start b, start c, restart b 2/9 in 1 s, stop c, restart a 3/9, start a, start b, start c",
    );
}

#[test]
fn a_wait_ends_with_what_it_is_for() {
    let begins = "started; crash b; crash b; started; ";
    let check = |then: &str, expect: &str| check(&tree(OneForOne, 9), &format!("{begins}{then}"), expect);
    check("terminate s b; wait 9", "=> done");
    check("halt; wait 9", "stop c, stop a, halt shutdown");
    check("exit s killed; wait 9", "kill a killed, kill c killed, restart s 1/5, start a, start b, start c");
    // An operator need not wait.
    check("cycle b; wait 9", "start b");
    // A wait that was given up says nothing about a later one.
    check(
        "terminate s b; restart s b; crash b; wait 1; list s; wait 1",
        "=> done, start b, => started b, restart b 3/9 in 2 s, => [a:alive b:restarting c:alive], start b",
    );
}

#[test]
fn a_wait_ends_with_its_supervisor() {
    // Killed at 5 s, in a wait until 7 s; started again, it waits until 8 s.
    check(
        &tree(OneForOne, 9),
        "started; crash b; crash b; wait 1; crash b; wait 2; crash b; wait 2; exit s killed; crash b; crash b; wait 1; \
         started; crash b; wait 1; list s; wait 1",
        "restart b 3/9 in 2 s, => [a:alive b:restarting c:alive], start b",
    );
}

#[test]
fn the_budget_is_spent_all_the_same() {
    check(
        &tree(OneForOne, 1),
        "started; crash b; crash b",
        "restart b 1/1, start b, s gave up, stop c, stop a, restart s 1/5, start a, start b, start c",
    );
    // Beneath a supervisor that is restarted, it is as if nothing had happened.
    check(
        &[supervisor("s", OneForOne, 1, [actor("a").restart(Transient)]).back_off()],
        "started; crash a; crash a; crash a",
        "restart a 1/1, start a, s gave up, restart s 1/5, start a, restart a 1/1, start a",
    );
}
