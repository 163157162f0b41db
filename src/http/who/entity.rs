//! An entity: its title, code and place.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use codesets::Code;
use indexer::book::{Level, Property};
use indexer::bundle::{Bundle, ConceptId, LoadedRelease};
use serde_json::{Map, Value, json};

use super::releases::english;
use super::{LINEARIZATION, SYSTEM, loaded, release};
use crate::browse::{Node, Place, browse};
use crate::catalog::Snapshot;
use crate::http::errors::{ApiError, ApiResult, ErrorCode, not_found};
use crate::http::fields::Fields;
use crate::http::state::App;
use crate::http::v1::respond;
use crate::icd11::{CITATION, EntityId, RELEASE};

/// `GET /icd/release/11/{release}/mms/{id}`.
pub(super) async fn entity(
    State(app): State<Arc<App>>,
    path: Result<Path<(String, String, String)>, PathRejection>,
    request: Request,
) -> ApiResult<Response> {
    let Path((first, second, third)) = path.map_err(|_| not_found())?;
    if first == LINEARIZATION {
        return versions(&app, &format!("{second}/{third}"));
    }
    one(&app, first, second, third, request).await
}

/// `GET /icd/release/11/{release}/mms/{id}/{residual}`.
pub(super) async fn residual(
    State(app): State<Arc<App>>,
    path: Result<Path<(String, String, String, String)>, PathRejection>,
    request: Request,
) -> ApiResult<Response> {
    let Path((version, linearization, id, residual)) = path.map_err(|_| not_found())?;
    let id = format!("{id}/{residual}");
    one(&app, version, linearization, id, request).await
}

async fn one(
    app: &App,
    version: String,
    linearization: String,
    id: String,
    request: Request,
) -> ApiResult<Response> {
    let fields = Fields::read(request).await?;
    let snapshot = app.catalog.snapshot();
    let body = app
        .pool
        .run(move || {
            let release = release(snapshot.bundle(), &version, &linearization)?;
            let entity = id.parse().map_err(|_| not_found())?;
            let concept = concept(&snapshot, entity, release)?;
            respond::json(&described(snapshot.bundle(), release, concept, &fields)?)
        })
        .await??;
    Ok(respond::with_body(body))
}

