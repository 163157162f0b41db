//! The searcher: a bundle with its lexicon, asked for answers.

use std::collections::HashMap;
use std::sync::Arc;

use codesets::{Code, CodeSystem};
use indexer::book::Level;
use indexer::bundle::{Bundle, ConceptId, LoadedRelease, TermId};
use indexer::text::{phrase, phrase_digest, skeleton};
use jiff::civil::Date;

use super::axes::{Axes, Axis};
use super::candidates::{Candidate, Keep, candidates};
use super::competition::{Competitor, Homes};
use super::defaults::{children, default_code, title_tokens};
use super::plan::{Plan, plan};
use super::rank::{
    Asked, ConceptView, Features, features, meet, set_code, set_default, set_home, set_sibling,
    set_support, set_variant,
};
use super::senses::ChosenSense;
use super::statements;
use super::traits::{Mark, Traits};

/// The terms that are looked at closely.
const MOST_CANDIDATES: usize = 150;
/// The hits whose siblings are looked through for the side or encounter asked.
const MOST_FINISHED: usize = 20;
/// The most siblings looked at for each.
const MOST_SIBLINGS: usize = 128;
/// The headers whose default codes are looked for.
const MOST_DEFAULTS: usize = 12;
/// The concepts that are ranked and can be paged through.
const MOST_HITS: usize = 100;
/// The longest query that is read, in bytes; the rest is cut off.
const MOST_QUERY_BYTES: usize = 4096;

/// How the end of a query is to be taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// The last word may be the beginning of one: somebody is typing.
    Complete,
    /// The words are whole.
    #[default]
    Final,
}

/// Which concepts may answer.
#[derive(Clone, Debug, Default)]
pub struct Filters {
    /// The systems; all when empty.
    pub systems: Vec<CodeSystem>,
    /// Only codes that can be billed.
    pub billable: Option<bool>,
    /// Only codes of the chapter with this number.
    pub chapter: Option<String>,
}

/// A question.
#[derive(Clone, Debug)]
pub struct SearchRequest {
    /// The words, as typed.
    pub text: String,
    /// Which concepts may answer.
    pub filters: Filters,
    /// The day of service.
    pub date: Date,
    /// How the end of the text is to be taken.
    pub mode: Mode,
    /// Phrases of the text with the sense they shall be read in.
    pub senses: Vec<ChosenSense>,
    /// How many hits are skipped.
    pub offset: usize,
    /// How many hits are wanted.
    pub limit: usize,
}

/// Why a question cannot be answered.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum SearchError {
    /// The bundle holds nothing of the system.
    #[error("no release of {0} is loaded")]
    SystemNotLoaded(CodeSystem),
    /// The bundle's newest release of the system has no such chapter.
    #[error("no loaded system has a chapter of that number")]
    UnknownChapter,
}

/// A concept that answers, with the term that found it.
#[derive(Clone, Debug)]
pub struct Hit {
    /// The concept.
    pub concept: ConceptId,
    /// The term that found it; `None` when a typed code did.
    pub term: Option<TermId>,
    /// The header that the term names, when the hit is its default code.
    pub default_of: Option<ConceptId>,
    /// The features, whose weighted sum is the score.
    pub features: Features,
    /// The score.
    pub score: f32,
    /// The reading of the plan that the term meets best.
    pub variant: usize,
    /// The statement that it answers, where the query holds several.
    pub statement: Option<u8>,
}

/// An answer.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// How the query was read.
    pub plan: Plan,
    /// The hits of the page, best first.
    pub hits: Vec<Hit>,
    /// How many hits there are over all pages.
    pub total: usize,
    /// Whether `total` is all there is, or where ranking stopped.
    pub total_exact: bool,
}

/// Answers questions from one bundle.
#[derive(Debug)]
pub struct Searcher {
    bundle: Arc<Bundle>,
    traits: Arc<Traits>,
    /// For each system number the run of its terms.
    terms: [(u32, u32); 16],
    /// A searcher for each system, over its own view of the bundle.
    systems: Vec<(CodeSystem, Searcher)>,
}

