//! `/v1/diff/{system}`: what one release changed against another.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::response::Response;
use codesets::CodeSystem;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::parameters::{self, Day, Pairs, SystemId};
use super::respond;
use crate::answers::{self, Released};
use crate::catalog::Snapshot;
use crate::diff::{DiffError, ReleaseDiff, Wanted, diff, latest_pair};
use crate::http::errors::{ApiError, ApiResult, ErrorCode, not_found};
use crate::http::state::App;

/// The rows of a page unless asked otherwise.
const DEFAULT_ROWS: usize = 1_000;
/// The most rows of a page.
const MOST_ROWS: usize = 10_000;

/// A comparison, read and checked.
struct Question {
    system: CodeSystem,
    /// Both, or neither for the release of the day and the one before it.
    releases: Option<(String, String)>,
    date: Date,
    kinds: Vec<Wanted>,
    offset: usize,
    limit: usize,
}

/// The parameters, for the document; [`Pairs`] reads them.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document takes names and types from it")]
struct DiffParameters {
    /// The older release; with `to`, or neither for the release of the day and the one before.
    #[param(required = false)]
    from: String,
    /// The newer release.
    #[param(required = false)]
    to: String,
    /// Only these changes, with commas between: `added`, `deleted`, `revised` and the others
    /// that rows name.
    #[param(required = false)]
    kind: String,
    /// How many rows a page has.
    #[param(required = false, minimum = 1, maximum = 10_000, default = 1_000)]
    limit: u32,
    /// The `next` of the page before.
    #[param(required = false, minimum = 0)]
    offset: u32,
    /// The form of the answer; without it, the Accept header decides.
    #[param(value_type = DiffFormat, inline, required = false)]
    format: (),
    /// The day of service, where no releases are named; today when absent.
    #[param(value_type = Day, inline, required = false)]
    date: (),
}

/// The form of the answer.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "the document takes the names from it")]
enum DiffFormat {
    /// JSON.
    Json,
    /// A row a code.
    Csv,
}

/// What changed between two releases.
#[derive(Serialize, ToSchema)]
struct DiffAnswer {
    #[serde(flatten)]
    diff: ReleaseDiff,
    /// How many rows there are over all pages.
    total: usize,
    /// The `offset` of the next page.
    next: Option<usize>,
}

/// What changed between releases
///
/// Added, deleted, revised and moved codes and headers, in tabular order; as JSON in pages, or
/// all of it as CSV.
#[utoipa::path(get, path = "/v1/diff/{system}", operation_id = "diff", tag = "codes",
    params(("system" = inline(SystemId), Path, description = "The code system"), DiffParameters),
    responses((status = 200, description = "The changes", content(
        (Released<DiffAnswer> = "application/json"), (String = "text/csv")))))]
pub async fn get(
    State(app): State<Arc<App>>,
    path: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    uri: Uri,
) -> ApiResult<Response> {
    let Path(system) = path.map_err(|_| not_found())?;
    let pairs = Pairs::read(&uri)?;
    let known = ["from", "to", "kind", "limit", "offset", "format", "date"];
    pairs.only(&known, &["kind"])?;
    let csv = wants_csv(pairs.get("format"), &headers)?;
    let date = pairs.get("date").map(parameters::date).transpose()?;
    let number = |name, least, most| {
        let text = pairs.get(name);
        text.map(|text| parameters::number(text, name, least, most))
            .transpose()
    };
    let question = Question {
        system: parameters::system(&system)?,
        releases: releases(&pairs)?,
        date: date.unwrap_or_else(app.today),
        kinds: kinds(&pairs)?,
        offset: number("offset", 0, usize::MAX)?.unwrap_or(0),
        limit: number("limit", 1, MOST_ROWS)?.unwrap_or(if csv {
            usize::MAX
        } else {
            DEFAULT_ROWS
        }),
    };
    if !csv {
        return respond::from_bundle(&app, move |snapshot| answer(snapshot, question)).await;
    }
    let snapshot = app.catalog.snapshot();
    let text = app
        .pool
        .run(move || answer(&snapshot, question).map(|found| found.answer.diff.to_csv()))
        .await??;
    let mut response = respond::with_body(Vec::new());
    *response.body_mut() = Body::from(text);
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8"),
    );
    headers.insert(
        CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"diff.csv\""),
    );
    headers.insert(VARY, HeaderValue::from_static("accept"));
    Ok(response)
}

