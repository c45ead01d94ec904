//! A changed manifest changes the tree in place: OTP's `supervisor:code_change/3`.

use super::supervisor::{Child, Children, Rule};
use super::{ChildSpec, Standing, System, What};
use crate::{Address, Flags, Name};
use std::collections::HashMap;
use std::sync::Arc;

impl System {
    /// New specs for the children of the root.
    pub(super) fn reshape(&mut self, specs: Arc<[ChildSpec]>) {
        self.reshape_children(self.root, specs);
    }

    fn reshape_supervisor(&mut self, address: Address, flags: Flags) {
        if let Some(supervisor) = self.supervisor(address) {
            supervisor.flags = flags;
            supervisor.budget.limit(flags.intensity);
        }
    }

    /// Those that stay keep their processes; new ones are there and do not run; removed ones come last and run on.
    fn reshape_children(&mut self, address: Address, specs: Arc<[ChildSpec]>) {
        let Some(supervisor) = self.supervisor(address) else { return };
        let mut before = std::mem::take(&mut supervisor.children);
        let names: HashMap<Name, Address> =
            before.addresses().filter_map(|child| Some((self.processes.get(&child)?.name.clone()?, child))).collect();
        let mut children = Children::default();
        for spec in &*specs {
            match names.get(&spec.name).and_then(|child| before.remove(*child)) {
                Some(child) => {
                    if self.fits(child.address, spec) {
                        self.reshape_below(child.address, &spec.what);
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
        let left: Vec<_> = before.addresses().collect();
        for child in left.into_iter().filter_map(|child| before.remove(child)) {
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

    fn reshape_below(&mut self, address: Address, what: &What) {
        match what {
            What::Worker(_) => {}
            What::Supervisor { strategy, flags, children } => {
                self.reshape_supervisor(address, *flags);
                if let Some(supervisor) = self.supervisor(address)
                    && let Rule::Static { strategy: known, .. } = &mut supervisor.rule
                {
                    *known = *strategy;
                }
                self.reshape_children(address, children.clone());
            }
            What::Dynamic { flags, template } => {
                self.reshape_supervisor(address, *flags);
                if let Some(supervisor) = self.supervisor(address) {
                    supervisor.rule = Rule::Dynamic(*template);
                }
            }
        }
    }
}