impl Searcher {
    /// Prepares `bundle` for questions.
    pub fn new(bundle: Arc<Bundle>) -> Searcher {
        let mut terms = [(u32::MAX, 0); 16];
        for concept in bundle.concepts() {
            if let Some(run) = terms.get_mut(usize::from(concept.system)) {
                let (start, len) = (concept.terms.start.get(), concept.terms.len.get());
                if len > 0 {
                    *run = (run.0.min(start), run.1.max(start + len));
                }
            }
        }
        let traits = Arc::new(Traits::new(&bundle));
        let of_system = |system| Searcher {
            bundle: Arc::new(bundle.view(system)),
            traits: Arc::clone(&traits),
            terms,
            systems: Vec::new(),
        };
        Searcher {
            systems: bundle
                .systems()
                .map(|system| (system, of_system(system)))
                .collect(),
            traits,
            terms,
            bundle,
        }
    }

    /// The bundle.
    pub fn bundle(&self) -> &Arc<Bundle> {
        &self.bundle
    }

    /// Answers `request`.
    ///
    /// The order is total: by score, then tabular order. It depends on the
    /// bundle, the text, the filters and the day alone, never on the page.
    ///
    /// # Errors
    /// When a filter names a system or a chapter that is not loaded.
    pub fn search(&self, request: &SearchRequest) -> Result<Answer, SearchError> {
        self.search_within(request, &[])
    }

    /// As [`Searcher::search`], among the concepts at and below `roots`; among all without any.
    ///
    /// # Errors
    /// When a filter names a system or a chapter that is not loaded.
    pub fn search_within(
        &self,
        request: &SearchRequest,
        roots: &[ConceptId],
    ) -> Result<Answer, SearchError> {
        let scope = Scope::new(&self.bundle, &request.filters, request.date)?.within(roots);
        let text = cut(&request.text, MOST_QUERY_BYTES);
        let reading = HowRead {
            unfinished: request.mode == Mode::Complete,
            senses: &request.senses,
        };
        let found = self.find(text, reading, &scope);
        let Found { plan, hits, exact } = self
            .find_statements(text, reading, &scope, &found)
            .unwrap_or(found);
        let total = hits.len();
        let hits = hits
            .into_iter()
            .skip(request.offset)
            .take(request.limit)
            .collect();
        Ok(Answer {
            plan,
            hits,
            total,
            total_exact: exact,
        })
    }

    /// Everything that answers `text`, best first.
    fn find(&self, text: &str, reading: HowRead<'_>, scope: &Scope<'_>) -> Found {
        let mut found: Vec<Found> = self
            .systems
            .iter()
            .filter(|(system, _)| scope.has(*system))
            .map(|(system, searcher)| {
                searcher.find_in(text, reading, &scope.only(*system), *system)
            })
            .collect();
        // The readings of the system that answers best come first.
        let best = |found: &Found| found.hits.first().map_or(f32::MIN, |hit| hit.score);
        found.sort_by(|a, b| best(b).total_cmp(&best(a)));
        let mut found = found.into_iter();
        let Found {
            mut plan,
            mut hits,
            mut exact,
        } = found.next().unwrap_or_default();
        for other in found {
            let readings = plan.variants.len();
            hits.extend(other.hits.into_iter().map(|hit| Hit {
                variant: hit.variant + readings,
                ..hit
            }));
            plan.take_in(other.plan);
            exact &= other.exact;
        }
        self.let_compete(&plan, scope, &mut hits);
        hits.sort_by(by_score);
        exact &= hits.len() <= MOST_HITS;
        hits.truncate(MOST_HITS);
        Found { plan, hits, exact }
    }

    /// The share of the words of `text[start..end]` that the best answer to the whole covers.
    fn covers(&self, whole: &Found, start: usize, end: usize) -> f32 {
        let bundle = &*self.bundle;
        let Some(hit) = whole.hits.first() else {
            return 0.0;
        };
        let variant = whole.plan.variants.get(hit.variant);
        let Some((variant, term)) = variant.zip(hit.term) else {
            return 0.0;
        };
        let filled = meet(bundle, variant, &bundle.term(term)).filled;
        let slots = variant.slots.iter().enumerate().take(64);
        let (mut found, mut all) = (0.0, 0.0);
        for (place, slot) in slots.filter(|(_, slot)| (start..end).contains(&slot.start)) {
            all += slot.weight;
            if filled & (1 << place) != 0 {
                found += slot.weight;
            }
        }
        if all > 0.0 { found / all } else { 0.0 }
    }

