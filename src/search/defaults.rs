//! The default code of a header: what the bare words of a category are coded to.

use indexer::bundle::{Bundle, ConceptId};

/// What a default code may say it is without.
const WITHOUT: [&str; 8] = ["complic", "mention", "exacerb", "current", "status", "acut", "obstruct", "gangren"];

/// Words that a default code adds to its header's title: they say that nothing more is known.
const NOTHING_MORE: [&str; 15] = [
    "unspecified", "unspecifi", "without", "uncompl", "not", "elsewher", "classifi", "specifi", "otherwis",
    "site", "type", "organ", "organism", "intract", "part",
];

/// The billable code that a bare mention of the header `concept` is coded to, if it has one.
///
/// At each level it is the child whose title adds nothing but the want of
/// detail ("without complications", "unspecified"). A choice of side or of
/// encounter is the coder's and is not taken: there the header is the answer.
pub(super) fn default_code(bundle: &Bundle, concept: ConceptId, bit: u64) -> Option<ConceptId> {
    let mut at = concept;
    for _ in 0..5 {
        let record = bundle.concept(at);
        if record.billable.get() & bit != 0 {
            return (at != concept).then_some(at);
        }
        at = default_child(bundle, at, bit)?;
    }
    None
}

fn default_child(bundle: &Bundle, header: ConceptId, bit: u64) -> Option<ConceptId> {
    let record = bundle.concept(header);
    let own = bundle.analyzer().stems(bundle.text(record.title));
    let mut best: Option<(usize, ConceptId)> = None;
    for child in children(bundle, header) {
        let record = bundle.concept(child);
        if record.present.get() & bit == 0 {
            continue;
        }
        let title = bundle.analyzer().stems(bundle.text(record.title));
        let without = title.iter().any(|stem| stem == "without" || stem == "uncompl");
        let says_nothing_more = title.iter().all(|stem| {
            own.contains(stem)
                || NOTHING_MORE.contains(&stem.as_str())
                || (without && WITHOUT.contains(&stem.as_str()))
        });
        let unspecified = title.iter().any(|stem| stem == "unspecifi" || stem == "unspecified");
        let rank = match (says_nothing_more, unspecified, without) {
            (true, true, _) => 0,
            (true, false, true) => 1,
            // "G43.909 Migraine, unspecified, not intractable, without status": words that only
            // the unspecified child has are details of what is not specified.
            (false, true, _) if bundle.text(record.key).ends_with('9') => 2,
            (false, true, _) if bundle.text(record.key).ends_with('0') => 3,
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
