//! Diagnoses of a claim against notes of the Tabular List and the MCE's lists.

use codebook::edits::{
    Age, Claim, ClaimRules, CodeStatus, DiagnosisRules, EditKind, RuleNote, Sex, check,
};
use codesets::NoteKind;
use indexer::edits::EditTables;
use insta::assert_snapshot;
use jiff::civil::date;

use super::support::{TestFile, claim, print, tables};

fn note(kind: NoteKind, from: &str, text: &str) -> RuleNote {
    RuleNote::new(kind, from, text)
}

fn of(codes: &[&str]) -> Claim {
    Claim {
        diagnoses: codes.iter().map(|code| (*code).to_owned()).collect(),
        ..claim()
    }
}

/// The ICD findings on diagnoses, each with its notes; a `!` marks a manifestation.
fn notes(diagnoses: &[(&str, &[RuleNote])]) -> String {
    let codes: Vec<&str> = diagnoses
        .iter()
        .map(|(code, _)| code.trim_matches('!'))
        .collect();
    let rules = ClaimRules {
        diagnoses: Some(
            diagnoses
                .iter()
                .map(|(code, notes)| DiagnosisRules {
                    status: CodeStatus::Valid,
                    is_manifestation: code.ends_with('!'),
                    notes: notes.iter().collect(),
                })
                .collect(),
        ),
        past_release: None,
        lines: None,
    };
    let tables = tables(&[]);
    let printed = print(&check(&tables, &of(&codes), &rules));
    let kept: Vec<&str> = printed
        .lines()
        .filter(|line| line.starts_with("icd_"))
        .collect();
    kept.join("\n")
}

#[test]
fn excludes1_is_found_from_either_side_once() {
    let type_1 = [note(
        NoteKind::Excludes1,
        "E11",
        "type 1 diabetes mellitus (E10.-)",
    )];
    let expected = "icd_excludes1 applies review: E11.9 and E10.9 are not reported together: \
        the Excludes1 note at E11 says \"type 1 diabetes mellitus (E10.-)\". The exception is two \
        conditions unrelated to each other (Guidelines I.A.12.a).";
    assert_eq!(notes(&[("E11.9", &type_1), ("E10.9", &[])]), expected);
    assert_eq!(notes(&[("E10.9", &[]), ("E11.9", &type_1)]), expected);
    let both = [note(
        NoteKind::Excludes1,
        "E10",
        "type 2 diabetes mellitus (E11.-)",
    )];
    assert_eq!(notes(&[("E11.9", &type_1), ("E10.9", &both)]), expected);
    assert_eq!(notes(&[("E11.9", &type_1), ("I10", &[])]), "");
}

#[test]
fn a_note_that_names_the_code_itself_does_not_exclude_for_it() {
    let within = [note(
        NoteKind::Excludes1,
        "I10-I1A",
        "hypertension of pregnancy (I11-I13)",
    )];
    assert_eq!(notes(&[("I11.0", &within), ("I12.9", &within)]), "");
}

