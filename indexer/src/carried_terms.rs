//! Names that ICD-11 codes take over from ICD-10 by WHO's map.
//!
//! WHO's tabulation of ICD-11 holds titles alone. WHO's map says which ICD-11
//! code a code of ICD-10 became, so the names of that code, its titles and the
//! entries of its Index, find the ICD-11 code too.

use std::collections::{BTreeSet, HashMap, HashSet};

use codesets::vocab::Vocabulary;
use codesets::{CodeSystem, Term, TermKind};

use crate::book::{Book, Crosswalk, CrosswalkRow, Level, ReleaseSet};
use crate::index_terms::IndexTerm;
use crate::merge::add_term;
use crate::text::{Analyzer, words};

/// The map from each ICD-10 code to the one ICD-11 code it became.
const MAP: &str = "who-10-to-11";

/// The share of words that titles of one code must have in common in two modifications of
/// ICD-10, for the code to mean the same in both.
const LEAST_ALIKE: f64 = 0.5;

/// The entries of the Index by the code they name.
pub(crate) fn names_by_code(terms: &[IndexTerm]) -> HashMap<String, Vec<String>> {
    let mut names: HashMap<String, Vec<String>> = HashMap::new();
    for term in terms {
        if term.term.kind == TermKind::IndexEntry && !term.composed {
            let text = term.term.text.clone();
            names.entry(term.code.clone()).or_default().push(text);
        }
    }
    names
}

/// The most names of a code that stands for one condition.
const MOST_NAMES: usize = 16;

/// Gives the names of ICD-10 codes to the ICD-11 codes that `crosswalks` leads to;
/// `index` holds the entries of the ICD-10-CM Index by code.
pub(crate) fn carry_terms(
    books: &mut [Book],
    crosswalks: &[Crosswalk],
    index: &HashMap<String, Vec<String>>,
) {
    let rows: Vec<&CrosswalkRow> = crosswalks
        .iter()
        .filter(|crosswalk| crosswalk.name == MAP)
        .flat_map(|crosswalk| &crosswalk.rows)
        .filter(|row| !row.cluster && !row.no_map)
        .collect();
    let mut names: Vec<(String, Term)> = Vec::new();
    {
        let diagnoses = books.iter().find(|book| book.system == CodeSystem::Icd10Cm);
        let places = diagnoses.map(places).unwrap_or_default();
        for row in rows {
            let mut add = |text: &str| {
                names.push((row.target.clone(), synonym(text)));
            };
            add(&row.source_title);
            // What is specific among the rest has a code of its own in ICD-11 more often than not.
            if is_residual(&row.source_title) {
                continue;
            }
            let entry = diagnoses
                .zip(places.get(row.source.as_str()))
                .and_then(|(book, place)| book.entries.get(*place));
            let Some(entry) = entry.filter(|entry| alike(&entry.title, &row.source_title)) else {
                continue;
            };
            add(&entry.title);
            for (_, term) in &entry.terms {
                if term.kind == TermKind::InclusionTerm {
                    add(&term.text);
                }
            }
            for text in index.get(row.source.as_str()).into_iter().flatten() {
                add(text);
            }
        }
    }
    names.extend(names_of_namesakes(books, index));
    let Some(book) = books
        .iter_mut()
        .find(|book| book.system == CodeSystem::Icd11Mms)
    else {
        return;
    };
    let places: HashMap<String, usize> = places(book)
        .into_iter()
        .map(|(key, place)| (key.to_owned(), place))
        .collect();
    for (key, term) in names {
        if let Some(place) = places.get(&key) {
            add_term(&mut book.entries[*place], ReleaseSet::MAX, term);
        }
    }
}

/// The names of ICD-10-CM codes for the ICD-11 codes whose title is one of those names.
///
/// A code with many names holds several conditions, and lends none.
fn names_of_namesakes(books: &[Book], index: &HashMap<String, Vec<String>>) -> Vec<(String, Term)> {
    let book = |system| books.iter().find(|book| book.system == system);
    let (Some(diagnoses), Some(icd11)) = (book(CodeSystem::Icd10Cm), book(CodeSystem::Icd11Mms))
    else {
        return Vec::new();
    };
    let analyzer = Analyzer::new(&Vocabulary::shipped());
    let key = |text: &str| {
        let mut stems: Vec<String> = analyzer
            .tokens(text)
            .into_iter()
            .filter(|token| !token.optional)
            .map(|token| token.text)
            .collect();
        stems.sort_unstable();
        stems.dedup();
        stems.join(" ")
    };
    let mut titles: HashMap<String, &str> = HashMap::new();
    for entry in &icd11.entries {
        let is_stem = entry.level == Level::Code && !entry.key.starts_with(['X', 'S']);
        if is_stem && !is_residual(&entry.title) {
            // A header stands before the residual that shares its words.
            titles.entry(key(&entry.title)).or_insert(&entry.key);
        }
    }
    let mut found = Vec::new();
    for entry in &diagnoses.entries {
        if entry.level != Level::Code || entry.key.len() > 6 || is_residual(&entry.title) {
            continue;
        }
        let inclusions = entry
            .terms
            .iter()
            .filter(|(_, term)| term.kind == TermKind::InclusionTerm)
            .map(|(_, term)| term.text.as_str());
        let entries = index
            .get(&entry.key)
            .into_iter()
            .flatten()
            .map(String::as_str);
        let names: Vec<&str> = std::iter::once(entry.title.as_str())
            .chain(inclusions)
            .chain(entries)
            .collect();
        if names.len() > MOST_NAMES {
            continue;
        }
        let targets: BTreeSet<&str> = names
            .iter()
            .filter_map(|name| titles.get(&key(name)).copied())
            .collect();
        // Two namesakes are two conditions.
        if targets.len() != 1 {
            continue;
        }
        for target in targets {
            found.extend(names.iter().map(|name| (target.to_owned(), synonym(name))));
        }
    }
    found
}

fn places(book: &Book) -> HashMap<&str, usize> {
    book.entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| entry.level == Level::Code)
        .map(|(place, entry)| (entry.key.as_str(), place))
        .collect()
}

fn synonym(text: &str) -> Term {
    Term {
        kind: TermKind::Synonym,
        text: text.to_owned(),
    }
}

/// Whether a title is for what has no title of its own.
fn is_residual(title: &str) -> bool {
    let lower = title.to_lowercase();
    lower.starts_with("other ") || lower.contains("other specified")
}

/// Whether two titles of one code share most of their words.
fn alike(a: &str, b: &str) -> bool {
    let set =
        |text: &str| -> HashSet<String> { words(text).into_iter().map(|word| word.text).collect() };
    let (a, b) = (set(a), set(b));
    let shared = a.intersection(&b).count();
    #[expect(clippy::cast_precision_loss, reason = "counts of words")]
    let share = shared as f64 / a.len().min(b.len()).max(1) as f64;
    share >= LEAST_ALIKE
}

#[cfg(test)]
mod tests {
    use super::alike;

    #[test]
    fn a_code_with_another_meaning_lends_no_names() {
        assert!(alike("Feather rot of wing", "Feather rot"));
        assert!(!alike("Feather rot", "Broken beak"));
    }
}
