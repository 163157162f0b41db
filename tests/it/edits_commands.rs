//! `codebook check`, `pair` and `edits`: what they print, and their exit codes.

use std::fmt::Write;
use std::sync::OnceLock;

use insta::assert_snapshot;
use serde_json::Value;

use super::support::{Run, Workshop, interchange};

/// The bundle with invented tables, built once for this process.
fn workshop() -> &'static Workshop {
    static SHARED: OnceLock<Workshop> = OnceLock::new();
    SHARED.get_or_init(Workshop::with_edits)
}

fn check(arguments: &[&str], input: &str) -> Run {
    workshop().ask_with_input(&[&["check", "-"], arguments].concat(), input.as_bytes())
}

/// A line an answer: its place, and how many findings of each severity there are, or why there are none.
fn told(run: &Run) -> String {
    let mut text = String::new();
    for line in run.out.lines() {
        let answer: Value = serde_json::from_str(line).unwrap();
        let (claim, at) = (answer["claim"].as_str().unwrap_or("-"), &answer["position"]);
        match answer["error"].as_str() {
            Some(error) => writeln!(text, "{at} {claim}: {error}").unwrap(),
            None => {
                let summary = &answer["summary"];
                writeln!(
                    text,
                    "{at} {claim}: deny {} review {}",
                    summary["deny"], summary["review"]
                )
                .unwrap();
            }
        }
    }
    text
}

const CLAIMS: &str = concat!(
    r#"{"id":"a","lines":[{"code":"0001A"},{"code":"0003A"}]}"#,
    "\n",
    r#"{"id":"b","lines":[{"code":"0001A","units":"SECRET"}]}"#,
    "\n",
    "\n",
    r#"{"id":"c","SECRET":1}"#,
    "\n",
    "not json SECRET\n",
    r#"{"id":"d","lines":[{"code":"0001A"},{"code":"0002A","modifiers":[59]}]}"#,
);

#[test]
fn claims_that_cannot_be_read_are_told_and_the_rest_go_on() {
    let run = check(&[], CLAIMS);
    assert_eq!(run.code, Some(1));
    assert!(!run.out.contains("SECRET"));
    assert_snapshot!(told(&run));
    assert_snapshot!(run.err);
    let run = check(&["--quiet"], CLAIMS.lines().next().unwrap());
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
}

#[test]
fn an_answer_of_many_names_what_answered() {
    let run = check(&[], CLAIMS);
    let first: Value = serde_json::from_str(run.out.lines().next().unwrap()).unwrap();
    insta::assert_json_snapshot!(first["release"]);
    let denied = &first["findings"][0];
    assert_eq!(
        (&denied["column1"], &denied["column2"]),
        (&"0001A".into(), &"0003A".into())
    );
}

#[test]
fn every_format_says_the_same_of_the_same_claim() {
    let line = r#"{"id":"a","date":"2099-01-15","provider":"1111111111","patient":{"birth_date":"2050-02-28","sex":"F"},"diagnoses":["E119"],"lines":[{"code":"0001A"},{"code":"0003A","units":3}]}"#;
    let pretty =
        serde_json::to_string_pretty(&serde_json::from_str::<Value>(line).unwrap()).unwrap();
    let array = format!("[{pretty},\n{pretty}]");
    let csv = "claim,date,provider,birth_date,sex,diagnoses,code,units\n\
        a,2099-01-15,1111111111,2050-02-28,F,E119,0001A,\n\
        a,2099-01-15,1111111111,2050-02-28,F,E119,0003A,3\n";
    let x12 = interchange(
        "CLM*a*1~HI*ABK:E119~LX*1~SV1*HC:0001A*5*UN*1***1~DTP*472*D8*20990115~\
         LX*2~SV1*HC:0003A*5*UN*3***1~DTP*472*D8*20990115~",
    );
    let findings = |text: &str| {
        let run = check(&[], text);
        assert_eq!(run.code, Some(0), "{run:?}");
        let answers = run
            .out
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        answers
            .map(|answer| answer["findings"].clone())
            .collect::<Vec<_>>()
    };
    let expected = findings(line);
    assert_eq!(expected.len(), 1);
    assert_eq!(findings(&pretty), expected);
    assert_eq!(findings(csv), expected);
    assert_eq!(findings(&x12), expected);
    let broken_late = line.replacen(",\"provider\"", ",\n\"provider\"", 1);
    assert_eq!(findings(&broken_late), expected);
    assert_eq!(findings(&array), [expected.clone(), expected].concat());
}

