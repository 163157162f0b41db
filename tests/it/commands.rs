//! What `search`, `lookup`, `complete` and `eval` print, and their exit codes:
//! 0 for an answer, 1 for a problem, 2 for wrong arguments.

use insta::assert_snapshot;
use serde_json::Value;

use crate::support::Workshop;

#[test]
fn a_search_says_what_matched_and_which_release_answered() {
    let run = Workshop::with_bundle().ask(&["search", "sugar", "foot", "--limit", "1"]);
    assert_eq!(run.code, Some(0));
    // How many codes share a word with the query is the ranking's business.
    let (hit, found) = run.out.split_once("\n\n").unwrap();
    assert_snapshot!(hit, @r#"
    E11.621   billable                     Type 2 diabetes mellitus with foot ulcer
                                           inclusion: Sugar foot
    "#);
    assert!(found.ends_with("from ICD-10-CM 2099 (2098-10-01 to 2099-09-30)\n"));
}

#[test]
fn a_header_says_how_many_characters_it_needs() {
    let run = Workshop::with_bundle().ask(&["search", "S52.5", "--limit", "3"]);
    assert_snapshot!(run.out, @r#"
    S52.5     needs 3 more characters      Fracture of lower end of radius
    S52.501   needs 1 more character       Unspecified fracture of the lower end of right radius
    S52.502   needs 1 more character       Unspecified fracture of the lower end of left radius
    S52.5     laterality: right S52.501A; left S52.502A
    S52.5     encounter: initial S52.501A; subsequent S52.501D; sequela S52.501S

    3 of 9 from ICD-10-CM 2099 (2098-10-01 to 2099-09-30)
    "#);
}

#[test]
fn nothing_found_is_an_answer() {
    let run = Workshop::with_bundle().ask(&["search", "qqqq"]);
    assert_eq!(run.code, Some(0));
    assert_snapshot!(run.out, @r#"
    nothing found

    0 of 0 from ICD-10-CM 2099 (2098-10-01 to 2099-09-30)
    "#);
}

#[test]
fn a_search_in_json() {
    let mut answer =
        Workshop::with_bundle().ask_json(&["search", "t2dm with foot ulcer", "--limit", "1"]);
    // Scores move whenever the ranking is tuned.
    answer["results"][0]["score"] = Value::Null;
    answer["took_us"] = Value::Null;
    answer["total"] = Value::Null;
    insta::assert_json_snapshot!(answer);
}

#[test]
fn a_search_takes_its_words_from_the_standard_input() {
    let workshop = Workshop::with_bundle();
    let run = workshop.ask_with_input(&["search", "-", "--limit", "1"], b"sugar foot\n");
    assert!(run.out.starts_with("E11.621"), "{run:?}");
}

#[test]
fn filters_narrow_a_search() {
    let workshop = Workshop::with_bundle();
    let codes = |arguments: &[&str]| -> Vec<String> {
        let answer = workshop.ask_json(&[&["search", "E11"], arguments].concat());
        let results = answer["results"].as_array().unwrap();
        results
            .iter()
            .map(|hit| hit["code"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(codes(&["--billable"]), ["E11.9", "E11.621", "E11.628"]);
    // E11.7 is retired, so that it cannot be billed either.
    assert_eq!(
        codes(&["--billable=false"]),
        ["E11", "E11.6", "E11.7", "E11.62"]
    );
    assert_eq!(codes(&["--chapter", "19"]), [""; 0]);
}

#[test]
fn a_system_that_is_not_loaded_is_said_to_be() {
    let run = Workshop::with_bundle().ask(&["search", "foot", "--system", "hcpcs"]);
    assert_eq!(run.code, Some(1));
    assert_snapshot!(run.err, @"codebook: no release of HCPCS is loaded");
}

#[test]
fn a_code_with_its_notes_and_hierarchy() {
    let run = Workshop::with_bundle().ask(&["lookup", "e11621"]);
    assert_eq!(run.code, Some(0));
    assert_snapshot!(run.out);
}

#[test]
fn a_code_in_json() {
    let answer = Workshop::with_bundle().ask_json(&["lookup", "S52.501A"]);
    insta::assert_json_snapshot!(answer, {
        ".release.icd10cm.sha256" => "[sha256]",
        ".release.icd10cm.loaded" => "[time]",
    });
}

#[test]
fn a_header_leads_to_what_is_below_it() {
    let run = Workshop::with_bundle().ask(&["lookup", "S52.50"]);
    assert_eq!(
        run.code,
        Some(1),
        "S52.50 is no code of the invented release"
    );
    let run = Workshop::with_bundle().ask(&["lookup", "S52.5"]);
    assert_snapshot!(run.out);
}

#[test]
fn an_unknown_code_leads_to_those_that_look_like_it() {
    let workshop = Workshop::with_bundle();
    let nearest = |code: &str| {
        let run = workshop.ask(&["lookup", code]);
        assert_eq!(run.code, Some(1));
        run.out.lines().nth(1).unwrap_or("").trim().to_owned()
    };
    let misread = nearest("E11.62l");
    assert_eq!(
        misread,
        "E11.621   billable  Type 2 diabetes mellitus with foot ulcer"
    );
    let unpadded = nearest("W21.89A");
    assert!(unpadded.starts_with("W21.89XA"), "{unpadded}");
    let too_long = nearest("E11.62999");
    assert_eq!(too_long, "", "eight characters have no shape of a code");
}

#[test]
fn a_code_of_another_release_says_when_it_is_valid() {
    let run = Workshop::with_bundle().ask(&["lookup", "E11.7"]);
    assert_eq!(run.code, Some(1));
    assert_snapshot!(format!("{}{}", run.err, run.out), @r#"
    codebook: ICD-10-CM 2099 does not have this code; loaded releases that do: 2098
    Type 2 diabetes mellitus with bad luck
    It is valid on other days:
      2098      2097-10-01 to 2098-09-30

    History:
      2099 (since 2098): deleted
    "#);
}

#[test]
fn history_tells_what_each_release_did() {
    let workshop = Workshop::with_bundle();
    let history = |code: &str| workshop.ask_json(&["lookup", code])["history"].to_string();
    assert_snapshot!(history("E11.62"), @r#"[{"change":"revised","from":"Type 2 diabetes mellitus with skin troubles","since":"2098","to":"Type 2 diabetes mellitus with skin complications","version":"2099"},{"change":"became_header","since":"2098","version":"2099"}]"#);
    assert_snapshot!(history("E11.621"), @r#"[{"change":"added","since":"2098","version":"2099"}]"#);
    assert_snapshot!(history("E11.9"), @r#"[{"change":"none","since":"2098","version":"2099"}]"#);
}

#[test]
fn phrases_and_codes_are_completed() {
    let workshop = Workshop::with_bundle();
    assert_snapshot!(workshop.ask(&["complete", "sug"]).out, @r#"
    code               phrase      title
    E11.621  billable  Sugar foot  Type 2 diabetes mellitus with foot ulcer
    "#);
    assert_snapshot!(workshop.ask(&["complete", "s525"]).out, @r#"
    code                phrase    title
    S52.5     header    S52.5     Fracture of lower end of radius
    S52.501   header    S52.501   Unspecified fracture of the lower end of right radius
    S52.502   header    S52.502   Unspecified fracture of the lower end of left radius
    S52.501A  billable  S52.501A  Unspecified fracture of the lower end of right radius, initial encounter for closed fracture
    S52.501D  billable  S52.501D  Unspecified fracture of the lower end of right radius, subsequent encounter for closed fracture
    S52.501S  billable  S52.501S  Unspecified fracture of the lower end of right radius, sequela
    S52.502A  billable  S52.502A  Unspecified fracture of the lower end of left radius, initial encounter for closed fracture
    S52.502D  billable  S52.502D  Unspecified fracture of the lower end of left radius, subsequent encounter for closed fracture
    S52.502S  billable  S52.502S  Unspecified fracture of the lower end of left radius, sequela
    "#);
    assert_snapshot!(workshop.ask(&["complete", "qqqq"]).out, @"nothing begins so");
}

#[test]
fn a_completion_says_which_part_was_typed() {
    let answer = Workshop::with_bundle().ask_json(&["complete", "type 2 diab", "--limit", "1"]);
    assert_snapshot!(answer["completions"].to_string(), @r#"[{"billable":false,"code":"E11","display":"Type 2 diabetes mellitus","kind":"title","matched":[0,11],"system":"icd10cm","text":"Type 2 diabetes mellitus"}]"#);
}

const QUESTIONS: &str = "query\tgold\tsystem\tsource
sugar foot\tE11.621\ticd10cm\tinvented
type 2 diabetes mellitus\tE11\ticd10cm\tinvented
bad luck\tS52.501A\ticd10cm\tinvented
";

#[test]
fn a_list_of_questions_is_measured() {
    let workshop = Workshop::with_bundle();
    workshop.write("ours.tsv", QUESTIONS);
    let answer = workshop.ask_json(&["eval", "ours.tsv"]);
    insta::assert_json_snapshot!(answer, {
        ".sets[].p50_us" => "[µs]",
        ".sets[].p99_us" => "[µs]",
        ".macro.p50_us" => "[µs]",
        ".macro.p99_us" => "[µs]",
        ".bundle.built_at" => "[time]",
        ".bundle.tool_version" => "[version]",
        ".bundle.format_version" => "[version]",
        ".bundle.releases[].loaded" => "[time]",
        ".bundle.releases[].sha256" => "[sha256]",
    });
    let run = workshop.ask(&["eval", "ours.tsv", "--failures", "5"]);
    assert!(run.out.contains("ours:4  bad luck"), "{}", run.out);
}

#[test]
fn a_file_that_is_no_list_of_questions_is_named_with_its_line() {
    let workshop = Workshop::with_bundle();
    workshop.write("broken.tsv", "sugar foot E11.621\n");
    let run = workshop.ask(&["eval", "broken.tsv"]);
    assert_eq!(run.code, Some(1));
    assert_snapshot!(run.err, @"codebook: `broken.tsv` is no list of questions: line 1 has 1 tab-separated fields, expected query, codes, system and source");
    let run = workshop.ask(&["eval", "absent.tsv"]);
    assert_eq!(run.code, Some(1));
    assert_snapshot!(run.err, @"codebook: cannot read `absent.tsv`: No such file or directory (os error 2)");
}

#[test]
fn wrong_arguments_are_told_apart_from_problems() {
    let workshop = Workshop::new();
    for arguments in [
        &["lookup"] as &[&str],
        &["search", "foot", "--system", "icd12"],
        &["search", "foot", "--date", "01/15/2099"],
        &["search", "foot", "--limit", "0"],
        &["build", "--out", "bundle"],
        &["dance"],
    ] {
        assert_eq!(workshop.run(arguments).code, Some(2), "{arguments:?}");
    }
}

#[test]
fn every_command_explains_itself() {
    let workshop = Workshop::new();
    for command in [
        "build", "search", "lookup", "complete", "inspect", "verify", "eval", "serve", "mcp",
    ] {
        let run = workshop.run(&[command, "--help"]);
        assert_eq!(run.code, Some(0));
        assert!(run.out.contains("Examples:"), "{command}: {}", run.out);
    }
}
