//! The answer to a claim, for every door alike: a summary, the findings, and the
//! releases and tables that answered.
//!
//! It borrows the claim and the report and writes texts straight into the
//! output, because files hold millions of claims.

use std::fmt::Display;

use codesets::CodeSystem;
use codesets::edit::{EditTableKind, ModifierIndicator, MueAdjudication};
use indexer::bundle::Bundle;
use indexer::edits::{EditTable, EditTables, RowSource};
use jiff::civil::Date;
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use super::claim::Claim;
use super::finding::{ClaimReport, Detail, EditKind, Finding, NotChecked, Outcome, Severity};
use crate::answers::{self, Releases};
use crate::lookup::Days;

/// The systems whose codes stand on claims.
pub const CLAIM_SYSTEMS: [CodeSystem; 3] =
    [CodeSystem::Icd10Cm, CodeSystem::Hcpcs, CodeSystem::Cpt];

/// The answer to a claim.
#[derive(Debug, Serialize)]
pub struct CheckAnswer<'a> {
    /// The claim's own name, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim: Option<&'a str>,
    /// Where the claim stands in its file: a line, a segment, a row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<u64>,
    /// How many findings there are, and what could not be checked.
    pub summary: Summary<'a>,
    /// The findings; in a whole answer then one for each thing that could not be checked.
    pub findings: Findings<'a>,
    /// What answered.
    pub release: CheckRelease<'a>,
}

impl<'a> CheckAnswer<'a> {
    /// The whole answer: findings that do not apply, tallies and the releases' details too.
    pub fn full(claim: &'a Claim, report: &'a ClaimReport<'a>, bundle: &'a Bundle) -> Self {
        CheckAnswer {
            claim: None,
            position: None,
            summary: Summary {
                report,
                with_tallies: true,
            },
            findings: Findings {
                claim,
                report,
                with_all: true,
            },
            release: CheckRelease::Stamps(Stamps {
                systems: answers::releases(bundle, &CLAIM_SYSTEMS, claim.date),
                edits: stamps(bundle, claim),
            }),
        }
    }

    /// The answer for one claim of many: the findings that apply or could not be decided
    /// (with `with_all` the rest too, and why edits could not be checked), and the names of
    /// what answered.
    pub fn short(
        claim: &'a Claim,
        report: &'a ClaimReport<'a>,
        bundle: &'a Bundle,
        with_all: bool,
    ) -> Self {
        CheckAnswer {
            claim: None,
            position: None,
            summary: Summary {
                report,
                with_tallies: false,
            },
            findings: Findings {
                claim,
                report,
                with_all,
            },
            release: CheckRelease::Names(Names { bundle, claim }),
        }
    }
}

/// How many findings of each severity there are, and what was not checked.
#[derive(Debug)]
pub struct Summary<'a> {
    report: &'a ClaimReport<'a>,
    with_tallies: bool,
}

impl Serialize for Summary<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for severity in [Severity::Deny, Severity::Review, Severity::Info] {
            map.serialize_entry(severity.id(), &self.report.count(severity))?;
        }
        let not_checked = EditKind::ALL.into_iter().filter(|edit| {
            let mut missing = self.report.not_checked.iter();
            missing.any(|missing| missing.edit == *edit)
        });
        map.serialize_entry("not_checked", &Each(not_checked.map(EditKind::id)))?;
        if self.with_tallies {
            map.serialize_entry("edits", &Tallies(self.report))?;
        }
        map.end()
    }
}

/// What was looked at, by edit.
struct Tallies<'a>(&'a ClaimReport<'a>);

impl Serialize for Tallies<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Tally {
            applies: usize,
            does_not_apply: usize,
            no_data: usize,
        }
        serializer.collect_map(EditKind::ALL.into_iter().map(|edit| {
            let tally = self.0.tally(edit);
            let shown = Tally {
                applies: tally.applies,
                does_not_apply: tally.does_not_apply,
                no_data: tally.no_data,
            };
            (edit.id(), shown)
        }))
    }
}

/// The findings of a report.
#[derive(Debug)]
pub struct Findings<'a> {
    claim: &'a Claim,
    report: &'a ClaimReport<'a>,
    with_all: bool,
}

impl<'a> Findings<'a> {
    /// Those that are told.
    pub fn told(&self) -> impl Iterator<Item = &'a Finding<'a>> {
        let with_all = self.with_all;
        self.report
            .findings
            .iter()
            .filter(move |finding| with_all || finding.outcome != Outcome::DoesNotApply)
    }
}

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for finding in self.told() {
            list.serialize_element(&FindingAnswer {
                claim: self.claim,
                finding,
            })?;
        }
        // Of many claims the reasons are the same; the summary names what was not checked.
        let missing = self.report.not_checked.iter().filter(|_| self.with_all);
        for missing in missing {
            list.serialize_element(&MissingAnswer(missing))?;
        }
        list.end()
    }
}

