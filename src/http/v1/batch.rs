//! `/v1/search:batch`: many searches in one request, and streams of them.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use serde_json::Value;

use super::lines::{self, Asked, Item, NDJSON};
use super::search::{self, SearchBody};
use super::{parameters, respond};
use crate::answers::SearchAnswer;
use crate::catalog::Snapshot;
use crate::http::errors::{ApiError, ApiResult, ErrorCode};
use crate::http::state::App;

/// The most questions of a batch; a stream has any number.
pub const MOST_ITEMS: usize = 100;

/// A batch as its JSON body says it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BatchBody {
    queries: Vec<Item>,
}

/// Searches of a batch or a stream.
#[derive(Clone, Debug)]
struct Searches;

impl Asked for Searches {
    type Answer = SearchAnswer;

    fn answer(&self, app: &App, snapshot: &Snapshot, item: Item) -> ApiResult<SearchAnswer> {
        let body: SearchBody = serde_json::from_value(Value::Object(item))
            .map_err(|error| parameters::not_json(&error))?;
        let question = body.question()?;
        app.metrics.searched(question.systems());
        search::answer(snapshot, question, (app.today)())
    }
}

/// `POST /v1/search:batch`: up to [`MOST_ITEMS`] searches as JSON, or any number as JSON lines.
pub async fn post(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    request: Request,
) -> ApiResult<Response> {
    if parameters::is_of_type(&headers, NDJSON) {
        return Ok(lines::stream(&app, Searches, request.into_body()));
    }
    let body: Result<Bytes, BytesRejection> = Bytes::from_request(request, &()).await;
    let batch: BatchBody = parameters::json(&headers, body)?;
    let items = counted(batch.queries, "queries")?;
    let answers = lines::all(&app, &Searches, items).await;
    Ok(respond::with_body(respond::list("answers", &answers)))
}

/// `items`, if there are some and not too many.
fn counted(items: Vec<Item>, parameter: &'static str) -> ApiResult<Vec<Item>> {
    if (1..=MOST_ITEMS).contains(&items.len()) {
        return Ok(items);
    }
    let detail = format!(
        "it has {}, but 1 to {MOST_ITEMS} are answered; send more as JSON lines of type {NDJSON}",
        items.len()
    );
    Err(ApiError::new(ErrorCode::BatchSize, detail).at(parameter))
}
