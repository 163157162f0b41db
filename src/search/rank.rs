//! Ranking: a small set of named features, their weights in one table.

use codesets::{CodeSystem, TermKind};
use indexer::bundle::records::{ConceptRecord, TermRecord};
use indexer::bundle::{Bundle, TermId};

use super::axes::Axes;
use super::defaults::title_tokens;
use super::plan::{Plan, Slot, Specificity, Variant};
use super::traits::{INSTEAD, Mark, Traits};

/// A feature of a hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// How much of the query the term covers.
    Query,
    /// How much of the term the query covers.
    Term,
    /// Both at once: the query's share times the root of the term's.
    Both,
    /// The query is the term, word for word.
    ExactText,
    /// The query is the term but for word forms and nonessential words.
    ExactWords,
    /// The term is a title.
    Title,
    /// The term is an Index entry.
    Index,
    /// The term is an inclusion term.
    Inclusion,
    /// The term's first word is the query's last or first.
    Head,
    /// The words stand in the query's order.
    Order,
    /// Words of the query that the term lacks stand in the code's title.
    TitleEvidence,
    /// How much of the code's title the query covers.
    TitleCoverage,
    /// Other terms of the code were found too.
    Support,
    /// The title says something the query does not: `newborn`, `history of`.
    Unasked,
    /// The title stands for the history, the exposure, the screening, not the condition, unasked.
    Instead,
    /// The query says something the title does not.
    Unanswered,
    /// A code for what is not specified elsewhere, when the query does not ask for it.
    Residual,
    /// The title is for want of detail, and the query says no more.
    Unspecified,
    /// The title says of detail what the query says: `NOS` and unspecified, `NEC` and other.
    Specificity,
    /// Side, trimester, encounter, intent, fetus: what the title says against what the query says.
    Axes,
    /// A circumstance, not a condition: external causes and places.
    Circumstance,
    /// A reason for an encounter, not a condition.
    Encounter,
    /// A condition of pregnancy, birth or the newborn.
    Birth,
    /// A code that only adds to another: a HCPCS modifier, an ICD-11 extension code.
    Addition,
    /// A disorder or pattern of traditional medicine.
    TraditionalMedicine,
    /// A manifestation that may never stand first: "in diseases classified elsewhere".
    Manifestation,
    /// Characters of the code beyond the category.
    Depth,
    /// The concept cannot be billed.
    Header,
    /// The code is the default of the header that was found.
    Default,
    /// How many codes that differ in the approach alone stand before it.
    Variant,
    /// How much less at home the query's rarest word is in books of the kind than in others.
    Home,
    /// The code is not part of the release asked.
    Retired,
    /// The code was typed.
    Code,
    /// The place of an answer to several statements: the best of each first.
    Statement,
}

impl Feature {
    /// Every feature with what one unit of it adds to a score.
    pub const WEIGHTS: [(Feature, f32); 34] = [
        (Feature::Query, 0.42),
        (Feature::Term, 0.03),
        (Feature::Both, 0.45),
        (Feature::ExactText, 0.15),
        (Feature::ExactWords, 0.16),
        (Feature::Title, 0.04),
        (Feature::Index, 0.036),
        (Feature::Inclusion, 0.032),
        (Feature::Head, 0.055),
        (Feature::Order, 0.05),
        (Feature::TitleEvidence, 0.2),
        (Feature::TitleCoverage, 0.05),
        (Feature::Support, 0.04),
        (Feature::Unasked, -0.06),
        (Feature::Instead, -0.08),
        (Feature::Unanswered, 0.0),
        (Feature::Residual, -0.03),
        (Feature::Unspecified, -0.02),
        (Feature::Specificity, 0.10),
        (Feature::Axes, 0.15),
        (Feature::Circumstance, 0.0),
        (Feature::Encounter, 0.0),
        (Feature::Birth, -0.02),
        (Feature::Addition, -0.30),
        (Feature::TraditionalMedicine, -0.1),
        (Feature::Manifestation, 0.0),
        (Feature::Depth, 0.0),
        (Feature::Header, -0.14),
        (Feature::Default, 0.016),
        (Feature::Variant, -0.03),
        (Feature::Home, 0.2),
        (Feature::Retired, -0.60),
        (Feature::Code, 2.0),
        (Feature::Statement, 1.0),
    ];