    /// What answers the statements of `text`, when it holds several.
    fn find_statements(
        &self,
        text: &str,
        reading: HowRead<'_>,
        scope: &Scope<'_>,
        whole: &Found,
    ) -> Option<Found> {
        if !whole.plan.codes.is_empty() || !statements::may_be_several(&whole.hits) {
            return None;
        }
        let cuts = statements::cuts(text);
        let spoken_of = |&&(start, end): &&(usize, usize)| {
            self.covers(whole, start, end) >= statements::SPOKEN_OF
        };
        if cuts.iter().filter(spoken_of).count() > 1 {
            return None;
        }
        let find = |start: usize, end: usize| {
            let reading = HowRead {
                unfinished: reading.unfinished && end == text.len(),
                ..reading
            };
            let said = &text[start..end];
            self.find(&said[statements::uncertainty(said)..], reading, scope)
        };
        let mut answered: Vec<(usize, usize, Found)> = Vec::new();
        for (start, end) in cuts {
            if statements::is_denied(&text[start..end]) {
                continue;
            }
            let alone = find(start, end);
            if !statements::stands_alone(&alone)
                && let Some((before, ..)) = answered.last()
            {
                let together = find(*before, end);
                if statements::holds_together(&together) {
                    let before = *before;
                    answered.pop();
                    answered.push((before, end, together));
                    continue;
                }
            }
            answered.push((start, end, alone));
        }
        answered.sort_by_key(|(start, end, _)| statements::uncertainty(&text[*start..*end]) > 0);
        let named = answered
            .into_iter()
            .map(|(start, end, found)| (phrase(&text[start..end]), found))
            .collect();
        statements::join(whole, named)
    }

    /// Lets systems of several kinds compete fairly in one list.
    fn let_compete(&self, plan: &Plan, scope: &Scope<'_>, hits: &mut [Hit]) {
        let asked = || self.systems.iter().filter(|(system, _)| scope.has(*system));
        let counts: Vec<_> = asked()
            .map(|(_, searcher)| {
                let tokens = searcher.bundle.tokens();
                move |token: u32| {
                    let record = tokens.get(token as usize);
                    record.map_or(0, |record| record.terms.get())
                }
            })
            .collect();
        let competitors: Vec<Competitor<'_>> = asked()
            .zip(&counts)
            .map(|((system, _), holding)| {
                let run = self.terms.get(usize::from(system.number())).copied();
                let (start, end) = run.unwrap_or_default();
                Competitor {
                    system: *system,
                    terms: end.saturating_sub(start),
                    holding,
                }
            })
            .collect();
        let Some(homes) = Homes::of(plan, &competitors) else {
            return;
        };
        for hit in hits.iter_mut().filter(|hit| hit.term.is_some()) {
            let system = self.bundle.system_of(&self.bundle.concept(hit.concept));
            set_home(&mut hit.features, homes.lack(system));
            hit.score = hit.features.score();
        }
    }

    /// Everything that one system answers, best first.
    fn find_in(
        &self,
        text: &str,
        reading: HowRead<'_>,
        scope: &Scope<'_>,
        system: CodeSystem,
    ) -> Found {
        let procedural = matches!(
            system,
            CodeSystem::Icd10Pcs | CodeSystem::Hcpcs | CodeSystem::Cpt
        );
        let HowRead { unfinished, senses } = reading;
        let plan = plan(&self.bundle, text, unfinished, procedural, senses);
        let mut hits = self.code_hits(&plan, text, scope);
        let stubs: &[String] = if plan.variants.is_empty() {
            &[]
        } else {
            &plan.codes
        };
        let mut text_hits = self.text_hits(&plan, text, scope, stubs);
        if text_hits.is_empty() && !stubs.is_empty() {
            text_hits = self.text_hits(&plan, text, scope, &[]);
        }
        let exact = text_hits.len() < MOST_HITS;
        hits.retain(|hit| text_hits.iter().all(|other| other.concept != hit.concept));
        hits.extend(text_hits);
        hits.sort_by(by_score);
        if system == CodeSystem::Icd10Pcs {
            spread_variants(&self.bundle, &mut hits);
        }
        hits.truncate(MOST_HITS);
        Found { plan, hits, exact }
    }

