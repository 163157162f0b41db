//! Medical-code search, lookup and evaluation over a bundle, and the doors to them.

pub mod eval;
pub mod search;
