//! What a build did with each file.

use serde::Serialize;

use crate::bundle::{ManifestEdits, ManifestRelease};

/// How many positions of skipped rows a report keeps for each file and reason.
const MOST_EXAMPLES: usize = 5;

/// A report of a build.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Whether the bundle that is there was made of the same and was left as it is; its files
    /// were then not read again.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unchanged: bool,
    /// Every file, in order of names.
    pub files: Vec<FileReport>,
    /// The releases that the bundle holds.
    pub releases: Vec<ManifestRelease>,
    /// The tables of claim edits that the bundle holds.
    pub edits: Vec<ManifestEdits>,
    /// What was found when the files were put together.
    pub findings: Vec<Skipped>,
    /// What was held against something else, and how it came out: a line each.
    pub checks: Vec<String>,
}

/// What became of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FileReport {
    /// The file, with the archive it was in.
    pub file: String,
    /// What it was recognised as, or `None`.
    pub recognised: Option<String>,
    /// The release it is of.
    pub release: Option<String>,
    /// Rows read.
    pub rows: u64,
    /// Rows that were not read, by reason.
    pub skipped: Vec<Skipped>,
    /// Whether the file's bytes could not even be had: damaged in its archive, or on the disk.
    pub unreadable: bool,
    /// Why nothing was read from the file.
    pub problem: Option<String>,
}

impl FileReport {
    /// How many rows were skipped.
    pub fn skipped_rows(&self) -> u64 {
        self.skipped.iter().map(|skipped| skipped.count).sum()
    }
}

/// Rows skipped for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// The reason, in words.
    pub reason: String,
    /// How many rows.
    pub count: u64,
    /// The first of them: line and what was found.
    pub examples: Vec<String>,
}

/// Counts one more row under `reason`.
pub(crate) fn skip(into: &mut Vec<Skipped>, reason: &str, example: String) {
    match into.iter_mut().find(|skipped| skipped.reason == reason) {
        Some(skipped) => {
            skipped.count += 1;
            if skipped.examples.len() < MOST_EXAMPLES {
                skipped.examples.push(example);
            }
        }
        None => into.push(Skipped {
            reason: reason.to_owned(),
            count: 1,
            examples: vec![example],
        }),
    }
}
