//! Every code set in one bundle: what is read, found, compared, validated and translated.

use codebook::browse::browse;
use codebook::diff::{ReleaseDiff, diff};
use codebook::pcs_builder::{PcsError, build_on};
use codebook::search::{Answer, Filters, Mode, SearchRequest, Searcher};
use codebook::translate::translate;
use codebook::validate::{Validation, guess_system, validate};
use codesets::{Code, CodeSystem};
use indexer::book::Property;
use indexer::bundle::Bundle;
use jiff::civil::{Date, date};
use std::sync::Arc;

use crate::support::{Menagerie, newer, older};

/// A bundle of every system, ICD-10-CM too.
fn bundle() -> Bundle {
    let mut menagerie = Menagerie::full();
    for release in [older(), newer()] {
        menagerie = menagerie
            .with(&release.order_file_name(), release.order_file())
            .with(&release.tabular_name(), release.tabular());
    }
    menagerie.build().0
}

const DAY: Date = date(2099, 1, 15);

fn codes(bundle: &Bundle, answer: &Answer) -> Vec<String> {
    answer
        .hits
        .iter()
        .map(|hit| {
            let record = bundle.concept(hit.concept);
            Code::dotted(bundle.system_of(&record), bundle.text(record.key))
        })
        .collect()
}

fn ask(searcher: &Searcher, text: &str, systems: &[CodeSystem]) -> Vec<String> {
    let request = SearchRequest {
        text: text.to_owned(),
        filters: Filters {
            systems: systems.to_vec(),
            ..Filters::default()
        },
        date: DAY,
        mode: Mode::Final,
        senses: Vec::new(),
        offset: 0,
        limit: 10,
    };
    codes(searcher.bundle(), &searcher.search(&request).unwrap())
}

#[test]
fn every_file_is_recognised_and_counted() {
    let (bundle, report) = Menagerie::full().build();
    let unread: Vec<_> = report
        .files
        .iter()
        .filter(|file| {
            file.recognised.is_none() || file.problem.is_some() || file.skipped_rows() > 0
        })
        .collect();
    assert!(unread.is_empty(), "{unread:#?}");
    let releases: Vec<String> = report
        .releases
        .iter()
        .map(|r| {
            format!(
                "{} {} from {} {} codes {}",
                r.system, r.version, r.first_day, r.codes, r.billable
            )
        })
        .collect();
    assert_eq!(
        releases,
        [
            "icd10pcs 2098 from 2097-10-01 6 codes 4",
            "icd10pcs 2099 from 2098-10-01 7 codes 5",
            "hcpcs 2098-01 from 2098-01-01 4 codes 3",
            "hcpcs 2098-04 from 2098-04-01 5 codes 3",
            "icd11 2097-01 from 2097-01-01 5 codes 3",
            "icd11 2098-01 from 2098-01-01 6 codes 4",
            "icd10who 2098 from 2098-01-01 3 codes 2",
        ]
    );
    assert_eq!(bundle.crosswalks().len(), 3);
}

#[test]
fn an_excerpt_without_procedures_is_no_release() {
    let full = "   LT001007Left wing";
    let excerpt = format!("{full:<319}\r\n");
    let (_, report) = Menagerie::full()
        .with("HCPC2098_JUL_ANWEB.txt", excerpt)
        .build();
    let file = report
        .files
        .iter()
        .find(|file| file.file.contains("JUL"))
        .unwrap();
    let problem = file.problem.as_deref().unwrap();
    assert!(
        problem.starts_with("1 modifiers and no procedure code"),
        "{problem}"
    );
    assert!(
        report
            .releases
            .iter()
            .all(|release| release.version != "2098-07")
    );
}

#[test]
fn a_declared_table_is_a_release() {
    let declaration = "file = \"national.csv\"\nsystem = \"icd10who\"\nversion = \"2099\"\n\
        first_day = \"2099-01-01\"\ndelimiter = \";\"\n\
        [columns]\ncode = \"Code\"\ntitle = \"Name\"\nparent = \"Above\"\n";
    let (bundle, report) = Menagerie::full()
        .with("own/table.toml", declaration)
        .with(
            "own/national.csv",
            "Code;Name;Above\nB00;Beak trouble;\nB00.1;Bent beak;B00\n",
        )
        .build();
    assert!(
        report.files.iter().all(|file| file.problem.is_none()),
        "{:?}",
        report.files
    );
    let release = bundle.release_for(CodeSystem::Icd10Who, DAY).unwrap();
    assert_eq!(release.version, "2099");
    let id = bundle.find(CodeSystem::Icd10Who, "B001").unwrap();
    assert_eq!(bundle.text(bundle.concept(id).title), "Bent beak");
    assert_eq!(
        bundle.parent(&bundle.concept(id)),
        bundle.find(CodeSystem::Icd10Who, "B00")
    );
}

