//! The Alphabetic Index as a coder walks it: from a main term down its subterms to codes.
//!
//! A bundle keeps each line of the Index as a term, its main term and subterms joined
//! by commas. Sorted, they are the Index again; `see` lines have been followed when the
//! bundle was built, so what stands below their target stands below them too.

use std::collections::BTreeMap;

use codesets::{Code, CodeSystem, TermKind};
use indexer::bundle::records::TermRecord;
use indexer::bundle::{Bundle, ConceptId, LoadedRelease};
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use crate::lookup::{Child, title};

/// The lines of the indexes of all systems, in order; made once for a bundle.
#[derive(Debug)]
pub struct IndexWalk {
    /// Positions of terms, sorted by system and folded text.
    terms: Vec<u32>,
}

/// A term of the Index and what stands below it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct IndexPlace {
    /// The term, from its main term down, as printed; `None` when main terms are listed.
    pub term: Option<String>,
    /// The codes that the term itself leads to.
    pub codes: Vec<Child>,
    /// The subterms directly below it, or the main terms that begin as asked.
    pub below: Vec<IndexLine>,
}

/// A line of the Index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
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
        let path: Vec<String> = segments(path).into_iter().map(fold).collect();
        let Some(first) = path.first() else {
            return Some(walk.main_terms(""));
        };
        Some(match walk.descend(&path) {
            Some(place) => place,
            None if path.len() == 1 => walk.main_terms(first),
            None => IndexPlace::default(),
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
    /// The lines whose folded text begins with `wanted`, with their words as printed.
    fn run<'w>(
        &'w self,
        wanted: &'w str,
    ) -> impl Iterator<Item = (TermRecord, Vec<&'a str>)> + use<'a, 'w> {
        let system = self.release.system.number();
        let start = self.terms.partition_point(|place| {
            let (of, key) = key_of(self.bundle, *place);
            (of, key.as_str()) < (system, wanted)
        });
        self.terms[start.min(self.terms.len())..]
            .iter()
            .map(|place| (self.term(*place), key_of(self.bundle, *place)))
            .take_while(move |(_, (of, key))| *of == system && key.starts_with(wanted))
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
        let record = self.bundle.concept(ConceptId(term.concept.get()));
        term.releases.get() & record.present.get() & self.release.bit != 0
    }

    fn code(&self, term: &TermRecord) -> Child {
        let record = self.bundle.concept(ConceptId(term.concept.get()));
        Child {
            code: Code::dotted(self.release.system, self.bundle.text(record.key)),
            display: title(self.bundle, &record, self.release).to_owned(),
            billable: record.billable.get() & self.release.bit != 0,
        }
    }

    /// The place of `path`. Terms that hold a comma themselves, as `Diabetes, diabetic`, are
    /// passed through: what has no code and one line below is no choice.
    fn descend(&self, path: &[String]) -> Option<IndexPlace> {
        let mut at: Vec<String> = Vec::new();
        let mut wanted = path.iter().peekable();
        loop {
            if let Some(next) = wanted.peek() {
                let further = [at.as_slice(), &[(*next).clone()]].concat();
                if self.place(&further).is_some() {
                    at = further;
                    wanted.next();
                    continue;
                }
            }
            let place = self.place(&at)?;
            match place.below.as_slice() {
                [only] if place.codes.is_empty() => {
                    at = only.path.split(", ").map(str::to_owned).collect();
                }
                _ => return wanted.peek().is_none().then_some(place),
            }
        }
    }

    /// The term at `path` and what stands below it; `None` where nothing is.
    fn place(&self, path: &[String]) -> Option<IndexPlace> {
        let depth = path.len();
        let joined = path.join(&BETWEEN.to_string());
        let mut printed: Option<String> = None;
        let mut codes = Vec::new();
        let mut lines: BTreeMap<String, Line> = BTreeMap::new();
        for (term, words) in self.run(&joined) {
            // `Feverish` begins like `Fever`, but does not stand below it.
            if words
                .get(depth.checked_sub(1)?)
                .map(|word| fold(word))
                .as_ref()
                != path.last()
            {
                continue;
            }
            if printed.is_none() {
                printed = words.get(..depth).map(|words| words.join(", "));
            }
            if words.len() == depth {
                push(&mut codes, self.code(&term));
            } else {
                self.add(&mut lines, &term, &words, depth);
            }
        }
        printed.is_some().then(|| IndexPlace {
            term: printed,
            codes,
            below: finished(lines),
        })
    }

    /// The main terms that begin with `prefix`.
    fn main_terms(&self, prefix: &str) -> IndexPlace {
        let mut lines: BTreeMap<String, Line> = BTreeMap::new();
        for (term, words) in self.run(prefix) {
            self.add(&mut lines, &term, &words, 0);
        }
        IndexPlace {
            below: finished(lines),
            ..IndexPlace::default()
        }
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

/// Stands between the words of a key, before every character of a word.
const BETWEEN: char = '\u{1}';

/// What the terms are sorted by: the system, then the folded words from the main term down.
fn key_of(bundle: &Bundle, place: u32) -> (u8, String) {
    let term = bundle
        .terms()
        .get(place as usize)
        .copied()
        .unwrap_or_default();
    let concept = bundle.concept(ConceptId(term.concept.get()));
    let text = bundle.text(term.text);
    let mut key = String::with_capacity(text.len());
    for (number, word) in segments(text).into_iter().enumerate() {
        if number > 0 {
            key.push(BETWEEN);
        }
        fold_into(word, &mut key);
    }
    (concept.system, key)
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
            ',' if depth == 0 && has_word(&text[start..place]) => {
                found.push(plain(&text[start..place]));
                start = place + 1;
            }
            _ => {}
        }
    }
    let rest = plain(&text[start..]);
    if has_word(rest) {
        found.push(rest);
    }
    found
}

/// A term without blanks around it and commas before it.
fn plain(text: &str) -> &str {
    text.trim_start_matches(|c: char| c == ',' || c.is_whitespace())
        .trim_end()
}

/// Whether something stands outside of parentheses.
fn has_word(text: &str) -> bool {
    let mut depth = 0u32;
    text.chars().any(|c| {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && !c.is_whitespace() && !matches!(c, ')' | ']' | ',')
    })
}

/// A term without its nonessential modifiers, in lower case.
fn fold(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    fold_into(text, &mut plain);
    plain
}

fn fold_into(text: &str, plain: &mut String) {
    let start = plain.len();
    let mut depth = 0u32;
    let mut blank = false;
    for c in text.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            // What is left of `(any), late` begins with one.
            ',' => {}
            c if c.is_whitespace() => blank = true,
            c => {
                if blank && plain.len() > start {
                    plain.push(' ');
                }
                blank = false;
                plain.extend(c.to_lowercase());
            }
        }
    }
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
        assert_eq!(
            segments("Moult (any), (all), late"),
            ["Moult (any)", "(all), late"]
        );
    }

    #[test]
    fn modifiers_and_case_do_not_matter() {
        assert_eq!(fold("Type  2 (mellitus) (sugar)"), "type 2");
        assert_eq!(fold("  Fever  (a) Ä"), "fever ä");
    }
}
