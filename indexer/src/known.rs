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
    /// A fiscal year that no manifest names has the days of its kind: 1 October
    /// to 30 September, as CMS publishes ICD-10-CM and ICD-10-PCS.
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
            None => {
                let year: i16 = version
                    .parse()
                    .ok()
                    .filter(|year| (1990..2200).contains(year))?;
                ReleaseDays {
                    first: date(year - 1, 10, 1),
                    last: Some(date(year, 9, 30)),
                }
            }
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
    use super::{Known, year_in};
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
