//! Savina's fork-join, both of them. Throughput: many workers get the same number of jobs each. Creation: an actor is
//! made for each job, does it, and ends; as many are made at a time as a wave has.

use greenroom::prelude::*;

/// Jobs that each worker gets in one turn of the first one, before it says how far it is: mailboxes are bounded.
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
    /// Jobs that nobody has yet: of each worker, or in all.
    left: u64,
    /// Who has to report before it goes on.
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
    /// Give out so many jobs, as many to each worker: or, with a wave, make an actor for each. Answered with [`Done`].
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
    fn go_on(&mut self, ctx: &mut Context<Self>) -> Result<()> {
        let Some(game) = &mut self.game else { return Ok(()) };
        if game.left == 0 {
            if let Some(Game { question, messages, done, .. }) = self.game.take() {
                ctx.reply_to(question, &Done { messages, done })?;
            }
        } else if self.workers.is_empty() {
            let wave = game.left.min(self.wave.max(1));
            for _ in 0..wave {
                let job = ctx.spawn("fork-join-worker").start()?.address;
                ctx.tell(job, &Order::Once)?;
            }
            game.left -= wave;
            game.awaited = wave;
            game.messages += 2 * wave;
        } else {
            let window = game.left.min(WINDOW);
            for turn in 1..=window {
                let job = if turn == window { Order::Report } else { Order::Work };
                for worker in &self.workers {
                    ctx.tell(*worker, &job)?;
                }
            }
            let workers = self.workers.len() as u64;
            game.left -= window;
            game.awaited = workers;
            game.messages += (window + 1) * workers;
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
                let left = units.div_ceil((self.workers.len() as u64).max(1));
                self.game = ctx.request().map(|question| Game { question, left, awaited: 0, done: 0, messages: 0 });
                self.go_on(ctx)?;
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
                if game.awaited == 0 {
                    self.go_on(ctx)?;
                }
            }
        }
        Ok(Next::Same)
    }
}

greenroom::export!(ForkJoin);
