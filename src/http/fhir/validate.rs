//! `$validate-code` of code systems and value sets.
//!
//! A code that is wrong is an answer, not an error: status 200, `result` false,
//! and the reasons as issues. What [`crate::validate`] finds out about a code
//! of a loaded system, such as a missing seventh character, is among them.

use std::sync::Arc;

use codesets::CodeSystem;
use serde_json::{Value, json};

use super::canonical;
use super::concepts::{Codes, Found, Shared};
use super::outcome::{FhirError, FhirResult, Issue, Severity, outcome};
use super::parameters::{Input, Output};
use super::terminology::{Terminology, UnknownSystem};
use super::value_sets::{Reader, ValueSet, ValueSetError, unknown_set};
use super::wording;
use crate::validate::{Validation, Verdict, guess_system, validate};

/// A code that is asked about.
#[derive(Clone, Debug, Default)]
pub(super) struct Coding {
    /// Its code system.
    pub(super) system: Option<String>,
    /// The version of that.
    pub(super) version: Option<String>,
    /// The code.
    pub(super) code: String,
    /// The words that stand with it.
    pub(super) display: Option<String>,
    /// Where it stands in the question, for `code`, `system` and `display` of it.
    path: String,
}

/// How a code was given.
#[derive(Clone, Debug)]
pub(super) enum Asked {
    /// As `code` and `system`.
    Code(Coding),
    /// As a Coding.
    Coding(Coding),
    /// As a CodeableConcept, which is kept for the answer.
    Concept(Vec<Coding>, Value),
}

impl Coding {
    /// Reads a Coding that stands at `path`.
    pub(super) fn read(value: &Value, path: &str) -> Coding {
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        Coding {
            system: text("system"),
            version: text("version"),
            code: text("code").unwrap_or_default(),
            display: text("display"),
            path: path.to_owned(),
        }
    }

    fn at(&self, part: &str) -> String {
        if self.path.is_empty() {
            part.to_owned()
        } else {
            format!("{}.{part}", self.path)
        }
    }

    /// `system|version#code`, as messages name it.
    fn named(&self) -> String {
        let system = self.system.as_deref().unwrap_or("");
        let version = self.version.as_ref().map(|version| format!("|{version}"));
        format!("{system}{}#{}", version.unwrap_or_default(), self.code)
    }
}

impl Asked {
    /// Reads the code of a question; `system` is the parameter that names its system.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn read(input: &Input, system: &str) -> FhirResult<Asked> {
        if let Some(concept) = input.wholes("codeableConcept").next() {
            let codings = concept.get("coding").and_then(Value::as_array);
            let codings = codings.into_iter().flatten().enumerate();
            let codings = codings.map(|(number, coding)| {
                Coding::read(coding, &format!("CodeableConcept.coding[{number}]"))
            });
            return Ok(Asked::Concept(codings.collect(), concept.clone()));
        }
        if let Some(coding) = input.wholes("coding").next() {
            return Ok(Asked::Coding(Coding::read(coding, "Coding")));
        }
        let Some(code) = input.text("code")? else {
            return Err(FhirError::required(
                "there is no code: looked for codeableConcept, coding and code",
            ));
        };
        let owned =
            |name: &str| -> FhirResult<Option<String>> { Ok(input.text(name)?.map(str::to_owned)) };
        let version = match owned("systemVersion")? {
            None if system == "url" => owned("version")?,
            version => version,
        };
        Ok(Asked::Code(Coding {
            system: owned(system)?,
            version,
            code: code.to_owned(),
            display: owned("display")?,
            path: String::new(),
        }))
    }
}

/// What is found out about one code.
#[derive(Default)]
struct Checked<'a> {
    found: Option<(Shared<'a>, Found)>,
    issues: Vec<Issue>,
    display: Option<String>,
    inactive: Option<String>,
    unknown: Option<UnknownSystem>,
    /// A fragment of a code system cannot say that a code is not in the whole.
    is_tolerated: bool,
}

impl Checked<'_> {
    fn has_errors(&self) -> bool {
        let mut issues = self.issues.iter();
        issues.any(|issue| issue.severity == Severity::Error)
    }
}

/// How a question wants codes to be looked at.
struct Rules {
    allows_abstract: bool,
    is_lenient: bool,
    active_only: bool,
    language: Option<String>,
}

