//! `/v1/modifiers`: the modifiers of HCPCS Level II that may be used on a day.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use codesets::CodeSystem;
use serde::Serialize;
use utoipa::ToSchema;

use super::parameters::{self, DateParameter, Pairs};
use super::{respond, tree};
use crate::answers::{self, Released};
use crate::browse::{Modifier, modifiers};
use crate::http::errors::ApiResult;
use crate::http::state::App;

/// The modifiers that may be used.
#[derive(Debug, Serialize, ToSchema)]
struct ModifiersAnswer {
    /// In the order of their codes.
    modifiers: Vec<Modifier>,
}

/// Modifiers of HCPCS Level II
///
/// Those that may be used on the day.
#[utoipa::path(get, path = "/v1/modifiers", operation_id = "modifiers", tag = "codes",
    params(DateParameter),
    responses((status = 200, body = Released<ModifiersAnswer>, description = "The modifiers")))]
pub async fn get(State(app): State<Arc<App>>, uri: Uri) -> ApiResult<Response> {
    let pairs = Pairs::read(&uri)?;
    pairs.only(&["date"], &[])?;
    let date = pairs.get("date").map(parameters::date).transpose()?;
    let date = date.unwrap_or_else(app.today);
    respond::from_bundle(&app, move |snapshot| {
        let bundle = snapshot.bundle();
        let modifiers = modifiers(bundle, date).map_err(tree::refused)?;
        Ok(Released {
            answer: ModifiersAnswer { modifiers },
            release: answers::releases(bundle, &[CodeSystem::Hcpcs], date),
        })
    })
    .await
}
