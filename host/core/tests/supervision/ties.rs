//! Links, monitors, names, and what actors spawn.

use super::stage::{Stage, actor, check, supervisor};
use greenroom_core::Strategy::OneForOne;

#[test]
fn links_and_monitors_are_erlangs() {
    let tree = [supervisor("s", OneForOne, 5, [actor("a"), actor("b"), actor("c")])];
    // An abnormal end travels, and each is restarted for itself.
    check(&tree, "started; link a b; crash a", "kill b failed: crash, restart a 1/5, start a, restart b 2/5, start b");
    check(&tree, "started; link a b; end a", "restart a 1/5, start a");
    check(&tree, "started; link a b; unlink b a; crash a", "restart a 1/5, start a");
    check(&tree, "started; link a b; trap b; crash a", "exited a to b failed: crash, restart a 1/5, start a");
    check(&tree, "started; link a b; trap b; end a", "exited a to b normal, restart a 1/5, start a");
    // Kill cannot be trapped; linked actors see `killed`.
    check(
        &tree,
        "started; link a b; trap b; trap a; exit a killed",
        "kill a killed, exited a to b killed, restart a 1/5, start a",
    );
    check(&tree, "started; trap a; exit a shutdown", "exited a to a shutdown");
    check(&tree, "started; exit a normal", "");
    // A monitor fires once, for any end, and at once for one that has ended.
    check(
        &tree,
        "started; monitor 1 b a; end a; crash a",
        "down 1 a to b normal, restart a 1/5, start a, restart a 2/5, start a",
    );
    check(&tree, "started; monitor 1 b a; demonitor 1 b; crash a", "restart a 1/5, start a");
    check(
        &tree,
        "started; spawn x a; crash x; monitor 1 a x; link a x",
        "start x, forget x, down 1 x to a no-actor, kill a no-actor, restart a 1/5, start a",
    );
}

#[test]
fn spawned_actors_are_nobodys_to_restart() {
    let tree = [supervisor("s", OneForOne, 5, [actor("a"), actor("b")])];
    check(&tree, "started; spawn x a; crash x", "start x, forget x");
    check(&tree, "started; spawn-link x a; crash a", "start x, kill x failed: crash, restart a 1/5, start a, forget x");
    check(&tree, "started; spawn x a; crash a", "start x, restart a 1/5, start a");
    check(
        &tree,
        "started; fail x 1; spawn-link x a; wait 0",
        "start x, kill a failed: scripted, forget x, restart a 1/5, start a",
    );
    // A name that was taken meanwhile is a failed start.
    check(&tree, "started; spawn-named x a b", "forget x");
}

#[test]
fn names_are_free_before_anyone_is_told() {
    let mut stage = Stage::new(&[supervisor("s", OneForOne, 5, [actor("a"), actor("b")])]);
    stage.run("started; register a brew; spawn-named x b sour");
    assert_eq!(stage.who_is("brew"), Some("a"));
    assert_eq!(stage.who_is("sour"), Some("x"));
    stage.run("register b brew");
    assert_eq!(stage.who_is("brew"), Some("a"), "a name that is taken stays");
    stage.run("crash a; crash x");
    assert_eq!(stage.who_is("brew"), None);
    assert_eq!(stage.who_is("sour"), None);
    assert_eq!(stage.who_is("a"), Some("a"), "a supervised child keeps its own over a restart");
}