    /// Hits for codes that were typed: the code itself, then what lies below it.
    fn code_hits(&self, plan: &Plan, text: &str, scope: &Scope<'_>) -> Vec<Hit> {
        let typed = text.to_ascii_uppercase();
        let mut hits = Vec::new();
        for code in &plan.codes {
            for system in self.bundle.systems().filter(|system| scope.has(*system)) {
                let (below, exact) = self.codes_below(system, code);
                for concept in below.take(MOST_HITS) {
                    if !scope.holds(concept) {
                        continue;
                    }
                    let record = self.bundle.concept(concept);
                    let mut features = Features::default();
                    // Longer codes lie deeper; each level below the typed code costs a little.
                    let deeper = usize::from(record.code_len).saturating_sub(code.len());
                    #[expect(clippy::cast_precision_loss, reason = "at most 255")]
                    let value = if exact == Some(concept) {
                        // J1100 is a code as it stands, and J11.00 without its dot.
                        let as_printed = typed.contains(&Code::dotted(system, code));
                        if as_printed { 1.0 } else { 0.99 }
                    } else {
                        0.8 - 0.05 * deeper as f32
                    };
                    set_code(&mut features, value);
                    hits.push(Hit {
                        concept,
                        term: None,
                        default_of: None,
                        features,
                        score: features.score(),
                        variant: 0,
                        statement: None,
                    });
                }
            }
        }
        hits
    }

    /// The concepts whose code begins with `code`, in tabular order, and the code itself.
    fn codes_below(
        &self,
        system: CodeSystem,
        code: &str,
    ) -> (impl Iterator<Item = ConceptId> + use<>, Option<ConceptId>) {
        use fst::{IntoStreamer, Streamer};
        let exact = self.bundle.find(system, code);
        let mut key = vec![system.number()];
        key.extend_from_slice(code.as_bytes());
        let mut upper = key.clone();
        upper.push(0xff);
        let mut found: Vec<ConceptId> = Vec::new();
        let mut stream = self
            .bundle
            .codes()
            .range()
            .ge(&key)
            .lt(&upper)
            .into_stream();
        while let Some((_, id)) = stream.next() {
            let Ok(id) = u32::try_from(id) else { continue };
            if self.bundle.concept(ConceptId(id)).level == Level::Code.number() {
                found.push(ConceptId(id));
            }
            if found.len() >= 4 * MOST_HITS {
                break;
            }
        }
        found.sort_unstable();
        (found.into_iter(), exact)
    }

    fn text_hits(&self, plan: &Plan, text: &str, scope: &Scope<'_>, stubs: &[String]) -> Vec<Hit> {
        if plan.variants.is_empty() {
            return Vec::new();
        }
        let bundle = &*self.bundle;
        let in_stubs = |concept: u32| {
            let record = bundle.concepts().get(concept as usize);
            stubs.is_empty()
                || record.is_some_and(|record| {
                    let key = bundle.text(record.key);
                    stubs.iter().any(|stub| key.starts_with(stub.as_str()))
                })
        };
        let checked = scope.is_narrow() || !stubs.is_empty();
        let mut found = candidates(
            bundle,
            plan,
            MOST_CANDIDATES,
            &Keep {
                runs: self.runs(scope),
                check: checked
                    .then_some(&|concept| scope.holds(ConceptId(concept)) && in_stubs(concept)),
            },
        );
        let exact: Vec<u32> = bundle
            .exact(phrase_digest(text))
            .iter()
            .map(|record| record.term.get())
            .collect();
        for term in &exact {
            let id = TermId(*term);
            let concept = bundle.term(id).concept.get();
            let new = found.iter().all(|candidate| candidate.term != id);
            if new && scope.holds(ConceptId(concept)) && in_stubs(concept) {
                found.push(Candidate {
                    term: id,
                    promise: 1.0,
                });
            }
        }
        self.rank(plan, &found, &exact, scope)
    }

    /// The runs of terms of the systems that may answer, in order.
    fn runs(&self, scope: &Scope<'_>) -> Vec<(u32, u32)> {
        let mut runs: Vec<(u32, u32)> = CodeSystem::ALL
            .into_iter()
            .filter(|system| scope.has(*system))
            .filter_map(|system| self.terms.get(usize::from(system.number())).copied())
            .filter(|(start, end)| start < end)
            .collect();
        runs.sort_unstable();
        runs
    }

