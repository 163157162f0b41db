//! `/v1/index`: a walk down the Alphabetic Index.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use codesets::CodeSystem;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::parameters::{self, Day, Pairs, SystemId};
use super::respond;
use crate::answers::{self, Released};
use crate::http::errors::{ApiError, ApiResult, ErrorCode};
use crate::http::state::App;
use crate::index_walk::IndexPlace;

/// The lines of a page unless asked otherwise.
const DEFAULT_LINES: usize = 200;
/// The most lines of a page.
const MOST_LINES: usize = 1_000;

/// The parameters, for the document; [`Pairs`] reads them.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document takes names and types from it")]
struct IndexParameters {
    /// A main term, its beginning, or a term and its subterms with commas between.
    #[param(max_length = 4096)]
    term: String,
    /// The code system whose index is walked; ICD-10-CM when absent.
    #[param(value_type = SystemId, inline, required = false)]
    system: (),
    /// The day of service, which decides the release; today when absent.
    #[param(value_type = Day, inline, required = false)]
    date: (),
    /// How many lines a page has.
    #[param(required = false, minimum = 1, maximum = 1_000, default = 200)]
    limit: u32,
    /// The `next` of the page before.
    #[param(required = false, minimum = 0)]
    offset: u32,
}

/// A place of the Alphabetic Index, and the lines below it.
#[derive(Debug, Serialize, ToSchema)]
struct IndexAnswer {
    #[serde(flatten)]
    place: IndexPlace,
    /// How many lines there are over all pages.
    total: usize,
    /// The `offset` of the next page.
    next: Option<usize>,
}

/// Walk the Alphabetic Index
///
/// The codes of a term and the lines below it, as the publisher indents them.
#[utoipa::path(get, path = "/v1/index", operation_id = "index", tag = "codes",
    params(IndexParameters),
    responses((status = 200, body = Released<IndexAnswer>, description = "The place")))]
pub async fn get(State(app): State<Arc<App>>, uri: Uri) -> ApiResult<Response> {
    let pairs = Pairs::read(&uri)?;
    pairs.only(&["term", "system", "date", "limit", "offset"], &[])?;
    let term = parameters::needed(
        &pairs,
        "term",
        "a main term, its beginning, or a term and its subterms with commas between",
    )?;
    let term = parameters::query(term.to_owned()).map_err(|error| error.at("term"))?;
    let system = pairs.get("system").map(parameters::system).transpose()?;
    let system = system.unwrap_or(CodeSystem::Icd10Cm);
    let date = pairs.get("date").map(parameters::date).transpose()?;
    let date = date.unwrap_or_else(app.today);
    let number = |name, least, most| {
        let text = pairs.get(name);
        text.map(|text| parameters::number(text, name, least, most))
            .transpose()
    };
    let limit = number("limit", 1, MOST_LINES)?.unwrap_or(DEFAULT_LINES);
    let offset = number("offset", 0, usize::MAX)?.unwrap_or(0);
    respond::from_bundle(&app, move |snapshot| {
        let bundle = snapshot.bundle();
        let found = snapshot.index().find(bundle, system, &term, date);
        let mut place = found.ok_or_else(|| {
            let detail = format!("no release of {system} is loaded");
            ApiError::new(ErrorCode::SystemNotLoaded, detail).at("system")
        })?;
        let total = place.below.len();
        place.below = place.below.into_iter().skip(offset).take(limit).collect();
        let end = offset.saturating_add(place.below.len());
        Ok(Released {
            answer: IndexAnswer {
                next: (!place.below.is_empty() && end < total).then_some(end),
                place,
                total,
            },
            release: answers::releases(bundle, &[system], date),
        })
    })
    .await
}
