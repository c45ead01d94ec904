//! The store from outside.

mod smoke;
