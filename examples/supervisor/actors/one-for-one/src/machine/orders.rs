//! OTP's administration calls, with OTP's answers. They are taken while it is idle.

use super::{Child, Do, Machine, Then, Why, fits};
use greenroom::Instant;
use greenroom::supervisor::{Answer, ChildSpec, ChildState, ChildView, Count, Refusal, Role};

/// What somebody wants done.
#[derive(Debug)]
pub enum Order {
    /// Add a child and start it.
    Start(ChildSpec),
    /// Stop a child.
    Terminate(String),
    /// Start a child that does not run.
    Restart(String),
    /// Forget a child that does not run.
    Delete(String),
    /// List the children.
    List,
    /// Count them.
    Count,
}

/// An answer that can be given at once.
type Now = Result<Option<Answer>, String>;

impl Machine {
    /// Begins to carry an order out; one answer comes for each. A child is named by its name or its address.
    pub fn order(&mut self, order: Order, now: Instant) {
        let done = match order {
            Order::Start(spec) => self.start_new(spec, now),
            Order::Terminate(child) => self.terminate(&child, now),
            Order::Restart(child) => self.start_again(&child, now),
            Order::Delete(child) => self.delete(&child),
            Order::List => Ok(Some(Answer::Children { children: self.list() })),
            Order::Count => Ok(Some(Answer::Count(self.count()))),
        };
        if let Some(answer) = done.transpose() {
            self.to_do.push(Do::Answer(answer));
        }
    }

    fn start_new(&mut self, spec: ChildSpec, now: Instant) -> Now {
        fits(&spec).map_err(|why| Refusal::BadSpec.because(why))?;
        match self.child(&spec.name).map(|known| known.address) {
            Some(Some(_)) => {
                Err(Refusal::AlreadyStarted.because("the supervisor has a child of this name, and it runs"))
            }
            Some(None) => {
                Err(Refusal::AlreadyPresent.because("the supervisor has a child of this name; restart or delete it"))
            }
            None => {
                let name = spec.name.clone();
                self.children.push(Child::new(spec));
                self.start_next([name].into(), Why::Order { new: true }, now);
                Ok(None)
            }
        }
    }

    fn terminate(&mut self, child: &str, now: Instant) -> Now {
        let name = self.find(child)?.spec.name.clone();
        self.stop_next([name].into(), Then::Answer, now);
        Ok(None)
    }

    fn start_again(&mut self, child: &str, now: Instant) -> Now {
        let name = self.stopped(child)?;
        self.start_next([name].into(), Why::Order { new: false }, now);
        Ok(None)
    }

    fn delete(&mut self, child: &str) -> Now {
        let name = self.stopped(child)?;
        self.forget(&name);
        Ok(Some(Answer::Done))
    }

    fn find(&self, child: &str) -> Result<&Child, String> {
        let named = |known: &&Child| {
            known.spec.name == child || known.address.is_some_and(|address| address.to_string() == child)
        };
        let missing = || Refusal::NotFound.because("the supervisor has no such child");
        self.children.iter().find(named).ok_or_else(missing)
    }

    /// A child that does not run and is not about to.
    fn stopped(&self, child: &str) -> Result<String, String> {
        match self.find(child)? {
            Child { address: Some(_), .. } => Err(Refusal::Running.because("the child runs; terminate it first")),
            Child { restarting: true, .. } => {
                Err(Refusal::Restarting.because("the child is being restarted; terminate it first"))
            }
            Child { spec, .. } => Ok(spec.name.clone()),
        }
    }

    fn list(&self) -> Vec<ChildView> {
        let view = |Child { spec, address, restarting }: &Child| ChildView {
            name: spec.name.clone(),
            address: *address,
            role: Role::Worker,
            restart: spec.restart,
            state: match (address, restarting) {
                (Some(_), _) => ChildState::Running,
                (None, true) => ChildState::Restarting,
                (None, false) => ChildState::Stopped,
            },
        };
        self.children.iter().map(view).collect()
    }

    fn count(&self) -> Count {
        let all = self.children.len() as u64;
        let active = self.children.iter().filter(|child| child.address.is_some()).count() as u64;
        Count { specs: all, active, supervisors: 0, workers: all }
    }

    /// Those that run, with how they are stopped, last started first: for an end that cannot wait.
    pub fn running(&self) -> impl Iterator<Item = (greenroom::Address, greenroom::supervisor::Shutdown)> {
        self.children.iter().rev().filter_map(|child| Some((child.address?, child.spec.shutdown)))
    }
}
