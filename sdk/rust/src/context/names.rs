//! Names, for finding actors that nobody handed over.

use super::Context;
use crate::{Address, NameError, Result, host};

impl<A> Context<A> {
    /// Registers this actor under a name, beside those it has. Needs the grant `register:NAME`.
    ///
    /// # Errors
    /// [`NameError`].
    pub fn register(&self, name: &str) -> Result<(), NameError> {
        host::register(name)
    }

    /// Gives up a name.
    pub fn unregister(&self, name: &str) {
        host::unregister(name);
    }

    /// Who has the name now, if anybody. Needs the grant `tell:NAME` or `ask:NAME`.
    ///
    /// # Errors
    /// [`NameError`].
    pub fn lookup(&self, name: &str) -> Result<Option<Address>, NameError> {
        host::lookup(name)
    }
}
