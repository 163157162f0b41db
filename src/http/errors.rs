//! Errors as clients see them: RFC 9457 problems with stable codes.
//!
//! Every problem the service answers with is a row of one table. A detail says
//! what was expected and never repeats what was sent: a query may be a
//! patient's words, and so may be a misplaced parameter.

use axum::extract::{Path, Request};
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::cpu_pool::PoolError;
use super::fhir;
use super::middleware::RequestId;
use super::openapi::problem_page;

/// The media type of a problem.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// A kind of problem; its identifier is stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// A date is not `YYYY-MM-DD`.
    BadDate,
    /// A parameter is unknown, given twice or has a value it cannot have.
    BadParameter,
    /// A body is not the JSON that the operation reads.
    BadJson,
    /// A body is not the X12 837 interchange that the operation reads.
    BadX12,
    /// A claim cannot be read.
    BadClaim,
    /// A cursor is not one that this service made for this question.
    BadCursor,
    /// A cursor belongs to a bundle that no longer serves.
    CursorExpired,
    /// A search has no `q`.
    QueryMissing,
    /// A query has more bytes than are read.
    QueryTooLong,
    /// A name is no code system's.
    SystemUnknown,
    /// No release of the system is loaded.
    SystemNotLoaded,
    /// A release that was named is not loaded.
    ReleaseNotLoaded,
    /// No loaded map leads from the system to the one asked for.
    MapNotLoaded,
    /// No loaded system has such a chapter.
    ChapterUnknown,
    /// A text cannot be a code of its system.
    CodeMalformed,
    /// The release that answers has no such code.
    CodeUnknown,
    /// There is nothing at this address.
    NotFound,
    /// The address does not take this method.
    MethodNotAllowed,
    /// A body is larger than is read.
    BodyTooLarge,
    /// A body is of a type that is not read.
    UnsupportedMediaType,
    /// The host asked for is not this machine.
    HostUnknown,
    /// A batch has no queries, or too many.
    BatchSize,
    /// Too much work is waiting.
    Busy,
    /// The answer took too long.
    Timeout,
    /// The service does not answer what it must know.
    NotReady,
    /// Something went wrong inside.
    Internal,
}

/// What the table says of a code.
struct Row {
    id: &'static str,
    status: StatusCode,
    title: &'static str,
}

impl ErrorCode {
    /// Every code, in the order of the table.
    pub const ALL: [ErrorCode; 26] = [
        ErrorCode::BadDate,
        ErrorCode::BadParameter,
        ErrorCode::BadJson,
        ErrorCode::BadX12,
        ErrorCode::BadClaim,
        ErrorCode::BadCursor,
        ErrorCode::CursorExpired,
        ErrorCode::QueryMissing,
        ErrorCode::QueryTooLong,
        ErrorCode::SystemUnknown,
        ErrorCode::SystemNotLoaded,
        ErrorCode::ReleaseNotLoaded,
        ErrorCode::MapNotLoaded,
        ErrorCode::ChapterUnknown,
        ErrorCode::CodeMalformed,
        ErrorCode::CodeUnknown,
        ErrorCode::NotFound,
        ErrorCode::MethodNotAllowed,
        ErrorCode::BodyTooLarge,
        ErrorCode::UnsupportedMediaType,
        ErrorCode::HostUnknown,
        ErrorCode::BatchSize,
        ErrorCode::Busy,
        ErrorCode::Timeout,
        ErrorCode::NotReady,
        ErrorCode::Internal,
    ];

