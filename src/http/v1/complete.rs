//! `/v1/complete`: what the words typed so far may become.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::parameters::{self, Day, Names, Pairs, SystemId};
use super::{respond, search};
use crate::answers::{self, ReleaseStamp, Releases};
use crate::complete::{CompleteRequest, Completion, complete};
use crate::http::errors::{ApiError, ApiResult, ErrorCode};
use crate::http::state::App;
use crate::search::Filters;

const PARAMETERS: [&str; 6] = ["q", "system", "date", "billable", "chapter", "limit"];

/// Completions asked for unless said otherwise.
const DEFAULT_LIMIT: usize = 10;

/// The parameters of `GET /v1/complete`, for the document; [`Pairs`] reads them.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document takes names and types from it")]
struct CompleteParameters {
    /// What was typed so far; a blank at its end says that the last word is whole.
    #[param(max_length = 4096)]
    q: String,
    /// The code systems, with commas between; all when absent.
    #[param(value_type = Vec<SystemId>, inline, required = false, style = Form, explode = false)]
    system: (),
    /// The day of service, which decides the release; today when absent.
    #[param(value_type = Day, inline, required = false)]
    date: (),
    /// Only codes that can be billed; with `false`, only headers.
    #[param(required = false)]
    billable: bool,
    /// Only codes of the chapter with this number, as the publisher writes it.
    #[param(required = false)]
    chapter: String,
    /// How many completions are wanted.
    #[param(required = false, minimum = 1, maximum = 100, default = 10)]
    limit: u32,
}

/// The question as its JSON body says it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CompleteBody)]
struct Body {
    /// What was typed so far; a blank at its end says that the last word is whole.
    #[schema(value_type = String, required = true, max_length = 4096)]
    q: Option<String>,
    /// The code systems; all when absent.
    #[serde(default)]
    #[schema(inline)]
    system: Names,
    /// The day of service; today when absent.
    #[schema(value_type = Option<String>, format = Date)]
    date: Option<String>,
    /// Only codes that can be billed, or only those that cannot.
    billable: Option<bool>,
    /// Only codes of the chapter with this number.
    chapter: Option<String>,
    /// How many completions are wanted; 10 when absent.
    #[serde(default, deserialize_with = "parameters::whole")]
    #[schema(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// What the text may become.
#[derive(Debug, Serialize, ToSchema)]
struct CompleteAnswer {
    /// The completions, best first.
    completions: Vec<Completion>,
    /// The time it took, waiting for a core not counted.
    took_us: u64,
    /// The release that answered, by system.
    #[schema(value_type = BTreeMap<String, ReleaseStamp>)]
    release: Releases,
}

/// Complete what is typed
///
/// Codes that begin so, then phrases that begin so, then what search finds for the words.
#[utoipa::path(get, path = "/v1/complete", operation_id = "complete", tag = "search",
    params(CompleteParameters),
    responses((status = 200, body = CompleteAnswer, description = "Completions")))]
pub async fn get(State(app): State<Arc<App>>, uri: Uri) -> ApiResult<Response> {
    let pairs = Pairs::read(&uri)?;
    pairs.only(&PARAMETERS, &["system"])?;
    let billable = pairs
        .get("billable")
        .map(|text| parameters::flag(text, "billable"));
    let request = CompleteRequest {
        text: text(pairs.get("q").map(str::to_owned))?,
        filters: Filters {
            systems: parameters::systems(pairs.all("system"))?,
            billable: billable.transpose()?,
            chapter: parameters::chapter(pairs.get("chapter")),
        },
        date: pairs
            .get("date")
            .map_or_else(|| Ok((app.today)()), parameters::date)?,
        limit: pairs
            .get("limit")
            .map_or(Ok(DEFAULT_LIMIT), parameters::limit)?,
    };
    ask(&app, request).await
}

/// Complete without the text in an address
///
/// The same as JSON, for text that may hold a patient's words.
#[utoipa::path(post, path = "/v1/complete", operation_id = "completeByPost", tag = "search",
    request_body = Body,
    responses((status = 200, body = CompleteAnswer, description = "Completions")))]
pub async fn post(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> ApiResult<Response> {
    let body: Body = parameters::json(&headers, body)?;
    let request = CompleteRequest {
        text: text(body.q)?,
        filters: Filters {
            systems: body.system.systems()?,
            billable: body.billable,
            chapter: parameters::chapter(body.chapter.as_deref()),
        },
        date: body
            .date
            .as_deref()
            .map_or_else(|| Ok((app.today)()), parameters::date)?,
        limit: body.limit.map_or(Ok(DEFAULT_LIMIT), |limit| {
            parameters::checked_limit(usize::try_from(limit).unwrap_or(usize::MAX))
        })?,
    };
    ask(&app, request).await
}

fn text(q: Option<String>) -> ApiResult<String> {
    let missing = || ApiError::new(ErrorCode::QueryMissing, "q is what was typed so far").at("q");
    parameters::query(q.ok_or_else(missing)?)
}

async fn ask(app: &App, request: CompleteRequest) -> ApiResult<Response> {
    let snapshot = app.catalog.snapshot();
    let body = app
        .pool
        .run(move || {
            let start = Instant::now();
            let completions = complete(snapshot.searcher(), &request).map_err(search::refused)?;
            let took_us = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
            let systems = &request.filters.systems;
            respond::json(&CompleteAnswer {
                completions,
                took_us,
                release: answers::releases(snapshot.bundle(), systems, request.date),
            })
        })
        .await??;
    Ok(respond::with_body(body))
}
