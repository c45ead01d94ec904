//! A counter: an actor that keeps a number.
//!
//! `greenroom tell counter add '{"how-many": 3}'` counts, `greenroom ask counter how-many` asks.

use greenroom::prelude::*;

/// What the counter understands: a message's kind is the variant, its JSON body the fields, both in kebab-case.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Count {
    /// Count on.
    Add {
        /// By this much.
        how_many: u64,
    },
    /// Answer with the count.
    HowMany,
}

/// What is kept when new code takes over: change this file while the host runs, and the count goes on.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Kept {
    count: u64,
}

/// The actor.
#[derive(Debug, Default)]
pub struct Counter {
    kept: Kept,
}

impl Actor for Counter {
    type Config = ();
    type Message = Count;

    fn init((): (), _: &mut Context<Self>) -> Result<Self> {
        Ok(Counter::default())
    }

    fn handle(&mut self, message: Count, ctx: &mut Context<Self>) -> Result<Next> {
        match message {
            Count::Add { how_many } => {
                // An error ends the actor; its supervisor starts it afresh.
                let sum = self.kept.count.checked_add(how_many);
                self.kept.count = sum.ok_or_else(|| Error::new("that is too much to count"))?;
                Ok(Next::Same)
            }
            Count::HowMany => ctx.reply(&self.kept.count),
        }
    }
}

impl State for Counter {
    type Kept = Kept;

    fn keep(&self) -> &Kept {
        &self.kept
    }

    fn resume(kept: Kept, (): (), _: Occasion, _: &mut Context<Self>) -> Result<Self> {
        Ok(Counter { kept })
    }
}

greenroom::export!(Counter, state);

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom::test::Test;

    #[test]
    fn it_counts_and_keeps_the_count_over_a_swap() {
        let mut counter = Test::<Counter>::start(());
        counter.tell(Count::Add { how_many: 2 });
        counter.tell(Count::Add { how_many: 3 });
        assert_eq!(counter.ask::<u64>(Count::HowMany), Ok(5));
        let mut counter = counter.swap::<Counter>();
        assert_eq!(counter.ask::<u64>(Count::HowMany), Ok(5));
    }
}
