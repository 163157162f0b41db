//! What one question sees: the bundle, a day, and the resources that came with the question.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use axum::http::StatusCode;
use codesets::CodeSystem;
use indexer::bundle::Bundle;
use jiff::civil::Date;
use serde_json::Value;

use super::canonical;
use super::concepts::{Codes, Shared};
use super::loaded::LoadedCodes;
use super::outcome::{FhirError, FhirResult, Issue, Severity, address_or_none};
use super::parameters::Input;
use super::sent::{SentCache, SentCodes};
use crate::catalog::Snapshot;

/// How many concepts one request may look at, all its parts together.
const MOST_VISITS: u64 = 20_000_000;

/// What answers questions: shared by all parts of one request.
#[derive(Clone, Copy)]
pub(super) struct Server<'a> {
    /// The open bundle.
    pub(super) snapshot: &'a Snapshot,
    /// Code systems that came with earlier requests.
    pub(super) cache: &'a SentCache,
    /// The day of questions that name none.
    pub(super) today: Date,
    /// How many concepts the request has looked at.
    pub(super) visits: &'a Cell<u64>,
}

impl Server<'_> {
    /// Counts concepts that are looked at.
    ///
    /// # Errors
    /// When the request has looked at as many as it may.
    pub(super) fn visit(&self, concepts: usize) -> FhirResult<()> {
        let visits = self.visits.get().saturating_add(concepts as u64);
        self.visits.set(visits);
        if visits > MOST_VISITS {
            return Err(FhirError::too_costly(
                "the request looks at too many concepts: ask for less at once",
            ));
        }
        Ok(())
    }
}

/// How `system-version` and its like name a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    /// The version where none is named.
    Default,
    /// The version whatever is named.
    Force,
    /// The only version that may answer.
    Check,
}

/// What one question sees.
pub(super) struct Terminology<'a> {
    /// What answers.
    pub(super) server: Server<'a>,
    /// The day of service.
    pub(super) date: Date,
    sent: Vec<Arc<SentCodes>>,
    sets: Vec<Value>,
    rules: Vec<(Rule, String, String)>,
    resolved: RefCell<Vec<Shared<'a>>>,
}

/// A code system that is not here.
#[derive(Clone, Debug)]
pub(super) struct UnknownSystem {
    url: String,
    version: Option<String>,
    /// The versions that are here.
    known: Vec<String>,
    /// The version that a check demands, when it is the reason.
    demanded: Option<String>,
}

impl UnknownSystem {
    /// `url|version`.
    pub(super) fn canonical(&self) -> String {
        match &self.version {
            Some(version) => format!("{}|{version}", self.url),
            None => self.url.clone(),
        }
    }

    /// The issue; `consequence` says what cannot be done without it.
    pub(super) fn issue(&self, consequence: &str) -> Issue {
        if let (Some(demanded), Some(version)) = (&self.demanded, &self.version) {
            let text = format!(
                "The version '{version}' is not allowed for system '{}': required to be '{demanded}' by a version-check parameter",
                self.url
            );
            return Issue::new(Severity::Error, "exception", text)
                .detail("version-error")
                .message("VALUESET_VERSION_CHECK");
        }
        let (text, message) = match &self.version {
            None => (
                format!(
                    "A definition for CodeSystem '{}' could not be found, so {consequence}",
                    self.url
                ),
                "UNKNOWN_CODESYSTEM",
            ),
            Some(version) if self.known.is_empty() => (
                format!(
                    "A definition for CodeSystem '{}' version '{version}' could not be found, so {consequence}. No versions of this code system are known",
                    self.url
                ),
                "UNKNOWN_CODESYSTEM_VERSION_NONE",
            ),
            Some(version) => (
                format!(
                    "A definition for CodeSystem '{}' version '{version}' could not be found, so {consequence}. Valid versions: {}",
                    self.url,
                    self.known.join(", ")
                ),
                "UNKNOWN_CODESYSTEM_VERSION",
            ),
        };
        Issue::new(Severity::Error, "not-found", text)
            .detail("not-found")
            .message(message)
    }

    /// The error of a question that cannot be answered without the system.
    pub(super) fn error(&self, status: StatusCode, consequence: &str) -> Box<FhirError> {
        let is_plain = |text: &str| !address_or_none(text).is_empty();
        let is_short = |text: &str| {
            text.len() <= 20
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || b".-".contains(&byte))
        };
        if is_plain(&self.url) && self.version.as_deref().is_none_or(is_short) {
            return FhirError::new(status, self.issue(consequence));
        }
        let text = format!("The code system could not be found, so {consequence}");
        let issue = Issue::new(Severity::Error, "not-found", text).detail("not-found");
        FhirError::new(status, issue)
    }
}

