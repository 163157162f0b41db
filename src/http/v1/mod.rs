//! The own JSON API, version 1: translations between HTTP and the core, nothing else.

pub mod batch;
pub mod codes;
pub mod complete;
pub(crate) mod cursor;
pub mod lines;
pub mod parameters;
pub mod releases;
pub(super) mod respond;
pub mod search;
