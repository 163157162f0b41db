//! Type-ahead: what the words typed so far may become.
//!
//! Three sources, in this order, until there are enough: codes that begin with
//! what was typed, phrases that begin with it, and then search, which takes the
//! words in any order. No concept is offered twice.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use codesets::Code;
use fst::{IntoStreamer, Streamer};
use indexer::book::Level;
use indexer::bundle::records::ConceptRecord;
use indexer::bundle::{Bundle, ConceptId, TermId};
use indexer::text::{phrase, words};
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use crate::lookup::title;
use crate::search::{Filters, Mode, Scope, SearchError, SearchRequest, Searcher, children};

/// The most completions that are given.
pub const MOST_COMPLETIONS: usize = 100;
/// The most bytes of text that are read; a longer text is no beginning of a phrase.
const MOST_TYPED_BYTES: usize = 200;
/// How many phrases are gathered for each one wanted, so that the shorter of equal rank can win.
const GATHERED_PER_WANTED: usize = 4;
/// How many headings stand above a code at most, in any system.
const MOST_DEPTH: usize = 16;
/// How many phrases are gathered at most, whatever is refused or stands below another.
const MOST_GATHERED: usize = 400;
/// How many steps through the map of phrases are taken at most, whatever the filters refuse.
const MOST_STEPS: usize = 20_000;

/// A question for completions.
#[derive(Clone, Debug)]
pub struct CompleteRequest {
    /// What was typed so far.
    pub text: String,
    /// Which concepts may answer.
    pub filters: Filters,
    /// The day of service.
    pub date: Date,
    /// How many completions are wanted.
    pub limit: usize,
}

/// What the text may become.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Completion {
    /// The system's identifier.
    pub system: &'static str,
    /// The code, with its dot.
    pub code: String,
    /// The code's title.
    pub display: String,
    /// Whether the code can be billed.
    pub billable: bool,
    /// The whole phrase, or the code where one was typed.
    pub text: String,
    /// What the phrase is to its code: `title`, `index`, `inclusion` …, or `code`.
    pub kind: &'static str,
    /// The part of `text` that was typed, as first character and the one behind the last;
    /// `None` when the words were found in another order or in other words.
    #[schema(value_type = Option<Vec<usize>>)]
    pub matched: Option<(usize, usize)>,
}

/// Completes `request`, best first.
///
/// Only codes of the release that answers for the day are offered. An empty
/// text has no completions.
///
/// # Errors
/// When a filter names a system or a chapter that is not loaded.
pub fn complete(
    searcher: &Searcher,
    request: &CompleteRequest,
) -> Result<Vec<Completion>, SearchError> {
    let bundle = &**searcher.bundle();
    let scope = Scope::new(bundle, &request.filters, request.date)?;
    let typed = phrase(&request.text);
    if typed.is_empty() {
        return Ok(Vec::new());
    }
    let mut list = List {
        bundle,
        date: request.date,
        limit: request.limit.min(MOST_COMPLETIONS),
        seen: HashSet::new(),
        found: Vec::new(),
    };
    list.add_codes(request.text.trim(), &scope);
    if typed.len() <= MOST_TYPED_BYTES {
        list.add_phrases(&request.text, typed, &scope);
    }
    if !list.is_full() {
        let answer = searcher.search(&SearchRequest {
            text: request.text.clone(),
            filters: request.filters.clone(),
            date: request.date,
            mode: Mode::Complete,
            senses: Vec::new(),
            offset: 0,
            limit: list.limit + list.found.len(),
        })?;
        for hit in answer.hits {
            if scope.is_active(hit.concept) {
                list.add(hit.concept, hit.term, None);
            }
        }
    }
    Ok(list.found)
}

/// The completions found so far.
struct List<'a> {
    bundle: &'a Bundle,
    date: Date,
    limit: usize,
    seen: HashSet<ConceptId>,
    found: Vec<Completion>,
}

