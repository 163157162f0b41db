//! The release that ships with the program: compressed bytes, and what is in them.
//!
//! Where the files are from and how they were packed stands in
//! `codesets/embedded/README.md`. Unpacking is the indexer's work.

/// A file of the embedded release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmbeddedFile {
    /// The publisher's name of the file.
    pub name: &'static str,
    /// Its length in bytes.
    pub bytes: usize,
    /// Its SHA-256, hexadecimal.
    pub sha256: &'static str,
}

/// The files in the order in which they stand one behind the other in [`FRAME`].
pub const FILES: [EmbeddedFile; 4] = [
    EmbeddedFile {
        name: "icd10c-tabular-April-1-2026.xml",
        bytes: 9_747_661,
        sha256: "f161f8182aff3ce3a2a78e202f8259c08eaee2c670a9e45b0072445c52302935",
    },
    EmbeddedFile {
        name: "icd10cm-tabular-April-2025.xml",
        bytes: 9_658_391,
        sha256: "d6cdf5283f35a102d77ead236ec8c8929f22ba7f3356dbadff18ede01a3a3de5",
    },
    EmbeddedFile {
        name: "code-list-April-2026.txt",
        bytes: 799_043,
        sha256: "df54d9743a3499f4a4fc12882edb7ce0d975b44ada5a2a25597aa56d0c2ac1c4",
    },
    EmbeddedFile {
        name: "code-list-April-2025.txt",
        bytes: 794_065,
        sha256: "ef93ddf5b395d781d3a24558fa5c36bf98c3fc3b77b186f60e6ff195a34d7162",
    },
];

/// All files, one behind the other, as one frame of Zstandard.
pub static FRAME: &[u8] = include_bytes!("../embedded/icd10cm-2025-2026.zst");
