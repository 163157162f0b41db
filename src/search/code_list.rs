//! Codes by their beginning, as a list rather than as an answer to words.

use fst::{IntoStreamer, Streamer};
use indexer::book::Level;
use indexer::bundle::{Bundle, ConceptId};
use jiff::civil::Date;

use super::plan::Plan;
use super::rank::{Features, set_code};
use super::searcher::{Answer, Filters, Hit, Scope, SearchError, Searcher};

impl Searcher {
    /// The codes of the releases that answer for `date` and that begin with `beginning`
    /// (without a dot, in capitals), in the order of their characters within each system.
    ///
    /// All are counted, whatever the page; only the page's become hits.
    ///
    /// # Errors
    /// When a filter names a system or a chapter that is not loaded.
    pub fn codes(
        &self,
        beginning: &str,
        filters: &Filters,
        date: Date,
        offset: usize,
        limit: usize,
    ) -> Result<Answer, SearchError> {
        let bundle = &**self.bundle();
        let scope = Scope::new(bundle, filters, date)?;
        let page = offset..offset.saturating_add(limit);
        let mut total = 0;
        let mut hits = Vec::new();
        for system in bundle.systems().filter(|system| scope.has(*system)) {
            let from = key(system.number(), beginning);
            let mut end = from.clone();
            end.push(0xff);
            let mut stream = bundle.codes().range().ge(&from).lt(&end).into_stream();
            while let Some((_, id)) = stream.next() {
                let Ok(id) = u32::try_from(id) else { continue };
                let concept = ConceptId(id);
                if !is_listed(bundle, &scope, concept) {
                    continue;
                }
                if page.contains(&total) {
                    hits.push(listed(concept));
                }
                total += 1;
            }
        }
        Ok(Answer {
            plan: Plan {
                codes: vec![beginning.to_owned()],
                ..Plan::default()
            },
            hits,
            total,
            total_exact: true,
        })
    }
}

fn key(system: u8, beginning: &str) -> Vec<u8> {
    let mut key = vec![system];
    key.extend_from_slice(beginning.as_bytes());
    key
}

fn is_listed(bundle: &Bundle, scope: &Scope<'_>, concept: ConceptId) -> bool {
    let is_code = bundle.concept(concept).level == Level::Code.number();
    is_code && scope.holds(concept) && scope.is_active(concept)
}

fn listed(concept: ConceptId) -> Hit {
    let mut features = Features::default();
    set_code(&mut features, 1.0);
    Hit {
        concept,
        term: None,
        default_of: None,
        features,
        score: features.score(),
        variant: 0,
        statement: None,
    }
}