    /// The best term of each concept, scored.
    fn rank(&self, plan: &Plan, found: &[Candidate], exact: &[u32], scope: &Scope<'_>) -> Vec<Hit> {
        let bundle = &*self.bundle;
        let asked: Vec<Asked> = plan
            .variants
            .iter()
            .map(|variant| Asked::of(&self.traits, variant))
            .collect();
        let mut views: HashMap<u32, ConceptView> = HashMap::new();
        let mut found_terms: HashMap<u32, u8> = HashMap::new();
        for candidate in found {
            let concept = bundle.term(candidate.term).concept.get();
            let count = found_terms.entry(concept).or_default();
            *count = count.saturating_add(1);
        }
        let mut best: HashMap<ConceptId, Hit> = HashMap::new();
        for candidate in found {
            let concept = bundle.term(candidate.term).concept.get();
            let Some(record) = bundle.concepts().get(concept as usize) else {
                continue;
            };
            let view = views.entry(concept).or_insert_with(|| {
                let id = ConceptId(concept);
                ConceptView::new(
                    bundle,
                    &self.traits,
                    record,
                    scope.is_active(id),
                    scope.is_billable(id),
                )
            });
            let is_exact = exact.contains(&candidate.term.0);
            let (mut found, variant) =
                features(bundle, plan, &asked, is_exact, candidate.term, view);
            let others = found_terms
                .get(&concept)
                .map_or(0, |count| count.saturating_sub(1));
            set_support(&mut found, f32::from(others.min(4)) / 4.0);
            let hit = Hit {
                concept: ConceptId(concept),
                term: Some(candidate.term),
                default_of: None,
                features: found,
                score: found.score(),
                variant,
                statement: None,
            };
            keep_better(&mut best, hit);
        }
        self.finish_by_axes(&asked, scope, &mut views, &mut best);
        lead_to_defaults(bundle, &self.traits, scope, &mut best);
        best.into_values().collect()
    }
}

impl Searcher {
    /// What the concept's title says apart from the axes, as a digest.
    fn skeleton_of(&self, concept: ConceptId) -> u64 {
        let bundle = &*self.bundle;
        let record = bundle.concept(concept);
        let key = bundle.text(record.key);
        let stems = title_tokens(bundle, &record)
            .filter_map(|token| bundle.tokens().get(token.id as usize))
            .map(|token| bundle.text(token.text));
        skeleton(key.get(..3).unwrap_or(key), stems)
    }

    /// What the concept's title says on the axes.
    pub(crate) fn axes_of(&self, concept: ConceptId) -> Axes {
        let record = self.bundle.concept(concept);
        let tokens: Vec<u32> = title_tokens(&self.bundle, &record)
            .map(|word| word.id)
            .collect();
        let mut axes = Axes::of(&self.traits, &tokens, true);
        // The vocabulary writes "nonunion" as two words, so that no word of the title is the
        // axis' own.
        let union = |token: &u32| self.traits.of(*token).mark == Mark::Union;
        if axes.healing == 0 && tokens.iter().any(union) {
            axes = axes.with(Axis::Healing, 3);
        }
        axes
    }

    /// The concepts whose titles say the same as the concept's apart from the axes, and those
    /// that differ from it in the seventh character alone, in tabular order, with what they say
    /// on the axes; the concept itself is one.
    pub(crate) fn siblings(&self, concept: ConceptId) -> Vec<(ConceptId, Axes)> {
        let digest = self.skeleton_of(concept);
        let alike = self.bundle.with_skeleton(digest).iter().take(MOST_SIBLINGS);
        let mut ids: Vec<ConceptId> = alike
            .map(|sibling| ConceptId(sibling.concept.get()))
            .filter(|id| (id.0 as usize) < self.bundle.concepts().len())
            .collect();
        let record = self.bundle.concept(concept);
        let stem = match record.code_len {
            7 => self.bundle.parent(&record),
            _ => Some(concept),
        };
        if let Some(stem) = stem {
            let seventh = |id: &ConceptId| self.bundle.concept(*id).code_len == 7;
            ids.extend(children(&self.bundle, stem).filter(seventh));
        }
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter().map(|id| (id, self.axes_of(id))).collect()
    }

    /// The code that the bare words of a header are coded to in `release`.
    pub(crate) fn default_of(
        &self,
        header: ConceptId,
        release: &LoadedRelease,
    ) -> Option<ConceptId> {
        default_code(&self.bundle, &self.traits, header, release.bit)
    }

