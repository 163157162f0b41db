//! Ranking: a small set of named features, their weights in one table.

use codesets::TermKind;
use indexer::bundle::records::{ConceptRecord, TermRecord};
use indexer::bundle::{Bundle, TermId};

use super::plan::{Plan, Specificity, Variant};

/// A feature of a hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// How much of the query the term covers and of the term the query covers.
    Coverage,
    /// The query is the term, word for word.
    ExactText,
    /// The query is the term but for word forms and nonessential words.
    ExactWords,
    /// How the term came to name its code.
    Kind,
    /// The term's first word is the query's last or first.
    Head,
    /// The words stand in the query's order.
    Order,
    /// Words of the query that the term lacks stand in the code's title.
    TitleEvidence,
    /// The title says something the query does not: `newborn`, `history of`.
    Unasked,
    /// The title denies, or the query does, what the other does not.
    Negation,
    /// A code for what is not specified elsewhere, when the query does not ask for it.
    Residual,
    /// The title says of detail what the query says: `NOS` and unspecified, `NEC` and other.
    Specificity,
    /// The concept cannot be billed.
    Header,
    /// The code is not part of the release asked.
    Retired,
    /// The code was typed.
    Code,
}

impl Feature {
    /// Every feature with what one unit of it adds to a score.
    pub const WEIGHTS: [(Feature, f32); 14] = [
        (Feature::Coverage, 1.0),
        (Feature::ExactText, 0.30),
        (Feature::ExactWords, 0.12),
        (Feature::Kind, 0.04),
        (Feature::Head, 0.03),
        (Feature::Order, 0.02),
        (Feature::TitleEvidence, 0.15),
        (Feature::Unasked, -0.20),
        (Feature::Negation, -0.20),
        (Feature::Residual, -0.02),
        (Feature::Specificity, 0.10),
        (Feature::Header, -0.01),
        (Feature::Retired, -0.60),
        (Feature::Code, 2.0),
    ];

    /// The identifier in explanations.
    pub const fn id(self) -> &'static str {
        match self {
            Feature::Coverage => "coverage",
            Feature::ExactText => "exact_text",
            Feature::ExactWords => "exact_words",
            Feature::Kind => "kind",
            Feature::Head => "head",
            Feature::Order => "order",
            Feature::TitleEvidence => "title_evidence",
            Feature::Unasked => "unasked",
            Feature::Negation => "negation",
            Feature::Residual => "residual",
            Feature::Specificity => "specificity",
            Feature::Header => "header",
            Feature::Retired => "retired",
            Feature::Code => "code",
        }
    }

    fn place(self) -> usize {
        Feature::WEIGHTS
            .iter()
            .position(|(feature, _)| *feature == self)
            .unwrap_or(0)
    }
}

/// The values of all features for one hit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Features([f32; Feature::WEIGHTS.len()]);

impl Features {
    /// Sets a feature's value.
    pub fn set(&mut self, feature: Feature, value: f32) {
        self.0[feature.place()] = value;
    }

    /// The score: the weighted sum.
    pub fn score(&self) -> f32 {
        Feature::WEIGHTS
            .iter()
            .zip(self.0)
            .map(|((_, weight), value)| weight * value)
            .sum()
    }

    /// Every feature that moved the score, with what it added.
    pub fn contributions(&self) -> Vec<(Feature, f32)> {
        Feature::WEIGHTS
            .iter()
            .zip(self.0)
            .filter(|(_, value)| *value != 0.0)
            .map(|((feature, weight), value)| (*feature, weight * value))
            .collect()
    }
}

/// Two-way coverage: a term should hold the query, and the query the term.
///
/// `query` and `term` are shares of weight between 0 and 1. The query's share
/// counts more, because a coder leaves words out more often than adds them.
pub(super) fn coverage(query: f32, term: f32) -> f32 {
    query * (0.55 + 0.45 * term.sqrt())
}

