//! What one release of a code system changed against another.
//!
//! Pure: two loaded releases in, plain data out. The counts of codes are those
//! of the publishers' addenda: a code that became a header is a code deleted
//! and a header added.

use std::collections::BTreeMap;
use std::fmt::Write;

use codesets::{Code, CodeSystem};
use indexer::book::{Level, Property};
use indexer::bundle::records::ConceptRecord;
use indexer::bundle::{Bundle, ConceptId, LoadedRelease};
use serde::Serialize;

use crate::lookup::title;

/// What happened to a code between two releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DiffKind {
    /// It is new.
    Added,
    /// It is gone.
    Deleted,
    /// Its title is another.
    Revised,
    /// It was billable and needs more characters now.
    BecameHeader,
    /// It needed more characters and is billable now.
    BecameBillable,
    /// It is still listed, but its last day lies before the release.
    Terminated,
}

impl DiffKind {
    /// The identifier in answers.
    pub const fn id(self) -> &'static str {
        match self {
            DiffKind::Added => "added",
            DiffKind::Deleted => "deleted",
            DiffKind::Revised => "revised",
            DiffKind::BecameHeader => "became_header",
            DiffKind::BecameBillable => "became_billable",
            DiffKind::Terminated => "terminated",
        }
    }
}

/// A code that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DiffRow {
    /// The code, with its dot.
    pub code: String,
    /// What happened.
    pub change: DiffKind,
    /// Whether it is billable in the later release, or was in the earlier one if it is gone.
    pub billable: bool,
    /// The title before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The title after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The codes that took its place, where the publisher's conversion table says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub replaced_by: Vec<String>,
    /// The codes that were used before it, where the publisher's conversion table says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub replaces: Vec<String>,
}

/// How many codes changed, as addenda count them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DiffCounts {
    /// New ones.
    pub added: usize,
    /// Those that are gone.
    pub deleted: usize,
    /// Those with another title.
    pub revised: usize,
}

/// Everything that changed between two releases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReleaseDiff {
    /// The system's identifier.
    pub system: &'static str,
    /// The earlier release, or the one that was named first.
    pub from: String,
    /// The later release, or the one that was named second.
    pub to: String,
    /// Billable codes.
    pub codes: DiffCounts,
    /// Headers.
    pub headers: DiffCounts,
    /// Every change, in tabular order.
    pub rows: Vec<DiffRow>,
}

/// Why two releases cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DiffError {
    /// A release is not loaded.
    #[error("{system} `{version}` is not loaded; loaded are: {}", loaded.join(", "))]
    NotLoaded {
        /// The system.
        system: CodeSystem,
        /// The release that was asked for.
        version: String,
        /// The releases that are.
        loaded: Vec<String>,
    },
}

/// What release `to` of `system` changed against release `from`.
///
/// # Errors
/// When one of them is not loaded.
pub fn diff(
    bundle: &Bundle,
    system: CodeSystem,
    from: &str,
    to: &str,
) -> Result<ReleaseDiff, DiffError> {
    let (from, to) = (release(bundle, system, from)?, release(bundle, system, to)?);
    let replacements = Replacements::of(bundle);
    let mut found = ReleaseDiff {
        system: system.id(),
        from: from.version.clone(),
        to: to.version.clone(),
        codes: DiffCounts::default(),
        headers: DiffCounts::default(),
        rows: Vec::new(),
    };
    for (id, record) in (0u32..).zip(bundle.concepts()) {
        if record.system != system.number() || record.level != Level::Code.number() {
            continue;
        }
        found.count(bundle, record, from, to);
        let Some(change) = change(bundle, ConceptId(id), record, from, to) else {
            continue;
        };
        found.rows.push(row(
            bundle,
            system,
            record,
            change,
            (from, to),
            &replacements,
        ));
    }
    Ok(found)
}

fn release<'a>(
    bundle: &'a Bundle,
    system: CodeSystem,
    version: &str,
) -> Result<&'a LoadedRelease, DiffError> {
    let of_system = || {
        bundle
            .releases()
            .iter()
            .filter(|release| release.system == system)
    };
    of_system()
        .find(|release| release.version == version)
        .ok_or_else(|| DiffError::NotLoaded {
            system,
            version: version.chars().take(40).collect(),
            loaded: of_system().map(|release| release.version.clone()).collect(),
        })
}

fn change(
    bundle: &Bundle,
    id: ConceptId,
    record: &ConceptRecord,
    from: &LoadedRelease,
    to: &LoadedRelease,
) -> Option<DiffKind> {
    let present = |release: &LoadedRelease| record.present.get() & release.bit != 0;
    let billable = |release: &LoadedRelease| record.billable.get() & release.bit != 0;
    match (present(from), present(to)) {
        (false, false) => None,
        (false, true) => Some(DiffKind::Added),
        (true, false) => Some(DiffKind::Deleted),
        (true, true) => match (billable(from), billable(to)) {
            (true, false) if bundle.property(id, Property::LastDay, to.bit).is_some() => {
                Some(DiffKind::Terminated)
            }
            (true, false) => Some(DiffKind::BecameHeader),
            (false, true) => Some(DiffKind::BecameBillable),
            _ => (title(bundle, record, from) != title(bundle, record, to))
                .then_some(DiffKind::Revised),
        },
    }
}

