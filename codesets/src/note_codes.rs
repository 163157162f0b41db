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
        let word = word.trim_matches(|c: char| matches!(c, ':' | '.' | '\u{2013}'));
        if word.is_empty() {
            continue;
        }
        if matches!(word, "to" | "through" | "-") && !ranges.is_empty() {
            awaiting_last = true;
            continue;
        }
        // "vitamin B12" is the one word of the notes that looks like a category.
        let named_vitamin = after_vitamin;
        after_vitamin = word.eq_ignore_ascii_case("vitamin");
        match read_range(word).filter(|_| !named_vitamin) {
            Some(range) => {
                match ranges.last_mut() {
                    Some(open) if awaiting_last && open.first == open.last => {
                        open.last = range.last
                    }
                    _ => ranges.push(range),
                }
                awaiting_last = false;
            }
            None => awaiting_last = false,
        }
    }
    ranges
}

/// Reads `A05`, `A05.-`, `A05.1-`, `J00-J22`, `F10.-F19.-`; `None` for any other word.
fn read_range(word: &str) -> Option<CodeRange> {
    let word = word.replace('\u{2013}', "-");
    let bare = word.trim_end_matches('-').trim_end_matches('.');
    if let Some(stub) = stub(bare) {
        return Some(CodeRange {
            first: stub.clone(),
            last: stub,
        });
    }
    let (first, last) = bare
        .split_once(".--")
        .or_else(|| bare.split_once(".-"))
        .filter(|(_, last)| last.starts_with(|c: char| c.is_ascii_alphabetic()))
        .or_else(|| bare.split_once('-'))?;
    let first = stub(first.trim_end_matches(['-', '.']))?;
    let last = stub(last.trim_end_matches(['-', '.']))?;
    (first <= last).then_some(CodeRange { first, last })
}

fn stub(text: &str) -> Option<Box<str>> {
    // Lower-case words such as `h10` do not occur in the notes; upper case guards against prose.
    if !text.starts_with(|c: char| c.is_ascii_uppercase()) {
        return None;
    }
    if text.matches('.').count() > 1 || text.find('.').is_some_and(|dot| dot != 3) {
        return None;
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
    }

    #[test]
    fn prose_names_no_code() {
        check(
            "certain localized infections - see body system-related chapters",
            &[],
        );
        check("type 2 diabetes with Vitamin B12", &[]);
    }

    #[test]
    fn a_range_holds_the_descendants_of_its_ends() {
        let range = &codes_in_note("injury (S00-T14)")[0];
        assert!(range.contains("S00"));
        assert!(range.contains("T1491XA"));
        assert!(!range.contains("T15"));
    }
}
