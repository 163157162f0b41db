//! FHIR terminology at `/fhir/R4` and `/fhir/R5`: translations between FHIR and the core.
//!
//! Every address below the bases comes to [`serve`], which reads the request and
//! asks `dispatch` on the CPU pool. The operations see a `terminology`: the
//! bundle, a day, and the code systems and value sets that came with the
//! question. Both kinds of code system are asked through one trait
//! (`concepts`), so that a filter or a hierarchy means the same for each.
//!
//! Nothing is searched here: filters of expansions go to [`crate::search`],
//! codes to [`crate::lookup`] and [`crate::validate`], maps to [`crate::translate`].

use std::cell::Cell;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, HOST};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::Response;
use serde_json::Value;

use super::errors::{ApiError, ApiResult, ErrorCode};
use super::state::App;

mod canonical;
mod capability;
mod check;
mod codings;
mod concept_operations;
mod concepts;
mod definitions;
mod dispatch;
mod expand;
mod filters;
mod implicit_sets;
mod loaded;
mod outcome;
mod parameters;
mod resources;
mod sent;
mod terminology;
mod translate;
mod validate;
mod value_sets;
mod wording;

use dispatch::Question;
pub(super) use outcome::of_problem;
use outcome::{FhirError, FhirResult, Issue, Severity};
pub use sent::SentCache;
use terminology::Server;

/// The media type of resources.
pub(super) const FHIR_JSON: &str = "application/fhir+json";

/// A version of FHIR, and the base where it is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Base {
    /// 4.0.1 at `/fhir/R4`.
    R4,
    /// 5.0.0 at `/fhir/R5`.
    R5,
}

impl Base {
    const fn name(self) -> &'static str {
        match self {
            Base::R4 => "R4",
            Base::R5 => "R5",
        }
    }

    const fn version(self) -> &'static str {
        match self {
            Base::R4 => "4.0.1",
            Base::R5 => "5.0.0",
        }
    }
}

/// What kind of answer a client takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// `application/fhir+json`.
    Fhir,
    /// `application/json`, asked for by that name.
    Plain,
    /// A page: a browser asks.
    Page,
}

/// Everything below `/fhir/`.
///
/// # Errors
/// Only when the work is not done at all; what FHIR can say is an OperationOutcome.
pub async fn serve(
    State(app): State<Arc<App>>,
    path: Result<Path<String>, PathRejection>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> ApiResult<Response> {
    let body = body.map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            ApiError::new(ErrorCode::BodyTooLarge, "")
        } else {
            ApiError::new(ErrorCode::BadJson, "")
        }
    })?;
    let path = path.map(|Path(path)| path).unwrap_or_default();
    let snapshot = app.catalog.snapshot();
    let today = (app.today)();
    let state = Arc::clone(&app);
    let answered = app
        .pool
        .run(move || {
            let server = Server {
                snapshot: &snapshot,
                cache: &state.sent,
                today,
                visits: &Cell::new(0),
            };
            let request = Request {
                path: &path,
                method: &method,
                uri: &uri,
                headers: &headers,
                body: &body,
            };
            request.answer(server)
        })
        .await?;
    Ok(answered.into_response())
}

/// An answer on its way to the client.
struct Answered {
    status: StatusCode,
    media_type: &'static str,
    body: Vec<u8>,
}

impl Answered {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.media_type));
        // It may hold what was asked, so nobody may keep it.
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

/// A request as it came.
struct Request<'r> {
    path: &'r str,
    method: &'r Method,
    uri: &'r Uri,
    headers: &'r HeaderMap,
    body: &'r [u8],
}

