//! A tree and a script, and how they are said in Erlang.

use greenroom_core::{AutoShutdown, Restart, Strategy};
use std::fmt::{self, Write};

#[derive(Debug, Clone)]
pub(crate) struct Worker {
    pub(crate) id: String,
    pub(crate) restart: Restart,
    pub(crate) brutal: bool,
    pub(crate) significant: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum Rule {
    Static(Strategy),
    Dynamic { restart: Restart, brutal: bool, significant: bool },
}

#[derive(Debug, Clone)]
pub(crate) struct Supervisor {
    pub(crate) id: String,
    pub(crate) restart: Restart,
    pub(crate) significant: bool,
    pub(crate) rule: Rule,
    pub(crate) intensity: u32,
    pub(crate) auto: AutoShutdown,
    pub(crate) children: Vec<Node>,
}

#[derive(Debug, Clone)]
pub(crate) enum Node {
    Worker(Worker),
    Supervisor(Supervisor),
}

#[derive(Debug, Clone)]
pub(crate) enum Order {
    Start(Worker),
    One(String),
    Terminate(String),
    TerminateOne(String),
    Restart(String),
    Delete(String),
    List,
    Count,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum When {
    Start,
    Stop,
}

#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// A worker ends by itself, with this reason.
    End(String, &'static str),
    Kill(String),
    Fail(String, u32),
    Ignore(String, u32),
    Order(String, Order),
    /// At the next start or stop of this child, while its supervisor is busy with it, this happens. A start only counts
    /// when the supervisor itself has started: else it would go on at the same time as those above it.
    Hook(When, String, Vec<Self>),
}

#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) root: Supervisor,
    /// Set before the tree starts.
    pub(crate) before: Vec<Step>,
    pub(crate) steps: Vec<Step>,
}

fn restart(restart: Restart) -> &'static str {
    match restart {
        Restart::Permanent => "permanent",
        Restart::Transient => "transient",
        Restart::Temporary => "temporary",
    }
}

fn shutdown(brutal: bool) -> &'static str {
    if brutal { "brutal_kill" } else { "5000" }
}

fn list<T>(all: &[T], erlang: impl Fn(&T) -> String) -> String {
    format!("[{}]", all.iter().map(erlang).collect::<Vec<_>>().join(","))
}

impl Worker {
    fn erlang(&self) -> String {
        format!("{{work,{},{},{},{}}}", self.id, restart(self.restart), shutdown(self.brutal), self.significant)
    }
}

impl Supervisor {
    fn erlang(&self) -> String {
        let rule = match &self.rule {
            Rule::Static(Strategy::OneForOne) => "one_for_one".into(),
            Rule::Static(Strategy::OneForAll) => "one_for_all".into(),
            Rule::Static(Strategy::RestForOne) => "rest_for_one".into(),
            Rule::Dynamic { restart: when, brutal, significant } => {
                format!("{{dynamic,{},{},{significant}}}", restart(*when), shutdown(*brutal))
            }
        };
        let auto = match self.auto {
            AutoShutdown::Never => "never",
            AutoShutdown::Any => "any_significant",
            AutoShutdown::All => "all_significant",
        };
        let children = list(&self.children, |node| match node {
            Node::Worker(worker) => worker.erlang(),
            Node::Supervisor(supervisor) => supervisor.erlang(),
        });
        let (id, restart, significant, intensity) = (&self.id, restart(self.restart), self.significant, self.intensity);
        format!("{{sup,{id},{restart},infinity,{significant},{rule},{intensity},{auto},{children}}}")
    }
}

impl Order {
    fn erlang(&self) -> String {
        match self {
            Self::Start(worker) => format!("{{start,{}}}", worker.erlang()),
            Self::One(id) => format!("{{one,{id}}}"),
            Self::Terminate(id) => format!("{{terminate,{id}}}"),
            Self::TerminateOne(id) => format!("{{terminate_one,{id}}}"),
            Self::Restart(id) => format!("{{restart,{id}}}"),
            Self::Delete(id) => format!("{{delete,{id}}}"),
            Self::List => "list".into(),
            Self::Count => "count".into(),
        }
    }
}

impl Step {
    fn erlang(&self) -> String {
        match self {
            Self::End(id, reason) => format!("{{'end',{id},{reason}}}"),
            Self::Kill(id) => format!("{{kill,{id}}}"),
            Self::Fail(id, times) => format!("{{fail,{id},{times}}}"),
            Self::Ignore(id, times) => format!("{{ignore,{id},{times}}}"),
            Self::Order(of, order) => format!("{{order,{of},{}}}", order.erlang()),
            Self::Hook(When::Start, id, steps) => format!("{{hook,start,{id},{}}}", list(steps, Self::erlang)),
            Self::Hook(When::Stop, id, steps) => format!("{{hook,stop,{id},{}}}", list(steps, Self::erlang)),
        }
    }
}

impl Case {
    /// On one line, as the Erlang program reads it.
    pub(crate) fn erlang(&self) -> String {
        let (before, steps) = (list(&self.before, Step::erlang), list(&self.steps, Step::erlang));
        format!("{{{},{{before,{before},{steps}}}}}.", self.root.erlang())
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('\n')?;
        f.write_str(&self.erlang())
    }
}