/// Whether CSV is asked for, by `format` or, without it, by the Accept header.
fn wants_csv(format: Option<&str>, headers: &HeaderMap) -> ApiResult<bool> {
    match format {
        Some("csv") => Ok(true),
        Some("json") => Ok(false),
        Some(_) => {
            let error = ApiError::new(ErrorCode::BadParameter, "it is json or csv");
            Err(error.at("format"))
        }
        None => Ok(headers
            .get(ACCEPT)
            .and_then(|value| value.to_str().ok())
            .and_then(|accept| accept.split([',', ';']).next())
            .is_some_and(|first| first.trim().eq_ignore_ascii_case("text/csv"))),
    }
}

fn releases(pairs: &Pairs) -> ApiResult<Option<(String, String)>> {
    match (pairs.get("from"), pairs.get("to")) {
        (Some(from), Some(to)) => Ok(Some((from.to_owned(), to.to_owned()))),
        (None, None) => Ok(None),
        (from, _) => {
            let detail = "from and to are given both, or neither for the release of the day and the one before";
            let missing = if from.is_some() { "to" } else { "from" };
            Err(ApiError::new(ErrorCode::BadParameter, detail).at(missing))
        }
    }
}

fn kinds(pairs: &Pairs) -> ApiResult<Vec<Wanted>> {
    pairs
        .all("kind")
        .flat_map(|list| list.split(','))
        .map(|kind| {
            kind.trim().parse::<Wanted>().map_err(|error| {
                ApiError::new(ErrorCode::BadParameter, error.to_string()).at("kind")
            })
        })
        .collect()
}

fn answer(snapshot: &Snapshot, question: Question) -> ApiResult<Released<DiffAnswer>> {
    let bundle = snapshot.bundle();
    let Question {
        system,
        date,
        offset,
        limit,
        ..
    } = question;
    if bundle.release_for(system, date).is_none() {
        let detail = format!("no release of {system} is loaded");
        return Err(ApiError::new(ErrorCode::SystemNotLoaded, detail).at("system"));
    }
    let pair = question
        .releases
        .as_ref()
        .map(|(from, to)| (from.as_str(), to.as_str()))
        .or_else(|| latest_pair(bundle, system, date));
    let found = match pair {
        Some((from, to)) => diff(bundle, system, from, to),
        None => Err(DiffError::NoPair(system)),
    };
    let mut found = found.map_err(refused)?;
    if !question.kinds.is_empty() {
        found
            .rows
            .retain(|row| question.kinds.iter().any(|kind| kind.holds(row)));
    }
    let total = found.rows.len();
    found.rows = found.rows.into_iter().skip(offset).take(limit).collect();
    let end = offset.saturating_add(found.rows.len());
    Ok(Released {
        answer: DiffAnswer {
            next: (!found.rows.is_empty() && end < total).then_some(end),
            total,
            diff: found,
        },
        release: answers::releases(bundle, &[system], date),
    })
}

/// The problem of releases that cannot be compared; a release's name that was sent is not repeated.
fn refused(error: DiffError) -> ApiError {
    match error {
        DiffError::NotLoaded { system, loaded, .. } => {
            let detail = format!("loaded releases of {system} are {}", loaded.join(", "));
            ApiError::new(ErrorCode::ReleaseNotLoaded, detail)
        }
        DiffError::NoPair(_) => ApiError::new(ErrorCode::ReleaseNotLoaded, error.to_string()),
    }
}
