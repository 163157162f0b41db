//! Evaluation: how often the right code comes first, on anybody's list of phrases.

mod own_terms;
mod typos;

use std::collections::HashSet;
use std::time::Instant;

use codesets::{Code, CodeSystem};
use indexer::bundle::{Bundle, ConceptId};
use jiff::civil::Date;
use serde::Serialize;

pub use own_terms::own_terms;
pub use typos::misspelled;

use crate::search::{Filters, Mode, SearchRequest, Searcher};

/// How many hits are looked at.
const DEPTH: usize = 10;

/// A phrase with its right codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The 1-based line of the file.
    pub line: usize,
    /// The phrase.
    pub query: String,
    /// The codes, any of which is right, as written.
    pub gold: Vec<String>,
    /// The system to search in.
    pub system: CodeSystem,
}

/// A file of questions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuestionSet {
    /// The file's name without its ending.
    pub name: String,
    /// The questions.
    pub questions: Vec<Question>,
}

/// A line of a set that is no question.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum QuestionError {
    /// The line has too few fields.
    #[error(
        "line {line} has {found} tab-separated fields, expected query, codes, system and source"
    )]
    Fields {
        /// The line.
        line: usize,
        /// Its fields.
        found: usize,
    },
    /// The third field is no system.
    #[error("line {line}: {source}")]
    System {
        /// The line.
        line: usize,
        /// Why.
        source: codesets::UnknownCodeSystem,
    },
    /// There is no question.
    #[error(
        "there is no question in it; a line is query, codes separated by `|`, system, source, with tabs between"
    )]
    Empty,
}

impl QuestionSet {
    /// Reads a set: query, codes separated by `|`, system, source; `#` begins a comment, and
    /// a first line that names its columns is a header.
    ///
    /// # Errors
    /// The first line that is no question.
    pub fn read(name: &str, text: &str) -> Result<QuestionSet, QuestionError> {
        let mut questions = Vec::new();
        for (line, row) in (1..).zip(text.lines()) {
            let fields: Vec<&str> = row.split('\t').collect();
            let is_header = line == 1
                && fields
                    .first()
                    .is_some_and(|f| f.eq_ignore_ascii_case("query"));
            if row.trim().is_empty() || row.starts_with('#') || is_header {
                continue;
            }
            let [query, gold, system, ..] = fields.as_slice() else {
                return Err(QuestionError::Fields {
                    line,
                    found: fields.len(),
                });
            };
            questions.push(Question {
                line,
                query: query.trim().to_owned(),
                gold: gold.split('|').map(|code| code.trim().to_owned()).collect(),
                system: system
                    .trim()
                    .parse()
                    .map_err(|source| QuestionError::System { line, source })?,
            });
        }
        if questions.is_empty() {
            return Err(QuestionError::Empty);
        }
        Ok(QuestionSet {
            name: name.to_owned(),
            questions,
        })
    }
}

/// How one set was answered.
#[derive(Clone, Debug, Serialize)]
pub struct SetResult {
    /// The set's name.
    pub set: String,
    /// Its questions.
    pub queries: usize,
    /// Percent with a right code first.
    pub top1: f64,
    /// Percent with a right code among the first five.
    pub top5: f64,
    /// Percent with a right code among the first ten.
    pub top10: f64,
    /// Mean reciprocal rank of the first right code among the first ten.
    pub mrr: f64,
    /// Median time of a query, microseconds.
    pub p50_us: f64,
    /// 99th percentile of the time of a query, microseconds.
    pub p99_us: f64,
}

/// A question that was not answered right first.
#[derive(Clone, Debug, Serialize)]
pub struct Failure {
    /// The set.
    pub set: String,
    /// The line of the set.
    pub line: usize,
    /// The phrase.
    pub query: String,
    /// The right codes.
    pub gold: Vec<String>,
    /// The rank of the first right code, if it is among the first ten.
    pub rank: Option<usize>,
    /// What came first: codes and titles.
    pub first: Vec<(String, String, String)>,
}

/// An evaluation over several sets.
#[derive(Clone, Debug, Serialize)]
pub struct Evaluation {
    /// Each set.
    pub sets: Vec<SetResult>,
    /// The average over sets, each counting the same.
    #[serde(rename = "macro")]
    pub average: SetResult,
    /// Every miss.
    #[serde(skip)]
    pub failures: Vec<Failure>,
}

/// The questions of `sets` that were answered right first, given the `failures` of asking them.
pub fn answered_right(sets: &[QuestionSet], failures: &[Failure]) -> Vec<Question> {
    let failed: HashSet<(&str, usize)> = failures
        .iter()
        .map(|failure| (failure.set.as_str(), failure.line))
        .collect();
    sets.iter()
        .flat_map(|set| {
            set.questions
                .iter()
                .map(|question| (set.name.as_str(), question))
        })
        .filter(|(set, question)| !failed.contains(&(*set, question.line)))
        .map(|(_, question)| question.clone())
        .collect()
}

/// Asks every question of `sets`, searching in its own system, for `date`.
pub fn evaluate(searcher: &Searcher, sets: &[QuestionSet], date: Date) -> Evaluation {
    let mut results = Vec::new();
    let mut failures = Vec::new();
    for set in sets {
        results.push(evaluate_set(searcher, set, date, &mut failures));
    }
    Evaluation {
        average: average(&results),
        sets: results,
        failures,
    }
}

