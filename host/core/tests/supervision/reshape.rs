//! A changed manifest: OTP's code change of a supervisor.

use super::stage::{Child, Stage, actor, dynamic, supervisor};
use greenroom_core::AutoShutdown::Any;
use greenroom_core::Restart::{Permanent, Temporary, Transient};
use greenroom_core::Strategy::{OneForAll, OneForOne};

/// Runs one script, gives the tree other specs, and runs another. What the first did is left out.
#[track_caller]
fn check(before: &[Child], first: &str, after: &[Child], then: &str, expect: &str) {
    let mut stage = Stage::new(before);
    stage.run(first);
    stage.trace.clear();
    stage.reshape(after);
    stage.run(then);
    assert_eq!(stage.trace.join(", "), expect, "{first} | {then}");
}

#[test]
fn nothing_starts_or_stops_by_itself() {
    let before = [supervisor("s", OneForOne, 5, [actor("a"), actor("b")])];
    let after = [supervisor("s", OneForOne, 5, [actor("c"), actor("a")])];
    check(&before, "", &after, "list s", "=> [c:undefined a:alive b:alive]");
    // New ones start when asked for.
    check(&before, "", &after, "restart s c; list s", "start c, => started c, => [c:alive a:alive b:alive]");
    // Removed ones run until they are stopped, and are restarted meanwhile.
    check(
        &before,
        "",
        &after,
        "crash b; terminate s b; delete s b; list s",
        "restart b 1/5, start b, stop b, => done, forget b, => done, => [c:undefined a:alive]",
    );
    // One that did not run is gone with its spec.
    check(&before, "terminate s b", &after, "list s", "forget b, => [c:undefined a:alive]");
    // The supervisor's own restart has the specs, and nothing else.
    check(&before, "", &after, "cycle s; list s", "stop b, stop a, forget b, start c, start a, => [c:alive a:alive]");
}

#[test]
fn changed_specs_apply_at_the_next_restart() {
    let with = |restart| [supervisor("s", OneForOne, 5, [actor("a").restart(restart), actor("b")])];
    check(&with(Permanent), "", &with(Temporary), "crash a", "forget a");
    check(&with(Permanent), "", &with(Transient), "end a; crash b", "restart b 1/5, start b");
    check(&with(Temporary), "", &with(Permanent), "crash a", "restart a 1/5, start a");
    // A temporary one that has ended is a new child then.
    check(
        &with(Temporary),
        "crash a",
        &with(Permanent),
        "list s; restart s a",
        "=> [a:undefined b:alive], start a, => started a",
    );
}

#[test]
fn flags_apply_at_once() {
    let with = |strategy, restarts| [supervisor("s", strategy, restarts, [actor("a"), actor("b")])];
    check(&with(OneForOne, 5), "", &with(OneForAll, 5), "crash a", "restart a 1/5, stop b, start a, start b");
    // What was made counts on.
    check(
        &with(OneForOne, 5),
        "crash a",
        &with(OneForOne, 1),
        "crash a",
        "s gave up, stop b, restart s 1/5, start a, start b",
    );
    check(&with(OneForOne, 1), "crash a", &with(OneForOne, 2), "crash a", "restart a 2/2, start a");
    let child = || actor("a").restart(Transient).significant();
    let never = [supervisor("s", OneForOne, 5, [actor("a").restart(Transient), actor("b")]).restart(Transient)];
    let any = [supervisor("s", OneForOne, 5, [child(), actor("b")]).auto_shutdown(Any).restart(Transient)];
    check(&never, "", &any, "end a", "s shuts down, stop b");
    check(&any, "", &never, "end a", "");
}

#[test]
fn what_is_pending_stays_pending() {
    let before = [supervisor("s", OneForOne, 5, [actor("a"), actor("b")]).back_off()];
    let after = [supervisor("s", OneForOne, 5, [actor("b")]).back_off()];
    // A removed child that waits for its restart runs on, so to say.
    check(
        &before,
        "crash a; crash a",
        &after,
        "list s; wait 1; list s",
        "=> [b:alive a:restarting], start a, => [b:alive a:alive]",
    );
    let parked = [supervisor("s", OneForOne, 0, [actor("a"), actor("b")]).quarantine()];
    check(&parked, "crash a", &after, "list s; cycle a", "=> [b:alive a:parked], release a, start a");
    // While the supervisor starts or stops children: those that left are gone over.
    let slow = [supervisor("s", OneForAll, 5, [actor("a"), actor("b"), actor("c")])];
    check(
        &slow,
        "crash a; slow b; crash b",
        &[supervisor("s", OneForAll, 5, [actor("b")])],
        "up b; list s",
        "forget c, => [b:alive a:alive]",
    );
}

#[test]
fn nested_and_dynamic_supervisors_change_too() {
    let before =
        [supervisor("s", OneForOne, 5, [supervisor("in", OneForOne, 5, [actor("a")]), dynamic("d", Permanent, 5)])];
    let after = [supervisor(
        "s",
        OneForOne,
        5,
        [supervisor("in", OneForAll, 5, [actor("a"), actor("b")]), dynamic("d", Temporary, 5)],
    )];
    check(
        &before,
        "",
        &after,
        "restart in b; crash a",
        "start b, => started b, restart a 1/5, stop b, start a, start b",
    );
    // A template is for those to come.
    check(
        &before,
        "one d x",
        &after,
        "one d y; crash y; crash x",
        "start y, => started y, forget y, restart x 1/5, start x",
    );
    // One that is something else now is so when its supervisor starts again.
    let other = [supervisor("s", OneForOne, 5, [actor("in"), dynamic("d", Permanent, 5)])];
    check(&before, "", &other, "crash a; cycle s", "restart a 1/5, start a, stop a, forget a, forget in, start in");
}

#[test]
fn names_of_new_specs_are_kept_for_them() {
    let before = [supervisor("s", OneForOne, 5, [actor("a"), actor("b")])];
    let after = [supervisor("s", OneForOne, 5, [actor("a")]), supervisor("n", OneForOne, 5, [actor("c")])];
    check(&before, "", &after, "spawn-named x a c", "forget x");
    // One that was removed and is gone leaves its name to anybody.
    check(&before, "terminate s b", &after, "spawn-named x a b", "forget b, start x");
}
