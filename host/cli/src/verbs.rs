//! One file a verb.

pub(crate) mod apply;
pub(crate) mod ask;
pub(crate) mod bench;
pub(crate) mod build;
pub(crate) mod check;
pub(crate) mod dead_letters;
pub(crate) mod doctor;
pub(crate) mod events;
pub(crate) mod kill;
pub(crate) mod logs;
pub(crate) mod new;
pub(crate) mod ps;
pub(crate) mod reload;
pub(crate) mod restart;
pub(crate) mod rollback;
pub(crate) mod run;
pub(crate) mod shadow;
pub(crate) mod supervise;
pub(crate) mod tail;
pub(crate) mod tell;
pub(crate) mod tree;
pub(crate) mod versions;
