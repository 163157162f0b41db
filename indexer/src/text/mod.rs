//! The text analysis that building and querying share.
//!
//! A text becomes tokens: folded to plain lower-case ASCII, spelled the
//! American way, canonical where two words mean the same, and stemmed. The
//! same function reads a publisher's term and a coder's query, so that the two
//! can meet.

mod analyzer;
mod axes;
mod fold;
mod initials;
mod misspelling;
mod numerals;
mod optional;
mod ranges;

pub use analyzer::{Analyzer, Token};
pub use axes::{AxisWord, axis_word, skeleton};
pub use fold::{Word, fold, words};
pub use initials::{INITIALS, initials};
pub use misspelling::{deletions, edits_between, most_edits};
pub use numerals::names_kinds;
pub(crate) use optional::term_tokens;
pub use ranges::{NumberRange, ranges_in};

/// The words of `text` as typed, folded and joined by single blanks: what completions are keyed by.
pub fn phrase(text: &str) -> String {
    let words: Vec<String> = words(text).into_iter().map(|word| word.text).collect();
    words.join(" ")
}

/// A 64-bit digest of the words of `text`, equal for texts that differ only in case and marks.
///
/// FNV-1a: stable across machines and releases, which a bundle's file needs.
pub fn phrase_digest(text: &str) -> u64 {
    digest(phrase(text).as_bytes())
}

/// FNV-1a, 64 bits.
pub fn digest(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
