//! The bundle: an immutable folder that answers everything about the releases in it.
//!
//! Writer and reader stand side by side. A bundle never changes once written;
//! the manifest is written last, so half a bundle never opens.
//!
//! | file | what | shape |
//! |---|---|---|
//! | `manifest.json` | sources, releases, counts, digests | JSON, [`Manifest`] |
//! | `fulltext/` | one document a term, canonical stems | tantivy index |
//! | `codes.fst` | system number and canonical code to concept | fst map |
//! | `tokens.fst` | canonical stem to token | fst map |
//! | `words.fst` | word as written to how many terms hold it | fst map |
//! | `lexicon.fst` | a phrase to what it may also mean | fst map |
//! | `completions.fst` | phrase as typed to the term it completes to | fst map |
//! | `concepts.bin` … | fixed records, little-endian | [`records`] |
//! | `properties.bin`, `crosswalks.bin`, `pcs_*.bin` | what publishers say beside words | [`records`] |
//! | `edits.bin` | claim edits, if any were given | [`crate::edits`] |
//! | `strings.bin` | all texts, UTF-8, pointed into by the records | bytes |
//! | `vocab/` | the vocabulary the bundle was built with | tab-separated |

mod extras;
mod lexicon;
mod manifest;
mod map;
mod pcs;
mod reader;
pub mod records;
mod table;
mod terms;
mod writer;

pub use lexicon::LONGEST_KEY;
pub use manifest::{FileDigest, Manifest, ManifestEdits, ManifestMap, ManifestRelease, SourceFile};
pub use pcs::{PcsCharacter, PcsChoice, PcsNext, PcsTablesView};
pub use reader::{Bundle, BundleError, ConceptId, LoadedRelease, TermId, TermToken, VerifyError};
pub(crate) use writer::hex;
pub use writer::{Made, WriteError, write};

/// The format of the bundle.
///
/// It rises when bytes change **or when the same query could answer
/// differently**. A bundle of another version refuses to open and says what to
/// run; there is no conversion, because building from the publishers' files
/// takes seconds.
pub const FORMAT_VERSION: u32 = 3;

/// The file of a bundle that holds claim edits.
const EDITS_FILE: &str = "edits.bin";
