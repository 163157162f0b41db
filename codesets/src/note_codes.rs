//! The codes that the text of an ICD-10-CM note names.

use crate::{Code, CodeSystem};

/// A span of codes that a note names: one code, a stub with a dash, or a range.
///
/// `first` and `last` are canonical texts. A code lies in the range when its
/// text, cut to the length of the bound, is not below `first` and not above
/// `last`; so `A05.-` is `A05..=A05` and holds all its descendants.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CodeRange {
    /// The first code or stub of the range.
    pub first: Box<str>,
    /// The last code or stub of the range; equal to `first` for a single code.
    pub last: Box<str>,
}

impl CodeRange {
    /// Whether `code` (canonical text) is in the range or below a code of it.
    pub fn contains(&self, code: &str) -> bool {
        fn cut<'a>(text: &'a str, bound: &str) -> &'a str {
            text.get(..bound.len()).unwrap_or(text)
        }
        cut(code, &self.first) >= &*self.first
            && cut(code, &self.last) <= &*self.last
            && code.len() >= self.first.len().min(self.last.len())
    }
}

/// The codes that `text` names, in order: `(A05.-)`, `(J00-J22)`, lists and mixes.
///
/// Only whole codes count: prose such as `with 5th character 9` or
/// `with .51-.52` narrows a code in ways that text alone cannot say, so the
/// part in front of it is taken and the narrowing stays in the text.
pub fn codes_in_note(text: &str) -> Vec<CodeRange> {
    let mut ranges: Vec<CodeRange> = Vec::new();
    let mut awaiting_last = false;
    let mut after_vitamin = false;
    for word in
        text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '[' | ']'))
    {
        let mut word = word.trim_matches(|c: char| matches!(c, ':' | '.' | '\u{2013}'));
        if word.is_empty() {
            continue;
        }
        // `F10.- to F19.-`, `P28.3- - P28.4-` and `I01.0 -I01.9` are ranges in several words.
        let bare = word.trim_start_matches('-');
        awaiting_last |= matches!(word, "to" | "through") || bare.len() < word.len();
        if matches!(word, "to" | "through") || bare.is_empty() {
            awaiting_last &= !ranges.is_empty();
            continue;
        }
        word = bare;
        // "vitamin B12" is the one word of the notes that looks like a category.
        let named_vitamin = after_vitamin;
        after_vitamin = word.eq_ignore_ascii_case("vitamin");
        if let Some(range) = read_range(word).filter(|_| !named_vitamin) {
            match ranges.last_mut() {
                Some(open)
                    if awaiting_last && open.first == open.last && open.last < range.last =>
                {
                    open.last = range.last;
                }
                _ => ranges.push(range),
            }
        }
        awaiting_last = false;
    }
    ranges
}

/// Reads `A05`, `A05.-`, `A05.1-`, `J00-J22`, `F10.-F19.-`; `None` for any other word.
fn read_range(word: &str) -> Option<CodeRange> {
    let word = word.replace('\u{2013}', "-");
    // `S92.-with 7th character B`: prose may stick to a code.
    let prose = word.find(|c: char| c.is_ascii_lowercase());
    let word = prose.and_then(|start| word.get(..start)).unwrap_or(&word);
    let hyphens = word.match_indices('-').map(|(at, _)| at);
    let split = hyphens
        .filter_map(|at| word.get(..at).zip(word.get(at + 1..)))
        .find(|(_, last)| last.starts_with(|c: char| c.is_ascii_uppercase()));
    let (first, last) = split.unwrap_or((word, word));
    let (first, last) = (stub(first)?, stub(last)?);
    (first <= last).then_some(CodeRange { first, last })
}

/// Reads a code, or the front of one with dashes for the rest, as the notes print it.
fn stub(text: &str) -> Option<Box<str>> {
    let text = text.trim_end_matches(['-', '.']);
    // Upper case and the dot behind the third character tell codes from words such as `G6PD`.
    let upper = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    match text.split_once('.') {
        None if text.len() == 3 && text.chars().all(upper) => {}
        Some((category, rest)) if category.len() == 3 => {
            if !category.chars().chain(rest.chars()).all(upper) {
                return None;
            }
        }
        _ => return None,
    }
    Code::parse(CodeSystem::Icd10Cm, text)
        .ok()
        .map(|code| code.as_str().into())
}

#[cfg(test)]
mod tests {
    use super::codes_in_note;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found: Vec<String> = codes_in_note(text)
            .iter()
            .map(|range| {
                if range.first == range.last {
                    range.first.to_string()
                } else {
                    format!("{}..{}", range.first, range.last)
                }
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn single_codes_stubs_ranges_and_lists() {
        check("foodborne intoxication (A05.-)", &["A05"]);
        check("influenza (J00-J22)", &["J00..J22"]);
        check("sepsis (A40.0, A41.-, T81.4-)", &["A400", "A41", "T814"]);
        check("mental disorders (F10.- to F19.-)", &["F10..F19"]);
        check("psychoactive use (F10.-F19.-)", &["F10..F19"]);
        check("malignant carcinoid tumors (C7A.-)", &["C7A"]);
        check("preterm infant (QA0.0-)", &["QA00"]);
        check("diabetes (E08-E13 with .51-.52)", &["E08..E13"]);
        check(
            "drug effects (A00-R94 and T80-T88.6, T88.8)",
            &["A00..R94", "T80..T886", "T888"],
        );
    }

    #[test]
    fn ranges_are_read_however_their_dash_is_set() {
        check("of the extremities (I70.2--I70.7-)", &["I702..I707"]);
        check("apnea (P28.3- - P28.4-)", &["P283..P284"]);
        check("syndactyly (Q70.0- -Q70.3-)", &["Q700..Q703"]);
        check("rheumatic fever (I01.0 -I01.9)", &["I010..I019"]);
        check("open fracture (S92.-with 7th character B)", &["S92"]);
        check(
            "open fracture (S32.1--S32.9 with 7th character B)",
            &["S321..S329"],
        );
    }

    #[test]
    fn prose_names_no_code() {
        check(
            "certain localized infections - see body system-related chapters",
            &[],
        );
        check("type 2 diabetes with Vitamin B12", &[]);
        check("dehydrogenase (G6PD) deficiency (D75.A)", &["D75A"]);
        check("diffuse large B-cell lymphoma with C3 or HIV", &[]);
    }

    #[test]
    fn a_range_holds_the_descendants_of_its_ends() {
        let range = &codes_in_note("injury (S00-T14)")[0];
        assert!(range.contains("S00"));
        assert!(range.contains("T1491XA"));
        assert!(!range.contains("T15"));
    }
}
