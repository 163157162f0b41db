//! Edit tables on disk: the publishers' claim edits in one file that is mapped
//! into memory and answers in place.
//!
//! Writer and reader stand side by side. [`EditFile`] reads a publisher's file,
//! [`ParsedFile`] parses it, [`EditsBuilder`] writes all tables into one file,
//! and [`EditTables`] opens it. The file never changes once written, and the
//! same publishers' files give the same bytes.
//!
//! All numbers are little-endian; every section begins at a cache line:
//!
//! | section | what |
//! |---|---|
//! | header, directory | magic, [`EDITS_VERSION`], length; offset and length of each section |
//! | texts | rationales, notes and file names, each once |
//! | tables, files, runs | what is loaded; runs of consecutive lines turn a row's number into file and line |
//! | code slots, row codes, column codes | a code's row and column in the pair bitmap |
//! | pair directory, row blocks, pair blocks | all pairs of all PTP tables, as a bitmap with ranks |
//! | pair values, histories, lists, facts | what each table says of a pair, shared |
//! | rows before | for every 16th pair, how many rows each table has before it |
//! | MUE, add-on, MCE | sorted arrays |
//!
//! The three PTP tables of 2024 (2,244,904 pairs, 6,866,924 rows) take 6.1 bytes
//! a pair, histories and provenance included.

mod addon;
mod build;
mod bytes;
mod diff;
mod file;
mod mce;
mod mce_json;
mod mue;
mod pairs;
mod pairs_writer;
mod parsed;
mod ptp;
mod ptp_writer;
mod records;
mod sections;
mod tables;
mod texts;

pub use addon::{AddOn, AddOnFound};
pub use build::{BuildError, EditsBuild, EditsBuilder, FileReport};
pub use bytes::{Bytes, OwnedBytes};
pub use diff::{MueDifference, PtpChange, PtpDifference, mue_differences, ptp_differences};
pub use file::{EditFile, EditFileError};
pub(crate) use file::{content_fits, kind_of_text};
pub use mce::Mce;
pub use mue::{Mue, MueFound};
pub use pairs::{PairCode, PairRank};
pub use parsed::ParsedFile;
pub use ptp::{Ptp, PtpFound};
pub use tables::{EditTable, EditTables, RowSource};

/// The format of the table file.
///
/// It rises when bytes change. Any other version refuses to open; there is no
/// conversion, because building from the publishers' files takes seconds.
pub const EDITS_VERSION: u32 = 1;

/// Why a table file could not be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EditTablesError {
    /// The file is something else.
    #[error("the file does not begin as edit tables do")]
    NotEditTables,
    /// The file was written by another version.
    #[error(
        "edit tables of format {found}, but this build reads format {EDITS_VERSION}; \
         rebuild them with the indexer of this release"
    )]
    Version {
        /// The file's format.
        found: u32,
    },
    /// The file is damaged.
    #[error("the edit tables are damaged: {what}; rebuild them from the publishers' files")]
    Damaged {
        /// What does not fit.
        what: &'static str,
    },
}

impl EditTablesError {
    fn damaged(what: &'static str) -> EditTablesError {
        EditTablesError::Damaged { what }
    }
}