    /// The table: identifier, status and title of every problem.
    const fn row(self) -> Row {
        const fn row(id: &'static str, status: StatusCode, title: &'static str) -> Row {
            Row { id, status, title }
        }
        const BAD: StatusCode = StatusCode::BAD_REQUEST;
        const GONE: StatusCode = StatusCode::SERVICE_UNAVAILABLE;
        match self {
            ErrorCode::BadDate => row("bad-date", BAD, "date is not YYYY-MM-DD"),
            ErrorCode::BadParameter => row("bad-parameter", BAD, "a parameter cannot be used"),
            ErrorCode::BadJson => row("bad-json", BAD, "the body is not the JSON expected"),
            ErrorCode::BadX12 => row("bad-x12", BAD, "the body is not an X12 837 interchange"),
            ErrorCode::BadClaim => row("bad-claim", BAD, "the claim cannot be read"),
            ErrorCode::BadCursor => row("bad-cursor", BAD, "the cursor is not of this question"),
            ErrorCode::CursorExpired => row(
                "cursor-expired",
                StatusCode::CONFLICT,
                "the data has been replaced since",
            ),
            ErrorCode::QueryMissing => row("query-missing", BAD, "there is no query"),
            ErrorCode::QueryTooLong => row("query-too-long", BAD, "the query is too long"),
            ErrorCode::SystemUnknown => row("system-unknown", BAD, "there is no such code system"),
            ErrorCode::SystemNotLoaded => row(
                "system-not-loaded",
                StatusCode::NOT_FOUND,
                "no release of the system is loaded",
            ),
            ErrorCode::ReleaseNotLoaded => row(
                "release-not-loaded",
                StatusCode::NOT_FOUND,
                "the release is not loaded",
            ),
            ErrorCode::MapNotLoaded => row(
                "map-not-loaded",
                StatusCode::NOT_FOUND,
                "no loaded map leads there",
            ),
            ErrorCode::ChapterUnknown => row(
                "chapter-unknown",
                StatusCode::NOT_FOUND,
                "there is no such chapter",
            ),
            ErrorCode::CodeMalformed => row("code-malformed", BAD, "the text cannot be a code"),
            ErrorCode::CodeUnknown => row(
                "code-unknown",
                StatusCode::NOT_FOUND,
                "the release has no such code",
            ),
            ErrorCode::NotFound => row(
                "not-found",
                StatusCode::NOT_FOUND,
                "there is nothing at this address",
            ),
            ErrorCode::MethodNotAllowed => row(
                "method-not-allowed",
                StatusCode::METHOD_NOT_ALLOWED,
                "the address does not take this method",
            ),
            ErrorCode::BodyTooLarge => row(
                "body-too-large",
                StatusCode::PAYLOAD_TOO_LARGE,
                "the body is too large",
            ),
            ErrorCode::UnsupportedMediaType => row(
                "unsupported-media-type",
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "the body is of a type that is not read",
            ),
            ErrorCode::HostUnknown => row(
                "host-unknown",
                StatusCode::MISDIRECTED_REQUEST,
                "the host asked for is not this machine",
            ),
            ErrorCode::BatchSize => row("batch-size", BAD, "the batch is empty or too large"),
            ErrorCode::Busy => row("busy", GONE, "too much work is waiting"),
            ErrorCode::Timeout => row(
                "timeout",
                StatusCode::GATEWAY_TIMEOUT,
                "the answer took too long",
            ),
            ErrorCode::NotReady => row("not-ready", GONE, "the service is not ready"),
            ErrorCode::Internal => row(
                "internal",
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal error",
            ),
        }
    }

