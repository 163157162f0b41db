//! Resources: a code of a release, and the list of releases.

use jiff::civil::Date;
use rmcp::ErrorData;
use rmcp::model::{ReadResourceResult, Resource, ResourceContents, ResourceTemplate};
use serde::Serialize;

use crate::catalog::Snapshot;
use crate::http::errors::ApiError;
use crate::http::state::App;
use crate::icd11::CITATION;
use crate::lookup::{self, lookup};
use codesets::CodeSystem;

const RELEASES: &str = "codes://releases";
const SCHEME: &str = "codes://";
const JSON: &str = "application/json";

/// The resources that have one address.
pub(super) fn listed() -> Vec<Resource> {
    let mut releases = Resource::new(RELEASES, "releases")
        .with_title("Loaded releases")
        .with_description("Every loaded release of every code system, and which answer today.");
    releases.mime_type = Some(JSON.to_owned());
    vec![releases]
}

/// The forms of addresses of the others.
pub(super) fn templates() -> Vec<ResourceTemplate> {
    let mut code = ResourceTemplate::new("codes://{system}/{version}/{code}", "code")
        .with_title("A code of a release")
        .with_description(
            "Everything known of one code in one release: codes://icd10cm/2026/E11.9. Systems and \
             versions are those of codes://releases.",
        );
    code.mime_type = Some(JSON.to_owned());
    vec![code]
}

/// Reads the resource at `uri`.
pub(super) async fn read(app: &App, uri: String) -> Result<ReadResourceResult, ErrorData> {
    let snapshot = app.catalog.snapshot();
    let today = (app.today)();
    let address = uri.clone();
    let text = app
        .pool
        .run(move || text(&snapshot, &address, today))
        .await
        .map_err(|error| ErrorData::internal_error(ApiError::from(error).sentence(), None))?;
    let text = text.ok_or_else(|| {
        let message = "there is no such resource: see codes://releases for systems and versions";
        ErrorData::resource_not_found(message, None)
    })?;
    let contents = ResourceContents::TextResourceContents {
        uri,
        mime_type: Some(JSON.to_owned()),
        text,
        meta: None,
    };
    Ok(ReadResourceResult::new(vec![contents]))
}

#[derive(Serialize)]
struct Cited<T> {
    #[serde(flatten)]
    detail: T,
    #[serde(skip_serializing_if = "Option::is_none")]
    citation: Option<&'static str>,
}

fn text(snapshot: &Snapshot, uri: &str, today: Date) -> Option<String> {
    let bundle = snapshot.bundle();
    if uri == RELEASES {
        return serde_json::to_string(&lookup::releases(bundle, today)).ok();
    }
    let (system, rest) = uri.strip_prefix(SCHEME)?.split_once('/')?;
    let (version, code) = rest.split_once('/')?;
    let system: CodeSystem = system.parse().ok()?;
    let mut releases = bundle.releases().iter();
    let release =
        releases.find(|release| release.system == system && release.version == version)?;
    let detail = lookup(bundle, system, code, release.days.first).ok()?;
    let citation = (system == CodeSystem::Icd11Mms).then_some(CITATION);
    serde_json::to_string(&Cited { detail, citation }).ok()
}
