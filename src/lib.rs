//! A medical-coding search engine and claim-edit checker.

pub mod edits;