    /// What whoever asked can do about it.
    pub const fn advice(self) -> &'static str {
        match self {
            ErrorCode::BadDate => "Write the day of service as in 2026-10-01.",
            ErrorCode::BadParameter => {
                "`parameter` names the one at fault and `detail` says what it may be; parameters \
                 that are not known, and those given twice, are refused."
            }
            ErrorCode::BadJson => {
                "Send one JSON object whose members are those of the reference page; `detail` \
                 says where reading ended."
            }
            ErrorCode::BadCursor => {
                "Send the `next` of the page before, together with the same query, filters, mode \
                 and date."
            }
            ErrorCode::CursorExpired => {
                "Other releases answer since the page before: ask again without `cursor`."
            }
            ErrorCode::QueryMissing => "Say in `q` what to look for.",
            ErrorCode::QueryTooLong => "Send a phrase rather than a document.",
            ErrorCode::SystemUnknown => "Use one of the identifiers that `detail` lists.",
            ErrorCode::SystemNotLoaded => {
                "`/v1/releases` lists what is loaded; build a bundle with the system's files to \
                 have it."
            }
            ErrorCode::BadX12 => {
                "Send an X12 837 interchange from its ISA segment on; `detail` says what is wrong."
            }
            ErrorCode::BadClaim => "`detail` names the member of the claim and what it may be.",
            ErrorCode::ReleaseNotLoaded => {
                "`detail` lists the loaded releases; `/v1/releases` has their days."
            }
            ErrorCode::MapNotLoaded => "Build a bundle with the map's files to have it.",
            ErrorCode::ChapterUnknown => {
                "Write the chapter's number as its publisher does: `4`, `IV`."
            }
            ErrorCode::CodeMalformed => "`detail` says what a code of the system looks like.",
            ErrorCode::CodeUnknown => {
                "`nearest` lists codes that look like it, `valid_in` the releases that have it: \
                 ask with a `date` of one of these."
            }
            ErrorCode::NotFound => "The addresses are listed at `/docs`.",
            ErrorCode::MethodNotAllowed => "The header `Allow` names the methods that it takes.",
            ErrorCode::BodyTooLarge => "Send less at once; batches can be sent as JSON lines.",
            ErrorCode::UnsupportedMediaType => {
                "Send JSON with the header `Content-Type: application/json`."
            }
            ErrorCode::HostUnknown => {
                "Ask the service as `localhost` or `127.0.0.1`, or start it with `--host` \
                 and the name under which it is reached."
            }
            ErrorCode::BatchSize => {
                "Split the batch, or send it as JSON lines of type `application/x-ndjson`."
            }
            ErrorCode::Busy => "Ask again after the seconds that `Retry-After` says.",
            ErrorCode::Timeout => "Ask again; a question that never ends is worth a report.",
            ErrorCode::NotReady => {
                "`missing` says what the bundle does not answer; load another bundle."
            }
            ErrorCode::Internal => {
                "It is the service's fault; the log has more under the request's id."
            }
        }
    }

    /// The stable identifier: `bad-date`.
    pub const fn id(self) -> &'static str {
        self.row().id
    }

    /// The HTTP status.
    pub const fn status(self) -> StatusCode {
        self.row().status
    }

    /// The title, the same for every problem of the kind.
    pub const fn title(self) -> &'static str {
        self.row().title
    }
}

/// A problem on its way to the client.
#[derive(Clone, Debug)]
pub struct ApiError(Box<Contents>);

#[derive(Clone, Debug)]
struct Contents {
    code: ErrorCode,
    detail: String,
    parameter: Option<&'static str>,
    retry_after_seconds: Option<u64>,
    members: Map<String, Value>,
}

/// What a handler answers: a value, or a problem.
pub type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    /// A problem of kind `code`; `detail` must repeat nothing that was sent.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> ApiError {
        ApiError(Box::new(Contents {
            code,
            detail: detail.into(),
            parameter: None,
            retry_after_seconds: None,
            members: Map::new(),
        }))
    }

    /// Names the parameter that is at fault.
    #[must_use]
    pub fn at(mut self, parameter: &'static str) -> ApiError {
        self.0.parameter = Some(parameter);
        self
    }

    /// Adds a member of the problem's own.
    #[must_use]
    pub fn with(mut self, member: &str, value: Value) -> ApiError {
        self.0.members.insert(member.to_owned(), value);
        self
    }

    /// Says when asking again is worth while.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> ApiError {
        self.0.retry_after_seconds = Some(seconds);
        self
    }

    /// The problem as a member of an answer that goes on: of a batch, of a stream.
    pub fn to_value(&self) -> Value {
        json!(self.parts(None))
    }

    /// The kind of problem.
    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// The problem in a sentence, for doors that have no problem documents.
    pub(crate) fn sentence(&self) -> String {
        let mut text = self.0.code.title().to_owned();
        if let Some(parameter) = self.0.parameter {
            text.push_str(&format!(" ({parameter})"));
        }
        if !self.0.detail.is_empty() {
            text.push_str(&format!(": {}", self.0.detail));
        }
        text
    }

    fn body(&self, request_id: Option<&str>) -> Vec<u8> {
        // Strings and numbers always become JSON.
        serde_json::to_vec(&self.parts(request_id)).unwrap_or_default()
    }

    fn parts<'a>(&'a self, request_id: Option<&'a str>) -> ProblemBody<'a> {
        let code = self.0.code;
        ProblemBody {
            r#type: format!("/problems/{}", code.id()),
            title: code.title(),
            status: code.status().as_u16(),
            code: code.id(),
            detail: &self.0.detail,
            parameter: self.0.parameter,
            members: &self.0.members,
            request_id,
        }
    }
}

