//! The addresses under which FHIR knows the code systems, and how it writes their releases.
//!
//! The addresses are those of HL7's terminology authority (THO); the aliases are
//! what clients in the field also send. Nothing is registered for the versions
//! of HCPCS, so they are the quarter's `YYYY-MM`.

use codesets::CodeSystem;
use indexer::bundle::{Bundle, LoadedRelease};
use jiff::civil::Date;

/// How FHIR names a code system.
#[derive(Debug)]
pub(super) struct Canonical {
    /// The system.
    pub(super) system: CodeSystem,
    /// The identifier of its resources: `icd11mms`.
    pub(super) id: &'static str,
    /// Its address.
    pub(super) url: &'static str,
    /// Its object identifier, where it has one.
    pub(super) oid: Option<&'static str>,
    /// Other addresses that clients send.
    aliases: &'static [&'static str],
    /// Its title.
    pub(super) title: &'static str,
    /// Who publishes it.
    pub(super) publisher: &'static str,
}

/// Every system, in the order of [`CodeSystem::ALL`].
pub(super) const ALL: [Canonical; 7] = [
    Canonical {
        system: CodeSystem::Icd10Cm,
        id: "icd10cm",
        url: "http://hl7.org/fhir/sid/icd-10-cm",
        oid: Some("2.16.840.1.113883.6.90"),
        aliases: &["https://hl7.org/fhir/sid/icd-10-cm"],
        title: "ICD-10-CM",
        publisher: "National Center for Health Statistics",
    },
    Canonical {
        system: CodeSystem::Icd10Pcs,
        id: "icd10pcs",
        url: "http://www.cms.gov/Medicare/Coding/ICD10",
        oid: Some("2.16.840.1.113883.6.4"),
        aliases: &[
            "https://www.cms.gov/Medicare/Coding/ICD10",
            "http://hl7.org/fhir/sid/icd-10-pcs",
            "http://www.icd10data.com/icd10pcs",
        ],
        title: "ICD-10-PCS",
        publisher: "Centers for Medicare & Medicaid Services",
    },
    Canonical {
        system: CodeSystem::Hcpcs,
        id: "hcpcs",
        url: "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
        oid: Some("2.16.840.1.113883.6.285"),
        aliases: &["https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"],
        title: "HCPCS Level II",
        publisher: "Centers for Medicare & Medicaid Services",
    },
    Canonical {
        system: CodeSystem::Cpt,
        id: "cpt",
        url: "http://www.ama-assn.org/go/cpt",
        oid: Some("2.16.840.1.113883.6.12"),
        aliases: &["https://www.ama-assn.org/go/cpt"],
        title: "CPT",
        publisher: "American Medical Association",
    },
    Canonical {
        system: CodeSystem::Icd11Mms,
        id: "icd11mms",
        url: "http://id.who.int/icd/release/11/mms",
        oid: None,
        aliases: &["https://id.who.int/icd/release/11/mms"],
        title: "ICD-11 for Mortality and Morbidity Statistics",
        publisher: "World Health Organization",
    },
    Canonical {
        system: CodeSystem::Icd10Who,
        id: "icd10",
        url: "http://hl7.org/fhir/sid/icd-10",
        oid: Some("2.16.840.1.113883.6.3"),
        aliases: &["https://hl7.org/fhir/sid/icd-10"],
        title: "ICD-10",
        publisher: "World Health Organization",
    },
    Canonical {
        system: CodeSystem::Icd9Cm,
        id: "icd9cm",
        url: "http://hl7.org/fhir/sid/icd-9-cm",
        oid: Some("2.16.840.1.113883.6.103"),
        aliases: &["urn:oid:2.16.840.1.113883.6.104"],
        title: "ICD-9-CM",
        publisher: "National Center for Health Statistics",
    },
];

/// How FHIR names `system`.
pub(super) fn of(system: CodeSystem) -> &'static Canonical {
    ALL.iter()
        .find(|canonical| canonical.system == system)
        .unwrap_or(&ALL[0])
}

/// The system at `url`, which may be an alias or an object identifier.
pub(super) fn by_url(url: &str) -> Option<&'static Canonical> {
    let oid = url.strip_prefix("urn:oid:");
    ALL.iter().find(|canonical| {
        canonical.url == url
            || canonical.aliases.contains(&url)
            || (oid.is_some() && canonical.oid == oid)
    })
}

/// The version as FHIR writes it: ICD-10-PCS names its releases by month (`2026.10`),
/// everything else as its publisher does.
pub(super) fn version(release: &LoadedRelease) -> String {
    if release.system == CodeSystem::Icd10Pcs {
        let first = release.days.first;
        return format!("{:04}.{:02}", first.year(), first.month());
    }
    release.version.clone()
}

/// The release of `system` that `version` names; the one of `day` among several, as
/// `2026` names a year's update too. Without a version, the release that answers for `day`.
pub(super) fn release<'a>(
    bundle: &'a Bundle,
    system: CodeSystem,
    wanted: Option<&str>,
    day: Date,
) -> Option<&'a LoadedRelease> {
    let Some(wanted) = wanted else {
        return bundle.release_for(system, day);
    };
    let year_of = |name: &str| {
        name.strip_prefix(wanted)
            .is_some_and(|rest| rest.starts_with('-'))
    };
    let mut named = bundle.releases().iter().filter(|release| {
        release.system == system
            && (release.version == wanted
                || version(release) == wanted
                || year_of(&release.version))
    });
    let oldest = named.clone().next();
    named.rfind(|release| release.days.first <= day).or(oldest)
}

/// `url|version` apart; the version may stand before the query of an implicit value set.
pub(super) fn split(canonical: &str) -> (String, Option<&str>) {
    let Some((url, rest)) = canonical.split_once('|') else {
        return (canonical.to_owned(), None);
    };
    let (version, query) = rest
        .split_once('?')
        .map_or((rest, None), |(version, query)| (version, Some(query)));
    let url = query.map_or_else(|| url.to_owned(), |query| format!("{url}?{query}"));
    (url, Some(version).filter(|version| !version.is_empty()))
}
