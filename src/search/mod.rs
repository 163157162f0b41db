//! Search: from what a coder types to ranked codes.
//!
//! The text becomes a [`plan::Plan`]: the readings of the query as data. Recall
//! gathers candidate terms for every reading, ranking orders them by the named
//! features of [`rank`], and an answer is a list of concepts, each with the
//! term that found it. Nothing here knows of HTTP or of files.

pub(crate) mod axes;
mod candidates;
mod code_list;
mod competition;
mod defaults;
pub mod plan;
pub mod rank;
mod searcher;
pub mod senses;
mod statements;
mod traits;
mod words;

pub use defaults::children;
pub(crate) use searcher::Scope;
pub use searcher::{Answer, Filters, Hit, Mode, SearchError, SearchRequest, Searcher};
pub use senses::ChosenSense;