    /// The identifier in explanations.
    pub const fn id(self) -> &'static str {
        match self {
            Feature::Query => "query_coverage",
            Feature::Term => "term_coverage",
            Feature::Both => "two_way_coverage",
            Feature::ExactText => "exact_text",
            Feature::ExactWords => "exact_words",
            Feature::Title => "title",
            Feature::Index => "index",
            Feature::Inclusion => "inclusion",
            Feature::Head => "head",
            Feature::Order => "order",
            Feature::TitleEvidence => "title_evidence",
            Feature::TitleCoverage => "title_coverage",
            Feature::Support => "support",
            Feature::Unasked => "unasked",
            Feature::Instead => "instead",
            Feature::Unanswered => "unanswered",
            Feature::Residual => "residual",
            Feature::Unspecified => "unspecified",
            Feature::Specificity => "specificity",
            Feature::Axes => "axes",
            Feature::Circumstance => "circumstance",
            Feature::Encounter => "encounter",
            Feature::Birth => "birth",
            Feature::Addition => "addition",
            Feature::TraditionalMedicine => "traditional_medicine",
            Feature::Manifestation => "manifestation",
            Feature::Depth => "depth",
            Feature::Header => "header",
            Feature::Default => "default_code",
            Feature::Variant => "variant",
            Feature::Home => "at_home",
            Feature::Retired => "retired",
            Feature::Code => "typed_code",
            Feature::Statement => "statement",
        }
    }

    /// The feature's place in [`Feature::WEIGHTS`], which lists them as they are declared.
    const fn place(self) -> usize {
        self as usize
    }
}

/// The values of all features for one hit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Features([f32; Feature::WEIGHTS.len()]);

impl Default for Features {
    fn default() -> Features {
        Features([0.0; Feature::WEIGHTS.len()])
    }
}

impl Features {
    /// Sets a feature's value.
    pub fn set(&mut self, feature: Feature, value: f32) {
        self.0[feature.place()] = value;
    }

    /// A feature's value.
    pub fn get(&self, feature: Feature) -> f32 {
        self.0[feature.place()]
    }

    /// The score: the weighted sum.
    pub fn score(&self) -> f32 {
        Feature::WEIGHTS
            .iter()
            .zip(self.0)
            .map(|((_, weight), value)| weight * value)
            .sum()
    }