struct MissingAnswer<'a>(&'a NotChecked);

impl Serialize for MissingAnswer<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("edit", self.0.edit.id())?;
        map.serialize_entry("outcome", Outcome::NoData.id())?;
        map.serialize_entry("severity", Severity::Info.id())?;
        map.serialize_entry("reason", &self.0.reason)?;
        map.end()
    }
}

struct FindingAnswer<'a> {
    claim: &'a Claim,
    finding: &'a Finding<'a>,
}

impl Serialize for FindingAnswer<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let finding = self.finding;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("edit", finding.edit.id())?;
        map.serialize_entry("outcome", finding.outcome.id())?;
        map.serialize_entry("severity", finding.severity.id())?;
        let line = |index: &usize| self.claim.lines.get(*index).map(|line| line.id.as_str());
        match finding.lines.as_slice() {
            [] => {}
            [one] => map.serialize_entry("line", &line(one))?,
            several => map.serialize_entry("lines", &Each(several.iter().filter_map(line)))?,
        }
        if !finding.diagnoses.is_empty() {
            let code = |index: &usize| self.claim.diagnoses.get(*index).map(String::as_str);
            let codes = finding.diagnoses.iter().filter_map(code);
            map.serialize_entry("codes", &Each(codes))?;
        }
        self.write_detail(&mut map)?;
        if let Some(table) = &finding.table {
            map.serialize_entry("table", &Shown(table))?;
        }
        if let Some(row) = &finding.row {
            write_row(&mut map, row)?;
        }
        map.serialize_entry("text", &finding.text)?;
        map.end()
    }
}

impl FindingAnswer<'_> {
    fn write_detail<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        match &self.finding.detail {
            Detail::None => {}
            Detail::Ptp {
                edit,
                modifiers,
                is_bypassed,
            } => {
                map.serialize_entry("column1", &Shown(edit.column1))?;
                map.serialize_entry("column2", &Shown(edit.column2))?;
                map.serialize_entry("modifier_indicator", indicator(edit.indicator))?;
                let present = modifiers.iter().map(|(_, modifier)| Shown(modifier));
                map.serialize_entry("modifier_present", &Each(present))?;
                map.serialize_entry("bypassed", is_bypassed)?;
                map.serialize_entry("rationale", edit.rationale)?;
                let days = (Shown(edit.effective), edit.deletion.map(Shown));
                map.serialize_entry("effective", &days)?;
            }
            Detail::Mue {
                code,
                day,
                value,
                adjudication,
                units,
                rationale,
            } => {
                map.serialize_entry("code", &Shown(code))?;
                map.serialize_entry("date", &Shown(day))?;
                map.serialize_entry("value", value)?;
                map.serialize_entry("mai", &adjudication.map(mai))?;
                map.serialize_entry("units", &Shown(units))?;
                if value.is_some() {
                    map.serialize_entry("counted", counted(*adjudication))?;
                    map.serialize_entry("rationale", rationale)?;
                }
            }
            Detail::AddOn {
                add_on,
                kind,
                primaries,
                found,
            } => {
                map.serialize_entry("add_on", &Shown(add_on))?;
                map.serialize_entry("type", &char::from(kind.digit()))?;
                map.serialize_entry("primaries", &Each(primaries.iter().map(Shown)))?;
                map.serialize_entry("found", &found.map(Shown))?;
            }
            Detail::Note { kind, note, from } => {
                map.serialize_entry("kind", kind.id())?;
                map.serialize_entry("note", note)?;
                map.serialize_entry("from", from)?;
                if let [_, other] = self.finding.diagnoses[..]
                    && let Some(other) = self.claim.diagnoses.get(other)
                {
                    map.serialize_entry("direction", &Shown(format_args!("{from}→{other}")))?;
                }
            }
            Detail::Mce { list } => map.serialize_entry("list", list.id())?,
        }
        Ok(())
    }
}

/// The digit that CMS publishes.
pub(super) const fn indicator(indicator: ModifierIndicator) -> &'static str {
    match indicator {
        ModifierIndicator::NotAllowed => "0",
        ModifierIndicator::Allowed => "1",
        ModifierIndicator::NotApplicable => "9",
    }
}

/// The digit that CMS publishes.
pub(super) const fn mai(adjudication: MueAdjudication) -> &'static str {
    match adjudication {
        MueAdjudication::Line => "1",
        MueAdjudication::DatePolicy => "2",
        MueAdjudication::DateClinical => "3",
    }
}

