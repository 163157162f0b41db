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

use super::parameters::{self, Pairs};
use super::respond;
use crate::answers::{self, Released};
use crate::catalog::Snapshot;
use crate::http::errors::{ApiError, ApiResult, ErrorCode};
use crate::http::state::App;
use crate::validate::{MOST_CODES, Validation, Validator};

/// Codes as their JSON body says them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    codes: Vec<Entry>,
    #[serde(default)]
    system: Option<String>,
    #[serde(default)]
    date: Option<String>,
}

/// A code: `"E11.9"`, or `{"system": "icd10cm", "code": "E11.9"}`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Entry {
    Code(String),
    InSystem(InSystem),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct InSystem {
    code: String,
    #[serde(default)]
    system: Option<String>,
}

/// The answer.
#[derive(Debug, Serialize)]
struct ValidateAnswer {
    date: String,
    /// How many codes stand how.
    summary: BTreeMap<&'static str, usize>,
    /// One for each code, in their order.
    results: Vec<Validation>,
}

/// `GET /v1/validate?code=`: one code.
pub async fn get(State(app): State<Arc<App>>, uri: Uri) -> ApiResult<Response> {
    let pairs = Pairs::read(&uri)?;
    pairs.only(&["code", "system", "date"], &[])?;
    let code = parameters::needed(&pairs, "code", "the code to validate")?;
    let code = parameters::code(code)?;
    let system = pairs.get("system").map(parameters::system).transpose()?;
    let date = pairs.get("date").map(parameters::date).transpose()?;
    ask(&app, vec![(system, code)], date).await
}

/// `POST /v1/validate`: up to [`MOST_CODES`] codes.
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