    /// The values, in the order of [`Feature::WEIGHTS`].
    pub fn values(&self) -> &[f32] {
        &self.0
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

/// What a nonessential word of a term counts for a query that says it.
const OPTIONAL_TRUST: f32 = 0.94;

/// What a word counts that the query affirms and the term denies, or the other way about.
const CONTRADICTION_TRUST: f32 = 0.2;

/// How much of a slot's trust stands when a token fills it that the term denies, or affirms.
fn agreement(slot: &Slot, denied: bool) -> f32 {
    match (slot.denied == denied, slot.aside) {
        (true, _) => 1.0,
        (false, true) => 0.0,
        (false, false) => CONTRADICTION_TRUST,
    }
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
            .flat_map(|(id, trust)| {
                tokens
                    .clone()
                    .enumerate()
                    .filter(move |(_, token)| token.id == *id)
                    .map(move |(position, token)| {
                        let optional = if token.optional { OPTIONAL_TRUST } else { 1.0 };
                        (trust * optional * agreement(slot, token.denied), position)
                    })
            })
            // The first of equals, where the words stand.
            .reduce(|best, other| if other.0 > best.0 { other } else { best });
        let Some((trust, position)) = best.filter(|(trust, _)| *trust > 0.0) else {
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
    for (index, token) in tokens.clone().enumerate() {
        if token.optional
            || tokens
                .clone()
                .take(index)
                .any(|other| other.id == token.id && !other.optional)
        {
            continue;
        }
        let weight = bundle
            .tokens()
            .get(token.id as usize)
            .map_or(0.0, |t| t.weight.get());
        let trust = variant
            .slots
            .iter()
            .flat_map(|slot| slot.alternatives.iter().map(move |other| (slot, other)))
            .filter(|(_, (id, _))| *id == token.id)
            .map(|(slot, (_, trust))| *trust * agreement(slot, token.denied))
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
    let every_slot = variant
        .slots
        .iter()
        .enumerate()
        .all(|(place, slot)| slot.aside || (place < 64 && filled & (1 << place) != 0));
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

/// What a reading of the query says beside its words.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asked {
    /// The ideas it names, as bits.
    pub(super) ideas: u32,
    /// What it says on the axes.
    pub(super) axes: Axes,
}

impl Asked {
    /// What `variant` asks.
    pub(super) fn of(traits: &Traits, variant: &Variant) -> Asked {
        let tokens: Vec<u32> = variant
            .slots
            .iter()
            .filter_map(|slot| slot.alternatives.first())
            .map(|(token, _)| *token)
            .collect();
        Asked {
            ideas: tokens
                .iter()
                .fold(0, |ideas, token| ideas | traits.of(*token).ideas),
            axes: Axes::of(traits, &tokens, false),
        }
    }
}

/// What sort of thing a code stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConceptKind {
    /// A condition, a procedure, a supply.
    Plain,
    /// An external cause or a place.
    Circumstance,
    /// A reason for an encounter.
    Encounter,
    /// Pregnancy, birth, the newborn.
    Birth,
    /// What only adds to another code: a HCPCS modifier, an ICD-11 extension code.
    Addition,
    /// A disorder or pattern of traditional medicine (ICD-11, chapter 26).
    TraditionalMedicine,
}

/// What is known of a concept for ranking, whatever the term.
pub(super) struct ConceptView {
    /// The title's tokens, with their weights and whether it denies them.
    title: Vec<(u32, f32, bool)>,
    title_weight: f32,
    ideas: u32,
    kind: ConceptKind,
    unspecified: bool,
    residual: bool,
    manifestation: bool,
    depth: f32,
    pub(super) axes: Axes,
    active: bool,
    billable: bool,
}

impl ConceptView {
    /// Reads what ranking asks of `record`.
    pub(super) fn new(
        bundle: &Bundle,
        traits: &Traits,
        record: &ConceptRecord,
        active: bool,
        billable: bool,
    ) -> ConceptView {
        let mut title: Vec<(u32, f32, bool)> = Vec::with_capacity(12);
        let mut tokens: Vec<u32> = Vec::with_capacity(12);
        let mut title_weight = 0.0;
        let mut ideas = 0;
        let mut marks = [false; 4];
        for token in title_tokens(bundle, record) {
            let id = token.id;
            tokens.push(id);
            let known = traits.of(id);
            ideas |= known.ideas;
            match known.mark {
                Mark::Other => marks[0] = true,
                Mark::Unspecified => marks[1] = true,
                Mark::Elsewhere => marks[2] = true,
                Mark::Disease => marks[3] = true,
                _ => {}
            }
            if title.iter().any(|(known, ..)| *known == id) {
                continue;
            }
            let weight = bundle
                .tokens()
                .get(id as usize)
                .map_or(0.0, |token| token.weight.get());
            title.push((id, weight, token.denied));
            if !token.optional {
                title_weight += weight;
            }
        }
        let is_icd10cm = record.system == CodeSystem::Icd10Cm.number();
        let is_icd11 = record.system == CodeSystem::Icd11Mms.number();
        let is_hcpcs = record.system == CodeSystem::Hcpcs.number();
        let kind = match bundle.text(record.key).as_bytes().first() {
            Some(b'V' | b'W' | b'X' | b'Y') if is_icd10cm => ConceptKind::Circumstance,
            Some(b'Z') if is_icd10cm => ConceptKind::Encounter,
            Some(b'O' | b'P') if is_icd10cm => ConceptKind::Birth,
            Some(b'X') if is_icd11 => ConceptKind::Addition,
            Some(b'S') if is_icd11 => ConceptKind::TraditionalMedicine,
            _ if is_hcpcs && record.code_len == 2 => ConceptKind::Addition,
            _ => ConceptKind::Plain,
        };
        let [residual, unspecified, elsewhere, disease] = marks;
        ConceptView {
            axes: Axes::of(traits, &tokens, true),
            ideas,
            kind,
            unspecified,
            residual,
            manifestation: elsewhere && disease,
            depth: f32::from(record.code_len.saturating_sub(3)) / 4.0,
            title,
            title_weight,
            active,
            billable,
        }
    }
}

/// The features of a term as an answer, and the reading that meets it best.
pub(super) fn features(
    bundle: &Bundle,
    plan: &Plan,
    asked: &[Asked],
    exact: bool,
    term_id: TermId,
    view: &ConceptView,
) -> (Features, usize) {
    let term = bundle.term(term_id);
    let mut best = (f32::MIN, Features::default(), 0);
    for (index, variant) in plan.variants.iter().enumerate() {
        let meeting = meet(bundle, variant, &term);
        if meeting.query == 0.0 {
            continue;
        }
        let mut features = Features::default();
        features.set(Feature::Query, meeting.reading * meeting.query);
        features.set(Feature::Term, meeting.reading * meeting.term);
        features.set(
            Feature::Both,
            meeting.reading * meeting.query * meeting.term.sqrt(),
        );
        features.set(Feature::ExactText, flag(exact));
        features.set(
            Feature::ExactWords,
            flag(meeting.exact_words) * meeting.reading,
        );
        match bundle.kind_of(&term) {
            TermKind::Title => features.set(Feature::Title, 1.0),
            TermKind::IndexEntry => features.set(Feature::Index, 1.0),
            TermKind::InclusionTerm => features.set(Feature::Inclusion, 1.0),
            TermKind::ShortTitle | TermKind::TableEntry | TermKind::Synonym => {}
        }
        features.set(Feature::Head, flag(meeting.head));
        features.set(Feature::Order, meeting.order);
        let (evidence, covered) = title_coverage(variant, meeting.filled, view);
        features.set(Feature::TitleEvidence, evidence * meeting.reading);
        features.set(Feature::TitleCoverage, covered * meeting.reading);
        let asked = asked.get(index).copied().unwrap_or_default();
        set_concept_features(&mut features, asked, plan.specificity, view);
        let score = features.score();
        if score > best.0 {
            best = (score, features, index);
        }
    }
    (best.1, best.2)
}

fn flag(value: bool) -> f32 {
    f32::from(u8::from(value))
}

/// The share of the query that the title covers beyond the term, and the share of the
/// title that the query covers.
fn title_coverage(variant: &Variant, filled: u64, view: &ConceptView) -> (f32, f32) {
    let mut more = 0.0;
    let mut covered = 0.0;
    for (place, slot) in variant.slots.iter().enumerate().take(64) {
        let best = slot
            .alternatives
            .iter()
            .filter_map(|(id, trust)| {
                let (_, weight, denied) = view.title.iter().find(|(token, ..)| token == id)?;
                Some((*trust * agreement(slot, *denied), *weight))
            })
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let Some((trust, weight)) = best else {
            continue;
        };
        covered += trust * weight;
        if filled & (1 << place) == 0 {
            more += trust * slot.weight;
        }
    }
    (
        more / variant.total().max(0.1),
        (covered / view.title_weight.max(0.1)).min(1.0),
    )
}

fn set_concept_features(
    features: &mut Features,
    asked: Asked,
    said: Specificity,
    view: &ConceptView,
) {
    features.set(Feature::Axes, view.axes.agreement(asked.axes));
    let asked = asked.ideas;
    let count = |bits: u32| -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "at most 32")]
        let count = bits.count_ones() as f32;
        count.min(2.0)
    };
    features.set(Feature::Unasked, count(view.ideas & !asked));
    features.set(Feature::Instead, flag(view.ideas & !asked & INSTEAD != 0));
    features.set(Feature::Unanswered, count(asked & !view.ideas));
    let as_said = match said {
        Specificity::Unsaid => false,
        Specificity::Unspecified => view.unspecified,
        Specificity::Other => view.residual,
    };
    features.set(Feature::Specificity, flag(as_said));
    features.set(
        Feature::Residual,
        flag(view.residual && said != Specificity::Other),
    );
    features.set(Feature::Unspecified, flag(view.unspecified));
    features.set(
        Feature::Circumstance,
        flag(view.kind == ConceptKind::Circumstance),
    );
    features.set(
        Feature::Encounter,
        flag(view.kind == ConceptKind::Encounter),
    );
    features.set(Feature::Birth, flag(view.kind == ConceptKind::Birth));
    features.set(Feature::Addition, flag(view.kind == ConceptKind::Addition));
    features.set(
        Feature::TraditionalMedicine,
        flag(view.kind == ConceptKind::TraditionalMedicine),
    );
    features.set(Feature::Manifestation, flag(view.manifestation));
    features.set(Feature::Depth, view.depth);
    features.set(Feature::Header, flag(!view.billable));
    features.set(Feature::Retired, flag(!view.active));
}