fn evaluate_set(
    searcher: &Searcher,
    set: &QuestionSet,
    date: Date,
    failures: &mut Vec<Failure>,
) -> SetResult {
    let mut ranks = Vec::with_capacity(set.questions.len());
    let mut times = Vec::with_capacity(set.questions.len());
    for question in &set.questions {
        let request = SearchRequest {
            text: question.query.clone(),
            filters: Filters {
                systems: vec![question.system],
                ..Filters::default()
            },
            date,
            mode: Mode::Final,
            senses: Vec::new(),
            offset: 0,
            limit: DEPTH,
        };
        let start = Instant::now();
        let answer = searcher.search(&request);
        times.push(start.elapsed().as_secs_f64() * 1e6);
        let hits = answer.map(|answer| answer.hits).unwrap_or_default();
        let bundle = searcher.bundle();
        let codes: Vec<String> = hits
            .iter()
            .map(|hit| bundle.text(bundle.concept(hit.concept).key).to_owned())
            .collect();
        let golds: Vec<Gold> = question
            .gold
            .iter()
            .map(|code| Gold::new(bundle, question.system, code))
            .collect();
        let rank = codes
            .iter()
            .position(|code| golds.iter().any(|gold| gold.accepts(code)));
        ranks.push(rank);
        if rank != Some(0) {
            failures.push(Failure {
                set: set.name.clone(),
                line: question.line,
                query: question.query.clone(),
                gold: question.gold.clone(),
                rank: rank.map(|rank| rank + 1),
                first: hits
                    .iter()
                    .take(3)
                    .map(|hit| {
                        let record = bundle.concept(hit.concept);
                        let term = hit
                            .term
                            .map_or("", |term| bundle.text(bundle.term(term).text));
                        (
                            Code::dotted(question.system, bundle.text(record.key)),
                            bundle.text(record.title).to_owned(),
                            term.to_owned(),
                        )
                    })
                    .collect(),
            });
        }
    }
    summarise(&set.name, &ranks, &mut times)
}

/// A right code: a candidate is right if it equals it, or descends from it when it is a header.
struct Gold {
    code: String,
    is_header: bool,
}

impl Gold {
    fn new(bundle: &Bundle, system: CodeSystem, text: &str) -> Gold {
        let code: String = text
            .chars()
            .filter(|c| c.is_ascii_alphanumeric())
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let is_stub = match system {
            CodeSystem::Icd10Pcs => (3..7).contains(&code.len()),
            CodeSystem::Icd10Who => code.len() == 4,
            _ => false,
        };
        let has_children = bundle
            .find(system, &code)
            .is_some_and(|ConceptId(id)| bundle.concept(ConceptId(id)).subtree_end.get() > id + 1);
        Gold {
            code,
            is_header: is_stub || has_children,
        }
    }

    fn accepts(&self, code: &str) -> bool {
        code == self.code || (self.is_header && code.starts_with(&self.code))
    }
}

fn percent(part: usize, whole: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts of questions")]
    let share = part as f64 / whole.max(1) as f64;
    (share * 1000.0).round() / 10.0
}

fn summarise(name: &str, ranks: &[Option<usize>], times: &mut [f64]) -> SetResult {
    times.sort_by(f64::total_cmp);
    let within = |depth: usize| ranks.iter().flatten().filter(|rank| **rank < depth).count();
    #[expect(clippy::cast_precision_loss, reason = "ranks and counts of questions")]
    let mrr = ranks
        .iter()
        .flatten()
        .map(|rank| 1.0 / (*rank as f64 + 1.0))
        .sum::<f64>()
        / ranks.len().max(1) as f64;
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or(0.0);
    SetResult {
        set: name.to_owned(),
        queries: ranks.len(),
        top1: percent(within(1), ranks.len()),
        top5: percent(within(5), ranks.len()),
        top10: percent(within(10), ranks.len()),
        mrr: (mrr * 1000.0).round() / 1000.0,
        p50_us: at(50).round(),
        p99_us: at(99).round(),
    }
}

fn average(results: &[SetResult]) -> SetResult {
    #[expect(clippy::cast_precision_loss, reason = "a count of sets")]
    let count = results.len().max(1) as f64;
    let mean = |value: fn(&SetResult) -> f64, digits: f64| {
        (results.iter().map(value).sum::<f64>() / count * digits).round() / digits
    };
    SetResult {
        set: "macro".to_owned(),
        queries: results.iter().map(|set| set.queries).sum(),
        top1: mean(|set| set.top1, 10.0),
        top5: mean(|set| set.top5, 10.0),
        top10: mean(|set| set.top10, 10.0),
        mrr: mean(|set| set.mrr, 1000.0),
        p50_us: mean(|set| set.p50_us, 1.0),
        p99_us: mean(|set| set.p99_us, 1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::{QuestionError, QuestionSet};

    #[test]
    fn a_set_may_have_a_header_and_comments() {
        let text = "query\tgold\tsystem\tsource\n# note\nlockjaw\tA35|A33\tICD-10-CM\tours\n";
        let set = QuestionSet::read("lay", text);
        let gold = set.map(|set| set.questions[0].gold.clone());
        assert_eq!(gold, Ok(vec!["A35".to_owned(), "A33".to_owned()]));
    }

    #[test]
    fn a_line_that_is_no_question_is_named() {
        assert_eq!(
            QuestionSet::read("x", "lockjaw A35\n"),
            Err(QuestionError::Fields { line: 1, found: 1 })
        );
        assert_eq!(QuestionSet::read("x", ""), Err(QuestionError::Empty));
    }
}
