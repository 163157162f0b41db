//! Which table a file holds, and the days it is published for.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, date};

use super::{Payer, Setting};
use crate::ReleaseDays;

/// When a table was published for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Vintage {
    /// A calendar quarter, 1 to 4: NCCI tables.
    Quarter {
        /// The calendar year.
        year: i16,
        /// The quarter, 1 to 4.
        quarter: i8,
    },
    /// A fiscal year, which begins on October 1 of the year before: MCE lists.
    FiscalYear(i16),
}

impl Vintage {
    /// The days the table was published for; `None` for a year outside 1900 to 2199
    /// or a quarter other than 1 to 4.
    pub fn days(self) -> Option<ReleaseDays> {
        let (first, last) = match self {
            Vintage::Quarter { year, quarter } => {
                if !(1900..2200).contains(&year) || !(1..=4).contains(&quarter) {
                    return None;
                }
                let last_month = quarter * 3;
                let last_day = if matches!(quarter, 1 | 4) { 31 } else { 30 };
                (
                    date(year, last_month - 2, 1),
                    date(year, last_month, last_day),
                )
            }
            Vintage::FiscalYear(year) => {
                if !(1901..2200).contains(&year) {
                    return None;
                }
                (date(year - 1, 10, 1), date(year, 9, 30))
            }
        };
        Some(ReleaseDays {
            first,
            last: Some(last),
        })
    }

    /// The quarter that `day` lies in.
    pub fn quarter_of(day: Date) -> Vintage {
        Vintage::Quarter {
            year: day.year(),
            quarter: (day.month() - 1) / 3 + 1,
        }
    }
}

impl fmt::Display for Vintage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Vintage::Quarter { year, quarter } => write!(f, "{year}q{quarter}"),
            Vintage::FiscalYear(year) => write!(f, "fy{year}"),
        }
    }
}

/// What a table edits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EditTableKind {
    /// Pairs of procedures (PTP).
    Ptp,
    /// Units of a procedure (MUE).
    Mue,
    /// Add-on codes and their primaries (AOC).
    AddOn,
    /// Lists of the Medicare Code Editor.
    Mce,
}

/// A published table: what it edits, for which claims, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableName {
    /// What the table edits.
    pub kind: EditTableKind,
    /// The claims it is for; `None` where one table serves every setting.
    pub setting: Option<Setting>,
    /// Whose edits it holds.
    pub payer: Payer,
    /// The quarter or year it was published for.
    pub vintage: Vintage,
}

impl TableName {
    /// The table that a file of CMS's holds, told from the file's name alone:
    /// `ccipra-v302r0-f1.txt`, `MCR_MUE_PractitionerServices_Eff_07-01-2024.csv`,
    /// `AOC_V2026Q2-MCR.xlsx`, `MCE_Simple_Code_Edits_v37.txt`, `mce_edits_fy2026.json`
    /// and their Medicaid counterparts. `None` for any other name.
    pub fn from_file_name(name: &str) -> Option<TableName> {
        let name = name.to_ascii_lowercase();
        let payer = if name.contains("mcd") || name.contains("medicaid") {
            Payer::Medicaid
        } else {
            Payer::Medicare
        };
        let table = |kind, setting, vintage| TableName {
            kind,
            setting,
            payer,
            vintage,
        };
        let mentions = |part: &str| name.contains(part);
        if mentions("mue") {
            let setting = if mentions("pra") {
                Setting::Practitioner
            } else if mentions("outpatient") || mentions("oph") {
                Setting::OutpatientHospital
            } else if mentions("dme") {
                Setting::Dme
            } else {
                return None;
            };
            let vintage = effective_quarter(&name).or_else(|| named_quarter(&name))?;
            return Some(table(EditTableKind::Mue, Some(setting), vintage));
        }
        if mentions("aoc") {
            return Some(table(EditTableKind::AddOn, None, named_quarter(&name)?));
        }
        if mentions("mce") {
            let vintage = match number_after(&name, "fy") {
                Some(year) => Vintage::FiscalYear(year),
                // Version 37 was the edition of fiscal year 2020; one version a year.
                None => Vintage::FiscalYear(number_after(&name, "_v")?.checked_add(1983)?),
            };
            return Some(table(EditTableKind::Mce, None, vintage));
        }
        let setting = if mentions("pra") {
            Setting::Practitioner
        } else if mentions("oph") {
            Setting::OutpatientHospital
        } else if mentions("dme") {
            Setting::Dme
        } else {
            return None;
        };
        if !(mentions("cci") || mentions("ptp")) {
            return None;
        }
        let vintage = named_quarter(&name).or_else(|| ptp_version(&name))?;
        Some(table(EditTableKind::Ptp, Some(setting), vintage))
    }
}