/// Words that change what a code is for; a title with one of them answers only
/// a query that says so. Each list is one idea; stems as the analyzer makes them.
const IDEAS: [&[&str]; 22] = [
    &[
        "newborn", "neonat", "perinat", "infant", "fetus", "fetal", "birth",
    ],
    &[
        "pregnanc",
        "childbirth",
        "puerperium",
        "pueperium",
        "obstetr",
        "gestat",
        "antepartum",
        "matern",
        "trimest",
        "labor",
        "deliveri",
        "postpartum",
    ],
    &["histori"],
    &["famili"],
    &["screen"],
    &["sequela", "late"],
    &["subsequ"],
    &["exposur", "contact"],
    &["encount", "aftercar", "follow"],
    &["poison", "toxic", "overdos"],
    &["advers", "underdos"],
    &["fear", "phobia"],
    &[
        "procedur",
        "postprocedur",
        "intraop",
        "surgeri",
        "postop",
        "complic",
    ],
    &["secondari", "metastasi"],
    &["congenit"],
    &["bilater"],
    &["right"],
    &["left"],
    &["drug", "induc"],
    &["traumat"],
    &["situ"],
    &["vaccin", "immun"],
];

/// What the stems of a text mean in the sense of [`IDEAS`], a bit an idea.
pub(super) fn ideas<'a>(stems: impl Iterator<Item = &'a str>) -> u32 {
    let mut found = 0;
    for stem in stems {
        for (bit, idea) in IDEAS.iter().enumerate() {
            if idea.contains(&stem) {
                found |= 1 << bit;
            }
        }
    }
    found
}

/// How a reading and a term meet.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Meeting {
    pub(super) query: f32,
    pub(super) term: f32,
    pub(super) exact_words: bool,
    pub(super) head: bool,
    pub(super) order: f32,
    pub(super) reading: f32,
    /// The slots that were filled, a bit each.
    pub(super) filled: u64,
}

/// Measures how `variant` and `term` meet.
pub(super) fn meet(bundle: &Bundle, variant: &Variant, term: &TermRecord) -> Meeting {
    let mut covered = 0.0;
    let mut found = 0.0;
    let mut filled = 0u64;
    let mut in_order = 0u32;
    let mut filled_count = 0u32;
    let mut last_position = None;
    let mut head = false;
    let tokens = bundle.tokens_of(term);
    let slots = variant.slots.len();
    for (place, slot) in variant.slots.iter().enumerate().take(64) {
        let best = slot
            .alternatives
            .iter()
            .filter_map(|(id, trust)| {
                let position = tokens.clone().position(|(token, _)| token == *id)?;
                Some((*trust, position))
            })
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let Some((trust, position)) = best else {
            continue;
        };
        covered += trust * slot.weight;
        filled |= 1 << place;
        filled_count += 1;
        if last_position.is_none_or(|last| position > last) {
            in_order += 1;
        }
        last_position = Some(position);
        head |= position == 0 && (place == 0 || place + 1 == slots);
    }
    let mut seen_weight = 0.0;
    let mut all_required = true;
    for (index, (token, optional)) in tokens.clone().enumerate() {
        if optional
            || tokens
                .clone()
                .take(index)
                .any(|(other, o)| other == token && !o)
        {
            continue;
        }
        let weight = bundle
            .tokens()
            .get(token as usize)
            .map_or(0.0, |t| t.weight.get());
        let trust = variant
            .slots
            .iter()
            .flat_map(|slot| &slot.alternatives)
            .filter(|(id, _)| *id == token)
            .map(|(_, trust)| *trust)
            .fold(0.0, f32::max);
        if trust == 0.0 {
            all_required = false;
        }
        found += trust * weight;
        seen_weight += weight;
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of words in a phrase")]
    let order = if filled_count > 1 {
        in_order as f32 / filled_count as f32
    } else {
        1.0
    };
    let every_slot = filled_count as usize == slots;
    Meeting {
        query: covered / variant.total().max(0.1),
        term: if seen_weight > 0.0 {
            (found / seen_weight).min(1.0)
        } else {
            1.0
        },
        exact_words: every_slot && all_required,
        head,
        order,
        reading: variant.weight,
        filled,
    }
}

/// What is known of a concept for ranking, whatever the term.
pub(super) struct ConceptView<'a> {
    pub(super) record: &'a ConceptRecord,
    pub(super) title_stems: Vec<String>,
    pub(super) ideas: u32,
    pub(super) active: bool,
    pub(super) billable: bool,
}

