//! A HCPCS Level II record, and how its 48 fields are read, whichever file they
//! come from: the fixed-width one ([`hcpcs`](super::hcpcs)) or the one with
//! columns ([`hcpcs_columns`](super::hcpcs_columns)).
//!
//! The fields are those of CMS's record layout (`HCPCS2019_recordlayout.txt`).

use std::collections::HashSet;

use jiff::civil::Date;

use super::source_text::{compact_day, filled};
use crate::{Code, CodeSystem, Parsed, RowError, RowProblem};

/// What a record is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HcpcsKind {
    /// A procedure, supply, drug or service: five characters.
    Procedure,
    /// A modifier: two characters.
    Modifier,
}

/// Whether Medicare covers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HcpcsCoverage {
    /// `C`: carrier judgment.
    CarrierJudgment,
    /// `D`: special coverage instructions apply.
    SpecialInstructions,
    /// `I`: not payable by Medicare.
    NotPayable,
    /// `M`: non-covered by Medicare.
    NonCovered,
    /// `S`: non-covered by Medicare statute.
    NonCoveredByStatute,
}

impl HcpcsCoverage {
    fn of(text: &str) -> Option<HcpcsCoverage> {
        match text {
            "C" => Some(HcpcsCoverage::CarrierJudgment),
            "D" => Some(HcpcsCoverage::SpecialInstructions),
            "I" => Some(HcpcsCoverage::NotPayable),
            "M" => Some(HcpcsCoverage::NonCovered),
            "S" => Some(HcpcsCoverage::NonCoveredByStatute),
            _ => None,
        }
    }

    /// The publisher's letter.
    pub const fn letter(self) -> char {
        match self {
            HcpcsCoverage::CarrierJudgment => 'C',
            HcpcsCoverage::SpecialInstructions => 'D',
            HcpcsCoverage::NotPayable => 'I',
            HcpcsCoverage::NonCovered => 'M',
            HcpcsCoverage::NonCoveredByStatute => 'S',
        }
    }

    /// The publisher's words.
    pub const fn meaning(self) -> &'static str {
        match self {
            HcpcsCoverage::CarrierJudgment => "carrier judgment",
            HcpcsCoverage::SpecialInstructions => "special coverage instructions apply",
            HcpcsCoverage::NotPayable => "not payable by Medicare",
            HcpcsCoverage::NonCovered => "non-covered by Medicare",
            HcpcsCoverage::NonCoveredByStatute => "non-covered by Medicare statute",
        }
    }
}

/// What the release did to the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HcpcsAction {
    /// `A`: added.
    Add,
    /// `B`: administrative data and long description changed.
    AdministrativeAndLongDescription,
    /// `C`: long description changed.
    LongDescription,
    /// `D`: discontinued.
    Discontinue,
    /// `F`: administrative data changed.
    Administrative,
    /// `N`: no maintenance.
    None,
    /// `P`: payment changed.
    Payment,
    /// `R`: reactivated.
    Reactivate,
    /// `S`: short description changed.
    ShortDescription,
    /// `T`: miscellaneous change, such as BETOS or type of service.
    Miscellaneous,
}

impl HcpcsAction {
    /// Every action, in the order of their letters.
    pub const ALL: [HcpcsAction; 10] = [
        HcpcsAction::Add,
        HcpcsAction::AdministrativeAndLongDescription,
        HcpcsAction::LongDescription,
        HcpcsAction::Discontinue,
        HcpcsAction::Administrative,
        HcpcsAction::None,
        HcpcsAction::Payment,
        HcpcsAction::Reactivate,
        HcpcsAction::ShortDescription,
        HcpcsAction::Miscellaneous,
    ];

    fn of(text: &str) -> Option<HcpcsAction> {
        let mut letters = text.chars();
        let letter = letters.next().filter(|_| letters.next().is_none())?;
        HcpcsAction::ALL
            .into_iter()
            .find(|action| action.letter() == letter)
    }