impl TableName {
    /// What the table is, whatever its vintage: `ncci-ptp-practitioner`, `mue-dme`, `addon`,
    /// `mce`, with `medicaid-` in front of Medicaid's tables.
    pub const fn series(&self) -> &'static str {
        let medicare = matches!(self.payer, Payer::Medicare);
        match (self.kind, self.setting) {
            (EditTableKind::Ptp, Some(Setting::Practitioner)) if medicare => {
                "ncci-ptp-practitioner"
            }
            (EditTableKind::Ptp, Some(Setting::OutpatientHospital)) if medicare => {
                "ncci-ptp-outpatient-hospital"
            }
            (EditTableKind::Ptp, Some(Setting::Dme)) if medicare => "ncci-ptp-dme",
            (EditTableKind::Ptp, None) if medicare => "ncci-ptp",
            (EditTableKind::Ptp, Some(Setting::Practitioner)) => "medicaid-ncci-ptp-practitioner",
            (EditTableKind::Ptp, Some(Setting::OutpatientHospital)) => {
                "medicaid-ncci-ptp-outpatient-hospital"
            }
            (EditTableKind::Ptp, Some(Setting::Dme)) => "medicaid-ncci-ptp-dme",
            (EditTableKind::Ptp, None) => "medicaid-ncci-ptp",
            (EditTableKind::Mue, Some(Setting::Practitioner)) if medicare => "mue-practitioner",
            (EditTableKind::Mue, Some(Setting::OutpatientHospital)) if medicare => {
                "mue-outpatient-hospital"
            }
            (EditTableKind::Mue, Some(Setting::Dme)) if medicare => "mue-dme",
            (EditTableKind::Mue, None) if medicare => "mue",
            (EditTableKind::Mue, Some(Setting::Practitioner)) => "medicaid-mue-practitioner",
            (EditTableKind::Mue, Some(Setting::OutpatientHospital)) => {
                "medicaid-mue-outpatient-hospital"
            }
            (EditTableKind::Mue, Some(Setting::Dme)) => "medicaid-mue-dme",
            (EditTableKind::Mue, None) => "medicaid-mue",
            (EditTableKind::AddOn, _) if medicare => "addon",
            (EditTableKind::AddOn, _) => "medicaid-addon",
            (EditTableKind::Mce, _) if medicare => "mce",
            (EditTableKind::Mce, _) => "medicaid-mce",
        }
    }
}

impl fmt::Display for TableName {
    /// Writes `ncci-ptp-practitioner 2024q3`, `addon 2026q2`, `mce fy2026`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.series(), self.vintage)
    }
}

impl FromStr for Vintage {
    type Err = VintageError;

    /// Reads `2024q3` or `fy2026`, in any case.
    fn from_str(text: &str) -> Result<Vintage, VintageError> {
        let text = text.to_ascii_lowercase();
        let read = match text.strip_prefix("fy") {
            Some(year) => year.parse().ok().map(Vintage::FiscalYear),
            None => text.split_once('q').and_then(|(year, quarter)| {
                Some(Vintage::Quarter {
                    year: year.parse().ok()?,
                    quarter: quarter.parse().ok()?,
                })
            }),
        };
        read.filter(|vintage| vintage.days().is_some())
            .ok_or(VintageError)
    }
}

/// A text that is no vintage. The text itself is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a vintage is a quarter such as 2024q3 or a fiscal year such as fy2026")]
pub struct VintageError;

