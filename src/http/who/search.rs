//! `search` and `autocode`: words to entities.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use indexer::book::{Level, Property};
use indexer::bundle::{Bundle, ConceptId, LoadedRelease};

use super::texts::{highlighted, search_id, words};
use super::wire::{AutoCode, PropertyValue, SearchResult, SimpleEntity};
use super::{SYSTEM, release};
use crate::answers::{self, ResultAnswer, Span};
use crate::catalog::Snapshot;
use crate::http::errors::{ApiResult, not_found};
use crate::http::fields::Fields;
use crate::http::state::App;
use crate::http::v1::search::refused;
use crate::http::v1::{parameters, respond};
use crate::icd11::{EntityId, Residual};
use crate::lookup::{Status, status};
use crate::search::rank::Feature;
use crate::search::{Answer, Filters, Hit, Mode, SearchRequest, children};

/// The most entities of an answer.
const MOST_ENTITIES: usize = 100;
/// Chapters that a search for codes to report leaves out: traditional medicine,
/// functioning, and extension codes.
const NOT_REPORTED: [&str; 3] = ["26", "V", "X"];
/// The share of the words that counts as all of them: a word read as another weighs a little less.
const ALL_WORDS: f32 = 0.9;
/// What stands behind a name of a code that WHO does not print.
const NOT_WHOS: &str = "[not WHO's wording]";

