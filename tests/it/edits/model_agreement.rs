//! The checker and the model say the same of random claims.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use codebook::edits::{Claim, ClaimReport, ClaimRules, Detail, EditKind, Outcome, Severity, check};
use codesets::edit::{EditTableKind, Setting, TableName};
use indexer::edits::{EditTables, EditsBuild};
use jiff::civil::date;

use super::model::{AddOnRow, Model, MueTable, PtpTable, number};
use super::random::{Pool, Random};
use super::support::{TestFile, mue_file, open, ptp_file, published_paths, tables};

/// The report's verdicts in the model's words.
fn verdicts(report: &ClaimReport<'_>) -> Vec<String> {
    let mut verdicts = Vec::new();
    for finding in &report.findings {
        match &finding.detail {
            Detail::Ptp { edit, .. } if finding.outcome == Outcome::Applies => {
                let [i, j] = finding.lines[..] else {
                    unreachable!("a pair has two lines")
                };
                verdicts.push(format!(
                    "ptp {i} {j} {} {} line {}",
                    char::from(edit.indicator.digit()),
                    finding.severity.id(),
                    finding.row.unwrap().line
                ));
            }
            Detail::Mue {
                code, value: None, ..
            } => {
                verdicts.push(format!("mue unpublished {code}"));
            }
            Detail::Mue {
                value: Some(value),
                adjudication,
                ..
            } => {
                let said = match (finding.outcome, finding.severity) {
                    (Outcome::Applies, Severity::Deny) => "deny",
                    (Outcome::Applies, _) => "review",
                    _ => "pass",
                };
                let digit = adjudication.map_or('-', |kind| char::from(kind.digit()));
                verdicts.push(format!("mue {} {value} {digit} {said}", finding.lines[0]));
            }
            Detail::AddOn { .. } => {
                let said = match finding.outcome {
                    Outcome::Applies => "deny",
                    Outcome::NoData => "review",
                    Outcome::DoesNotApply => "pass",
                };
                verdicts.push(format!("addon {} {said}", finding.lines[0]));
            }
            Detail::Ptp { .. } | Detail::None | Detail::Note { .. } | Detail::Mce { .. } => {}
        }
    }
    let tables_missing = [
        (EditKind::NcciPtp, "ptp no_data"),
        (EditKind::Mue, "mue no_data"),
        (EditKind::AddOn, "addon no_data"),
    ];
    for (edit, said) in tables_missing {
        let is_pairless = edit == EditKind::NcciPtp && report.tally(edit).no_data == 0;
        if report
            .not_checked
            .iter()
            .any(|missing| missing.edit == edit)
            && !is_pairless
        {
            verdicts.push(said.to_owned());
        }
    }
    verdicts.sort();
    verdicts.dedup();
    verdicts
}

/// How often each kind of verdict was reached.
type Reached = BTreeMap<String, usize>;

#[track_caller]
fn agree(tables: &EditTables, model: &Model, claim: &Claim, reached: &mut Reached) {
    let report = check(tables, claim, &ClaimRules::default());
    let said = verdicts(&report);
    assert_eq!(said, model.verdicts(claim), "{claim:#?}");
    for verdict in said {
        let words = verdict
            .split(' ')
            .filter(|word| word.chars().all(|c| !c.is_ascii_digit()));
        let kind: Vec<&str> = words.filter(|word| *word != "line").collect();
        *reached.entry(kind.join(" ")).or_default() += 1;
    }
    // Every pair of lines is counted with one outcome.
    let tally = report.tally(EditKind::NcciPtp);
    let counted = tally.applies + tally.does_not_apply + tally.no_data;
    assert_eq!(counted, Model::pairs(claim), "{claim:#?}");
}

/// The claims reach every kind of verdict, or agreeing on them would say little.
#[track_caller]
fn every_kind_is_reached(reached: &Reached, kinds: &[&str]) {
    for kind in kinds {
        assert!(
            reached.contains_key(*kind),
            "no claim with `{kind}`: {reached:?}"
        );
    }
    eprintln!("{reached:?}");
}

const PTP_AND_MUE: [&str; 8] = [
    "ptp deny",
    "ptp review",
    "ptp no_data",
    "mue pass",
    "mue deny",
    "mue review",
    "mue unpublished",
    "mue no_data",
];

/// What claims are drawn from: every 16th pair, every row of the others.
fn pool(tables: &EditTables, every: usize) -> Pool {
    let mut pool = Pool {
        days: vec![
            date(2024, 4, 1),
            date(2024, 6, 30),
            date(2024, 7, 1),
            date(2024, 9, 30),
        ],
        ..Pool::default()
    };
    let ptp = tables.ptp();
    for (column1, column2, pair) in ptp.all().step_by(every) {
        for table in tables.tables() {
            if table.name.kind == EditTableKind::Ptp {
                pool.pairs
                    .extend(
                        ptp.rows(table.ptp_place(), (column1, column2), pair)
                            .map(|found| {
                                let edit = found.edit;
                                let (one, two) = (column1.to_string(), column2.to_string());
                                (one, two, edit.effective, edit.deletion)
                            }),
                    );
            }
        }
    }
    for table in tables.tables() {
        let units = tables.mue(table).all();
        pool.units
            .extend(units.map(|found| (found.edit.code.to_string(), found.edit.value)));
        let add_ons = tables.add_on(table).all();
        pool.add_ons.extend(add_ons.filter_map(|found| {
            Some((
                found.edit.add_on.to_string(),
                found.edit.primary?.to_string(),
            ))
        }));
    }
    pool
}

