//! The terms that the ICD-10-CM indexes and tables give to codes.

use std::collections::{BTreeMap, HashMap, HashSet};

use codesets::formats::icd10cm_conversion::ConversionRow;
use codesets::formats::icd10cm_index::Index;
use codesets::formats::icd10cm_index_see::{SeeTarget, resolve};
use codesets::formats::icd10cm_tables::{Table, TableName};
use codesets::{Code, CodeSystem, Term, TermKind};

use crate::book::{Book, Level, ReleaseSet};
use crate::merge::add_term;
use crate::report::{Skipped, skip};

/// The most subterms that a `see` brings with it; past that the target is a
/// book of its own ("see Neoplasm, by site") and only its own code is taken.
const MOST_SUBTERMS: usize = 400;

/// A term and the code that it names, as printed.
pub(crate) struct IndexTerm {
    /// The code without dash and dot.
    pub code: String,
    /// The term.
    pub term: Term,
    /// Where it stands: file and line, for the report.
    pub origin: String,
    /// Whether it is made of two entries: of a `see`, and of what stands below its target.
    pub composed: bool,
}

/// The terms of an Alphabetic or External Cause Index: each entry with a code,
/// and each `see` and `see also` with the codes of the terms it names.
pub(crate) fn index_terms(
    version: &str,
    index: &Index,
    findings: &mut Vec<Skipped>,
) -> Vec<IndexTerm> {
    let mut terms = Vec::new();
    let origin = |entry: usize| format!("Index {version}, line {}", index.entries[entry].line);
    let mut push = |entry: usize, text: String, code: &str, origin: String, composed: bool| {
        terms.push(IndexTerm {
            code: plain(code),
            term: Term {
                kind: TermKind::IndexEntry,
                text,
            },
            origin,
            composed,
        });
        entry
    };
    for entry in 0..index.entries.len() {
        if let Some(code) = &index.entries[entry].code {
            push(entry, index.path(entry), code, origin(entry), false);
        }
    }
    let resolution = resolve(index);
    for error in &resolution.unresolved {
        skip(
            findings,
            "`see` that names no term of the Index",
            format!("{version}, {error}"),
        );
    }
    let ends = subtree_ends(index);
    for SeeTarget { from, also, to } in &resolution.targets {
        let from_path = index.path(*from);
        // A term with a code of its own is coded by that; what it also names is another condition.
        if *also && index.entries[*from].code.is_some() {
            continue;
        }
        for target in to {
            if let Some(code) = &index.entries[*target].code {
                push(*from, from_path.clone(), code, origin(*from), false);
            }
            let below = target + 1..ends[*target];
            if *also || below.len() > MOST_SUBTERMS {
                continue;
            }
            let target_path = index.path(*target);
            for subterm in below {
                let Some(code) = &index.entries[subterm].code else {
                    continue;
                };
                let path = index.path(subterm);
                if let Some(rest) = path.strip_prefix(&target_path) {
                    push(
                        subterm,
                        format!("{from_path}{rest}"),
                        code,
                        origin(*from),
                        true,
                    );
                }
            }
        }
    }
    terms
}

fn subtree_ends(index: &Index) -> Vec<usize> {
    let mut ends: Vec<usize> = (1..=index.entries.len()).collect();
    for place in (0..index.entries.len()).rev() {
        if let Some(parent) = index.entries[place].parent {
            ends[parent] = ends[parent].max(ends[place]);
        }
    }
    ends
}

/// What a cell of the Drug table says of its substance, by column 2 to 7.
const DRUG_COLUMNS: [(&str, &str); 6] = [
    ("Poisoning by ", ", accidental (unintentional)"),
    ("Poisoning by ", ", intentional self-harm"),
    ("Poisoning by ", ", assault"),
    ("Poisoning by ", ", undetermined"),
    ("Adverse effect of ", ""),
    ("Underdosing of ", ""),
];

/// What a cell of the Neoplasm table says of its site, by column 2 to 7.
const NEOPLASM_COLUMNS: [&str; 6] = [
    "malignant (primary)",
    "malignant, secondary",
    "carcinoma in situ",
    "benign",
    "uncertain behavior",
    "unspecified behavior",
];

