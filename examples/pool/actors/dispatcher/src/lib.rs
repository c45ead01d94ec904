//! Has a dynamic supervisor start a worker for each job, and answers with what came of it. It watches the workers, but leaves
//! it to the supervisor to bring back those that crash: it hears `ready` of the next incarnation, or finds it in quarantine.

#[cfg(test)]
mod tests;

use greenroom::prelude::*;
use greenroom::supervisor::{ChildState, Children, Done, One, Start, Supervisor};

/// The actor.
pub struct Dispatcher {
    config: Config,
    /// The number of the last job.
    last: u64,
    open: Vec<Job>,
    done: u64,
    failed: u64,
}

/// Its table.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Config {
    /// The supervisor of the workers. Needs the grant `supervise:NAME`.
    pub workers: String,
    /// How many jobs may be open at a time; more are refused.
    pub most: usize,
}

/// What it understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Count the primes below a number: answered with [`Outcome`] when it is done, or refused when it is given up.
    Work {
        /// At most 1,000,000.
        below: u32,
        /// How many workers crash over it.
        #[serde(default)]
        crashes: u32,
    },
    /// How it goes: answered with [`Report`].
    Report,
    /// A worker has started, for the first time or again: from a worker.
    Ready {
        /// Its job.
        job: u64,
    },
    /// A worker is done: from a worker.
    Finished {
        /// Its job.
        job: u64,
        /// How many primes there are.
        primes: u32,
    },
    /// See what has become of a worker that crashed: from this actor itself.
    Look,
    /// A worker was started, or not.
    Started(Result<Start, AskError>),
    /// What has become of the workers.
    Looked(Result<Children, AskError>),
    /// One that was in quarantine is gone.
    Removed(Result<Done, AskError>),
}

/// What a worker understands.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Task {
    Do { below: u32, crash: bool },
}

/// What a worker is started with.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Worker {
    job: u64,
    report_to: Address,
}

/// What came of a job.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Its number.
    pub job: u64,
    /// How many primes there are.
    pub primes: u32,
    /// How many incarnations of its worker it took.
    pub attempts: u32,
}

/// How it goes.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Jobs that are done.
    pub done: u64,
    /// Jobs that were given up.
    pub failed: u64,
    /// Jobs that are not done.
    pub open: usize,
}

/// A job that is not done.
struct Job {
    number: u64,
    below: u32,
    crashes: u32,
    attempts: u32,
    asker: Option<Request>,
    /// The order to start its worker, until that is answered.
    order: Option<Question>,
    worker: Option<Address>,
    /// On the worker's present incarnation.
    monitor: Option<Monitor>,
    why: Option<Reason>,
}

/// How long the supervisor may take.
const PATIENCE: Duration = Duration::from_nanos(10_000_000_000);

/// How often it looks for what has become of a worker that is to come back.
const LOOK: Duration = Duration::from_nanos(1_000_000_000);

impl Dispatcher {
    fn workers(&self, ctx: &Context<Self>) -> Result<Supervisor, AskError> {
        ctx.supervisor(&self.config.workers)
    }

    fn begin(&mut self, below: u32, crashes: u32, ctx: &mut Context<Self>) -> Result<Next> {
        if below > 1_000_000 {
            return ctx.refuse("numbers up to 1,000,000 can be searched for primes");
        }
        if self.open.len() >= self.config.most {
            return ctx
                .refuse(format!("{} jobs are open, which is all that may be: come again later", self.open.len()));
        }
        let number = self.last + 1;
        let worker = One::new().config(&Worker { job: number, report_to: ctx.address() })?;
        let order = self.workers(ctx).and_then(|workers| workers.start_one(&worker).ask(ctx, PATIENCE, Order::Started));
        let order = match order {
            Ok(order) => Some(order),
            Err(why) => return ctx.refuse(why.to_string()),
        };
        self.last = number;
        let asker = ctx.request();
        let job = Job { number, below, crashes, attempts: 0, asker, order, worker: None, monitor: None, why: None };
        self.open.push(job);
        Ok(Next::Same)
    }

    /// The supervisor's answer to the order for a worker.
    fn started(&mut self, answer: Result<Start, AskError>, ctx: &mut Context<Self>) -> Result<()> {
        let order = ctx.answers();
        let Some(at) = self.open.iter().position(|job| job.order == order) else { return Ok(()) };
        self.open[at].order = None;
        match answer {
            Ok(Start::Started { address }) => self.open[at].worker = Some(address),
            Ok(_) => self.give_up(at, "its worker had nothing to do", ctx)?,
            Err(why) => self.give_up(at, &why.to_string(), ctx)?,
        }
        Ok(())
    }

