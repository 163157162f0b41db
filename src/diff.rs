//! What one release of a code system changed against another.
//!
//! Pure: two loaded releases in, plain data out. The counts of codes are those
//! of the publishers' addenda: a code that became a header is a code deleted
//! and a header added.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::str::FromStr;

use codesets::{Code, CodeSystem};
use indexer::book::{Level, Property};
use indexer::bundle::records::ConceptRecord;
use indexer::bundle::{Bundle, ConceptId, LoadedRelease};
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use crate::lookup::title;

/// What happened to a code between two releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
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
    /// Every kind.
    pub const ALL: [DiffKind; 6] = [
        DiffKind::Added,
        DiffKind::Deleted,
        DiffKind::Revised,
        DiffKind::BecameHeader,
        DiffKind::BecameBillable,
        DiffKind::Terminated,
    ];

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

/// A name that is no kind of change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a change is added, deleted, revised, became_header, became_billable, terminated or moved")]
pub struct UnknownChange;

/// Which changes are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Those of a kind.
    Kind(DiffKind),
    /// Codes whose concept the publisher gives another code now, before and after.
    Moved,
}

impl Wanted {
    /// Whether `row` is one of them.
    pub fn holds(self, row: &DiffRow) -> bool {
        match self {
            Wanted::Kind(kind) => row.change == kind,
            Wanted::Moved => row.moved_to.is_some() || row.moved_from.is_some(),
        }
    }
}

impl FromStr for Wanted {
    type Err = UnknownChange;

    fn from_str(text: &str) -> Result<Wanted, UnknownChange> {
        if text == "moved" {
            return Ok(Wanted::Moved);
        }
        let kind = DiffKind::ALL.into_iter().find(|kind| kind.id() == text);
        kind.map(Wanted::Kind).ok_or(UnknownChange)
    }
}

/// A code that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
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
    /// The code that its concept has in the later release, by the publisher's identifier of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved_to: Option<String>,
    /// The code that its concept had in the earlier release, by the publisher's identifier of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved_from: Option<String>,
}

/// How many codes changed, as addenda count them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct DiffCounts {
    /// New ones.
    pub added: usize,
    /// Those that are gone.
    pub deleted: usize,
    /// Those with another title.
    pub revised: usize,
}

/// Everything that changed between two releases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
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
    /// Concepts that have another code now; each is a code deleted and a code added too.
    pub moved: usize,
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
    /// There are not two releases to compare.
    #[error("fewer than two releases of {0} are loaded up to that day; name two with from and to")]
    NoPair(CodeSystem),
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
        moved: 0,
        rows: Vec::new(),
    };
    let mut moves = Moves::default();
    for (id, record) in (0u32..).zip(bundle.concepts()) {
        if record.system != system.number() || record.level != Level::Code.number() {
            continue;
        }
        found.count(bundle, record, from, to);
        let Some(change) = change(bundle, ConceptId(id), record, from, to) else {
            continue;
        };
        moves.note(bundle, ConceptId(id), change, (from, to), found.rows.len());
        found.rows.push(row(
            bundle,
            system,
            record,
            change,
            (from, to),
            &replacements,
        ));
    }
    found.moved = moves.mark(&mut found.rows);
    Ok(found)
}

/// The release of `system` that answers for `date`, and the loaded one before it.
pub fn latest_pair(bundle: &Bundle, system: CodeSystem, date: Date) -> Option<(&str, &str)> {
    let to = bundle.release_for(system, date)?;
    let from = bundle
        .releases()
        .iter()
        .rfind(|other| other.system == system && other.bit < to.bit)?;
    Some((&from.version, &to.version))
}

/// Rows of codes that went and came, by the identifier that their publisher gives the concept.
#[derive(Default)]
struct Moves<'a> {
    gone: HashMap<&'a str, usize>,
    come: HashMap<&'a str, usize>,
}

impl<'a> Moves<'a> {
    fn note(
        &mut self,
        bundle: &'a Bundle,
        id: ConceptId,
        change: DiffKind,
        (from, to): (&LoadedRelease, &LoadedRelease),
        row: usize,
    ) {
        let (rows, bit) = match change {
            DiffKind::Deleted => (&mut self.gone, from.bit),
            DiffKind::Added => (&mut self.come, to.bit),
            _ => return,
        };
        if let Some(uri) = bundle.property(id, Property::FoundationUri, bit) {
            rows.insert(uri, row);
        }
    }

    /// Writes each move at both of its rows; returns how many there are.
    fn mark(&self, rows: &mut [DiffRow]) -> usize {
        let pairs: Vec<(usize, usize)> = self
            .gone
            .iter()
            .filter_map(|(uri, gone)| Some((*gone, *self.come.get(uri)?)))
            .collect();
        for (gone, come) in &pairs {
            rows[*gone].moved_to = Some(rows[*come].code.clone());
            rows[*come].moved_from = Some(rows[*gone].code.clone());
        }
        pairs.len()
    }
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
        let mut text =
            String::from("code,change,billable,from,to,replaced_by,replaces,moved_to,moved_from\n");
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
                cell(row.moved_to.as_deref().unwrap_or("")),
                cell(row.moved_from.as_deref().unwrap_or("")),
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
        moved_to: None,
        moved_from: None,
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
    pub fn before(&self, system: CodeSystem, key: &str) -> Vec<String> {
        let codes = self.before.get(&(system.number(), key.to_owned()));
        codes
            .into_iter()
            .flatten()
            .map(|code| Code::dotted(system, code))
            .collect()
    }
}
