//! Value sets that are ready to be asked: which codes are in them, and whether one is.

use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;

use codesets::CodeSystem;
use serde_json::Value;

use super::concepts::{Designation, Place, Shared, same};
use super::filters::Filter;
use super::outcome::FhirResult;
use super::terminology::Terminology;

/// A value set, ready.
#[derive(Clone)]
pub(super) struct ValueSet<'a> {
    /// The resource.
    pub(super) resource: Value,
    /// What is in it.
    pub(super) include: Vec<Include<'a>>,
    /// What is not.
    pub(super) exclude: Vec<Include<'a>>,
}

/// A part of a definition.
#[derive(Clone)]
pub(super) struct Include<'a> {
    /// Its code system.
    pub(super) codes: Option<Shared<'a>>,
    /// The concepts that it names.
    pub(super) listed: Option<Rc<Vec<Listed>>>,
    /// What its concepts must pass.
    pub(super) filters: Rc<Vec<Filter>>,
    /// The value sets that its concepts must be in.
    pub(super) sets: Vec<Rc<ValueSet<'a>>>,
    /// How search answers it, if it does.
    pub(super) engine: Option<Engine>,
}

/// An include that search answers as it is: a whole loaded system, or its billable codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Engine {
    /// The system.
    pub(super) system: CodeSystem,
    /// Whether only codes that can be billed are in it.
    pub(super) billable: bool,
}

/// A concept that a definition names.
#[derive(Debug)]
pub(super) struct Listed {
    /// Where it is, if its code system has it.
    pub(super) place: Option<Place>,
    /// The words that it is given.
    pub(super) display: Option<String>,
    /// Its other names.
    pub(super) designations: Vec<Designation>,
}

/// A code of a value set.
#[derive(Clone)]
pub(super) struct Member<'a> {
    /// Its code system.
    pub(super) codes: Shared<'a>,
    /// Where it is in it.
    pub(super) place: Place,
    /// The words that the definition gives it in place of the code system's.
    pub(super) display: Option<String>,
    /// The other names that the definition gives it.
    pub(super) designations: Vec<Designation>,
}

impl<'a> ValueSet<'a> {
    /// `url|version`, as messages name it.
    pub(super) fn canonical(&self) -> String {
        let text = |name: &str| self.resource.get(name).and_then(Value::as_str);
        match (text("url"), text("version")) {
            (Some(url), Some(version)) => format!("{url}|{version}"),
            (Some(url), None) => url.to_owned(),
            (None, _) => "urn:codebook:sent".to_owned(),
        }
    }

    /// Whether inactive codes are in it; `None` when the definition does not say.
    pub(super) fn takes_inactive(&self) -> Option<bool> {
        self.resource.get("compose")?.get("inactive")?.as_bool()
    }

    /// The whole value set as search answers it, if it does.
    pub(super) fn engines(&self) -> Option<Vec<Engine>> {
        if !self.exclude.is_empty() || self.include.is_empty() {
            return None;
        }
        self.include.iter().map(|include| include.engine).collect()
    }

