//! The default code of a header: what the bare words of a category are coded to.

use codesets::TermKind;
use indexer::bundle::records::ConceptRecord;
use indexer::bundle::{Bundle, ConceptId, TermToken};

use super::traits::{Mark, Traits};

/// The billable code that a bare mention of the header `concept` is coded to, if it has one.
///
/// At each level it is the child whose title adds nothing but the want of
/// detail ("without complications", "unspecified"). A choice of side or of
/// encounter is the coder's and is not taken: there the header is the answer.
pub(super) fn default_code(
    bundle: &Bundle,
    traits: &Traits,
    concept: ConceptId,
    bit: u64,
) -> Option<ConceptId> {
    let mut at = concept;
    for _ in 0..5 {
        let record = bundle.concept(at);
        if record.billable.get() & bit != 0 {
            return (at != concept).then_some(at);
        }
        at = default_child(bundle, traits, at, bit)?;
    }
    None
}

/// The tokens of the concept's title.
pub(super) fn title_tokens<'a>(
    bundle: &'a Bundle,
    record: &ConceptRecord,
) -> impl Iterator<Item = TermToken> + use<'a> {
    let title = bundle
        .terms_of(record)
        .iter()
        .find(|term| bundle.kind_of(term) == TermKind::Title);
    title.into_iter().flat_map(|term| bundle.tokens_of(term))
}

fn default_child(
    bundle: &Bundle,
    traits: &Traits,
    header: ConceptId,
    bit: u64,
) -> Option<ConceptId> {
    let record = bundle.concept(header);
    let own: Vec<u32> = title_tokens(bundle, &record)
        .map(|token| token.id)
        .collect();
    let mut best: Option<(usize, ConceptId)> = None;
    for child in children(bundle, header) {
        let record = bundle.concept(child);
        if record.present.get() & bit == 0 {
            continue;
        }
        let title: Vec<u32> = title_tokens(bundle, &record)
            .map(|token| token.id)
            .collect();
        let marked = |mark: Mark| title.iter().any(|token| traits.of(*token).mark == mark);
        let (unspecified, without) = (marked(Mark::Unspecified), marked(Mark::Without));
        let says_nothing_more = title.iter().all(|token| {
            let traits = traits.of(*token);
            own.contains(token) || traits.nothing_more || (without && traits.after_without)
        });
        let key = bundle.text(record.key);
        let rank = match (says_nothing_more, unspecified, without) {
            (true, true, _) => 0,
            (true, false, true) => 1,
            // "G43.909 Migraine, unspecified, not intractable, without status": words that only
            // the unspecified child has are details of what is not specified.
            (false, true, _) if key.ends_with('9') => 2,
            (false, true, _) if key.ends_with('0') => 3,
            _ => continue,
        };
        if best.is_none_or(|(known, _)| rank < known) {
            best = Some((rank, child));
        }
    }
    best.map(|(_, child)| child)
}

/// The children of a concept, in tabular order.
pub fn children(bundle: &Bundle, parent: ConceptId) -> impl Iterator<Item = ConceptId> + '_ {
    let end = bundle.concept(parent).subtree_end.get();
    let mut next = parent.0 + 1;
    std::iter::from_fn(move || {
        (next < end).then(|| {
            let child = ConceptId(next);
            // Never backwards, whatever the record says.
            next = bundle.concept(child).subtree_end.get().max(next + 1);
            child
        })
    })
}