impl<'a> Terminology<'a> {
    /// What a question with these parameters sees.
    ///
    /// # Errors
    /// When a parameter cannot be used, or a resource that came with it.
    pub(super) fn new(server: Server<'a>, input: &Input) -> FhirResult<Terminology<'a>> {
        let mut sent = Vec::new();
        let mut sets = Vec::new();
        for resource in input
            .wholes("tx-resource")
            .chain(input.wholes("codeSystem"))
        {
            match resource.get("resourceType").and_then(Value::as_str) {
                Some("CodeSystem") => sent.push(server.cache.read(resource)?),
                Some("ValueSet") => sets.push(resource.clone()),
                _ => {}
            }
        }
        let mut rules = Vec::new();
        for (name, rule) in [
            ("force-system-version", Rule::Force),
            ("system-version", Rule::Default),
            ("check-system-version", Rule::Check),
        ] {
            for text in input.texts(name) {
                let (url, version) = canonical::split(text);
                let version = version.ok_or_else(|| {
                    FhirError::invalid(format!("parameter {name} is not system|version"))
                })?;
                rules.push((rule, official(url), version.to_owned()));
            }
        }
        Ok(Terminology {
            server,
            date: input.day("date")?.unwrap_or(server.today),
            sent,
            sets,
            rules,
            resolved: RefCell::new(Vec::new()),
        })
    }

    /// The bundle.
    pub(super) fn bundle(&self) -> &'a Bundle {
        self.server.snapshot.bundle()
    }

    /// The code systems that came with the question.
    pub(super) fn sent(&self) -> &[Arc<SentCodes>] {
        &self.sent
    }

    /// The value set at `url` that came with the question.
    pub(super) fn sent_set(&self, url: &str, version: Option<&str>) -> Option<&Value> {
        let is = |resource: &&Value, name: &str, text: &str| {
            resource.get(name).and_then(Value::as_str) == Some(text)
        };
        self.sets
            .iter()
            .filter(|set| is(set, "url", url))
            .rfind(|set| version.is_none_or(|version| is(set, "version", version)))
    }

    /// The code system at `url`, in `version` or in the one that answers for the day.
    ///
    /// # Errors
    /// When it is not here.
    pub(super) fn resolve(
        &self,
        url: &str,
        version: Option<&str>,
    ) -> Result<Shared<'a>, UnknownSystem> {
        let url = official(url.to_owned());
        let rule = |wanted: Rule| {
            let rule = self
                .rules
                .iter()
                .find(|(rule, system, _)| *rule == wanted && *system == url);
            rule.map(|(_, _, version)| version.as_str())
        };
        let version = rule(Rule::Force)
            .or(version.filter(|version| !version.is_empty()))
            .or_else(|| rule(Rule::Default));
        let found = self.find(&url, version).ok_or_else(|| UnknownSystem {
            version: version.map(str::to_owned),
            known: self.versions(&url),
            url: url.clone(),
            demanded: None,
        })?;
        if let Some(demanded) =
            rule(Rule::Check).filter(|demanded| found.version() != Some(*demanded))
        {
            return Err(UnknownSystem {
                version: Some(found.version().unwrap_or("").to_owned()),
                known: Vec::new(),
                demanded: Some(demanded.to_owned()),
                url,
            });
        }
        let mut resolved = self.resolved.borrow_mut();
        let known = resolved
            .iter()
            .find(|known| known.canonical() == found.canonical());
        if let Some(known) = known {
            return Ok(Arc::clone(known));
        }
        resolved.push(Arc::clone(&found));
        Ok(found)
    }

    fn find(&self, url: &str, version: Option<&str>) -> Option<Shared<'a>> {
        let of_url = self.sent.iter().filter(|codes| codes.url() == url);
        let newest = of_url
            .filter(|codes| version.is_none() || codes.version() == version)
            .max_by(|a, b| a.version().cmp(&b.version()));
        if let Some(codes) = newest {
            return Some(Arc::clone(codes) as Shared<'a>);
        }
        let system = canonical::by_url(url)?.system;
        self.loaded(system, version)
            .map(|codes| Arc::new(codes) as Shared<'a>)
    }

    /// The loaded release of `system` that `version` or the day names.
    pub(super) fn loaded(
        &self,
        system: CodeSystem,
        version: Option<&str>,
    ) -> Option<LoadedCodes<'a>> {
        let release = canonical::release(self.bundle(), system, version, self.date)?;
        Some(LoadedCodes::new(self.bundle(), release, self.date))
    }

    /// The versions of the code system at `url` that are here.
    fn versions(&self, url: &str) -> Vec<String> {
        let sent = self.sent.iter().filter(|codes| codes.url() == url);
        let mut versions: Vec<String> = sent
            .filter_map(|codes| codes.version().map(str::to_owned))
            .collect();
        if let Some(canonical) = canonical::by_url(url) {
            let releases = self.bundle().releases().iter();
            let of_system = releases.filter(|release| release.system == canonical.system);
            versions.extend(of_system.map(canonical::version));
        }
        versions
    }
}

/// The address under which the system is registered, for one of its aliases.
fn official(url: String) -> String {
    match canonical::by_url(&url) {
        Some(canonical) => canonical.url.to_owned(),
        None => url,
    }
}
