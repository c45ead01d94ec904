//! Orders to supervisors, with OTP's answers.

use super::stage::Child;
use super::stage::{actor, check, supervisor};
use greenroom_core::AutoShutdown::All;
use greenroom_core::Restart::{Temporary, Transient};
use greenroom_core::Strategy::{OneForAll, OneForOne, RestForOne};

fn pair() -> [Child; 1] {
    [supervisor("s", OneForOne, 5, [actor("a"), actor("b").restart(Transient)])]
}

#[test]
fn starts_are_answered_as_by_otp() {
    check(&pair(), "started; add s c; list s", "start c, => started c, => [a:alive b:alive c:alive]");
    check(&pair(), "started; add s a", "=> already-started");
    check(&pair(), "started; terminate s a; add s a", "stop a, => done, => already-present");
    check(&pair(), "started; end b; add s b", "=> already-present");
    check(&pair(), "started; fail c 1; add s c; list s", "start c, => failed, forget c, => [a:alive b:alive]");
    check(&pair(), "started; ignore c; add s c; list s", "start c, => ignored, => [a:alive b:alive c:undefined]");
    check(
        &pair(),
        "started; ignore c; add-temporary s c; list s",
        "start c, forget c, => ignored, => [a:alive b:alive]",
    );
    check(&pair(), "started; add-significant s c", "=> bad-spec");
    check(&pair(), "started; add root a; add s s; add s root", "=> name-taken, => name-taken, => name-taken");
}

#[test]
fn a_stopped_child_keeps_its_spec() {
    check(&pair(), "started; terminate s a; list s; count s", "stop a, => done, => [a:undefined b:alive], => 2 1 0 2");
    check(&pair(), "started; terminate s a; terminate s a", "stop a, => done, => done");
    check(&pair(), "started; terminate s a; restart s a", "stop a, => done, start a, => started a");
    check(
        &pair(),
        "started; terminate s a; fail a 1; restart s a; list s",
        "stop a, => done, start a, => failed, => [a:undefined b:alive]",
    );
    check(
        &pair(),
        "started; terminate s a; ignore a; restart s a; list s",
        "stop a, => done, start a, => ignored, => [a:undefined b:alive]",
    );
    check(
        &pair(),
        "started; terminate s a; delete s a; list s; add s a",
        "stop a, => done, forget a, => done, => [b:alive], start a, => started a",
    );
    check(&pair(), "started; restart s a; delete s a", "=> running, => running");
    check(&pair(), "started; restart s x; delete s x; terminate s x", "=> not-found, => not-found, => not-found");
    check(&pair(), "started; terminate s root", "=> not-found");
    // A temporary one has no spec to keep.
    let tree = [supervisor("s", OneForOne, 5, [actor("a").restart(Temporary)])];
    check(&tree, "started; terminate s a; restart s a", "stop a, forget a, => done, => not-found");
}

#[test]
fn a_child_that_is_being_restarted_says_so() {
    let tree = [supervisor("s", OneForOne, 9, [actor("a"), actor("b")]).back_off()];
    let waits = "started; crash a; crash a; ";
    let begins = "restart a 1/9, start a, restart a 2/9 in 1 s, ";
    let check = |then: &str, expect: &str| check(&tree, &format!("{waits}{then}"), &format!("{begins}{expect}"));
    check("list s; count s", "=> [a:restarting b:alive], => 2 1 0 2");
    check("restart s a; delete s a; add s a", "=> restarting, => restarting, => already-present");
    // Terminate works at once, and nothing comes of the wait.
    check("terminate s a; list s; wait 9", "=> done, => [a:undefined b:alive]");
    check("terminate s a; restart s a; wait 9", "=> done, start a, => started a");
    check("terminate s a; delete s a; wait 9; list s", "=> done, forget a, => done, => [b:alive]");
}

#[test]
fn a_child_whose_end_is_not_heard_of_yet_is_running() {
    // As in OTP, whose supervisor has the exit signal in its queue, behind the order.
    let tree = |strategy| [supervisor("s", strategy, 5, [actor("a"), actor("b")])];
    let busy = "started; add s c; started; stubborn c; terminate s c; crash a; ";
    check(
        &tree(OneForOne),
        &format!("{busy}list s; end c"),
        "stop c, => done, restart a 1/5, start a, => [a:alive b:alive c:undefined]",
    );
    let before = "started; add s c; started; stubborn c; terminate s c; ";
    check(
        &tree(OneForOne),
        &format!("{before}restart s a; crash a; end c"),
        "stop c, => done, => running, restart a 1/5, start a",
    );
    check(
        &tree(OneForOne),
        &format!("{before}delete s a; crash a; end c"),
        "stop c, => done, => running, restart a 1/5, start a",
    );
    check(
        &tree(OneForOne),
        &format!("{before}add s a; crash a; end c"),
        "stop c, => done, => already-started, restart a 1/5, start a",
    );
    // A terminate of it is the end of the matter.
    check(&tree(OneForOne), &format!("{before}terminate s a; crash a; end c"), "stop c, => done, => done");
}

