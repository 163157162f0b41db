//! Follows the `see` and `see also` of an index to the entries they name.
//!
//! The publisher prints them as plain text, `Recruitment, auditory`, and not
//! always in the words of the entry: nonessential modifiers are left out, one
//! of several spellings is taken, a plural is made singular, `with` or `due to`
//! between two levels is skipped, or only the first words of a title are given.
//! A text that still names no entry is reported and not guessed.

mod names;

use self::names::{Names, words};
use super::icd10cm_index::{Index, IndexEntry};
use crate::{RowError, RowProblem};

/// Where the `see` and `see also` of an index lead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeeResolution {
    /// Those that name entries of the index, in the order of the entries.
    pub targets: Vec<SeeTarget>,
    /// Those that rightly name no entry of the index, in the order of the entries.
    pub elsewhere: Vec<SeeElsewhere>,
    /// Those for which no entry was found, in the order of the entries.
    pub unresolved: Vec<RowError>,
}

/// A `see` or `see also` and the entries it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeeTarget {
    /// The entry that has it, as an index into [`Index::entries`].
    pub from: usize,
    /// Whether it is a `see also`.
    pub also: bool,
    /// The entries it names, as indexes into [`Index::entries`]; never empty.
    pub to: Vec<usize>,
}

/// A `see` or `see also` that names no entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeeElsewhere {
    /// The entry that has it, as an index into [`Index::entries`].
    pub from: usize,
    /// Whether it is a `see also`.
    pub also: bool,
    /// What it names instead.
    pub place: SeePlace,
}

/// What a `see` may name other than an entry of its index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SeePlace {
    /// `see condition`: the reader is to look up the condition itself.
    Condition,
    /// The Neoplasm Table.
    NeoplasmTable,
    /// The Table of Drugs and Chemicals.
    DrugTable,
    /// The other of the two indexes.
    OtherIndex,
}

/// Follows every `see` and `see also` of `index`.
pub fn resolve(index: &Index) -> SeeResolution {
    let names = Names::new(&index.entries);
    let mut resolution = SeeResolution::default();
    for (from, entry) in index.entries.iter().enumerate() {
        for (also, text) in [(false, &entry.see), (true, &entry.see_also)] {
            let Some(text) = text else { continue };
            let place = place(text);
            let mut to: Vec<usize> = text
                .split(';')
                .flat_map(|part| names.find(part))
                .filter(|target| *target != from)
                .collect();
            to.sort_unstable();
            to.dedup();
            to.truncate(MOST_TARGETS);
            match place {
                Some(place) if to.is_empty() || place == SeePlace::Condition => {
                    resolution
                        .elsewhere
                        .push(SeeElsewhere { from, also, place });
                }
                _ if to.is_empty() => resolution.unresolved.push(unresolved(entry, also, text)),
                _ => resolution.targets.push(SeeTarget { from, also, to }),
            }
        }
    }
    resolution
}

/// The most entries that one `see` may name; more would be a flaw of the file.
const MOST_TARGETS: usize = 16;

fn unresolved(entry: &IndexEntry, also: bool, text: &str) -> RowError {
    let codes = words(text).iter().any(|word| {
        let mut characters = word.chars();
        characters.next().is_some_and(|c| c.is_ascii_alphabetic())
            && characters.next().is_some_and(|c| c.is_ascii_digit())
    });
    let expected = if codes {
        "words of an entry, not codes"
    } else {
        "the words of an entry of the index"
    };
    let field = if also { "see also" } else { "see" };
    RowError {
        line: entry.line,
        problem: RowProblem::field(field, text, expected),
    }
}