    /// A worker waits for its job: as often as it comes back.
    fn ready(&mut self, number: u64, ctx: &mut Context<Self>) -> Result<Next> {
        let Some(worker) = ctx.sender() else { return ctx.refuse("only a worker is ready") };
        let Some(job) = self.open.iter_mut().find(|job| job.number == number) else {
            return ctx.refuse(format!("there is no job {number}"));
        };
        if job.worker.is_some_and(|known| known != worker) {
            return ctx.refuse(format!("job {number} has another worker"));
        }
        job.worker = Some(worker);
        job.monitor = Some(ctx.monitor(worker));
        job.attempts += 1;
        ctx.tell(worker, &Task::Do { below: job.below, crash: job.attempts <= job.crashes })?;
        Ok(Next::Same)
    }

    fn finished(&mut self, number: u64, primes: u32, ctx: &mut Context<Self>) -> Result<Next> {
        let theirs = |job: &Job| job.number == number && job.worker.is_some() && job.worker == ctx.sender();
        let Some(at) = self.open.iter().position(theirs) else {
            return ctx.refuse(format!("job {number} is nobody's who says so"));
        };
        let job = self.open.remove(at);
        self.done += 1;
        if let Some(monitor) = job.monitor {
            ctx.demonitor(monitor);
        }
        if let Some(asker) = job.asker {
            ctx.reply_to(asker, &Outcome { job: number, primes, attempts: job.attempts })?;
        }
        Ok(Next::Same)
    }

    /// Whether a worker comes back is its supervisor's to say.
    fn look(&mut self, ctx: &mut Context<Self>) -> Result<()> {
        if !self.open.iter().any(Job::is_orphan) {
            return Ok(());
        }
        let asked = self.workers(ctx).and_then(|workers| workers.children().ask(ctx, PATIENCE, Order::Looked));
        if let Err(why) = asked {
            self.looked(Err(why), ctx)?;
        }
        Ok(())
    }

    fn looked(&mut self, answer: Result<Children, AskError>, ctx: &mut Context<Self>) -> Result<()> {
        let Children { children } = match answer {
            Ok(children) => children,
            Err(why) => {
                warn!("the workers' supervisor does not say what became of them: {why}");
                ctx.send_after(LOOK, &Order::Look)?;
                return Ok(());
            }
        };
        let mut again = false;
        for at in (0..self.open.len()).rev().filter(|at| self.open[*at].is_orphan()).collect::<Vec<_>>() {
            let worker = self.open[at].worker;
            match children.iter().find(|child| child.address == worker).map(|child| child.state) {
                Some(ChildState::Quarantined) => {
                    if let Some(worker) = worker {
                        self.workers(ctx)?.terminate(worker).ask(ctx, PATIENCE, Order::Removed)?;
                    }
                    self.give_up(at, "its workers crash", ctx)?;
                }
                Some(ChildState::Stopped) | None => self.give_up(at, "its worker is gone", ctx)?,
                // It is `ready` soon.
                Some(_) => again = true,
            }
        }
        if again {
            ctx.send_after(LOOK, &Order::Look)?;
        }
        Ok(())
    }

    fn give_up(&mut self, at: usize, what: &str, ctx: &mut Context<Self>) -> Result<()> {
        let job = self.open.remove(at);
        self.failed += 1;
        let why =
            job.why.map(|why| format!(": {}", why.to_string().lines().next().unwrap_or_default())).unwrap_or_default();
        warn!("job {} was given up: {what}{why}", job.number);
        if let Some(asker) = job.asker {
            ctx.refuse_to(
                asker,
                &format!("job {} was given up after {} attempts: {what}{why}", job.number, job.attempts),
            )?;
        }
        Ok(())
    }
}

impl Job {
    /// Whether its worker ended before it was done.
    fn is_orphan(&self) -> bool {
        self.order.is_none() && self.monitor.is_none() && self.why.is_some()
    }
}

impl Actor for Dispatcher {
    type Config = Config;
    type Message = Order;

    fn init(config: Config, _: &mut Context<Self>) -> Result<Self> {
        Ok(Self { config, last: 0, open: Vec::new(), done: 0, failed: 0 })
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        match message {
            Order::Work { below, crashes } => return self.begin(below, crashes, ctx),
            Order::Report => {
                return ctx.reply(&Report { done: self.done, failed: self.failed, open: self.open.len() });
            }
            Order::Ready { job } => return self.ready(job, ctx),
            Order::Finished { job, primes } => return self.finished(job, primes, ctx),
            Order::Look if ctx.sender() != Some(ctx.address()) => return ctx.refuse("it looks by itself"),
            Order::Look => self.look(ctx)?,
            Order::Started(answer) => self.started(answer, ctx)?,
            Order::Looked(answer) => self.looked(answer, ctx)?,
            Order::Removed(Ok(Done)) => {}
            Order::Removed(Err(why)) => warn!("a worker stays in quarantine: {why}"),
        }
        Ok(Next::Same)
    }

    fn down(&mut self, monitor: Monitor, _: Address, why: Reason, ctx: &mut Context<Self>) -> Result<Next> {
        if let Some(job) = self.open.iter_mut().find(|job| job.monitor == Some(monitor)) {
            job.monitor = None;
            job.why = Some(why);
            self.look(ctx)?;
        }
        Ok(Next::Same)
    }
}

greenroom::export!(Dispatcher);
