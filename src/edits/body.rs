//! A claim as JSON says it, read strictly and without copies, then made into a [`Claim`].
//!
//! An error names the member and what it may be, never what it was: a claim is
//! a patient's.

use std::borrow::Cow;
use std::fmt;

use codesets::edit::{Payer, Setting};
use jiff::civil::Date;
use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

use super::claim::{Age, Claim, ClaimLine, Patient, Sex, Units, UnitsError};

/// What a JSON claim may hold, as messages list it.
pub const CLAIM_MEMBERS: &str = "a claim has id, date, setting, payer, provider, patient (age_days, age_years, \
     birth_date, sex), diagnoses and lines (id, code, modifiers, units, date, provider, diagnosis_pointers)";

/// A claim as JSON says it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClaimBody<'a> {
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    date: Option<Text<'a>>,
    #[serde(borrow)]
    setting: Option<Text<'a>>,
    #[serde(borrow)]
    payer: Option<Text<'a>>,
    #[serde(borrow)]
    provider: Option<Text<'a>>,
    #[serde(borrow)]
    patient: PatientBody<'a>,
    #[serde(borrow)]
    diagnoses: Vec<Text<'a>>,
    #[serde(borrow)]
    lines: Vec<LineBody<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct PatientBody<'a> {
    age_days: Option<u32>,
    age_years: Option<u16>,
    #[serde(borrow)]
    birth_date: Option<Text<'a>>,
    #[serde(borrow)]
    sex: Option<Text<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct LineBody<'a> {
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    code: Option<Text<'a>>,
    #[serde(borrow)]
    modifiers: Vec<Text<'a>>,
    units: Option<UnitsBody>,
    #[serde(borrow)]
    date: Option<Text<'a>>,
    #[serde(borrow)]
    provider: Option<Text<'a>>,
    diagnosis_pointers: Vec<u16>,
}

/// What a claim says where it says nothing.
#[derive(Clone, Copy, Debug)]
pub struct ClaimDefaults {
    /// The day of service.
    pub date: Date,
    /// The kind of claim.
    pub setting: Setting,
    /// Whose edits apply.
    pub payer: Payer,
}

/// Why a claim that is JSON cannot be checked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimError {
    /// A day is none.
    #[error("{member}: a day of the calendar is expected, such as 2026-10-01")]
    Date {
        /// The member: `lines[2].date`.
        member: String,
    },
    /// A name is not one of those expected.
    #[error("{member}: expected {expected}")]
    Name {
        /// The member.
        member: &'static str,
        /// What it may be.
        expected: &'static str,
    },
    /// A line has no code.
    #[error("{member}: a line needs the code of its service")]
    NoCode {
        /// The member.
        member: String,
    },
    /// A line's units are no number of units.
    #[error("{member}: {source}")]
    Units {
        /// The member.
        member: String,
        /// Why.
        source: UnitsError,
    },
    /// The patient was born after the day of service.
    #[error("patient.birth_date: it lies after the day of service")]
    Birth,
}

impl ClaimBody<'_> {
    /// The claim's own name, if it says one.
    pub fn id(&self) -> Option<&str> {
        self.id.as_ref().map(|id| &*id.0)
    }

    /// The claim to check.
    ///
    /// # Errors
    /// When a day, a name or a number of units cannot be read.
    pub fn into_claim(self, defaults: ClaimDefaults) -> Result<Claim, ClaimError> {
        let date = match &self.date {
            Some(text) => day(&text.0).ok_or_else(|| ClaimError::Date {
                member: "date".to_owned(),
            })?,
            None => defaults.date,
        };
        let setting = match &self.setting {
            Some(text) => Setting::from_id(&text.0).ok_or(ClaimError::Name {
                member: "setting",
                expected: "practitioner, outpatient_hospital or dme",
            })?,
            None => defaults.setting,
        };
        let payer = match &self.payer {
            Some(text) => Payer::from_id(&text.0).ok_or(ClaimError::Name {
                member: "payer",
                expected: "medicare or medicaid",
            })?,
            None => defaults.payer,
        };
        let mut lines = Vec::with_capacity(self.lines.len());
        for (index, line) in self.lines.into_iter().enumerate() {
            lines.push(line.into_line(index)?);
        }
        Ok(Claim {
            date,
            setting,
            payer,
            provider: self.provider.map(Text::into_string),
            patient: self.patient.patient(date)?,
            diagnoses: self.diagnoses.into_iter().map(Text::into_string).collect(),
            lines,
        })
    }
}

