//! Builds bundles: recognises publishers' files, parses and merges them, and
//! writes what search needs on disk; reads bundles back.
//!
//! Nothing here ranks or serves. The text analysis lives here because the
//! builder and the query must agree on it to the letter.

pub mod book;
mod build;
pub mod bundle;
pub mod edits;
mod embedded;
mod facts;
mod icd10cm;
mod index_terms;
mod ingest;
mod known;
mod merge;
mod recognise;
mod report;
pub mod text;
mod unpack;

pub use build::{BuildError, BuildPlan, Progress, build, build_embedded};
pub use embedded::{EmbeddedError, embedded_digest};
pub use report::{FileReport, Report, Skipped};
pub use unpack::UnpackError;
