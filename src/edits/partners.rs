//! What the tables say of one code or of two, without a claim.

use codesets::edit::{EditTableKind, Payer, ProcedureCode, Setting};
use indexer::bundle::Bundle;
use indexer::edits::{EditTable, EditTables, PairRank, PtpFound, RowSource};
use jiff::civil::Date;
use serde::Serialize;

use super::answer::{RowMark, TableStamp, counted, indicator, mai};
use super::finding::Outcome;
use super::tables::why_missing;

/// For which claims a question about tables is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EditScope {
    /// The kind of claim.
    pub setting: Setting,
    /// Whose edits.
    pub payer: Payer,
    /// The day of service.
    pub date: Date,
}

/// The tables that answered.
#[derive(Debug, Serialize)]
pub struct TablesRelease {
    /// Each with its vintage.
    pub edits: Vec<TableStamp>,
}

impl TablesRelease {
    fn of<'t>(bundle: &Bundle, tables: impl IntoIterator<Item = &'t EditTable>) -> TablesRelease {
        let tables = tables.into_iter();
        TablesRelease {
            edits: tables.map(|table| TableStamp::of(bundle, table)).collect(),
        }
    }
}

/// A row's place in what was published.
#[derive(Debug, Serialize)]
pub struct RowPlace {
    table: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
}

impl RowPlace {
    fn of(tables: &EditTables, table: &EditTable, row: u32) -> RowPlace {
        let source: Option<RowSource<'_>> = tables.source(table, row);
        RowPlace {
            table: table.name.to_string(),
            row: source.map(|source| RowMark(&source).to_string()),
            file: source.map(|source| source.file.to_owned()),
        }
    }
}

/// A row of a PTP table.
#[derive(Debug, Serialize)]
pub struct PtpRowAnswer {
    column1: String,
    column2: String,
    modifier_indicator: &'static str,
    in_force: bool,
    effective: (String, Option<String>),
    rationale: String,
    #[serde(flatten)]
    place: RowPlace,
}

impl PtpRowAnswer {
    fn of(tables: &EditTables, table: &EditTable, found: &PtpFound<'_>, day: Date) -> Self {
        let edit = &found.edit;
        PtpRowAnswer {
            column1: edit.column1.to_string(),
            column2: edit.column2.to_string(),
            modifier_indicator: indicator(edit.indicator),
            in_force: edit.in_force(day),
            effective: (
                edit.effective.to_string(),
                edit.deletion.map(|day| day.to_string()),
            ),
            rationale: edit.rationale.to_owned(),
            place: RowPlace::of(tables, table, found.row),
        }
    }
}

impl std::fmt::Display for PtpRowAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (first, last) = &self.effective;
        write!(
            f,
            "{} / {}, indicator {}, from {first}",
            self.column1, self.column2, self.modifier_indicator
        )?;
        if let Some(last) = last {
            write!(f, " to {last}")?;
        }
        write!(f, ", {}", self.rationale)
    }
}

/// The answer about two codes.
#[derive(Debug, Serialize)]
pub struct PairReport {
    /// The two codes, as asked.
    pub a: String,
    /// See `a`.
    pub b: String,
    /// The day of service.
    pub date: String,
    /// The kind of claim.
    pub setting: &'static str,
    /// Whose edits.
    pub payer: &'static str,
    /// Whether an edit is in force.
    pub outcome: &'static str,
    /// A sentence for the coder.
    pub text: String,
    /// The rows in force, or for a pair without any those that are not.
    pub edits: Vec<PtpRowAnswer>,
    /// The table that answered.
    pub release: TablesRelease,
}

/// Whether two codes may stand together, as the PTP table of the day says.
pub fn pair_report(
    bundle: &Bundle,
    scope: EditScope,
    a: ProcedureCode,
    b: ProcedureCode,
) -> PairReport {
    let EditScope {
        setting,
        payer,
        date,
    } = scope;
    let tables = bundle.edits();
    let answer = super::pair(tables, (setting, payer, date), a, b);
    let edits: Vec<PtpRowAnswer> = match &answer.table {
        None => Vec::new(),
        Some(table) => {
            let rows = answer.rows.iter();
            rows.map(|found| PtpRowAnswer::of(tables, table, found, date))
                .collect()
        }
    };
    let text = match answer.outcome {
        Outcome::NoData => why_missing(tables, EditTableKind::Ptp, (setting, payer, date)),
        Outcome::DoesNotApply => format!("No edit of {a} with {b} is in force on {date}."),
        Outcome::Applies => {
            let rows = edits.iter().map(|row| {
                let how = match row.modifier_indicator {
                    "1" => "unless a PTP-associated modifier fits the record",
                    _ => "and no modifier bypasses the edit",
                };
                format!(
                    "{} is paid and {} is denied when one provider reports both on one day, {how}.",
                    row.column1, row.column2
                )
            });
            rows.collect::<Vec<_>>().join(" ")
        }
    };
    PairReport {
        a: a.to_string(),
        b: b.to_string(),
        date: date.to_string(),
        setting: setting.id(),
        payer: payer.id(),
        outcome: answer.outcome.id(),
        text,
        edits,
        release: TablesRelease::of(bundle, &answer.table),
    }
}