/// The quarter in `v2026q2`.
fn named_quarter(name: &str) -> Option<Vintage> {
    let bytes = name.as_bytes();
    let at = bytes.windows(6).position(|window| {
        window[..4].iter().all(u8::is_ascii_digit)
            && window[4] == b'q'
            && (b'1'..=b'4').contains(&window[5])
    })?;
    Some(Vintage::Quarter {
        year: name.get(at..at + 4)?.parse().ok()?,
        quarter: name.get(at + 5..at + 6)?.parse().ok()?,
    })
}

/// The quarter of `eff_07-01-2024`.
fn effective_quarter(name: &str) -> Option<Vintage> {
    let (_, rest) = name.split_once("eff_")?;
    let month: i8 = rest.get(..2)?.parse().ok()?;
    let year: i16 = rest.get(6..10)?.parse().ok()?;
    (1..=12).contains(&month).then(|| Vintage::Quarter {
        year,
        quarter: (month - 1) / 3 + 1,
    })
}

/// The quarter of `v302r0`: version 30 is 2024, and `.0` to `.3` are its quarters.
fn ptp_version(name: &str) -> Option<Vintage> {
    let version = number_after(name, "-v")?;
    let quarter = i8::try_from(version % 10).ok()? + 1;
    (1..=4).contains(&quarter).then_some(Vintage::Quarter {
        year: 1994 + version / 10,
        quarter,
    })
}

/// The number that follows the first `mark` that a number follows.
fn number_after(name: &str, mark: &str) -> Option<i16> {
    name.match_indices(mark).find_map(|(at, _)| {
        let rest = &name[at + mark.len()..];
        let end = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        rest[..end].parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::{TableName, Vintage};
    use jiff::civil::date;

    #[track_caller]
    fn check(name: &str, expected: &str) {
        let table = TableName::from_file_name(name);
        let printed = table.map_or_else(|| "none".to_owned(), |table| table.to_string());
        assert_eq!(printed, expected);
    }

    #[test]
    fn a_file_name_tells_the_table() {
        check("ccipra-v301r0-f1.txt", "ncci-ptp-practitioner 2024q2");
        check(
            "ccipra-v322r0-f1.excerpt.txt",
            "ncci-ptp-practitioner 2026q3",
        );
        check(
            "ccioph-v302r0-f4.txt.gz",
            "ncci-ptp-outpatient-hospital 2024q3",
        );
        check(
            "MCD-PTP-PRA-v2024q3-F1-P.txt",
            "medicaid-ncci-ptp-practitioner 2024q3",
        );
        check(
            "MCR_MUE_OutpatientHospitalServices_Eff_10-01-2026.csv",
            "mue-outpatient-hospital 2026q4",
        );
        check(
            "MCR_MUE_DMESupplierServices_Eff_04-01-2024.csv.gz",
            "mue-dme 2024q2",
        );
        check(
            "MCR_MUE_PractitionerServices_Eff_07-01-2024.csv",
            "mue-practitioner 2024q3",
        );
        check("AOC_V2026Q2-MCR.xlsx", "addon 2026q2");
        check("MCE_Simple_Code_Edits_v37.txt.gz", "mce fy2020");
        check("mce_edits_fy2026.json.gz", "mce fy2026");
        check("icd10cm_order_2026.txt", "none");
        check("ccipra-v309r0-f1.txt", "none");
    }

    #[test]
    fn vintages_have_their_days() {
        let days = Vintage::Quarter {
            year: 2024,
            quarter: 2,
        }
        .days();
        assert_eq!(days.map(|days| days.first), Some(date(2024, 4, 1)));
        assert_eq!(days.and_then(|days| days.last), Some(date(2024, 6, 30)));
        let days = Vintage::FiscalYear(2026).days();
        assert_eq!(days.map(|days| days.first), Some(date(2025, 10, 1)));
        assert_eq!(Vintage::quarter_of(date(2026, 11, 3)).to_string(), "2026q4");
        assert_eq!(Vintage::FiscalYear(i16::MAX).days(), None);
        for text in ["2024q3", "fy2026"] {
            assert_eq!(
                text.parse::<Vintage>().map(|read| read.to_string()),
                Ok(text.to_owned())
            );
        }
        for text in ["", "2024", "2024q5", "q3", "fy", "2024-q3"] {
            assert!(text.parse::<Vintage>().is_err(), "{text}");
        }
    }
}
