//! `/v1/complete`: what the words typed so far may become.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::parameters::{self, Names, Pairs};
use super::{respond, search};
use crate::answers::{self, Releases};
use crate::complete::{CompleteRequest, Completion, complete};
use crate::http::errors::{ApiError, ApiResult, ErrorCode};
use crate::http::state::App;
use crate::search::Filters;

const PARAMETERS: [&str; 6] = ["q", "system", "date", "billable", "chapter", "limit"];

/// Completions asked for unless said otherwise.
const DEFAULT_LIMIT: usize = 10;

/// The question as its JSON body says it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Body {
    q: Option<String>,
    system: Names,
    date: Option<String>,
    billable: Option<bool>,
    chapter: Option<String>,
    limit: Option<u32>,
}

/// The answer.
#[derive(Debug, Serialize)]
struct CompleteAnswer {
    completions: Vec<Completion>,
    took_us: u64,
    release: Releases,
}

/// `GET /v1/complete`.
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

/// `POST /v1/complete`: the same in JSON, so that the phrase is in no address.
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
