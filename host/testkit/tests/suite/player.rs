//! Plays a script on a running host: gives orders and sends messages from outside, and has puppets do what actors do. A
//! step is over when the host is quiet: then all that is seen of it is written down.

use crate::lines::{self, Cast};
use crate::tree;
use greenroom_core::Message;
use greenroom_engine::{CallError, Exit, StartError};
use greenroom_testkit::{Stage, message};
use serde_json::{Value, json};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// What a host did: the lines of each step.
pub(crate) type Trace = Vec<Vec<String>>;

/// How long answers are waited for: longer than any script takes.
const HOUR: Duration = Duration::from_secs(3600);

type Answer = Result<Message, CallError>;
type Question = Pin<Box<dyn Future<Output = Answer>>>;

/// A question that the host may answer in a later step.
struct Open {
    question: Question,
    answer: Option<Answer>,
    /// Whose addresses the answer brings.
    whose: Vec<String>,
    asked: Asked,
}

#[derive(Clone, Copy)]
enum Asked {
    Supervisor,
    Puppet,
}

struct Player {
    stage: Stage,
    seen: lines::Seen,
    cast: Cast,
    open: Vec<Open>,
    grants: Vec<String>,
    /// New builds so far.
    builds: u8,
    /// Children without a name so far.
    nameless: u32,
    /// Whether the host was told to stop.
    stopped: bool,
    over: bool,
    trace: Trace,
}

/// Plays a script to its end.
pub(crate) async fn play(tree: &str, reshaped: &str, script: &[String]) -> Trace {
    let grants = grants(script);
    let start = script.iter().position(|step| step == "start");
    let plot = plot(&script[..start.unwrap_or(0)]);
    let stage = Stage::prepare(&tree::manifest(tree, &plot, &grants)).await;
    let mut player = Player {
        seen: lines::Seen::new(stage.handle()),
        stage,
        cast: Cast::default(),
        open: Vec::new(),
        grants,
        builds: 0,
        nameless: 0,
        stopped: false,
        over: false,
        trace: Vec::new(),
    };
    let started = player.stage.begin().await;
    player.meet();
    player.settle(started).await;
    if start.is_none() {
        player.trace.clear();
    }
    for step in script.iter().skip(start.map_or(0, |at| at + 1)) {
        match step.as_str() {
            "mark" => player.trace.push(vec!["mark".into()]),
            "reshape" => player.reshape(reshaped).await,
            step => player.step(step).await,
        }
        player.settle(Ok(())).await;
    }
    player.trace
}

/// What puppets must be allowed to do: spawn others, find the director, take the names of the script.
fn grants(script: &[String]) -> Vec<String> {
    let mut grants = vec!["spawn:puppet".to_owned(), "ask:director".to_owned()];
    for step in script {
        let words: Vec<_> = step.split(' ').collect();
        let name = match *words {
            ["register", _, name] => Some(name),
            ["spawn", ..] => words.iter().find_map(|word| word.strip_prefix("name=")),
            _ => None,
        };
        grants.extend(name.map(|name| format!("register:{name}")));
    }
    grants.sort();
    grants.dedup();
    grants
}

/// What comes before the start: the director cannot be told any more, it has to know.
fn plot(script: &[String]) -> Value {
    let mut plot = json!({ "fail": {}, "ignore": {}, "stubborn": [] });
    for step in script {
        match *step.split(' ').collect::<Vec<_>>() {
            [what @ ("fail" | "ignore"), who, times] => plot[what][who] = json!(times.parse::<u32>().unwrap()),
            ["stubborn", who] => plot["stubborn"].as_array_mut().unwrap().push(json!(who)),
            _ => panic!("`{step}` cannot come before the start"),
        }
    }
    plot
}

