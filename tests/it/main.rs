//! The one integration binary.
//!
//! | module | what it tests |
//! |---|---|
//! | `build` | `codebook build`: reports, what is refused, what a kill leaves behind |
//! | `bundles` | `inspect` and `verify`, and bundles that must not open |
//! | `commands` | `search`, `lookup`, `complete`, `eval`: what they print, and their exit codes |
//! | `embedded` | the release that ships with the program, from an empty cache to an answer |
//! | `odd_questions` | questions that nobody should ask |
//! | `support` | the program in a folder of its own, and small invented releases |
#![expect(
    clippy::unwrap_used,
    reason = "a test may fail loudly; helpers outside of test functions too"
)]

mod build;
mod bundles;
mod commands;
mod embedded;
mod odd_questions;
mod support;