/// In which column of a pair a code stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Column 1, the code that is paid: `major`.
    One,
    /// Column 2, the code that is denied: `minor`.
    Two,
}

impl Column {
    /// The identifier in questions and answers.
    pub const fn id(self) -> &'static str {
        match self {
            Column::One => "major",
            Column::Two => "minor",
        }
    }

    /// The column called `id`.
    pub fn from_id(id: &str) -> Option<Column> {
        match id {
            "major" | "column1" => Some(Column::One),
            "minor" | "column2" => Some(Column::Two),
            _ => None,
        }
    }
}

/// Which partners of a code are wanted.
#[derive(Clone, Copy, Debug)]
pub struct PartnerFilter {
    /// The column the code itself stands in; both when absent.
    pub column: Option<Column>,
    /// Whether rows that are not in force on the day are told too.
    pub history: bool,
    /// How many are skipped.
    pub offset: usize,
    /// How many are told at most.
    pub limit: usize,
}

/// The partners of a code.
#[derive(Debug, Serialize)]
pub struct PartnersReport {
    /// The code.
    pub code: String,
    /// The day of service.
    pub date: String,
    /// The kind of claim.
    pub setting: &'static str,
    /// Whose edits.
    pub payer: &'static str,
    /// `no_data` when no table answers for the day.
    pub outcome: &'static str,
    /// Why no table answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How many there are over all pages.
    pub total: usize,
    /// The page: first those with the code in column 1, each list in the order of codes.
    pub partners: Vec<PartnerAnswer>,
    /// The cursor of the next page.
    pub next: Option<String>,
    /// The table that answered.
    pub release: TablesRelease,
}

/// A partner of a code.
#[derive(Debug, Serialize)]
pub struct PartnerAnswer {
    /// The column the code itself stands in.
    direction: &'static str,
    /// The other code.
    partner: String,
    #[serde(flatten)]
    row: PtpRowAnswer,
}

/// Every code that an edit pairs with `code`.
pub fn partners(
    bundle: &Bundle,
    scope: EditScope,
    code: ProcedureCode,
    filter: PartnerFilter,
) -> PartnersReport {
    let EditScope {
        setting,
        payer,
        date,
    } = scope;
    let tables = bundle.edits();
    let table = tables.answering(EditTableKind::Ptp, setting, payer, date);
    let mut report = PartnersReport {
        code: code.to_string(),
        date: date.to_string(),
        setting: setting.id(),
        payer: payer.id(),
        outcome: Outcome::NoData.id(),
        reason: None,
        total: 0,
        partners: Vec::new(),
        next: None,
        release: TablesRelease::of(bundle, table),
    };
    let Some(table) = table else {
        report.reason = Some(why_missing(
            tables,
            EditTableKind::Ptp,
            (setting, payer, date),
        ));
        return report;
    };
    let ptp = tables.ptp();
    let mut take = |column: Column, columns: (ProcedureCode, ProcedureCode), pair: PairRank| {
        for found in ptp.rows(table.ptp_place(), columns, pair) {
            if !filter.history && !found.edit.in_force(date) {
                continue;
            }
            report.total += 1;
            let is_on_page = report.total > filter.offset && report.partners.len() < filter.limit;
            if is_on_page {
                report.partners.push(PartnerAnswer {
                    direction: column.id(),
                    partner: match column {
                        Column::One => columns.1.to_string(),
                        Column::Two => columns.0.to_string(),
                    },
                    row: PtpRowAnswer::of(tables, table, &found, date),
                });
            }
        }
    };
    if filter.column != Some(Column::Two) {
        for (other, pair) in ptp.of_column1(code) {
            take(Column::One, (code, other), pair);
        }
    }
    if filter.column != Some(Column::One) {
        for (other, pair) in ptp.of_column2(code) {
            take(Column::Two, (other, code), pair);
        }
    }
    report.outcome = if report.total > 0 {
        Outcome::Applies.id()
    } else {
        Outcome::DoesNotApply.id()
    };
    report
}

/// The units of a code, by setting.
#[derive(Debug, Serialize)]
pub struct MueReport {
    /// The code.
    pub code: String,
    /// The day of service.
    pub date: String,
    /// Whose edits.
    pub payer: &'static str,
    /// A value a setting.
    pub values: Vec<MueValue>,
    /// The tables that answered.
    pub release: TablesRelease,
}

/// What an MUE table says of a code.
#[derive(Debug, Serialize)]
pub struct MueValue {
    /// The kind of claim.
    pub setting: &'static str,
    /// `applies` when there is a value, `no_data` when none is published or no table answers.
    pub outcome: &'static str,
    /// The most units.
    pub value: Option<u32>,
    /// The adjudication indicator; Medicaid publishes none.
    pub mai: Option<&'static str>,
    /// Which units are held against the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counted: Option<&'static str>,
    /// Where the value comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rationale: Option<String>,
    /// Why there is no value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(flatten)]
    place: Option<RowPlace>,
}

