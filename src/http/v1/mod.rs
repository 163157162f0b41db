//! The own JSON API, version 1: translations between HTTP and the core, nothing else.

pub mod codes;
pub mod complete;
pub(crate) mod cursor;
pub mod edit_tables;
pub mod edits;
pub mod parameters;
pub mod releases;
pub(super) mod respond;
pub mod search;
