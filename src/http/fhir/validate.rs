//! `$validate-code` of code systems and value sets.
//!
//! A code that is wrong is an answer, not an error: status 200, `result` false,
//! and the reasons as issues.

use serde_json::Value;

use super::canonical;
use super::check::{Checked, Rules, check};
use super::codings::{Asked, Coding};
use super::definitions::{Reader, ValueSetError, unknown_set};
use super::outcome::{FhirError, FhirResult, Issue, Severity, outcome};
use super::parameters::{Input, Output};
use super::terminology::{Terminology, UnknownSystem};
use super::value_sets::ValueSet;
use super::wording;
use crate::validate::guess_system;

/// `CodeSystem/$validate-code`.
///
/// # Errors
/// When the question cannot be read.
pub(super) fn in_code_system(term: &Terminology<'_>, input: &Input) -> FhirResult<Value> {
    let rules = Rules::read(input)?;
    let mut asked = Asked::read(input, "url")?;
    let inline = input.wholes("codeSystem").next();
    let url = match (input.text("url")?, inline) {
        (None, Some(inline)) => inline.get("url").and_then(Value::as_str),
        (url, _) => url,
    };
    let version = input.text("version")?;
    let codings: &mut [Coding] = match &mut asked {
        Asked::Code(coding) | Asked::Coding(coding) => std::slice::from_mut(coding),
        Asked::Concept(codings, _) => codings,
    };
    for coding in &mut *codings {
        if coding.system.is_none() {
            coding.system = url.map(str::to_owned);
        }
        if coding.version.is_none() {
            coding.version = version.map(str::to_owned);
        }
    }
    let checked: Vec<Checked<'_>> = codings
        .iter()
        .map(|coding| {
            let mut checked = check(term, coding, None, &rules);
            checked.is_member = checked.found.is_some() || checked.is_tolerated;
            checked
        })
        .collect();
    Ok(answer(&asked, checked, Vec::new(), &[]))
}

/// `ValueSet/$validate-code`; `set` is the value set of an address that names one.
///
/// # Errors
/// When the question cannot be read, or the value set cannot be used at all.
pub(super) fn in_value_set(term: &Terminology<'_>, input: &Input) -> FhirResult<Value> {
    let rules = Rules::read(input)?;
    let asked = Asked::read(input, "system")?;
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
    let set = match set {
        Ok(set) => set,
        Err(ValueSetError::Unusable(error)) => return Err(error),
        Err(ValueSetError::UnknownSet(canonical)) => {
            let issue = unknown_set(&format!(" '{canonical}'"));
            return Ok(answer(&asked, Vec::new(), vec![issue], &[]));
        }
        Err(ValueSetError::UnknownSystem(unknown)) => {
            let issues = vec![
                unknown.issue("the code cannot be validated"),
                wording::cannot_check(input.text("url")?.unwrap_or_default(), &unknown.canonical()),
            ];
            return Ok(answer(&asked, Vec::new(), issues, &[unknown]));
        }
    };
    check_members(term, input, &asked, &set, &rules)
}

fn check_members<'a>(
    term: &Terminology<'a>,
    input: &Input,
    asked: &Asked,
    set: &ValueSet<'a>,
    rules: &Rules,
) -> FhirResult<Value> {
    let infer = input.flag("inferSystem")?.unwrap_or(false);
    let codings: Vec<Coding> = match asked {
        Asked::Code(coding) => vec![inferred(term, coding, set)],
        Asked::Coding(coding) if infer => vec![inferred(term, coding, set)],
        Asked::Coding(coding) => vec![coding.clone()],
        Asked::Concept(codings, _) => codings.clone(),
    };
    let is_concept = matches!(asked, Asked::Concept(..));
    let mut general = Vec::new();
    let mut all = Vec::new();
    let mut is_any_member = false;
    for coding in &codings {
        let mut checked = check(term, coding, Some(set), rules);
        let is_member = match &checked.found {
            Some((codes, found)) => {
                let is_left_out = checked.inactive.is_some()
                    && (rules.active_only || set.takes_inactive() == Some(false));
                if is_left_out {
                    checked
                        .issues
                        .push(wording::not_active(coding.code.as_str(), coding.at("code")));
                }
                !is_left_out && set.holds(term, codes, found.place)?
            }
            None => checked.is_tolerated,
        };
        checked.is_member = is_member;
        is_any_member |= is_member;
        if !is_member {
            let named = coding.named();
            let severity = if is_concept {
                Severity::Information
            } else {
                Severity::Error
            };
            checked.issues.push(wording::not_in(
                severity,
                &named,
                &set.canonical(),
                coding.at("code"),
            ));
        }
        all.push(checked);
    }
    if is_concept && !is_any_member {
        general.push(wording::no_valid_coding(&set.canonical()));
    }
    let asked = match asked {
        Asked::Code(_) => Asked::Code(codings.into_iter().next().unwrap_or_default()),
        Asked::Coding(_) => Asked::Coding(codings.into_iter().next().unwrap_or_default()),
        Asked::Concept(_, concept) => Asked::Concept(codings, concept.clone()),
    };
    Ok(answer(&asked, all, general, &[]))
}

