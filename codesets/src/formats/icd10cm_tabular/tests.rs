//! Tests of the Tabular List's parser on a small list of our own.

use proptest::prelude::*;

use super::{ParsedTabular, excludes_without_codes, parse};

const SAMPLE: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.tabular>
  <version>2099</version>
  <introduction><introSection type="title"><title>A list</title></introSection></introduction>
  <chapter>
    <name>1</name>
    <desc>Invented diseases (A00-B99)</desc>
    <excludes1><note>made-up conditions (Z00.-)</note><note>things nobody has</note></excludes1>
    <sectionIndex><sectionRef first="A00" last="A09" id="A00-A09">Gut</sectionRef></sectionIndex>
    <section id="A00-A09">
      <desc>Invented diseases of the gut (A00-A09)</desc>
      <inclusionTerm><note>gut trouble</note></inclusionTerm>
      <diag>
        <name>A00</name>
        <desc>First  &lt;disease&gt;
          &amp; others</desc>
        <sevenChrNote><note>One of these is to be added:</note></sevenChrNote>
        <sevenChrDef>
          <extension char="A">initial encounter</extension>
          <note>first visit</note>
          <extension char="D">subsequent encounter</extension>
        </sevenChrDef>
        <diag><name>A00.1</name><desc>First disease, mild</desc></diag>
        <diag placeholder="true"><name>A00.2X</name><desc>First disease, severe</desc>
          <diag><name>A00.2X1</name><desc>First disease, severe, left</desc></diag>
        </diag>
      </diag>
      <diag><name>A01</name><desc>Second disease</desc></diag>
    </section>
  </chapter>
</ICD10CM.tabular>
"#;

fn outline(parsed: &ParsedTabular) -> String {
    let mut text = String::new();
    for chapter in &parsed.tabular.chapters {
        text += &format!("chapter {} {}", chapter.number, chapter.title);
        text += &format!(" {:?}-{:?}\n", chapter.first, chapter.last);
        for section in &chapter.sections {
            text += &format!(
                "section {} {} {:?}\n",
                section.id, section.title, section.inclusion_terms
            );
        }
    }
    for diag in &parsed.tabular.diags {
        text += &format!(
            "{}: {}{} {}{}\n",
            diag.line,
            "  ".repeat(usize::from(diag.depth)),
            diag.code,
            diag.title,
            if diag.has_children { " …" } else { "" },
        );
    }
    for placed in parsed.tabular.notes() {
        text += &format!("{} {}\n", placed.note.kind.id(), placed.note.text);
    }
    for code in parsed.tabular.complete_codes() {
        text += &format!("complete {} {}\n", code.code, code.title);
    }
    for error in &parsed.errors {
        text += &format!("{error}\n");
    }
    text
}

#[test]
fn the_whole_list() {
    insta::assert_snapshot!(outline(&parse(SAMPLE.as_bytes())), @r#"
    chapter 1 Invented diseases Some("A00")-Some("B99")
    section A00-A09 Invented diseases of the gut ["gut trouble"]
    13: A00 First <disease> & others …
    23:   A00.1 First disease, mild
    24:   A00.2X First disease, severe …
    25:     A00.2X1 First disease, severe, left
    28: A01 Second disease
    excludes1 made-up conditions (Z00.-)
    excludes1 things nobody has
    seventh One of these is to be added:
    seventh A: first visit
    complete A00.1XXA First disease, mild, initial encounter
    complete A00.1XXD First disease, mild, subsequent encounter
    complete A00.2X1A First disease, severe, left, initial encounter
    complete A00.2X1D First disease, severe, left, subsequent encounter
    complete A01 Second disease
    "#);
}

#[test]
fn excludes_that_name_no_code_are_found() {
    let parsed = parse(SAMPLE.as_bytes());
    let found: Vec<&str> = excludes_without_codes(&parsed.tabular)
        .iter()
        .map(|placed| placed.note.text.as_str())
        .collect();
    assert_eq!(found, ["things nobody has"]);
}

#[test]
fn a_file_that_breaks_off_gives_what_stands_before() {
    let cut = SAMPLE.split_once("A00.2X1").map_or("", |(head, _)| head);
    let parsed = parse(cut.as_bytes());
    let codes: Vec<String> = parsed
        .tabular
        .diags
        .iter()
        .map(|diag| diag.code.to_string())
        .collect();
    assert_eq!(codes, ["A00", "A00.1", "A00.2X"]);
    let last = parsed
        .errors
        .iter()
        .map(ToString::to_string)
        .find(|error| error.contains("ends"));
    assert_eq!(
        last.as_deref(),
        Some("line 25: the XML cannot be read further: the file ends inside `name`")
    );
}

#[test]
fn what_the_format_does_not_have_is_reported_and_skipped() {
    let text = SAMPLE
        .replace(
            "<desc>Second disease</desc>",
            "<desc>Second disease</desc><odd><a/></odd>stray",
        )
        .replace("<name>A00.1</name>", "<name>1</name>")
        .replace("char=\"D\"", "char=\"DD\"");
    let errors: Vec<String> = parse(text.as_bytes())
        .errors
        .iter()
        .map(ToString::to_string)
        .collect();
    insta::assert_snapshot!(errors.join("\n"), @r"
    line 21: seventh character is `DD`, expected one letter or digit
    line 23: `1` is not a code: the code has 1 characters, but ICD-10-CM codes have 3 to 7
    line 28: element `odd` in `diag` is not part of the format; its text was skipped
    line 28: text between elements is `stray`, expected none
    ");
}

#[test]
fn nesting_is_bounded() {
    let deep = "<diag><name>A00</name><desc>Deep</desc>".repeat(10_000);
    let text = format!(
        "<ICD10CM.tabular><chapter><name>1</name><desc>C</desc><section id=\"A00\"><desc>S</desc>{deep}"
    );
    let parsed = parse(text.as_bytes());
    assert!(parsed.tabular.diags.len() < 64);
    let reported = parsed
        .errors
        .iter()
        .any(|error| error.to_string().contains("nested deeper than 64"));
    assert!(reported);
}

#[test]
fn another_file_is_an_error() {
    for text in ["", "no XML", "<ICD10CM.index/>"] {
        let parsed = parse(text.as_bytes());
        assert!(!parsed.errors.is_empty(), "{text}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>) {
        parse(&bytes).tabular.complete_codes();
    }

    #[test]
    fn a_damaged_list_still_gives_rows_or_errors(at in 0..SAMPLE.len(), byte: u8, cut in 0..SAMPLE.trim_end().len()) {
        let mut bytes = SAMPLE.as_bytes().to_vec();
        if let Some(slot) = bytes.get_mut(at) {
            *slot = byte;
        }
        let parsed = parse(&bytes);
        prop_assert!(!parsed.errors.is_empty() || parsed.tabular.diags.len() >= 4);
        parsed.tabular.complete_codes();
        bytes.truncate(cut);
        prop_assert!(!parse(&bytes).errors.is_empty());
    }
}