impl Rules {
    fn read(input: &Input) -> FhirResult<Rules> {
        Ok(Rules {
            allows_abstract: input.flag("abstract")?.unwrap_or(true),
            is_lenient: input.flag("lenient-display-validation")?.unwrap_or(false),
            active_only: input.flag("activeOnly")?.unwrap_or(false),
            language: input.text("displayLanguage")?.map(str::to_owned),
        })
    }
}

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
        .map(|coding| check(term, coding, None, &rules))
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
                wording::cannot_check(
                    &input.text("url")?.unwrap_or_default(),
                    &unknown.canonical(),
                ),
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

/// Looks at one code in its code system: in the release that `set` includes, if it includes one.
fn check<'a>(
    term: &Terminology<'a>,
    coding: &Coding,
    set: Option<&ValueSet<'a>>,
    rules: &Rules,
) -> Checked<'a> {
    let mut checked = Checked::default();
    let Some(system) = &coding.system else {
        checked.issues.push(match (&*coding.path, set) {
            ("", Some(set)) => wording::cannot_infer(&coding.code, &set.canonical()),
            _ => wording::no_system(&coding.path),
        });
        return checked;
    };
    if !system.contains(':') {
        checked
            .issues
            .push(wording::relative_system(coding.at("system")));
    }
    let included = set.and_then(|set| {
        let systems = set.systems();
        let url = canonical::by_url(system).map_or(system.as_str(), |known| known.url);
        let version = coding.version.as_deref();
        systems.into_iter().find(|codes| {
            codes.url() == url && version.is_none_or(|version| codes.version() == Some(version))
        })
    });
    let codes = match included.map_or_else(|| term.resolve(system, coding.version.as_deref()), Ok) {
        Ok(codes) => codes,
        Err(unknown) => {
            let issue = unknown.issue("the code cannot be validated");
            checked.issues.push(issue.at(coding.at("system")));
            checked.unknown = Some(unknown);
            return checked;
        }
    };
    if let Some(sent) = term
        .sent()
        .iter()
        .find(|sent| sent.canonical() == codes.canonical())
        && let Some(caution) = sent.caution
    {
        checked
            .issues
            .push(wording::caution(caution, &codes.canonical()));
    }
    match codes.find(&coding.code) {
        Some(found) => known(term, coding, set, rules, &codes, found, &mut checked),
        None => unknown_code(term, coding, &codes, &mut checked),
    }
    checked
}

/// A code that its system has.
fn known<'a>(
    term: &Terminology<'a>,
    coding: &Coding,
    set: Option<&ValueSet<'a>>,
    rules: &Rules,
    codes: &Shared<'a>,
    found: Found,
    checked: &mut Checked<'a>,
) {
    let concept = codes.concept(found.place);
    if !found.exact {
        checked.issues.push(wording::differs(
            &coding.code,
            &concept.code,
            &codes.canonical(),
            coding.at("code"),
        ));
    }
    if let Some(status) = &concept.inactive {
        checked
            .issues
            .push(wording::inactive(&coding.code, status, coding.at("code")));
    }
    if concept.is_abstract {
        if !rules.allows_abstract {
            checked.issues.push(wording::is_abstract(
                codes.url(),
                &coding.code,
                coding.at("code"),
            ));
        } else if let Some(said) = said_by_loaded(term, codes, &coding.code) {
            checked
                .issues
                .push(wording::not_for_submission(&said.why, coding.at("code")));
        }
    } else if let Some(said) = said_by_loaded(term, codes, &coding.code)
        && matches!(said.verdict, Verdict::NeedsStem | Verdict::NoRelease)
    {
        checked
            .issues
            .push(wording::remark(said.why, coding.at("code")));
    }
    let mut words: Vec<String> = set.map_or_else(Vec::new, |set| set.words_for(codes, found.place));
    let own = concept.display.clone();
    words.extend(own.clone());
    let designations = codes.designations(found.place);
    let preferred = rules.language.as_deref().and_then(|wanted| {
        let fitting = designations.iter().find(|other| {
            other
                .language
                .as_deref()
                .is_some_and(|language| wanted.starts_with(language))
        });
        fitting.map(|other| other.value.clone())
    });
    let is_own_language = |language: &str| {
        rules
            .language
            .as_deref()
            .is_some_and(|wanted| wanted.starts_with(language))
    };
    let display = match codes.language() {
        Some(language) if is_own_language(language) => own,
        _ => preferred.or(own),
    };
    words.extend(designations.into_iter().map(|other| other.value));
    if let Some(given) = &coding.display
        && !words.is_empty()
        && !words.iter().any(|word| is_same(word, given))
    {
        let named = format!("{}#{}", codes.url(), coding.code);
        let right = display.clone().unwrap_or_default();
        let language = rules.language.as_deref().unwrap_or("--");
        let severity = if rules.is_lenient {
            Severity::Warning
        } else {
            Severity::Error
        };
        checked.issues.push(wording::wrong_display(
            severity,
            given,
            &named,
            &right,
            language,
            coding.at("display"),
        ));
    }
    checked.display = display;
    checked.inactive = concept.inactive;
    checked.found = Some((Arc::clone(codes), found));
}

