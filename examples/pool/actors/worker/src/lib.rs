//! Does one job and ends: counts the primes below a number. Now and then it crashes over it, as it is told.

#[cfg(test)]
mod tests;

use greenroom::prelude::*;

/// The actor.
pub struct Worker {
    config: Config,
}

/// What it is to do.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Config {
    /// The job's number.
    pub job: u64,
    /// Who gives it out. Told `ready` at each start, and `finished`.
    pub report_to: Address,
}

/// What it understands, and what it tells.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Do it.
    Do {
        /// Count the primes below this: at most 1,000,000.
        below: u32,
        /// Crash over it instead.
        crash: bool,
    },
    /// It has started: told.
    Ready {
        /// Its job.
        job: u64,
    },
    /// It is done: told.
    Finished {
        /// Its job.
        job: u64,
        /// How many primes there are.
        primes: u32,
    },
}

/// The sieve of Eratosthenes.
fn primes(below: u32) -> u32 {
    let below = below as usize;
    let mut composite = vec![false; below];
    let mut count = 0;
    for number in 2..below {
        if !composite[number] {
            count += 1;
            composite.iter_mut().skip(number * number).step_by(number).for_each(|multiple| *multiple = true);
        }
    }
    count
}

impl Actor for Worker {
    type Config = Config;
    type Message = Order;

    fn init(config: Config, ctx: &mut Context<Self>) -> Result<Self> {
        ctx.tell(config.report_to, &Order::Ready { job: config.job })?;
        Ok(Self { config })
    }

    #[expect(clippy::panic, reason = "a job may be one that crashes")]
    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        match message {
            Order::Do { crash: true, .. } => panic!("job {} is too much", self.config.job),
            Order::Do { below, .. } if below > 1_000_000 => Err(Error::new("that would take too long")),
            Order::Do { below, .. } => {
                let finished = Order::Finished { job: self.config.job, primes: primes(below) };
                ctx.tell(self.config.report_to, &finished)?;
                Ok(Next::Stop)
            }
            Order::Ready { .. } | Order::Finished { .. } => ctx.refuse("this is what a worker says"),
        }
    }
}

greenroom::export!(Worker);
