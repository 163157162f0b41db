//! What the service says of itself: capabilities, versions, and a page for browsers.

use serde_json::{Value, json};

use super::Base;
use super::canonical;
use super::concepts::Codes;
use super::parameters::Output;
use super::terminology::Terminology;

/// The version of HL7's terminology test suite that answers are worded by.
const TEST_VERSION: &str = "1.7.5";

/// The parameters of expansions that are honoured.
const EXPANSION_PARAMETERS: [&str; 16] = [
    "activeOnly",
    "check-system-version",
    "count",
    "date",
    "displayLanguage",
    "excludeNested",
    "filter",
    "force-system-version",
    "includeDefinition",
    "includeDesignations",
    "offset",
    "property",
    "system-version",
    "tx-resource",
    "url",
    "valueSet",
];

/// The day of the answers' own definition, as `date` of the statements.
const STATED_ON: &str = "2026-11-01";

/// `metadata`: the CapabilityStatement.
pub(super) fn statement(base: Base) -> Value {
    let operation = |name: &str, definition: &str| {
        let definition = format!("http://hl7.org/fhir/OperationDefinition/{definition}");
        json!({ "name": name, "definition": definition })
    };
    let interactions = json!([{ "code": "read" }, { "code": "search-type" }]);
    let parameters = json!([
        { "name": "url", "type": "uri" },
        { "name": "version", "type": "token" },
        { "name": "name", "type": "string" },
        { "name": "title", "type": "string" },
        { "name": "status", "type": "token" },
    ]);
    let resource = |name: &str, operations: Vec<Value>| {
        json!({
            "type": name,
            "interaction": interactions,
            "searchParam": parameters,
            "operation": operations,
        })
    };
    json!({
        "resourceType": "CapabilityStatement",
        "extension": [
            feature("http://hl7.org/fhir/uv/tx-tests/FeatureDefinition/test-version", ("valueCode", json!(TEST_VERSION))),
            feature("http://hl7.org/fhir/uv/tx-ecosystem/FeatureDefinition/CodeSystemAsParameter", ("valueBoolean", json!(true))),
        ],
        "url": format!("urn:codebook:fhir:{}", base.name()),
        "version": env!("CARGO_PKG_VERSION"),
        "name": "CodebookTerminologyServer",
        "title": "codebook, a terminology server for medical codes",
        "status": "active",
        "date": STATED_ON,
        "kind": "instance",
        "instantiates": ["http://hl7.org/fhir/CapabilityStatement/terminology-server"],
        "software": {
            "name": "codebook",
            "version": env!("CARGO_PKG_VERSION"),
            "releaseDate": STATED_ON,
        },
        "implementation": { "description": "codebook" },
        "fhirVersion": base.version(),
        "format": ["application/fhir+json", "json"],
        "rest": [{
            "mode": "server",
            "interaction": [{ "code": "batch" }],
            "resource": [
                resource("CodeSystem", vec![
                    operation("lookup", "CodeSystem-lookup"),
                    operation("validate-code", "CodeSystem-validate-code"),
                    operation("subsumes", "CodeSystem-subsumes"),
                ]),
                resource("ValueSet", vec![
                    operation("expand", "ValueSet-expand"),
                    operation("validate-code", "ValueSet-validate-code"),
                ]),
                resource("ConceptMap", vec![operation("translate", "ConceptMap-translate")]),
            ],
            "operation": [operation("versions", "CapabilityStatement-versions")],
        }],
    })
}

fn feature(definition: &str, (kind, value): (&str, Value)) -> Value {
    let mut said = json!({ "url": "value" });
    if let Some(said) = said.as_object_mut() {
        said.insert(kind.to_owned(), value);
    }
    json!({
        "url": "http://hl7.org/fhir/uv/application-feature/StructureDefinition/feature",
        "extension": [{ "url": "definition", "valueCanonical": definition }, said],
    })
}