/// What validation says of a code of a loaded system.
fn said_by_loaded(term: &Terminology<'_>, codes: &Shared<'_>, code: &str) -> Option<Validation> {
    let (system, day) = loaded_system(term, codes)?;
    Some(validate(term.bundle(), system, code, day))
}

/// The loaded system that `codes` is a release of, and a day on which that release answers.
fn loaded_system(
    term: &Terminology<'_>,
    codes: &Shared<'_>,
) -> Option<(CodeSystem, jiff::civil::Date)> {
    if term
        .sent()
        .iter()
        .any(|sent| sent.canonical() == codes.canonical())
    {
        return None;
    }
    let system = canonical::by_url(codes.url())?.system;
    let loaded = term.loaded(system, codes.version())?;
    Some((loaded.system(), loaded.day()))
}

/// A code that its system does not have.
fn unknown_code(
    term: &Terminology<'_>,
    coding: &Coding,
    codes: &Shared<'_>,
    checked: &mut Checked<'_>,
) {
    let at = coding.at("code");
    let said = said_by_loaded(term, codes, &coding.code);
    // A cluster of ICD-11 codes is a code that no table lists.
    if let Some(said) = &said
        && said.verdict == Verdict::Valid
    {
        checked.is_tolerated = true;
        checked.display.clone_from(&said.display);
        return;
    }
    checked.is_tolerated = codes.is_fragment();
    checked.issues.push(wording::unknown_code(
        &coding.code,
        codes.as_ref(),
        at.clone(),
    ));
    let Some(said) = said else { return };
    let more = match said.verdict {
        Verdict::NeedsPlaceholder | Verdict::Incomplete => {
            let with: Vec<&str> = said
                .complete_with
                .iter()
                .map(|one| one.code.as_str())
                .collect();
            format!("{}: {}", said.why, with.join(", "))
        }
        Verdict::Terminated | Verdict::NotYetEffective => {
            let versions: Vec<&str> = said
                .valid_in
                .iter()
                .map(|one| one.version.as_str())
                .collect();
            let replaced = if said.replaced_by.is_empty() {
                String::new()
            } else {
                format!("; replaced by {}", said.replaced_by.join(", "))
            };
            format!("{} ({}){replaced}", said.why, versions.join(", "))
        }
        Verdict::WrongSystem => {
            let elsewhere = said
                .elsewhere
                .iter()
                .map(|one| format!("{} {}", one.system, one.code));
            format!(
                "another system has it: {}",
                elsewhere.collect::<Vec<_>>().join(", ")
            )
        }
        _ if !said.nearest.is_empty() => {
            let nearest = said.nearest.iter().map(|one| one.code.as_str());
            format!("it looks like {}", nearest.collect::<Vec<_>>().join(", "))
        }
        _ => return,
    };
    checked.issues.push(wording::remark(more, at));
}

/// Whether two displays are the same but for case and blanks.
fn is_same(one: &str, other: &str) -> bool {
    let plain = |text: &str| -> String {
        text.split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .to_lowercase()
    };
    plain(one) == plain(other)
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
    let best = checked
        .iter()
        .position(|one| one.found.is_some() && !one.has_errors())
        .or_else(|| checked.iter().position(|one| one.found.is_some()))
        .unwrap_or(0);
    let is_known = checked
        .iter()
        .any(|one| one.found.is_some() || one.is_tolerated);
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
    let version = found.and_then(|(codes, _)| codes.version());
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

/// The texts of the errors, and of warnings that are no comments, sorted and joined.
fn message(issues: &[Issue]) -> Option<String> {
    let of = |severity: Severity| -> Vec<&str> {
        let of_severity = issues.iter().filter(|issue| issue.severity == severity);
        of_severity.map(|issue| issue.text.as_str()).collect()
    };
    let mut texts = of(Severity::Error);
    if texts.is_empty() {
        texts = of(Severity::Warning);
    }
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

/// A Coding of a concept.
pub(super) fn coding(
    system: &str,
    version: Option<&str>,
    code: &str,
    display: Option<&str>,
) -> Value {
    let mut coding = json!({ "system": system, "code": code });
    if let Some(coding) = coding.as_object_mut() {
        for (name, value) in [("version", version), ("display", display)] {
            if let Some(value) = value {
                coding.insert(name.to_owned(), json!(value));
            }
        }
    }
    coding
}
