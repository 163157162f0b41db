//! The program in a folder of its own, and small invented releases.

mod claim_edits;
mod embedded;
mod menagerie;
mod release;
mod workshop;

pub(crate) use claim_edits::interchange;
pub(crate) use embedded::embedded_searcher;
pub(crate) use menagerie::Menagerie;
pub(crate) use release::{Invented, newer, older};
pub(crate) use workshop::{Run, Workshop};
