//! `ValueSet/$expand`: the codes of a value set, all of them or those that a filter finds.
//!
//! The filter of a whole code system is answered by the search of every other
//! door, in its order. Of other value sets the members that the search finds
//! come first, and then those whose words begin with the filter's.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::canonical;
use super::concepts::{Codes, Shared};
use super::definitions::{Reader, ValueSetError};
use super::outcome::{FhirError, FhirResult};
use super::parameters::{Input, entry};
use super::terminology::Terminology;
use super::value_sets::{Engine, Member, ValueSet};
use crate::catalog::hex;
use crate::search::{Filters, Mode, SearchRequest};

/// The most codes of one answer.
pub(super) const MOST_CONTAINED: usize = 3500;
/// The hits that a filter is answered with; the first page must not depend on `count`.
const MOST_FOUND: usize = 100;

/// What is asked of an expansion.
struct Asked<'i> {
    filter: Option<&'i str>,
    count: Option<usize>,
    offset: usize,
    active_only: bool,
    with_designations: bool,
    with_definition: bool,
    language: Option<&'i str>,
}

impl<'i> Asked<'i> {
    fn read(input: &'i Input) -> FhirResult<Asked<'i>> {
        Ok(Asked {
            filter: input.text("filter")?.filter(|text| !text.trim().is_empty()),
            count: input.number("count")?,
            offset: input.number("offset")?.unwrap_or(0),
            active_only: input.flag("activeOnly")?.unwrap_or(false),
            with_designations: input.flag("includeDesignations")?.unwrap_or(false),
            with_definition: input.flag("includeDefinition")?.unwrap_or(false),
            language: input.text("displayLanguage")?,
        })
    }
}

/// The codes that answer, before they are cut into pages.
struct Found<'a> {
    members: Vec<Member<'a>>,
    /// Whether there may be more than were looked for.
    is_cut: bool,
}

/// `ValueSet/$expand`.
///
/// # Errors
/// When the question cannot be read, the value set is not here or cannot be used, or the
/// answer would be too large.
pub(super) fn expand(term: &Terminology<'_>, input: &Input) -> FhirResult<Value> {
    let asked = Asked::read(input)?;
    let reader = Reader::new(term);
    let set = match (input.wholes("valueSet").next(), input.text("url")?) {
        (Some(inline), _) => reader.read(inline.clone()),
        (None, Some(url)) => {
            let version = input.text("valueSetVersion")?;
            let canonical =
                version.map_or_else(|| url.to_owned(), |version| format!("{url}|{version}"));
            reader.at(&canonical).map(|set| set.as_ref().clone())
        }
        (None, None) => {
            return Err(FhirError::required(
                "there is no value set: looked for url and valueSet",
            ));
        }
    };
    let set = set.map_err(ValueSetError::into_error)?;
    let mut found = find(term, &set, asked.filter)?;
    if asked.active_only || set.takes_inactive() == Some(false) {
        let is_active = |member: &Member<'_>| member.codes.concept(member.place).inactive.is_none();
        found.members.retain(is_active);
    }
    let total = found.members.len();
    if asked.count.is_none() && total.saturating_sub(asked.offset) > MOST_CONTAINED {
        return Err(FhirError::too_costly(format!(
            "The value set has {total} codes, and an answer holds {MOST_CONTAINED}: ask with a filter, or with count and offset"
        )));
    }
    let page = asked.count.unwrap_or(MOST_CONTAINED).min(MOST_CONTAINED);
    let contains: Vec<Value> = found
        .members
        .iter()
        .skip(asked.offset)
        .take(page)
        .map(|member| contained(member, &asked))
        .collect();
    let mut expansion = json!({
        "identifier": identifier(term, &set, input),
        "timestamp": Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "total": total,
        "parameter": echoed(term, input, &asked, &set)?,
    });
    if let Some(expansion) = expansion.as_object_mut() {
        if input.text("offset")?.is_some() || asked.count.is_some() {
            expansion.insert("offset".to_owned(), json!(asked.offset));
        }
        if !contains.is_empty() {
            expansion.insert("contains".to_owned(), json!(contains));
        }
        if found.is_cut {
            let url = "http://hl7.org/fhir/StructureDefinition/valueset-toocostly";
            expansion.insert(
                "extension".to_owned(),
                json!([{ "url": url, "valueBoolean": true }]),
            );
        }
    }
    Ok(expanded(set, expansion, asked.with_definition))
}

