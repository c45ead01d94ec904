//! Orders to supervisors, as they travel and as their answers are read; and ending oneself.
#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]

use greenroom::prelude::*;
use greenroom::supervisor::{
    Answer, ChildSpec, ChildState, ChildView, Children, Count, Done, One, Refusal, Restart, Role, Shutdown, Start,
    Supervisor,
};
use greenroom::test::{Host, Test};
use serde_json::json;

/// Gives one order after the other, and keeps what it hears.
struct Foreman {
    heard: Vec<(Option<Question>, String)>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Work {
    Give { order: u32 },
    Wait,
    Started(Result<Start, AskError>),
    Finished(Result<Done, AskError>),
    Listed(Result<Children, AskError>),
    Counted(Result<Count, AskError>),
    Heard,
}

impl Foreman {
    fn hear(&mut self, what: impl std::fmt::Debug, ctx: &Context<Self>) {
        self.heard.push((ctx.answers(), format!("{what:?}")));
    }

    fn give(&self, order: u32, workers: Supervisor, ctx: &mut Context<Self>) -> Result<Question, AskError> {
        let five = 5.s();
        let spec = ChildSpec::new("a", "worker").restart(Restart::Transient).shutdown(Shutdown::After(200.ms()));
        match order {
            0 => workers.start(&ChildSpec::new("a", "worker")).ask(ctx, five, Work::Started),
            1 => workers.start(&spec.config(&json!({ "job": 1 })).unwrap()).ask(ctx, five, Work::Started),
            2 => workers.start_one(&One::new()).ask(ctx, five, Work::Started),
            3 => {
                let one = One::new().named("b").config(&json!({ "job": [-1, null] })).unwrap();
                workers.start_one(&one).ask(ctx, five, Work::Started)
            }
            4 => workers.terminate(workers.address()).ask(ctx, five, Work::Finished),
            5 => workers.restart("a").ask(ctx, five, Work::Started),
            6 => workers.delete("a").ask(ctx, five, Work::Finished),
            7 => workers.children().ask(ctx, five, Work::Listed),
            _ => workers.count().ask(ctx, five, Work::Counted),
        }
    }
}

impl Actor for Foreman {
    type Config = ();
    type Message = Work;

    fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
        Ok(Self { heard: Vec::new() })
    }

    fn handle(&mut self, message: Work, ctx: &mut Context<Self>) -> Result<Next> {
        match message {
            Work::Give { order } => match ctx.supervisor("workers") {
                Ok(workers) => drop(self.give(order, workers, ctx)?),
                Err(why) => self.hear(why, ctx),
            },
            Work::Wait => {
                let counted = ctx.supervisor("workers")?.count().ask_wait(ctx, 1.s());
                self.hear(counted, ctx);
            }
            Work::Started(answer) => self.hear(answer, ctx),
            Work::Finished(answer) => self.hear(answer, ctx),
            Work::Listed(answer) => self.hear(answer.map(|Children { children }| children), ctx),
            Work::Counted(answer) => self.hear(answer, ctx),
            Work::Heard => return ctx.reply(&self.heard),
        }
        Ok(Next::Same)
    }
}

trait Heard {
    fn heard(&mut self) -> Vec<String>;
}

impl Heard for Test<Foreman> {
    fn heard(&mut self) -> Vec<String> {
        let heard: Vec<(Option<u64>, String)> = self.ask(Work::Heard).unwrap();
        heard.into_iter().map(|(_, what)| what).collect()
    }
}

fn foreman() -> (Test<Foreman>, Address) {
    let mut host = Host::new();
    let workers = host.stranger("workers");
    (Test::on(host, ()), workers)
}

/// What an order is on its way, and what is made of the answer.
#[track_caller]
fn check(order: u32, kind: &str, body: serde_json::Value, answer: Result<Answer, &str>, expect: &str) {
    let (mut foreman, workers) = foreman();
    foreman.tell(Work::Give { order });
    let question = foreman.received(workers).remove(0);
    assert_eq!(question.message.kind, kind);
    let sent = if question.message.body.is_empty() { json!(null) } else { question.message.read().unwrap() };
    let expected_body = body.to_string().replace("WORKERS", &workers.to_string());
    assert_eq!(sent.to_string(), expected_body);
    foreman.answer(&question, answer.as_ref().map_err(|text| AskError::Refused((*text).into())));
    assert_eq!(foreman.heard(), [expect]);
}

#[test]
fn orders_and_answers_are_the_hosts() {
    let address = Address { node: 1, key: 0xab };
    let started = || Ok(Answer::Started { address });
    let runs = "Ok(Started { address: <0000000000000001-00000000000000ab> })";
    let plain = json!({ "name": "a", "behavior": "worker", "restart": "permanent", "shutdown": "5s" });
    check(0, "start-child", plain, started(), runs);
    let full = json!({
        "name": "a", "behavior": "worker", "restart": "transient", "shutdown": "200ms", "config": { "job": 1 },
    });
    check(1, "start-child", full, Ok(Answer::Ignored), "Ok(Ignored)");
    check(2, "start-child", json!({}), started(), runs);
    check(3, "start-child", json!({ "name": "b", "config": { "job": [-1, null] } }), started(), runs);
    check(4, "terminate-child", json!({ "child": "WORKERS" }), Ok(Answer::Done), "Ok(Done)");
    check(5, "restart-child", json!({ "child": "a" }), Ok(Answer::Done), "Ok(Released)");
    let refused = "not-found: the supervisor has no such child";
    check(6, "delete-child", json!({ "child": "a" }), Err(refused), &format!("Err(Refused({refused:?}))"));
    let view = ChildView {
        name: "a".into(),
        address: Some(address),
        role: Role::Worker,
        restart: Restart::Permanent,
        state: ChildState::Restarting,
    };
    let listed = format!("Ok([{view:?}])");
    check(7, "which-children", json!(null), Ok(Answer::Children { children: vec![view] }), &listed);
    let count = Count { specs: 3, active: 2, supervisors: 1, workers: 2 };
    check(8, "count-children", json!(null), Ok(Answer::Count(count)), &format!("Ok({count:?})"));
}

