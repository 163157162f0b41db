//! The shapes of search answers, and how hits become them, for every door alike.

use std::collections::BTreeMap;

use codesets::{Code, CodeSystem};
use indexer::book::Level;
use indexer::bundle::records::ConceptRecord;
use indexer::bundle::{Bundle, LoadedRelease};
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use crate::lookup::{self, Days, Needs, SeventhValue, Status};
use crate::search::plan::{Plan, ReadingKind};
use crate::search::{Answer, Hit, senses};

mod choices;
mod highlights;

pub use choices::{GroupAnswer, OptionAnswer, groups};
pub use highlights::Span;

/// The answer to a search.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchAnswer {
    /// How the query was read.
    pub query: QueryAnswer,
    /// How many hits there are over all pages.
    pub total: usize,
    /// Whether `total` is all there is; otherwise there are at least so many.
    pub total_exact: bool,
    /// The time the search took, waiting for a core not counted.
    pub took_us: u64,
    /// The page, best first.
    pub results: Vec<ResultAnswer>,
    /// The choices that finish the first hit, or the first behind it that is not finished; on
    /// the first page only.
    pub groups: Vec<GroupAnswer>,
    /// The cursor of the next page.
    pub next: Option<String>,
    /// The release that answered, by system.
    #[schema(value_type = BTreeMap<String, ReleaseStamp>)]
    pub release: Releases,
}

/// The releases that answered, by system.
pub type Releases = BTreeMap<&'static str, ReleaseStamp>;

/// An answer with the releases that gave it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Released<T> {
    /// What is answered.
    #[serde(flatten)]
    pub answer: T,
    /// The release that answered, by system.
    #[schema(value_type = BTreeMap<String, ReleaseStamp>)]
    pub release: Releases,
}

/// Which release answered; `/v1/releases` tells where it is from.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReleaseStamp {
    /// The publisher's name of the release.
    pub version: String,
    /// The first and the last day in force.
    #[schema(value_type = Vec<Option<String>>, min_items = 2, max_items = 2)]
    pub effective: Days,
    /// Whether it is in force on the day asked for.
    pub in_force: bool,
    /// Digest over the release's files.
    pub sha256: String,
    /// When the bundle was built.
    pub loaded: String,
}

/// The releases that answer for `date`, by system; of all loaded systems when `systems` is empty.
pub fn releases(bundle: &Bundle, systems: &[CodeSystem], date: Date) -> Releases {
    let answering = lookup::answering(bundle, systems, date);
    let stamps = answering.into_iter().map(|(system, release)| {
        let stamp = ReleaseStamp {
            version: release.version,
            effective: release.effective,
            in_force: release.in_force,
            sha256: release.sha256,
            loaded: release.loaded,
        };
        (system, stamp)
    });
    stamps.collect()
}

/// How a query was read.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueryAnswer {
    /// Its words, folded.
    pub normalized: String,
    /// Words read as others by the vocabulary, or because they were cut short.
    pub expanded: Vec<ExpandedAnswer>,
    /// Words taken for misspelled.
    pub corrected: Vec<CorrectedAnswer>,
    /// Words that were denied: codes are not found by them.
    pub negated: Vec<String>,
    /// The statements of a query that holds several; results name theirs by its place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub statements: Vec<String>,
}

/// Words read as others.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ExpandedAnswer {
    /// As typed.
    pub from: String,
    /// As read.
    pub to: String,
    /// Why: `abbreviation`, `synonym`, `drug`, `initials`, `clipped`, or `asked` where the
    /// request chose a reading that is in no table.
    pub source: &'static str,
    /// What it may also mean, likeliest first: one of these can be chosen with `read`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
}

/// A word taken for misspelled.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CorrectedAnswer {
    /// As typed.
    pub from: String,
    /// As read.
    pub to: String,
}

