//! The actor on the virtual host, with children that do as they are told.

use super::*;
use greenroom::supervisor::{Children, Count, Done, Refusal, Restart, Start};
use greenroom::test::{Host, Test};

/// A child: stops when it is told to.
struct Simple;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Simply {
    Stop,
}

impl Actor for Simple {
    type Config = ();
    type Message = Simply;

    fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
        Ok(Self)
    }

    fn handle(&mut self, _: Simply, _: &mut Context<Self>) -> Result<Next> {
        Ok(Next::Stop)
    }
}

#[derive(Serialize)]
struct Table {
    intensity: Intensity,
    children: Vec<ChildSpec>,
}

fn supervisor() -> Test<OneForOne> {
    let mut host = Host::new();
    host.behavior::<Simple>("simple", &());
    let children = vec![ChildSpec::new("a", "simple"), ChildSpec::new("b", "simple").restart(Restart::Transient)];
    Test::on(host, Table { intensity: Intensity { restarts: 1, within: 10.s() }, children })
}

fn running(supervisor: &mut Test<OneForOne>) -> Vec<String> {
    let Children { children } = supervisor.ask(Order::WhichChildren).unwrap();
    children.into_iter().filter(|child| child.address.is_some()).map(|child| child.name).collect()
}

#[test]
fn children_are_linked_and_brought_back() {
    let mut supervisor = supervisor();
    assert_eq!(running(&mut supervisor), ["a", "b"]);
    let before = supervisor.lookup("a").unwrap();
    supervisor.end(before, Reason::OutOfTime);
    assert_eq!(running(&mut supervisor), ["a", "b"]);
    assert_ne!(supervisor.lookup("a"), Some(before));
    // One too many.
    let b = supervisor.lookup("b").unwrap();
    supervisor.end(b, Reason::OutOfMemory);
    assert_eq!(supervisor.why_ended(), Some(Reason::Shutdown));
    assert_eq!(supervisor.lookup("a"), None);
}

#[test]
fn orders_are_the_hosts() {
    let mut supervisor = supervisor();
    let child = |name: &str| name.to_owned();
    let added = supervisor.ask::<Start>(Order::StartChild(ChildSpec::new("d", "simple")));
    assert_eq!(added.unwrap(), Start::Started { address: supervisor.lookup("d").unwrap() });
    let again = supervisor.ask::<Start>(Order::RestartChild { child: child("d") }).unwrap_err();
    assert_eq!(Refusal::of(&again), Some(Refusal::Running));
    assert_eq!(supervisor.ask(Order::TerminateChild { child: child("d") }), Ok(Done));
    assert_eq!(supervisor.ask(Order::CountChildren), Ok(Count { specs: 3, active: 2, supervisors: 0, workers: 3 }));
    assert_eq!(supervisor.ask(Order::DeleteChild { child: child("d") }), Ok(Done));
    assert_eq!(running(&mut supervisor), ["a", "b"]);
}

#[test]
fn it_stops_its_children_when_it_is_stopped() {
    let mut supervisor = supervisor();
    supervisor.tell(Order::Stop);
    assert_eq!((supervisor.why_ended(), supervisor.lookup("a")), (Some(Reason::Normal), None));
    let mut supervisor = self::supervisor();
    let (a, whom) = (supervisor.lookup("a").unwrap(), supervisor.address());
    supervisor.stop(whom);
    assert_eq!(supervisor.ended(a), Some(Reason::Shutdown));
}

#[test]
fn new_code_keeps_the_children_and_a_restart_has_new_ones() {
    let mut supervisor = supervisor().swap::<OneForOne>();
    let a = supervisor.lookup("a").unwrap();
    assert_eq!(running(&mut supervisor), ["a", "b"]);
    // The links are as they were: an end is heard of, and an order of before is none.
    supervisor.tell_by(a, Order::Again { child: "a".into() });
    supervisor.end(a, Reason::Killed);
    assert_eq!(running(&mut supervisor), ["a", "b"]);
    let second = supervisor.lookup("a").unwrap();
    supervisor.restart();
    assert_eq!(running(&mut supervisor), ["a", "b"]);
    assert_eq!(supervisor.ended(second), Some(Reason::Killed));
}

#[test]
fn a_behavior_that_cannot_be_spawned_is_a_start_that_failed() {
    let mut supervisor = supervisor();
    supervisor.deny("spawn:secret");
    let refused = supervisor.ask::<Start>(Order::StartChild(ChildSpec::new("d", "secret"))).unwrap_err();
    assert_eq!(Refusal::of(&refused), Some(Refusal::Failed));
    assert!(refused.to_string().contains("spawn:secret"), "{refused}");
}
