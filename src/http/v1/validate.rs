//! `/v1/validate`: whether codes may stand on a claim of a day, and what would make them whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use codesets::CodeSystem;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::parameters::{self, Day, Pairs, SystemId};
use super::respond;
use crate::answers::{self, Released};
use crate::catalog::Snapshot;
use crate::http::errors::{ApiError, ApiResult, ErrorCode};
use crate::http::state::App;
use crate::validate::{MOST_CODES, Validation, Validator};

/// The parameters, for the document; [`Pairs`] reads them.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document takes names and types from it")]
struct ValidateParameters {
    /// The code, as it was written.
    #[param(max_length = 50)]
    code: String,
    /// The system it is of; when absent, the one whose codes look like it.
    #[param(value_type = SystemId, inline, required = false)]
    system: (),
    /// The day of service, which decides the release; today when absent.
    #[param(value_type = Day, inline, required = false)]
    date: (),
}

/// Codes as their JSON body says them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ValidateBody)]
struct Body {
    /// The codes.
    #[schema(min_items = 1, max_items = 500)]
    codes: Vec<Entry>,
    /// The system of codes that name none.
    #[serde(default)]
    #[schema(value_type = Option<SystemId>)]
    system: Option<String>,
    /// The day of service; today when absent.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    date: Option<String>,
}

/// A code: `"E11.9"`, or `{"system": "icd10cm", "code": "E11.9"}`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(as = ValidateEntry)]
enum Entry {
    /// A code of the system of all, or of the one whose codes look like it.
    Code(String),
    /// A code with its system.
    InSystem(InSystem),
}

/// A code with its system.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CodeInSystem)]
struct InSystem {
    /// The code, as it was written.
    #[schema(max_length = 50)]
    code: String,
    /// Its system.
    #[serde(default)]
    #[schema(value_type = Option<SystemId>)]
    system: Option<String>,
}

/// What is to be said of each code.
#[derive(Debug, Serialize, ToSchema)]
struct ValidateAnswer {
    /// The day of service.
    date: String,
    /// How many codes stand how.
    summary: BTreeMap<&'static str, usize>,
    /// One for each code, in their order.
    results: Vec<Validation>,
}

/// Validate a code
///
/// Whether it may stand on a claim of the day, why not, and what would make it whole.
#[utoipa::path(get, path = "/v1/validate", operation_id = "validate", tag = "codes",
    params(ValidateParameters),
    responses((status = 200, body = Released<ValidateAnswer>, description = "What is to be said of it")))]
pub async fn get(State(app): State<Arc<App>>, uri: Uri) -> ApiResult<Response> {
    let pairs = Pairs::read(&uri)?;
    pairs.only(&["code", "system", "date"], &[])?;
    let code = parameters::needed(&pairs, "code", "the code to validate")?;
    let code = parameters::code(code)?;
    let system = pairs.get("system").map(parameters::system).transpose()?;
    let date = pairs.get("date").map(parameters::date).transpose()?;
    ask(&app, vec![(system, code)], date).await
}

/// Validate codes
///
/// Up to 500 codes, each as a text or with its system.
#[utoipa::path(post, path = "/v1/validate", operation_id = "validateMany", tag = "codes",
    request_body = Body,
    responses((status = 200, body = Released<ValidateAnswer>, description = "What is to be said of each")))]
pub async fn post(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> ApiResult<Response> {
    let body: Body = parameters::json(&headers, body)?;
    if !(1..=MOST_CODES).contains(&body.codes.len()) {
        let detail = format!("1 to {MOST_CODES} codes are validated in one go");
        return Err(ApiError::new(ErrorCode::BadParameter, detail).at("codes"));
    }
    let of_all = body.system.as_deref().map(parameters::system).transpose()?;
    let date = body.date.as_deref().map(parameters::date).transpose()?;
    let mut codes = Vec::with_capacity(body.codes.len());
    for entry in body.codes {
        let (code, system) = match entry {
            Entry::Code(code) => (code, None),
            Entry::InSystem(entry) => (entry.code, entry.system),
        };
        let system = system.as_deref().map(parameters::system).transpose()?;
        codes.push((system.or(of_all), parameters::code(&code)?));
    }
    ask(&app, codes, date).await
}

async fn ask(
    app: &App,
    codes: Vec<(Option<CodeSystem>, String)>,
    date: Option<Date>,
) -> ApiResult<Response> {
    let date = date.unwrap_or_else(app.today);
    respond::from_bundle(app, move |snapshot| Ok(answer(snapshot, &codes, date))).await
}

fn answer(
    snapshot: &Snapshot,
    codes: &[(Option<CodeSystem>, String)],
    date: Date,
) -> Released<ValidateAnswer> {
    let bundle = snapshot.bundle();
    let validator = Validator::new(bundle, date);
    let results: Vec<Validation> = codes
        .iter()
        .map(|(system, code)| validator.validate_any(*system, code))
        .collect();
    let mut summary = BTreeMap::new();
    for said in &results {
        *summary.entry(said.verdict.id()).or_default() += 1;
    }
    let systems: Vec<CodeSystem> = CodeSystem::ALL
        .into_iter()
        .filter(|system| results.iter().any(|said| said.system == system.id()))
        .collect();
    Released {
        release: answers::releases(bundle, &systems, date),
        answer: ValidateAnswer {
            date: date.to_string(),
            summary,
            results,
        },
    }
}