/// A hit.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResultAnswer {
    /// The system's identifier.
    pub system: &'static str,
    /// The code, with its dot.
    pub code: String,
    /// Its title in the release that answers.
    pub display: String,
    /// Whether it can be billed.
    pub billable: bool,
    /// What it is ordered by.
    pub score: f64,
    /// What met the query.
    #[serde(rename = "match")]
    pub matched: MatchAnswer,
    /// Whether its title says `unspecified`.
    pub unspecified: bool,
    /// The side its title names: `right`, `left` or `bilateral`.
    pub laterality: Option<&'static str>,
    /// What a header lacks.
    pub needs: Option<NeedsAnswer>,
    /// The codes above it, category first.
    pub parents: Vec<String>,
    /// Its chapter's number.
    pub chapter: Option<String>,
    /// How it stands to the release that answers.
    pub status: Status,
    /// The days it is known to be part of the system.
    #[schema(value_type = Vec<Option<String>>, min_items = 2, max_items = 2)]
    pub effective: Days,
    /// The header that the query names, when this is its default code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_of: Option<String>,
    /// The place, from 0, of the statement that it answers, when the query holds several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<u8>,
    /// What made the score, when asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explain: Option<Vec<ContributionAnswer>>,
}

/// What a header lacks.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NeedsAnswer {
    /// How many characters.
    #[serde(flatten)]
    pub extent: Needs,
    /// The seventh characters it may take; empty where its codes take none.
    pub seventh: Vec<SeventhValue>,
}

/// What of a hit met the query.
#[derive(Debug, Serialize, ToSchema)]
pub struct MatchAnswer {
    /// Where the text is from: `title`, `inclusion`, `index`, `table`, `synonym` …, or `code`.
    pub kind: &'static str,
    /// The term, or the code where one was typed.
    pub text: String,
    /// The words of `text` that met the query, as spans of Unicode characters.
    #[schema(value_type = Vec<Vec<usize>>)]
    pub highlights: Vec<Span>,
}

/// What a feature added to a score.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContributionAnswer {
    /// The feature.
    pub feature: &'static str,
    /// What it added.
    pub adds: f64,
}

/// How `plan` read the query, by the reading that its first hit met.
pub fn query(bundle: &Bundle, plan: &Plan, hits: &[Hit]) -> QueryAnswer {
    let best = hits
        .iter()
        .find(|hit| hit.term.is_some())
        .map_or(0, |hit| hit.variant);
    let readings = plan.variants.get(best).map(|variant| &*variant.readings);
    let mut answer = QueryAnswer {
        normalized: plan.normalized.clone(),
        expanded: Vec::new(),
        corrected: Vec::new(),
        negated: plan.negated.clone(),
        statements: plan.statements.clone(),
    };
    for reading in readings.unwrap_or_default() {
        let (from, to) = (reading.from.clone(), reading.to.clone());
        let source = match reading.kind {
            ReadingKind::Corrected => {
                let corrected = CorrectedAnswer { from, to };
                if !answer.corrected.contains(&corrected) {
                    answer.corrected.push(corrected);
                }
                continue;
            }
            ReadingKind::Clipped => "clipped",
            ReadingKind::Expanded(origin) => origin.id(),
        };
        let others = senses::others(bundle, reading);
        let expanded = ExpandedAnswer {
            from,
            to,
            source,
            others,
        };
        if !answer.expanded.contains(&expanded) {
            answer.expanded.push(expanded);
        }
    }
    answer
}

/// The hits of `answer` as seen on `date`.
pub fn results(bundle: &Bundle, answer: &Answer, date: Date, explain: bool) -> Vec<ResultAnswer> {
    answer
        .hits
        .iter()
        .filter_map(|hit| {
            let record = bundle.concept(hit.concept);
            let system = bundle.system_of(&record);
            let release = bundle.release_for(system, date)?;
            Some(result(
                &View {
                    bundle,
                    release,
                    system,
                },
                &answer.plan,
                hit,
                explain,
            ))
        })
        .collect()
}

/// A bundle seen from the release that answers for one system.
struct View<'a> {
    bundle: &'a Bundle,
    release: &'a LoadedRelease,
    system: CodeSystem,
}

