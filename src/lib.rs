//! Medical-code search, lookup and evaluation over a bundle, and the doors to them.

pub mod answers;
pub mod browse;
pub mod cache;
pub mod catalog;
pub mod complete;
pub mod diff;
pub mod edits;
pub mod eval;
pub mod fetch;
pub mod http;
pub mod icd11;
pub mod index_walk;
pub mod lookup;
pub mod mcp;
pub mod pcs_builder;
pub mod search;
pub mod translate;
pub mod validate;
