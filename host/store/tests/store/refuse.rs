//! refuse
