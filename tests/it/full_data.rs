//! The publishers' own files, built whole. They are not part of the project:
//! `CODEBOOK_DATA` names the folder that holds them, and without it nothing here runs.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use codebook::diff::diff;
use codebook::translate::translate;
use codebook::validate::{Validator, Verdict, validate};
use codesets::{Code, CodeSystem};
use indexer::book::{Level, Property};
use indexer::bundle::Bundle;
use indexer::{BuildPlan, Progress, Report};
use jiff::civil::date;
use tempfile::TempDir;

struct Silent;

impl Progress for Silent {
    fn stage(&self, _: &str) {}
    fn file(&self, _: usize, _: usize, _: &str) {}
}

struct Full {
    bundle: Arc<Bundle>,
    report: Report,
    _folder: TempDir,
}

/// The bundle of every code set, built once for all tests.
fn full() -> Option<&'static Full> {
    static FULL: OnceLock<Option<Full>> = OnceLock::new();
    FULL.get_or_init(|| {
        let data = std::env::var_os("CODEBOOK_DATA").map(PathBuf::from);
        let Some(data) = data else {
            eprintln!("CODEBOOK_DATA is not set: full-data tests did not run");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let wanted = |path: &PathBuf| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            path.is_dir()
                && !["ncci", "mce", "claims"]
                    .iter()
                    .any(|other| name.starts_with(other))
        };
        let plan = BuildPlan {
            paths: std::fs::read_dir(data)
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .filter(wanted)
                .collect(),
            embedded: false,
            out: folder.path().join("bundle"),
            replace: false,
            keep_going: false,
        };
        let (_, report) = indexer::build(&plan, &Silent).unwrap();
        Some(Full {
            bundle: Arc::new(Bundle::open(&plan.out).unwrap()),
            report,
            _folder: folder,
        })
    })
    .as_ref()
}

#[test]
fn every_release_has_the_codes_that_its_publisher_counts() {
    let Some(full) = full() else { return };
    let found: Vec<String> = full
        .report
        .releases
        .iter()
        .map(|r| format!("{} {} {} {}", r.system, r.version, r.billable, r.codes))
        .collect();
    for expected in [
        "icd10cm 2025 74260 97584",
        "icd10cm 2026 74719 98186",
        "icd10pcs 2025 78948 79856",
        "icd10pcs 2026 79115 80029",
    ] {
        assert!(
            found.iter().any(|line| line == expected),
            "{expected}: {found:#?}"
        );
    }
    let codes = |system: &str, version: &str| {
        let release =
            |r: &&indexer::bundle::ManifestRelease| r.system == system && r.version == version;
        full.report
            .releases
            .iter()
            .find(release)
            .map_or(0, |r| r.codes)
    };
    assert_eq!(codes("hcpcs", "2018"), 6_205 + 354);
    assert_eq!(codes("hcpcs", "2019"), 6_440 + 360);
    assert_eq!(codes("hcpcs", "2024-07"), 8_033);
    assert_eq!(codes("icd11", "2024-01"), 34_663);
    assert_eq!(codes("icd11", "2025-01"), 35_339);
    assert!(
        found
            .iter()
            .any(|line| line.starts_with("icd10cm 2027 74879 ")),
        "{found:#?}"
    );
}

#[test]
fn nothing_is_skipped_without_a_reason() {
    let Some(full) = full() else { return };
    for file in &full.report.files {
        assert!(
            file.recognised.is_some() || file.problem.is_some(),
            "{file:?}"
        );
        assert_eq!(file.skipped_rows(), 0, "{file:?}");
    }
}

#[test]
fn releases_differ_as_the_addenda_say() {
    let Some(full) = full() else { return };
    let counts = |from: &str, to: &str| {
        let found = diff(&full.bundle, CodeSystem::Icd10Cm, from, to)
            .unwrap()
            .codes;
        (found.added, found.deleted, found.revised)
    };
    assert_eq!(counts("2025", "2026"), (487, 28, 38));
    assert_eq!(counts("2026", "2027"), (190, 30, 4));
    let mms = diff(&full.bundle, CodeSystem::Icd11Mms, "2024-01", "2025-01").unwrap();
    let of = |kind: &str| {
        mms.rows
            .iter()
            .filter(|row| row.change.id() == kind)
            .count()
    };
    assert_eq!((of("added"), of("deleted")), (746, 70));
    let hcpcs = diff(&full.bundle, CodeSystem::Hcpcs, "2018", "2019").unwrap();
    let of = |kind: &str| {
        hcpcs
            .rows
            .iter()
            .filter(|row| row.change.id() == kind)
            .count()
    };
    assert_eq!((of("added"), of("deleted")), (244, 3));
}

