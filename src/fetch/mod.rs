//! Fetching: publishers' files, from where their manifests say, onto the disk.
//!
//! A file is written beside its place under another name, taken up again where a
//! connection broke, held against its digest where that is known, and put in its place
//! whole. What is already there is never overwritten. Nothing else of the program uses
//! the network.

use serde::Deserialize;

mod download;

pub use download::{Download, FetchError, FetchProgress, Fetched, Fetcher};

/// What a publisher offers of one system.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Offer {
    /// The system's identifier, or `ncci` for the edits.
    pub system: String,
    /// Who publishes it.
    pub publisher: String,
    /// The terms of its licence, in a line.
    pub licence: String,
    /// What must be read before the files are used.
    #[serde(default)]
    pub notice: Option<String>,
    /// Its releases, oldest first.
    #[serde(rename = "release")]
    pub releases: Vec<OfferedRelease>,
}

/// A release and where its files are.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct OfferedRelease {
    /// The publisher's name of the release.
    pub version: String,
    /// Its files at the publisher's; empty where none is known.
    #[serde(default, rename = "download")]
    pub downloads: Vec<OfferedFile>,
}

/// A file at the publisher's.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct OfferedFile {
    /// Its address.
    pub url: String,
    /// SHA-256 of the file, hexadecimal, where it is known.
    #[serde(default)]
    pub sha256: Option<String>,
}

impl OfferedFile {
    /// The last part of its address.
    pub fn name(&self) -> &str {
        self.url.rsplit('/').next().unwrap_or(&self.url)
    }

    /// Its address at `mirror` (`http://127.0.0.1:8000`), with the path that it has at the
    /// publisher's.
    pub fn at(&self, mirror: &str) -> String {
        let path = self
            .url
            .split_once("://")
            .and_then(|(_, rest)| rest.split_once('/'))
            .map_or("", |(_, path)| path);
        format!("{}/{path}", mirror.trim_end_matches('/'))
    }
}

/// A wish that no offer meets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WishError {
    /// No manifest is of the system.
    #[error("nothing is known of `{system}`; known are: {}", known.join(", "))]
    System {
        /// What was asked for.
        system: String,
        /// The systems that there are.
        known: Vec<String>,
    },
    /// The manifest has no such release, or no address of its files.
    #[error("no files of {system} `{version}` are known; known are: {}", known.join(", "))]
    Version {
        /// The system.
        system: String,
        /// What was asked for.
        version: String,
        /// The releases that there are.
        known: Vec<String>,
    },
}

/// The offers of the manifests that ship with the program, without releases whose files
/// have no known address.
pub fn offers() -> Vec<Offer> {
    codesets::manifests::FILES
        .iter()
        .chain(&codesets::manifests::EDITS)
        .filter_map(|text| toml::from_str::<Offer>(text).ok())
        .map(|mut offer| {
            offer
                .releases
                .retain(|release| !release.downloads.is_empty());
            offer
        })
        .collect()
}

/// The offer and the releases that `wish` names: `icd10cm` (the newest), `icd10cm@2026`,
/// `icd10cm@all`.
///
/// # Errors
/// When there is no such system or release.
pub fn wished<'a>(
    offers: &'a [Offer],
    wish: &str,
) -> Result<(&'a Offer, Vec<&'a OfferedRelease>), WishError> {
    let (system, version) = wish.split_once('@').unwrap_or((wish, ""));
    let id = system.to_ascii_lowercase();
    let offer = offers.iter().find(|offer| offer.system == id);
    let offer = offer.ok_or_else(|| WishError::System {
        system: system.to_owned(),
        known: offers.iter().map(|offer| offer.system.clone()).collect(),
    })?;
    let found: Vec<&OfferedRelease> = match version {
        "all" => offer.releases.iter().collect(),
        "" => offer.releases.last().into_iter().collect(),
        version => offer
            .releases
            .iter()
            .filter(|release| release.version == version)
            .collect(),
    };
    if found.is_empty() {
        return Err(WishError::Version {
            system: system.to_owned(),
            version: version.to_owned(),
            known: offer
                .releases
                .iter()
                .map(|release| release.version.clone())
                .collect(),
        });
    }
    Ok((offer, found))
}

#[cfg(test)]
mod tests {
    use super::{offers, wished};

    #[test]
    fn every_manifest_is_read_and_every_file_has_a_name() {
        let all = offers();
        let count = codesets::manifests::FILES.len() + codesets::manifests::EDITS.len();
        assert_eq!(all.len(), count);
        for offer in &all {
            let files = offer.releases.iter().flat_map(|release| &release.downloads);
            for file in files {
                assert!(file.url.starts_with("https://"), "{}", file.url);
                assert!(file.name().contains('.'), "{}", file.url);
                assert!(file.sha256.as_ref().is_none_or(|digest| digest.len() == 64));
            }
        }
    }

    #[test]
    fn a_wish_names_a_system_and_its_releases() {
        let all = offers();
        let versions = |wish: &str| -> Vec<String> {
            let (_, found) = wished(&all, wish).unwrap();
            found
                .iter()
                .map(|release| release.version.clone())
                .collect()
        };
        assert_eq!(versions("icd10cm@2026"), ["2026"]);
        assert_eq!(versions("ICD10CM"), ["2027"]);
        assert!(versions("icd10cm@all").len() > 2);
        assert!(wished(&all, "icd10cm@1999").is_err());
        assert!(wished(&all, "icd12").is_err());
    }

    #[test]
    fn a_mirror_keeps_the_path() {
        let all = offers();
        let (_, found) = wished(&all, "icd10cm@2026").unwrap();
        assert_eq!(
            found[0].downloads[0].at("http://127.0.0.1:9/"),
            "http://127.0.0.1:9/files/zip/2026-code-descriptions-tabular-order.zip"
        );
    }
}
