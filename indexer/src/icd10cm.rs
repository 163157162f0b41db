//! What the files of one ICD-10-CM release say together.

use std::collections::{HashMap, HashSet};

use codesets::formats::icd10cm_code_list::ListEntry;
use codesets::formats::icd10cm_tabular::{Chapter, Diag, Section, Tabular, excludes_without_codes};
use codesets::{CodeSystem, Term, TermKind};

use crate::book::Level;
use crate::facts::{Fact, ReleaseFacts};
use crate::ingest::IcdRelease;
use crate::known::Known;
use crate::report::{Skipped, skip};

/// Puts the files of one release together.
///
/// The order file, the codes file or the code list decides which codes exist
/// and are billable; the Tabular List gives hierarchy and notes, and composes
/// the codes with a seventh character. What it composes and the deciding file
/// does not list is ruled out and reported.
pub(crate) fn facts(
    version: &str,
    files: IcdRelease,
    known: &Known,
    findings: &mut Vec<Skipped>,
) -> Option<ReleaseFacts> {
    let system = CodeSystem::Icd10Cm;
    let Some(release) = known.release(system, version) else {
        skip(
            findings,
            "release whose days are unknown",
            format!("ICD-10-CM `{version}`"),
        );
        return None;
    };
    let publisher = known.publisher(system);
    let lists_headers = files.order.is_some() || files.tabular.is_some();
    let has_notes = files.tabular.is_some();
    let mut rows = match &files.tabular {
        Some(tabular) => tabular_facts(version, tabular, &files, findings),
        None => Vec::new(),
    };
    complete_from_lists(files, &mut rows);
    Some(ReleaseFacts {
        release,
        publisher: publisher.name,
        licence: publisher.licence,
        lists_headers,
        has_notes,
        facts: rows,
    })
}

/// The codes that the deciding file lists, if there is one.
fn listed_codes(files: &IcdRelease) -> Option<HashSet<String>> {
    if let Some(order) = &files.order {
        return Some(
            order
                .iter()
                .map(|row| row.code.as_str().to_owned())
                .collect(),
        );
    }
    if let Some(list) = &files.list {
        let codes = list.iter().filter_map(|row| match &row.entry {
            ListEntry::Code(code) => Some(code.as_str().to_owned()),
            ListEntry::Chapter(_) | ListEntry::Section(_) => None,
        });
        return Some(codes.collect());
    }
    files.codes.as_ref().map(|codes| {
        codes
            .iter()
            .map(|row| row.code.as_str().to_owned())
            .collect()
    })
}

fn tabular_facts(
    version: &str,
    tabular: &Tabular,
    files: &IcdRelease,
    findings: &mut Vec<Skipped>,
) -> Vec<Fact> {
    let listed = listed_codes(files);
    let mut composed: HashMap<usize, Vec<Fact>> = HashMap::new();
    for complete in tabular.complete_codes() {
        let code = complete.code.as_str();
        if listed.as_ref().is_some_and(|listed| !listed.contains(code)) {
            skip(
                findings,
                "code composed from a seventh character that the release does not list",
                format!("{version}: {}", complete.code),
            );
            continue;
        }
        let diag = &tabular.diags[complete.diag];
        let parent =
            (complete.seventh.is_some()).then(|| (Level::Code, diag.code.as_str().to_owned()));
        composed.entry(complete.diag).or_default().push(Fact {
            billable: true,
            parent,
            ..Fact::new(Level::Code, code, &complete.title)
        });
    }
    for note in excludes_without_codes(tabular) {
        skip(
            findings,
            "excludes note that names no code; kept as text",
            format!("{version}, line {}: {}", note.line, note.note.text),
        );
    }
    let mut facts = Vec::new();
    let mut opened: Option<(usize, Option<usize>)> = None;
    for (index, diag) in tabular.diags.iter().enumerate() {
        let place = (diag.chapter, diag.section);
        if opened != Some(place) {
            open_headings(
                tabular,
                opened.map(|(chapter, _)| chapter),
                place,
                &mut facts,
            );
            opened = Some(place);
        }
        let mut own = diag_fact(tabular, diag);
        let complete = composed.remove(&index).unwrap_or_default();
        let mut below = Vec::new();
        for fact in complete {
            if fact.key == own.key {
                own.billable = true;
            } else {
                below.push(fact);
            }
        }
        facts.push(own);
        facts.extend(below);
    }
    facts
}

