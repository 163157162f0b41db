//! Which releases are loaded, and what stands at their top.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use indexer::bundle::{Bundle, LoadedRelease};
use serde_json::{Value, json};

use super::{LINEARIZATION, SYSTEM, entity, loaded, release};
use crate::browse::browse;
use crate::http::errors::{ApiResult, not_found};
use crate::http::state::App;
use crate::http::v1::respond;
use crate::icd11::{CITATION, RELEASE};

/// A text in the one language that is loaded.
pub(super) fn english(text: &str) -> Value {
    json!({ "@language": "en", "@value": text })
}

const TITLE: &str = "ICD-11 for Mortality and Morbidity Statistics";

/// `GET /icd/release/11/mms`: the loaded releases, the newest first.
pub(super) async fn all(
    State(app): State<Arc<App>>,
    path: Result<Path<String>, PathRejection>,
) -> ApiResult<Response> {
    let Path(linearization) = path.map_err(|_| not_found())?;
    if linearization != LINEARIZATION {
        return Err(not_found());
    }
    let snapshot = app.catalog.snapshot();
    let uri = |release: &&LoadedRelease| format!("{RELEASE}{}/{LINEARIZATION}", release.version);
    let uris: Vec<String> = loaded(snapshot.bundle())?.iter().map(uri).collect();
    let body = json!({
        "@context": "http://id.who.int/icd/contexts/contextForMultiVersion.json",
        "@id": format!("{RELEASE}{LINEARIZATION}"),
        "title": english(TITLE),
        "latestRelease": uris.first(),
        "release": uris,
        "citation": CITATION,
    });
    Ok(respond::with_body(respond::json(&body)?))
}

/// `GET /icd/release/11/{release}/mms`, or `/icd/release/11/mms/{id}`, which has the same form.
pub(super) async fn root_or_entity(
    State(app): State<Arc<App>>,
    path: Result<Path<(String, String)>, PathRejection>,
) -> ApiResult<Response> {
    let Path((first, second)) = path.map_err(|_| not_found())?;
    if first == LINEARIZATION {
        return entity::versions(&app, &second);
    }
    let snapshot = app.catalog.snapshot();
    let body = app
        .pool
        .run(move || {
            let bundle = snapshot.bundle();
            let release = release(bundle, &first, &second)?;
            respond::json(&root(bundle, release)?)
        })
        .await??;
    Ok(respond::with_body(body))
}

fn root(bundle: &Bundle, release: &LoadedRelease) -> ApiResult<Value> {
    let top = browse(bundle, SYSTEM, None, release.days.first).map_err(|_| not_found())?;
    let children = entity::uris(bundle, release, &top.children);
    Ok(json!({
        "@context": "http://id.who.int/icd/contexts/contextForTopLevel.json",
        "@id": format!("{RELEASE}{}/{LINEARIZATION}", release.version),
        "title": english(TITLE),
        "releaseDate": release.days.first.to_string(),
        "releaseId": release.version,
        "availableLanguages": ["en"],
        "child": children,
        "browserUrl": format!("https://icd.who.int/browse/{}/mms/en", release.version),
        "citation": CITATION,
    }))
}

/// `GET /icd/entity`: the foundation, as far as the linearization shows it.
pub(super) async fn foundation(State(app): State<Arc<App>>) -> ApiResult<Response> {
    let snapshot = app.catalog.snapshot();
    let body = app
        .pool
        .run(move || {
            let bundle = snapshot.bundle();
            let releases = loaded(bundle)?;
            let newest = *releases.first().ok_or_else(not_found)?;
            let top = browse(bundle, SYSTEM, None, newest.days.first).map_err(|_| not_found())?;
            respond::json(&json!({
                "@context": "http://id.who.int/icd/contexts/contextForFoundationTopLevel.json",
                "@id": "http://id.who.int/icd/entity",
                "title": english("ICD-11 Foundation"),
                "releaseId": newest.version,
                "availableLanguages": ["en"],
                "supportedLinearizations": [format!("{RELEASE}{LINEARIZATION}")],
                "child": entity::foundation_uris(bundle, newest, &top.children),
                "citation": CITATION,
            }))
        })
        .await??;
    Ok(respond::with_body(body))
}
