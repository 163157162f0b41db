//! `/v1/translate`: a code in other systems, by the maps that are loaded.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use codesets::{Code, CodeSystem};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::parameters::{self, Day, Pairs, SystemId};
use super::respond;
use crate::answers::{self, Released};
use crate::http::errors::{ApiError, ApiResult, ErrorCode};
use crate::http::state::App;
use crate::translate::{TranslateError, Translation, translate};

/// The parameters, for the document; [`Pairs`] reads them.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document takes names and types from it")]
struct TranslateParameters {
    /// The system that the code is of.
    #[param(value_type = SystemId, inline)]
    system: (),
    /// The code.
    #[param(max_length = 200)]
    code: String,
    /// The system it is wanted in; every one that a map leads to when absent.
    #[param(value_type = SystemId, inline, required = false)]
    to: (),
    /// The day of service, which decides the release; today when absent.
    #[param(value_type = Day, inline, required = false)]
    date: (),
}

/// A code in other systems.
#[derive(Debug, Serialize, ToSchema)]
struct TranslateAnswer {
    /// The system that is translated.
    system: &'static str,
    /// The code, as its publisher prints it.
    code: String,
    /// What the maps say, by map and alternative; empty when they do not have the code.
    results: Vec<Translation>,
}

/// Translate a code
///
/// What the loaded maps (General Equivalence Mappings, WHO's maps) say of it. An alternative that
/// needs several codes together has `combination`, with `scenario` and `choice_list`.
#[utoipa::path(get, path = "/v1/translate", operation_id = "translate", tag = "codes",
    params(TranslateParameters),
    responses((status = 200, body = Released<TranslateAnswer>, description = "The code in other systems")))]
pub async fn get(State(app): State<Arc<App>>, uri: Uri) -> ApiResult<Response> {
    let pairs = Pairs::read(&uri)?;
    pairs.only(&["system", "code", "to", "date"], &[])?;
    let system = parameters::needed(&pairs, "system", "the system that the code is of")?;
    let system = parameters::system(system)?;
    let code = parameters::needed(&pairs, "code", "the code to translate")?;
    let text = parameters::code(code)?;
    let target = pairs.get("to").map(parameters::system).transpose();
    let target = target.map_err(|error| error.at("to"))?;
    let date = pairs.get("date").map(parameters::date).transpose()?;
    let date = date.unwrap_or_else(app.today);
    respond::from_bundle(&app, move |snapshot| {
        let bundle = snapshot.bundle();
        let results = translate(bundle, system, &text, target).map_err(refused)?;
        let mut systems = vec![system];
        systems.extend(
            results
                .iter()
                .filter_map(|row| row.system.parse::<CodeSystem>().ok()),
        );
        Ok(Released {
            answer: TranslateAnswer {
                system: system.id(),
                code: Code::parse_stub(system, &text)
                    .map_or_else(|_| text.clone(), |code| code.to_string()),
                results,
            },
            release: answers::releases(bundle, &systems, date),
        })
    })
    .await
}

/// The problem of a code that cannot be translated.
fn refused(error: TranslateError) -> ApiError {
    let detail = error.to_string();
    match error {
        TranslateError::Shape(_) => ApiError::new(ErrorCode::CodeMalformed, detail).at("code"),
        TranslateError::NoMap { .. } => ApiError::new(ErrorCode::MapNotLoaded, detail),
    }
}