/// `metadata?mode=terminology`: the TerminologyCapabilities.
pub(super) fn terminology(term: &Terminology<'_>, base: Base) -> Value {
    let bundle = term.bundle();
    let systems = bundle.systems().map(|system| {
        let default = bundle
            .release_for(system, term.date)
            .map(|release| release.bit);
        let releases = bundle
            .releases()
            .iter()
            .filter(|release| release.system == system);
        let versions: Vec<Value> = releases
            .map(|release| {
                json!({
                    "code": canonical::version(release),
                    "isDefault": default == Some(release.bit),
                    "compositional": system == codesets::CodeSystem::Icd11Mms,
                    "language": ["en"],
                })
            })
            .collect();
        let mut shown = json!({
            "uri": canonical::of(system).url,
            "version": versions,
            "subsumption": system != codesets::CodeSystem::Cpt,
        });
        // R5 asks whether the codes themselves can be had.
        if let (Some(shown), Base::R5) = (shown.as_object_mut(), base) {
            shown.insert("content".to_owned(), json!("complete"));
        }
        shown
    });
    let parameters = EXPANSION_PARAMETERS.map(|name| json!({ "name": name }));
    json!({
        "resourceType": "TerminologyCapabilities",
        "url": format!("urn:codebook:fhir:{}:terminology", base.name()),
        "version": env!("CARGO_PKG_VERSION"),
        "name": "CodebookTerminologyCapabilities",
        "title": "What codebook knows",
        "status": "active",
        "date": STATED_ON,
        "kind": "instance",
        "software": { "name": "codebook", "version": env!("CARGO_PKG_VERSION") },
        "implementation": { "description": "codebook" },
        "codeSystem": systems.collect::<Vec<_>>(),
        "expansion": {
            "hierarchical": false,
            "paging": true,
            "incomplete": false,
            "parameter": parameters,
            "textFilter": "A filter is a search, as of a person who looks for a code: words, abbreviations, codes",
        },
        "codeSearch": "in-compose",
        "validateCode": { "translations": false },
        "translation": { "needsMap": true },
    })
}

/// `$versions`: the versions of FHIR that are spoken at the base.
pub(super) fn versions(base: Base, is_plain: bool) -> Value {
    let version = base
        .version()
        .rsplit_once('.')
        .map_or("", |(short, _)| short);
    if is_plain {
        return json!({ "versions": [version], "default": version });
    }
    let mut output = Output::default();
    output.add("version", "valueString", version);
    output.add("default", "valueString", version);
    output.into_json()
}

/// The page for a browser that comes to the base.
pub(super) fn page(term: &Terminology<'_>, base: Base) -> String {
    let bundle = term.bundle();
    let rows: String = bundle
        .releases()
        .iter()
        .map(|release| {
            let known = canonical::of(release.system);
            let version = canonical::version(release);
            let id = format!("{}-{version}", known.id);
            format!(
                "<tr><td><a href=\"/fhir/{base}/CodeSystem/{id}\">{title}</a></td><td><code>{url}</code></td><td>{version}</td></tr>\n",
                base = base.name(),
                title = known.title,
                url = known.url,
            )
        })
        .collect();
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>codebook: FHIR {version}</title></head>\n\
         <body><h1>codebook speaks FHIR {version} here</h1>\n\
         <p><a href=\"/fhir/{base}/metadata\">What it can do</a>, \
         <a href=\"/fhir/{base}/metadata?mode=terminology\">what it knows</a>.</p>\n\
         <table><tr><th>Code system</th><th>Address</th><th>Version</th></tr>\n{rows}</table></body></html>\n",
        base = base.name(),
        version = base.version(),
    )
}

/// The version of a release that answers for the day, for instance operations.
pub(super) fn instance_version(
    term: &Terminology<'_>,
    id: &str,
) -> Option<(String, Option<String>)> {
    if let Some(known) = canonical::ALL.iter().find(|known| known.id == id) {
        return Some((known.url.to_owned(), None));
    }
    let releases = term.bundle().releases().iter();
    let release = releases.into_iter().find(|release| {
        let known = canonical::of(release.system);
        format!("{}-{}", known.id, canonical::version(release)) == id
    })?;
    let loaded = term.loaded(release.system, Some(&canonical::version(release)))?;
    Some((loaded.url().to_owned(), loaded.version().map(str::to_owned)))
}