    /// Adds the siblings of the best hits that have the side, trimester or encounter asked for.
    fn finish_by_axes(
        &self,
        asked: &[Asked],
        scope: &Scope<'_>,
        views: &mut HashMap<u32, ConceptView>,
        best: &mut HashMap<ConceptId, Hit>,
    ) {
        if asked.iter().all(|asked| !asked.axes.is_said()) {
            return;
        }
        let bundle = &*self.bundle;
        let mut leading: Vec<Hit> = best.values().cloned().collect();
        leading.sort_by(|a, b| {
            b.score
                .total_cmp(&a.score)
                .then_with(|| a.concept.cmp(&b.concept))
        });
        leading.truncate(MOST_FINISHED);
        for hit in leading {
            let Some(asked) = asked.get(hit.variant).filter(|asked| asked.axes.is_said()) else {
                continue;
            };
            let skeleton = self.skeleton_of(hit.concept);
            for sibling in bundle.with_skeleton(skeleton).iter().take(MOST_SIBLINGS) {
                let id = ConceptId(sibling.concept.get());
                let Some(record) = bundle.concepts().get(id.0 as usize) else {
                    continue;
                };
                if id == hit.concept || !scope.holds(id) {
                    continue;
                }
                let view = views.entry(id.0).or_insert_with(|| {
                    ConceptView::new(
                        bundle,
                        &self.traits,
                        record,
                        scope.is_active(id),
                        scope.is_billable(id),
                    )
                });
                let mut features = hit.features;
                set_sibling(&mut features, *asked, view);
                let score = features.score();
                if score > hit.score {
                    keep_better(
                        best,
                        Hit {
                            concept: id,
                            default_of: None,
                            features,
                            score,
                            ..hit.clone()
                        },
                    );
                }
            }
        }
    }
}

/// How the words of a question are to be read.
#[derive(Clone, Copy)]
struct HowRead<'a> {
    /// Whether the last word may be the beginning of one.
    unfinished: bool,
    /// Phrases with the sense they shall be read in.
    senses: &'a [ChosenSense],
}

/// What one system answers.
#[derive(Default)]
pub(super) struct Found {
    pub(super) plan: Plan,
    pub(super) hits: Vec<Hit>,
    /// Whether the hits are all there are.
    pub(super) exact: bool,
}

/// Lets other procedures come between codes that differ in approach and side alone, which
/// are many in ICD-10-PCS. Where the query says either, such codes differ in score.
fn spread_variants(bundle: &Bundle, hits: &mut [Hit]) {
    let mut seen: HashMap<String, u8> = HashMap::new();
    for hit in hits.iter_mut().filter(|hit| hit.term.is_some()) {
        let title = bundle.text(bundle.concept(hit.concept).title);
        let parts = title
            .split(", ")
            .filter(|part| !part.ends_with(" Approach") && !part.starts_with("Via Natural"));
        let words = parts
            .flat_map(|part| part.split(' '))
            .filter(|word| !matches!(*word, "Right" | "Left" | "Bilateral"));
        let count = seen
            .entry(words.collect::<Vec<&str>>().join(" "))
            .or_default();
        set_variant(&mut hit.features, f32::from(*count));
        hit.score = hit.features.score();
        *count = (*count + 1).min(6);
    }
    hits.sort_by(by_score);
}

/// By score, then in tabular order.
fn by_score(a: &Hit, b: &Hit) -> std::cmp::Ordering {
    b.score
        .total_cmp(&a.score)
        .then_with(|| a.concept.cmp(&b.concept))
}

fn keep_better(best: &mut HashMap<ConceptId, Hit>, hit: Hit) {
    match best.get(&hit.concept) {
        Some(known) if known.score >= hit.score => {}
        _ => {
            best.insert(hit.concept, hit);
        }
    }
}

/// A header's default code answers in its place; the header itself stays right behind.
fn lead_to_defaults(
    bundle: &Bundle,
    traits: &Traits,
    scope: &Scope<'_>,
    best: &mut HashMap<ConceptId, Hit>,
) {
    let mut headers: Vec<Hit> = best
        .values()
        .filter(|hit| scope.is_active(hit.concept) && !scope.is_billable(hit.concept))
        .cloned()
        .collect();
    headers.sort_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then_with(|| a.concept.cmp(&b.concept))
    });
    headers.truncate(MOST_DEFAULTS);
    for header in headers {
        let bit = scope.bit(bundle.concept(header.concept).system);
        let Some(code) = default_code(bundle, traits, header.concept, bit) else {
            continue;
        };
        if !scope.holds(code) {
            continue;
        }
        let mut features = header.features;
        set_default(&mut features);
        let hit = Hit {
            concept: code,
            default_of: Some(header.concept),
            features,
            score: features.score(),
            ..header
        };
        keep_better(best, hit);
    }
}

