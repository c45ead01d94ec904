//! `names`: the registry.

use super::bindings::greenroom::actor::names::{Host, NameError};
use super::bindings::greenroom::actor::types::Address;
use super::convert;
use crate::guest::Guest;
use crate::turn::Effect;
use greenroom_core::system::Input;
use greenroom_core::{Grant, Name};

impl Host for Guest {
    fn register(&mut self, name: String) -> Result<(), NameError> {
        let name = parse(&name)?;
        self.granted(Grant::Register(name.clone())).map_err(NameError::NotGranted)?;
        if self.shared.lookup(name.as_str()) != Some(self.cell.address) && self.shared.is_taken(&name) {
            return Err(NameError::Taken);
        }
        self.effect(Effect::Control(Box::new(Input::Register(self.cell.address, name))));
        Ok(())
    }

    fn unregister(&mut self, name: String) {
        if let Ok(name) = name.parse() {
            self.effect(Effect::Control(Box::new(Input::Unregister(self.cell.address, name))));
        }
    }

    fn lookup(&mut self, name: String) -> Result<Option<Address>, NameError> {
        let name = parse(&name)?;
        let supervises = Grant::Supervise(name.clone());
        if !self.grants.contains(&supervises) {
            self.granted(Grant::Tell(name.clone())).map_err(NameError::NotGranted)?;
        }
        Ok(self.shared.lookup(name.as_str()).map(convert::address))
    }
}

pub(super) fn parse(name: &str) -> Result<Name, NameError> {
    name.parse().map_err(|error: greenroom_core::NameError| NameError::Invalid(error.to_string()))
}
