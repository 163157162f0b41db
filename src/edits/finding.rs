//! What the check says: findings, and what could not be checked.

use codesets::NoteKind;
use codesets::edit::{
    AddOnType, MceList, Modifier, MueAdjudication, ProcedureCode, PtpEdit, TableName,
};
use indexer::edits::RowSource;
use jiff::civil::Date;

use super::claim::Units;

/// An edit: a rule that a claim is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EditKind {
    /// The claim can be read: its codes, units, days and pointers have the right shape.
    Claim,
    /// Codes and modifiers are valid on the day of service.
    CodeValidity,
    /// NCCI procedure-to-procedure edits.
    NcciPtp,
    /// Medically unlikely edits.
    Mue,
    /// Add-on code edits.
    AddOn,
    /// ICD-10-CM Excludes1 notes.
    Excludes1,
    /// ICD-10-CM Excludes2 notes, which never conflict.
    Excludes2,
    /// ICD-10-CM "code first" notes, and manifestations listed first.
    CodeFirst,
    /// ICD-10-CM "use additional code" notes.
    UseAdditional,
    /// ICD-10-CM "code also" notes.
    CodeAlso,
    /// The principal diagnosis against the lists of the Medicare Code Editor.
    McePrincipal,
    /// The patient's age against the lists of the Medicare Code Editor.
    MceAge,
    /// The patient's sex against the lists of the Medicare Code Editor.
    MceSex,
}

impl EditKind {
    /// Every edit, in the order in which answers list them.
    pub const ALL: [EditKind; 13] = [
        EditKind::Claim,
        EditKind::CodeValidity,
        EditKind::NcciPtp,
        EditKind::Mue,
        EditKind::AddOn,
        EditKind::Excludes1,
        EditKind::Excludes2,
        EditKind::CodeFirst,
        EditKind::UseAdditional,
        EditKind::CodeAlso,
        EditKind::McePrincipal,
        EditKind::MceAge,
        EditKind::MceSex,
    ];

    /// The identifier in answers: `ncci_ptp`, `mue`, `addon`, `icd_excludes1` ….
    pub const fn id(self) -> &'static str {
        match self {
            EditKind::Claim => "claim",
            EditKind::CodeValidity => "code_validity",
            EditKind::NcciPtp => "ncci_ptp",
            EditKind::Mue => "mue",
            EditKind::AddOn => "addon",
            EditKind::Excludes1 => "icd_excludes1",
            EditKind::Excludes2 => "icd_excludes2",
            EditKind::CodeFirst => "icd_code_first",
            EditKind::UseAdditional => "icd_use_additional",
            EditKind::CodeAlso => "icd_code_also",
            EditKind::McePrincipal => "mce_principal",
            EditKind::MceAge => "mce_age",
            EditKind::MceSex => "mce_sex",
        }
    }
}

/// Whether an edit applies: three values, so that "nothing found" never looks
/// like "table not loaded".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// The edit applies to the claim.
    Applies,
    /// The edit was looked at and does not apply.
    DoesNotApply,
    /// The edit could not be decided.
    NoData,
}

impl Outcome {
    /// The identifier in answers.
    pub const fn id(self) -> &'static str {
        match self {
            Outcome::Applies => "applies",
            Outcome::DoesNotApply => "does_not_apply",
            Outcome::NoData => "no_data",
        }
    }
}

/// What a finding asks of the coder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// As it stands, the line or claim is denied.
    Deny,
    /// A person has to decide.
    Review,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// The identifier in answers.
    pub const fn id(self) -> &'static str {
        match self {
            Severity::Deny => "deny",
            Severity::Review => "review",
            Severity::Info => "info",
        }
    }
}

/// One thing the check has to say.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding<'t> {
    /// The edit.
    pub edit: EditKind,
    /// Whether it applies.
    pub outcome: Outcome,
    /// What it asks of the coder.
    pub severity: Severity,
    /// The claim's lines concerned, as indexes; for a pair column 1 first.
    pub lines: Vec<usize>,
    /// The claim's diagnoses concerned, as indexes.
    pub diagnoses: Vec<usize>,
    /// The table that says so.
    pub table: Option<TableName>,
    /// Where the row was published.
    pub row: Option<RowSource<'t>>,
    /// The facts of this edit.
    pub detail: Detail<'t>,
    /// A sentence for the coder.
    pub text: String,
}

