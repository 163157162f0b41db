//! The one integration binary.
//!
//! | module | what it tests |
//! |---|---|
//! | `edits` | claims against edit tables: by hand, against a model, on boundary days |
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test may fail loudly, and says when it did not run"
)]

mod edits;