impl PatientBody<'_> {
    fn patient(&self, date: Date) -> Result<Patient, ClaimError> {
        let born = self.birth_date.as_ref().map(|text| {
            let birth = day(&text.0).ok_or_else(|| ClaimError::Date {
                member: "patient.birth_date".to_owned(),
            })?;
            Age::on(date, birth).ok_or(ClaimError::Birth)
        });
        let age = born
            .transpose()?
            .or(self.age_days.map(Age::from_days))
            .or(self.age_years.map(|years| Age { years }));
        Ok(Patient {
            age,
            sex: self.sex.as_ref().map_or(Ok(None), |text| sex(&text.0))?,
        })
    }
}

impl LineBody<'_> {
    fn into_line(self, index: usize) -> Result<ClaimLine, ClaimError> {
        let member = |name: &str| format!("lines[{index}].{name}");
        let units = match self.units {
            Some(UnitsBody(units)) => units.map_err(|source| ClaimError::Units {
                member: member("units"),
                source,
            })?,
            None => Units::whole(1),
        };
        let date = match &self.date {
            Some(text) => Some(day(&text.0).ok_or_else(|| ClaimError::Date {
                member: member("date"),
            })?),
            None => None,
        };
        let code = self.code.ok_or_else(|| ClaimError::NoCode {
            member: member("code"),
        })?;
        Ok(ClaimLine {
            id: self
                .id
                .map_or_else(|| (index + 1).to_string(), Text::into_string),
            code: code.into_string(),
            modifiers: self.modifiers.into_iter().map(Text::into_string).collect(),
            units,
            date,
            provider: self.provider.map(Text::into_string),
            diagnosis_pointers: self
                .diagnosis_pointers
                .into_iter()
                .map(usize::from)
                .collect(),
        })
    }
}

/// A patient's sex as claims write it; `U` for unknown.
///
/// # Errors
/// When it is written otherwise.
pub fn sex(text: &str) -> Result<Option<Sex>, ClaimError> {
    match text {
        "F" | "f" | "female" => Ok(Some(Sex::Female)),
        "M" | "m" | "male" => Ok(Some(Sex::Male)),
        "U" | "u" | "unknown" | "" => Ok(None),
        _ => Err(ClaimError::Name {
            member: "patient.sex",
            expected: "F, M or U",
        }),
    }
}

/// The day written `YYYY-MM-DD`, and nothing else.
pub fn day(text: &str) -> Option<Date> {
    let bytes: &[u8; 10] = text.as_bytes().try_into().ok()?;
    if bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0_i16, |number, byte| {
            let digit = byte.is_ascii_digit().then(|| i16::from(byte - b'0'))?;
            Some(number * 10 + digit)
        })
    };
    let month = i8::try_from(number(&bytes[5..7])?).ok()?;
    let day = i8::try_from(number(&bytes[8..])?).ok()?;
    Date::new(number(&bytes[..4])?, month, day).ok()
}

/// A text, or a whole number taken for one: people write modifiers and ids as numbers too.
#[derive(Debug)]
struct Text<'a>(Cow<'a, str>);

impl Text<'_> {
    fn into_string(self) -> String {
        self.0.into_owned()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }
            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(number.to_string())))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// Units as a number or as a text, so that fractions stay exact.
#[derive(Debug)]
struct UnitsBody(Result<Units, UnitsError>);

impl<'de> Deserialize<'de> for UnitsBody {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = UnitsBody;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of units")
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<UnitsBody, E> {
                Ok(UnitsBody(
                    u32::try_from(number)
                        .map(Units::whole)
                        .map_err(|_| UnitsError),
                ))
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<UnitsBody, E> {
                Ok(UnitsBody(number.to_string().parse()))
            }
            fn visit_f64<E: de::Error>(self, number: f64) -> Result<UnitsBody, E> {
                Ok(UnitsBody(number.to_string().parse()))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<UnitsBody, E> {
                Ok(UnitsBody(text.parse()))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}
