//! `codeinfo`: what a code, or a cluster of codes, stands for.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use codesets::Code;
use codesets::formats::icd11_cluster::{Cluster, is_extension};
use indexer::bundle::{Bundle, ConceptId, LoadedRelease};
use serde::Serialize;

use super::{SYSTEM, release};
use crate::catalog::Snapshot;
use crate::http::errors::{ApiError, ApiResult, ErrorCode, not_found};
use crate::http::fields::Fields;
use crate::http::state::App;
use crate::http::v1::respond;
use crate::icd11::{CITATION, EntityId, RELEASE};
use crate::lookup::title;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CodeInfo {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(rename = "@id")]
    id: String,
    code: String,
    stem_code: String,
    stem_id: String,
    /// Every code of it, in order: WHO's service names axes here, which its tabulation lacks.
    parts: Vec<Part>,
    /// What was looked at.
    checked: &'static str,
    citation: &'static str,
}

#[derive(Debug, Serialize)]
struct Part {
    code: String,
    title: String,
    id: String,
    /// `stem` or `extension`.
    kind: &'static str,
}

/// `GET …/codeinfo/{code}`: `&` and `/` of a cluster are written `%26` and `%2F`.
pub(super) async fn codeinfo(
    State(app): State<Arc<App>>,
    path: Result<Path<(String, String, String)>, PathRejection>,
    request: Request,
) -> ApiResult<Response> {
    let Path((version, linearization, text)) = path.map_err(|_| not_found())?;
    let fields = Fields::read(request).await?;
    let snapshot = app.catalog.snapshot();
    let body = app
        .pool
        .run(move || {
            let release = release(snapshot.bundle(), &version, &linearization)?;
            let terminal = fields.flag("converttoterminalcodes", false);
            respond::json(&info(&snapshot, release, &text, terminal)?)
        })
        .await??;
    Ok(respond::with_body(body))
}

fn info(
    snapshot: &Snapshot,
    release: &LoadedRelease,
    text: &str,
    terminal: bool,
) -> ApiResult<CodeInfo> {
    let bundle = snapshot.bundle();
    let codes: Vec<(char, Code)> = match Code::parse(SYSTEM, text) {
        // An extension code alone is no cluster, yet it can be asked for.
        Ok(code) => vec![(' ', code)],
        Err(_) => joined(&Cluster::parse(text).map_err(|error| {
            ApiError::new(ErrorCode::CodeMalformed, error.to_string()).at("code")
        })?),
    };
    let mut printed = String::new();
    let mut parts = Vec::with_capacity(codes.len());
    for (joint, code) in &codes {
        let mut concept = found(bundle, release, code)?;
        if terminal && !is_extension(code) {
            concept = unspecified(snapshot, release, concept).unwrap_or(concept);
        }
        let record = bundle.concept(concept);
        let code = Code::dotted(SYSTEM, bundle.text(record.key));
        if *joint != ' ' {
            printed.push(*joint);
        }
        printed.push_str(&code);
        let entity = EntityId::of(bundle, concept, release).ok_or_else(not_found)?;
        parts.push(Part {
            kind: if code.starts_with('X') {
                "extension"
            } else {
                "stem"
            },
            code,
            title: title(bundle, &record, release).to_owned(),
            id: entity.uri(&release.version),
        });
    }
    let stem = parts.first().ok_or_else(not_found)?;
    let escaped = printed.replace('&', "%26").replace('/', "%2F");
    Ok(CodeInfo {
        context: "http://id.who.int/icd/contexts/contextForCodeInfo.json",
        id: format!("{RELEASE}{}/mms/codeinfo/{escaped}", release.version),
        stem_code: stem.code.clone(),
        stem_id: stem.id.clone(),
        code: printed,
        parts,
        checked: "the release has every code; whether WHO sanctions the combination is no part of its tabulation",
        citation: CITATION,
    })
}

/// The codes of a cluster, each with what joins it to the one before.
fn joined(cluster: &Cluster) -> Vec<(char, Code)> {
    let mut codes = Vec::new();
    for (place, stem) in cluster.stems().iter().enumerate() {
        codes.push((if place == 0 { ' ' } else { '/' }, stem.stem.clone()));
        codes.extend(stem.extensions.iter().map(|code| ('&', code.clone())));
    }
    codes
}

fn found(bundle: &Bundle, release: &LoadedRelease, code: &Code) -> ApiResult<ConceptId> {
    let present = |id: &ConceptId| bundle.concept(*id).present.get() & release.bit != 0;
    let found = bundle.find(SYSTEM, code.as_str()).filter(present);
    found.ok_or_else(|| {
        let detail = format!("{SYSTEM} {} does not have `{code}`", release.version);
        ApiError::new(ErrorCode::CodeUnknown, detail).at("code")
    })
}

/// What is unspecified below a concept, if it has anything below it.
fn unspecified(
    snapshot: &Snapshot,
    release: &LoadedRelease,
    concept: ConceptId,
) -> Option<ConceptId> {
    let bundle = snapshot.bundle();
    let entity = EntityId::of(bundle, concept, release)?;
    let below = format!("{entity}/unspecified").parse().ok()?;
    snapshot.icd11_entities().concept(bundle, below, release)
}