impl Player {
    async fn step(&mut self, line: &str) {
        let words: Vec<_> = line.split(' ').collect();
        match *words {
            ["stop"] => {
                self.stopped = true;
                self.stage.host().stop();
            }
            ["crash", who] => self.end(who, "failed").await,
            ["end", who, why] => self.end(who, why).await,
            [what @ ("fail" | "ignore"), who, times] => {
                let times: u32 = times.parse().unwrap();
                drop(self.direct(what, json!({ "who": who, "times": times })).await);
            }
            ["stubborn", who] => drop(self.direct("stubborn", json!({ "who": who })).await),
            ["wait", time] => self.stage.advance(tree::time(time)).await,
            ["exit", who, "killed"] => self.stage.handle().kill(&self.cast.whom(who)).await.unwrap(),
            ["exit", who, why, "from", from] => {
                self.puppet(from, "exit", json!({ "whom": self.cast.whom(who), "why": why }));
            }
            ["lookup", name] => {
                let who = self.stage.handle().show(name).map(|node| self.cast.who(&node.address, "?"));
                self.trace.push(vec![format!("{name} is {}", who.unwrap_or("nobody".into()))]);
            }
            ["operator-restart", who] => self.stage.handle().restart(&self.cast.whom(who)).await.unwrap(),
            ["new-build", who] => self.build(who).await,
            ["link" | "unlink", who, whom] => self.puppet(who, words[0], json!({ "to": self.cast.whom(whom) })),
            ["trap-exits", who] => self.puppet(who, "trap-exits", Value::Null),
            ["monitor", number, who, whom] => {
                let number: u64 = number.parse().unwrap();
                self.puppet(who, "monitor", json!({ "number": number, "whom": self.cast.whom(whom) }));
            }
            ["demonitor", number, who] => {
                self.puppet(who, "demonitor", json!({ "number": number.parse::<u64>().unwrap() }));
            }
            ["register" | "unregister", who, name] => self.puppet(who, words[0], json!({ "name": name })),
            ["spawn", who, whom, ref how @ ..] => {
                let value = |key: &str| how.iter().find_map(|word| word.strip_prefix(key));
                let number = value("monitor=").map(|number| number.parse::<u64>().unwrap());
                let link = how.contains(&"link");
                let born: Vec<_> = [whom].into_iter().chain(value("twin=")).map(str::to_owned).collect();
                let body = json!({ "who": born, "name": value("name="), "link": link, "number": number });
                self.ask(&self.cast.whom(who), "spawn", body, born, Asked::Puppet);
            }
            _ => self.order(&words),
        }
    }

    /// What supervisors are told.
    fn order(&mut self, words: &[&str]) {
        let (of, kind, body, whose) = match *words {
            ["add", of, ..] => {
                let tree::Child { name, mut keys, .. } = tree::child(&words[2..].join(" "), Vec::new());
                keys.insert("name".into(), json!(name));
                keys.insert("behavior".into(), json!("puppet"));
                keys.insert("config".into(), json!({ "who": name }));
                (of, "start-child", Value::Object(keys), vec![name])
            }
            ["one", of] => {
                self.nameless += 1;
                let who = format!("#{}", self.nameless);
                (of, "start-child", json!({ "config": { "who": who } }), vec![who])
            }
            ["one", of, who] => {
                (of, "start-child", json!({ "name": who, "config": { "who": who } }), vec![who.to_owned()])
            }
            [what @ ("terminate" | "restart" | "delete"), of, who] => {
                let kind = match what {
                    "terminate" => "terminate-child",
                    "restart" => "restart-child",
                    _ => "delete-child",
                };
                // By its name, if it has one.
                let child = if who.starts_with('#') { self.cast.whom(who) } else { who.to_owned() };
                (of, kind, json!({ "child": child }), Vec::new())
            }
            ["list", of] => (of, "which-children", Value::Null, Vec::new()),
            ["count", of] => (of, "count-children", Value::Null, Vec::new()),
            _ => panic!("no such step: `{}`", words.join(" ")),
        };
        self.ask(of, kind, body, whose, Asked::Supervisor);
    }

    fn puppet(&mut self, who: &str, kind: &str, body: Value) {
        self.ask(&self.cast.whom(who), kind, body, Vec::new(), Asked::Puppet);
    }

    /// Asks: the question has reached the host when this returns, and is answered when the host likes.
    fn ask(&mut self, whom: &str, kind: &str, body: Value, whose: Vec<String>, asked: Asked) {
        let (handle, whom, message) = (self.stage.handle().clone(), whom.to_owned(), message(kind, &body));
        let mut question: Question = Box::pin(async move { handle.ask(&whom, message, HOUR).await });
        let answer = poll(question.as_mut());
        self.open.push(Open { question, answer, whose, asked });
    }