impl Request<'_> {
    fn answer(&self, server: Server<'_>) -> Answered {
        let pairs = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(self.uri);
        let pairs = pairs.map(|axum::extract::Query(pairs)| pairs);
        let format = self.format(pairs.as_deref().unwrap_or_default());
        let media_type = match format {
            Ok(Format::Plain) => "application/json",
            Ok(Format::Fhir | Format::Page) | Err(_) => FHIR_JSON,
        };
        let answered = format.and_then(|format| {
            let pairs = pairs.map_err(|_| FhirError::invalid("the address cannot be read"))?;
            let question = self.question(pairs, format)?;
            if format == Format::Page && question.path.is_empty() && !question.is_post {
                let term = terminology::Terminology::new(server, &parameters::Input::default())?;
                let page = capability::page(&term, question.base);
                return Ok(("text/html; charset=utf-8", page.into_bytes()));
            }
            Ok((media_type, bytes(&dispatch::answer(server, question)?)))
        });
        match answered {
            Ok((media_type, body)) => Answered {
                status: StatusCode::OK,
                media_type,
                body,
            },
            Err(error) => Answered {
                status: error.status,
                media_type,
                body: bytes(&error.to_json()),
            },
        }
    }

    fn question(&self, mut pairs: Vec<(String, String)>, format: Format) -> FhirResult<Question> {
        let mut path = dispatch::parts(self.path);
        let base = match path.first().map(String::as_str) {
            Some("R4") => Base::R4,
            Some("R5") => Base::R5,
            _ => return Err(FhirError::not_found("the bases are /fhir/R4 and /fhir/R5")),
        };
        path.remove(0);
        let is_post = match *self.method {
            Method::GET | Method::HEAD => false,
            Method::POST => true,
            _ => return Err(dispatch::method_not_allowed()),
        };
        let mut body = None;
        if is_post && !self.body.is_empty() {
            match self.content_type() {
                "application/x-www-form-urlencoded" => {
                    let form: Vec<(String, String)> = form(self.body)?;
                    pairs.extend(form);
                }
                "application/fhir+json" | "application/json" | "text/json" | "" => {
                    body = Some(json(self.body)?);
                }
                _ => return Err(unsupported_media_type()),
            }
        }
        Ok(Question {
            base,
            path,
            is_post,
            pairs,
            body,
            root: self.root(base),
            is_plain: format == Format::Plain,
        })
    }

    fn content_type(&self) -> &str {
        let value = self.headers.get(CONTENT_TYPE);
        let text = value.and_then(|value| value.to_str().ok()).unwrap_or("");
        text.split(';').next().unwrap_or("").trim()
    }

    /// The base's own address, as the client knows it.
    fn root(&self, base: Base) -> Option<String> {
        let host = self.headers.get(HOST)?.to_str().ok()?;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
        let is_host = !host.is_empty() && host.len() <= 255 && host.bytes().all(is_plain);
        is_host.then(|| format!("http://{host}/fhir/{}", base.name()))
    }

    /// What the client takes: by `_format`, else by what it accepts.
    fn format(&self, pairs: &[(String, String)]) -> FhirResult<Format> {
        let asked = pairs.iter().find(|(name, _)| name == "_format");
        if let Some((_, format)) = asked {
            // A plus sign that was not written as %2B came as a blank.
            return match format
                .replace(' ', "+")
                .split(';')
                .next()
                .unwrap_or("")
                .trim()
            {
                "json" | FHIR_JSON => Ok(Format::Fhir),
                "application/json" | "text/json" => Ok(Format::Plain),
                "html" | "text/html" => Ok(Format::Page),
                _ => Err(not_acceptable()),
            };
        }
        let accepted: Vec<&str> = self
            .headers
            .get_all(ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(|range| range.split(';').next().unwrap_or("").trim())
            .filter(|range| !range.is_empty())
            .collect();
        let accepts = |wanted: &[&str]| accepted.iter().any(|range| wanted.contains(range));
        if accepts(&[FHIR_JSON, "application/*"]) || accepted.is_empty() {
            Ok(Format::Fhir)
        } else if accepts(&["text/html"]) {
            Ok(Format::Page)
        } else if accepts(&["application/json", "text/json"]) {
            Ok(Format::Plain)
        } else if accepts(&["*/*"]) {
            Ok(Format::Fhir)
        } else {
            Err(not_acceptable())
        }
    }
}

/// A body that is a resource.
fn json(body: &[u8]) -> FhirResult<Value> {
    serde_json::from_slice(body).map_err(|error| {
        // The message of the error could repeat values, so only its place is told.
        let text = format!(
            "the body is not JSON: line {}, column {}",
            error.line(),
            error.column()
        );
        let issue = Issue::new(Severity::Error, "structure", text);
        FhirError::new(StatusCode::BAD_REQUEST, issue)
    })
}

/// A body that is a form.
fn form(body: &[u8]) -> FhirResult<Vec<(String, String)>> {
    let unread = || FhirError::invalid("the form cannot be read");
    let text = std::str::from_utf8(body).map_err(|_| unread())?;
    let uri: Uri = format!("/?{text}").parse().map_err(|_| unread())?;
    let pairs = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&uri);
    pairs
        .map(|axum::extract::Query(pairs)| pairs)
        .map_err(|_| unread())
}

fn unsupported_media_type() -> Box<FhirError> {
    let text = "the body is of a type that is not read; application/fhir+json is";
    let issue = Issue::new(Severity::Error, "not-supported", text);
    FhirError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, issue)
}

fn not_acceptable() -> Box<FhirError> {
    let text = "answers are application/fhir+json";
    let issue = Issue::new(Severity::Error, "not-supported", text);
    FhirError::new(StatusCode::NOT_ACCEPTABLE, issue)
}

/// A resource as JSON; values always become that.
fn bytes(resource: &Value) -> Vec<u8> {
    serde_json::to_vec(resource).unwrap_or_default()
}
