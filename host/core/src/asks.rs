//! Questions that wait for their answers, and who waits for whom.

use crate::{Address, Instant, Request};
use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

/// The open questions. `W` is how an asker is told: an actor's mailbox, a fiber, a connection.
#[derive(Debug)]
pub struct Asks<W> {
    open: HashMap<Request, Ask<W>, BuildHasherDefault<ByNumber>>,
    deadlines: BTreeSet<(Instant, Request)>,
    /// Actors that stand still until their question is answered.
    blocked: HashMap<Address, Request>,
    next: u64,
}

/// Spreads numbers that are given out one after the other, by nobody but the host: there is no choosing them so that they
/// collide. By the golden ratio (Knuth, TAOCP 3, 6.4), whose product's upper half a table goes by.
#[derive(Debug, Default)]
struct ByNumber(u64);

impl Hasher for ByNumber {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(self.0 ^ u64::from(*byte));
        }
    }
}

/// An open question.
#[derive(Debug)]
pub struct Ask<W> {
    /// Who asked, if an actor did.
    pub asker: Option<Address>,
    /// Who is asked.
    pub target: Address,
    /// Until when the answer counts.
    pub deadline: Instant,
    /// How the asker is told.
    pub waiter: W,
    blocks: bool,
}

/// Waiting would never end: the actors that would wait for each other, the asker first and last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cycle(pub Vec<Address>);

impl<W> Default for Asks<W> {
    fn default() -> Self {
        Self { open: HashMap::default(), deadlines: BTreeSet::new(), blocked: HashMap::new(), next: 1 }
    }
}

impl<W> Asks<W> {
    /// A number for a question that may be opened later.
    pub fn reserve(&mut self) -> Request {
        let request = Request(self.next);
        self.next += 1;
        request
    }

    /// Opens a question.
    pub fn open(&mut self, request: Request, asker: Option<Address>, target: Address, deadline: Instant, waiter: W) {
        self.deadlines.insert((deadline, request));
        self.open.insert(request, Ask { asker, target, deadline, waiter, blocks: false });
    }

    /// Opens a question whose asker stands still until the answer is there; refused when the answer could never come.
    pub fn block(
        &mut self,
        request: Request,
        asker: Address,
        target: Address,
        deadline: Instant,
        waiter: W,
    ) -> Result<(), Cycle> {
        let mut cycle = vec![asker];
        let mut at = target;
        while at != asker {
            cycle.push(at);
            match self.blocked.get(&at).and_then(|request| self.open.get(request)) {
                Some(ask) => at = ask.target,
                None => {
                    self.open(request, Some(asker), target, deadline, waiter);
                    if let Some(ask) = self.open.get_mut(&request) {
                        ask.blocks = true;
                    }
                    self.blocked.insert(asker, request);
                    return Ok(());
                }
            }
        }
        cycle.push(asker);
        Err(Cycle(cycle))
    }

    /// Closes a question: it is answered, or its asker is gone. None: nobody waits for it any more.
    pub fn close(&mut self, request: Request) -> Option<Ask<W>> {
        let ask = self.open.remove(&request)?;
        self.deadlines.remove(&(ask.deadline, request));
        if let (true, Some(asker)) = (ask.blocks, ask.asker) {
            self.blocked.remove(&asker);
        }
        Some(ask)
    }

    /// A question that is still open.
    pub fn get(&self, request: Request) -> Option<&Ask<W>> {
        self.open.get(&request)
    }

    /// Who is asked by a question that is still open.
    pub fn target(&self, request: Request) -> Option<Address> {
        self.open.get(&request).map(|ask| ask.target)
    }

    /// When the next question is out of time.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// Closes one question that is out of time.
    pub fn expire(&mut self, now: Instant) -> Option<(Request, Ask<W>)> {
        let &(deadline, request) = self.deadlines.first()?;
        (deadline <= now).then(|| self.close(request).map(|ask| (request, ask))).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const A: Address = Address { node: 0, key: 1 };
    const B: Address = Address { node: 0, key: 2 };
    const C: Address = Address { node: 0, key: 3 };

    fn at(second: u64) -> Instant {
        Instant::ORIGIN + Duration::from_secs(second)
    }

    fn block(asks: &mut Asks<()>, asker: Address, target: Address) -> Result<Request, Cycle> {
        let request = asks.reserve();
        asks.block(request, asker, target, at(9), ()).map(|()| request)
    }

    #[test]
    fn a_cycle_is_named() {
        let mut asks = Asks::default();
        assert_eq!(block(&mut asks, A, A), Err(Cycle(vec![A, A])));
        let first = block(&mut asks, A, B).unwrap();
        block(&mut asks, B, C).unwrap();
        assert_eq!(block(&mut asks, C, A), Err(Cycle(vec![C, A, B, C])));
        asks.close(first);
        assert!(block(&mut asks, C, A).is_ok());
    }

    #[test]
    fn who_does_not_stand_still_blocks_nobody() {
        let mut asks = Asks::default();
        let request = asks.reserve();
        asks.open(request, Some(A), B, at(9), ());
        assert!(block(&mut asks, B, A).is_ok());
    }

    #[test]
    fn an_answer_counts_once_and_in_time() {
        let mut asks = Asks::default();
        let (one, two) = (asks.reserve(), asks.reserve());
        asks.open(one, None, B, at(1), "one");
        asks.open(two, None, B, at(2), "two");
        assert_eq!(asks.next_deadline(), Some(at(1)));
        assert!(asks.expire(at(0)).is_none());
        assert_eq!(asks.expire(at(1)).map(|(request, ask)| (request, ask.waiter)), Some((one, "one")));
        assert!(asks.close(one).is_none());
        assert!(asks.close(two).is_some());
        assert!(asks.close(two).is_none());
        assert!(asks.expire(at(9)).is_none());
    }
}