/// A problem as RFC 9457 writes it; kinds of problems add members of their own.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the document takes names and types from it")]
pub struct Problem {
    /// Where the kind of problem is described.
    r#type: String,
    /// What is wrong, the same for every problem of the kind.
    title: String,
    /// The HTTP status.
    status: u16,
    /// The kind of problem; it is stable.
    code: String,
    /// What was expected, and what to do. It repeats nothing that was sent.
    #[schema(nullable = false)]
    detail: Option<String>,
    /// The parameter or member that is at fault.
    #[schema(nullable = false)]
    parameter: Option<String>,
    /// The id of the request, as in the header `X-Request-Id`.
    #[schema(nullable = false)]
    request_id: Option<String>,
}

/// What [`Problem`] describes.
#[derive(Serialize)]
struct ProblemBody<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    code: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<&'static str>,
    #[serde(flatten)]
    members: &'a Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

impl From<PoolError> for ApiError {
    fn from(error: PoolError) -> ApiError {
        match error {
            PoolError::Busy => {
                ApiError::new(ErrorCode::Busy, "ask again in a moment").retry_after(1)
            }
            PoolError::Stopping => {
                ApiError::new(ErrorCode::Busy, "the server is stopping").retry_after(5)
            }
            PoolError::Panicked => ApiError::new(ErrorCode::Internal, ""),
        }
    }
}

/// Answers with the problem's status; a middleware adds the body, because only it knows the request's id.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.0.code.status().into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.0.retry_after_seconds {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Middleware: writes the body of a problem, with the request's id; FHIR has outcomes for problems.
pub(super) async fn render(request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().cloned();
    let is_fhir = request.uri().path().starts_with("/fhir/");
    let mut response = next.run(request).await;
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        if is_fhir {
            let media_type = HeaderValue::from_static(fhir::FHIR_JSON);
            response.headers_mut().insert(CONTENT_TYPE, media_type);
            *response.body_mut() = fhir::of_problem(&error).into();
            return response;
        }
        let id = id.as_ref().map(RequestId::as_str);
        *response.body_mut() = error.body(id).into();
    }
    response
}

/// `GET /problems/{id}`: what a problem's `type` leads to, for people as a page.
pub(super) async fn describe(id: Option<Path<String>>, headers: HeaderMap) -> ApiResult<Response> {
    let code = id.and_then(|Path(id)| ErrorCode::ALL.into_iter().find(|code| code.id() == id));
    let Some(code) = code else {
        return Err(not_found());
    };
    let accepted = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
    let mut response = if accepted.is_some_and(|types| types.contains("text/html")) {
        Html(problem_page(code)).into_response()
    } else {
        let body = json!({
            "code": code.id(),
            "status": code.status().as_u16(),
            "title": code.title(),
            "advice": code.advice(),
        });
        axum::Json(body).into_response()
    };
    response
        .headers_mut()
        .insert(VARY, HeaderValue::from_static("accept"));
    Ok(response)
}

/// The problem of an address where nothing is.
pub(super) fn not_found() -> ApiError {
    ApiError::new(ErrorCode::NotFound, "the addresses are listed at /")
}

/// Answers addresses that lead nowhere.
pub(super) async fn fallback() -> ApiError {
    not_found()
}

/// Answers methods that an address does not take.
pub(super) async fn method_not_allowed() -> ApiError {
    ApiError::new(
        ErrorCode::MethodNotAllowed,
        "the Allow header names those it takes",
    )
}

/// Answers a request whose handler panicked; the panic hook has logged where.
pub(super) fn panicked(_payload: Box<dyn std::any::Any + Send>) -> Response {
    ApiError::new(ErrorCode::Internal, "").into_response()
}

#[cfg(test)]
mod tests {
    use super::ErrorCode;

    #[test]
    fn codes_are_unique_and_errors() {
        for code in ErrorCode::ALL {
            let same = ErrorCode::ALL
                .into_iter()
                .filter(|other| other.id() == code.id());
            assert_eq!(same.count(), 1, "{}", code.id());
            assert!(code.status().is_client_error() || code.status().is_server_error());
        }
    }
}
