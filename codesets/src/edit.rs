//! Claim edits: which codes may stand together, how often, and with what.
//!
//! The types here say what a published row *is*; [`crate::formats`] reads the
//! rows, and the program decides what they mean for a claim. The two rules that
//! every edit table shares live here, each in one named place: the day rule
//! ([`in_force`]) and the list of modifiers that may bypass a pair
//! ([`Modifier::is_ptp_associated`]).

mod mce;
mod procedure;
mod vintage;

use std::borrow::Cow;

use jiff::civil::Date;

pub use mce::{AgeRange, MceList, MceRow, SEX_EDITS_LAST_DAY};
pub use procedure::{Modifier, PTP_ASSOCIATED_MODIFIERS, ProcedureCode, ProcedureCodeError};
pub use vintage::{EditTableKind, TableName, Vintage, VintageError};

/// Whether the deletion date of an edit is itself a day on which the edit is in force.
///
/// CMS's text does not settle it, and readers disagree. Of the published
/// deletion dates, 749,078 of 875,902 are December 31 and nearly all others end
/// a quarter, which reads as the last day in force, not as the first day
/// without: that is the reading here.
pub const DELETION_DAY_IN_FORCE: bool = true;

/// Whether a row is in force on `day`: from its effective date through its
/// deletion date, see [`DELETION_DAY_IN_FORCE`].
///
/// Every table of dated rows answers through this one function.
pub fn in_force(effective: Date, deletion: Option<Date>, day: Date) -> bool {
    effective <= day && deletion.is_none_or(|deletion| not_deleted(deletion, day))
}

/// Whether something deleted on `deletion` still stands on `day`; see [`DELETION_DAY_IN_FORCE`].
pub fn not_deleted(deletion: Date, day: Date) -> bool {
    day < deletion || (DELETION_DAY_IN_FORCE && day == deletion)
}

/// Something read from a line of a publisher's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtLine<T> {
    /// The 1-based line of the file (of the sheet, for a workbook) on which it begins.
    pub line: u64,
    /// What stands there.
    pub row: T,
}

/// The kind of claim that a table is published for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Setting {
    /// Services of physicians and other practitioners, and of ambulatory surgery centres.
    Practitioner,
    /// Outpatient services of hospitals.
    OutpatientHospital,
    /// Durable medical equipment, billed by suppliers.
    Dme,
}

impl Setting {
    /// Every setting, in the order in which answers list them.
    pub const ALL: [Setting; 3] = [
        Setting::Practitioner,
        Setting::OutpatientHospital,
        Setting::Dme,
    ];

    /// The identifier in requests and answers: `practitioner`, `outpatient_hospital`, `dme`.
    pub const fn id(self) -> &'static str {
        match self {
            Setting::Practitioner => "practitioner",
            Setting::OutpatientHospital => "outpatient_hospital",
            Setting::Dme => "dme",
        }
    }

    /// The setting called `id`, if there is one.
    pub fn from_id(id: &str) -> Option<Setting> {
        Setting::ALL.into_iter().find(|setting| setting.id() == id)
    }
}

/// Whose edits: Medicare and Medicaid publish tables of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Payer {
    /// Medicare.
    Medicare,
    /// Medicaid.
    Medicaid,
}

impl Payer {
    /// Every payer, in the order in which answers list them.
    pub const ALL: [Payer; 2] = [Payer::Medicare, Payer::Medicaid];

    /// The identifier in requests and answers: `medicare`, `medicaid`.
    pub const fn id(self) -> &'static str {
        match self {
            Payer::Medicare => "medicare",
            Payer::Medicaid => "medicaid",
        }
    }

    /// The payer called `id`, if there is one.
    pub fn from_id(id: &str) -> Option<Payer> {
        Payer::ALL.into_iter().find(|payer| payer.id() == id)
    }
}

/// Whether a modifier may bypass a procedure-to-procedure edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ModifierIndicator {
    /// `0`: no modifier bypasses the edit.
    NotAllowed,
    /// `1`: a PTP-associated modifier bypasses the edit where the record supports it.
    Allowed,
    /// `9`: the edit was deleted as of its effective date; it was never in force.
    NotApplicable,
}

impl ModifierIndicator {
    /// The indicator published as `digit`, if there is one.
    pub fn from_digit(digit: u8) -> Option<ModifierIndicator> {
        match digit {
            b'0' => Some(ModifierIndicator::NotAllowed),
            b'1' => Some(ModifierIndicator::Allowed),
            b'9' => Some(ModifierIndicator::NotApplicable),
            _ => None,
        }
    }

    /// The digit that CMS publishes: `0`, `1` or `9`.
    pub const fn digit(self) -> u8 {
        match self {
            ModifierIndicator::NotAllowed => b'0',
            ModifierIndicator::Allowed => b'1',
            ModifierIndicator::NotApplicable => b'9',
        }
    }
}

/// A row of a procedure-to-procedure (PTP) table.
///
/// For one patient, one provider and one day, column 1 is payable and column 2
/// is denied, unless a modifier bypasses the edit. The order of the columns is
/// part of what the row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PtpEdit<'a> {
    /// The code that is paid.
    pub column1: ProcedureCode,
    /// The code that is denied.
    pub column2: ProcedureCode,
    /// Whether the row is marked as in existence before 1996.
    pub prior_to_1996: bool,
    /// The first day in force.
    pub effective: Date,
    /// The deletion date, or `None` while the row is active.
    pub deletion: Option<Date>,
    /// Whether a modifier may bypass the edit.
    pub indicator: ModifierIndicator,
    /// Why CMS pairs the two codes, in its words.
    pub rationale: &'a str,
}