/// The most units of `code` on a day, in one setting or in all.
pub fn mue_report(
    bundle: &Bundle,
    setting: Option<Setting>,
    payer: Payer,
    date: Date,
    code: ProcedureCode,
) -> MueReport {
    let tables = bundle.edits();
    let mut answered = Vec::new();
    let mut values = Vec::new();
    for of in Setting::ALL {
        if setting.is_some_and(|wanted| wanted != of) {
            continue;
        }
        let mut value = MueValue {
            setting: of.id(),
            outcome: Outcome::NoData.id(),
            value: None,
            mai: None,
            counted: None,
            rationale: None,
            reason: None,
            place: None,
        };
        match tables.answering(EditTableKind::Mue, of, payer, date) {
            None => {
                let scope = (of, payer, date);
                value.reason = Some(why_missing(tables, EditTableKind::Mue, scope));
            }
            Some(table) => {
                answered.push(table);
                match tables.mue(table).of(code).next() {
                    None => {
                        value.reason = Some(format!(
                            "no value is published in {}; some are confidential, so this is no pass",
                            table.name
                        ));
                    }
                    Some(found) => {
                        value.outcome = Outcome::Applies.id();
                        value.value = Some(found.edit.value);
                        value.mai = found.edit.adjudication.map(mai);
                        value.counted = Some(counted(found.edit.adjudication));
                        value.rationale = Some(found.edit.rationale.into_owned());
                        value.place = Some(RowPlace::of(tables, table, found.row));
                    }
                }
            }
        }
        values.push(value);
    }
    MueReport {
        code: code.to_string(),
        date: date.to_string(),
        payer: payer.id(),
        values,
        release: TablesRelease::of(bundle, answered),
    }
}

/// What the add-on table says of a code.
#[derive(Debug, Serialize)]
pub struct AddOnReport {
    /// The code.
    pub code: String,
    /// The day of service.
    pub date: String,
    /// Whose edits.
    pub payer: &'static str,
    /// `applies` when the table has the code, `no_data` when no table answers.
    pub outcome: &'static str,
    /// Why no table answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The rows in which it is the add-on, with their primaries.
    pub primaries: Vec<AddOnRow>,
    /// The rows in which it is a primary, with their add-ons.
    pub add_ons: Vec<AddOnRow>,
    /// The table that answered.
    pub release: TablesRelease,
}

/// A row of an add-on table.
#[derive(Debug, Serialize)]
pub struct AddOnRow {
    /// The add-on code.
    add_on: String,
    /// The primary; none where the contractor defines it.
    primary: Option<String>,
    /// 1: only the listed primaries; 2: the contractor decides; 3: some are listed.
    r#type: char,
    in_force: bool,
    effective: (String, Option<String>),
    #[serde(skip_serializing_if = "String::is_empty")]
    note: String,
    #[serde(flatten)]
    place: RowPlace,
}

/// The primaries of an add-on code, and the add-ons of a primary.
pub fn add_on_report(
    bundle: &Bundle,
    payer: Payer,
    date: Date,
    code: ProcedureCode,
    history: bool,
) -> AddOnReport {
    let tables = bundle.edits();
    // One table serves every setting.
    let scope = (Setting::Practitioner, payer, date);
    let table = tables.answering(EditTableKind::AddOn, scope.0, payer, date);
    let mut report = AddOnReport {
        code: code.to_string(),
        date: date.to_string(),
        payer: payer.id(),
        outcome: Outcome::NoData.id(),
        reason: None,
        primaries: Vec::new(),
        add_ons: Vec::new(),
        release: TablesRelease::of(bundle, table),
    };
    let Some(table) = table else {
        report.reason = Some(why_missing(tables, EditTableKind::AddOn, scope));
        return report;
    };
    let row = |found: indexer::edits::AddOnFound<'_>| AddOnRow {
        add_on: found.edit.add_on.to_string(),
        primary: found.edit.primary.map(|code| code.to_string()),
        r#type: char::from(found.edit.kind.digit()),
        in_force: found.edit.in_force(date),
        effective: (
            found.edit.effective.to_string(),
            found.edit.deletion.map(|day| day.to_string()),
        ),
        note: found.edit.note.to_owned(),
        place: RowPlace::of(tables, table, found.row),
    };
    let rows = tables.add_on(table);
    let is_told = |row: &AddOnRow| history || row.in_force;
    report.primaries = rows.of_add_on(code).map(row).filter(is_told).collect();
    report.add_ons = rows.of_primary(code).map(row).filter(is_told).collect();
    report.outcome = if report.primaries.is_empty() && report.add_ons.is_empty() {
        Outcome::DoesNotApply.id()
    } else {
        Outcome::Applies.id()
    };
    report
}