#[test]
fn what_the_host_writes_is_read() {
    let view: ChildView = serde_json::from_value(json!({
        "name": "a", "address": "0000000000000001-00000000000000ab", "type": "supervisor", "restart": "temporary",
        "state": "quarantined",
    }))
    .unwrap();
    assert_eq!((view.role, view.state), (Role::Supervisor, ChildState::Quarantined));
    let count: Count = Message::new("count", r#"{"specs":1,"active":0,"supervisors":0,"workers":0}"#).read().unwrap();
    assert_eq!(count, Count { specs: 1, ..Count::default() });
}

#[test]
fn several_answers_are_told_apart() {
    let (mut foreman, workers) = foreman();
    foreman.tell(Work::Give { order: 2 });
    foreman.tell(Work::Give { order: 2 });
    let questions = foreman.received(workers);
    for question in questions.iter().rev() {
        foreman.answer(question, Ok(&Answer::Ignored));
    }
    let heard: Vec<(Option<u64>, String)> = foreman.ask(Work::Heard).unwrap();
    let answers: Vec<_> = heard.into_iter().map(|(question, _)| question).collect();
    let asked: Vec<_> = questions.iter().rev().map(|question| question.request).collect();
    assert!(asked[0].is_some() && asked[0] != asked[1]);
    assert_eq!(answers, asked);
}

#[test]
fn a_supervisor_that_is_not_there_or_not_granted_is_an_error_at_once() {
    let mut nobody = Test::<Foreman>::start(());
    nobody.tell(Work::Give { order: 8 });
    assert_eq!(nobody.heard(), ["NoActor"]);
    let (mut foreman, _) = foreman();
    foreman.deny("supervise:workers");
    foreman.tell(Work::Give { order: 8 });
    assert_eq!(foreman.heard(), [r#"NotGranted("supervise:workers")"#]);
}

#[test]
fn an_order_can_be_waited_for() {
    let (mut foreman, _) = foreman();
    foreman.tell(Work::Wait);
    assert_eq!(foreman.heard(), ["Err(TimedOut)"]);
}

#[test]
fn refusals_are_known_by_their_words() {
    let check = |text: &str, expect: Option<Refusal>| {
        assert_eq!(Refusal::of(&AskError::Refused(text.into())), expect, "{text}");
    };
    check("already-started: it runs", Some(Refusal::AlreadyStarted));
    check("failed: the child did not start: trapped: here", Some(Refusal::Failed));
    check("something else", None);
    check("unheard-of: it is", None);
    check(&Refusal::NoSupervisor.because("it ends"), Some(Refusal::NoSupervisor));
    assert_eq!(Refusal::of(&AskError::TimedOut), None);
}

#[test]
fn how_a_child_is_stopped_has_a_form() {
    let check = |json: &str, expect: Shutdown| {
        let read: Shutdown = serde_json::from_str(json).unwrap();
        assert_eq!((read, serde_json::to_string(&read).unwrap().as_str()), (expect, json));
    };
    check("\"brutal\"", Shutdown::Brutal);
    check("\"infinity\"", Shutdown::Infinity);
    check("\"2s\"", Shutdown::After(2.s()));
    let error = serde_json::from_str::<Shutdown>("\"soon\"").unwrap_err().to_string();
    assert!(error.contains("infinity"), "{error}");
}

/// Ends itself as it is told.
struct Quitter {
    heard: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Leave {
    Trap,
    Quit { why: Reason },
    HowOften,
}

impl Actor for Quitter {
    type Config = ();
    type Message = Leave;

    fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
        Ok(Self { heard: 0 })
    }

    fn handle(&mut self, message: Leave, ctx: &mut Context<Self>) -> Result<Next> {
        self.heard += 1;
        match message {
            Leave::Trap => ctx.trap_exits(true),
            Leave::Quit { why } => return ctx.stop(&why),
            Leave::HowOften => return ctx.reply(&self.heard),
        }
        Ok(Next::Same)
    }

    fn exited(&mut self, _: Address, _: Reason, _: &mut Context<Self>) -> Result<Next> {
        self.heard += 1;
        Ok(Next::Same)
    }
}

#[test]
fn an_actor_ends_itself_with_any_reason() {
    for why in [Reason::Normal, Reason::Shutdown, Reason::Failed("enough".into()), Reason::Killed] {
        for traps in [false, true] {
            let mut quitter = Test::<Quitter>::start(());
            if traps {
                quitter.tell(Leave::Trap);
            }
            quitter.tell(Leave::Quit { why: why.clone() });
            assert_eq!(quitter.why_ended(), Some(why.clone()), "trapping: {traps}");
        }
    }
}