/// The terms of a Neoplasm or Drug table: one for each cell with a code.
pub(crate) fn table_terms(version: &str, table: &Table) -> Vec<IndexTerm> {
    let mut terms = Vec::new();
    for (place, entry) in table.entries.iter().enumerate() {
        let path = table.path(place);
        for (column, cell) in entry.cells.iter().enumerate() {
            let Some(code) = cell else {
                continue;
            };
            let text = match table.name {
                TableName::Drug => {
                    let (before, after) = DRUG_COLUMNS[column];
                    format!("{before}{path}{after}")
                }
                TableName::Neoplasm => {
                    let site = path.replacen("Neoplasm, neoplastic", "Neoplasm", 1);
                    format!("{site}, {}", NEOPLASM_COLUMNS[column])
                }
            };
            terms.push(IndexTerm {
                code: plain(code),
                term: Term {
                    kind: TermKind::TableEntry,
                    text,
                },
                origin: format!("table {version}, line {}", entry.line),
                composed: false,
            });
        }
    }
    terms
}

/// A printed code without its dot and its trailing dash.
fn plain(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// Gives each term to its code, or to the codes that the conversion table names in its stead.
///
/// A code that the newest release no longer has keeps the term, so that it can
/// still be found as retired, and is reported.
pub(crate) fn attach(
    book: &mut Book,
    terms: Vec<IndexTerm>,
    conversions: &[ConversionRow],
    findings: &mut Vec<Skipped>,
) {
    let newest: ReleaseSet = 1 << book.releases.len().saturating_sub(1);
    let places: HashMap<String, usize> = book
        .entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| entry.level == Level::Code)
        .map(|(place, entry)| (entry.key.clone(), place))
        .collect();
    let successors = successors(conversions);
    let mut known: HashSet<(usize, String)> = HashSet::new();
    let mut give = |book: &mut Book, place: usize, term: &Term| {
        if known.insert((place, term.text.clone())) {
            add_term(&mut book.entries[place], ReleaseSet::MAX, term.clone());
        }
    };
    for IndexTerm {
        code, term, origin, ..
    } in terms
    {
        let place = places.get(&code).copied();
        if let Some(place) = place {
            give(book, place, &term);
            if book.entries[place].present & newest != 0 {
                continue;
            }
        }
        let example = || {
            format!(
                "{origin}: {} for `{}`",
                Code::dotted(CodeSystem::Icd10Cm, &code),
                term.text
            )
        };
        let current: Vec<usize> = successors
            .get(&code)
            .into_iter()
            .flatten()
            .filter_map(|code| places.get(code).copied())
            .filter(|place| book.entries[*place].present & newest != 0)
            .collect();
        match common_header(book, &current) {
            Some(place) => {
                give(book, place, &term);
                skip(
                    findings,
                    "index code no longer in the release, mapped by the conversion table",
                    example(),
                );
            }
            None if place.is_some() => {
                skip(
                    findings,
                    "index code no longer in the release, kept as retired",
                    example(),
                );
            }
            None => skip(findings, "index code that no release has", example()),
        }
    }
}

/// For each former code the codes that took its place.
fn successors(conversions: &[ConversionRow]) -> BTreeMap<String, Vec<String>> {
    let mut successors: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in conversions {
        for previous in &row.previous {
            successors
                .entry(previous.as_str().to_owned())
                .or_default()
                .push(row.code.as_str().to_owned());
        }
    }
    successors
}

/// The one code, or the header within one category, that holds all `places`.
fn common_header(book: &Book, places: &[usize]) -> Option<usize> {
    let (first, rest) = places.split_first()?;
    let mut holder = *first;
    loop {
        let key = &book.entries[holder].key;
        if rest
            .iter()
            .all(|place| book.entries[*place].key.starts_with(key.as_str()))
        {
            return Some(holder);
        }
        holder = book.entries[holder]
            .parent
            .filter(|parent| book.entries[*parent].level == Level::Code)?;
    }
}