impl ReleaseDiff {
    /// Counts a concept once as a code and once as a header, as addenda do.
    fn count(
        &mut self,
        bundle: &Bundle,
        record: &ConceptRecord,
        from: &LoadedRelease,
        to: &LoadedRelease,
    ) {
        let present = record.present.get();
        let billable = record.billable.get();
        let revised = || title(bundle, record, from) != title(bundle, record, to);
        for (set, counts) in [
            (present & billable, &mut self.codes),
            (present & !billable, &mut self.headers),
        ] {
            match (set & from.bit != 0, set & to.bit != 0) {
                (false, true) => counts.added += 1,
                (true, false) => counts.deleted += 1,
                (true, true) if revised() => counts.revised += 1,
                _ => {}
            }
        }
    }

    /// The changes as comma-separated values with a header, quoted where needed.
    pub fn to_csv(&self) -> String {
        let mut text = String::from("code,change,billable,from,to,replaced_by,replaces\n");
        let cell = |text: &str| {
            // A spreadsheet takes a cell that begins so for a formula.
            let text = if text.starts_with(['=', '+', '-', '@']) {
                format!("'{text}")
            } else {
                text.to_owned()
            };
            if text.contains([',', '"', '\n']) {
                format!("\"{}\"", text.replace('"', "\"\""))
            } else {
                text
            }
        };
        for row in &self.rows {
            let cells = [
                cell(&row.code),
                row.change.id().to_owned(),
                row.billable.to_string(),
                cell(row.from.as_deref().unwrap_or("")),
                cell(row.to.as_deref().unwrap_or("")),
                cell(&row.replaced_by.join(" ")),
                cell(&row.replaces.join(" ")),
            ];
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{}", cells.join(","));
        }
        text
    }
}

fn row(
    bundle: &Bundle,
    system: CodeSystem,
    record: &ConceptRecord,
    change: DiffKind,
    (from, to): (&LoadedRelease, &LoadedRelease),
    replacements: &Replacements,
) -> DiffRow {
    let key = bundle.text(record.key);
    let (before, after) = match change {
        DiffKind::Added => (None, Some(to)),
        DiffKind::Deleted => (Some(from), None),
        DiffKind::Revised
        | DiffKind::BecameHeader
        | DiffKind::BecameBillable
        | DiffKind::Terminated => (Some(from), Some(to)),
    };
    let named = |release: Option<&LoadedRelease>| {
        release.map(|release| title(bundle, record, release).to_owned())
    };
    let mut row = DiffRow {
        code: Code::dotted(system, key),
        change,
        billable: record.billable.get() & after.unwrap_or(from).bit != 0,
        from: named(before),
        to: named(after),
        replaced_by: Vec::new(),
        replaces: Vec::new(),
    };
    match change {
        DiffKind::Deleted | DiffKind::BecameHeader | DiffKind::Terminated => {
            row.replaced_by = replacements.after(bundle, system, key, to);
        }
        DiffKind::Added | DiffKind::BecameBillable => {
            row.replaces = replacements.before(system, key);
        }
        DiffKind::Revised => {}
    }
    row
}

/// The publisher's conversion table, both ways: codes and those they replaced.
pub struct Replacements {
    after: BTreeMap<(u8, String), Vec<String>>,
    before: BTreeMap<(u8, String), Vec<String>>,
}

impl Replacements {
    /// Reads the maps of a system to itself.
    pub fn of(bundle: &Bundle) -> Replacements {
        let mut found = Replacements {
            after: BTreeMap::new(),
            before: BTreeMap::new(),
        };
        for record in bundle.crosswalks() {
            if record.source_system != record.target_system {
                continue;
            }
            let system = record.source_system;
            let (new, old) = (bundle.text(record.source), bundle.text(record.target));
            found
                .after
                .entry((system, old.to_owned()))
                .or_default()
                .push(new.to_owned());
            found
                .before
                .entry((system, new.to_owned()))
                .or_default()
                .push(old.to_owned());
        }
        found
    }

    /// The codes of `release` that took the place of `key`, with their dots.
    pub fn after(
        &self,
        bundle: &Bundle,
        system: CodeSystem,
        key: &str,
        release: &LoadedRelease,
    ) -> Vec<String> {
        let codes = self.after.get(&(system.number(), key.to_owned()));
        let is_there = |code: &&String| {
            bundle
                .find(system, code)
                .is_some_and(|id| bundle.concept(id).present.get() & release.bit != 0)
        };
        codes
            .into_iter()
            .flatten()
            .filter(is_there)
            .map(|code| Code::dotted(system, code))
            .collect()
    }

    /// The codes that were used before `key`, with their dots.
    fn before(&self, system: CodeSystem, key: &str) -> Vec<String> {
        let codes = self.before.get(&(system.number(), key.to_owned()));
        codes
            .into_iter()
            .flatten()
            .map(|code| Code::dotted(system, code))
            .collect()
    }
}