/// `GET …/lookup?foundationUri=`: where an entity of the foundation stands in the linearization.
pub(super) async fn lookup(
    State(app): State<Arc<App>>,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> ApiResult<Response> {
    let Path((version, linearization)) = path.map_err(|_| not_found())?;
    let fields = Fields::read(request).await?;
    let snapshot = app.catalog.snapshot();
    let body = app
        .pool
        .run(move || {
            let bundle = snapshot.bundle();
            let release = release(bundle, &version, &linearization)?;
            let entity = fields.filled("foundationuri").and_then(EntityId::of_uri);
            let entity = entity.ok_or_else(|| {
                let detail = "it is a URI that begins with http://id.who.int/icd/entity/";
                ApiError::new(ErrorCode::BadParameter, detail).at("foundationUri")
            })?;
            let mut found = concept(&snapshot, entity, release)?;
            if bundle.concept(found).level != Level::Code.number() {
                // A grouping has no code; what is unspecified below it has one.
                let unspecified = format!("{entity}/unspecified").parse().ok();
                let below = unspecified
                    .and_then(|entity| snapshot.icd11_entities().concept(bundle, entity, release));
                found = below.unwrap_or(found);
            }
            respond::json(&described(bundle, release, found, &fields)?)
        })
        .await??;
    Ok(respond::with_body(body))
}

/// `GET /icd/entity/{id}`: an entity of the foundation, as far as the linearization shows it.
pub(super) async fn foundation(
    State(app): State<Arc<App>>,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> ApiResult<Response> {
    let Path(id) = path.map_err(|_| not_found())?;
    let fields = Fields::read(request).await?;
    let snapshot = app.catalog.snapshot();
    let body = app
        .pool
        .run(move || {
            let bundle = snapshot.bundle();
            let release = match fields.filled("releaseid") {
                Some(version) => release(bundle, version, LINEARIZATION)?,
                None => *loaded(bundle)?.first().ok_or_else(not_found)?,
            };
            let entity: EntityId = id.parse().map_err(|_| not_found())?;
            let uri = entity.foundation_uri().ok_or_else(not_found)?;
            let place = place(
                bundle,
                release,
                concept(&snapshot, entity, release)?,
            )?;
            let above = place.ancestors.last().map_or(&[][..], std::slice::from_ref);
            let title = place.node.as_ref().map_or("", |node| &*node.display);
            respond::json(&json!({
                "@context": "http://id.who.int/icd/contexts/contextForFoundationEntity.json",
                "@id": uri,
                "title": english(title),
                "parent": foundation_uris(bundle, release, above),
                "child": foundation_uris(bundle, release, &place.children),
                "browserUrl": format!("https://icd.who.int/browse/{}/foundation/en#{entity}", release.version),
                "citation": CITATION,
            }))
        })
        .await??;
    Ok(respond::with_body(body))
}

/// `GET /icd/release/11/mms/{id}`: the loaded releases that have an entity.
pub(super) fn versions(app: &App, id: &str) -> ApiResult<Response> {
    let entity: EntityId = id.parse().map_err(|_| not_found())?;
    let snapshot = app.catalog.snapshot();
    let bundle = snapshot.bundle();
    let entities = snapshot.icd11_entities();
    let holding = loaded(bundle)?
        .into_iter()
        .filter_map(|release| Some((release, entities.concept(bundle, entity, release)?)));
    let holding: Vec<(&LoadedRelease, ConceptId)> = holding.collect();
    let (newest, concept) = *holding.first().ok_or_else(not_found)?;
    let title = crate::lookup::title(bundle, &bundle.concept(concept), newest);
    let uris: Vec<String> = holding
        .iter()
        .map(|(release, _)| entity.uri(&release.version))
        .collect();
    let body = json!({
        "@context": "http://id.who.int/icd/contexts/contextForMultiVersion.json",
        "@id": format!("{RELEASE}{LINEARIZATION}/{entity}"),
        "title": english(title),
        "latestRelease": uris.first(),
        "release": uris,
        "citation": CITATION,
    });
    Ok(respond::with_body(respond::json(&body)?))
}

/// The concept of an entity in `release`.
fn concept(snapshot: &Snapshot, entity: EntityId, release: &LoadedRelease) -> ApiResult<ConceptId> {
    let entities = snapshot.icd11_entities();
    entities
        .concept(snapshot.bundle(), entity, release)
        .ok_or_else(|| {
            let detail = format!("{SYSTEM} {} has no such entity", release.version);
            ApiError::new(ErrorCode::NotFound, detail).at("id")
        })
}

fn place(bundle: &Bundle, release: &LoadedRelease, concept: ConceptId) -> ApiResult<Place> {
    let key = bundle.text(bundle.concept(concept).key);
    browse(bundle, SYSTEM, Some(key), release.days.first).map_err(|_| not_found())
}

/// The concept of a place in the tree.
fn of_node(bundle: &Bundle, node: &Node) -> Option<ConceptId> {
    match Code::parse(SYSTEM, &node.code) {
        Ok(code) if node.level == Level::Code.id() => bundle.find(SYSTEM, code.as_str()),
        _ => bundle.find(SYSTEM, &node.code),
    }
}

fn entities(
    bundle: &Bundle,
    release: &LoadedRelease,
    nodes: &[Node],
) -> impl Iterator<Item = EntityId> {
    nodes
        .iter()
        .filter_map(move |node| EntityId::of(bundle, of_node(bundle, node)?, release))
}

/// The URIs of places in a release.
pub(super) fn uris(bundle: &Bundle, release: &LoadedRelease, nodes: &[Node]) -> Vec<String> {
    entities(bundle, release, nodes)
        .map(|entity| entity.uri(&release.version))
        .collect()
}

/// The foundation URIs of places; residuals have none.
pub(super) fn foundation_uris(
    bundle: &Bundle,
    release: &LoadedRelease,
    nodes: &[Node],
) -> Vec<String> {
    entities(bundle, release, nodes)
        .filter_map(EntityId::foundation_uri)
        .collect()
}

/// Everything said of an entity of the linearization.
fn described(
    bundle: &Bundle,
    release: &LoadedRelease,
    concept: ConceptId,
    fields: &Fields,
) -> ApiResult<Value> {
    let entity = EntityId::of(bundle, concept, release).ok_or_else(not_found)?;
    let place = place(bundle, release, concept)?;
    let node = place.node.as_ref().ok_or_else(not_found)?;
    let root = format!("{RELEASE}{}/{LINEARIZATION}", release.version);
    let ancestors = uris(bundle, release, &place.ancestors);
    let mut said = Map::new();
    let mut say = |name: &str, value: Value| {
        said.insert(name.to_owned(), value);
    };
    say(
        "@context",
        json!("http://id.who.int/icd/contexts/contextForLinearizationEntity.json"),
    );
    say("@id", json!(entity.uri(&release.version)));
    say("title", english(&node.display));
    say("parent", json!([ancestors.last().unwrap_or(&root)]));
    say("child", json!(uris(bundle, release, &place.children)));
    if let Some(source) = entity.foundation_uri() {
        say("source", json!(source));
    }
    let level = Level::from_number(bundle.concept(concept).level);
    match level {
        Level::Code | Level::Chapter => say("code", json!(node.code)),
        Level::Section if node.code.starts_with("Block-") => {}
        Level::Section => say("blockId", json!(node.code)),
    }
    let kind = match level {
        Level::Chapter => "chapter",
        Level::Section => "block",
        Level::Code => "category",
    };
    say("classKind", json!(kind));
    if let Some(note) = bundle.property(concept, Property::CodingNote, release.bit) {
        say("codingNote", english(note));
    }
    let included = fields.list("include");
    if included.contains(&"ancestor") {
        let mut upwards = ancestors;
        upwards.reverse();
        upwards.push(root);
        say("ancestor", json!(upwards));
    }
    if included.contains(&"descendant") {
        say("descendant", json!(descendants(bundle, release, concept)));
    }
    let browser = format!(
        "https://icd.who.int/browse/{}/mms/en#{entity}",
        release.version
    );
    say("browserUrl", json!(browser));
    say("citation", json!(CITATION));
    Ok(Value::Object(said))
}

fn descendants(bundle: &Bundle, release: &LoadedRelease, concept: ConceptId) -> Vec<String> {
    (concept.0 + 1..bundle.concept(concept).subtree_end.get())
        .filter_map(|number| EntityId::of(bundle, ConceptId(number), release))
        .map(|entity| entity.uri(&release.version))
        .collect()
}