impl PtpEdit<'_> {
    /// Whether the edit is in force on `day`; a row with indicator 9 never is.
    pub fn in_force(&self, day: Date) -> bool {
        self.indicator != ModifierIndicator::NotApplicable
            && in_force(self.effective, self.deletion, day)
    }
}

/// How the units of a medically unlikely edit are counted (MUE adjudication indicator).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MueAdjudication {
    /// `1`: each line is held against the value; the whole line is denied.
    Line,
    /// `2`: the units of the day are summed; absolute, by policy.
    DatePolicy,
    /// `3`: the units of the day are summed; may be overridden on the medical record.
    DateClinical,
}

impl MueAdjudication {
    /// The indicator published as `digit`, if there is one.
    pub fn from_digit(digit: u8) -> Option<MueAdjudication> {
        match digit {
            b'1' => Some(MueAdjudication::Line),
            b'2' => Some(MueAdjudication::DatePolicy),
            b'3' => Some(MueAdjudication::DateClinical),
            _ => None,
        }
    }

    /// The digit that CMS publishes: `1`, `2` or `3`.
    pub const fn digit(self) -> u8 {
        match self {
            MueAdjudication::Line => b'1',
            MueAdjudication::DatePolicy => b'2',
            MueAdjudication::DateClinical => b'3',
        }
    }
}

/// A row of a medically unlikely edit (MUE) table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MueEdit<'a> {
    /// The code whose units are limited.
    pub code: ProcedureCode,
    /// The most units; 0 means that the code is not payable in the setting.
    pub value: u32,
    /// How units are counted; Medicaid publishes no indicator and counts each line.
    pub adjudication: Option<MueAdjudication>,
    /// Where the value comes from, in CMS's words.
    pub rationale: Cow<'a, str>,
}

/// Who decides which primary procedures an add-on code may be reported with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AddOnType {
    /// `1`: payable only with one of the listed primary codes.
    Listed,
    /// `2`: no primary codes are listed; the contractor decides.
    ContractorDefined,
    /// `3`: some primary codes are listed; the contractor may allow others.
    PartlyListed,
}

impl AddOnType {
    /// The type published as `digit`, if there is one.
    pub fn from_digit(digit: u8) -> Option<AddOnType> {
        match digit {
            b'1' => Some(AddOnType::Listed),
            b'2' => Some(AddOnType::ContractorDefined),
            b'3' => Some(AddOnType::PartlyListed),
            _ => None,
        }
    }

    /// The digit that CMS publishes: `1`, `2` or `3`.
    pub const fn digit(self) -> u8 {
        match self {
            AddOnType::Listed => b'1',
            AddOnType::ContractorDefined => b'2',
            AddOnType::PartlyListed => b'3',
        }
    }
}

/// A row of the add-on code table: an add-on code and one primary it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AddOnEdit<'a> {
    /// Who decides about the add-on code's primaries.
    pub kind: AddOnType,
    /// The add-on code.
    pub add_on: ProcedureCode,
    /// The day the add-on code itself was deleted.
    pub add_on_deletion: Option<Date>,
    /// The primary code; `None` where the file says `CCCCC`, contractor-defined.
    pub primary: Option<ProcedureCode>,
    /// The day the primary code itself was deleted.
    pub primary_deletion: Option<Date>,
    /// The first day the row is in force.
    pub effective: Date,
    /// The day the row was deleted.
    pub deletion: Option<Date>,
    /// The publisher's special instruction, often empty.
    pub note: &'a str,
}

impl AddOnEdit<'_> {
    /// Whether the row is in force on `day` and both of its codes still stand.
    pub fn in_force(&self, day: Date) -> bool {
        in_force(self.effective, self.deletion, day)
            && self
                .add_on_deletion
                .is_none_or(|gone| not_deleted(gone, day))
            && self
                .primary_deletion
                .is_none_or(|gone| not_deleted(gone, day))
    }
}

#[cfg(test)]
mod tests {
    use super::{AtLine, ModifierIndicator, ProcedureCode, PtpEdit, in_force};
    use jiff::civil::{Date, date};

    #[test]
    fn the_deletion_day_is_the_last_day_in_force() {
        let deletion = Some(date(2024, 6, 30));
        let effective = date(2024, 4, 1);
        assert!(!in_force(effective, deletion, date(2024, 3, 31)));
        assert!(in_force(effective, deletion, date(2024, 4, 1)));
        assert!(in_force(effective, deletion, date(2024, 6, 30)));
        assert!(!in_force(effective, deletion, date(2024, 7, 1)));
        assert!(in_force(effective, None, Date::MAX));
    }

    #[test]
    fn indicator_nine_is_never_in_force() {
        let (Ok(column1), Ok(column2)) =
            (ProcedureCode::parse("0001A"), ProcedureCode::parse("0002A"))
        else {
            unreachable!("both are five letters and digits")
        };
        let day = date(2022, 1, 1);
        let row = AtLine {
            line: 7,
            row: PtpEdit {
                column1,
                column2,
                prior_to_1996: false,
                effective: day,
                deletion: Some(day),
                indicator: ModifierIndicator::NotApplicable,
                rationale: "",
            },
        };
        assert!(!row.row.in_force(day));
    }
}