    /// The publisher's letter.
    pub const fn letter(self) -> char {
        match self {
            HcpcsAction::Add => 'A',
            HcpcsAction::AdministrativeAndLongDescription => 'B',
            HcpcsAction::LongDescription => 'C',
            HcpcsAction::Discontinue => 'D',
            HcpcsAction::Administrative => 'F',
            HcpcsAction::None => 'N',
            HcpcsAction::Payment => 'P',
            HcpcsAction::Reactivate => 'R',
            HcpcsAction::ShortDescription => 'S',
            HcpcsAction::Miscellaneous => 'T',
        }
    }
}

/// A code or modifier with all that the file says of it. What is blank in the file is absent here.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HcpcsRecord {
    /// The 1-based line of the file, or row of the sheet, at which the record begins.
    pub line: u64,
    /// The code or modifier.
    pub code: Code,
    /// Which of the two it is.
    pub kind: HcpcsKind,
    /// The long description, its lines joined by one space.
    pub long_description: String,
    /// The short description, at most 28 characters; some records have none.
    pub short_description: Option<String>,
    /// How Medicare prices it: up to four codes, `00` for not separately priced.
    pub pricing: Vec<String>,
    /// Whether several pricing methods may apply.
    pub multiple_pricing: Option<String>,
    /// Sections of the Coverage Issues Manual.
    pub coverage_manual: Vec<String>,
    /// Sections of the Medicare Carriers Manual.
    pub carriers_manual: Vec<String>,
    /// The statute that coverage rests on.
    pub statute: Option<String>,
    /// The certifications of laboratories that may perform it.
    pub laboratory_certifications: Vec<String>,
    /// Codes that replace or answer to it; ranges and CPT codes occur.
    pub cross_references: Vec<String>,
    /// Whether Medicare covers it.
    pub coverage: Option<HcpcsCoverage>,
    /// `YY` when it may be performed in an ambulatory surgical centre.
    pub asc_group: Option<String>,
    /// The day from which the ASC group holds.
    pub asc_day: Option<Date>,
    /// The outpatient payment group.
    pub opps_group: Option<String>,
    /// The outpatient payment indicator.
    pub opps_indicator: Option<String>,
    /// The day from which the outpatient group holds.
    pub opps_day: Option<Date>,
    /// The number of a processing note, printed in a file of its own (`proc_notes`).
    pub processing_note: Option<String>,
    /// The Berenson-Eggers Type of Service: `D1F`.
    pub betos: Option<String>,
    /// CMS's types of service, one character each.
    pub types_of_service: Vec<String>,
    /// Anaesthesia base units.
    pub anesthesia_units: Option<u16>,
    /// The day it was added.
    pub added: Option<Date>,
    /// The day from which the last action holds.
    pub action_effective: Option<Date>,
    /// The last day it may be used.
    pub last_day: Option<Date>,
    /// What the release did to it.
    pub action: Option<HcpcsAction>,
}

/// A field of the record: its name as a column and its columns in the fixed-width file.
pub(crate) struct HcpcsField {
    pub(crate) column: &'static str,
    pub(crate) first: usize,
    pub(crate) last: usize,
}

const fn field(column: &'static str, first: usize, last: usize) -> HcpcsField {
    HcpcsField {
        column,
        first,
        last,
    }
}