/// Adds a raw file to the model.
fn add(model: &mut Model, name: &str, text: &str) {
    let table = TableName::from_file_name(name).unwrap();
    let days = table.vintage.days().unwrap();
    let (first_day, last_day) = (number(days.first), number(days.last.unwrap()));
    let setting = table.setting.unwrap_or(Setting::Practitioner);
    match table.kind {
        EditTableKind::Ptp => {
            let is_same =
                |known: &&mut PtpTable| (known.setting, known.last_day) == (setting, last_day);
            if let Some(known) = model.ptp.iter_mut().find(is_same) {
                known.add(text);
                return;
            }
            let mut new = PtpTable {
                setting,
                last_day,
                rows: Default::default(),
            };
            new.add(text);
            model.ptp.push(new);
        }
        EditTableKind::Mue => {
            let mut new = MueTable {
                setting,
                days: (first_day, last_day),
                rows: Default::default(),
            };
            new.add(text);
            model.mue.push(new);
        }
        EditTableKind::AddOn | EditTableKind::Mce => {}
    }
}

/// The add-on rows come from the reader: the workbook is not ours to decode twice.
fn add_add_ons(model: &mut Model, tables: &EditTables) {
    for table in tables.tables() {
        if table.name.kind == EditTableKind::AddOn {
            model.add_on.last_day = number(table.name.vintage.days().unwrap().last.unwrap());
            for found in tables.add_on(table).all() {
                let rows = model.add_on.rows.entry(found.edit.add_on.to_string());
                rows.or_default().push(AddOnRow::of(&found.edit));
            }
        }
    }
}

fn small_files() -> Vec<TestFile> {
    vec![
        ptp_file(
            "ccipra-v301r0-f1.txt",
            &[
                "0001A 0002A 20130101 20231231 1",
                "0001A 0002A 20240101 * 0",
                "0001A 0003A 20130101 * 1",
                "0002A 0003A 20130101 20240630 1",
                "0003A 0004A 20220101 20220101 9",
                "A0001 0001A 20240401 20240401 1",
            ],
        ),
        ptp_file(
            "ccipra-v302r0-f1.txt",
            &[
                "0001A 0002A 20240101 * 1",
                "0001A 0003A 20130101 20240701 1",
                "0004A 0001A 20240701 * 0",
                "A0001 0002A 20240930 * 1",
            ],
        ),
        ptp_file("ccioph-v302r0-f1.txt", &["0001A 0004A 20240101 * 1"]),
        mue_file(
            "MCR_MUE_PractitionerServices_Eff_04-01-2024.csv",
            &["0001A 1 1", "0002A 2 2", "A0001 0 3"],
        ),
        mue_file(
            "MCR_MUE_PractitionerServices_Eff_07-01-2024.csv",
            &["0001A 2 3", "0002A 3 1", "0003A 0 2"],
        ),
    ]
}

#[test]
fn on_a_small_table() {
    let files = small_files();
    let tables = tables(&files);
    let mut model = Model::default();
    for file in &files {
        add(&mut model, file.name, &file.text);
    }
    let pool = pool(&tables, 1);
    let mut random = Random::new(1);
    let mut reached = Reached::new();
    for _ in 0..20_000 {
        agree(&tables, &model, &pool.claim(&mut random), &mut reached);
    }
    every_kind_is_reached(&reached, &PTP_AND_MUE);
}

/// How many claims to draw from the real tables: 20,000, or `CODEBOOK_MODEL_CLAIMS`.
fn claims_to_draw() -> usize {
    let asked = std::env::var("CODEBOOK_MODEL_CLAIMS").ok();
    asked
        .and_then(|number| number.parse().ok())
        .unwrap_or(20_000)
}

fn unpacked(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap();
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(&bytes[..])
        .read_to_end(&mut text)
        .unwrap();
    text.into_iter().map(char::from).collect()
}

#[test]
fn on_the_published_tables() {
    let folders = [
        "ncci-ptp-2024q2",
        "ncci-ptp-2024q3",
        "ncci-mue-2024q2",
        "ncci-mue-2024q3",
        "ncci-aoc-2026q2",
    ];
    let Some(paths) = published_paths(&folders) else {
        return;
    };
    let tables = open(&EditsBuild::from_paths(&paths).unwrap());
    let mut model = Model::default();
    for path in &paths {
        let name = path.file_name().unwrap().to_string_lossy();
        if name.ends_with(".gz") {
            add(&mut model, &name, &unpacked(path));
        }
    }
    add_add_ons(&mut model, &tables);
    let pool = pool(&tables, 16);
    let mut random = Random::new(2);
    let mut reached = Reached::new();
    for _ in 0..claims_to_draw() {
        agree(&tables, &model, &pool.claim(&mut random), &mut reached);
    }
    let add_on = ["addon pass", "addon deny", "addon review"];
    every_kind_is_reached(&reached, &[&PTP_AND_MUE[..], &add_on].concat());
    eprintln!("{} claims agree with the model", claims_to_draw());
}
