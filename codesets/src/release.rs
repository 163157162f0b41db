//! A release: one publication of a code system, and the days it is in force.

use jiff::civil::Date;

use crate::CodeSystem;

/// The days on which a release answers, both included.
///
/// A release without a last day stays in force until a newer one begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReleaseDays {
    /// The first day in force.
    pub first: Date,
    /// The last day in force, if the publisher has named it.
    pub last: Option<Date>,
}

impl ReleaseDays {
    /// Whether `day` is one of the days in force.
    pub fn contains(&self, day: Date) -> bool {
        self.first <= day && self.last.is_none_or(|last| day <= last)
    }
}

/// One publication of a code system.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Release {
    /// The system that was published.
    pub system: CodeSystem,
    /// The publisher's name of the release: `2026`, `2026-04`, `2025-01`.
    pub version: String,
    /// The days in force.
    pub days: ReleaseDays,
}