/// The coding with the system of the value set that has its code, unless it names one.
fn inferred(term: &Terminology<'_>, coding: &Coding, set: &ValueSet<'_>) -> Coding {
    if coding.system.is_some() {
        return coding.clone();
    }
    let systems = set.systems();
    let mut having = systems
        .iter()
        .filter(|codes| codes.find(&coding.code).is_some());
    let first = having.next();
    let system = match (first, having.next()) {
        (Some(_), Some(_)) => guess_system(term.bundle(), &coding.code, term.date)
            .map(|system| canonical::of(system).url.to_owned())
            .filter(|url| systems.iter().any(|codes| codes.url() == url)),
        (first, _) => first.map(|codes| codes.url().to_owned()),
    };
    // A value set of one system means that one, whether it has the code or not.
    let only = systems.first().filter(|_| systems.len() == 1);
    Coding {
        system: system.or_else(|| only.map(|codes| codes.url().to_owned())),
        ..coding.clone()
    }
}

/// The answer about the codes of a question.
fn answer(
    asked: &Asked,
    mut checked: Vec<Checked<'_>>,
    general: Vec<Issue>,
    unknown: &[UnknownSystem],
) -> Value {
    let codings: &[Coding] = match asked {
        Asked::Code(coding) | Asked::Coding(coding) => std::slice::from_ref(coding),
        Asked::Concept(codings, _) => codings,
    };
    let has_errors = general
        .iter()
        .any(|issue| issue.severity == Severity::Error)
        || checked.iter().any(Checked::has_errors);
    let is_known = checked.iter().any(|one| one.is_member);
    let best = checked
        .iter()
        .position(|one| one.is_member)
        .or_else(|| checked.iter().position(|one| one.found.is_some()))
        .unwrap_or(0);
    let mut issues = general;
    for one in &mut checked {
        issues.append(&mut one.issues);
    }
    let mut output = Output::default();
    output.add("result", "valueBoolean", is_known && !has_errors);
    let is_plain = !matches!(asked, Asked::Concept(..));
    let shown = checked.get(best);
    let found = shown.and_then(|one| one.found.as_ref());
    if let Some(coding) = codings.get(best).filter(|_| is_plain || found.is_some()) {
        let url = found
            .map(|(codes, _)| codes.url())
            .or(coding.system.as_deref());
        output.add_some("system", "valueUri", url);
        output.add("code", "valueCode", coding.code.as_str());
    }
    if let Some((codes, found)) = found.filter(|(_, found)| !found.exact) {
        output.add("normalized-code", "valueCode", codes.code(found.place));
    }
    let given = codings
        .get(best)
        .and_then(|coding| coding.version.as_deref());
    let version = shown.and_then(|one| one.version.as_deref());
    let version = version.filter(|_| is_plain || found.is_some());
    output.add_some(
        "version",
        "valueString",
        version.or(given.filter(|_| is_plain)),
    );
    output.add_some(
        "display",
        "valueString",
        shown.and_then(|one| one.display.as_deref()),
    );
    if let Some(status) = shown.and_then(|one| one.inactive.as_deref()) {
        output.add("inactive", "valueBoolean", true);
        output.add("status", "valueCode", status);
    }
    if let Asked::Concept(_, concept) = asked {
        output.add("codeableConcept", "valueCodeableConcept", concept.clone());
    }
    let missing = checked.iter().filter_map(|one| one.unknown.as_ref());
    for unknown in missing.chain(unknown) {
        output.add(
            "x-caused-by-unknown-system",
            "valueCanonical",
            unknown.canonical(),
        );
    }
    output.add_some("message", "valueString", message(&issues));
    if !issues.is_empty() {
        output.resource("issues", outcome(&issues));
    }
    output.into_json()
}

/// The texts of the errors, and of warnings that are more than comments, sorted and joined.
fn message(issues: &[Issue]) -> Option<String> {
    let is_told = issues.iter().filter(|issue| issue.is_told());
    let mut texts: Vec<&str> = is_told.map(|issue| issue.text.as_str()).collect();
    texts.sort_unstable();
    texts.dedup();
    (!texts.is_empty()).then(|| texts.join("; "))
}

/// The answer of a `batch-validate-code`: each `validation` by itself, with the question's
/// own parameters for what it does not say.
///
/// # Errors
/// When there is none.
pub(super) fn batch(input: &Input, one: impl Fn(&Input) -> FhirResult<Value>) -> FhirResult<Value> {
    let mut output = Output::default();
    let mut is_empty = true;
    for validation in input.wholes("validation") {
        is_empty = false;
        let mut part = Input::default();
        let answer = part
            .read(validation.clone())
            .and_then(|()| one(&part.or_from(input)));
        output.resource("validation", answer.unwrap_or_else(|error| error.to_json()));
    }
    if is_empty {
        return Err(FhirError::required("there is no parameter validation"));
    }
    Ok(output.into_json())
}
