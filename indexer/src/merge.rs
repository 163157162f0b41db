//! From the facts of several releases to one book: one entry a concept, with
//! the releases each fact holds in.

use std::collections::HashMap;

use codesets::{CodeSystem, Term};

use crate::book::{Book, BookRelease, Entry, EntryProperty, Level, Property, ReleaseSet};
use crate::facts::{Fact, ReleaseFacts};

/// Merges the releases of `system` into a book.
///
/// The newest release decides the order; a concept that only older releases
/// have stands behind the sibling it followed there. Notes and inclusion terms
/// of a release are carried into later releases that were published without
/// any (a codes file), for the concepts those still have.
pub(crate) fn merge(system: CodeSystem, mut releases: Vec<ReleaseFacts>) -> Book {
    releases.sort_by_key(|release| release.release.days);
    let mut nodes = Nodes::default();
    // Newest first, so that its order wins; a release without headers has no order of its own.
    for listed in [true, false] {
        for (number, release) in releases.iter().enumerate().rev() {
            if release.lists_headers == listed {
                nodes.add_release(number, release);
            }
        }
    }
    let noted: Vec<bool> = releases.iter().map(|release| release.has_notes).collect();
    let headers: Vec<bool> = releases
        .iter()
        .map(|release| release.lists_headers)
        .collect();
    let mut entries = nodes.in_order();
    infer_headers(&mut entries, &headers);
    for entry in &mut entries {
        name_by_newest(entry);
        carry_forward(entry, &noted);
    }
    Book {
        system,
        releases: releases
            .into_iter()
            .map(|release| BookRelease {
                release: release.release,
                publisher: release.publisher,
                licence: release.licence,
            })
            .collect(),
        entries,
    }
}

type Key = (u8, String);

#[derive(Default)]
struct Nodes {
    entries: Vec<Entry>,
    /// The entry of each level and key.
    known: HashMap<Key, usize>,
    /// The children of each entry, in order; the last list holds those without a parent.
    children: HashMap<Option<usize>, Vec<usize>>,
}

impl Nodes {
    fn add_release(&mut self, number: usize, release: &ReleaseFacts) {
        let bit: ReleaseSet = 1 << number;
        let mut after: HashMap<Option<usize>, usize> = HashMap::new();
        for fact in &release.facts {
            let key = (fact.level.number(), fact.key.clone());
            let node = match self.known.get(&key) {
                Some(&node) => node,
                None => {
                    let parent = self.parent_of(fact);
                    self.insert(fact, parent, after.get(&parent).copied())
                }
            };
            let entry = &mut self.entries[node];
            after.insert(entry.parent, node);
            take_fact(entry, fact, bit);
        }
    }

    /// The parent that the file names, else the longest code that begins this one.
    fn parent_of(&self, fact: &Fact) -> Option<usize> {
        if let Some((level, key)) = &fact.parent
            && let Some(&node) = self.known.get(&(level.number(), key.clone()))
        {
            return Some(node);
        }
        if fact.level != Level::Code || !fact.key.is_ascii() {
            return None;
        }
        (1..fact.key.len())
            .rev()
            .find_map(|len| {
                self.known
                    .get(&(Level::Code.number(), fact.key[..len].to_owned()))
            })
            .copied()
            .or_else(|| self.section_of(&fact.key))
    }

    /// The narrowest section whose range holds `code`.
    fn section_of(&self, code: &str) -> Option<usize> {
        let category = code.get(..3)?;
        (0..self.entries.len())
            .filter(|&node| self.entries[node].level == Level::Section)
            .filter_map(|node| {
                let (first, last) = self.entries[node].key.split_once('-')?;
                (first <= category && category <= last).then_some((first, last, node))
            })
            .max_by(|a, b| a.0.cmp(b.0).then_with(|| b.1.cmp(a.1)))
            .map(|(_, _, node)| node)
    }

    fn insert(&mut self, fact: &Fact, parent: Option<usize>, after: Option<usize>) -> usize {
        let node = self.entries.len();
        self.entries.push(Entry {
            level: fact.level,
            key: fact.key.clone(),
            parent,
            title: fact.title.clone(),
            short_title: fact.short_title.clone(),
            present: 0,
            billable: 0,
            former_titles: Vec::new(),
            notes: Vec::new(),
            seventh: Vec::new(),
            terms: Vec::new(),
            properties: Vec::new(),
        });
        self.known
            .insert((fact.level.number(), fact.key.clone()), node);
        let siblings = self.children.entry(parent).or_default();
        let place = after
            .and_then(|sibling| siblings.iter().rposition(|other| *other == sibling))
            .map_or(siblings.len(), |found| found + 1);
        siblings.insert(place, node);
        node
    }

    /// The entries parents before children, siblings in order, parents renumbered.
    fn in_order(mut self) -> Vec<Entry> {
        let mut order = Vec::with_capacity(self.entries.len());
        let mut stack: Vec<usize> = self.children.remove(&None).unwrap_or_default();
        stack.reverse();
        while let Some(node) = stack.pop() {
            order.push(node);
            if let Some(children) = self.children.remove(&Some(node)) {
                stack.extend(children.into_iter().rev());
            }
        }
        let mut place = vec![0; self.entries.len()];
        for (position, node) in order.iter().enumerate() {
            place[*node] = position;
        }
        let mut slots: Vec<Option<Entry>> = self.entries.into_iter().map(Some).collect();
        order
            .into_iter()
            .filter_map(|node| slots[node].take())
            .map(|mut entry| {
                entry.parent = entry.parent.map(|parent| place[parent]);
                entry
            })
            .collect()
    }
}

