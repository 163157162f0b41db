//! What the files of ICD-10-PCS say: codes below their tables, and the phrases
//! that lead to the words of the tables.
//!
//! A title is made of the labels of its table's values, so the index is mostly
//! a dictionary: `Thrombectomy`, see `Extirpation`; `Gastric lymph node`, use
//! `Lymphatic, Aortic`. What names a whole code becomes a term of that code;
//! what names other words becomes a phrase that means them.

use std::collections::{BTreeSet, HashMap, HashSet};

use codesets::formats::icd_order::OrderRow;
use codesets::formats::icd10pcs_definitions::PcsDefinition;
use codesets::formats::icd10pcs_index::{PcsIndexEntry, PcsReference, path};
use codesets::formats::icd10pcs_tables::PcsTable;
use codesets::{CodeSystem, Term, TermKind};

use crate::book::{Book, IndexPhrase, Level, ReleaseSet};
use crate::facts::{Fact, ReleaseFacts};
use crate::known::Known;
use crate::merge::add_term;
use crate::report::{Skipped, skip};

/// The longest phrase that is kept, in words: longer ones are descriptions.
const MOST_WORDS: usize = 7;

/// The facts of the release `version`: the order file's codes, below the sections and body
/// systems that the tables name.
pub(crate) fn facts(
    version: &str,
    order: Vec<OrderRow>,
    tables: Option<&[PcsTable]>,
    known: &Known,
    findings: &mut Vec<Skipped>,
) -> Option<ReleaseFacts> {
    let system = CodeSystem::Icd10Pcs;
    let Some(release) = known.release(system, version) else {
        skip(
            findings,
            "release whose days are unknown",
            format!("ICD-10-PCS `{version}`"),
        );
        return None;
    };
    if let Some(tables) = tables {
        compare(version, &order, tables, findings);
    }
    let publisher = known.publisher(system);
    let headings = headings(tables.unwrap_or_default());
    let mut facts: Vec<Fact> = Vec::with_capacity(order.len() + headings.len());
    let mut opened: HashSet<String> = HashSet::new();
    for row in order {
        let key = row.code.as_str();
        let mut parent = None;
        for (len, level) in [(1, Level::Chapter), (2, Level::Section)] {
            let Some((stub, title)) = key.get(..len).and_then(|stub| headings.get_key_value(stub))
            else {
                break;
            };
            if opened.insert(stub.clone()) {
                facts.push(Fact {
                    parent,
                    ..Fact::new(level, stub, title)
                });
            }
            parent = Some((level, stub.clone()));
        }
        if key.len() == 7 {
            parent = key.get(..3).map(|table| (Level::Code, table.to_owned()));
        }
        let short_title = if row.short_title == row.title {
            String::new()
        } else {
            row.short_title
        };
        facts.push(Fact {
            parent,
            billable: row.billable,
            short_title,
            ..Fact::new(Level::Code, key, &row.title)
        });
    }
    Some(ReleaseFacts {
        release,
        publisher: publisher.name,
        licence: publisher.licence,
        lists_headers: true,
        has_notes: true,
        facts,
    })
}

/// The titles of sections and body systems, by their one or two characters.
fn headings(tables: &[PcsTable]) -> HashMap<String, String> {
    let mut headings = HashMap::new();
    for table in tables {
        let stub = table.stub();
        for (len, axis) in [(1, &table.axes[0]), (2, &table.axes[1])] {
            if let (Some(stub), Some(value)) = (stub.get(..len), axis.values.first()) {
                headings
                    .entry(stub.to_owned())
                    .or_insert_with(|| value.label.clone());
            }
        }
    }
    headings
}

/// Holds the order file against the codes that the tables make.
fn compare(version: &str, order: &[OrderRow], tables: &[PcsTable], findings: &mut Vec<Skipped>) {
    let listed: HashSet<&str> = order
        .iter()
        .filter(|row| row.billable)
        .map(|row| row.code.as_str())
        .collect();
    let mut made: HashSet<String> = HashSet::with_capacity(listed.len());
    for code in tables.iter().flat_map(PcsTable::codes) {
        if !listed.contains(code.as_str()) {
            skip(
                findings,
                "ICD-10-PCS code that the tables make and the order file does not list",
                format!("{version}: {code}"),
            );
        }
        made.insert(code);
    }
    for code in listed.into_iter().filter(|code| !made.contains(*code)) {
        skip(
            findings,
            "ICD-10-PCS code that the order file lists and no table makes",
            format!("{version}: {code}"),
        );
    }
}

