//! The rows, the tree and the damage of an invented tabulation.

use super::{looks_like, parse, parse_rows, release, release_in_header};
use crate::formats::damage;
use crate::formats::source_text::cells;

const SAMPLE: &str = "\u{feff}Foundation URI\tLinearization URI\tCode\tBlockId\tTitle\tClassKind\tDepthInKind\tIsResidual\tChapterNo\tBrowserLink\tisLeaf\tPrimary tabulation\tGrouping1\tGrouping2\tGrouping3\tGrouping4\tGrouping5\tVersion:2031 Feb 3 - 22:30 UTC\r
http://x/1\thttp://x/mms/1\t\t\t\"Invented diseases\"\tchapter\t1\tFalse\t01\tlink\tFalse\t\t\t\t\t\t\r
http://x/2\thttp://x/mms/2\t\tBlockL1-1A0\t\"- Diseases of \"\"wings\"\"\"\tblock\t1\tFalse\t01\tlink\tFalse\t\t\t\t\t\t\r
http://x/3\thttp://x/mms/3\t1A00\t\t\"- - Bent wing\"\tcategory\t1\tFalse\t01\t\"=hyperlink(\"\"a\"\",\"\"b\"\")\"\tFalse\tTrue\tBlockL1-1A0\t\t\t\t\r
\thttp://x/mms/3/other\t1A00.Y\t\t\"- - - Bent wing, other specified\"\tcategory\t2\tTrue\t01\tlink\tTrue\tTrue\tBlockL1-1A0\t\t\t\t\r
http://x/4\thttp://x/mms/4\t\t\t\"Extension codes\"\tchapter\t1\tFalse\tX\tlink\tFalse\t\t\t\t\t\t\r
http://x/5\thttp://x/mms/5\tXA71D7\t\t\"- Wing tip\"\tcategory\t1\tFalse\tX\tlink\tTrue\tFalse\t\t\t\t\t\r
";

fn said(parsed: &crate::Parsed<super::MmsRow>) -> Vec<String> {
    parsed
        .rows
        .iter()
        .map(|row| {
            let code = row
                .code
                .as_ref()
                .map_or("-".to_owned(), ToString::to_string);
            let parent = row.parent.map_or("top", |index| &parsed.rows[index].title);
            format!("{code} {} ({:?} below {parent})", row.title, row.kind)
        })
        .collect()
}

const EXPECTED: [&str; 6] = [
    "- Invented diseases (Chapter below top)",
    "- Diseases of \"wings\" (Block below Invented diseases)",
    "1A00 Bent wing (Category below Diseases of \"wings\")",
    "1A00.Y Bent wing, other specified (Category below Bent wing)",
    "- Extension codes (Chapter below top)",
    "XA71D7 Wing tip (Category below Extension codes)",
];

#[test]
fn text_and_sheet_give_the_same_tree() {
    let parsed = parse(SAMPLE.as_bytes());
    assert_eq!(parsed.errors, []);
    assert_eq!(said(&parsed), EXPECTED);
    assert!(parsed.rows[3].is_residual);
    assert_eq!(parsed.rows[3].foundation_uri, None);

    let rows: Vec<Vec<String>> = SAMPLE
        .trim_start_matches('\u{feff}')
        .lines()
        .map(|line| cells(line, '\t'))
        .collect();
    let sheet = parse_rows(&rows);
    assert_eq!(sheet, parsed);
    assert_eq!(
        release_in_header(&rows[0]).and_then(|release| release.name()),
        Some("2031-02".to_owned())
    );
}

#[test]
fn the_header_names_the_release() {
    assert!(looks_like(SAMPLE.as_bytes()));
    assert!(!looks_like(b"Code\tTitle\n"));
    let release = release(SAMPLE.as_bytes());
    assert_eq!(
        release.as_ref().map(|release| release.text.as_str()),
        Some("2031 Feb 3 - 22:30 UTC")
    );
    assert_eq!(
        release.and_then(|release| release.name()),
        Some("2031-02".to_owned())
    );
}

#[track_caller]
fn check_damage(from: &str, to: &str, expected: &str) {
    let said: Vec<String> = parse(SAMPLE.replace(from, to).as_bytes())
        .errors
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(said, [expected]);
}

#[test]
fn what_cannot_be_read_is_reported_with_its_line() {
    check_damage(
        "\t1A00.Y\t",
        "\t1AO0.Y\t",
        "line 5: `1AO0.Y` is not a code: the code does not have the shape of ICD-11 codes: \
         a character, a letter, a digit and a character, then up to two more, \
         never the letters I and O (1A00.0)",
    );
    check_damage(
        "\t1A00.Y\t",
        "\t1A00\t",
        "line 5: Code `1A00` stands twice; the first row is kept",
    );
    check_damage(
        "\"- - - Bent wing, other",
        "\"- - - - - Bent wing, other",
        "line 5: Title is `5 dashes`, expected at most one dash more than the row above",
    );
    check_damage(
        "Foundation URI",
        "Foundation",
        "line 1: header is `Foundation`, expected the header of WHO's simple tabulation",
    );
}

#[test]
fn damage_never_panics() {
    damage::check(SAMPLE.as_bytes(), |bytes| {
        let parsed = parse(bytes);
        parsed.rows.len() + parsed.errors.len()
    });
}
