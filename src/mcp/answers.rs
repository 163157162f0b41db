//! What the tools answer, and how answers of the library become it.

use indexer::bundle::Bundle;
use jiff::civil::Date;
use rmcp::schemars;
use rmcp::schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answers::{QueryAnswer, ResultAnswer};
use crate::browse::Node;
use crate::icd11::CITATION;
use crate::lookup::{self, Change, CodeDetail, LookupError, NoteAnswer, ReleaseAnswer};
use crate::validate::Validation;

use codesets::CodeSystem;

/// A number of things, as JSON has it.
pub(super) fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A release, and how it stands to the day asked for.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Release {
    system: String,
    version: String,
    first_day: Option<String>,
    last_day: Option<String>,
    /// Whether it is in force on the day asked for.
    in_force: bool,
    /// Whether it is the one that answers for the day.
    answers: bool,
    publisher: String,
    licence: String,
    /// How the publisher asks to be cited.
    #[serde(skip_serializing_if = "Option::is_none")]
    citation: Option<String>,
}

impl From<ReleaseAnswer> for Release {
    fn from(release: ReleaseAnswer) -> Release {
        let (first_day, last_day) = release.effective;
        Release {
            citation: (release.system == CodeSystem::Icd11Mms.id()).then(|| CITATION.to_owned()),
            system: release.system.to_owned(),
            version: release.version,
            first_day,
            last_day,
            in_force: release.in_force,
            answers: release.answers,
            publisher: release.publisher,
            licence: release.licence,
        }
    }
}

/// The releases of `systems` that answer for `date`; of all when empty.
pub(super) fn answering(bundle: &Bundle, systems: &[CodeSystem], date: Date) -> Vec<Release> {
    let answering = lookup::answering(bundle, systems, date);
    answering.into_values().map(Release::from).collect()
}

/// The answer of `list_releases`.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Releases {
    /// The day that `in_force` and `answers` speak of.
    pub(super) date: String,
    /// Every loaded release, oldest first within its system.
    pub(super) releases: Vec<Release>,
}

/// The answer of `search_codes`.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Found {
    /// The codes, best first; none when no loaded release has words like these.
    pub(super) codes: Vec<FoundCode>,
    /// How many codes there are over all pages.
    pub(super) total: i64,
    /// Whether `total` is all there is; otherwise there are at least so many.
    pub(super) total_exact: bool,
    /// The cursor of the next page.
    pub(super) next_cursor: Option<String>,
    /// How the words were read.
    pub(super) read_as: ReadAs,
    /// The releases that answered.
    pub(super) releases: Vec<Release>,
}

/// A code that was found.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct FoundCode {
    system: String,
    code: String,
    title: String,
    /// Whether it can be reported as it stands.
    billable: bool,
    /// How many more characters a header needs at least.
    #[serde(skip_serializing_if = "Option::is_none")]
    needs_characters: Option<i64>,
    /// How it stands to the release that answers: active, retired or future.
    status: String,
    /// The name that met the words, and where it is from: title, index, inclusion, synonym, code.
    matched: Matched,
    /// The header that the words name, when this is its default code.
    #[serde(skip_serializing_if = "Option::is_none")]
    default_of: Option<String>,
}

/// What met the words.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Matched {
    kind: String,
    text: String,
}

impl From<ResultAnswer> for FoundCode {
    fn from(result: ResultAnswer) -> FoundCode {
        FoundCode {
            system: result.system.to_owned(),
            code: result.code,
            title: result.display,
            billable: result.billable,
            needs_characters: result.needs.map(|needs| i64::from(needs.extent.characters)),
            status: result.status.id().to_owned(),
            matched: Matched {
                kind: result.matched.kind.to_owned(),
                text: result.matched.text,
            },
            default_of: result.default_of,
        }
    }
}

/// How words were read.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ReadAs {
    /// Words taken for misspelled, cut short or abbreviated, as `typed → read`.
    changed: Vec<String>,
    /// Words that were denied (`no fever`) and not searched.
    denied: Vec<String>,
}