/// Adds what a release says; every title is kept with its releases until all are in.
fn take_fact(entry: &mut Entry, fact: &Fact, bit: ReleaseSet) {
    entry.present |= bit;
    if fact.billable {
        entry.billable |= bit;
    }
    match entry
        .former_titles
        .iter_mut()
        .find(|(_, title)| *title == fact.title)
    {
        Some((releases, _)) => *releases |= bit,
        None => entry.former_titles.push((bit, fact.title.clone())),
    }
    if entry.short_title.is_empty() {
        entry.short_title.clone_from(&fact.short_title);
    }
    if entry.seventh.is_empty() {
        entry.seventh.clone_from(&fact.seventh);
    }
    for note in &fact.notes {
        match entry.notes.iter_mut().find(|(_, known)| known == note) {
            Some((releases, _)) => *releases |= bit,
            None => entry.notes.push((bit, note.clone())),
        }
    }
    for term in &fact.terms {
        add_term(entry, bit, term.clone());
    }
    for (property, value) in &fact.properties {
        add_property(entry, bit, *property, value);
    }
}

/// Adds a property with its releases to `entry`, once a value.
pub(crate) fn add_property(
    entry: &mut Entry,
    releases: ReleaseSet,
    property: Property,
    value: &str,
) {
    let same = |known: &&mut EntryProperty| known.property == property && known.value == value;
    match entry.properties.iter_mut().find(same) {
        Some(known) => known.releases |= releases,
        None => entry.properties.push(EntryProperty {
            releases,
            property,
            value: value.to_owned(),
        }),
    }
}

/// Adds `term` with its releases to `entry`, once a wording and kind.
pub(crate) fn add_term(entry: &mut Entry, releases: ReleaseSet, term: Term) {
    match entry.terms.iter_mut().find(|(_, known)| *known == term) {
        Some((known, _)) => *known |= releases,
        None => entry.terms.push((releases, term)),
    }
}

/// The title of the newest release is the title; the others are former ones.
fn name_by_newest(entry: &mut Entry) {
    entry.former_titles.sort_by_key(|(releases, _)| *releases);
    if let Some((_, title)) = entry.former_titles.pop() {
        entry.title = title;
    }
}

/// In a release that lists billable codes only, a header is there when a code below it is.
fn infer_headers(entries: &mut [Entry], lists_headers: &[bool]) {
    for (number, listed) in lists_headers.iter().enumerate() {
        if *listed {
            continue;
        }
        let bit = 1 << number;
        for index in (0..entries.len()).rev() {
            if entries[index].present & bit == 0 {
                continue;
            }
            if let Some(parent) = entries[index].parent {
                entries[parent].present |= bit;
            }
        }
    }
}

/// Notes and terms last through the releases that follow without notes of their own.
fn carry_forward(entry: &mut Entry, noted: &[bool]) {
    for (number, has_notes) in noted.iter().enumerate().skip(1) {
        if *has_notes || entry.present & (1 << number) == 0 {
            continue;
        }
        let (from, to) = (1 << (number - 1), 1 << number);
        for (releases, _) in &mut entry.notes {
            if *releases & from != 0 {
                *releases |= to;
            }
        }
        for (releases, _) in &mut entry.terms {
            if *releases & from != 0 {
                *releases |= to;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use codesets::{CodeSystem, Release, ReleaseDays};
    use jiff::civil::date;

    use super::merge;
    use crate::book::{Book, Level};
    use crate::facts::{Fact, ReleaseFacts};

    fn release(year: i16, lists_headers: bool, rows: &[(&str, bool, &str)]) -> ReleaseFacts {
        ReleaseFacts {
            release: Release {
                system: CodeSystem::Icd10Cm,
                version: year.to_string(),
                days: ReleaseDays {
                    first: date(year - 1, 10, 1),
                    last: Some(date(year, 9, 30)),
                },
            },
            publisher: "CMS".to_owned(),
            licence: "public domain".to_owned(),
            lists_headers,
            has_notes: lists_headers,
            facts: rows
                .iter()
                .map(|(key, billable, title)| Fact {
                    billable: *billable,
                    ..Fact::new(Level::Code, key, title)
                })
                .collect(),
        }
    }

    #[track_caller]
    fn check(book: &Book, expected: &[&str]) {
        let found: Vec<String> = book
            .entries
            .iter()
            .map(|e| {
                format!(
                    "{} present {:b} billable {:b} {}",
                    e.key, e.present, e.billable, e.title
                )
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_code_that_became_a_header_keeps_its_place_and_its_history() {
        let older = release(
            2025,
            true,
            &[("B88", false, "Infestations"), ("B880", true, "Acariasis")],
        );
        let newer = release(
            2026,
            true,
            &[
                ("B88", false, "Infestations"),
                ("B880", false, "Other acariasis"),
                ("B8801", true, "Demodex"),
            ],
        );
        let book = merge(CodeSystem::Icd10Cm, vec![newer, older]);
        check(
            &book,
            &[
                "B88 present 11 billable 0 Infestations",
                "B880 present 11 billable 1 Other acariasis",
                "B8801 present 10 billable 10 Demodex",
            ],
        );
        assert_eq!(book.entries[1].former_titles, [(1, "Acariasis".to_owned())]);
        assert_eq!(book.entries[2].parent, Some(1));
    }

    #[test]
    fn a_release_of_billable_codes_only_takes_its_headers_from_the_codes_below() {
        let older = release(
            2026,
            true,
            &[("B88", false, "Infestations"), ("B880", true, "Acariasis")],
        );
        let newer = release(2027, false, &[("B880", true, "Acariasis")]);
        let book = merge(CodeSystem::Icd10Cm, vec![older, newer]);
        check(
            &book,
            &[
                "B88 present 11 billable 0 Infestations",
                "B880 present 11 billable 11 Acariasis",
            ],
        );
    }
}
