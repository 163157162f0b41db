//! Recall: the terms that share the most with any reading of the query.
//!
//! Every distinct token of the plan gets a bit. One pass over the postings sets
//! the bits of each term; the worth of a set of bits is computed once and looked
//! up for every term that has it. Tokens that very many terms hold only mark
//! terms that a rarer token has already found.

use std::cell::RefCell;
use std::collections::HashMap;

use indexer::bundle::{Bundle, TermId};

use super::plan::{Plan, Variant};
use super::rank;

/// The most distinct tokens of a plan that take part: the bits of a mask.
const MOST_TOKENS: usize = 64;
/// A token in more terms than this marks only terms already found.
const COMMON_TERMS: u32 = 20_000;

/// Tokens that could cover less than this of every reading find no new terms once there are enough.
const LEAST_SHARE: f32 = 0.3;

/// A term worth a closer look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Candidate {
    /// The term.
    pub(super) term: TermId,
    /// What its bits promise.
    pub(super) promise: f32,
}

/// Room for one query's marks, kept from query to query by each thread.
#[derive(Default)]
struct Scratch {
    masks: Vec<u64>,
    touched: Vec<u32>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// What a set of found tokens is worth to one reading.
#[derive(Clone, Copy)]
struct Worth {
    /// Share of the reading that is covered.
    query: f32,
    /// Weight that is found, for the share of the term.
    found: f32,
    /// The reading's own weight.
    reading: f32,
}

/// Which terms may answer.
pub(super) struct Keep<'a> {
    /// The runs of term numbers of the systems asked, in order.
    pub(super) runs: Vec<(u32, u32)>,
    /// Whether a concept may answer, where more than its system decides.
    pub(super) check: Option<&'a dyn Fn(u32) -> bool>,
}

impl Keep<'_> {
    fn in_runs(&self, term: u32) -> bool {
        self.runs
            .iter()
            .any(|(start, end)| (*start..*end).contains(&term))
    }
}

/// The `most` terms that promise most among those that `keep` allows.
pub(super) fn candidates(
    bundle: &Bundle,
    plan: &Plan,
    most: usize,
    keep: &Keep<'_>,
) -> Vec<Candidate> {
    let tokens = distinct_tokens(bundle, &plan.variants);
    SCRATCH.with_borrow_mut(|scratch| {
        mark(bundle, plan, &tokens, keep, most, scratch);
        let found = promising(bundle, plan, &tokens, scratch, most, keep);
        for term in scratch.touched.drain(..) {
            scratch.masks[term as usize] = 0;
        }
        found
    })
}

/// The plan's tokens, rarest first, each once.
fn distinct_tokens(bundle: &Bundle, variants: &[Variant]) -> Vec<(u32, u32)> {
    let mut tokens: Vec<(u32, u32)> = variants
        .iter()
        .flat_map(|variant| &variant.slots)
        .flat_map(|slot| &slot.alternatives)
        .filter_map(|(id, _)| {
            let record = bundle.tokens().get(*id as usize)?;
            Some((record.terms.get(), *id))
        })
        .collect();
    tokens.sort_unstable();
    tokens.dedup();
    tokens.truncate(MOST_TOKENS);
    tokens
}

/// The most of any reading that a term can cover with the tokens from each place on.
fn remaining(plan: &Plan, tokens: &[(u32, u32)]) -> Vec<f32> {
    let place = |id: u32| tokens.iter().position(|(_, known)| *known == id);
    let mut most = vec![0.0f32; tokens.len() + 1];
    for variant in &plan.variants {
        let total = variant.total().max(0.1);
        let mut from = vec![0.0f32; tokens.len() + 1];
        for slot in &variant.slots {
            // A slot can be filled as long as its last token is to come.
            let last = slot
                .alternatives
                .iter()
                .filter_map(|(id, _)| place(*id))
                .max();
            if let Some(last) = last {
                from[last] += slot.weight / total;
            }
        }
        let mut sum = 0.0;
        for (share, most) in from.iter().zip(&mut most).rev() {
            sum += share;
            *most = most.max(sum * variant.weight);
        }
    }
    most
}

fn mark(
    bundle: &Bundle,
    plan: &Plan,
    tokens: &[(u32, u32)],
    keep: &Keep<'_>,
    most: usize,
    scratch: &mut Scratch,
) {
    scratch.masks.resize(bundle.terms().len(), 0);
    let remaining = remaining(plan, tokens);
    // Terms stand by system, so what lies before and behind those asked is passed over.
    let first = keep
        .runs
        .first()
        .map(|(start, _)| *start)
        .filter(|start| *start > 0);
    let end = keep.runs.last().map_or(0, |(_, end)| *end);
    let everything =
        matches!(keep.runs.as_slice(), [(0, end)] if *end as usize == scratch.masks.len());
    for (bit, (terms, id)) in tokens.iter().enumerate() {
        let Some(record) = bundle.tokens().get(*id as usize) else {
            continue;
        };
        let enough = scratch.touched.len() >= most;
        let only_found = !scratch.touched.is_empty() && *terms > COMMON_TERMS
            || enough && remaining.get(bit).is_some_and(|share| *share < LEAST_SHARE);
        let bit = 1u64 << bit;
        for mut postings in bundle
            .postings(bundle.text(record.text))
            .into_iter()
            .flatten()
        {
            if let Some(first) = first {
                postings.seek(first);
            }
            while postings.docs().first().is_some_and(|term| *term < end) {
                for &term in postings.docs() {
                    let Some(mask) = scratch.masks.get_mut(term as usize) else {
                        continue;
                    };
                    if *mask == 0 {
                        if only_found || !(everything || keep.in_runs(term)) {
                            continue;
                        }
                        scratch.touched.push(term);
                    }
                    *mask |= bit;
                }
                postings.advance();
            }
        }
    }
}