#[test]
fn excludes2_never_conflicts() {
    let also = [note(NoteKind::Excludes2, "J00-J99", "injury (S00-T88)")];
    assert_snapshot!(notes(&[("J45.909", &also), ("S00.00XA", &[])]), @r#"icd_excludes2 does_not_apply info: S00.00XA is not part of J45.909 (Excludes2 note at J00-J99: "injury (S00-T88)"); both may be reported."#);
}

#[test]
fn a_note_without_codes_is_shown_not_guessed() {
    let unread = [note(
        NoteKind::Excludes1,
        "R00",
        "abnormalities originating elsewhere",
    )];
    assert_snapshot!(notes(&[("R00.0", &unread), ("I10", &[])]), @r#"icd_excludes1 no_data info: The Excludes1 note at R00 names no code and was not checked: "abnormalities originating elsewhere"."#);
    assert_eq!(
        notes(&[("R00.0", &unread)]),
        "",
        "one diagnosis excludes nothing"
    );
}

#[test]
fn code_first_asks_for_the_order() {
    let first = [
        note(
            NoteKind::CodeFirst,
            "F02",
            "the underlying condition, such as:",
        ),
        note(NoteKind::CodeFirst, "F02", "Alzheimer's (G30.-)"),
    ];
    assert_eq!(notes(&[("G30.9", &[]), ("F02.80", &first)]), "");
    assert_snapshot!(notes(&[("F02.80!", &first), ("G30.9", &[])]), @r"
    icd_code_first applies deny: F02.80 is a manifestation and may not be listed first; its underlying disease is (Guidelines I.A.13).
    icd_code_first applies review: G30.9 goes before F02.80: the note at F02 says to code it first. It reads: the underlying condition, such as:; Alzheimer's (G30.-)
    ");
    assert_snapshot!(notes(&[("F02.80", &first), ("I10", &[])]), @"icd_code_first applies review: F02.80 is listed first, but the note at F02 says to code another condition first. It reads: the underlying condition, such as:; Alzheimer's (G30.-)");
    assert_snapshot!(notes(&[("I10", &[]), ("F02.80", &first)]), @"icd_code_first no_data info: The note at F02 says to code another condition before F02.80; whether one of those before it is meant, the note's codes do not tell. It reads: the underlying condition, such as:; Alzheimer's (G30.-)");
}

#[test]
fn additional_codes_come_after() {
    let add = [note(
        NoteKind::UseAdditional,
        "E11",
        "code to identify insulin (Z79.4)",
    )];
    assert_eq!(notes(&[("E11.9", &add), ("Z79.4", &[])]), "");
    assert_snapshot!(notes(&[("Z79.4", &[]), ("E11.9", &add)]), @"icd_use_additional applies review: Z79.4 goes after E11.9: the note at E11 says to add it. It reads: code to identify insulin (Z79.4)");
    assert_snapshot!(notes(&[("E11.9", &add)]), @"icd_use_additional no_data info: The note at E11 says to add another code to E11.9 where it is known. It reads: code to identify insulin (Z79.4)");
    let also = [note(NoteKind::CodeAlso, "I50", "any heart disease (I51.-)")];
    assert_eq!(notes(&[("I51.9", &[]), ("I50.9", &also)]), "");
}

#[test]
fn without_a_release_nothing_passes() {
    let report_of = of(&["E11.9", "E10.9"]);
    let tables = tables(&[]);
    let report = check(&tables, &report_of, &ClaimRules::default());
    assert_eq!(report.tally(EditKind::Excludes1).no_data, 2);
    assert_eq!(report.tally(EditKind::Excludes1).does_not_apply, 0);
    assert!(
        report
            .not_checked
            .iter()
            .any(|missing| missing.edit == EditKind::Excludes1)
    );
}

fn mce_tables() -> EditTables {
    let rows = [
        ("Maternity_Only", "O80"),
        ("Female_Only", "O80"),
        ("Newborn_Only", "P599"),
        ("Principal_Manifestation", "D77"),
        ("Principal_Unacceptable", "Z370"),
    ];
    let mut text = "MCE_Version\tICD_Version\tMCE_Section\tMCE_Subsection\tMCE_Edit_Type\t\
                    ICD_Code_Type\tICD_Code\tICD_Desc\n"
        .to_owned();
    for (list, code) in rows {
        text.push_str(&format!("37\t10\t4\tA\t{list}\tD\t{code}\tx\n"));
    }
    let copy = |name| TestFile {
        name,
        text: text.clone(),
    };
    tables(&[
        copy("MCE_Simple_Code_Edits_v37.txt"),
        copy("MCE_Simple_Code_Edits_v42.txt"),
    ])
}

fn mce(claim: &Claim) -> String {
    let tables = mce_tables();
    let printed = print(&check(&tables, claim, &ClaimRules::default()));
    let kept: Vec<&str> = printed
        .lines()
        .filter(|line| line.contains("mce_"))
        .collect();
    kept.join("\n")
}

#[test]
fn age_sex_and_principal_are_held_against_the_lists() {
    let mut claim = of(&["O80", "Z37.0", "D77"]);
    claim.date = date(2020, 1, 1);
    claim.patient.age = Some(Age { years: 60 });
    claim.patient.sex = Some(Sex::Male);
    assert_snapshot!(mce(&claim), @r"
    mce_age applies review MCE_Simple_Code_Edits_v37.txt:2: O80 is for ages 12 to 55; the patient is 60.
    mce_sex applies review MCE_Simple_Code_Edits_v37.txt:3: O80 is for female patients; the claim says otherwise.
    ");
    claim.diagnoses.swap(0, 1);
    claim.patient.age = Some(Age { years: 30 });
    claim.patient.sex = Some(Sex::Female);
    assert_snapshot!(mce(&claim), @"mce_principal applies review MCE_Simple_Code_Edits_v37.txt:6: Z37.0 describes a circumstance, not an illness, and may not be the principal diagnosis of an inpatient claim.");
    claim.diagnoses = vec!["D77".to_owned()];
    assert_snapshot!(mce(&claim), @"mce_principal applies deny MCE_Simple_Code_Edits_v37.txt:5: D77 is a manifestation and may not be the principal diagnosis; its underlying disease is.");
}

#[test]
fn an_unknown_age_or_sex_is_no_pass() {
    let mut claim = of(&["O80"]);
    claim.date = date(2020, 1, 1);
    assert_snapshot!(mce(&claim), @r"
    mce_age no_data info MCE_Simple_Code_Edits_v37.txt:2: O80 is for ages 12 to 55; the claim does not say the patient's age.
    mce_sex no_data info MCE_Simple_Code_Edits_v37.txt:3: O80 is for female patients; the claim does not say the patient's sex.
    ");
}

#[test]
fn sex_edits_ended_with_september_2024() {
    let mut claim = of(&["O80"]);
    claim.patient.sex = Some(Sex::Male);
    claim.patient.age = Some(Age { years: 30 });
    // Version 42 is the edition of fiscal year 2025, whose first day is the first without.
    claim.date = date(2024, 10, 1);
    assert_eq!(mce(&claim), "");
    claim.date = date(2024, 9, 30);
    assert_snapshot!(mce(&claim), @r"
    not checked: mce_principal: no loaded Medicare Code Editor table for medicare practitioner claims covers 2024-09-30; the newest is mce fy2025
    not checked: mce_age: no loaded Medicare Code Editor table for medicare practitioner claims covers 2024-09-30; the newest is mce fy2025
    not checked: mce_sex: no loaded Medicare Code Editor table for medicare practitioner claims covers 2024-09-30; the newest is mce fy2025
    ");
}
