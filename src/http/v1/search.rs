//! `/v1/search`: a phrase, a code, or a mix of them, to ranked codes.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use jiff::civil::Date;
use serde::Deserialize;

use super::cursor::{self, Asked, Cursor};
use super::parameters::{self, Names, Pairs};
use super::respond;
use crate::answers::{self, SearchAnswer};
use crate::catalog::Snapshot;
use crate::http::errors::{ApiError, ApiResult, ErrorCode};
use crate::http::state::App;
use crate::search::{Filters, Mode, SearchError, SearchRequest};

const PARAMETERS: [&str; 9] = [
    "q", "system", "date", "billable", "chapter", "limit", "cursor", "explain", "mode",
];

/// A search as its JSON body says it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Body {
    q: Option<String>,
    system: Names,
    date: Option<String>,
    billable: Option<bool>,
    chapter: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
    explain: bool,
    mode: Option<String>,
}

/// A search, read and checked.
#[derive(Debug)]
pub(super) struct Question {
    text: String,
    filters: Filters,
    mode: Mode,
    date: Option<Date>,
    limit: usize,
    cursor: Option<Cursor>,
    explain: bool,
}

/// `GET /v1/search`.
pub async fn get(State(app): State<Arc<App>>, uri: Uri) -> ApiResult<Response> {
    let pairs = Pairs::read(&uri)?;
    pairs.only(&PARAMETERS, &["system"])?;
    let optional_flag = |name| {
        pairs
            .get(name)
            .map(|text| parameters::flag(text, name))
            .transpose()
    };
    let question = Question {
        text: text(pairs.get("q").map(str::to_owned))?,
        filters: Filters {
            systems: parameters::systems(pairs.all("system"))?,
            billable: optional_flag("billable")?,
            chapter: parameters::chapter(pairs.get("chapter")),
        },
        mode: mode(pairs.get("mode"))?,
        date: pairs.get("date").map(parameters::date).transpose()?,
        limit: pairs
            .get("limit")
            .map_or(Ok(parameters::DEFAULT_LIMIT), parameters::limit)?,
        cursor: pairs.get("cursor").map(Cursor::read).transpose()?,
        explain: optional_flag("explain")?.unwrap_or(false),
    };
    ask(&app, question).await
}

/// `POST /v1/search`: the same in JSON, so that the phrase is in no address.
pub async fn post(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> ApiResult<Response> {
    let body: Body = parameters::json(&headers, body)?;
    let question = Question {
        text: text(body.q)?,
        filters: Filters {
            systems: body.system.systems()?,
            billable: body.billable,
            chapter: parameters::chapter(body.chapter.as_deref()),
        },
        mode: mode(body.mode.as_deref())?,
        date: body.date.as_deref().map(parameters::date).transpose()?,
        limit: body.limit.map_or(Ok(parameters::DEFAULT_LIMIT), |limit| {
            parameters::checked_limit(usize::try_from(limit).unwrap_or(usize::MAX))
        })?,
        cursor: body.cursor.as_deref().map(Cursor::read).transpose()?,
        explain: body.explain,
    };
    ask(&app, question).await
}

fn text(q: Option<String>) -> ApiResult<String> {
    let missing = || {
        ApiError::new(
            ErrorCode::QueryMissing,
            "q is the phrase or code to look for",
        )
        .at("q")
    };
    parameters::query(q.ok_or_else(missing)?)
}

fn mode(text: Option<&str>) -> ApiResult<Mode> {
    text.map_or(Ok(Mode::Final), parameters::mode)
}

async fn ask(app: &App, question: Question) -> ApiResult<Response> {
    let snapshot = app.catalog.snapshot();
    let today = (app.today)();
    app.metrics.searched(&question.filters.systems);
    let body = app
        .pool
        .run(move || answer(&snapshot, question, today).and_then(|answer| respond::json(&answer)))
        .await??;
    Ok(respond::with_body(body))
}

fn answer(snapshot: &Snapshot, question: Question, today: Date) -> ApiResult<SearchAnswer> {
    let bundle = snapshot.bundle();
    let date = question
        .date
        .or(question.cursor.as_ref().map(Cursor::date))
        .unwrap_or(today);
    let asked = Asked {
        text: &question.text,
        filters: &question.filters,
        mode: question.mode,
        date,
    };
    let offset = match &question.cursor {
        Some(cursor) => cursor.offset(snapshot, asked)?,
        None => 0,
    };
    let request = SearchRequest {
        text: question.text.clone(),
        filters: question.filters.clone(),
        date,
        mode: question.mode,
        offset,
        limit: question.limit,
    };
    let start = Instant::now();
    let found = snapshot.searcher().search(&request).map_err(refused)?;
    let took_us = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
    let end = offset.saturating_add(found.hits.len());
    let more = !found.hits.is_empty() && end < found.total;
    Ok(SearchAnswer {
        query: answers::query(&found.plan, &found.hits),
        total: found.total,
        total_exact: found.total_exact,
        took_us,
        results: answers::results(bundle, &found, date, question.explain),
        next: more.then(|| cursor::write(snapshot, asked, end)).flatten(),
        release: answers::releases(bundle, &question.filters.systems, date),
    })
}

/// The problem of a search that its filters forbid.
pub(crate) fn refused(error: SearchError) -> ApiError {
    let detail = error.to_string();
    match error {
        SearchError::SystemNotLoaded(_) => {
            ApiError::new(ErrorCode::SystemNotLoaded, detail).at("system")
        }
        SearchError::UnknownChapter => {
            ApiError::new(ErrorCode::ChapterUnknown, detail).at("chapter")
        }
    }
}
