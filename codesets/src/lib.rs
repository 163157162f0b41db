//! What medical code sets *are*: systems, codes, concepts, terms, notes and
//! releases, one pure parser a published format, the manifests of known
//! releases, the vocabulary tables and the release that ships with the program.
//!
//! Nothing here opens a file or a socket. A parser takes the bytes or the text
//! of one publisher's file and returns [`Parsed`]: every row it could read and
//! every row it could not, with its line. No input makes a parser panic.

mod code;
mod concept;
pub mod edit;
pub mod embedded;
pub mod formats;
pub mod manifests;
mod note_codes;
mod parsed;
mod release;
mod system;
pub mod vocab;

pub use code::{Code, CodeError};
pub use concept::{Note, NoteKind, SeventhCharacter, Term, TermKind};
pub use note_codes::{CodeRange, codes_in_note};
pub use parsed::{Parsed, RowError, RowProblem};
pub use release::{Release, ReleaseDays};
pub use system::{CodeSystem, UnknownCodeSystem};
