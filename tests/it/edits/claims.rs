//! Claims made by hand, and what the check says of each.

use codebook::edits::{ClaimRules, CodeStatus, EditKind, LineRules, Outcome, check, pair};
use codesets::CodeSystem;
use codesets::edit::{Payer, ProcedureCode, Setting};
use indexer::edits::EditTables;
use insta::assert_snapshot;
use jiff::civil::date;

use super::support::{claim, lines, mue_file, print, ptp_file, tables};

fn sample() -> EditTables {
    tables(&[
        ptp_file(
            "ccipra-v302r0-f1.txt",
            &[
                "0001A 0002A 20130101 * 1",
                "0001A 0003A 20130101 * 0",
                "0001A 0004A 20220101 20220101 9",
                "0001A 0005A 20130101 20231231 1",
            ],
        ),
        mue_file(
            "MCR_MUE_PractitionerServices_Eff_07-01-2024.csv",
            &["0001A 1 1", "0002A 2 2", "0003A 2 3", "A0001 0 2"],
        ),
    ])
}

/// The report on a claim with these lines, without the add-on and ICD parts, which have no tables here.
fn report(texts: &[&str]) -> String {
    let tables = sample();
    let mut claim = claim();
    claim.lines = lines(texts);
    let report = check(&tables, &claim, &ClaimRules::default());
    let printed = print(&report);
    let kept = printed
        .lines()
        .filter(|line| {
            !line.starts_with("not checked: addon")
                && !line.starts_with("not checked: code_validity")
        })
        .filter(|line| !line.starts_with("mue does_not_apply") && !line.starts_with("mue no_data"));
    kept.collect::<Vec<_>>().join("\n")
}

#[test]
fn column_order_is_kept_whatever_the_order_of_lines() {
    assert_snapshot!(report(&["0002A", "0001A"]), @"ncci_ptp applies deny ccipra-v302r0-f1.txt:2: 0001A (line 2) is paid and 0002A (line 1) is denied when one provider reports both on 2024-08-01, unless a PTP-associated modifier (such as 59, XE, XS, XP or XU) fits the record; none is on either line.");
}

#[test]
fn a_listed_modifier_on_either_line_bypasses_indicator_one_only() {
    assert_snapshot!(report(&["0001A-xs", "0002A"]), @"ncci_ptp applies review ccipra-v302r0-f1.txt:2 bypassed: 0001A (line 1) is paid and 0002A (line 2) is denied when one provider reports both on 2024-08-01; modifier XS on line 1 bypasses the edit if the record supports it.");
    assert_snapshot!(report(&["0001A-76-22", "0002A-77"]), @"ncci_ptp applies deny ccipra-v302r0-f1.txt:2: 0001A (line 1) is paid and 0002A (line 2) is denied when one provider reports both on 2024-08-01, unless a PTP-associated modifier (such as 59, XE, XS, XP or XU) fits the record; none is on either line.");
    assert_snapshot!(report(&["0001A", "0003A-59"]), @"ncci_ptp applies deny ccipra-v302r0-f1.txt:3: 0001A (line 1) is paid and 0003A (line 2) is denied when one provider reports both on 2024-08-01; no modifier bypasses this edit, so 59 does not either.");
}

