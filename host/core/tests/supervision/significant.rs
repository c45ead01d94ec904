//! Significant children and auto-shutdown (OTP 24).

use super::stage::{Child, actor, check, dynamic, supervisor};
use greenroom_core::AutoShutdown::{All, Any, Never};
use greenroom_core::Restart::{Permanent, Temporary, Transient};
use greenroom_core::Strategy::{OneForAll, OneForOne};

fn child(name: &str) -> Child {
    actor(name).restart(Transient).significant()
}

#[test]
fn any_ends_the_supervisor() {
    let tree =
        [supervisor("s", OneForOne, 5, [child("a"), child("b"), actor("c")]).auto_shutdown(Any).restart(Transient)];
    check(&tree, "started; end a", "s shuts down, stop c, stop b");
    check(&tree, "started; reason a shutdown", "s shuts down, stop c, stop b");
    // A restart is no end, and neither is what somebody asked for.
    check(&tree, "started; crash a", "restart a 1/5, start a");
    check(&tree, "started; terminate s a", "stop a, => done");
    check(&tree, "started; end c", "restart c 1/5, start c");
}

#[test]
fn all_waits_for_the_last() {
    let tree =
        [supervisor("s", OneForOne, 5, [child("a"), child("b"), actor("c")]).auto_shutdown(All).restart(Transient)];
    check(&tree, "started; end a", "");
    check(&tree, "started; end a; end b", "s shuts down, stop c");
    // Terminated is gone, but does not end it; the next that ends by itself does.
    check(&tree, "started; terminate s a; end b", "stop a, => done, s shuts down, stop c");
    check(&tree, "started; end a; terminate s b", "stop b, => done");
    check(&tree, "started; end a; restart s a; end b", "start a, => started a");
    // One that waits for its restart is not gone.
    let waits =
        [supervisor("s", OneForOne, 5, [child("a"), child("b")]).auto_shutdown(All).back_off().restart(Transient)];
    check(&waits, "started; crash a; crash a; end b", "restart a 1/5, start a, restart a 2/5 in 1 s");
    // Neither is one that crashed, and whose crash the supervisor has not come to yet.
    check(
        &tree,
        "started; stubborn c; terminate s c; end a; crash b; end c",
        "stop c, => done, restart b 1/5, start b",
    );
}

#[test]
fn a_temporary_one_counts_for_any_end() {
    let tree = [supervisor("s", OneForOne, 5, [actor("a").restart(Temporary).significant(), actor("b")])
        .auto_shutdown(Any)
        .restart(Transient)];
    check(&tree, "started; crash a", "forget a, s shuts down, stop b");
    // As a bystander of a group restart it was stopped, and did not end by itself.
    let tree =
        [supervisor("s", OneForAll, 5, [actor("a").restart(Temporary).significant(), actor("b")]).auto_shutdown(Any)];
    check(&tree, "started; crash b", "restart b 1/5, stop a, forget a, start b");
}

#[test]
fn it_goes_up_through_nested_supervisors() {
    let inner = |restart| supervisor("in", OneForOne, 5, [child("a"), actor("b")]).auto_shutdown(Any).restart(restart);
    let outer =
        |inner: Child| [supervisor("s", OneForOne, 5, [inner, actor("c")]).auto_shutdown(All).restart(Transient)];
    check(&outer(inner(Transient).significant()), "started; end a", "in shuts down, stop b, s shuts down, stop c");
    check(
        &outer(inner(Temporary).significant()),
        "started; end a",
        "in shuts down, stop b, forget a, forget b, forget in, s shuts down, stop c",
    );
    check(&outer(inner(Permanent)), "started; end a", "in shuts down, stop b, restart in 1/5, start a, start b");
    check(&outer(inner(Transient)), "started; end a", "in shuts down, stop b");
}

#[test]
fn a_dynamic_one_ends_with_its_children() {
    let tree = |when| [dynamic("d", Temporary, 5).each_significant().auto_shutdown(when).restart(Transient)];
    check(&tree(Any), "one d x; one d y; started; end x", "forget x, d shuts down, stop y, forget y");
    check(&tree(All), "one d x; one d y; started; end x; crash y", "forget x, forget y, d shuts down");
    check(&[dynamic("d", Temporary, 5).auto_shutdown(Never)], "one d x; started; end x", "forget x");
}
