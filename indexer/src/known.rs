//! The manifests of known releases: which release a file is of, and its days.

use codesets::{CodeSystem, Release, ReleaseDays};
use jiff::civil::{Date, date};
use serde::Deserialize;

/// The publisher's releases of one system.
#[derive(Debug, Deserialize)]
struct KnownSystem {
    system: String,
    publisher: String,
    licence: String,
    release: Vec<KnownRelease>,
}

#[derive(Debug, Deserialize)]
struct KnownRelease {
    version: String,
    first_day: String,
    last_day: Option<String>,
    #[serde(default)]
    file: Vec<KnownFile>,
}

#[derive(Debug, Deserialize)]
struct KnownFile {
    sha256: String,
}

/// Everything the manifests say.
#[derive(Debug)]
pub(crate) struct Known {
    systems: Vec<(CodeSystem, KnownSystem)>,
}

/// A publisher and the terms of its licence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Publisher {
    /// Who publishes the system.
    pub name: String,
    /// The terms, in a line.
    pub licence: String,
}

impl Known {
    /// The manifests that ship with the program; one that cannot be read counts as absent,
    /// which the tests rule out.
    pub(crate) fn shipped() -> Known {
        let systems = codesets::manifests::FILES
            .iter()
            .filter_map(|text| toml::from_str::<KnownSystem>(text).ok())
            .filter_map(|known| Some((known.system.parse().ok()?, known)))
            .collect();
        Known { systems }
    }

    /// The version of the release that the file with this digest is of.
    pub(crate) fn version_of(&self, sha256: &str) -> Option<&str> {
        self.systems
            .iter()
            .flat_map(|(_, known)| &known.release)
            .find(|release| release.file.iter().any(|file| file.sha256 == sha256))
            .map(|release| release.version.as_str())
    }

    /// The release of `system` called `version`, with its days.
    ///
    /// A release that no manifest names has the days that its publisher's releases
    /// have: see [`usual_days`].
    pub(crate) fn release(&self, system: CodeSystem, version: &str) -> Option<Release> {
        let named = self
            .systems
            .iter()
            .filter(|(known, _)| *known == system)
            .flat_map(|(_, known)| &known.release)
            .find(|release| release.version == version);
        let days = match named {
            Some(release) => ReleaseDays {
                first: release.first_day.parse::<Date>().ok()?,
                last: match &release.last_day {
                    Some(day) => Some(day.parse().ok()?),
                    None => None,
                },
            },
            None => usual_days(system, version)?,
        };
        Some(Release {
            system,
            version: version.to_owned(),
            days,
        })
    }

    /// Who publishes `system`.
    pub(crate) fn publisher(&self, system: CodeSystem) -> Publisher {
        self.systems
            .iter()
            .find(|(known, _)| *known == system)
            .map_or_else(
                || Publisher {
                    name: "unknown".to_owned(),
                    licence: "see the publisher's files".to_owned(),
                },
                |(_, known)| Publisher {
                    name: known.publisher.clone(),
                    licence: known.licence.clone(),
                },
            )
    }
}

/// The days of a release by its name, as the publisher of `system` has them:
/// fiscal years of ICD-10-CM and ICD-10-PCS, calendar years and quarters of
/// HCPCS, calendar years of CPT; WHO's are in force until the next one.
fn usual_days(system: CodeSystem, version: &str) -> Option<ReleaseDays> {
    let (year, month) = match version.split_once('-') {
        Some((year, month)) => (year, Some(month.parse::<i8>().ok()?)),
        None => (version, None),
    };
    let year: Option<i16> = year.parse().ok().filter(|year| (1990..2200).contains(year));
    let days = match system {
        CodeSystem::Icd10Cm | CodeSystem::Icd10Pcs => {
            let year = year.filter(|_| month.is_none())?;
            ReleaseDays {
                first: date(year - 1, 10, 1),
                last: Some(date(year, 9, 30)),
            }
        }
        CodeSystem::Hcpcs | CodeSystem::Cpt => {
            let first = Date::new(year?, month.unwrap_or(1), 1).ok()?;
            let months = if month.is_some() { 3 } else { 12 };
            let next = first.checked_add(jiff::Span::new().months(months)).ok()?;
            ReleaseDays {
                first,
                last: next.yesterday().ok(),
            }
        }
        CodeSystem::Icd11Mms | CodeSystem::Icd10Who => ReleaseDays {
            first: Date::new(year?, month.unwrap_or(1), 1).ok()?,
            last: None,
        },
        // ICD-9-CM ended when ICD-10-CM began.
        CodeSystem::Icd9Cm => ReleaseDays {
            first: date(year?, 10, 1)
                .checked_sub(jiff::Span::new().years(1))
                .ok()?,
            last: Some(date(2015, 9, 30)),
        },
    };
    Some(days)
}