fn result(view: &View<'_>, plan: &Plan, hit: &Hit, explain: bool) -> ResultAnswer {
    let bundle = view.bundle;
    let record = bundle.concept(hit.concept);
    let display = lookup::title(bundle, &record, view.release).to_owned();
    let (parents, chapter) = view.above(&record);
    let code = view.code(&record);
    ResultAnswer {
        system: view.system.id(),
        matched: view.matched(plan, hit, &code, bundle.text(record.key)),
        code,
        billable: record.billable.get() & view.release.bit != 0,
        score: rounded(hit.score),
        unspecified: has_word(&display, "unspecified"),
        laterality: laterality(&display),
        display,
        needs: lookup::needs(bundle, hit.concept, view.release).map(|extent| NeedsAnswer {
            extent,
            seventh: lookup::seventh(bundle, hit.concept, view.release)
                .map(|seventh| seventh.values)
                .unwrap_or_default(),
        }),
        parents,
        chapter,
        status: lookup::status(&record, view.release),
        effective: lookup::effective(bundle, &record, view.release),
        statement: hit.statement,
        default_of: hit.default_of.map(|id| view.code(&bundle.concept(id))),
        explain: explain.then(|| {
            let contributions = hit.features.contributions().into_iter();
            contributions
                .map(|(feature, adds)| ContributionAnswer {
                    feature: feature.id(),
                    adds: rounded(adds),
                })
                .collect()
        }),
    }
}

impl View<'_> {
    fn code(&self, record: &ConceptRecord) -> String {
        Code::dotted(self.system, self.bundle.text(record.key))
    }

    fn matched(&self, plan: &Plan, hit: &Hit, code: &str, key: &str) -> MatchAnswer {
        let Some(term) = hit.term else {
            let typed = plan
                .codes
                .iter()
                .find(|typed| key.starts_with(typed.as_str()));
            return MatchAnswer {
                kind: "code",
                text: code.to_owned(),
                highlights: typed.map_or_else(Vec::new, |typed| highlights::of_code(code, typed)),
            };
        };
        let term = self.bundle.term(term);
        let text = self.bundle.text(term.text);
        MatchAnswer {
            kind: self.bundle.kind_of(&term).id(),
            text: text.to_owned(),
            highlights: plan
                .variants
                .get(hit.variant)
                .map_or_else(Vec::new, |variant| {
                    highlights::of_term(self.bundle, text, variant)
                }),
        }
    }

    /// The codes above a concept, category first, and its chapter.
    fn above(&self, record: &ConceptRecord) -> (Vec<String>, Option<String>) {
        let mut parents = Vec::new();
        let mut chapter = None;
        let mut next = self.bundle.parent(record);
        let mut last = None;
        // Parents stand before their children, so a damaged record cannot make a circle.
        while let Some(id) = next.filter(|id| last.is_none_or(|last| *id < last)) {
            let above = self.bundle.concept(id);
            match Level::from_number(above.level) {
                Level::Code => parents.push(self.code(&above)),
                Level::Section => {}
                Level::Chapter => chapter = Some(self.bundle.text(above.key).to_owned()),
            }
            next = self.bundle.parent(&above);
            last = Some(id);
        }
        parents.reverse();
        (parents, chapter)
    }
}

/// Four digits are enough to see an order, and the same on every machine.
fn rounded(score: f32) -> f64 {
    (f64::from(score) * 10_000.0).round() / 10_000.0
}

fn has_word(title: &str, wanted: &str) -> bool {
    title
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| word.eq_ignore_ascii_case(wanted))
}

/// The side that a title names; titles that name both sides name none.
fn laterality(title: &str) -> Option<&'static str> {
    if has_word(title, "bilateral") {
        return Some("bilateral");
    }
    match (has_word(title, "right"), has_word(title, "left")) {
        (true, false) => Some("right"),
        (false, true) => Some("left"),
        (true, true) | (false, false) => None,
    }
}
