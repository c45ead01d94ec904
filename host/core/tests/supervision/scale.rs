//! Wide and deep trees: at a cost that grows with the tree, and on a stack that does not.

use super::stage::Stage;
use super::stage::{Child, actor, dynamic, nest, supervisor};
use greenroom_core::Restart::Permanent;
use greenroom_core::Strategy::{OneForAll, OneForOne};

#[test]
fn ten_thousand_children() {
    let mut stage = Stage::new(&[dynamic("d", Permanent, 5)]);
    stage.run("started");
    for _ in 0..10_000 {
        stage.run("one d");
    }
    assert_eq!(stage.trace.len(), 20_000);
    stage.run("started; count d");
    assert_eq!(stage.trace, ["=> 1 10000 0 10000"]);
    stage.run("started; halt");
    assert_eq!(stage.trace.iter().filter(|line| line.starts_with("stop")).count(), 10_000);
    assert_eq!(stage.trace.last().unwrap(), "halt shutdown");
}

#[test]
fn ten_thousand_in_one_group() {
    let children: Vec<Child> = (0..10_000).map(|number| actor(&format!("a{number}"))).collect();
    let mut stage = Stage::new(&[nest("s", OneForAll, children)]);
    stage.run("started; crash a5000");
    assert_eq!(stage.trace.len(), 1 + 9_999 + 10_000);
    stage.run("started; exit s killed");
    assert_eq!(stage.trace.len(), 10_000 + 1 + 10_000);
}

#[test]
fn two_thousand_levels() {
    let deep = |leaf: Child| (0..2_000).fold(leaf, |below, level| nest(&format!("s{level}"), OneForOne, vec![below]));
    let mut stage = Stage::new(&[deep(actor("a"))]);
    stage.run("");
    assert_eq!(stage.trace, ["start a"]);
    stage.run("started; crash a; cycle s1999");
    assert_eq!(stage.trace, ["restart a 1/5", "start a", "stop a", "start a"]);
    stage.run("started; exit s1999 killed");
    assert_eq!(stage.trace, ["kill a killed", "restart s1999 1/5", "start a"]);
    stage.reshape(&[deep(actor("b"))]);
    stage.run("started; restart s0 b; terminate root s1999; delete root s1999");
    assert_eq!(stage.trace.len(), 2 + 2 + 2 + 2 + 2_000);
    stage.run("started; halt");
    assert_eq!(stage.trace, ["halt shutdown"]);
    // One level after the other gives up, each with its own budget of none.
    let deep = (0..2_000).fold(actor("a"), |below, level| supervisor(&format!("s{level}"), OneForOne, 0, [below]));
    let mut stage = Stage::new(&[deep]);
    stage.run("started; crash a");
    assert_eq!(stage.trace.len(), 2_000 + 2);
    assert_eq!(stage.trace.last().unwrap(), "start a");
}