#[test]
fn each_system_answers_in_its_own_words() {
    let bundle = Arc::new(bundle());
    let searcher = Searcher::new(bundle);
    let first = |text: &str, system: CodeSystem| {
        ask(&searcher, text, &[system])
            .first()
            .cloned()
            .unwrap_or_default()
    };
    assert_eq!(first("wheelchair", CodeSystem::Hcpcs), "E9990");
    assert_eq!(first("inventol", CodeSystem::Hcpcs), "J9998");
    assert_eq!(first("inventol 10 mg", CodeSystem::Hcpcs), "J9998");
    assert_eq!(first("plumectomy", CodeSystem::Icd10Pcs), "0DTJ0ZZ");
    assert_eq!(
        first("resection of vermiform appendix", CodeSystem::Icd10Pcs),
        "0DTJ0ZZ"
    );
    assert_eq!(
        first(
            "percutaneous endoscopic resection of appendix",
            CodeSystem::Icd10Pcs
        ),
        "0DTJ4ZZ"
    );
    assert_eq!(first("quillotomy", CodeSystem::Icd10Pcs), "0D9J0ZZ");
    assert_eq!(first("feather rot", CodeSystem::Icd11Mms), "1A00.Z");
    assert_eq!(first("quill decay", CodeSystem::Icd10Who), "A00.0");
}

#[test]
fn systems_compete_fairly_in_one_list() {
    let searcher = Searcher::new(Arc::new(bundle()));
    let first = |text: &str| {
        ask(&searcher, text, &[])
            .first()
            .cloned()
            .unwrap_or_default()
    };
    assert_eq!(first("wheelchair"), "E9990");
    assert_eq!(first("laparoscopic plumectomy"), "0DTJ4ZZ");
    assert_eq!(first("J9998"), "J9998");
    assert_eq!(first("diabetic foot ulcer type 2"), "E11.621");
}

#[test]
fn a_system_answers_alike_whatever_else_is_loaded() {
    let alone = Menagerie::new()
        .with(&newer().order_file_name(), newer().order_file())
        .with(&newer().tabular_name(), newer().tabular())
        .build()
        .0;
    let with_others = Menagerie::full()
        .with(&newer().order_file_name(), newer().order_file())
        .with(&newer().tabular_name(), newer().tabular())
        .build()
        .0;
    let (alone, with_others) = (
        Searcher::new(Arc::new(alone)),
        Searcher::new(Arc::new(with_others)),
    );
    for text in [
        "diabetes",
        "fracture right radius",
        "striking",
        "appendix",
        "sugar foot",
        "E11",
    ] {
        let systems = [CodeSystem::Icd10Cm];
        assert_eq!(
            ask(&alone, text, &systems),
            ask(&with_others, text, &systems),
            "{text}"
        );
    }
}

/// A diff as lines.
fn shown(diff: &ReleaseDiff) -> Vec<String> {
    diff.rows
        .iter()
        .map(|row| format!("{} {} {}", row.code, row.change.id(), row.billable))
        .collect()
}

#[test]
fn releases_are_compared_code_by_code() {
    let bundle = bundle();
    let cm = diff(&bundle, CodeSystem::Icd10Cm, "2098", "2099").unwrap();
    assert_eq!(
        cm.codes.deleted,
        2,
        "E11.7, and E11.62, which became a header: {:?}",
        shown(&cm)
    );
    let lines = shown(&cm);
    assert!(
        lines.contains(&"E11.7 deleted true".to_owned()),
        "{lines:?}"
    );
    assert!(
        lines.contains(&"E11.62 became_header false".to_owned()),
        "{lines:?}"
    );
    assert!(
        lines.contains(&"E11.621 added true".to_owned()),
        "{lines:?}"
    );
    let hcpcs = diff(&bundle, CodeSystem::Hcpcs, "2098-01", "2098-04").unwrap();
    assert_eq!(
        shown(&hcpcs),
        ["A9990 terminated false", "J9999 added true"]
    );
    let csv = hcpcs.to_csv();
    assert!(
        csv.contains("\"Injection, inventol, long-acting, 1 mg\""),
        "{csv}"
    );
    let missing = diff(&bundle, CodeSystem::Hcpcs, "2001", "2098-04").unwrap_err();
    assert_eq!(
        missing.to_string(),
        "HCPCS `2001` is not loaded; loaded are: 2098-01, 2098-04"
    );
}

