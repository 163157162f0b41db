//! The own JSON API, version 1: translations between HTTP and the core, nothing else.

pub mod batch;
pub mod codes;
pub mod complete;
pub(crate) mod cursor;
pub mod diff;
pub mod edit_tables;
pub mod edits;
pub mod index;
pub mod lines;
pub mod modifiers;
pub mod parameters;
pub mod pcs;
pub mod releases;
pub(super) mod respond;
pub mod search;
pub mod translate;
pub mod tree;
pub mod validate;
