//! What keeps the hub small, whatever actors publish: a bound on bytes over all rings, and one on topics. Those who
//! take most give first.

use super::State;
use super::ring;
use std::cmp::Reverse;

/// How much a hub holds. Past a limit it makes room for a sixteenth at once, so that the search for what has to go is
/// rare.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Bytes over all rings.
    pub(super) bytes: usize,
    /// Topics.
    pub(super) topics: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 64 << 20, topics: 10_000 }
    }
}

impl State {
    /// Drops the oldest messages of the rings that take most, each down to the same level: a topic below it loses
    /// nothing to another's flood.
    pub(super) fn make_room_for_bytes(&mut self, limits: &Limits) {
        if self.bytes <= limits.bytes {
            return;
        }
        let mut sizes: Vec<_> = self.rings.values().map(ring::Ring::bytes).collect();
        let level = level(&mut sizes, limits.bytes - limits.bytes / 16);
        for ring in self.rings.values_mut() {
            while ring.bytes() > level {
                let Some(old) = ring.drop_oldest() else { break };
                self.order.remove(&old.seq);
                self.bytes -= ring::size(&old);
                self.dropped += 1;
            }
        }
    }

    /// Forgets the topics with the fewest messages, the longest unused first, when one more would be too many: who
    /// invents topics loses those, and not somebody else's history. The host's own stay.
    pub(super) fn make_room_for_topic(&mut self, limits: &Limits) {
        if self.rings.len() < limits.topics {
            return;
        }
        let victims = self.rings.iter().filter(|(topic, _)| !topic.as_str().starts_with("greenroom/"));
        let last = |ring: &ring::Ring| ring.latest().map_or(ring.dropped_to(), |entry| entry.seq);
        let mut victims: Vec<_> = victims.map(|(topic, ring)| (ring.len(), last(ring), topic.clone())).collect();
        victims.sort_unstable_by_key(|(length, last, _)| (*length, *last));
        victims.truncate((limits.topics / 16).max(1));
        for (_, last, topic) in victims {
            let Some(mut ring) = self.rings.remove(&topic) else { continue };
            while let Some(old) = ring.drop_oldest() {
                self.order.remove(&old.seq);
                self.bytes -= ring::size(&old);
                self.dropped += 1;
            }
            self.forgotten += 1;
            self.forgotten_to = self.forgotten_to.max(last);
        }
    }
}

/// The highest level to which all sizes can be cut so that together they are no more than `total`.
fn level(sizes: &mut [usize], total: usize) -> usize {
    sizes.sort_unstable_by_key(|size| Reverse(*size));
    let mut left = total;
    let mut sizes = sizes.iter().rev().enumerate().map(|(at, size)| (sizes.len() - at, *size));
    loop {
        match sizes.next() {
            None => return usize::MAX,
            Some((share, size)) if size > left / share => return left / share,
            Some((_, size)) => left -= size,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::level;

    #[test]
    fn the_largest_are_cut_to_one_level() {
        let check = |sizes: &[usize], total: usize, expect: usize| {
            assert_eq!(level(&mut sizes.to_vec(), total), expect, "{sizes:?} to {total}");
        };
        check(&[], 10, usize::MAX);
        check(&[10], 10, usize::MAX);
        check(&[11], 10, 10);
        check(&[1, 100, 2], 20, 17);
        check(&[50, 1, 50], 21, 10);
        check(&[3, 3, 3], 2, 0);
    }
}