/// The 48 fields, in the order of both files.
#[rustfmt::skip]
pub(crate) const FIELDS: [HcpcsField; 48] = [
    field("HCPC", 1, 5), field("SEQNUM", 6, 10), field("RECID", 11, 11),
    field("LONG DESCRIPTION", 12, 91), field("SHORT DESCRIPTION", 92, 119),
    field("PRICE1", 120, 121), field("PRICE2", 122, 123), field("PRICE3", 124, 125), field("PRICE4", 126, 127),
    field("MULT_PI", 128, 128),
    field("CIM1", 129, 134), field("CIM2", 135, 140), field("CIM3", 141, 146),
    field("MCM1", 147, 154), field("MCM2", 155, 162), field("MCM3", 163, 170),
    field("STATUTE", 171, 180),
    field("LABCERT1", 181, 183), field("LABCERT2", 184, 186), field("LABCERT3", 187, 189), field("LABCERT4", 190, 192),
    field("LABCERT5", 193, 195), field("LABCERT6", 196, 198), field("LABCERT7", 199, 201), field("LABCERT8", 202, 204),
    field("XREF1", 205, 209), field("XREF2", 210, 214), field("XREF3", 215, 219), field("XREF4", 220, 224), field("XREF5", 225, 229),
    field("COV", 230, 230), field("ASC_GRP", 231, 232), field("ASC_DT", 233, 240),
    field("OPPS", 241, 243), field("OPPS_PI", 244, 244), field("OPPS_DT", 245, 252),
    field("PROCNOTE", 253, 256), field("BETOS", 257, 259),
    field("TOS1", 261, 261), field("TOS2", 262, 262), field("TOS3", 263, 263), field("TOS4", 264, 264), field("TOS5", 265, 265),
    field("ANEST_BU", 266, 268), field("ADD DT", 269, 276), field("ACT EFF DT", 277, 284), field("TERM DT", 285, 292),
    field("ACTION CD", 293, 293),
];

/// Puts lines together into records.
#[derive(Default)]
pub(crate) struct Records {
    pub(crate) parsed: Parsed<HcpcsRecord>,
    seen: HashSet<Code>,
    open: Option<OpenRecord>,
}

/// The record that continuation lines belong to.
struct OpenRecord {
    code: String,
    /// The sequence number of its first line, which is also the step from line to line.
    step: u32,
    sequence: u32,
    /// Whether the record is among the rows; one that could not be read has been reported.
    kept: bool,
}

impl Records {
    pub(crate) fn report(&mut self, line: u64, problem: RowProblem) {
        self.parsed.errors.push(RowError { line, problem });
    }

    /// Whether any line of a record has been read.
    pub(crate) fn begun(&self) -> bool {
        self.open.is_some()
    }

    /// Takes in the 48 fields of one line, in the order of [`FIELDS`].
    pub(crate) fn take(&mut self, line: u64, fields: &[&str; 48]) {
        let [code, sequence, kind, text, ..] = fields.map(str::trim);
        let number: u32 = match sequence.parse() {
            Ok(number) => number,
            Err(_) => {
                let problem = RowProblem::field("SEQNUM", sequence, "a number");
                return self.report(line, problem);
            }
        };
        match kind {
            "3" => self.begin(line, fields, HcpcsKind::Procedure, number),
            "7" => self.begin(line, fields, HcpcsKind::Modifier, number),
            "4" | "8" => self.go_on(line, code, number, text),
            _ => self.report(line, RowProblem::field("RECID", kind, "3, 4, 7 or 8")),
        }
    }

    fn begin(&mut self, line: u64, fields: &[&str; 48], kind: HcpcsKind, sequence: u32) {
        let record = read_record(line, fields, kind).and_then(|record| {
            if self.seen.insert(record.code.clone()) {
                return Ok(record);
            }
            Err(RowProblem::Duplicate {
                field: "HCPC",
                found: record.code.to_string(),
            })
        });
        let [code, ..] = fields;
        self.open = Some(OpenRecord {
            code: code.trim().to_owned(),
            step: sequence,
            sequence,
            kept: record.is_ok(),
        });
        match record {
            Ok(record) => self.parsed.rows.push(record),
            Err(problem) => self.report(line, problem),
        }
    }

    fn go_on(&mut self, line: u64, code: &str, sequence: u32, text: &str) {
        let Some(open) = self.open.as_mut().filter(|open| open.code == code) else {
            let expected = "the code whose first line stands above";
            return self.report(line, RowProblem::field("HCPC", code, expected));
        };
        let expected = open.sequence.saturating_add(open.step);
        open.sequence = sequence;
        if open.kept
            && let Some(record) = self.parsed.rows.last_mut()
        {
            let text = plain(text);
            if !text.is_empty() {
                if !record.long_description.is_empty() {
                    record.long_description.push(' ');
                }
                record.long_description.push_str(&text);
            }
        }
        if sequence != expected {
            let found = sequence.to_string();
            let expected = "one step more than the line above";
            self.report(line, RowProblem::field("SEQNUM", &found, expected));
        }
    }
}