    async fn direct(&self, kind: &str, body: Value) -> Value {
        self.stage.ask("director", kind, body).await.unwrap()
    }

    /// Has a puppet end by itself. One that was asked to stop, and did not, waits for the director's word.
    async fn end(&mut self, who: &str, why: &str) {
        let stops = self.direct("end", json!({ "who": who, "why": why })).await;
        if stops != json!(true) {
            self.stage.tell(&self.cast.whom(who), "end", json!({ "why": why }));
        }
    }

    /// There is another build of the puppets' component, and this one takes it over: the same, with an empty section more,
    /// which every component may have.
    async fn build(&mut self, who: &str) {
        self.builds += 1;
        let mut bytes = greenroom_testkit::guest("puppet");
        bytes.extend([0, 2, 1, b'0' + self.builds]);
        self.stage.install("puppet.wasm", &bytes);
        self.stage.handle().reload(&self.cast.whom(who)).await.unwrap();
    }

    async fn reshape(&mut self, tree: &str) {
        let text = tree::manifest(tree, &plot(&[]), &self.grants);
        self.stage.install("greenroom.toml", text.as_bytes());
        let changed = self.stage.handle().apply().await.unwrap();
        assert!(!changed.is_empty(), "the trees are the same");
        self.stage.advance(Duration::ZERO).await;
        self.meet();
    }

    /// Everybody in the tree who is new is known by address from now on: a supervised child keeps it.
    fn meet(&mut self) {
        let tree = self.stage.handle().tree();
        let mut walk = vec![tree.root];
        while let Some(node) = walk.pop() {
            self.cast.meet(&node.name, &node.address);
            walk.extend(node.children);
        }
    }

    /// The answers that have come, in the order of the questions. Whose addresses they bring is known from now on.
    fn answers(&mut self) -> Vec<(Answer, Asked)> {
        let (mut come, mut open) = (Vec::new(), Vec::new());
        for mut question in self.open.drain(..) {
            let answer = question.answer.take().or_else(|| poll(question.question.as_mut()));
            match answer {
                Some(answer) => come.push((answer, question.whose, question.asked)),
                None => open.push(question),
            }
        }
        self.open = open;
        for (answer, whose, _) in &come {
            let addresses = answer.as_ref().map(lines::addresses).unwrap_or_default();
            for (who, address) in whose.iter().zip(addresses) {
                let node = self.stage.handle().show(&address);
                self.cast.learn(who, &address, node.ok().map(|node| node.name));
            }
        }
        come.into_iter().map(|(answer, _, asked)| (answer, asked)).collect()
    }

    /// Waits until nothing happens any more but with time, and writes down what was seen.
    async fn settle(&mut self, started: Result<(), StartError>) {
        if started.is_ok() {
            self.stage.advance(Duration::ZERO).await;
        }
        let answers = self.answers();
        let mut seen = self.seen.lines(&self.cast);
        for (answer, asked) in answers {
            match (asked, answer) {
                (Asked::Supervisor, answer) => seen.push(lines::answer(&self.cast, &answer)),
                (Asked::Puppet, Ok(_)) => {}
                (Asked::Puppet, Err(CallError::Refused(why))) if why == "name-taken" => seen.push(format!("=> {why}")),
                (Asked::Puppet, Err(error)) => panic!("{error}"),
            }
        }
        let exit = match started {
            Err(StartError::Tree(reason)) => Some(Exit::GaveUp { reason }),
            Err(error) => panic!("{error}"),
            Ok(()) => poll(Box::pin(self.stage.host().wait()).as_mut()),
        };
        if let Some(exit) = exit.filter(|_| !self.over) {
            self.over = true;
            assert_eq!(exit == Exit::Asked, self.stopped, "{exit:?}");
            let reason = match exit {
                Exit::Asked => "shutdown",
                Exit::GaveUp { ref reason } => reason.word(),
            };
            seen.push(format!("host exits {reason}"));
        }
        self.trace.push(seen);
    }
}

/// What a future has come to by now.
fn poll<T>(future: Pin<&mut (impl Future<Output = T> + ?Sized)>) -> Option<T> {
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}