/// Gives the index's terms to the codes that they name, and returns the phrases that name words.
pub(crate) fn attach_index(
    book: &mut Book,
    index: Option<&(String, Vec<PcsIndexEntry>)>,
    definitions: &[PcsDefinition],
    tables: &[PcsTable],
    findings: &mut Vec<Skipped>,
) -> Vec<IndexPhrase> {
    let places: HashMap<String, usize> = book
        .entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| entry.level == Level::Code)
        .map(|(place, entry)| (entry.key.clone(), place))
        .collect();
    let labels = Labels::new(tables);
    let mut phrases: BTreeSet<(String, String)> = BTreeSet::new();
    if let Some((version, entries)) = index {
        for place in 0..entries.len() {
            let titles = path(entries, place);
            for reference in &entries[place].leads_to {
                match reference {
                    PcsReference::Code(code) => match places.get(code.as_str()) {
                        Some(entry) => add_term(
                            &mut book.entries[*entry],
                            ReleaseSet::MAX,
                            Term {
                                kind: TermKind::IndexEntry,
                                text: titles.join(", "),
                            },
                        ),
                        None => skip(
                            findings,
                            "ICD-10-PCS index code that no release has",
                            format!("{version}, line {}: {code}", entries[place].line),
                        ),
                    },
                    PcsReference::Stub(stub) => labels.lead(&titles, Some(stub), "", &mut phrases),
                    PcsReference::See { text, stub } => {
                        labels.lead(&titles, stub.as_deref(), text, &mut phrases);
                    }
                    PcsReference::Use { text, .. } => {
                        keep(&titles.join(" "), &labels.of_value(text), &mut phrases);
                    }
                }
            }
        }
    }
    for definition in definitions
        .iter()
        .filter(|definition| definition.position > 3)
    {
        for title in &definition.titles {
            let means = labels.of_value(title);
            for phrase in &definition.includes {
                keep(phrase, &means, &mut phrases);
            }
        }
    }
    for (phrase, means) in PHRASES {
        keep(phrase, means, &mut phrases);
    }
    phrases
        .into_iter()
        .map(|(phrase, means)| IndexPhrase {
            system: CodeSystem::Icd10Pcs,
            phrase,
            means,
        })
        .collect()
}

/// What procedures are called, and the operations that ICD-10-PCS codes them as, by its
/// definitions of the operations (appendix A) where the index lacks the words.
const PHRASES: [(&str, &str); 62] = [
    ("removal of foreign body", "extirpation of matter"),
    ("foreign body removal", "extirpation of matter"),
    ("intraluminal foreign body", "matter"),
    ("removal of calculus", "extirpation of matter"),
    ("removal of stone", "extirpation of matter"),
    ("removal of clot", "extirpation of matter"),
    ("evacuation of clot", "extirpation of matter"),
    ("endarterectomy", "extirpation of matter artery"),
    ("lysis of adhesions", "release"),
    ("division of adhesions", "release"),
    ("lysis", "release"),
    ("decompression", "release"),
    ("incision and drainage", "drainage"),
    ("incision", "drainage"),
    ("opening", "drainage"),
    ("evacuation", "drainage"),
    ("aspiration", "drainage"),
    ("puncture", "drainage"),
    ("tap", "drainage"),
    ("irrigation and suction", "irrigation"),
    ("lavage", "irrigation"),
    ("suture", "repair"),
    ("closure", "repair"),
    ("plication", "repair"),
    ("reconstruction", "repair"),
    ("plastic repair", "repair"),
    ("reduction of fracture", "reposition"),
    ("closed reduction", "reposition external"),
    ("open reduction", "reposition open"),
    ("internal fixation", "internal fixation device"),
    ("external fixation", "external fixation device"),
    ("reduction", "reposition"),
    ("relocation", "reposition"),
    ("transposition", "reposition"),
    ("advancement", "reposition"),
    ("replantation", "reattachment"),
    ("amputation", "detachment"),
    ("ligation", "occlusion"),
    ("embolization", "occlusion"),
    ("clipping", "occlusion extraluminal device"),
    ("banding", "restriction extraluminal device"),
    ("anastomosis", "bypass"),
    ("shunt", "bypass"),
    ("exploration", "inspection"),
    ("endoscopy", "inspection endoscopic"),
    ("implantation", "insertion"),
    ("placement", "insertion"),
    ("graft", "supplement tissue substitute"),
    (
        "skin graft",
        "replacement skin autologous tissue substitute",
    ),
    ("prosthesis", "synthetic substitute"),
    ("mesh", "synthetic substitute"),
    ("ablation of lesion", "destruction"),
    ("destruction of lesion", "destruction"),
    ("cauterization", "destruction"),
    ("cryosurgery", "destruction"),
    ("excision of lesion", "excision"),
    ("local excision", "excision"),
    ("partial removal", "excision"),
    ("total removal", "resection"),
    ("scraping", "extraction"),
    ("without incision", "via natural or artificial opening"),
    ("section", "division"),
];