#[test]
fn every_billable_code_is_found_as_printed_and_valid_on_its_days_only() {
    let Some(full) = full() else { return };
    let bundle = &full.bundle;
    let mut validators: BTreeMap<jiff::civil::Date, Validator<'_>> = BTreeMap::new();
    for release in bundle.releases() {
        let days = release.days;
        for (place, record) in bundle.concepts().iter().enumerate() {
            let of_release = record.system == release.system.number()
                && record.level == Level::Code.number()
                && record.billable.get() & release.bit != 0;
            if !of_release {
                continue;
            }
            let key = bundle.text(record.key);
            let printed = Code::dotted(release.system, key);
            for text in [&printed, key, &key.to_lowercase()] {
                let code = Code::parse(release.system, text).unwrap();
                assert_eq!(
                    bundle
                        .find(release.system, code.as_str())
                        .map(|id| id.0 as usize),
                    Some(place)
                );
                assert_eq!(code.to_string(), printed);
            }
            let id = indexer::bundle::ConceptId(u32::try_from(place).unwrap());
            let own = |property| {
                bundle
                    .property(id, property, release.bit)
                    .map(|day| day.parse().unwrap())
            };
            let first: jiff::civil::Date =
                own(Property::Added).unwrap_or(days.first).max(days.first);
            let last = [own(Property::LastDay), days.last]
                .into_iter()
                .flatten()
                .min();
            let mut verdict = |day| {
                let validator = validators
                    .entry(day)
                    .or_insert_with(|| Validator::new(bundle, day));
                validator.validate(release.system, &printed).verdict
            };
            let holds = |day| {
                bundle.releases().iter().any(|other| {
                    other.system == release.system
                        && other.days.contains(day)
                        && record.billable.get() & other.bit != 0
                })
            };
            assert_eq!(verdict(first), Verdict::Valid, "{printed} on {first}");
            let Some(last) = last.filter(|last| *last >= first) else {
                continue;
            };
            assert_eq!(verdict(last), Verdict::Valid, "{printed} on {last}");
            // A gap between loaded releases, or the end of the code: nothing holds on the next day.
            let next = last.tomorrow().unwrap();
            assert_eq!(
                verdict(next) == Verdict::Valid,
                holds(next) && last == days.last.unwrap_or(last),
                "{printed} on {next}"
            );
            let before = first.yesterday().unwrap();
            if !holds(before) {
                assert_ne!(verdict(before), Verdict::Valid, "{printed} on {before}");
            }
        }
    }
}

#[test]
fn maps_lead_where_their_publishers_say() {
    let Some(full) = full() else { return };
    let to = |system, text: &str, target| {
        let rows = translate(&full.bundle, system, text, Some(target)).unwrap();
        let mut codes: Vec<String> = rows.into_iter().filter_map(|row| row.code).collect();
        codes.sort();
        codes.dedup();
        codes
    };
    assert_eq!(
        to(CodeSystem::Icd9Cm, "250.00", CodeSystem::Icd10Cm),
        ["E11.9"]
    );
    assert_eq!(
        to(CodeSystem::Icd10Who, "A00", CodeSystem::Icd11Mms),
        ["1A00"]
    );
    let day = date(2026, 4, 1);
    let verdict = |system, text: &str| validate(&full.bundle, system, text, day).verdict;
    assert_eq!(
        verdict(CodeSystem::Icd10Cm, "W21.89A"),
        Verdict::NeedsPlaceholder
    );
    assert_eq!(verdict(CodeSystem::Icd10Cm, "S52.501"), Verdict::Incomplete);
    assert_eq!(verdict(CodeSystem::Icd10Pcs, "0DTJ"), Verdict::Incomplete);
}