#[test]
fn answers_as_rows_and_as_text() {
    let claims = CLAIMS.lines().take(2).collect::<Vec<_>>().join("\n");
    assert_snapshot!(check(&["--output", "csv", "--quiet"], &claims).out);
    assert_snapshot!(check(&["--output", "text", "--quiet"], &claims).out);
}

#[test]
fn many_claims_stay_in_order_on_any_number_of_threads() {
    let mut claims = String::new();
    for number in 0..6_000 {
        let other = ["0002A", "0003A", "0009A"][number % 3];
        writeln!(
            claims,
            r#"{{"id":"{number}","lines":[{{"code":"0001A"}},{{"code":"{other}"}}]}}"#
        )
        .unwrap();
    }
    let one = check(&["--threads", "1"], &claims);
    assert_eq!(one.out.lines().count(), 6_000);
    for (number, line) in one.out.lines().enumerate() {
        assert!(line.starts_with(&format!(
            "{{\"claim\":\"{number}\",\"position\":{}",
            number + 1
        )));
    }
    let four = check(&["--threads", "4"], &claims);
    assert!(one.out == four.out);
    assert_eq!(one.err, four.err);
}

#[test]
fn tables_that_are_none_are_refused() {
    for (input, expected) in [
        ("hello\n", "does not begin as claims do"),
        (
            "code,colour\n0001A,red\n",
            "column 2 of the table has a title that is not one of",
        ),
        ("code,units,units\n", "two columns of the table"),
    ] {
        let run = check(&[], input);
        assert_eq!(run.code, Some(1));
        assert!(run.err.contains(expected), "{}", run.err);
    }
    let run = check(&["--format", "csv"], "code,units\n0001A,x\n0001A,1\n");
    assert_eq!(run.code, Some(1));
    assert!(
        told(&run).starts_with("2 -: column units: units are a number"),
        "{run:?}"
    );
    assert_eq!(workshop().ask(&["check", "nowhere.json"]).code, Some(1));
    assert_eq!(
        workshop().ask(&["check", "-", "--setting", "moon"]).code,
        Some(2)
    );
}

#[test]
fn a_pair_on_the_command_line() {
    assert_snapshot!(workshop().ask(&["pair", "0002A", "0001A"]).out);
    let answer = workshop().ask_json(&["pair", "0001A", "0002A"]);
    assert_eq!(answer["outcome"], "applies");
    assert_eq!(workshop().ask(&["pair", "0001A", "x"]).code, Some(2));
}

#[test]
fn what_changed_between_two_vintages() {
    let diff = |arguments: &[&str]| {
        let rest = ["--bundle", "bundle"];
        workshop().run(&[&["edits", "diff"], arguments, &rest].concat())
    };
    assert_snapshot!(diff(&["ncci-ptp-practitioner"]).out);
    assert_snapshot!(
        diff(&[
            "mue-practitioner",
            "--from",
            "2099q1",
            "--to",
            "2099q2",
            "--format",
            "csv"
        ])
        .out
    );
    let json: Value =
        serde_json::from_str(&diff(&["mue-practitioner", "--format", "json"]).out).unwrap();
    assert_eq!(
        json["summary"],
        serde_json::json!({ "added": 1, "deleted": 1, "changed": 1 })
    );
    for (arguments, expected) in [
        (&["nothing"][..], "those loaded are ncci-ptp-practitioner"),
        (
            &["mue-practitioner", "--from", "2001q1"],
            "but not for 2001q1",
        ),
        (&["addon", "--from", "2099q1"], "addon is neither"),
        (&["medicaid-ncci-ptp-dme"], "for 2099q1 alone"),
    ] {
        let run = diff(arguments);
        assert_eq!(run.code, Some(1));
        assert!(run.err.contains(expected), "{}", run.err);
    }
}

#[test]
fn tables_and_partners_on_the_command_line() {
    let run = workshop().run(&["edits", "tables", "--bundle", "bundle"]);
    assert_snapshot!(run.out);
    let ask = |arguments: &[&str]| -> Value {
        serde_json::from_str(&workshop().ask(arguments).out).unwrap()
    };
    assert_eq!(ask(&["edits", "ptp", "0001A"])["total"], 3);
    assert_eq!(ask(&["edits", "mue", "0001A"])["values"][0]["value"], 1);
    assert_eq!(
        ask(&["edits", "addon", "0011A"])["primaries"][0]["primary"],
        "0010A"
    );
}