#[track_caller]
fn check(bundle: &Bundle, system: CodeSystem, text: &str, day: Date, expected: &str) -> Validation {
    let said = validate(bundle, system, text, day);
    let with: Vec<&str> = said.complete_with.iter().map(|c| c.code.as_str()).collect();
    let shown = format!("{} [{}]", said.verdict.id(), with.join(" "));
    assert_eq!(shown, expected, "{text} on {day}: {}", said.why);
    said
}

#[test]
fn codes_are_validated_and_completed() {
    let bundle = bundle();
    let cm = CodeSystem::Icd10Cm;
    check(&bundle, cm, "e11621", DAY, "valid []");
    check(&bundle, cm, "E11.6", DAY, "header [E11.62]");
    check(&bundle, cm, "W21.89A", DAY, "needs_placeholder [W21.89XA]");
    let said = check(
        &bundle,
        cm,
        "S52.501",
        DAY,
        "incomplete [S52.501A S52.501D S52.501S]",
    );
    assert_eq!(
        said.complete_with[0].display,
        "initial encounter for closed fracture"
    );
    let said = check(&bundle, cm, "E11.7", DAY, "terminated []");
    assert_eq!(said.valid_in.len(), 1);
    check(
        &bundle,
        cm,
        "E11.621",
        date(2098, 9, 30),
        "not_yet_effective []",
    );
    check(&bundle, cm, "E11.9", date(2099, 9, 30), "valid []");
    check(&bundle, cm, "E11.9", date(2099, 10, 1), "no_release []");
    check(&bundle, cm, "E11.9", date(2097, 9, 30), "no_release []");
    let said = check(&bundle, cm, "E1l.9", DAY, "unknown []");
    assert_eq!(said.looks_like[0].code, "E11.9");
    check(&bundle, cm, "", DAY, "unknown []");
    check(&bundle, cm, "E11😀", DAY, "unknown []");
}

#[test]
fn each_system_has_its_own_rules() {
    let bundle = bundle();
    let early = date(2098, 2, 1);
    let late = date(2098, 5, 1);
    check(&bundle, CodeSystem::Hcpcs, "a9990", early, "valid []");
    check(
        &bundle,
        CodeSystem::Hcpcs,
        "A9990",
        date(2098, 4, 1),
        "terminated []",
    );
    check(
        &bundle,
        CodeSystem::Hcpcs,
        "J9999",
        early,
        "not_yet_effective []",
    );
    check(&bundle, CodeSystem::Hcpcs, "J9999", late, "valid []");
    check(&bundle, CodeSystem::Hcpcs, "lt", late, "valid []");
    check(&bundle, CodeSystem::Icd10Pcs, "0DTJ0ZZ", DAY, "valid []");
    let said = check(
        &bundle,
        CodeSystem::Icd10Pcs,
        "0dtj",
        DAY,
        "incomplete [0DTJ0 0DTJ4]",
    );
    assert_eq!(
        said.complete_with[1].display,
        "Approach: Percutaneous Endoscopic"
    );
    check(
        &bundle,
        CodeSystem::Icd10Pcs,
        "0DT",
        DAY,
        "incomplete [0DTJ 0DTK]",
    );
    check(
        &bundle,
        CodeSystem::Icd11Mms,
        "1A00",
        DAY,
        "header [1A00.0 1A00.Y 1A00.Z]",
    );
    check(&bundle, CodeSystem::Icd11Mms, "XA12", DAY, "needs_stem []");
    check(
        &bundle,
        CodeSystem::Icd11Mms,
        "1A00.0&XA12",
        DAY,
        "valid []",
    );
    check(
        &bundle,
        CodeSystem::Icd11Mms,
        "1A00.0&XA99",
        DAY,
        "unknown []",
    );
    let said = check(
        &bundle,
        CodeSystem::Icd10Cm,
        "J9998",
        DAY,
        "wrong_system []",
    );
    assert_eq!(said.elsewhere[0].system, "hcpcs");
    assert_eq!(guess_system(&bundle, "J9998", DAY), Some(CodeSystem::Hcpcs));
    assert_eq!(
        guess_system(&bundle, "ODTJ4ZZ", DAY),
        Some(CodeSystem::Icd10Pcs)
    );
    let said = check(&bundle, CodeSystem::Icd10Pcs, "ODTJ4ZZ", DAY, "unknown []");
    assert_eq!(said.looks_like[0].code, "0DTJ4ZZ");
    assert_eq!(
        guess_system(&bundle, "0DTJ4ZZ", DAY),
        Some(CodeSystem::Icd10Pcs)
    );
}