impl Finding<'_> {
    /// A finding with nothing but an edit and its verdict.
    pub(super) fn new(edit: EditKind, outcome: Outcome, severity: Severity) -> Finding<'static> {
        Finding {
            edit,
            outcome,
            severity,
            lines: Vec::new(),
            diagnoses: Vec::new(),
            table: None,
            row: None,
            detail: Detail::None,
            text: String::new(),
        }
    }
}

/// The facts behind a finding, by edit.
#[derive(Clone, Debug, PartialEq)]
pub enum Detail<'t> {
    /// The sentence says it all.
    None,
    /// A row of a PTP table.
    Ptp {
        /// The row; column 1 is paid, column 2 denied.
        edit: PtpEdit<'t>,
        /// The PTP-associated modifiers on the two lines, with the line of each.
        modifiers: Vec<(usize, Modifier)>,
        /// Whether one of them bypasses the edit.
        is_bypassed: bool,
    },
    /// A row of an MUE table, or its absence.
    Mue {
        /// The code.
        code: ProcedureCode,
        /// The day of service.
        day: Date,
        /// The most units; `None` where no value is published.
        value: Option<u32>,
        /// The indicator that was published.
        adjudication: Option<MueAdjudication>,
        /// The units that were counted.
        units: Units,
        /// Where the value comes from.
        rationale: &'t str,
    },
    /// An add-on code and its primaries.
    AddOn {
        /// The add-on code.
        add_on: ProcedureCode,
        /// Who decides about its primaries.
        kind: AddOnType,
        /// The listed primaries in force, in order.
        primaries: Vec<ProcedureCode>,
        /// The primary that was found on the claim.
        found: Option<ProcedureCode>,
    },
    /// A note of the Tabular List.
    Note {
        /// The kind of note.
        kind: NoteKind,
        /// The publisher's words.
        note: String,
        /// The code, section or chapter that the note stands at.
        from: String,
    },
    /// A list of the Medicare Code Editor.
    Mce {
        /// The list.
        list: MceList,
    },
}

/// An edit that could not be checked, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotChecked {
    /// The edit.
    pub edit: EditKind,
    /// A sentence that says which table or fact is missing.
    pub reason: String,
}

/// How often an edit was looked at, and with what outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Pairs, lines or diagnoses to which the edit applies.
    pub applies: usize,
    /// Those that were looked at and to which it does not apply.
    pub does_not_apply: usize,
    /// Those that could not be decided.
    pub no_data: usize,
}

/// What the check found on a claim.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClaimReport<'t> {
    /// The findings, by edit, then by line or diagnosis.
    pub findings: Vec<Finding<'t>>,
    /// The edits that could not be checked, in whole or for a day.
    pub not_checked: Vec<NotChecked>,
    /// A tally an edit, in the order of [`EditKind::ALL`].
    pub tallies: [Tally; EditKind::ALL.len()],
}

impl<'t> ClaimReport<'t> {
    /// How many findings that apply or need a person ask for `severity`.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.outcome != Outcome::DoesNotApply)
            .filter(|finding| finding.severity == severity)
            .count()
    }

    /// The tally of an edit.
    pub fn tally(&self, edit: EditKind) -> Tally {
        self.tallies.get(edit as usize).copied().unwrap_or_default()
    }

    /// Counts `number` outcomes of an edit.
    pub(super) fn counted(&mut self, edit: EditKind, outcome: Outcome, number: usize) {
        if let Some(tally) = self.tallies.get_mut(edit as usize) {
            *match outcome {
                Outcome::Applies => &mut tally.applies,
                Outcome::DoesNotApply => &mut tally.does_not_apply,
                Outcome::NoData => &mut tally.no_data,
            } += number;
        }
    }

    /// Adds a finding and counts it.
    pub(super) fn found(&mut self, finding: Finding<'t>) {
        self.counted(finding.edit, finding.outcome, 1);
        self.findings.push(finding);
    }

    /// Says once that an edit could not be checked.
    pub(super) fn missing(&mut self, edit: EditKind, reason: String) {
        let missing = NotChecked { edit, reason };
        if !self.not_checked.contains(&missing) {
            self.not_checked.push(missing);
        }
    }
}