/// What a set of tokens promises at best, and how many terms have it.
struct Group {
    worth: Vec<Worth>,
    best: f32,
    count: usize,
}

fn promising(
    bundle: &Bundle,
    plan: &Plan,
    tokens: &[(u32, u32)],
    scratch: &Scratch,
    most: usize,
    keep: &Keep<'_>,
) -> Vec<Candidate> {
    let bits: HashMap<u32, u32> = (0..).zip(tokens).map(|(bit, (_, id))| (*id, bit)).collect();
    let mut groups: Vec<Group> = Vec::new();
    let mut places: MaskMap = MaskMap::default();
    for &id in &scratch.touched {
        let mask = scratch.masks[id as usize];
        let place = *places.entry(mask).or_insert_with(|| {
            let worth = worth(plan, &bits, mask);
            let best = worth
                .iter()
                .map(|worth| worth.reading * rank::coverage(worth.query, 1.0))
                .fold(0.0, f32::max);
            groups.push(Group {
                worth,
                best,
                count: 0,
            });
            groups.len() - 1
        });
        groups[place].count += 1;
    }
    // A filter may leave out any of them, so all are looked at.
    let least = if keep.check.is_none() {
        least_promise(&groups, most)
    } else {
        0.0
    };
    let mut found: Vec<Candidate> = Vec::new();
    let recall = bundle.recall();
    let mut last = (0, 0);
    for &id in &scratch.touched {
        let mask = scratch.masks[id as usize];
        if mask != last.0 {
            last = (mask, places.get(&mask).copied().unwrap_or(0));
        }
        let group = &groups[last.1];
        if group.best < least {
            continue;
        }
        let Some(term) = recall.get(id as usize) else {
            continue;
        };
        let weight = term.weight.get().max(0.1);
        let promise = group
            .worth
            .iter()
            .map(|worth| {
                worth.reading * rank::coverage(worth.query, (worth.found / weight).min(1.0))
            })
            .fold(0.0, f32::max);
        if promise >= least && keep.check.is_none_or(|check| check(term.concept.get())) {
            found.push(Candidate {
                term: TermId(id),
                promise,
            });
        }
    }
    let by_promise = |a: &Candidate, b: &Candidate| {
        b.promise
            .total_cmp(&a.promise)
            .then_with(|| a.term.cmp(&b.term))
    };
    if found.len() > most {
        found.select_nth_unstable_by(most, by_promise);
        found.truncate(most);
    }
    found.sort_unstable_by(by_promise);
    found
}

/// A promise that at least `most` terms reach, whatever their length.
fn least_promise(groups: &[Group], most: usize) -> f32 {
    let mut by_best: Vec<(f32, usize)> = groups
        .iter()
        .map(|group| (group.best, group.count))
        .collect();
    by_best.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let mut count = 0;
    for (best, terms) in by_best {
        count += terms;
        if count >= most {
            return best * rank::coverage(1.0, 0.0);
        }
    }
    0.0
}

/// Masks are spread already; one multiplication is hash enough.
#[derive(Default)]
struct MaskHasher(u64);

impl std::hash::Hasher for MaskHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, value: u64) {
        let mixed = (self.0 ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 32);
    }
}

type MaskMap = HashMap<u64, usize, std::hash::BuildHasherDefault<MaskHasher>>;

fn worth(plan: &Plan, bits: &HashMap<u32, u32>, mask: u64) -> Vec<Worth> {
    let mut worth: Vec<Worth> = plan
        .variants
        .iter()
        .map(|variant| {
            let mut covered = 0.0;
            for slot in &variant.slots {
                let best = slot
                    .alternatives
                    .iter()
                    .filter(|(id, _)| bits.get(id).is_some_and(|bit| mask & (1 << bit) != 0))
                    .map(|(_, trust)| *trust)
                    .fold(0.0, f32::max);
                covered += best * slot.weight;
            }
            Worth {
                query: covered / variant.total().max(0.1),
                found: covered,
                reading: variant.weight,
            }
        })
        .filter(|worth| worth.query > 0.0)
        .collect();
    // Readings that cannot win whatever the term are left out: lower in all three.
    worth.sort_by(|a, b| (b.query * b.reading).total_cmp(&(a.query * a.reading)));
    worth.truncate(4);
    worth
}
