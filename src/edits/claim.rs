//! A claim as it is given to the checker.

use std::fmt;
use std::str::FromStr;

use codesets::edit::{Payer, Setting};
use jiff::civil::Date;

/// A claim with more lines than this is not checked: no form has as many
/// (50 on a professional claim, 999 on an institutional one), and pairs grow
/// with the square.
pub const MAX_LINES: usize = 1_000;

/// A claim with more diagnoses than this is not checked (12 on a professional
/// claim, 25 on an institutional one).
pub const MAX_DIAGNOSES: usize = 100;

/// A line carries at most so many modifiers.
pub const MAX_MODIFIERS: usize = 4;

/// A claim: what was done, when, by whom, and why.
///
/// Codes and modifiers are kept as they were typed: what is wrong with them is
/// a finding of the check, not an error before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The day of service of every line that names none.
    pub date: Date,
    /// The kind of claim, which chooses the tables.
    pub setting: Setting,
    /// Whose edits apply.
    pub payer: Payer,
    /// The provider of every line that names none.
    pub provider: Option<String>,
    /// The patient.
    pub patient: Patient,
    /// ICD-10-CM codes, the first-listed (principal) one first.
    pub diagnoses: Vec<String>,
    /// The services.
    pub lines: Vec<ClaimLine>,
}

/// A service line of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimLine {
    /// The line's name in answers.
    pub id: String,
    /// The procedure code, HCPCS or CPT-style.
    pub code: String,
    /// The modifiers, in order.
    pub modifiers: Vec<String>,
    /// How often the service was given.
    pub units: Units,
    /// The day of service, if not the claim's.
    pub date: Option<Date>,
    /// Who gave the service, if not the claim's provider.
    pub provider: Option<String>,
    /// The diagnoses that the service is for, 1 for the first.
    pub diagnosis_pointers: Vec<usize>,
}

/// The patient, as far as edits ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Patient {
    /// The age on the day of service.
    pub age: Option<Age>,
    /// The sex on the claim.
    pub sex: Option<Sex>,
}

/// A patient's sex as claims code it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// `F`.
    Female,
    /// `M`.
    Male,
}

/// An age in completed years.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Age {
    /// Completed years.
    pub years: u16,
}

impl Age {
    /// The age of someone who has lived `days` days: a year has 365.2425.
    pub fn from_days(days: u32) -> Age {
        let years = u64::from(days) * 10_000 / 3_652_425;
        Age {
            years: u16::try_from(years).unwrap_or(u16::MAX),
        }
    }

    /// The age on `day` of someone born on `birth`; `None` before the birth.
    pub fn on(day: Date, birth: Date) -> Option<Age> {
        let had_birthday = (day.month(), day.day()) >= (birth.month(), birth.day());
        let years = day.year() - birth.year() - i16::from(!had_birthday);
        Some(Age {
            years: u16::try_from(years).ok()?,
        })
    }
}

/// A number of units, exact to thousandths, as claims allow fractions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Units {
    thousandths: i64,
}

impl Units {
    /// So many whole units.
    pub const fn whole(units: u32) -> Units {
        Units {
            thousandths: units as i64 * 1000,
        }
    }

    /// Whether there is any.
    pub fn is_positive(self) -> bool {
        self.thousandths > 0
    }

    /// The sum; saturates far beyond any claim.
    pub fn plus(self, other: Units) -> Units {
        Units {
            thousandths: self.thousandths.saturating_add(other.thousandths),
        }
    }
}

/// A text that is no number of units. The text itself is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "units are a number with at most three decimals and nine digits before them, like 1 or 0.5"
)]
pub struct UnitsError;

impl FromStr for Units {
    type Err = UnitsError;

    fn from_str(text: &str) -> Result<Units, UnitsError> {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text),
        };
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        let decimals = decimals.trim_end_matches('0');
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let is_number = !(whole.is_empty() && decimals.is_empty())
            && all_digits(whole)
            && all_digits(decimals)
            && whole.len() <= 9
            && decimals.len() <= 3;
        if !is_number {
            return Err(UnitsError);
        }
        let read = |part: &str| part.parse::<i64>().unwrap_or(0);
        let thousandths = read(whole) * 1000 + read(&format!("{decimals:0<3}"));
        Ok(Units {
            thousandths: sign * thousandths,
        })
    }
}

impl fmt::Display for Units {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.thousandths < 0 { "-" } else { "" };
        let (whole, rest) = (self.thousandths.abs() / 1000, self.thousandths.abs() % 1000);
        if rest == 0 {
            return write!(f, "{sign}{whole}");
        }
        let decimals = format!("{rest:03}");
        write!(f, "{sign}{whole}.{}", decimals.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::{Age, Units};
    use jiff::civil::date;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let printed = match text.parse::<Units>() {
            Ok(units) => units.to_string(),
            Err(_) => "error".to_owned(),
        };
        assert_eq!(printed, expected);
    }

    #[test]
    fn units_are_exact() {
        check("1", "1");
        check("0.5", "0.5");
        check(".25", "0.25");
        check("1.500", "1.5");
        check("-2", "-2");
        check("0", "0");
        check("", "error");
        check("1e3", "error");
        check("0.0001", "error");
        check("9999999999", "error");
        assert!(Units::whole(2) > Units::whole(1));
    }

    #[test]
    fn ages_are_completed_years() {
        let on = |day, birth| Age::on(day, birth).map(|age| age.years);
        assert_eq!(on(date(2024, 2, 28), date(2000, 2, 29)), Some(23));
        assert_eq!(on(date(2024, 3, 1), date(2000, 2, 29)), Some(24));
        assert_eq!(on(date(2024, 3, 1), date(2024, 3, 1)), Some(0));
        assert_eq!(on(date(2024, 3, 1), date(2024, 3, 2)), None);
        assert_eq!(Age::from_days(365).years, 0);
        assert_eq!(Age::from_days(366).years, 1);
        assert_eq!(Age::from_days(18 * 365 + 5).years, 18);
    }
}
