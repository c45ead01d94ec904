//! A changed manifest changes the tree in place: OTP's `supervisor:code_change/3`.

use super::supervisor::{Child, Children, Rule};
use super::{ChildSpec, Standing, System, What};
use crate::{Address, Name};
use std::collections::HashMap;
use std::sync::Arc;

/// Supervisors whose children are still to change.
type Below = Vec<(Address, Arc<[ChildSpec]>)>;

impl System {
    /// New specs for the children of the root.
    pub(super) fn reshape(&mut self, specs: Arc<[ChildSpec]>) {
        let mut left = vec![(self.root, specs)];
        while let Some((address, specs)) = left.pop() {
            self.reshape_children(address, specs, &mut left);
        }
    }

    /// Those that stay keep their processes; new ones are there and do not run; removed ones come last and run on.
    fn reshape_children(&mut self, address: Address, specs: Arc<[ChildSpec]>, left: &mut Below) {
        let Some(supervisor) = self.supervisor(address) else { return };
        let mut before = std::mem::take(&mut supervisor.children);
        let names: HashMap<Name, Address> =
            before.addresses().filter_map(|child| Some((self.processes.get(&child)?.name.clone()?, child))).collect();
        let mut children = Children::default();
        for spec in &*specs {
            match names.get(&spec.name).and_then(|child| before.remove(*child)) {
                Some(child) => {
                    if self.fits(child.address, spec) {
                        left.extend(self.reshape_below(child.address, &spec.what));
                    }
                    let new = Child::new(child.address, spec);
                    children.push(Child {
                        restart: new.restart,
                        shutdown: new.shutdown,
                        significant: new.significant,
                        added: false,
                        ..child
                    });
                }
                // Taken by somebody else: it is tried again when the supervisor starts the next time.
                None if self.names.contains_key(&spec.name) => {}
                None => children.push(self.lay_out(address, spec)),
            }
        }
        let removed: Vec<_> = before.addresses().collect();
        for child in removed.into_iter().filter_map(|child| before.remove(child)) {
            // One that does not run has nothing to run on for.
            if self.seems_alive(&child) || child.standing != Standing::Settled {
                children.push(Child { added: true, ..child });
            } else {
                self.forget_all(child.address, &crate::Reason::Shutdown);
            }
        }
        if let Some(supervisor) = self.supervisor(address) {
            supervisor.children = children;
            if let Rule::Static { specs: known, .. } = &mut supervisor.rule {
                *known = specs;
            }
        }
    }

    /// What it is itself, at once. The children that are to follow, if it has such.
    fn reshape_below(&mut self, address: Address, what: &What) -> Option<(Address, Arc<[ChildSpec]>)> {
        let supervisor = self.supervisor(address)?;
        let flags = match what {
            What::Worker(_) => return None,
            What::Supervisor { flags, .. } | What::Dynamic { flags, .. } => flags,
        };
        supervisor.flags = *flags;
        supervisor.budget.limit(flags.intensity);
        match (what, &mut supervisor.rule) {
            (What::Supervisor { strategy, children, .. }, Rule::Static { strategy: known, .. }) => {
                *known = *strategy;
                Some((address, children.clone()))
            }
            (What::Dynamic { template, .. }, rule) => {
                *rule = Rule::Dynamic(*template);
                None
            }
            _ => None,
        }
    }
}