#[test]
fn rows_out_of_force_are_said_not_to_apply() {
    assert_snapshot!(report(&["0001A", "0004A", "0005A"]), @r"
    ncci_ptp does_not_apply info ccipra-v302r0-f1.txt:4: An edit of 0001A with 0004A was deleted as of the day it began and was never in force.
    ncci_ptp does_not_apply info ccipra-v302r0-f1.txt:5: The edit of 0001A with 0005A was deleted on 2023-12-31, before 2024-08-01.
    ");
}

#[test]
fn units_are_counted_as_the_indicator_says() {
    assert_snapshot!(report(&["0001A", "0001A x2"]), @"mue applies deny MCR_MUE_PractitionerServices_Eff_07-01-2024.csv:2: Of at most 1, line 2 has 2 units of 0001A: the whole line is denied.");
    assert_snapshot!(report(&["0002A", "0002A", "0002A"]), @"mue applies deny MCR_MUE_PractitionerServices_Eff_07-01-2024.csv:3: Of at most 2, 3 units of 0002A are reported for 2024-08-01: all units of the day are denied, by policy, without exception.");
    assert_snapshot!(report(&["0003A x2.5"]), @"mue applies review MCR_MUE_PractitionerServices_Eff_07-01-2024.csv:4: Of at most 2, 2.5 units of 0003A are reported for 2024-08-01: all units of the day are denied unless the medical record shows that they were necessary.");
    assert_snapshot!(report(&["A0001"]), @"mue applies deny MCR_MUE_PractitionerServices_Eff_07-01-2024.csv:5: A0001 has the value 0: it is not payable in this setting.");
}

#[test]
fn an_unpublished_value_is_no_pass() {
    let mut claim = claim();
    claim.lines = lines(&["0009A x999"]);
    let tables = sample();
    let report = check(&tables, &claim, &ClaimRules::default());
    assert_eq!(report.tally(EditKind::Mue).no_data, 1);
    assert_eq!(report.tally(EditKind::Mue).does_not_apply, 0);
}

#[test]
fn other_providers_and_days_do_not_meet() {
    let tables = sample();
    let mut claim = claim();
    claim.lines = lines(&["0001A", "0002A"]);
    let ptp = |claim: &_| {
        let report = check(&tables, claim, &ClaimRules::default());
        report.tally(EditKind::NcciPtp).applies
    };
    assert_eq!(ptp(&claim), 1);
    claim.lines[1].provider = Some("Q".to_owned());
    assert_eq!(ptp(&claim), 0);
    claim.provider = None;
    assert_eq!(
        ptp(&claim),
        1,
        "a line that names no provider may be anyone's"
    );
    claim.lines[1].date = Some(date(2024, 8, 2));
    assert_eq!(ptp(&claim), 0);
}

#[test]
fn a_table_that_is_not_loaded_is_said_to_be_missing() {
    let mut claim = claim();
    claim.date = date(2026, 11, 3);
    claim.lines = lines(&["0001A", "0002A"]);
    let tables = sample();
    let report = check(&tables, &claim, &ClaimRules::default());
    assert_snapshot!(print(&report), @r"
    not checked: code_validity: no procedure codes are loaded
    not checked: ncci_ptp: no loaded NCCI PTP table for medicare practitioner claims covers 2026-11-03; the newest is ncci-ptp-practitioner 2024q3
    not checked: mue: no loaded MUE table for medicare practitioner claims covers 2026-11-03; the newest is mue-practitioner 2024q3
    not checked: addon: no add-on table for medicare practitioner claims is loaded
    ");
    assert_eq!(report.tally(EditKind::NcciPtp).no_data, 1);
}

#[test]
fn what_is_wrong_with_the_claim_itself_is_said() {
    assert_snapshot!(report(&["E11.9", "0001A-5", "0001A x0", "0002A x-1", "12"]), @r"
    claim applies deny: Line 1: `E11.9` is no procedure code: procedure codes hold letters A-Z and digits, but character 4 is neither; it has the shape of a diagnosis, which belongs among the diagnoses. The line was not checked.
    claim applies deny: Line 2: modifier `5` is not two letters or digits; it was ignored.
    claim applies deny: Line 3 has 0 units; a service has more than 0. Its units were not checked.
    claim applies deny: Line 4 has -1 units; a service has more than 0. Its units were not checked.
    claim applies deny: Line 5: `12` is no procedure code: the code has 2 characters, but procedure codes have 5. The line was not checked.
    ncci_ptp applies deny ccipra-v302r0-f1.txt:2: 0001A (line 2) is paid and 0002A (line 4) is denied when one provider reports both on 2024-08-01, unless a PTP-associated modifier (such as 59, XE, XS, XP or XU) fits the record; none is on either line.
    ncci_ptp applies deny ccipra-v302r0-f1.txt:2: 0001A (line 3) is paid and 0002A (line 4) is denied when one provider reports both on 2024-08-01, unless a PTP-associated modifier (such as 59, XE, XS, XP or XU) fits the record; none is on either line.
    ");
}

#[test]
fn repeated_ids_wild_days_and_loose_pointers_are_said() {
    let tables = sample();
    let mut claim = claim();
    claim.lines = lines(&["0006A", "0007A", "0008A"]);
    claim.lines[1].id = "1".to_owned();
    claim.lines[2].date = Some(date(202, 8, 1));
    claim.lines[0].diagnosis_pointers = vec![0, 2];
    claim.diagnoses = vec!["E11.9".to_owned(), "e119".to_owned(), "???".to_owned()];
    let printed = print(&check(&tables, &claim, &ClaimRules::default()));
    let kept: Vec<&str> = printed
        .lines()
        .filter(|line| line.starts_with("claim "))
        .collect();
    assert_snapshot!(kept.join("\n"), @r"
    claim applies review: Diagnosis 2 repeats diagnosis 1, E11.9; a code is reported once.
    claim applies deny: Diagnosis 3: `???` is no ICD-10-CM code: ICD-10-CM codes hold letters A-Z, digits and a dot, but character 1 is neither. It was not checked.
    claim applies review: 2 lines are called `1`; findings name lines, so give each an id of its own.
    claim applies deny: Line 1 points at diagnosis 0, but the claim has 3.
    claim applies deny: Line 3: 0202-08-01 is no plausible day of service; the line was not checked.
    ");
}

#[test]
fn ten_thousand_lines_are_refused_aloud() {
    let tables = sample();
    let mut claim = claim();
    claim.lines = lines(&vec!["0001A"; 10_000]);
    let report = check(&tables, &claim, &ClaimRules::default());
    assert_eq!(report.findings.len(), 1);
    assert_eq!(report.not_checked.len(), EditKind::ALL.len() - 1);
    claim.lines.clear();
    let report = check(&tables, &claim, &ClaimRules::default());
    assert_eq!(
        report.findings.len(),
        1,
        "an empty claim is not a clean one"
    );
}

#[test]
fn invalid_codes_and_modifiers_come_from_the_code_sets() {
    let tables = sample();
    let mut claim = claim();
    claim.lines = lines(&["0006A-ZZ", "0007A"]);
    let rules = ClaimRules {
        diagnoses: None,
        past_release: None,
        lines: Some(vec![
            LineRules {
                code: CodeStatus::NotInForce {
                    first: None,
                    last: Some(date(2023, 12, 31)),
                },
                modifiers: vec![CodeStatus::Unknown],
            },
            LineRules {
                code: CodeStatus::NotLoaded(CodeSystem::Cpt),
                modifiers: Vec::new(),
            },
        ]),
    };
    let printed = print(&check(&tables, &claim, &rules));
    let kept: Vec<&str> = printed
        .lines()
        .filter(|line| line.contains("code_validity"))
        .collect();
    assert_snapshot!(kept.join("\n"), @r"
    code_validity applies deny: Code 0006A (line 1) was valid through 2023-12-31 only.
    code_validity applies deny: Modifier ZZ (line 1) is in no loaded release of its system.
    not checked: code_validity: no loaded file lists all CPT codes and modifiers of 2024-08-01
    ");
}

#[test]
fn a_pair_is_answered_by_itself() {
    let tables = sample();
    let ask = |a: &str, b: &str, day| {
        let code = |text| ProcedureCode::parse(text).unwrap();
        let scope = (Setting::Practitioner, Payer::Medicare, day);
        let answer = pair(&tables, scope, code(a), code(b));
        let columns = answer.rows.first().map(|row| row.edit.column1.to_string());
        (answer.outcome, columns)
    };
    let day = date(2024, 8, 1);
    let applies = (Outcome::Applies, Some("0001A".to_owned()));
    assert_eq!(ask("0001A", "0002A", day), applies);
    assert_eq!(ask("0002A", "0001A", day), applies);
    assert_eq!(ask("0002A", "0003A", day), (Outcome::DoesNotApply, None));
    let past = (Outcome::DoesNotApply, Some("0001A".to_owned()));
    assert_eq!(ask("0001A", "0005A", day), past);
    assert_eq!(
        ask("0001A", "0002A", date(2024, 10, 1)),
        (Outcome::NoData, None)
    );
}