/// Gives the features of a term to a sibling of the concept it names.
pub(super) fn set_sibling(features: &mut Features, asked: Asked, view: &ConceptView) {
    features.set(Feature::Axes, view.axes.agreement(asked.axes));
    features.set(Feature::Header, flag(!view.billable));
    features.set(Feature::Retired, flag(!view.active));
    features.set(Feature::Default, 0.0);
    features.set(Feature::ExactText, 0.0);
    features.set(Feature::Unspecified, flag(view.unspecified));
    features.set(Feature::Depth, view.depth);
}

/// Sets the feature for other terms of the concept that were found.
pub(super) fn set_support(features: &mut Features, value: f32) {
    features.set(Feature::Support, value);
}

/// Sets the feature for codes that differ in the approach alone.
pub(super) fn set_variant(features: &mut Features, value: f32) {
    features.set(Feature::Variant, value);
}

/// Sets the feature for systems of several kinds that answer together.
pub(super) fn set_home(features: &mut Features, value: f32) {
    features.set(Feature::Home, value);
}

/// Sets the feature for a query that holds a code.
pub(super) fn set_code(features: &mut Features, value: f32) {
    features.set(Feature::Code, value);
}

/// Sets the feature that orders the answers to several statements: the score falls by a
/// hundredth from place to place.
pub(super) fn set_statement(features: &mut Features, place: usize) {
    features.set(Feature::Statement, 0.0);
    #[expect(clippy::cast_precision_loss, reason = "at most some hundreds")]
    let wanted = 1.0 - 0.01 * place as f32;
    features.set(Feature::Statement, wanted - features.score());
}

/// Sets the features of a default code that answers for its header.
pub(super) fn set_default(features: &mut Features) {
    features.set(Feature::Header, 0.0);
    features.set(Feature::Default, 1.0);
}