/// The release of a HCPCS file by its name: `2024-07` for `HCPC2024_JUL_ANWEB`, `2019` for a year alone.
pub(crate) fn hcpcs_version(name: &str) -> Option<String> {
    const QUARTERS: [(&str, &str); 4] =
        [("jan", "01"), ("apr", "04"), ("jul", "07"), ("oct", "10")];
    for part in name.rsplit(['/', '\\']) {
        let Some(year) = year_in(part) else {
            continue;
        };
        let lower = part.to_ascii_lowercase();
        let quarter = lower
            .split(|c: char| !c.is_ascii_alphabetic())
            .find_map(|word| QUARTERS.iter().find(|(month, _)| word.starts_with(month)));
        return Some(match quarter {
            Some((_, month)) => format!("{year}-{month}"),
            None => year,
        });
    }
    None
}

/// The year and month in a file's name or in the folders around it: `2024-01`.
pub(crate) fn month_in(name: &str) -> Option<String> {
    let digits =
        |text: &str, len: usize| text.len() == len && text.bytes().all(|b| b.is_ascii_digit());
    name.rsplit(['/', '\\']).find_map(|part| {
        let runs: Vec<&str> = part.split(|c: char| !c.is_ascii_digit()).collect();
        runs.windows(2).find_map(|pair| match pair {
            [year, month]
                if digits(year, 4)
                    && digits(month, 2)
                    && part.contains(&format!("{year}-{month}"))
                    && ("01"..="12").contains(month) =>
            {
                Some(format!("{year}-{month}"))
            }
            _ => None,
        })
    })
}

/// The year in a file's name or in the folders around it, nearest first: `icd10cm_order_2026.txt`.
pub(crate) fn year_in(name: &str) -> Option<String> {
    for part in name.rsplit(['/', '\\']) {
        let digits: Vec<&str> = part
            .split(|c: char| !c.is_ascii_digit())
            .filter(|run| run.len() == 4 && (run.starts_with("19") || run.starts_with("20")))
            .collect();
        if let Some(year) = digits.last() {
            return Some((*year).to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Known, hcpcs_version, month_in, year_in};
    use codesets::CodeSystem;

    #[test]
    fn every_manifest_can_be_read_and_every_day_is_one() {
        let known = Known::shipped();
        assert_eq!(known.systems.len(), codesets::manifests::FILES.len());
        for (system, manifest) in &known.systems {
            for release in &manifest.release {
                assert!(
                    known.release(*system, &release.version).is_some(),
                    "{}",
                    release.version
                );
            }
        }
    }

    #[test]
    fn a_fiscal_year_runs_from_october_to_september() {
        let days = Known::shipped()
            .release(CodeSystem::Icd10Cm, "2031")
            .map(|r| r.days);
        assert_eq!(
            days.map(|d| (d.first.to_string(), d.last.map(|l| l.to_string()))),
            Some(("2030-10-01".to_owned(), Some("2031-09-30".to_owned())))
        );
    }

    #[track_caller]
    fn check_days(system: CodeSystem, version: &str, expected: &str) {
        let days = Known::shipped().release(system, version).map(|r| r.days);
        let text = days.map_or("unknown".to_owned(), |days| {
            let last = days.last.map_or("".to_owned(), |day| day.to_string());
            format!("{}..{last}", days.first)
        });
        assert_eq!(text, expected);
    }

    #[test]
    fn each_publisher_has_days_of_its_own() {
        check_days(CodeSystem::Hcpcs, "2024-01", "2024-01-01..2024-03-31");
        check_days(CodeSystem::Hcpcs, "2031-10", "2031-10-01..2031-12-31");
        check_days(CodeSystem::Hcpcs, "2032", "2032-01-01..2032-12-31");
        check_days(CodeSystem::Icd11Mms, "2033-02", "2033-02-01..");
        check_days(CodeSystem::Icd10Who, "2019", "2019-01-01..");
        check_days(CodeSystem::Hcpcs, "2031-13", "unknown");
        check_days(CodeSystem::Icd10Pcs, "2026", "2025-10-01..2026-09-30");
    }

    #[test]
    fn quarters_and_months_are_read_off_names() {
        let hcpcs = |name: &str| hcpcs_version(name).unwrap_or_default();
        assert_eq!(hcpcs("d/HCPC2024_JUL_ANWEB.txt"), "2024-07");
        assert_eq!(hcpcs("z.zip/HCPC2018_CONTR_ANWEB_disc.txt"), "2018");
        assert_eq!(hcpcs("hcpcs-2024-jan/data.txt"), "2024-01");
        assert_eq!(hcpcs("data.txt"), "");
        let month = |name: &str| month_in(name).unwrap_or_default();
        assert_eq!(month("icd11-maps-2024-01/10To11.txt"), "2024-01");
        assert_eq!(month("icd11-2024/x.txt"), "");
    }

    #[test]
    fn the_nearest_year_in_a_name_wins() {
        assert_eq!(
            year_in("icd10cm-2025/icd10cm_order_2026.txt").as_deref(),
            Some("2026")
        );
        assert_eq!(year_in("icd10cm-2025/order.txt").as_deref(), Some("2025"));
        assert_eq!(year_in("order.txt"), None);
    }
}