    /// The code systems of its includes, those of other value sets too.
    pub(super) fn systems(&self) -> Vec<Shared<'a>> {
        let mut systems: Vec<Shared<'a>> = Vec::new();
        for include in &self.include {
            let below = include.sets.iter().flat_map(|set| set.systems());
            for codes in include.codes.iter().cloned().chain(below) {
                if !systems.iter().any(|known| same(known, &codes)) {
                    systems.push(codes);
                }
            }
        }
        systems
    }

    /// Whether the code at `place` of `codes` is in it.
    ///
    /// # Errors
    /// When the request has looked at as many concepts as it may.
    pub(super) fn holds(
        &self,
        term: &Terminology<'_>,
        codes: &Shared<'_>,
        place: Place,
    ) -> FhirResult<bool> {
        term.server
            .visit(1 + self.include.len() + self.exclude.len())?;
        let any = |parts: &[Include<'_>]| -> FhirResult<bool> {
            for part in parts {
                if part.holds(term, codes, place)? {
                    return Ok(true);
                }
            }
            Ok(false)
        };
        Ok(any(&self.include)? && !any(&self.exclude)?)
    }

    /// Its codes, each once, in the order of the definition and of their code systems.
    ///
    /// # Errors
    /// As [`ValueSet::holds`].
    pub(super) fn members(&self, term: &Terminology<'_>) -> FhirResult<Vec<Member<'a>>> {
        let mut members = Vec::new();
        for include in &self.include {
            members.extend(include.members(term)?);
        }
        if self.include.len() > 1 || self.include.iter().any(|include| include.listed.is_some()) {
            let mut seen = HashSet::new();
            members.retain(|member: &Member<'_>| {
                let address = Arc::as_ptr(&member.codes).cast::<()>().addr();
                seen.insert((address, member.place))
            });
        }
        if self.exclude.is_empty() {
            return Ok(members);
        }
        let mut kept = Vec::new();
        'members: for member in members {
            for exclude in &self.exclude {
                if exclude.holds(term, &member.codes, member.place)? {
                    continue 'members;
                }
            }
            kept.push(member);
        }
        Ok(kept)
    }

    /// The words that the definition gives a code.
    pub(super) fn words_for(&self, codes: &Shared<'_>, place: Place) -> Vec<String> {
        let own = self.include.iter().filter(|include| {
            let system = include.codes.as_ref();
            system.is_some_and(|system| same(system, codes))
        });
        let listed = own
            .filter_map(|include| include.listed.as_deref())
            .flatten();
        listed
            .filter(|listed| listed.place == Some(place))
            .flat_map(|listed| {
                let others = listed.designations.iter().map(|other| other.value.clone());
                listed.display.iter().cloned().chain(others)
            })
            .collect()
    }
}

impl<'a> Include<'a> {
    fn holds(&self, term: &Terminology<'_>, codes: &Shared<'_>, place: Place) -> FhirResult<bool> {
        if let Some(own) = &self.codes {
            let is_listed = self
                .listed
                .as_ref()
                .is_none_or(|listed| listed.iter().any(|listed| listed.place == Some(place)));
            let passes = same(own, codes)
                && is_listed
                && self
                    .filters
                    .iter()
                    .all(|filter| filter.passes(codes, place));
            if !passes {
                return Ok(false);
            }
        }
        for set in &self.sets {
            if !set.holds(term, codes, place)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn members(&self, term: &Terminology<'_>) -> FhirResult<Vec<Member<'a>>> {
        let mut members = match (&self.codes, &self.listed, self.sets.first()) {
            (Some(codes), Some(listed), _) => {
                term.server.visit(listed.len())?;
                listed
                    .iter()
                    .filter_map(|listed| listed.member(codes))
                    .collect()
            }
            (Some(codes), None, _) => {
                let within = self.filters.iter().find_map(|filter| match filter {
                    Filter::Within(range) => Some(range.clone()),
                    _ => None,
                });
                let range = within.unwrap_or_else(|| codes.span());
                term.server.visit(range.len() * (1 + self.filters.len()))?;
                let places = range.filter(|place| codes.holds(*place));
                places.map(|place| Member::new(codes, place)).collect()
            }
            (None, _, Some(set)) => set.members(term)?,
            (None, _, None) => Vec::new(),
        };
        if let Some(codes) = &self.codes {
            members.retain(|member: &Member<'_>| {
                let mut filters = self.filters.iter();
                filters.all(|filter| filter.passes(codes, member.place))
            });
        }
        let mut kept = Vec::with_capacity(members.len());
        'members: for member in members {
            for set in &self.sets {
                if !set.holds(term, &member.codes, member.place)? {
                    continue 'members;
                }
            }
            kept.push(member);
        }
        Ok(kept)
    }
}

impl Listed {
    fn member<'a>(&self, codes: &Shared<'a>) -> Option<Member<'a>> {
        Some(Member {
            display: self.display.clone(),
            designations: self.designations.clone(),
            ..Member::new(codes, self.place?)
        })
    }
}

impl<'a> Member<'a> {
    /// A code in the words of its code system.
    pub(super) fn new(codes: &Shared<'a>, place: Place) -> Member<'a> {
        Member {
            codes: Arc::clone(codes),
            place,
            display: None,
            designations: Vec::new(),
        }
    }
}
