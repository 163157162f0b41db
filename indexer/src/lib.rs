//! Builds bundles: recognises publishers' files, parses and merges them, and
//! writes what search needs on disk; reads bundles back.
//!
//! Nothing here ranks or serves. The text analysis lives here because the
//! builder and the query must agree on it to the letter.

pub mod book;
pub mod bundle;
pub mod text;