impl From<QueryAnswer> for ReadAs {
    fn from(query: QueryAnswer) -> ReadAs {
        let changed = |from: &str, to: &str| format!("{from} → {to}");
        let corrected = query.corrected.iter().map(|it| changed(&it.from, &it.to));
        let expanded = query.expanded.iter().map(|it| changed(&it.from, &it.to));
        ReadAs {
            changed: corrected.chain(expanded).collect(),
            denied: query.negated,
        }
    }
}

/// The answer of `get_code`.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Codes {
    /// One answer a code, in the order asked.
    pub(super) codes: Vec<CodeAnswer>,
    /// The releases that answered.
    pub(super) releases: Vec<Release>,
}

/// What is known of a code, or why nothing is.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(super) struct CodeAnswer {
    /// The code as it was asked for.
    asked: String,
    /// Whether the release that answers has it; without, `why` says more.
    found: bool,
    system: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    /// Whether it can be reported as it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    billable: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chapter: Option<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    section: Option<Named>,
    /// The codes above it, category first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parents: Vec<Named>,
    /// Conditions that the code includes by the Tabular List.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    inclusion_terms: Vec<String>,
    /// Its seventh characters, as `A: initial encounter`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    seventh_characters: Vec<String>,
    /// Its own notes, then those of each heading above it, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<Vec<Note>>,
    /// The codes directly below, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    children: Option<Vec<Named>>,
    /// Its changes over the loaded releases, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<Vec<String>>,
    /// Why it was not found.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    /// Codes of the release that look like it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    nearest: Vec<Named>,
}

/// A code, chapter or section by name.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Named {
    code: String,
    title: String,
}

/// A note that holds for a code.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Note {
    /// What it asks: includes, excludes1, excludes2, code_first, use_additional, code_also ….
    kind: String,
    text: String,
    /// Where it stands.
    from: String,
}

impl From<NoteAnswer> for Note {
    fn from(note: NoteAnswer) -> Note {
        Note {
            kind: note.kind.to_owned(),
            text: note.text,
            from: note.from,
        }
    }
}

fn named(code: String, title: String) -> Named {
    Named { code, title }
}

/// What of a code is asked for beside the usual.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Extras {
    pub(super) notes: bool,
    pub(super) children: bool,
    pub(super) history: bool,
}

impl CodeAnswer {
    /// What is known of a code.
    pub(super) fn of(asked: String, detail: CodeDetail, extras: Extras) -> CodeAnswer {
        let heading = |heading: lookup::Heading| named(heading.code, heading.display);
        let children = detail.children.into_iter();
        let children = children.map(|child| named(child.code, child.display));
        CodeAnswer {
            asked,
            found: true,
            system: detail.system.to_owned(),
            code: Some(detail.code),
            title: Some(detail.display),
            billable: Some(detail.billable),
            chapter: detail.chapter.map(heading),
            section: detail.section.map(heading),
            parents: detail.parents.into_iter().map(heading).collect(),
            inclusion_terms: detail
                .inclusion_terms
                .into_iter()
                .map(|name| name.text)
                .collect(),
            seventh_characters: detail.seventh.map_or_else(Vec::new, |seventh| {
                let values = seventh.values.into_iter();
                values
                    .map(|it| format!("{}: {}", it.char, it.text))
                    .collect()
            }),
            notes: extras
                .notes
                .then(|| detail.notes.into_iter().map(Note::from).collect()),
            children: extras.children.then(|| children.collect()),
            history: extras
                .history
                .then(|| detail.history.iter().map(change).collect()),
            why: None,
            nearest: Vec::new(),
        }
    }

