use super::*;
use greenroom::test::{Host, Test};

fn worker() -> (Test<Worker>, Address) {
    let mut host = Host::new();
    let report_to = host.stranger("dispatcher");
    (Test::on(host, Config { job: 7, report_to }), report_to)
}

#[test]
fn primes_are_counted() {
    for (below, expect) in
        [(0, 0), (1, 0), (2, 0), (3, 1), (10, 4), (100, 25), (101, 25), (102, 26), (1_000_000, 78_498)]
    {
        assert_eq!(primes(below), expect, "{below}");
    }
}

#[test]
fn it_says_when_it_is_ready_and_what_came_of_it() {
    let (mut worker, dispatcher) = worker();
    worker.tell(Order::Do { below: 10, crash: false });
    let told: Vec<Order> =
        worker.received(dispatcher).into_iter().map(|envelope| envelope.message.read().unwrap()).collect();
    assert_eq!(told, [Order::Ready { job: 7 }, Order::Finished { job: 7, primes: 4 }]);
    assert_eq!(worker.why_ended(), Some(Reason::Normal));
}

#[test]
fn it_crashes_over_what_it_is_told_to() {
    for (order, expect) in [
        (Order::Do { below: 10, crash: true }, "trapped: job 7 is too much"),
        (Order::Do { below: 1_000_001, crash: false }, "failed: that would take too long"),
    ] {
        let (mut worker, dispatcher) = worker();
        worker.tell(order);
        assert_eq!(worker.why_ended().unwrap().to_string(), expect);
        assert_eq!(worker.received(dispatcher).len(), 1, "and finishes nothing");
    }
}
