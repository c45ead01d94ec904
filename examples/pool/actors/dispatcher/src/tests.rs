use super::*;
use greenroom::supervisor::{Answer, ChildView, Refusal, Restart, Role};
use greenroom::test::{Host, Test};
use greenroom::{Envelope, Reason};

struct Shop {
    dispatcher: Test<Dispatcher>,
    workers: Address,
    client: Address,
}

/// A dispatcher whose supervisor and workers are played by the test, and a job of somebody's.
fn shop(crashes: u32) -> Shop {
    let mut host = Host::new();
    let (workers, client) = (host.stranger("workers"), host.stranger("client"));
    let mut dispatcher = Test::on(host, Config { workers: "workers".into(), most: 2 });
    dispatcher.tell_by(client, Order::Work { below: 10, crashes });
    Shop { dispatcher, workers, client }
}

impl Shop {
    fn ordered(&mut self, kind: &str) -> Envelope {
        let order = self.dispatcher.received(self.workers).pop().unwrap();
        assert_eq!(order.message.kind, kind);
        order
    }

    /// The supervisor starts a worker, which says so, and gets its job.
    fn hire(&mut self) -> Address {
        let order = self.ordered("start-child");
        let worker = self.dispatcher.stranger("worker");
        self.dispatcher.answer(&order, Ok(&Answer::Started { address: worker }));
        self.come(worker);
        worker
    }

    fn come(&mut self, worker: Address) -> Task {
        self.dispatcher.tell_by(worker, Order::Ready { job: 1 });
        self.dispatcher.received(worker).remove(0).message.read().unwrap()
    }

    fn answer_look(&mut self, worker: Address, state: Option<ChildState>) {
        let order = self.ordered("which-children");
        let child = |state| ChildView {
            name: "w".into(),
            address: Some(worker),
            role: Role::Worker,
            restart: Restart::Transient,
            state,
        };
        let children = state.map(child).into_iter().collect();
        self.dispatcher.answer(&order, Ok(&Answer::Children { children }));
    }

    fn report(&mut self) -> (u64, u64, usize) {
        let Report { done, failed, open } = self.dispatcher.ask(Order::Report).unwrap();
        (done, failed, open)
    }
}

#[test]
fn a_job_is_done_by_a_worker_of_its_own() {
    let mut shop = shop(0);
    let worker = shop.hire();
    // Only its own worker says what came of it.
    shop.dispatcher.tell_by(shop.client, Order::Finished { job: 1, primes: 9 });
    assert_eq!(shop.report(), (0, 0, 1));
    shop.dispatcher.tell_by(worker, Order::Finished { job: 1, primes: 4 });
    assert_eq!(shop.report(), (1, 0, 0));
}

#[test]
fn one_that_crashes_is_waited_for_as_long_as_it_comes_back() {
    let mut shop = shop(1);
    let worker = shop.hire();
    shop.dispatcher.end(worker, Reason::Trapped("x".into()));
    shop.answer_look(worker, Some(ChildState::Restarting));
    assert_eq!(shop.report(), (0, 0, 1));
    shop.dispatcher.advance(LOOK);
    shop.answer_look(worker, Some(ChildState::Quarantined));
    assert_eq!(shop.report(), (0, 1, 0));
    let order = shop.ordered("terminate-child");
    assert!(String::from_utf8(order.message.body).unwrap().contains(&worker.to_string()));
}

#[test]
fn one_that_is_gone_is_given_up() {
    let mut shop = shop(0);
    let worker = shop.hire();
    shop.dispatcher.end(worker, Reason::Shutdown);
    shop.answer_look(worker, None);
    assert_eq!(shop.report(), (0, 1, 0));
}

#[test]
fn no_worker_is_no_job() {
    let mut shop = shop(0);
    let order = shop.ordered("start-child");
    let refusal = AskError::Refused(Refusal::Failed.because("the child did not start"));
    shop.dispatcher.answer::<Answer>(&order, Err(refusal));
    assert_eq!(shop.report(), (0, 1, 0));
    let refused = shop.dispatcher.ask::<Outcome>(Order::Work { below: 1_000_001, crashes: 0 });
    assert!(matches!(refused, Err(AskError::Refused(_))), "{refused:?}");
}

#[test]
fn there_are_only_so_many_at_a_time() {
    let mut shop = shop(0);
    shop.dispatcher.tell(Order::Work { below: 10, crashes: 0 });
    let refused = shop.dispatcher.ask::<Outcome>(Order::Work { below: 10, crashes: 0 });
    assert!(matches!(&refused, Err(AskError::Refused(why)) if why.contains("2 jobs")), "{refused:?}");
    assert_eq!(shop.report(), (0, 0, 2));
}