/// The features of a term as an answer, and the reading that meets it best.
pub(super) fn features(
    bundle: &Bundle,
    plan: &Plan,
    query_ideas: &[u32],
    exact: bool,
    term_id: TermId,
    view: &ConceptView<'_>,
) -> (Features, usize) {
    let term = bundle.term(term_id);
    let mut best = (f32::MIN, Features::default(), 0);
    for (index, variant) in plan.variants.iter().enumerate() {
        let meeting = meet(bundle, variant, &term);
        if meeting.query == 0.0 {
            continue;
        }
        let mut features = Features::default();
        features.set(
            Feature::Coverage,
            meeting.reading * coverage(meeting.query, meeting.term),
        );
        features.set(Feature::ExactText, f32::from(u8::from(exact)));
        features.set(
            Feature::ExactWords,
            f32::from(u8::from(meeting.exact_words)) * meeting.reading,
        );
        features.set(Feature::Kind, kind_value(bundle.kind_of(&term)));
        features.set(Feature::Head, f32::from(u8::from(meeting.head)));
        features.set(Feature::Order, meeting.order);
        features.set(
            Feature::TitleEvidence,
            title_evidence(bundle, variant, meeting.filled, &view.title_stems) * meeting.reading,
        );
        let asked = query_ideas.get(index).copied().unwrap_or(0);
        set_concept_features(&mut features, asked, plan.specificity, view);
        let score = features.score();
        if score > best.0 {
            best = (score, features, index);
        }
    }
    (best.1, best.2)
}

fn kind_value(kind: TermKind) -> f32 {
    match kind {
        TermKind::Title => 1.0,
        TermKind::IndexEntry => 0.9,
        TermKind::InclusionTerm => 0.8,
        TermKind::Synonym => 0.6,
        TermKind::ShortTitle => 0.5,
        TermKind::TableEntry => 0.0,
    }
}

/// The share of the query that the title covers beyond the term.
fn title_evidence(bundle: &Bundle, variant: &Variant, filled: u64, title: &[String]) -> f32 {
    let mut more = 0.0;
    for (place, slot) in variant.slots.iter().enumerate().take(64) {
        if filled & (1 << place) != 0 {
            continue;
        }
        let in_title = slot.alternatives.iter().any(|(id, _)| {
            bundle
                .tokens()
                .get(*id as usize)
                .is_some_and(|token| title.iter().any(|stem| stem == bundle.text(token.text)))
        });
        if in_title {
            more += slot.weight;
        }
    }
    more / variant.total().max(0.1)
}

fn set_concept_features(features: &mut Features, asked: u32, said: Specificity, view: &ConceptView<'_>) {
    let unasked = (view.ideas & !asked).count_ones();
    #[expect(clippy::cast_precision_loss, reason = "at most 32")]
    features.set(Feature::Unasked, (unasked as f32).min(2.0));
    let has = |wanted: &str| view.title_stems.iter().any(|stem| stem == wanted);
    let is_residual = has("other");
    let as_said = match said {
        Specificity::Unsaid => false,
        Specificity::Unspecified => has("unspecifi"),
        Specificity::Other => is_residual,
    };
    features.set(Feature::Specificity, f32::from(u8::from(as_said)));
    features.set(Feature::Residual, f32::from(u8::from(is_residual && said != Specificity::Other)));
    features.set(Feature::Header, f32::from(u8::from(!view.billable)));
    features.set(Feature::Retired, f32::from(u8::from(!view.active)));
}

/// Sets the feature for a query that holds a code.
pub(super) fn set_code(features: &mut Features, value: f32) {
    features.set(Feature::Code, value);
}

/// Sets the feature for a title that denies what the query affirms, or the other way round.
pub(super) fn set_negation(features: &mut Features, value: f32) {
    features.set(Feature::Negation, value);
}