#[test]
fn what_was_added_goes_and_what_was_deleted_comes_back_with_the_supervisor() {
    let tree = [supervisor("s", OneForOne, 0, [actor("a"), actor("b"), actor("t").restart(Temporary)])];
    check(
        &tree,
        "started; add s x; terminate s a; delete s a; end t; started; crash b; list s",
        "s gave up, stop x, forget x, restart s 1/5, start a, start b, start t, => [a:alive b:alive t:alive]",
    );
    // What was added in the place of one that was deleted is not what the specs say.
    check(
        &tree,
        "started; terminate s a; delete s a; add-temporary s a; started; crash b; crash a",
        "s gave up, stop a, forget a, stop t, forget t, restart s 1/5, start a, start b, start t, s gave up, stop t, forget t, stop b, \
         restart s 2/5, start a, start b, start t",
    );
}

#[test]
fn orders_wait_for_a_supervisor_that_is_busy() {
    let tree = [supervisor("s", OneForAll, 5, [actor("a"), actor("b")])];
    check(
        &tree,
        "started; stubborn b; crash a; list s; end b",
        "restart a 1/5, stop b, start a, start b, => [a:alive b:alive]",
    );
    // One that starts answers when it has; one whose start fails, that it is none.
    check(&tree, "slow b; list s; up b", "start a, start b, => [a:alive b:alive]");
    check(
        &tree,
        "slow b; list s; crash b",
        "start a, start b, stop a, => no-supervisor, halt failed: `s` did not start: failed: `b` did not start: failed: crash",
    );
}

#[test]
fn orders_to_a_supervisor_that_ends_are_refused() {
    let tree = || [supervisor("s", OneForOne, 5, [actor("a"), actor("b")])];
    check(&tree(), "started; halt; list s", "stop b, stop a, halt shutdown, => no-supervisor");
    check(&tree(), "started; stubborn a; halt; list s; end a", "stop b, stop a, => no-supervisor, halt shutdown");
    check(&tree(), "started; list a", "=> no-supervisor");
    check(&tree(), "started; terminate root s; list s", "stop b, stop a, => done, => no-supervisor");
    // Those that wait are refused when it ends; what is under way is answered first.
    check(
        &tree(),
        "started; stubborn b; terminate s b; list s; halt; end b",
        "stop b, => done, stop a, => no-supervisor, halt shutdown",
    );
    check(
        &tree(),
        "started; slow c; add s c; halt; up c",
        "start c, => started c, stop c, stop b, stop a, forget c, halt shutdown",
    );
    check(
        &tree(),
        "started; slow c; add s c; exit s killed; wait 0",
        "start c, => no-supervisor, kill a killed, kill b killed, kill c killed, forget c, restart s 1/5, start a, start b",
    );
}

#[test]
fn specs_that_cannot_be_are_refused() {
    let tree = [supervisor("s", OneForOne, 5, [actor("a")]).auto_shutdown(All)];
    check(&tree, "started; add-significant s x", "=> bad-spec");
    let own = |flags: fn(Child) -> Child| {
        flags(supervisor("new", RestForOne, 5, [actor("x").restart(Transient).significant()]))
    };
    let start = |child: Child, expect: &str| {
        let mut stage = super::stage::Stage::new(&[supervisor("s", OneForOne, 5, [actor("a")])]);
        stage.run("started");
        stage.add("s", child);
        assert_eq!(stage.trace.join(", "), expect);
    };
    start(own(|child| child), "=> bad-spec");
    start(own(|child| child.auto_shutdown(All)), "start x, => started new");
    start(supervisor("outer", OneForOne, 1, [own(|child| child)]), "=> bad-spec");
    start(supervisor("new", OneForOne, 1, [actor("x"), actor("x")]), "=> bad-spec");
    start(supervisor("new", OneForOne, 1, [actor("new")]), "=> bad-spec");
    start(supervisor("new", OneForOne, 1, [actor("a")]), "=> name-taken");
}

#[test]
fn the_names_of_specs_are_theirs_even_without_a_process() {
    let tree = [
        supervisor("s", OneForOne, 5, [actor("a"), supervisor("in", OneForOne, 5, [actor("b")])]),
        supervisor("o", OneForOne, 5, [actor("c")]),
        super::stage::dynamic("d", Temporary, 5),
    ];
    let gone = "started; terminate s a; delete s a; terminate s in; delete s in; started; ";
    check(
        &tree,
        &format!("{gone}add o a; add o b; one d a; add s b"),
        "=> name-taken, => name-taken, => name-taken, => name-taken",
    );
    check(&tree, &format!("{gone}spawn-named x c a; register c b"), "forget x");
    check(&tree, &format!("{gone}add s a; add s in"), "start a, => started a, start in, => started in");
}