    /// Why nothing is known of a code.
    pub(super) fn not_found(asked: String, system: CodeSystem, error: LookupError) -> CodeAnswer {
        let why = error.to_string();
        let nearest = match error {
            LookupError::Unknown { nearest, .. } => nearest,
            LookupError::Shape(_)
            | LookupError::SystemNotLoaded(_)
            | LookupError::NotInRelease { .. } => Vec::new(),
        };
        CodeAnswer {
            asked,
            system: system.id().to_owned(),
            why: Some(why),
            nearest: nearest
                .into_iter()
                .map(|child| named(child.code, child.display))
                .collect(),
            ..CodeAnswer::default()
        }
    }
}

fn change(change: &Change) -> String {
    let kind = serde_json::to_value(change.change).ok();
    let kind = kind.as_ref().and_then(|kind| kind.as_str()).unwrap_or("");
    let titles = change.from.as_ref().zip(change.to.as_ref());
    let titles = titles.map_or_else(String::new, |(from, to)| format!(": {from} → {to}"));
    format!(
        "{} (since {}): {kind}{titles}",
        change.version, change.since
    )
}

/// The answer of `check_edits`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Checked {
    /// How many findings deny, ask for review or inform, and which tables were not loaded.
    summary: serde_json::Map<String, serde_json::Value>,
    /// What was found: the edit, its outcome (applies, does_not_apply, no_data), the codes in
    /// their columns, the row that says so, and a sentence to act on.
    findings: Vec<serde_json::Map<String, serde_json::Value>>,
    /// The tables and releases that answered.
    release: serde_json::Map<String, serde_json::Value>,
}

/// The answer of `validate_codes`.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Validations {
    /// One answer a code, in the order asked.
    pub(super) codes: Vec<Validated>,
}

/// Whether a code may stand on a claim of the day.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Validated {
    /// The code as it was asked for.
    asked: String,
    system: String,
    /// The code as its publisher prints it.
    code: Option<String>,
    title: Option<String>,
    /// valid, header, incomplete, needs_placeholder, needs_stem, not_yet_effective, terminated,
    /// no_release, unknown or wrong_system.
    status: String,
    /// Why, in a sentence.
    why: String,
    /// The release that answers.
    release: Option<String>,
    /// Codes, or characters to add, that make it whole.
    complete_with: Vec<Named>,
    /// Codes that took its place.
    replaced_by: Vec<String>,
    /// Codes that look like it.
    nearest: Vec<Named>,
    /// Where else it is a code, as `hcpcs J1885`.
    elsewhere: Vec<String>,
}

impl Validated {
    /// What validation says of the code `asked`.
    pub(super) fn of(asked: String, said: Validation) -> Validated {
        Validated {
            asked,
            system: said.system.to_owned(),
            code: said.code,
            title: said.display,
            status: said.verdict.id().to_owned(),
            why: said.why,
            release: said.release,
            complete_with: said
                .complete_with
                .into_iter()
                .map(|it| named(it.code, it.display))
                .collect(),
            replaced_by: said.replaced_by,
            nearest: said
                .looks_like
                .into_iter()
                .map(|it| named(it.code, it.display))
                .collect(),
            elsewhere: said
                .elsewhere
                .into_iter()
                .map(|it| format!("{} {}", it.system, it.code))
                .collect(),
        }
    }
}

/// The answer of `browse`.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Places {
    /// The release that answers.
    pub(super) version: String,
    /// What was asked for; null above the chapters.
    pub(super) at: Option<PlaceNode>,
    /// What stands in the direction asked for, in the publisher's order.
    pub(super) nodes: Vec<PlaceNode>,
}

/// A chapter, section or code.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct PlaceNode {
    /// chapter, section or code.
    level: String,
    code: String,
    title: String,
    /// Whether it can be reported as it stands.
    billable: bool,
    /// How many stand directly below it.
    children: i64,
}

impl From<Node> for PlaceNode {
    fn from(node: Node) -> PlaceNode {
        PlaceNode {
            level: node.level.to_owned(),
            code: node.code,
            title: node.display,
            billable: node.billable,
            children: count(node.children),
        }
    }
}