/// `GET|POST …/search`.
pub(super) async fn answer(
    State(app): State<Arc<App>>,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> ApiResult<Response> {
    let Path((version, linearization)) = path.map_err(|_| not_found())?;
    let fields = Fields::read(request).await?;
    let snapshot = app.catalog.snapshot();
    app.metrics.searched(&[SYSTEM]);
    let body = app
        .pool
        .run(move || {
            let release = release(snapshot.bundle(), &version, &linearization)?;
            let search = Search {
                snapshot: &snapshot,
                release,
                fields: &fields,
            };
            respond::json(&search.result()?)
        })
        .await??;
    Ok(respond::with_body(body))
}

/// `GET|POST …/autocode`: the one best code of a phrase.
pub(super) async fn autocode(
    State(app): State<Arc<App>>,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> ApiResult<Response> {
    let Path((version, linearization)) = path.map_err(|_| not_found())?;
    let fields = Fields::read(request).await?;
    let snapshot = app.catalog.snapshot();
    app.metrics.searched(&[SYSTEM]);
    let body = app
        .pool
        .run(move || {
            let release = release(snapshot.bundle(), &version, &linearization)?;
            let search = Search {
                snapshot: &snapshot,
                release,
                fields: &fields,
            };
            respond::json(&search.best()?)
        })
        .await??;
    Ok(respond::with_body(body))
}

/// A search of one release, as its fields ask for it.
struct Search<'a> {
    snapshot: &'a Snapshot,
    release: &'a LoadedRelease,
    fields: &'a Fields,
}

impl Search<'_> {
    fn bundle(&self) -> &Bundle {
        self.snapshot.bundle()
    }

    fn result(&self) -> ApiResult<SearchResult> {
        let typed = self.fields.get("q").unwrap_or("").trim();
        // The sign at the end says that the last word is unfinished.
        let (text, mode) = match typed.strip_suffix('%') {
            Some(text) => (text, Mode::Complete),
            None => (typed, Mode::Final),
        };
        let found = self.found(text, mode)?;
        let results = answers::results(self.bundle(), &found, self.release.days.first, false);
        let read = answers::query(self.bundle(), &found.plan, &found.hits);
        let clipped = read.expanded.iter().any(|word| word.source == "clipped");
        let (words, word_suggestions_chopped) = match mode {
            Mode::Complete if self.fields.flag("includekeywordresult", false) => {
                words(text, &results)
            }
            Mode::Complete | Mode::Final => (Vec::new(), false),
        };
        let marked = self.fields.flag("highlightingenabled", true);
        let entities: Vec<(ConceptId, SimpleEntity)> = found
            .hits
            .iter()
            .zip(&results)
            .filter_map(|(hit, result)| Some((hit.concept, self.entity(hit, result, marked)?)))
            .collect();
        Ok(SearchResult {
            error: false,
            error_message: None,
            result_chopped: !found.total_exact,
            word_suggestions_chopped,
            guess_type: u8::from(!read.corrected.is_empty() || clipped),
            unique_search_id: search_id(),
            words,
            destination_entities: if self.fields.flag("flatresults", true) {
                entities.into_iter().map(|(_, entity)| entity).collect()
            } else {
                nested(self.bundle(), entities)
            },
        })
    }

    fn best(&self) -> ApiResult<AutoCode> {
        let text = self.fields.get("searchtext").unwrap_or("").trim();
        let mut found = self.found(text, Mode::Final)?;
        found.hits.truncate(1);
        let results = answers::results(self.bundle(), &found, self.release.days.first, false);
        let threshold: f32 = self
            .fields
            .filled("matchthreshold")
            .and_then(|text| text.parse().ok())
            .unwrap_or(0.0);
        let best = found.hits.first().zip(results.into_iter().next());
        let best = best.filter(|(hit, _)| similarity(hit) >= threshold);
        let search_text = text.to_owned();
        let Some((hit, result)) = best else {
            return Ok(AutoCode {
                search_text,
                matching_text: None,
                the_code: None,
                foundation_uri: None,
                linearization_uri: None,
                match_level: 0,
                match_score: 0.0,
                match_type: 0,
                is_title: false,
            });
        };
        let entity = EntityId::of(self.bundle(), hit.concept, self.release);
        Ok(AutoCode {
            search_text,
            is_title: result.matched.kind == "title" && result.matched.text == result.display,
            matching_text: Some(match result.matched.kind {
                "title" => result.matched.text,
                "code" => result.display,
                _ => format!("{} {NOT_WHOS}", result.matched.text),
            }),
            the_code: Some(result.code),
            foundation_uri: entity.and_then(EntityId::foundation_uri),
            linearization_uri: entity.map(|entity| entity.uri(&self.release.version)),
            match_level: level(hit),
            match_score: (f64::from(similarity(hit)) * 10_000.0).round() / 10_000.0,
            match_type: 0,
        })
    }

    /// The hits of the release, in the order of every other door.
    fn found(&self, text: &str, mode: Mode) -> ApiResult<Answer> {
        let text = parameters::query(text.to_owned())?;
        let Some(roots) = self.roots() else {
            return Ok(Answer::default());
        };
        let request = SearchRequest {
            text,
            filters: Filters {
                systems: vec![SYSTEM],
                ..Filters::default()
            },
            date: self.release.days.first,
            mode,
            senses: Vec::new(),
            offset: 0,
            limit: MOST_ENTITIES,
        };
        let searcher = self.snapshot.searcher();
        let mut found = searcher.search_within(&request, &roots).map_err(refused)?;
        // WHO's answers cannot say that a code is of another release.
        let is_of_release =
            |hit: &Hit| status(&self.bundle().concept(hit.concept), self.release) == Status::Active;
        found.hits.retain(is_of_release);
        found.total = found.hits.len();
        Ok(found)
    }

    /// Where to search: chapters, or subtrees of them. Empty stands for everywhere, `None` for
    /// nowhere.
    fn roots(&self) -> Option<Vec<ConceptId>> {
        let bundle = self.bundle();
        let named = self.fields.list("chapterfilter");
        let reported = self.fields.flag("medicalcodingmode", true);
        let subtrees = self.fields.list("subtreesfilter");
        let wanted = |chapter: &str| match named.is_empty() {
            true => !reported || !NOT_REPORTED.contains(&chapter),
            false => named.contains(&chapter),
        };
        if subtrees.is_empty() {
            if named.is_empty() && !reported {
                return Some(Vec::new());
            }
            let chapters: Vec<ConceptId> = (0u32..)
                .zip(bundle.concepts())
                .filter(|(_, record)| {
                    record.system == SYSTEM.number() && record.level == Level::Chapter.number()
                })
                .filter(|(_, record)| wanted(bundle.text(record.key)))
                .map(|(number, _)| ConceptId(number))
                .collect();
            return (!chapters.is_empty()).then_some(chapters);
        }
        let entities = self.snapshot.icd11_entities();
        let roots: Vec<ConceptId> = subtrees
            .into_iter()
            .filter_map(EntityId::of_uri)
            .filter_map(|entity| entities.concept(bundle, entity, self.release))
            // A subtree that is named is meant, whatever is usually left out.
            .filter(|root| named.is_empty() || chapter_of(bundle, *root).is_some_and(wanted))
            .collect();
        (!roots.is_empty()).then_some(roots)
    }

    fn entity(&self, hit: &Hit, result: &ResultAnswer, marked: bool) -> Option<SimpleEntity> {
        let bundle = self.bundle();
        let entity = EntityId::of(bundle, hit.concept, self.release)?;
        let id = entity.uri(&self.release.version);
        let matched = &result.matched;
        let is_title = matched.kind == "title" && matched.text == result.display;
        let shown = |text: &str, spans: &[Span]| match marked {
            true => highlighted(text, spans),
            false => text.to_owned(),
        };
        let spans = if is_title { &*matched.highlights } else { &[] };
        let title = shown(&result.display, spans);
        let important = hit.term.is_none() || hit.features.get(Feature::Query) >= ALL_WORDS;
        let present =
            |child: &ConceptId| bundle.concept(*child).present.get() & self.release.bit != 0;
        let value = PropertyValue {
            property_id: if is_title || hit.term.is_none() {
                "Title"
            } else {
                "IndexTerm"
            },
            label: if is_title || hit.term.is_none() {
                title.clone()
            } else if matched.kind == "title" {
                // Of the heading whose default the entity is, or of another release.
                shown(&matched.text, &matched.highlights)
            } else {
                format!("{} {NOT_WHOS}", shown(&matched.text, &matched.highlights))
            },
            score: result.score,
            important,
            foundation_uri: entity.foundation_uri(),
            property_value_type: 0,
        };
        Some(SimpleEntity {
            stem_id: id.clone(),
            id,
            title,
            is_leaf: !children(bundle, hit.concept).any(|child| present(&child)),
            postcoordination_availability: 0,
            has_coding_note: bundle
                .property(hit.concept, Property::CodingNote, self.release.bit)
                .is_some(),
            has_maternal_chapter_link: false,
            has_perinatal_chapter_link: false,
            matching_pvs: vec![value],
            properties_truncated: false,
            is_residual_other: entity.residual() == Some(Residual::Other),
            is_residual_unspecified: entity.residual() == Some(Residual::Unspecified),
            chapter: result.chapter.clone().unwrap_or_default(),
            the_code: result.code.clone(),
            score: result.score,
            title_is_a_search_result: is_title,
            title_is_top_score: is_title,
            entity_type: 0,
            important,
            descendants: Vec::new(),
        })
    }
}

