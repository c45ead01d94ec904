//! Which monitors an actor still wants to hear of: as its own turns have set and removed them, whatever the control plane
//! has made of that so far. A `down` that was on its way when its monitor was removed goes no further, as with the option
//! `flush` of Erlang's `demonitor`.

use greenroom_core::system::{Input, Monitor};
use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The monitors of the generation that runs.
#[derive(Debug, Default)]
pub(crate) struct Watches(Mutex<HashSet<u64>>);

impl Watches {
    fn set(&self) -> MutexGuard<'_, HashSet<u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A turn of the actor has ended well, and asked for this.
    pub(crate) fn follow(&self, input: &Input) {
        match input {
            Input::Monitor { monitor, .. } | Input::Spawn { monitor: Some(monitor), .. } => {
                self.set().insert(monitor.0);
            }
            Input::Demonitor { monitor, .. } => {
                self.set().remove(&monitor.0);
            }
            _ => {}
        }
    }

    /// A monitor has fired, and does not again. Whether the actor is told.
    pub(crate) fn fired(&self, monitor: Monitor) -> bool {
        self.set().remove(&monitor.0)
    }

    /// Gives back what was taken for more than there are.
    pub(crate) fn shrink(&self) {
        self.set().shrink_to_fit();
    }

    /// Another generation begins, which has set none.
    pub(crate) fn clear(&self) {
        self.set().clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_core::Address;

    const WHO: Address = Address { node: 1, key: 2 };

    fn monitor(number: u64) -> Input {
        Input::Monitor { monitor: Monitor(number), watcher: WHO, watched: WHO }
    }

    fn demonitor(number: u64) -> Input {
        Input::Demonitor { monitor: Monitor(number), watcher: WHO }
    }

    fn spawn(number: u64) -> Input {
        Input::Spawn { spawner: WHO, address: WHO, name: None, link: false, monitor: Some(Monitor(number)) }
    }

    #[track_caller]
    fn check(asked: &[Input], fired: &[(u64, bool)]) {
        let watches = Watches::default();
        asked.iter().for_each(|input| watches.follow(input));
        for (number, told) in fired {
            assert_eq!(watches.fired(Monitor(*number)), *told, "monitor {number} after {asked:?}");
        }
    }

    #[test]
    fn a_monitor_is_told_of_once_and_not_after_it_was_removed() {
        check(&[], &[(1, false)]);
        check(&[monitor(1)], &[(1, true), (1, false), (2, false)]);
        check(&[spawn(1), monitor(2)], &[(2, true), (1, true)]);
        check(&[monitor(1), monitor(2), demonitor(1)], &[(1, false), (2, true)]);
        check(&[demonitor(1), monitor(1)], &[(1, true)]);
    }
}
