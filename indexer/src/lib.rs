//! Builds bundles: recognises publishers' files, parses and merges them, and
//! writes what search needs on disk; reads bundles back.
//!
//! Nothing here ranks or serves. The text analysis lives here because the
//! builder and the query must agree on it to the letter.

mod addenda;
pub mod book;
mod build;
pub mod bundle;
mod carried_terms;
mod cpt;
mod crosswalks;
mod declared;
pub mod edits;
mod embedded;
mod facts;
mod hcpcs;
mod icd10_who;
mod icd10cm;
mod icd10pcs;
mod icd11;
mod index_terms;
mod ingest;
mod known;
mod merge;
mod omop;
mod property;
mod recognise;
mod report;
mod systems;
pub mod text;
mod unpack;

pub use build::{BuildError, BuildPlan, Progress, build, build_embedded};
pub use embedded::{EmbeddedError, embedded_digest};
pub use report::{FileReport, Report, Skipped};
pub use unpack::UnpackError;
