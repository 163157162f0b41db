//! The manifest: what a bundle was made from and what it holds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// `manifest.json`: written last, read first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// [`super::FORMAT_VERSION`] of the writer.
    pub format_version: u32,
    /// The program's version that wrote the bundle.
    pub tool_version: String,
    /// When the bundle was built, RFC 3339, UTC.
    pub built_at: String,
    /// Digest over everything the bundle was made from: files and their names, vocabulary,
    /// program and format. Empty in a bundle of a program that did not write it.
    #[serde(default)]
    pub inputs: String,
    /// Every file that went in.
    pub sources: Vec<SourceFile>,
    /// Every release, oldest first within its system; the order numbers the bits of the records.
    pub releases: Vec<ManifestRelease>,
    /// Every map; the order numbers the records of `crosswalks.bin`.
    #[serde(default)]
    pub maps: Vec<ManifestMap>,
    /// Every table of claim edits, by series and vintage.
    #[serde(default)]
    pub edits: Vec<ManifestEdits>,
    /// How many concepts, terms, notes and tokens there are.
    pub counts: BTreeMap<String, u64>,
    /// The digest of every other file of the bundle, by its path within.
    pub files: BTreeMap<String, FileDigest>,
}

/// A publisher's file that went into a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// The file's name, with the archive it was in: `codes.zip/order_2026.txt`.
    pub name: String,
    /// What the file was recognised as.
    pub format: String,
    /// The system it is of: `icd10cm`; `edits` for a table of claim edits.
    pub system: String,
    /// The publisher's name of the release it is of; `None` for a file about several.
    pub version: Option<String>,
    /// SHA-256 of the unpacked bytes, hexadecimal.
    pub sha256: String,
    /// Rows read.
    pub rows: u64,
    /// Rows that could not be read or used.
    pub skipped: u64,
}

/// A release in a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestRelease {
    /// The system's identifier: `icd10cm`.
    pub system: String,
    /// The publisher's name of the release: `2026`.
    pub version: String,
    /// The first day in force, `YYYY-MM-DD`.
    pub first_day: String,
    /// The last day in force, if known.
    pub last_day: Option<String>,
    /// Billable codes.
    pub billable: u64,
    /// Codes and headers.
    pub codes: u64,
    /// Who published it.
    pub publisher: String,
    /// The terms of its licence, in a line.
    pub licence: String,
    /// SHA-256 over the digests of the release's files, in order of their names.
    pub sha256: String,
}

/// A map in a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestMap {
    /// The map's identifier: `gem-icd9cm-icd10cm`.
    pub name: String,
    /// The publisher's name of its release.
    pub version: String,
    /// The identifier of the system that is translated.
    pub source: String,
    /// The identifier of the system that it is translated to.
    pub target: String,
    /// How many rows it has.
    pub rows: u64,
}

/// A table of claim edits in a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestEdits {
    /// What the table is, whatever its vintage: `ncci-ptp-practitioner`.
    pub table: String,
    /// Its vintage: `2024q3`.
    pub version: String,
    /// The first day it was published for, `YYYY-MM-DD`.
    pub first_day: String,
    /// The last day it was published for.
    pub last_day: Option<String>,
    /// How many rows it has.
    pub rows: u64,
    /// SHA-256 over the digests of the table's files, in order of their names.
    pub sha256: String,
}

/// What a file of a bundle must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileDigest {
    /// SHA-256, hexadecimal.
    pub sha256: String,
    /// Length in bytes.
    pub bytes: u64,
}