/// How alike the words and the term are, from 0 to 1.
fn similarity(hit: &Hit) -> f32 {
    match hit.term {
        Some(_) => hit.features.get(Feature::Both).clamp(0.0, 1.0),
        None => 1.0,
    }
}

fn level(hit: &Hit) -> u8 {
    let share = hit.features.get(Feature::Query);
    if hit.term.is_none() || hit.features.get(Feature::ExactText) > 0.0 {
        4
    } else if share >= ALL_WORDS {
        3
    } else if share >= 0.5 {
        2
    } else {
        1
    }
}

fn chapter_of(bundle: &Bundle, concept: ConceptId) -> Option<&str> {
    let mut at = concept;
    loop {
        let record = bundle.concept(at);
        if record.level == Level::Chapter.number() {
            return Some(bundle.text(record.key));
        }
        // Parents stand before their children, so the way up ends.
        at = bundle.parent(&record).filter(|parent| *parent < at)?;
    }
}

/// The entities with those that stand below another beneath it, each level in its order.
fn nested(bundle: &Bundle, entities: Vec<(ConceptId, SimpleEntity)>) -> Vec<SimpleEntity> {
    let ids: Vec<ConceptId> = entities.iter().map(|(id, _)| *id).collect();
    let above = |id: ConceptId| {
        ids.iter()
            .filter(|other| **other < id && id.0 < bundle.concept(**other).subtree_end.get())
            .max()
            .copied()
    };
    let mut below: HashMap<Option<ConceptId>, Vec<(ConceptId, SimpleEntity)>> = HashMap::new();
    for (id, entity) in entities {
        below.entry(above(id)).or_default().push((id, entity));
    }
    take_below(None, &mut below)
}

fn take_below(
    above: Option<ConceptId>,
    below: &mut HashMap<Option<ConceptId>, Vec<(ConceptId, SimpleEntity)>>,
) -> Vec<SimpleEntity> {
    let taken = below.remove(&above).unwrap_or_default();
    taken
        .into_iter()
        .map(|(id, entity)| SimpleEntity {
            descendants: take_below(Some(id), below),
            ..entity
        })
        .collect()
}
