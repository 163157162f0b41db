//! Questions that nobody should ask: each gets a clear error or an answer, and no panic.

use crate::support::{Run, Workshop};

#[track_caller]
fn check_answer(run: &Run) {
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert_eq!(run.err, "");
}

#[test]
fn of_megabytes_only_the_beginning_is_read() {
    let workshop = Workshop::with_bundle();
    let mut query = b"sugar foot ".to_vec();
    query.resize(6 << 20, b'x');
    check_answer(&workshop.ask_with_input(&["search", "-"], &query));
}

#[test]
fn ten_thousand_words_are_no_phrase() {
    let workshop = Workshop::with_bundle();
    let query = "diabetes foot ulcer with ".repeat(2500);
    check_answer(&workshop.ask_with_input(&["search", "-"], query.as_bytes()));
    check_answer(&workshop.ask(&["complete", &query]));
}

#[test]
fn bytes_that_are_no_text_are_read_as_far_as_they_are() {
    let workshop = Workshop::with_bundle();
    let run = workshop.ask_with_input(&["search", "-"], b"sugar \xff\xfe foot");
    check_answer(&run);
    assert!(run.out.starts_with("E11.621"), "{}", run.out);
}

#[test]
fn nothing_and_marks_alone_find_nothing() {
    let workshop = Workshop::with_bundle();
    for query in ["", " ", "()", ", ; '", "\u{200b}", "😀", "\u{202e}"] {
        check_answer(&workshop.ask(&["search", query]));
        check_answer(&workshop.ask(&["complete", query]));
    }
}

#[test]
fn a_code_with_an_emoji_is_refused_without_being_repeated() {
    let run = Workshop::with_bundle().ask(&["lookup", "E11😀"]);
    assert_eq!(run.code, Some(1));
    insta::assert_snapshot!(run.err, @"codebook: ICD-10-CM codes hold letters A-Z, digits and a dot, but character 4 is neither");
}

#[test]
fn an_endless_code_is_refused() {
    let code = "E".repeat(100_000);
    let run = Workshop::with_bundle().ask(&["lookup", &code]);
    assert_eq!(run.code, Some(1));
    assert!(run.err.len() < 300, "{}", run.err);
}
