//! The Alphabetic Index as a coder walks it: from a main term down its subterms to codes.
//!
//! A bundle keeps each line of the Index as a term, its main term and subterms joined
//! by commas. Sorted, they are the Index again; `see` lines have been followed when the
//! bundle was built, so what stands below their target stands below them too.

use std::collections::BTreeMap;

use codesets::{Code, CodeSystem, TermKind};
use indexer::bundle::records::TermRecord;
use indexer::bundle::{Bundle, LoadedRelease};
use jiff::civil::Date;
use serde::Serialize;

use crate::lookup::{Child, title};

/// The lines of the indexes of all systems, in order; made once for a bundle.
#[derive(Debug)]
pub struct IndexWalk {
    /// Positions of terms, sorted by system and folded text.
    terms: Vec<u32>,
}

/// A term of the Index and what stands below it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IndexPlace {
    /// The term, from its main term down, as printed; `None` when main terms are listed.
    pub term: Option<String>,
    /// The codes that the term itself leads to.
    pub codes: Vec<Child>,
    /// The subterms directly below it, or the main terms that begin as asked.
    pub below: Vec<IndexLine>,
}

/// A line of the Index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IndexLine {
    /// The last of its terms, as printed, nonessential modifiers in parentheses.
    pub term: String,
    /// What to ask for to go there.
    pub path: String,
    /// The codes it leads to.
    pub codes: Vec<Child>,
    /// How many lines stand below it, at any depth.
    pub lines_below: usize,
}

impl IndexWalk {
    /// Sorts the Index of every system in `bundle`.
    pub fn new(bundle: &Bundle) -> IndexWalk {
        let mut terms: Vec<u32> = (0u32..)
            .zip(bundle.terms())
            .filter(|(_, term)| bundle.kind_of(term) == TermKind::IndexEntry)
            .map(|(place, _)| place)
            .collect();
        terms.sort_by_cached_key(|place| key_of(bundle, *place));
        IndexWalk { terms }
    }

    /// The place of `path` (`diabetes, type 2, with`) in the Index of `system` on `date`:
    /// the term and what stands below it, or the main terms that begin so.
    ///
    /// Case and words in parentheses do not matter. `None` when `system` is not loaded.
    pub fn find(
        &self,
        bundle: &Bundle,
        system: CodeSystem,
        path: &str,
        date: Date,
    ) -> Option<IndexPlace> {
        let release = bundle.release_for(system, date)?;
        let walk = Walk {
            bundle,
            release,
            terms: &self.terms,
        };
        let path = folded(path);
        let depth = path.len();
        let place = walk.place(&path);
        if depth > 0 && !(place.codes.is_empty() && place.below.is_empty()) {
            return Some(place);
        }
        Some(IndexPlace {
            term: None,
            codes: Vec::new(),
            below: match path.as_slice() {
                [] => walk.main_terms(""),
                [first] => walk.main_terms(first),
                _ => Vec::new(),
            },
        })
    }
}

struct Walk<'a> {
    bundle: &'a Bundle,
    release: &'a LoadedRelease,
    terms: &'a [u32],
}

/// A line that is being put together: its words as printed, its codes, the lines below it.
#[derive(Default)]
struct Line {
    term: String,
    path: Vec<String>,
    codes: Vec<Child>,
    lines_below: usize,
}