/// Which units are held against the value.
pub(super) const fn counted(adjudication: Option<MueAdjudication>) -> &'static str {
    match adjudication {
        None | Some(MueAdjudication::Line) => "units of one claim line",
        Some(MueAdjudication::DatePolicy | MueAdjudication::DateClinical) => {
            "units for one date of service"
        }
    }
}

/// Where a row was published: the file's digest and the line, and the file's name.
pub(super) fn write_row<M: SerializeMap>(map: &mut M, row: &RowSource<'_>) -> Result<(), M::Error> {
    map.serialize_entry("row", &Shown(RowMark(row)))?;
    map.serialize_entry("file", row.file)
}

/// A row as `digest/line`.
pub(super) struct RowMark<'a>(pub(super) &'a RowSource<'a>);

impl Display for RowMark<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 64];
        for (two, byte) in text.chunks_exact_mut(2).zip(self.0.sha256) {
            if let [high, low] = two {
                *high = DIGITS[usize::from(byte >> 4)];
                *low = DIGITS[usize::from(byte & 15)];
            }
        }
        f.write_str(str::from_utf8(&text).unwrap_or_default())?;
        write!(f, "/{}", self.0.line)
    }
}

/// What answered a claim.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum CheckRelease<'a> {
    /// With days and digests.
    Stamps(Stamps),
    /// By name alone: `icd10cm 2026`, `mue-dme 2024q3`.
    Names(Names<'a>),
}

/// The releases by system, and the tables of claim edits.
#[derive(Debug, Serialize)]
pub struct Stamps {
    #[serde(flatten)]
    systems: Releases,
    edits: Vec<TableStamp>,
}

/// A table of claim edits that answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableStamp {
    /// What it is: `ncci-ptp-practitioner`.
    pub table: &'static str,
    /// Its vintage: `2024q3`.
    pub version: String,
    /// The days it was published for.
    pub effective: Days,
    /// How many rows it has.
    pub rows: u32,
    /// Digest over the table's files.
    pub sha256: String,
}

impl TableStamp {
    /// The stamp of a loaded table.
    pub fn of(bundle: &Bundle, table: &EditTable) -> TableStamp {
        let name = table.name;
        let version = name.vintage.to_string();
        let entries = &bundle.manifest().edits;
        let entry = entries
            .iter()
            .find(|entry| entry.table == name.series() && entry.version == version);
        let days = name.vintage.days();
        TableStamp {
            table: name.series(),
            version,
            effective: (
                days.map(|days| days.first.to_string()),
                days.and_then(|days| days.last).map(|day| day.to_string()),
            ),
            rows: table.rows,
            sha256: entry.map_or_else(String::new, |entry| entry.sha256.clone()),
        }
    }
}

fn stamps(bundle: &Bundle, claim: &Claim) -> Vec<TableStamp> {
    let tables = answering(bundle.edits(), claim);
    tables
        .iter()
        .map(|table| TableStamp::of(bundle, table))
        .collect()
}

/// The tables that answer for the days of a claim, in the order of kinds and vintages.
pub(super) fn answering<'t>(tables: &'t EditTables, claim: &Claim) -> Vec<&'t EditTable> {
    let mut days: Vec<Date> = vec![claim.date];
    for day in claim.lines.iter().filter_map(|line| line.date) {
        if !days.contains(&day) {
            days.push(day);
        }
    }
    let mut found: Vec<&EditTable> = Vec::new();
    for kind in KINDS {
        for day in &days {
            let table = tables.answering(kind, claim.setting, claim.payer, *day);
            found.extend(table.filter(|table| !found.iter().any(|known| known.name == table.name)));
        }
    }
    found
}

/// Every kind of table, in the order in which answers list them.
pub(super) const KINDS: [EditTableKind; 4] = [
    EditTableKind::Ptp,
    EditTableKind::Mue,
    EditTableKind::AddOn,
    EditTableKind::Mce,
];

/// What answered, by name.
pub struct Names<'a> {
    bundle: &'a Bundle,
    claim: &'a Claim,
}

impl std::fmt::Debug for Names<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Names").finish_non_exhaustive()
    }
}

impl Serialize for Names<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for system in CLAIM_SYSTEMS {
            if let Some(release) = self.bundle.release_for(system, self.claim.date) {
                let name = format_args!("{} {}", system.id(), release.version);
                list.serialize_element(&Shown(name))?;
            }
        }
        for table in answering(self.bundle.edits(), self.claim) {
            list.serialize_element(&Shown(table.name))?;
        }
        list.end()
    }
}

/// Written as it is shown.
pub(super) struct Shown<T>(pub(super) T);

impl<T: Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// A list of what an iterator gives.
pub(super) struct Each<I>(pub(super) I);

impl<I: Iterator<Item: Serialize> + Clone> Serialize for Each<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.clone())
    }
}