impl List<'_> {
    fn is_full(&self) -> bool {
        self.found.len() >= self.limit
    }

    /// Adds a concept by its term, or by its code when there is none.
    fn add(&mut self, concept: ConceptId, term: Option<TermId>, matched: Option<(usize, usize)>) {
        if self.is_full() || !self.seen.insert(concept) {
            return;
        }
        let record = self.bundle.concept(concept);
        let system = self.bundle.system_of(&record);
        let Some(release) = self.bundle.release_for(system, self.date) else {
            return;
        };
        let code = Code::dotted(system, self.bundle.text(record.key));
        let (text, kind) = match term.map(|term| self.bundle.term(term)) {
            Some(term) => (
                self.bundle.text(term.text).to_owned(),
                self.bundle.kind_of(&term).id(),
            ),
            None => (code.clone(), "code"),
        };
        self.found.push(Completion {
            system: system.id(),
            display: title(self.bundle, &record, release).to_owned(),
            billable: record.billable.get() & release.bit != 0,
            code,
            text,
            kind,
            matched,
        });
    }

    /// Adds the codes that begin with `typed`, the shallowest first, then in tabular order.
    fn add_codes(&mut self, typed: &str, scope: &Scope<'_>) {
        let Some(prefix) = code_prefix(typed) else {
            return;
        };
        for system in self.bundle.systems().filter(|system| scope.has(*system)) {
            let mut level = topmost(self.bundle, system.number(), &prefix, self.limit);
            while !level.is_empty() && !self.is_full() {
                let mut next = Vec::new();
                for id in level {
                    if self.is_full() {
                        break;
                    }
                    let record = self.bundle.concept(id);
                    if scope.holds(id) && scope.is_active(id) {
                        self.add(id, None, matched_code(self.bundle, &record, &prefix));
                    }
                    next.extend(children(self.bundle, id));
                }
                level = next;
            }
        }
    }

    /// Adds the phrases that begin with `typed`: by rank, then the shorter, then tabular order.
    ///
    /// A code below another that is offered comes after all that are not, so that
    /// `diab` offers insipidus and type 2 before each complication of one kind.
    fn add_phrases(&mut self, text: &str, mut typed: String, scope: &Scope<'_>) {
        let typed_len = typed.len();
        // A blank at the end says that the word is whole.
        if text.ends_with(char::is_whitespace) {
            typed.push(' ');
        }
        let wanted = self.limit.saturating_sub(self.found.len());
        if wanted == 0 {
            return;
        }
        let mut concepts = HashSet::new();
        let bundle = self.bundle;
        let mut phrases = Vec::new();
        let mut apart = 0;
        let map = bundle.completions().as_fst();
        for (_, value) in best_first(map, typed.as_bytes()).take(MOST_GATHERED) {
            let term_id = TermId(low_half(value));
            let term = bundle.term(term_id);
            let concept = ConceptId(term.concept.get());
            if !scope.holds(concept) || !scope.is_active(concept) || !concepts.insert(concept) {
                continue;
            }
            let is_below = self.has_ancestor_in(concept, &concepts);
            let len = bundle.text(term.text).len();
            phrases.push((is_below, value >> 32, len, term_id, concept));
            apart += usize::from(!is_below);
            if apart >= wanted * GATHERED_PER_WANTED {
                break;
            }
        }
        phrases.sort_unstable_by_key(|(is_below, rank, len, term, _)| {
            (*is_below, *rank, *len, term.0)
        });
        for (_, _, _, term, concept) in phrases {
            let text = bundle.text(bundle.term(term).text);
            self.add(concept, Some(term), Some((0, matched_end(text, typed_len))));
        }
    }

    fn has_ancestor_in(&self, concept: ConceptId, known: &HashSet<ConceptId>) -> bool {
        let parent = |id: ConceptId| self.bundle.parent(&self.bundle.concept(id));
        std::iter::successors(parent(concept), |id| parent(*id))
            .take(MOST_DEPTH)
            .any(|id| known.contains(&id))
    }
}

fn low_half(value: u64) -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "the low half is the term")]
    let term = value as u32;
    term
}

/// The canonical beginning of a code that `typed` may be: letters, digits and
/// dots with a digit among them, as the codes of every system soon have.
fn code_prefix(typed: &str) -> Option<String> {
    let plausible = (2..=12).contains(&typed.len())
        && typed
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'.')
        && typed.bytes().any(|b| b.is_ascii_digit());
    plausible.then(|| typed.replace('.', "").to_ascii_uppercase())
}

/// The codes that begin with `prefix` and stand below no other such code, at most `most`.
fn topmost(bundle: &Bundle, system: u8, prefix: &str, most: usize) -> Vec<ConceptId> {
    let bounds = |text: &[u8]| {
        let mut key = vec![system];
        key.extend_from_slice(text);
        key
    };
    let mut from = bounds(prefix.as_bytes());
    let mut end = from.clone();
    end.push(0xff);
    let mut found = Vec::new();
    while found.len() < most.max(1) {
        let next = {
            let mut stream = bundle.codes().range().ge(&from).lt(&end).into_stream();
            stream.next().map(|(key, id)| (key.to_vec(), id))
        };
        let Some((mut key, id)) = next else { break };
        let Ok(id) = u32::try_from(id) else { break };
        if bundle.concept(ConceptId(id)).level == Level::Code.number() {
            found.push(ConceptId(id));
            // What begins with this code stands below it.
            key.push(0xff);
        } else {
            key.push(0);
        }
        from = key;
    }
    found.sort_unstable();
    found
}