#[test]
fn pcs_tables_say_what_characters_mean_and_what_may_follow() {
    let bundle = bundle();
    let characters = build_on(&bundle, "0dtj4zz", DAY).unwrap().characters;
    let said: Vec<String> = characters
        .iter()
        .map(|c| format!("{}={}", c.character, c.label))
        .collect();
    assert_eq!(
        said[2..5],
        ["T=Resection", "J=Appendix", "4=Percutaneous Endoscopic"]
    );
    let next = |stub: &str, day: Date| match build_on(&bundle, stub, day) {
        Ok(built) => built.next.map_or("complete".to_owned(), |axis| {
            let values = axis.values.iter();
            values.map(|value| value.meaning.character).collect()
        }),
        Err(PcsError::Impossible { possible, .. }) => format!("after {possible}"),
        Err(error) => error.to_string(),
    };
    assert_eq!(next("", DAY), "0");
    assert_eq!(next("0D", DAY), "9T");
    assert_eq!(next("0DT", DAY), "JK");
    assert_eq!(next("0DT", date(2098, 1, 1)), "J");
    assert_eq!(next("0DTK", DAY), "0");
    assert_eq!(next("0DTK0ZZ", DAY), "complete");
    assert_eq!(next("0DTK4", DAY), "after 4");
}

#[test]
fn maps_translate_with_their_flags() {
    let bundle = bundle();
    let to = |text: &str| -> Vec<String> {
        translate(
            &bundle,
            CodeSystem::Icd10Who,
            text,
            Some(CodeSystem::Icd11Mms),
        )
        .unwrap()
        .into_iter()
        .map(|row| {
            format!(
                "{} {} {}",
                row.code.unwrap_or_default(),
                row.cluster,
                row.display.unwrap_or_default()
            )
        })
        .collect()
    };
    assert_eq!(to("A00"), ["1A00 false Feather rot"]);
    assert_eq!(to("a000"), ["1A00.0&XA12 true Feather rot of wing"]);
    assert_eq!(to("B00"), [] as [String; 0]);
    let none = translate(&bundle, CodeSystem::Hcpcs, "J9998", None).unwrap_err();
    assert_eq!(
        none.to_string(),
        "no loaded map leads from HCPCS to any system"
    );
}

#[test]
fn the_tree_can_be_walked() {
    let bundle = bundle();
    let names = |nodes: &[codebook::browse::Node]| -> Vec<String> {
        nodes.iter().map(|node| node.code.clone()).collect()
    };
    let roots = browse(&bundle, CodeSystem::Icd11Mms, None, DAY).unwrap();
    assert_eq!(names(&roots.children), ["01", "X"]);
    let place = browse(&bundle, CodeSystem::Icd11Mms, Some("1a00"), DAY).unwrap();
    assert_eq!(names(&place.ancestors), ["01", "BlockL1-1A0"]);
    assert_eq!(names(&place.siblings), ["1A00", "1A01"]);
    assert_eq!(names(&place.children), ["1A00.0", "1A00.Y", "1A00.Z"]);
    let pcs = browse(&bundle, CodeSystem::Icd10Pcs, Some("0D"), DAY).unwrap();
    assert_eq!(names(&pcs.children), ["0D9", "0DT"]);
    let modifiers = browse(&bundle, CodeSystem::Hcpcs, Some("modifiers"), DAY).unwrap();
    assert_eq!(names(&modifiers.children), ["LT"]);
}

#[test]
fn publishers_say_more_than_words() {
    let bundle = bundle();
    let value = |system: CodeSystem, key: &str, property: Property| {
        let id = bundle.find(system, key).unwrap();
        let bit = bundle.release_for(system, DAY).unwrap().bit;
        bundle.property(id, property, bit).map(str::to_owned)
    };
    let hcpcs = CodeSystem::Hcpcs;
    assert_eq!(
        value(hcpcs, "A9990", Property::LastDay).as_deref(),
        Some("2098-03-31")
    );
    assert_eq!(
        value(hcpcs, "J9998", Property::Coverage).as_deref(),
        Some("D special coverage instructions apply")
    );
    assert_eq!(
        value(hcpcs, "LT", Property::Kind).as_deref(),
        Some("modifier")
    );
    assert_eq!(
        value(CodeSystem::Icd11Mms, "1A000", Property::FoundationUri).as_deref(),
        Some("http://id.who.int/icd/entity/4")
    );
}
