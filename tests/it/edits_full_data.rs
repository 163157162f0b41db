//! The publishers' own tables of claim edits in one bundle, where `CODEBOOK_DATA` says they are.

use std::path::{Path, PathBuf};

use codebook::edits::{ChangeCounts, Claim, ClaimBook, check, table_changes};
use codesets::edit::{EditTableKind, Payer, Vintage};
use codesets::formats::x12;
use indexer::bundle::Bundle;
use indexer::{BuildPlan, Progress};

struct Silent;

impl Progress for Silent {
    fn stage(&self, _: &str) {}
    fn file(&self, _: usize, _: usize, _: &str) {}
}

fn bundle(data: &Path, out: PathBuf) -> Bundle {
    let folders = std::fs::read_dir(data).unwrap();
    let wanted = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        [
            "ncci-ptp",
            "ncci-mue",
            "ncci-aoc",
            "mce",
            "hcpcs-2024-jul",
            "icd10cm-2026",
        ]
        .iter()
        .any(|wanted| name.starts_with(wanted))
    };
    let plan = BuildPlan {
        paths: folders
            .map(|entry| entry.unwrap().path())
            .filter(wanted)
            .collect(),
        embedded: false,
        out,
        replace: false,
        keep_going: false,
    };
    indexer::build(&plan, &Silent).unwrap();
    Bundle::verify(&plan.out).unwrap();
    Bundle::open(&plan.out).unwrap()
}

fn quarter(quarter: i8) -> Option<Vintage> {
    Some(Vintage::Quarter {
        year: 2024,
        quarter,
    })
}

#[test]
fn the_published_tables_answer_from_one_bundle() {
    let Some(data) = std::env::var_os("CODEBOOK_DATA").map(PathBuf::from) else {
        eprintln!("CODEBOOK_DATA is not set: the published tables of edits were not read");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let bundle = bundle(&data, folder.path().join("bundle"));
    let rows = |wanted: &str| {
        let tables = bundle.edits().tables().iter();
        let mut rows = tables.filter(|table| table.name.to_string() == wanted);
        rows.next().map(|table| table.rows)
    };
    assert_eq!(rows("ncci-ptp-practitioner 2024q2"), Some(2_545_089));
    assert_eq!(rows("ncci-ptp-practitioner 2024q3"), Some(2_546_017));
    assert_eq!(rows("ncci-ptp-outpatient-hospital 2024q3"), Some(1_775_818));
    let changed = |series| {
        let changes = table_changes(&bundle, series, quarter(2), quarter(3)).unwrap();
        let ChangeCounts {
            added,
            deleted,
            changed,
        } = changes.summary;
        (added, deleted, changed)
    };
    assert_eq!(changed("ncci-ptp-practitioner"), (926, 293, 2));
    assert_eq!(changed("mue-practitioner"), (28, 30, 19));
    sample_claims(&data, &bundle);
}

/// The sample interchanges are of 2018, for which no MUE table is loaded: that is said of each.
fn sample_claims(data: &Path, bundle: &Bundle) {
    let book = ClaimBook::read(bundle);
    let mut claims = 0;
    for entry in std::fs::read_dir(data.join("claims-x12")).unwrap() {
        let text = std::fs::read(entry.unwrap().path()).unwrap();
        for claim in x12::parse(&text).claims {
            let claim = Claim::from_x12(&claim, None, Payer::Medicare).unwrap();
            let report = check(bundle.edits(), &claim, &book.rules(&claim));
            let tables = bundle.edits();
            let is_loaded = tables
                .answering(EditTableKind::Mue, claim.setting, claim.payer, claim.date)
                .is_some();
            let is_told = report
                .not_checked
                .iter()
                .any(|missing| missing.edit == codebook::edits::EditKind::Mue);
            assert!(claim.lines.is_empty() || is_loaded != is_told);
            claims += 1;
        }
    }
    assert_eq!(claims, 19);
}
