//! Savina's fork-join, both of them. Throughput: many workers get the same number of jobs each. Creation: an actor is
//! made for each job, does it, and ends; as many are made at a time as a wave has.

use greenroom::prelude::*;

/// Jobs that a worker gets at a time: mailboxes are bounded. Who says that they are done gets the next.
const WINDOW: u64 = 16;

/// Who gives the jobs out, or who does them.
pub struct ForkJoin {
    /// Those that are there for throughput.
    workers: Vec<Address>,
    wave: u64,
    game: Option<Game>,
    /// What a worker has done since it said so.
    jobs: u64,
    result: f64,
}

/// What the one who gives the jobs out is at.
struct Game {
    question: Request,
    /// Jobs that nobody has yet.
    left: u64,
    /// Who has not reported yet.
    awaited: u64,
    done: u64,
    messages: u64,
}

/// Its table.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Config {
    /// How many workers it makes at first, for throughput.
    #[serde(default)]
    pub workers: u64,
    /// How many it makes at a time, for creation.
    #[serde(default)]
    pub wave: u64,
}

/// What it understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Give out so many jobs, or, with a wave, make an actor for each. Answered with [`Done`].
    Start {
        /// Jobs.
        units: u64,
    },
    /// A job, of many to come.
    Work,
    /// A job, and then say how many were done since the last time.
    Report,
    /// A job, and then say so and end.
    Once,
    /// From a worker: so many are done.
    Finished {
        /// Jobs.
        jobs: u64,
    },
}

/// How it went.
#[derive(Serialize, Deserialize)]
pub struct Done {
    /// Messages that were sent.
    pub messages: u64,
    /// Jobs that were done.
    pub done: u64,
}

impl ForkJoin {
    /// Gives a worker its next jobs, if there are any.
    fn give_out(game: &mut Game, worker: Address, ctx: &mut Context<Self>) -> Result<()> {
        let window = game.left.min(WINDOW);
        for job in 1..=window {
            ctx.tell(worker, if job == window { &Order::Report } else { &Order::Work })?;
        }
        game.left -= window;
        if window > 0 {
            game.awaited += 1;
            game.messages += window + 1;
        }
        Ok(())
    }

    /// Makes the next wave of workers, each for one job.
    fn make_wave(game: &mut Game, wave: u64, ctx: &mut Context<Self>) -> Result<()> {
        let wave = game.left.min(wave);
        for _ in 0..wave {
            let job = ctx.spawn("fork-join-worker").start()?.address;
            ctx.tell(job, &Order::Once)?;
        }
        game.left -= wave;
        game.awaited = wave;
        game.messages += 2 * wave;
        Ok(())
    }

    /// A worker has reported, so that there is something to give out, or all is done.
    fn go_on(&mut self, worker: Option<Address>, ctx: &mut Context<Self>) -> Result<()> {
        let Some(game) = &mut self.game else { return Ok(()) };
        match worker {
            Some(worker) if self.wave == 0 => Self::give_out(game, worker, ctx)?,
            _ if game.awaited == 0 => Self::make_wave(game, self.wave, ctx)?,
            _ => {}
        }
        if game.awaited == 0
            && let Some(Game { question, messages, done, .. }) = self.game.take()
        {
            ctx.reply_to(question, &Done { messages, done })?;
        }
        Ok(())
    }

    /// What there is to compute.
    fn work(&mut self) {
        self.jobs += 1;
        self.result += (37.2 + self.result).sin().powi(2);
    }
}

impl Actor for ForkJoin {
    type Config = Config;
    type Message = Order;

    fn init(Config { workers, wave }: Config, ctx: &mut Context<Self>) -> Result<Self> {
        let workers = (0..workers).map(|_| Ok(ctx.spawn("fork-join-worker").linked().start()?.address));
        Ok(Self { workers: workers.collect::<Result<_>>()?, wave, game: None, jobs: 0, result: 0.0 })
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        match message {
            Order::Start { units } => {
                let Some(question) = ctx.request() else { return Ok(Next::Same) };
                let game = self.game.insert(Game { question, left: units, awaited: 0, done: 0, messages: 0 });
                for worker in &self.workers {
                    Self::give_out(game, *worker, ctx)?;
                }
                self.go_on(None, ctx)?;
            }
            Order::Work => self.work(),
            Order::Report | Order::Once => {
                self.work();
                if let Some(sender) = ctx.sender() {
                    ctx.tell(sender, &Order::Finished { jobs: std::mem::take(&mut self.jobs) })?;
                }
                if let Order::Once = message {
                    return Ok(Next::Stop);
                }
            }
            Order::Finished { jobs } => {
                let Some(game) = &mut self.game else { return Ok(Next::Same) };
                game.done += jobs;
                game.awaited -= 1;
                self.go_on(ctx.sender(), ctx)?;
            }
        }
        Ok(Next::Same)
    }
}

greenroom::export!(ForkJoin);
