//! Counts primes in a table of its own: reads and writes memory, and does little else.

use greenroom::prelude::*;

/// The probe.
pub struct Sieve;

/// What it understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Answer how many primes there are below a number.
    Count {
        /// The number. Its table takes as many bytes.
        below: usize,
    },
}

impl Actor for Sieve {
    type Config = ();
    type Message = Order;

    fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
        Ok(Self)
    }

    fn handle(&mut self, Order::Count { below }: Order, ctx: &mut Context<Self>) -> Result<Next> {
        // Eratosthenes: what is still true is prime.
        let mut prime = vec![true; below];
        let mut count = 0_u32;
        for number in 2..below {
            if prime[number] {
                count += 1;
                for multiple in (number * 2..below).step_by(number) {
                    prime[multiple] = false;
                }
            }
        }
        ctx.reply(&count)
    }
}

greenroom::export!(Sieve);