/// The value set with its expansion, and without its definition unless that is asked for.
fn expanded(set: ValueSet<'_>, expansion: Value, with_definition: bool) -> Value {
    let mut resource = set.resource;
    if let Some(resource) = resource.as_object_mut() {
        if !with_definition {
            resource.remove("compose");
        }
        for unasked in ["text", "contained"] {
            resource.remove(unasked);
        }
        let status = resource.entry("status").or_insert(json!("active"));
        if !status.is_string() {
            *status = json!("active");
        }
        resource.insert("expansion".to_owned(), expansion);
    }
    resource
}

/// The codes of `set` that the filter finds, in the order of the answer.
fn find<'a>(
    term: &Terminology<'a>,
    set: &ValueSet<'a>,
    filter: Option<&str>,
) -> FhirResult<Found<'a>> {
    let Some(filter) = filter else {
        return Ok(Found {
            members: set.members(term)?,
            is_cut: false,
        });
    };
    let systems = set.systems();
    let engines = set.engines().filter(|engines| {
        // Neither one system twice nor one that came with the question.
        let are_loaded = systems.iter().all(|codes| engine_of(term, codes).is_some());
        are_loaded && engines.len() == systems.len()
    });
    if let Some(engines) = engines {
        return Ok(search(term, &engines, &systems, filter));
    }
    let members = set.members(term)?;
    term.server.visit(members.len())?;
    let engines: Vec<Engine> = systems
        .iter()
        .filter_map(|codes| engine_of(term, codes))
        .collect();
    let mut ranks: HashMap<(String, u32), usize> = HashMap::new();
    if !engines.is_empty() {
        let found = search(term, &engines, &systems, filter);
        for (rank, member) in found.members.iter().enumerate() {
            ranks.insert((member.codes.canonical(), member.place), rank);
        }
    }
    let words: Vec<String> = filter.split_whitespace().map(str::to_lowercase).collect();
    let mut ranked: Vec<(usize, Member<'a>)> = Vec::new();
    for member in members {
        let rank = if ranks.is_empty() {
            None
        } else {
            ranks
                .get(&(member.codes.canonical(), member.place))
                .copied()
        };
        match rank {
            Some(rank) => ranked.push((rank, member)),
            None if says(&member, &words) => ranked.push((usize::MAX, member)),
            None => {}
        }
    }
    ranked.sort_by_key(|(rank, _)| *rank);
    Ok(Found {
        members: ranked.into_iter().map(|(_, member)| member).collect(),
        is_cut: false,
    })
}

/// The loaded system that `codes` is a release of, as search is asked for it.
fn engine_of(term: &Terminology<'_>, codes: &Shared<'_>) -> Option<Engine> {
    let is_sent =
        |sent: &std::sync::Arc<super::sent::SentCodes>| sent.canonical() == codes.canonical();
    if term.sent().iter().any(is_sent) {
        return None;
    }
    let system = canonical::by_url(codes.url())?.system;
    Some(Engine {
        system,
        billable: false,
    })
}

/// What the search of every door finds in the systems.
fn search<'a>(
    term: &Terminology<'a>,
    engines: &[Engine],
    systems: &[Shared<'a>],
    filter: &str,
) -> Found<'a> {
    let billable = engines.iter().all(|engine| engine.billable);
    let day = match systems {
        [only] => canonical::by_url(only.url())
            .and_then(|known| term.loaded(known.system, only.version()))
            .map_or(term.date, |loaded| loaded.day()),
        _ => term.date,
    };
    let answer = term.server.snapshot.searcher().search(&SearchRequest {
        text: filter.to_owned(),
        filters: Filters {
            systems: engines.iter().map(|engine| engine.system).collect(),
            billable: billable.then_some(true),
            chapter: None,
        },
        date: day,
        mode: Mode::Final,
        senses: Vec::new(),
        offset: 0,
        limit: MOST_FOUND,
    });
    // Every system was resolved, so every one is loaded.
    let Ok(answer) = answer else {
        return Found {
            members: Vec::new(),
            is_cut: false,
        };
    };
    let members = answer.hits.iter().filter_map(|hit| {
        let record = term.bundle().concept(hit.concept);
        let url = canonical::of(term.bundle().system_of(&record)).url;
        let codes = systems.iter().find(|codes| codes.url() == url)?;
        let place = hit.concept.0;
        codes.holds(place).then(|| Member::new(codes, place))
    });
    Found {
        members: members.collect(),
        is_cut: !answer.total_exact,
    }
}