/// Publishers' no-break spaces read as spaces.
fn plain(text: &str) -> String {
    text.replace('\u{a0}', " ").trim().to_owned()
}

fn read_record(line: u64, fields: &[&str; 48], kind: HcpcsKind) -> Result<HcpcsRecord, RowProblem> {
    #[rustfmt::skip]
    let [
        code, _, _, long, short, price1, price2, price3, price4, multiple,
        cim1, cim2, cim3, mcm1, mcm2, mcm3, statute,
        lab1, lab2, lab3, lab4, lab5, lab6, lab7, lab8,
        xref1, xref2, xref3, xref4, xref5, coverage, asc_group, asc_day,
        opps_group, opps_indicator, opps_day, note, betos,
        tos1, tos2, tos3, tos4, tos5, units, added, effective, last, action,
    ] = fields.map(str::trim);
    let all = |texts: &[&str]| texts.iter().filter_map(|text| filled(text)).collect();
    let parsed =
        Code::parse(CodeSystem::Hcpcs, code).map_err(|source| RowProblem::code(code, source))?;
    if (parsed.as_str().len() == 2) != (kind == HcpcsKind::Modifier) {
        let expected = "two characters for a modifier, five for a procedure";
        return Err(RowProblem::field("HCPC", code, expected));
    }
    let (asc_group, asc_day) = ambulatory(asc_group, asc_day)?;
    Ok(HcpcsRecord {
        line,
        code: parsed,
        kind,
        long_description: plain(long),
        short_description: filled(&plain(short)),
        pricing: all(&[price1, price2, price3, price4]),
        multiple_pricing: filled(multiple),
        coverage_manual: all(&[cim1, cim2, cim3]),
        carriers_manual: all(&[mcm1, mcm2, mcm3]),
        statute: filled(statute),
        laboratory_certifications: all(&[lab1, lab2, lab3, lab4, lab5, lab6, lab7, lab8]),
        cross_references: all(&[xref1, xref2, xref3, xref4, xref5]),
        coverage: read("COV", coverage, HcpcsCoverage::of, "C, D, I, M or S")?,
        asc_group,
        asc_day,
        opps_group: filled(opps_group),
        opps_indicator: filled(opps_indicator),
        opps_day: read("OPPS_DT", opps_day, compact_day, DAY)?,
        processing_note: filled(note),
        betos: filled(betos),
        types_of_service: all(&[tos1, tos2, tos3, tos4, tos5]),
        anesthesia_units: read("ANEST_BU", units, |text| text.parse().ok(), "a number")?,
        added: read("ADD DT", added, compact_day, DAY)?,
        action_effective: read("ACT EFF DT", effective, compact_day, DAY)?,
        last_day: read("TERM DT", last, compact_day, DAY)?,
        action: read(
            "ACTION CD",
            action,
            HcpcsAction::of,
            "one of A B C D F N P R S T",
        )?,
    })
}

/// The ASC group and its day.
///
/// Five records of 2018 have the day two columns early, its century where the
/// group belongs; the workbook of that year repeats it.
fn ambulatory(group: &str, day: &str) -> Result<(Option<String>, Option<Date>), RowProblem> {
    if group == "20"
        && let Some(shifted) = compact_day(&format!("20{day}"))
    {
        return Ok((None, Some(shifted)));
    }
    Ok((filled(group), read("ASC_DT", day, compact_day, DAY)?))
}

const DAY: &str = "a day as YYYYMMDD, or blanks";

/// Reads a field that may be blank.
fn read<T>(
    field: &'static str,
    text: &str,
    reader: impl Fn(&str) -> Option<T>,
    expected: &'static str,
) -> Result<Option<T>, RowProblem> {
    if text.is_empty() {
        return Ok(None);
    }
    match reader(text) {
        Some(value) => Ok(Some(value)),
        None => Err(RowProblem::field(field, text, expected)),
    }
}
