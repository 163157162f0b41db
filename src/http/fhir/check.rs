//! Looks at one code in its code system, and says what there is to say of it.
//!
//! What [`crate::validate`] finds out about a code of a loaded system, such as a
//! missing seventh character, is told with it.

use std::sync::Arc;

use codesets::CodeSystem;
use jiff::civil::Date;

use super::canonical;
use super::codings::Coding;
use super::concepts::{Codes, Found, Shared};
use super::outcome::{FhirResult, Issue, Severity};
use super::parameters::Input;
use super::terminology::{Terminology, UnknownSystem};
use super::value_sets::ValueSet;
use super::wording;
use crate::validate::{Validation, Verdict, validate};

/// What is found out about one code.
#[derive(Default)]
pub(super) struct Checked<'a> {
    /// Where it is, if its code system has it.
    pub(super) found: Option<(Shared<'a>, Found)>,
    /// Whether it is among the codes that were asked of.
    pub(super) is_member: bool,
    /// What is to be said of it.
    pub(super) issues: Vec<Issue>,
    /// Its words.
    pub(super) display: Option<String>,
    /// Why it is not active.
    pub(super) inactive: Option<String>,
    /// The code system that is not here.
    pub(super) unknown: Option<UnknownSystem>,
    /// The version of the code system that was asked.
    pub(super) version: Option<String>,
    /// A fragment of a code system cannot say that a code is not in the whole.
    pub(super) is_tolerated: bool,
}

impl Checked<'_> {
    /// Whether it is wrong.
    pub(super) fn has_errors(&self) -> bool {
        let mut issues = self.issues.iter();
        issues.any(|issue| issue.severity == Severity::Error)
    }
}

/// How a question wants codes to be looked at.
pub(super) struct Rules {
    /// Whether a heading may stand for a code.
    pub(super) allows_abstract: bool,
    /// Whether wrong words are only worth a warning.
    pub(super) is_lenient: bool,
    /// Whether inactive codes are wrong.
    pub(super) active_only: bool,
    /// The language of words.
    pub(super) language: Option<String>,
}

impl Rules {
    /// Reads them.
    ///
    /// # Errors
    /// When a parameter cannot be used.
    pub(super) fn read(input: &Input) -> FhirResult<Rules> {
        Ok(Rules {
            allows_abstract: input.flag("abstract")?.unwrap_or(true),
            is_lenient: input.flag("lenient-display-validation")?.unwrap_or(false),
            active_only: input.flag("activeOnly")?.unwrap_or(false),
            language: input.text("displayLanguage")?.map(str::to_owned),
        })
    }
}

/// Looks at one code in its code system: in the release that `set` includes, if it includes one.
pub(super) fn check<'a>(
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
    checked.version = codes.version().map(str::to_owned);
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
    let said = said_by_loaded(term, codes, &coding.code);
    let verdict = said.as_ref().map(|said| said.verdict);
    if concept.is_abstract && !rules.allows_abstract {
        let issue = wording::is_abstract(codes.url(), &coding.code, coding.at("code"));
        checked.issues.push(issue);
    } else if concept.is_abstract && verdict.is_some() {
        let why = said
            .as_ref()
            .filter(|said| matches!(said.verdict, Verdict::Header | Verdict::Incomplete));
        let why = why.map_or("it is a heading: it needs more characters", |said| {
            &said.why
        });
        let issue = wording::not_for_submission(why, coding.at("code"));
        checked.issues.push(issue);
    }
    if let Some(said) = said
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
fn loaded_system(term: &Terminology<'_>, codes: &Shared<'_>) -> Option<(CodeSystem, Date)> {
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
        _ if !said.looks_like.is_empty() => {
            let nearest = said.looks_like.iter().map(|one| one.code.as_str());
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
