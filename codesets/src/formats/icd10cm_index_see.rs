//! Follows the `see` and `see also` of an index to the entries they name.
//!
//! The publisher prints them as plain text, `Recruitment, auditory`, and not
//! always in the words of the entry: nonessential modifiers are left out, one
//! of several spellings is taken, a plural is made singular, and `with` or
//! `due to` between two levels is skipped, and of a title only the first words
//! are given. A text that still names no entry is reported and not guessed.

use std::collections::{HashMap, HashSet};

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
/// The most words of a `see` that are looked at; published ones have up to twelve.
const MOST_WORDS: usize = 24;
/// The most first words of a title by which it is found.
const MOST_LEADING_WORDS: usize = 6;
/// The most places in the index that are tried for one `see`.
const MOST_TRIES: usize = 2_000;
/// Subterms that only join two levels; a `see` may leave them out.
const JOINTS: [&str; 12] = [
    "with",
    "due to",
    "in",
    "of",
    "by",
    "from",
    "type",
    "site",
    "complicating",
    "following",
    "affecting",
    "caused by",
];

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

/// The words of `text` as they are compared: lower case, no punctuation, no plural `s`.
fn words(text: &str) -> Vec<String> {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\'' | '\u{2019}' => {}
            c if c.is_alphanumeric() => plain.extend(c.to_lowercase()),
            _ => plain.push(' '),
        }
    }
    plain
        .split_whitespace()
        .map(|word| match word.strip_suffix('s') {
            Some(singular) if singular.len() > 2 && !singular.ends_with('s') => singular.to_owned(),
            _ => word.to_owned(),
        })
        .collect()
}

/// The text without what stands in parentheses or brackets.
fn without_modifiers(text: &str) -> String {
    let mut depth = 0usize;
    let outside = |c: &char| {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ => return depth == 0,
        }
        false
    };
    text.chars().filter(outside).collect()
}

/// How sure it is that a name is the entry's, the surest first.
const SURENESS: usize = 4;

/// What an entry may be called, by sureness: the words of its title; those
/// between its commas; those that `or` and `and` join, or with the modifiers;
/// its first words.
fn spellings(title: &str) -> [Vec<String>; SURENESS] {
    let plain = without_modifiers(title);
    let own = words(&plain);
    let parts: Vec<Vec<String>> = plain.split(',').map(words).collect();
    let joined = |word: &String| word == "or" || word == "and";
    let mut alternatives: Vec<String> = parts
        .iter()
        .flat_map(|part| part.split(joined).map(|words| words.join(" ")))
        .collect();
    alternatives.push(words(title).join(" "));
    alternatives.extend(title.split(',').map(|part| words(part).join(" ")));
    let most = own.len().min(MOST_LEADING_WORDS);
    let first_words = (1..=most).filter_map(|end| Some(own.get(..end)?.join(" ")));
    [
        vec![own.join(" ")],
        parts.iter().map(|part| part.join(" ")).collect(),
        alternatives,
        first_words.collect(),
    ]
}

type NameMap = HashMap<(Option<usize>, String), Vec<usize>>;

/// Entries by what they stand under and by what they may be called there.
#[derive(Default)]
struct Names {
    by_sureness: [NameMap; SURENESS],
    /// The joints under an entry.
    joints: HashMap<usize, Vec<usize>>,
}

impl Names {
    fn new(entries: &[IndexEntry]) -> Names {
        let mut names = Names::default();
        for (at, entry) in entries.iter().enumerate() {
            let spellings = spellings(&entry.title);
            if let Some(parent) = entry.parent
                && spellings[0]
                    .iter()
                    .any(|own| JOINTS.contains(&own.as_str()))
            {
                names.joints.entry(parent).or_default().push(at);
            }
            for (map, spellings) in names.by_sureness.iter_mut().zip(spellings) {
                for spelling in spellings {
                    let shorter = [" nec", " nos"]
                        .iter()
                        .find_map(|end| Some(spelling.strip_suffix(end)?.to_owned()));
                    for name in [Some(spelling), shorter].into_iter().flatten() {
                        let same = map.entry((entry.parent, name)).or_default();
                        if same.len() < MOST_TARGETS && same.last() != Some(&at) {
                            same.push(at);
                        }
                    }
                }
            }
        }
        names
    }

    /// The entries that `see` names, or those its words lead to before a tail such as `by site`.
    ///
    /// Less sure names count only if surer ones lead nowhere, and the first
    /// words of a title only where no other title beside it begins with them.
    fn find(&self, see: &str) -> Vec<usize> {
        let see = words(&without_modifiers(see));
        let see = see.strip_prefix(&["also".to_owned()]).unwrap_or(&see);
        for least_sure in 1..=SURENESS {
            let mut search = Search {
                names: self.by_sureness.get(..least_sure).unwrap_or_default(),
                joints: &self.joints,
                see: see.get(..MOST_WORDS).unwrap_or(see),
                tried: HashSet::new(),
                found: Vec::new(),
            };
            if search.descend(None, 0) {
                return search.found;
            }
        }
        Vec::new()
    }
}

struct Search<'a> {
    names: &'a [NameMap],
    joints: &'a HashMap<usize, Vec<usize>>,
    see: &'a [String],
    tried: HashSet<(Option<usize>, usize)>,
    found: Vec<usize>,
}

impl Search<'_> {
    /// Looks for the words from `start` on among the entries under `parent`,
    /// the longest name first; returns whether all words were used.
    fn descend(&mut self, parent: Option<usize>, start: usize) -> bool {
        if self.tried.len() >= MOST_TRIES || !self.tried.insert((parent, start)) {
            return false;
        }
        let rest = self.see.get(start..).unwrap_or_default();
        if let Some(parent) = parent
            && is_tail(rest)
        {
            self.found.push(parent);
            return true;
        }
        let mut under = vec![parent];
        if let Some(joints) = parent.and_then(|parent| self.joints.get(&parent)) {
            under.extend(joints.iter().map(|joint| Some(*joint)));
        }
        for end in (start + 1..=self.see.len()).rev() {
            let name = self.see.get(start..end).unwrap_or_default().join(" ");
            if self.descend_by_name(&under, &name, end) {
                return true;
            }
        }
        false
    }

    /// Goes on from every entry under `parents` that `name` names, the surest kind of name first.
    fn descend_by_name(&mut self, parents: &[Option<usize>], name: &str, end: usize) -> bool {
        for (sureness, names) in self.names.iter().enumerate() {
            let mut whole = false;
            for parent in parents {
                let called = names.get(&(*parent, name.to_owned()));
                let called = called.map(Vec::as_slice).unwrap_or_default();
                if sureness + 1 == SURENESS && called.len() > 1 {
                    continue;
                }
                for child in called {
                    whole |= self.descend(Some(*child), end);
                }
            }
            if whole {
                return true;
            }
        }
        false
    }
}

/// Whether the rest of a `see` names no further entry: nothing, `by site`, `specified NEC`.
fn is_tail(rest: &[String]) -> bool {
    match rest.first().map(String::as_str) {
        None | Some("by" | "specified" | "nec" | "nos") => true,
        Some(_) => false,
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