impl<'a> Walk<'a> {
    /// The terms of the system whose folded text, of which `part` is taken, equals `wanted`.
    fn run<'w>(
        &'w self,
        wanted: &'w [String],
        begins: bool,
    ) -> impl Iterator<Item = (TermRecord, Vec<&'a str>)> + 'w {
        let system = self.release.system.number();
        let start = self
            .terms
            .partition_point(|place| key_of(self.bundle, *place) < (system, wanted.to_vec()));
        self.terms[start.min(self.terms.len())..]
            .iter()
            .map(|place| (self.term(*place), key_of(self.bundle, *place)))
            .take_while(move |(_, (of, key))| {
                *of == system
                    && match wanted.split_last() {
                        None => true,
                        Some((last, above)) if begins => {
                            key.starts_with(above)
                                && key
                                    .get(above.len())
                                    .is_some_and(|word| word.starts_with(last.as_str()))
                        }
                        Some(_) => key.starts_with(wanted),
                    }
            })
            .filter(|(term, _)| self.holds(term))
            .map(|(term, _)| (term, segments(self.bundle.text(term.text))))
    }

    fn term(&self, place: u32) -> TermRecord {
        self.bundle
            .terms()
            .get(place as usize)
            .copied()
            .unwrap_or_default()
    }

    /// Whether the term and its code stand in the release.
    fn holds(&self, term: &TermRecord) -> bool {
        let record = self
            .bundle
            .concept(indexer::bundle::ConceptId(term.concept.get()));
        term.releases.get() & record.present.get() & self.release.bit != 0
    }

    fn code(&self, term: &TermRecord) -> Child {
        let record = self
            .bundle
            .concept(indexer::bundle::ConceptId(term.concept.get()));
        Child {
            code: Code::dotted(self.release.system, self.bundle.text(record.key)),
            display: title(self.bundle, &record, self.release).to_owned(),
            billable: record.billable.get() & self.release.bit != 0,
        }
    }

    fn place(&self, path: &[String]) -> IndexPlace {
        let depth = path.len();
        let mut printed: Option<String> = None;
        let mut codes = Vec::new();
        let mut lines: BTreeMap<String, Line> = BTreeMap::new();
        for (term, words) in self.run(path, false) {
            if printed.is_none() {
                printed = words.get(..depth).map(|words| words.join(", "));
            }
            if words.len() == depth {
                push(&mut codes, self.code(&term));
            } else {
                self.add(&mut lines, &term, &words, depth);
            }
        }
        IndexPlace {
            term: printed,
            codes,
            below: finished(lines),
        }
    }

    /// The main terms that begin with `prefix`.
    fn main_terms(&self, prefix: &str) -> Vec<IndexLine> {
        let mut lines: BTreeMap<String, Line> = BTreeMap::new();
        for (term, words) in self.run(&[prefix.to_owned()], true) {
            self.add(&mut lines, &term, &words, 0);
        }
        finished(lines)
    }

    /// Adds a term to the line that it stands at or below, `depth` words down.
    fn add(
        &self,
        lines: &mut BTreeMap<String, Line>,
        term: &TermRecord,
        words: &[&str],
        depth: usize,
    ) {
        let Some(word) = words.get(depth) else { return };
        let line = lines.entry(fold(word)).or_default();
        if line.term.is_empty() {
            (*word).clone_into(&mut line.term);
            line.path = words
                .iter()
                .take(depth + 1)
                .map(|word| fold(word))
                .collect();
        }
        if words.len() == depth + 1 {
            push(&mut line.codes, self.code(term));
        } else {
            line.lines_below += 1;
        }
    }
}

fn push(codes: &mut Vec<Child>, code: Child) {
    if !codes.contains(&code) {
        codes.push(code);
    }
}

fn finished(lines: BTreeMap<String, Line>) -> Vec<IndexLine> {
    lines
        .into_values()
        .map(|line| IndexLine {
            term: line.term,
            path: line.path.join(", "),
            codes: line.codes,
            lines_below: line.lines_below,
        })
        .collect()
}

/// What the terms are sorted by: the system, then the folded words from the main term down.
fn key_of(bundle: &Bundle, place: u32) -> (u8, Vec<String>) {
    let term = bundle
        .terms()
        .get(place as usize)
        .copied()
        .unwrap_or_default();
    let concept = bundle.concept(indexer::bundle::ConceptId(term.concept.get()));
    (concept.system, folded(bundle.text(term.text)))
}

/// The main term and the subterms of a line, folded.
fn folded(text: &str) -> Vec<String> {
    segments(text).into_iter().map(fold).collect()
}

/// The main term and the subterms of a line, as printed; those of parentheses alone go
/// with what stands before them.
fn segments(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut start, mut depth) = (0, 0u32);
    for (place, c) in text.char_indices() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 && !fold(&text[start..place]).is_empty() => {
                found.push(text[start..place].trim());
                start = place + 1;
            }
            _ => {}
        }
    }
    let rest = text[start..].trim();
    if !fold(rest).is_empty() {
        found.push(rest);
    }
    found
}

/// A term without its nonessential modifiers, in lower case.
fn fold(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut depth = 0u32;
    for c in text.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ if depth == 0 => plain.extend(c.to_lowercase()),
            _ => {}
        }
    }
    plain
        .split_whitespace()
        .filter(|word| *word != ",")
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::{fold, segments};

    #[test]
    fn a_line_is_taken_apart_at_its_commas() {
        assert_eq!(
            segments("Fever (of unknown origin, any), yellow, jungle (sylvatic)"),
            [
                "Fever (of unknown origin, any)",
                "yellow",
                "jungle (sylvatic)"
            ]
        );
        assert_eq!(segments(", , x"), ["x"]);
        assert_eq!(segments(""), [""; 0]);
        assert_eq!(segments("Feather)(, rot"), ["Feather)(, rot"]);
    }

    #[test]
    fn modifiers_and_case_do_not_matter() {
        assert_eq!(
            fold("Diabetes, diabetic (mellitus) (sugar)"),
            "diabetes, diabetic"
        );
        assert_eq!(fold("  Fever  (a) Ä"), "fever ä");
    }
}