/// The text up to `most` bytes, cut at a character.
fn cut(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Filters and day made ready: which concepts may answer.
#[derive(Clone)]
pub(crate) struct Scope<'a> {
    bundle: &'a Bundle,
    /// For each system number, the bit of the release that answers; 0 when the system may not.
    bits: [u64; 16],
    billable: Option<bool>,
    chapters: Vec<(u32, u32)>,
    /// The runs of concepts that may answer; all when empty.
    subtrees: Vec<(u32, u32)>,
}

impl<'a> Scope<'a> {
    pub(crate) fn new(
        bundle: &'a Bundle,
        filters: &Filters,
        date: Date,
    ) -> Result<Scope<'a>, SearchError> {
        let mut bits = [0; 16];
        for system in CodeSystem::ALL {
            if !filters.systems.is_empty() && !filters.systems.contains(&system) {
                continue;
            }
            match bundle.release_for(system, date) {
                Some(release) => bits[usize::from(system.number())] = release.bit,
                None if filters.systems.contains(&system) => {
                    return Err(SearchError::SystemNotLoaded(system));
                }
                None => {}
            }
        }
        let mut chapters = Vec::new();
        if let Some(chapter) = &filters.chapter {
            for system in bundle.systems() {
                if let Some(id) = bundle.find(system, chapter) {
                    let record = bundle.concept(id);
                    if record.level == Level::Chapter.number() {
                        chapters.push((id.0, record.subtree_end.get()));
                    }
                }
            }
            if chapters.is_empty() {
                return Err(SearchError::UnknownChapter);
            }
        }
        Ok(Scope {
            bundle,
            bits,
            billable: filters.billable,
            chapters,
            subtrees: Vec::new(),
        })
    }

    /// The scope without what stands neither at nor below one of `roots`, if there are any.
    fn within(mut self, roots: &[ConceptId]) -> Scope<'a> {
        let end = |root: &ConceptId| self.bundle.concept(*root).subtree_end.get();
        let mut runs: Vec<(u32, u32)> = roots.iter().map(|root| (root.0, end(root))).collect();
        runs.sort_unstable();
        for (first, end) in runs {
            match self.subtrees.last_mut() {
                Some(last) if last.1 >= first => last.1 = last.1.max(end),
                _ => self.subtrees.push((first, end)),
            }
        }
        self
    }

    /// The scope without the other systems.
    fn only(&self, system: CodeSystem) -> Scope<'a> {
        let mut bits = [0; 16];
        let number = usize::from(system.number());
        bits[number] = self.bits[number];
        Scope {
            bits,
            ..self.clone()
        }
    }

    /// Whether more than the system decides who may answer.
    fn is_narrow(&self) -> bool {
        self.billable.is_some() || !self.chapters.is_empty() || !self.subtrees.is_empty()
    }

    pub(crate) fn has(&self, system: CodeSystem) -> bool {
        self.bits[usize::from(system.number())] != 0
    }

    fn bit(&self, system: u8) -> u64 {
        self.bits.get(usize::from(system)).copied().unwrap_or(0)
    }

    pub(crate) fn holds(&self, concept: ConceptId) -> bool {
        let Some(record) = self.bundle.concepts().get(concept.0 as usize) else {
            return false;
        };
        let bit = self.bit(record.system);
        bit != 0
            && self
                .billable
                .is_none_or(|wanted| (record.billable.get() & bit != 0) == wanted)
            && is_in(&self.chapters, concept)
            && is_in(&self.subtrees, concept)
    }

    pub(crate) fn is_active(&self, concept: ConceptId) -> bool {
        let record = self.bundle.concept(concept);
        record.present.get() & self.bit(record.system) != 0
    }

    fn is_billable(&self, concept: ConceptId) -> bool {
        let record = self.bundle.concept(concept);
        record.billable.get() & self.bit(record.system) != 0
    }
}

/// Whether a concept is in one of `runs`, or there are none.
fn is_in(runs: &[(u32, u32)], concept: ConceptId) -> bool {
    runs.is_empty()
        || runs
            .iter()
            .any(|(first, end)| (*first..*end).contains(&concept.0))
}
