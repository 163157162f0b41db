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

/// The `most` terms that promise most; `keep` says which terms may answer at all.
pub(super) fn candidates(
    bundle: &Bundle,
    plan: &Plan,
    most: usize,
    keep: &dyn Fn(u32) -> bool,
) -> Vec<Candidate> {
    let tokens = distinct_tokens(bundle, &plan.variants);
    SCRATCH.with_borrow_mut(|scratch| {
        mark(bundle, &tokens, scratch);
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

fn mark(bundle: &Bundle, tokens: &[(u32, u32)], scratch: &mut Scratch) {
    scratch.masks.resize(bundle.terms().len(), 0);
    for (bit, (terms, id)) in tokens.iter().enumerate() {
        let Some(record) = bundle.tokens().get(*id as usize) else {
            continue;
        };
        let only_found = *terms > COMMON_TERMS && !scratch.touched.is_empty();
        let bit = 1u64 << bit;
        for mut postings in bundle
            .postings(bundle.text(record.text))
            .into_iter()
            .flatten()
        {
            while !postings.docs().is_empty() {
                for &term in postings.docs() {
                    let Some(mask) = scratch.masks.get_mut(term as usize) else {
                        continue;
                    };
                    if *mask == 0 {
                        if only_found {
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

fn promising(
    bundle: &Bundle,
    plan: &Plan,
    tokens: &[(u32, u32)],
    scratch: &Scratch,
    most: usize,
    keep: &dyn Fn(u32) -> bool,
) -> Vec<Candidate> {
    let bits: HashMap<u32, u32> = (0..).zip(tokens).map(|(bit, (_, id))| (*id, bit)).collect();
    let mut known: HashMap<u64, Vec<Worth>> = HashMap::new();
    let mut found: Vec<Candidate> = Vec::new();
    let terms = bundle.terms();
    let mut last: (u64, Vec<Worth>) = (0, Vec::new());
    for &id in &scratch.touched {
        let mask = scratch.masks[id as usize];
        if mask != last.0 {
            let worth = known
                .entry(mask)
                .or_insert_with(|| worth(plan, &bits, mask));
            last = (mask, worth.clone());
        }
        let Some(term) = terms.get(id as usize) else {
            continue;
        };
        let weight = term.weight.get().max(0.1);
        let promise = last
            .1
            .iter()
            .map(|worth| {
                worth.reading * rank::coverage(worth.query, (worth.found / weight).min(1.0))
            })
            .fold(0.0, f32::max);
        if promise > 0.0 && keep(term.concept.get()) {
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