/// Where the typed beginning of a code ends in its printed form.
fn matched_code(bundle: &Bundle, record: &ConceptRecord, prefix: &str) -> Option<(usize, usize)> {
    let printed = Code::dotted(bundle.system_of(record), bundle.text(record.key));
    let mut left = prefix.len();
    let end = printed.find(|c: char| {
        if left == 0 {
            return true;
        }
        left -= usize::from(c != '.');
        false
    });
    Some((0, end.unwrap_or(printed.len())))
}

/// Where in `text` the first `typed` bytes of its folded phrase end, in characters.
fn matched_end(text: &str, typed: usize) -> usize {
    let mut left = typed;
    let mut end = 0;
    for word in words(text) {
        if left == 0 {
            break;
        }
        let source = text.get(word.start..word.end).unwrap_or_default();
        end = if left >= word.text.len() {
            word.end
        } else {
            // Folding may change a word's length; then the characters typed are counted.
            let in_word: usize = source.chars().take(left).map(char::len_utf8).sum();
            word.start + in_word
        };
        left = left.saturating_sub(word.text.len() + 1);
    }
    text.get(..end)
        .map_or(0, |typed_part| typed_part.chars().count())
}

/// The entries of `map` whose key begins with `prefix`, the smallest value first.
///
/// An fst pushes what values have in common towards its root: the sum of the
/// outputs on the way to a node is the smallest value below that node. So a
/// heap of nodes by that sum meets the entries in order, and the work is
/// proportional to the entries taken and not to those that begin with `prefix`.
fn best_first<'a, D: AsRef<[u8]>>(
    map: &'a fst::raw::Fst<D>,
    prefix: &[u8],
) -> impl Iterator<Item = (usize, u64)> + 'a {
    let mut node = map.root();
    let mut sum = 0u64;
    let mut is_there = true;
    for byte in prefix {
        match node.find_input(*byte) {
            Some(index) => {
                let transition = node.transition(index);
                sum += transition.out.value();
                node = map.node(transition.addr);
            }
            None => {
                is_there = false;
                break;
            }
        }
    }
    // Smallest sum first; an entry before a node of the same sum.
    let mut heap: BinaryHeap<Reverse<(u64, bool, usize)>> = BinaryHeap::new();
    if is_there {
        heap.push(Reverse((sum, true, node.addr())));
    }
    let mut steps = 0;
    std::iter::from_fn(move || {
        while let Some(Reverse((sum, is_node, address))) = heap.pop() {
            if !is_node {
                return Some((address, sum));
            }
            steps += 1;
            if steps > MOST_STEPS {
                return None;
            }
            let node = map.node(address);
            if node.is_final() {
                heap.push(Reverse((sum + node.final_output().value(), false, address)));
            }
            for transition in node.transitions() {
                let below = sum + transition.out.value();
                heap.push(Reverse((below, true, transition.addr)));
            }
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::{best_first, code_prefix, matched_end};

    #[test]
    fn the_typed_part_is_found_in_the_publishers_writing() {
        #[track_caller]
        fn check(text: &str, typed: &str, expected: &str) {
            let end = matched_end(text, typed.len());
            assert_eq!(text.chars().take(end).collect::<String>(), expected);
        }
        check("Type 2 diabetes mellitus", "type 2 dia", "Type 2 dia");
        check("Crohn's disease", "crohn dis", "Crohn's dis");
        check("Diabetes, type 2, with", "diabetes type", "Diabetes, type");
        check("Ménière's disease", "menie", "Méniè");
    }

    #[test]
    fn a_code_has_a_digit_and_no_blanks() {
        assert_eq!(code_prefix("e11.6").as_deref(), Some("E116"));
        assert_eq!(code_prefix("0dt").as_deref(), Some("0DT"));
        assert_eq!(code_prefix("flu"), None);
        assert_eq!(code_prefix("type 2"), None);
        assert_eq!(code_prefix("E11😀"), None);
    }

    proptest! {
        #[test]
        fn the_smallest_values_come_first(
            entries in prop::collection::btree_map("[ab]{0,4}", 0u64..1000, 0..40),
            prefix in "[ab]{0,2}",
        ) {
            let map: fst::Map<Vec<u8>> = fst::Map::from_iter(entries.iter().map(|(k, v)| (k, *v)))?;
            let found: Vec<u64> = best_first(map.as_fst(), prefix.as_bytes())
                .map(|(_, value)| value)
                .collect();
            let matching: BTreeMap<&String, &u64> =
                entries.iter().filter(|(key, _)| key.starts_with(&prefix)).collect();
            let mut expected: Vec<u64> = matching.into_values().copied().collect();
            expected.sort_unstable();
            prop_assert_eq!(found, expected);
        }
    }
}
