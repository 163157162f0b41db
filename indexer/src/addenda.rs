//! Publishers' addenda held against the releases: a cross-check of what was read.

use std::collections::BTreeSet;

use codesets::CodeSystem;
use codesets::formats::icd_addenda::{AddendaChange, AddendaEntry, AddendaLayout, AddendaRow};

use crate::book::{Book, Entry, Level, ReleaseSet};
use crate::report::{Skipped, skip};

/// What changed between two releases: the codes, and of them those of each kind.
#[derive(Debug, Default, PartialEq, Eq)]
struct Changes {
    added: BTreeSet<String>,
    deleted: BTreeSet<String>,
    revised: BTreeSet<String>,
}

impl Changes {
    fn counts(&self) -> String {
        format!(
            "{} added, {} deleted, {} revised",
            self.added.len(),
            self.deleted.len(),
            self.revised.len()
        )
    }
}

/// Holds the addenda of release `version` against `books`.
///
/// `checks` gets a line for each that could be held against two releases;
/// `findings` the codes on which they differ.
pub(crate) fn check(
    version: &str,
    layout: AddendaLayout,
    rows: &[AddendaRow],
    books: &[Book],
    checks: &mut Vec<String>,
    findings: &mut Vec<Skipped>,
) {
    let system = system_of(rows);
    let name = match layout {
        AddendaLayout::Codes => "codes file",
        AddendaLayout::Icd10CmOrder | AddendaLayout::Icd10PcsOrder => "order file",
    };
    let label = format!("addenda of the {} {name} {version}", system.name());
    let pair = books
        .iter()
        .find(|book| book.system == system)
        .and_then(|book| Some((book, releases(book, version)?)));
    let Some((book, (before, after))) = pair else {
        checks.push(format!(
            "{label}: not held against the releases, because the one before {version} is not loaded"
        ));
        return;
    };
    let said = said(rows);
    let found = between(book, before, after);
    if said == found {
        checks.push(format!("{label}: {}; the releases agree", said.counts()));
        return;
    }
    checks.push(format!(
        "{label}: {}, but the releases differ by {}",
        said.counts(),
        found.counts()
    ));
    for (what, said, found) in [
        ("added", &said.added, &found.added),
        ("deleted", &said.deleted, &found.deleted),
        ("revised", &said.revised, &found.revised),
    ] {
        for code in said.symmetric_difference(found) {
            let by = if said.contains(code) {
                "the addenda"
            } else {
                "the releases"
            };
            skip(
                findings,
                "code that the addenda and the releases treat differently",
                format!("{label}: {code} is {what} in {by} only"),
            );
        }
    }
}

/// The system that the addenda are of: a codes file's rows look alike in both.
fn system_of(rows: &[AddendaRow]) -> CodeSystem {
    let pcs = rows.iter().filter(|row| {
        let code = &entry(&row.change).code;
        matches!(code.len(), 3 | 7) && codesets::Code::parse(CodeSystem::Icd10Cm, code).is_err()
    });
    if pcs.count() * 10 > rows.len() {
        CodeSystem::Icd10Pcs
    } else {
        CodeSystem::Icd10Cm
    }
}

fn entry(change: &AddendaChange) -> &AddendaEntry {
    match change {
        AddendaChange::Added(entry)
        | AddendaChange::Deleted(entry)
        | AddendaChange::Revised { to: entry, .. } => entry,
    }
}

/// The bits of the release `version` and of the year before it.
fn releases(book: &Book, version: &str) -> Option<(ReleaseSet, ReleaseSet)> {
    let place = |wanted: &str| {
        book.releases
            .iter()
            .position(|release| release.release.version == wanted)
    };
    let year: u32 = version.parse().ok()?;
    let before = place(&year.checked_sub(1)?.to_string())?;
    Some((1 << before, 1 << place(version)?))
}

/// The billable codes that the addenda change.
fn said(rows: &[AddendaRow]) -> Changes {
    let mut changes = Changes::default();
    for row in rows {
        let entry = entry(&row.change);
        if !entry.billable {
            continue;
        }
        let code = entry.code.clone();
        match &row.change {
            AddendaChange::Added(_) => changes.added.insert(code),
            AddendaChange::Deleted(_) => changes.deleted.insert(code),
            // An order file's addenda list changes of the short title alone, too.
            AddendaChange::Revised { from, to } if from.long_title != to.long_title => {
                changes.revised.insert(code)
            }
            AddendaChange::Revised { .. } => false,
        };
    }
    changes
}

/// The billable codes that differ between two releases of `book`.
fn between(book: &Book, before: ReleaseSet, after: ReleaseSet) -> Changes {
    let mut changes = Changes::default();
    for entry in book
        .entries
        .iter()
        .filter(|entry| entry.level == Level::Code)
    {
        let set = match (entry.billable & before != 0, entry.billable & after != 0) {
            (false, true) => &mut changes.added,
            (true, false) => &mut changes.deleted,
            (true, true) if title(entry, before) != title(entry, after) => &mut changes.revised,
            _ => continue,
        };
        set.insert(entry.key.clone());
    }
    changes
}

fn title(entry: &Entry, release: ReleaseSet) -> &str {
    entry
        .former_titles
        .iter()
        .find(|(releases, _)| releases & release != 0)
        .map_or(entry.title.as_str(), |(_, title)| title.as_str())
}
