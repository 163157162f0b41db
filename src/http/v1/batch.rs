//! `/v1/search:batch`: many searches in one request, and streams of them.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::lines::{self, Asked, Item, NDJSON};
use super::search::{self, SearchBody};
use super::{parameters, respond};
use crate::answers::SearchAnswer;
use crate::catalog::Snapshot;
use crate::http::errors::{ApiError, ApiResult, ErrorCode, Problem};
use crate::http::state::App;

/// The most questions of a batch; a stream has any number.
pub const MOST_ITEMS: usize = 100;

/// A batch as its JSON body says it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SearchBatchBody)]
struct BatchBody {
    /// The searches, each with an `id` of the client's own.
    #[schema(value_type = Vec<SearchItem>, min_items = 1, max_items = 100)]
    queries: Vec<Item>,
}

/// A search of a batch: the members of a search, and an `id`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the document takes names and types from it")]
struct SearchItem {
    /// What its answer is told by; its place in the batch, counted from 1, when absent.
    id: Option<String>,
    #[schema(inline)]
    #[serde(flatten)]
    search: SearchBody,
}

/// What became of a search of a batch: an answer or a problem.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the document takes names and types from it")]
struct SearchItemAnswer {
    /// The `id` of the search.
    id: String,
    /// The answer.
    #[schema(nullable = false)]
    answer: Option<SearchAnswer>,
    /// The problem, where there is no answer.
    problem: Option<Problem>,
}

/// The answers of a batch, in the order of its searches.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the document takes names and types from it")]
struct SearchBatchAnswer {
    answers: Vec<SearchItemAnswer>,
}

/// Searches of a batch or a stream.
#[derive(Clone, Debug)]
struct Searches;

impl Asked for Searches {
    type Answer = SearchAnswer;

    fn answer(&self, app: &App, snapshot: &Snapshot, item: Item) -> ApiResult<SearchAnswer> {
        let body: SearchBody = serde_json::from_value(Value::Object(item))
            .map_err(|error| parameters::not_json(&error, ""))?;
        let question = body.question()?;
        app.metrics.searched(question.systems());
        search::answer(snapshot, question, (app.today)())
    }
}

/// Search many phrases
///
/// Up to 100 searches as JSON; one that cannot be answered does not fail the others. As
/// `application/x-ndjson`, one search a line, there may be any number: answers come a line each,
/// in order, while the request is still being sent, so a client must read while it sends.
#[utoipa::path(post, path = "/v1/search:batch", operation_id = "searchBatch", tag = "search",
    request_body = BatchBody,
    responses((status = 200, body = SearchBatchAnswer, description = "An answer to each search")))]
pub async fn post(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    request: Request,
) -> ApiResult<Response> {
    if parameters::media_type(&headers).as_deref() == Some(NDJSON) {
        return Ok(lines::stream(&app, Searches, request.into_body()));
    }
    let body: Result<Bytes, BytesRejection> = Bytes::from_request(request, &()).await;
    if parameters::media_type(&headers).as_deref() != Some("application/json") {
        let detail = format!("application/json or {NDJSON} is read");
        return Err(ApiError::new(ErrorCode::UnsupportedMediaType, detail));
    }
    let batch: BatchBody = parameters::object(&parameters::bytes(body, "1 MiB")?, "")?;
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
