//! What `validate`, `diff`, `translate` and `browse` print, and their exit codes.

use insta::assert_snapshot;

use crate::support::{Menagerie, Run, Workshop};

#[test]
fn codes_are_validated_one_after_another() {
    let run =
        Workshop::with_bundle().ask(&["validate", "E11.9", "W21.89A", "S52.501", "E1l.9", "E11.7"]);
    assert_eq!(run.code, Some(1));
    assert_snapshot!(run.out);
}

#[test]
fn codes_come_from_the_standard_input() {
    let run = Workshop::with_bundle().ask_with_input(&["validate", "-"], b"E11.9\n\nE11.621\n");
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(run.out.matches("valid").count(), 2);
}

#[test]
fn releases_are_compared() {
    let workshop = Workshop::with_bundle();
    let diff = |rest: &[&str]| -> Run {
        workshop.run(
            &[
                &["diff", "icd10cm", "2098", "2099", "--bundle", "bundle"],
                rest,
            ]
            .concat(),
        )
    };
    assert_snapshot!(diff(&[]).out);
    assert_snapshot!(diff(&["--format", "csv", "--kind", "deleted"]).out);
    let json: serde_json::Value = serde_json::from_str(&diff(&["--format", "json"]).out).unwrap();
    assert_eq!(json["codes"]["deleted"], 2);
    let run = workshop.run(&["diff", "icd10cm", "2001", "2099", "--bundle", "bundle"]);
    assert_eq!(run.code, Some(1));
    assert_snapshot!(run.err, @"codebook: ICD-10-CM `2001` is not loaded; loaded are: 2098, 2099");
}

#[test]
fn the_tree_is_shown_around_a_code() {
    let run = Workshop::with_bundle().ask(&["browse", "tree", "icd10cm", "E11.6"]);
    assert_snapshot!(run.out);
}

#[test]
fn tables_maps_and_modifiers_are_shown() {
    let workshop = Workshop::new();
    let menagerie = Menagerie::full();
    menagerie.build();
    let bundle = menagerie.bundle_path().to_string_lossy().into_owned();
    let run = |arguments: &[&str]| {
        workshop.run(&[arguments, &["--bundle", &bundle, "--date", "2099-01-15"]].concat())
    };
    assert_snapshot!(run(&["browse", "pcs", "0DT"]).out);
    assert!(
        run(&["browse", "modifiers"])
            .out
            .starts_with("LT  Left wing")
    );
    assert_snapshot!(run(&["translate", "A00.0", "--system", "icd10who"]).out);
    assert_eq!(
        run(&["translate", "B00", "--system", "icd10who"]).code,
        Some(1)
    );
    assert_eq!(run(&["browse", "pcs", "0DX"]).code, Some(1));
}
