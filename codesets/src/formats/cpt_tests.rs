//! Invented descriptors in the licensee's layouts, and their damage. No
//! descriptor here is the AMA's: there are no procedures on wings.

use super::{CptLayout, layout, looks_like, parse};
use crate::formats::damage;

const LICENCE: &str = "Invented licence, 2031.\r\n00001 Invented Street\r\n\r\nMore of it.\r\n\r\n";
const LONGULT: &str =
    "00001\tFolding of a bent wing, left\r\n0002T\tFolding of a bent wing, right\r\n";
const LONGULF: &str =
    "0000101 Folding of a bent wing,\r\n0000102 left\r\n0002T01 Folding of a tail\r\n";
const MEDU: &str = "00001 FOLDING BENT WING LEFT SIDE, ANY APPROACH\r\n0002T FOLDING TAIL\r\n";
const SHORTU: &str = "00001 FOLD WING LEFT\r\n0002T FOLD TAIL\r\n";
const CONSUMER: &str = "Concept Id\tCPT Code\tConsumer Friendly Descriptor\r\n\
    900001\t00001\tFolding of the left wing\r\n";
const CLINICIAN: &str = "concept_id\tcpt_code\tclinician_descriptor_id\tdescriptor\r\n\
    900001\t00001\t10001\tFolding of wing, left\r\n900001\t00001\t10002\tPleating of wing, left\r\n";

#[track_caller]
fn check(text: &str, expected_layout: CptLayout, expected: &[&str]) {
    assert_eq!(layout(text.as_bytes()), Some(expected_layout));
    let parsed = parse(text.as_bytes(), expected_layout);
    assert_eq!(parsed.errors, []);
    let said: Vec<String> = parsed
        .rows
        .iter()
        .map(|row| format!("{} {}", row.code, row.text))
        .collect();
    assert_eq!(said, expected);
}

#[test]
fn every_layout_is_known_and_read_below_its_licence() {
    check(
        &(LICENCE.to_owned() + LONGULT),
        CptLayout::LongTabbed,
        &[
            "00001 Folding of a bent wing, left",
            "0002T Folding of a bent wing, right",
        ],
    );
    check(
        LONGULF,
        CptLayout::LongLines,
        &[
            "00001 Folding of a bent wing, left",
            "0002T Folding of a tail",
        ],
    );
    check(
        &(LICENCE.to_owned() + MEDU),
        CptLayout::Medium,
        &[
            "00001 FOLDING BENT WING LEFT SIDE, ANY APPROACH",
            "0002T FOLDING TAIL",
        ],
    );
    check(
        &(LICENCE.to_owned() + SHORTU + "\r\n"),
        CptLayout::Short,
        &["00001 FOLD WING LEFT", "0002T FOLD TAIL"],
    );
    check(
        CONSUMER,
        CptLayout::Consumer,
        &["00001 Folding of the left wing"],
    );
    check(
        CLINICIAN,
        CptLayout::Clinician,
        &[
            "00001 Folding of wing, left",
            "00001 Pleating of wing, left",
        ],
    );
    assert!(!looks_like(LICENCE.as_bytes()));
    assert!(!looks_like(b"A000    Cholera\n"));
    // Row numbers of order files and the pairs of NCCI edits have the shape of codes.
    let order = format!("00001 A00     0 {:60} Cholera\n", "Cholera");
    assert!(!looks_like(order.as_bytes()));
    assert!(!looks_like(b"0001A\t0591T\t\t20310101\t*\t0\tInvented\n"));
}

#[test]
fn code_page_1252_is_read() {
    let parsed = parse(b"00001\tM\xe9ni\xe8re\x92s wing\r\n", CptLayout::LongTabbed);
    assert_eq!(parsed.errors, []);
    assert_eq!(parsed.rows[0].text, "Ménière’s wing");
}

#[track_caller]
fn check_error(text: &str, layout: CptLayout, expected: &[&str]) {
    let said: Vec<String> = parse(text.as_bytes(), layout)
        .errors
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(said, expected);
}

#[test]
fn what_does_not_fit_is_reported() {
    check_error(
        &SHORTU.replace("TAIL", "TAIL AND OTHER FEATHERS"),
        CptLayout::Short,
        &[],
    );
    check_error(
        &SHORTU.replace("TAIL", "TAIL AND ALL OTHER FEATHERS"),
        CptLayout::Short,
        &["line 2: line is `HERS`, expected nothing beyond the descriptor's columns"],
    );
    check_error(
        &LONGULF.replace("0000102", "0000103"),
        CptLayout::LongLines,
        &["line 2: line number is `3`, expected one more than the line above"],
    );
    let torn = format!("{LICENCE}{LONGULT}\r\n0003T\tFolding of a tail\r\n");
    check_error(
        &torn,
        CptLayout::LongTabbed,
        &[
            "line 7: line is `0002T\tFolding of a bent wing, right`, expected no row above the last blank line",
        ],
    );
}

#[test]
fn damage_never_panics() {
    use CptLayout::{Clinician, Consumer, LongLines, LongTabbed, Medium, Short};
    let samples = [
        (LONGULT, LongTabbed),
        (LONGULF, LongLines),
        (MEDU, Medium),
        (SHORTU, Short),
        (CONSUMER, Consumer),
        (CLINICIAN, Clinician),
    ];
    for (sample, sample_layout) in samples {
        damage::check((LICENCE.to_owned() + sample).as_bytes(), |bytes| {
            let _ = layout(bytes);
            let parsed = parse(bytes, sample_layout);
            parsed.rows.len() + parsed.errors.len()
        });
    }
}