/// Whether each word begins a word of the code's names, or the code.
fn says(member: &Member<'_>, words: &[String]) -> bool {
    let concept = member.codes.concept(member.place);
    let mut names: Vec<String> = member
        .codes
        .designations(member.place)
        .into_iter()
        .map(|other| other.value)
        .collect();
    names.extend(member.display.clone());
    names.extend(concept.display);
    let names: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
    let code = concept.code.to_lowercase();
    words.iter().all(|word| {
        code.starts_with(word.as_str())
            || names.iter().any(|name| {
                let mut parts = name.split(|c: char| !c.is_alphanumeric());
                parts.any(|part| part.starts_with(word.as_str()))
            })
    })
}

/// A code as `expansion.contains` shows it.
fn contained(member: &Member<'_>, asked: &Asked<'_>) -> Value {
    let concept = member.codes.concept(member.place);
    let mut designations = member.codes.designations(member.place);
    designations.extend(member.designations.iter().cloned());
    let mut contained = json!({ "system": member.codes.url(), "code": concept.code });
    let Some(object) = contained.as_object_mut() else {
        return contained;
    };
    let own_language = member.codes.language();
    let translated = asked
        .language
        .filter(|wanted| !own_language.is_some_and(|own| wanted.starts_with(own)));
    let translated = translated.and_then(|wanted| {
        let fitting = designations.iter().find(|other| {
            other
                .language
                .as_deref()
                .is_some_and(|language| wanted.starts_with(language))
        });
        fitting.map(|other| other.value.clone())
    });
    if let Some(display) = member.display.clone().or(translated).or(concept.display) {
        object.insert("display".to_owned(), json!(display));
    }
    if concept.is_abstract {
        object.insert("abstract".to_owned(), json!(true));
    }
    if concept.inactive.is_some() {
        object.insert("inactive".to_owned(), json!(true));
    }
    if asked.with_designations && !designations.is_empty() {
        let shown: Vec<Value> = designations
            .iter()
            .map(|other| {
                let mut shown = json!({ "value": other.value });
                if let Some(shown) = shown.as_object_mut() {
                    if let Some(language) = &other.language {
                        shown.insert("language".to_owned(), json!(language));
                    }
                    if let Some(usage) = &other.usage {
                        shown.insert("use".to_owned(), usage.clone());
                    }
                }
                shown
            })
            .collect();
        object.insert("designation".to_owned(), json!(shown));
    }
    contained
}

/// The parameters that were honoured, and the code systems that were used.
fn echoed(
    term: &Terminology<'_>,
    input: &Input,
    asked: &Asked<'_>,
    set: &ValueSet<'_>,
) -> FhirResult<Vec<Value>> {
    let mut echoed = Vec::new();
    let mut add = |name: &str, kind: &str, value: Value| echoed.push(entry(name, kind, value));
    if let Some(filter) = asked.filter {
        add("filter", "valueString", json!(filter));
    }
    if let Some(count) = asked.count {
        add("count", "valueInteger", json!(count.min(MOST_CONTAINED)));
    }
    if input.text("offset")?.is_some() {
        add(
            "offset",
            "valueInteger",
            json!(asked.offset.min(i32::MAX as usize)),
        );
    }
    for name in ["activeOnly", "includeDesignations", "includeDefinition"] {
        if let Some(flag) = input.flag(name)? {
            add(name, "valueBoolean", json!(flag));
        }
    }
    // Answers are never nested, whatever is asked.
    if input.flag("excludeNested")?.is_some() {
        add("excludeNested", "valueBoolean", json!(true));
    }
    if let Some(language) = asked.language {
        add("displayLanguage", "valueCode", json!(language));
    }
    if input.day("date")?.is_some() {
        add("date", "valueDateTime", json!(term.date.to_string()));
    }
    for name in [
        "system-version",
        "force-system-version",
        "check-system-version",
    ] {
        for text in input.texts(name) {
            add(name, "valueUri", json!(text));
        }
    }
    for codes in set.systems() {
        add("used-codesystem", "valueUri", json!(codes.canonical()));
        add("version", "valueUri", json!(codes.canonical()));
    }
    Ok(echoed)
}

/// The same for the same question to the same bundle.
fn identifier(term: &Terminology<'_>, set: &ValueSet<'_>, input: &Input) -> String {
    let asked = format!(
        "{}\n{}\n{}\n{input:?}",
        term.server.snapshot.digest(),
        term.date,
        set.resource
    );
    let digest = hex(&Sha256::digest(asked.as_bytes()));
    let part = |from: usize, to: usize| digest.get(from..to).unwrap_or("");
    // Version 8 of RFC 9562: the bits are the maker's own.
    format!(
        "urn:uuid:{}-{}-8{}-8{}-{}",
        part(0, 8),
        part(8, 12),
        part(13, 16),
        part(17, 20),
        part(20, 32)
    )
}
