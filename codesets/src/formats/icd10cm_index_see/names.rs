//! What the entries of an index may be called, and the search among those names.
//!
//! Every bound here holds for any index: a file made to be slow or large meets them.

use std::collections::{HashMap, HashSet};

use super::MOST_TARGETS;
use crate::formats::icd10cm_index::IndexEntry;

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

/// The words of `text` as they are compared: lower case, no punctuation, no plural `s`.
pub(super) fn words(text: &str) -> Vec<String> {
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
pub(super) struct Names {
    by_sureness: [NameMap; SURENESS],
    /// The joints under an entry.
    joints: HashMap<usize, Vec<usize>>,
}

impl Names {
    pub(super) fn new(entries: &[IndexEntry]) -> Names {
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
    pub(super) fn find(&self, see: &str) -> Vec<usize> {
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