/// Adds the chapter, when it is a new one, and the section that begin here.
fn open_headings(
    tabular: &Tabular,
    chapter_before: Option<usize>,
    (chapter, section): (usize, Option<usize>),
    facts: &mut Vec<Fact>,
) {
    let Some(heading) = tabular.chapters.get(chapter) else {
        return;
    };
    if chapter_before != Some(chapter) {
        facts.push(chapter_fact(heading));
    }
    if let Some(section) = section.and_then(|section| heading.sections.get(section)) {
        facts.push(section_fact(heading, section));
    }
}

fn chapter_fact(chapter: &Chapter) -> Fact {
    Fact {
        notes: chapter.notes.clone(),
        seventh: chapter.seventh_characters.clone(),
        ..Fact::new(Level::Chapter, &chapter.number, &chapter.title)
    }
}

fn section_fact(chapter: &Chapter, section: &Section) -> Fact {
    // A section of one category is printed as `B10`; a range keeps it apart from the code.
    let key = if section.id.contains('-') {
        section.id.clone()
    } else {
        format!("{0}-{0}", section.id)
    };
    Fact {
        parent: Some((Level::Chapter, chapter.number.clone())),
        notes: section.notes.clone(),
        seventh: section.seventh_characters.clone(),
        ..Fact::new(Level::Section, &key, &section.title)
    }
}

fn diag_fact(tabular: &Tabular, diag: &Diag) -> Fact {
    let parent = match diag.parent.and_then(|parent| tabular.diags.get(parent)) {
        Some(parent) => Some((Level::Code, parent.code.as_str().to_owned())),
        None => tabular
            .chapters
            .get(diag.chapter)
            .zip(diag.section)
            .and_then(|(chapter, section)| {
                Some((
                    Level::Section,
                    section_fact(chapter, chapter.sections.get(section)?).key,
                ))
            }),
    };
    Fact {
        parent,
        notes: diag.notes.clone(),
        seventh: diag.seventh_characters.clone(),
        terms: diag
            .inclusion_terms
            .iter()
            .map(|text| Term {
                kind: TermKind::InclusionTerm,
                text: text.clone(),
            })
            .collect(),
        ..Fact::new(Level::Code, diag.code.as_str(), &diag.title)
    }
}

/// Takes titles and flags from the order or the codes file, and the codes that only they have.
fn complete_from_lists(files: IcdRelease, facts: &mut Vec<Fact>) {
    let mut places: HashMap<String, usize> = facts
        .iter()
        .enumerate()
        .filter(|(_, fact)| fact.level == Level::Code)
        .map(|(place, fact)| (fact.key.clone(), place))
        .collect();
    let mut place_of = |facts: &mut Vec<Fact>, code: &str| {
        *places.entry(code.to_owned()).or_insert_with(|| {
            facts.push(Fact::new(Level::Code, code, ""));
            facts.len() - 1
        })
    };
    for row in files.order.into_iter().flatten() {
        let place = place_of(facts, row.code.as_str());
        let fact = &mut facts[place];
        fact.title = row.title;
        fact.billable = row.billable;
        if row.short_title != fact.title {
            fact.short_title = row.short_title;
        }
    }
    for row in files.codes.into_iter().flatten() {
        let place = place_of(facts, row.code.as_str());
        let fact = &mut facts[place];
        if fact.title.is_empty() {
            fact.title = row.title;
        }
        fact.billable = true;
    }
    // A code list holds no titles; a code that nothing else names would be nameless, so it is left.
    facts.retain(|fact| !fact.title.is_empty());
}