fn place(text: &str) -> Option<SeePlace> {
    let text = text.trim().to_lowercase();
    if text == "condition" || text.starts_with("condition,") || text.starts_with("condition or ") {
        Some(SeePlace::Condition)
    } else if text.starts_with("table of drugs") {
        Some(SeePlace::DrugTable)
    } else if text.starts_with("neoplasm") || text.starts_with("table of neoplasms") {
        Some(SeePlace::NeoplasmTable)
    } else if text.starts_with("index to ") || text.starts_with("external cause") {
        Some(SeePlace::OtherIndex)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{SeePlace, resolve};
    use crate::formats::icd10cm_index::{Index, IndexEntry, IndexName};

    /// Builds an index of lines indented by two blanks a level, with `> see` behind the title.
    fn index(lines: &str) -> Index {
        let mut entries: Vec<IndexEntry> = Vec::new();
        for (number, line) in (1u64..).zip(lines.lines().filter(|line| !line.trim().is_empty())) {
            let text = line.trim_start();
            let level = u8::try_from((line.len() - text.len()) / 2).unwrap_or(0);
            let (title, see) = match text.split_once(" > ") {
                Some((title, see)) => (title, Some(see.to_owned())),
                None => (text, None),
            };
            let parent = level
                .checked_sub(1)
                .and_then(|above| entries.iter().rposition(|entry| entry.level == above));
            entries.push(IndexEntry {
                line: number,
                parent,
                level,
                title: title.to_owned(),
                see,
                ..IndexEntry::default()
            });
        }
        Index {
            version: None,
            name: IndexName::Diseases,
            entries,
        }
    }

    #[track_caller]
    fn check(see: &str, expected: &str) {
        let lines = format!(
            "Pointer > {see}
Recruitment, auditory
Grumps (daily), grumpiness
  in (due to)
    gout
  morning NEC
    young (very)
  evening or night NOS
  day of rest
  week in winter
  week in summer
Sulks
  joint NEC
Neoplasm, neoplastic"
        );
        let index = index(&lines);
        let resolution = resolve(&index);
        let mut found: Vec<String> = Vec::new();
        for target in &resolution.targets {
            found.extend(target.to.iter().map(|to| index.path(*to)));
        }
        for elsewhere in &resolution.elsewhere {
            found.push(format!("{:?}", elsewhere.place));
        }
        found.extend(resolution.unresolved.iter().map(ToString::to_string));
        assert_eq!(found.join(" + "), expected);
    }

    #[test]
    fn titles_are_matched_as_people_shorten_them() {
        check("Recruitment, auditory", "Recruitment, auditory");
        check("Grumps", "Grumps (daily), grumpiness");
        check("Grumpiness", "Grumps (daily), grumpiness");
        check(
            "Grump, morning, young",
            "Grumps (daily), grumpiness, morning NEC, young (very)",
        );
        check(
            "Grumps, gout",
            "Grumps (daily), grumpiness, in (due to), gout",
        );
        check("Sulk, joints, by site", "Sulks, joint NEC");
        check(
            "Sulks; Recruitment, auditory",
            "Recruitment, auditory + Sulks",
        );
        check("also Sulks", "Sulks");
        check(
            "Grumps, evening",
            "Grumps (daily), grumpiness, evening or night NOS",
        );
        check("Grumps, day", "Grumps (daily), grumpiness, day of rest");
    }

    #[test]
    fn the_rest_is_elsewhere_or_reported() {
        check(
            "Grumps, week",
            "line 1: see is `Grumps, week`, expected the words of an entry of the index",
        );
        check("condition", "Condition");
        check("Table of Drugs and Chemicals, by drug", "DrugTable");
        check("Neoplasm, by site", "Neoplasm, neoplastic");
        check("Neoplasm, skin, malignant", "NeoplasmTable");
        check(
            "Nobody, knows",
            "line 1: see is `Nobody, knows`, expected the words of an entry of the index",
        );
        check(
            "E08-E13 with .22",
            "line 1: see is `E08-E13 with .22`, expected words of an entry, not codes",
        );
        assert_eq!(super::place("Condition"), Some(SeePlace::Condition));
    }

    #[test]
    fn many_equal_titles_stay_bounded() {
        let index = index(&"A > A\n".repeat(3_000));
        let resolution = resolve(&index);
        assert!(
            resolution
                .targets
                .iter()
                .all(|target| target.to.len() <= 16)
        );
    }
}
