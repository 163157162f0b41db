//! The text analysis that building and querying share.
//!
//! A text becomes tokens: folded to plain lower-case ASCII, spelled the
//! American way, canonical where two words mean the same, and stemmed. The
//! same function reads a publisher's term and a coder's query, so that the two
//! can meet.

mod analyzer;
mod fold;
mod numerals;

pub use analyzer::{Analyzer, Token};
pub use fold::{Word, fold, words};