/// Keeps a phrase if it says something else than what it leads to.
fn keep(phrase: &str, means: &str, phrases: &mut BTreeSet<(String, String)>) {
    let phrase = plain(phrase);
    let same = phrase.eq_ignore_ascii_case(means);
    if !phrase.is_empty() && !means.is_empty() && !same && phrase.split(' ').count() <= MOST_WORDS {
        phrases.insert((phrase, means.to_owned()));
    }
}

/// Words without marks of registration and without what stands in parentheses: these
/// explain a phrase, and nobody types them.
fn plain(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut depth = 0usize;
    for c in text.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            ',' | '/' if depth == 0 => kept.push(' '),
            c if depth == 0 => kept.push(c),
            _ => {}
        }
    }
    kept.split_whitespace().collect::<Vec<&str>>().join(" ")
}

/// The labels of the tables, to say a stub in words.
struct Labels<'a> {
    tables: HashMap<String, &'a PcsTable>,
    all: HashSet<&'a str>,
}

impl<'a> Labels<'a> {
    fn new(tables: &'a [PcsTable]) -> Labels<'a> {
        let rows = tables.iter().flat_map(|table| &table.rows);
        Labels {
            tables: tables.iter().map(|table| (table.stub(), table)).collect(),
            all: rows
                .flat_map(|row| &row.axes)
                .flat_map(|axis| &axis.values)
                .map(|value| value.label.as_str())
                .collect(),
        }
    }

    /// A value's label as titles word it: without its side, which the query says, and without
    /// the body system that an index entry adds to a device.
    fn of_value(&self, text: &str) -> String {
        let text = text.trim();
        let label = match text.rsplit_once(" in ") {
            Some((label, _)) if !self.all.contains(text) => label,
            _ => text,
        };
        let bare = label
            .trim_end_matches(", Right")
            .trim_end_matches(", Left")
            .trim_end_matches(", Bilateral");
        plain(bare)
    }

    /// The words of a stub: its operation, and its body part where it has a fourth character.
    fn of_stub(&self, stub: &str) -> Option<String> {
        let table = self.tables.get(stub.get(..3)?)?;
        let mut words = plain(&table.axes[2].values.first()?.label);
        let mut rows: Vec<_> = table.rows.iter().collect();
        for (place, character) in stub.chars().enumerate().skip(3) {
            let axis = place - 3;
            rows.retain(|row| {
                row.axes
                    .get(axis)
                    .is_some_and(|axis| axis.value(character).is_some())
            });
            let label = rows
                .first()?
                .axes
                .get(axis)?
                .value(character)?
                .label
                .as_str();
            if !label.starts_with("No ") {
                words.push(' ');
                words.push_str(&self.of_value(label));
            }
        }
        Some(words)
    }

    /// Adds the phrase `titles` for the words that it leads to.
    fn lead(
        &self,
        titles: &[&str],
        stub: Option<&str>,
        text: &str,
        phrases: &mut BTreeSet<(String, String)>,
    ) {
        let Some(main) = titles.first() else {
            return;
        };
        // Below the name of an operation the index repeats the tables.
        let is_operation = self
            .tables
            .values()
            .filter_map(|table| table.axes[2].values.first())
            .any(|operation| operation.label.eq_ignore_ascii_case(main));
        if is_operation {
            return;
        }
        let means = match stub.and_then(|stub| self.of_stub(stub)) {
            Some(means) => means,
            None => {
                let text = text
                    .replace("with qualifier", "")
                    .replace("with device", "")
                    .replace(" of substance in or on", "")
                    .replace(" of device in", "");
                plain(&text)
            }
        };
        keep(&titles.join(" "), &means, phrases);
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn phrases_are_what_people_type() {
        assert_eq!(
            plain("Absolute Pro Vascular (OTW) Self-Expanding Stent System"),
            "Absolute Pro Vascular Self-Expanding Stent System"
        );
        assert_eq!(plain("ABECMA(R)"), "ABECMA");
        assert_eq!(plain("Fragmentation, Artery"), "Fragmentation Artery");
    }
}
