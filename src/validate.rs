//! Validation: whether a code may stand on a claim of a day, and if not, why and what would.

use std::cell::OnceCell;
use std::fmt::Write;

use codesets::formats::icd11_cluster::Cluster;
use codesets::{Code, CodeSystem};
use indexer::book::{Level, Property};
use indexer::bundle::records::ConceptRecord;
use indexer::bundle::{Bundle, ConceptId, LoadedRelease, PcsNext};
use jiff::civil::Date;

use crate::diff::Replacements;
use crate::lookup::{self, Days, Status, ValidIn, days, nearest, needs, title};
use crate::search::children;

mod answer;
mod slip;

pub use answer::{Completion, Elsewhere, LooksLike, Validation, Verdict};
pub use slip::{Look, Slip};

/// The most codes that are validated in one go.
pub const MOST_CODES: usize = 500;

/// The most codes that are offered to complete one.
const MOST_COMPLETIONS: usize = 40;

/// The system of which `text` is most likely a code: the first, in the order of answers, that
/// has it in the release for `date`, those first that print it so; else in any release; else
/// whose shape it has.
pub fn guess_system(bundle: &Bundle, text: &str, date: Date) -> Option<CodeSystem> {
    let concept = |system: CodeSystem| {
        let code = Code::parse_stub(system, text).ok()?;
        let id = bundle.find(system, code.as_str())?;
        let record = bundle.concept(id);
        (record.level == Level::Code.number()).then_some(record)
    };
    let in_force = |system: &CodeSystem| {
        let release = bundle.release_for(*system, date);
        concept(*system)
            .zip(release)
            .is_some_and(|(record, release)| record.present.get() & release.bit != 0)
    };
    let systems: Vec<CodeSystem> = bundle.systems().collect();
    let is_loaded = |system: CodeSystem| systems.contains(&system).then_some(system);
    if text.contains(['&', '/']) {
        return is_loaded(CodeSystem::Icd11Mms).or(systems.first().copied());
    }
    let typed = text.trim().to_ascii_uppercase();
    let begins_procedure = || {
        let release = bundle.release_for(CodeSystem::Icd10Pcs, date)?;
        // The letters I and O are in no procedure code, so they are digits misread.
        let stub = typed.replace('O', "0").replace('I', "1");
        let next = bundle.pcs().next(&stub, release.bit);
        let begins = matches!(next, PcsNext::Values(_) | PcsNext::Complete);
        begins.then_some(&CodeSystem::Icd10Pcs)
    };
    // J1100 is a HCPCS code as it stands, and a code of ICD-10-CM without its dot.
    let as_printed = |system: &CodeSystem| {
        Code::parse_stub(*system, text).is_ok_and(|code| code.to_string() == typed)
    };
    systems
        .iter()
        .find(|system| in_force(system) && as_printed(system))
        .or_else(|| systems.iter().find(|system| in_force(system)))
        .or_else(|| systems.iter().find(|system| concept(**system).is_some()))
        .or_else(|| {
            systems
                .iter()
                .find(|system| Code::parse_stub(**system, text).is_ok())
        })
        .or_else(begins_procedure)
        .or_else(|| systems.first())
        .copied()
}

/// Says whether `text` is a code of `system` that may stand on a claim of `date`.
pub fn validate(bundle: &Bundle, system: CodeSystem, text: &str, date: Date) -> Validation {
    Validator::new(bundle, date).validate(system, text)
}

/// Validates codes for one day; what several of them need is looked up once.
pub struct Validator<'a> {
    bundle: &'a Bundle,
    date: Date,
    replacements: OnceCell<Replacements>,
}

impl<'a> Validator<'a> {
    /// A validator of codes on `date`.
    pub fn new(bundle: &'a Bundle, date: Date) -> Validator<'a> {
        Validator {
            bundle,
            date,
            replacements: OnceCell::new(),
        }
    }

    /// Says whether `text` is a code of `system`, or of the likeliest system, that may stand
    /// on a claim of the day.
    pub fn validate_any(&self, system: Option<CodeSystem>, text: &str) -> Validation {
        let guessed = system.or_else(|| guess_system(self.bundle, text, self.date));
        self.validate(guessed.unwrap_or(CodeSystem::Icd10Cm), text)
    }

    /// Says whether `text` is a code of `system` that may stand on a claim of the day.
    pub fn validate(&self, system: CodeSystem, text: &str) -> Validation {
        let Some(release) = self.bundle.release_for(system, self.date) else {
            let why = format!("no release of {system} is loaded");
            return Validation::new(system, Verdict::NoRelease, why).with_input(text);
        };
        let check = Check {
            bundle: self.bundle,
            system,
            release,
            date: self.date,
            replacements: &self.replacements,
        };
        let mut validation = check.verdict(text.trim()).with_input(text);
        validation.release = Some(release.version.clone());
        if let Ok(code) = Code::parse_stub(system, text) {
            validation.issues = Look::of(text, &code);
        }
        validation
    }
}

impl Validation {
    fn new(system: CodeSystem, verdict: Verdict, why: String) -> Validation {
        Validation {
            input: String::new(),
            system: system.id(),
            code: None,
            verdict,
            why,
            display: None,
            release: None,
            valid_in: Vec::new(),
            effective: (None, None),
            issues: Vec::new(),
            complete_with: Vec::new(),
            looks_like: Vec::new(),
            replaced_by: Vec::new(),
            elsewhere: Vec::new(),
        }
    }

    fn with_code(mut self, code: String) -> Validation {
        self.code = Some(code);
        self
    }

    fn with_input(mut self, text: &str) -> Validation {
        text.clone_into(&mut self.input);
        self
    }
}

struct Check<'a> {
    bundle: &'a Bundle,
    system: CodeSystem,
    release: &'a LoadedRelease,
    date: Date,
    replacements: &'a OnceCell<Replacements>,
}

impl Check<'_> {
    fn verdict(&self, text: &str) -> Validation {
        if self.system == CodeSystem::Icd11Mms && text.contains(['&', '/']) {
            return self.cluster(text);
        }
        let code = match Code::parse_stub(self.system, text) {
            Ok(code) => code,
            Err(error) => return self.not_a_code(text, error.to_string()),
        };
        let found = self
            .bundle
            .find(self.system, code.as_str())
            .map(|id| (id, self.bundle.concept(id)))
            .filter(|(_, record)| record.level == Level::Code.number());
        match found {
            Some((id, record)) => self.known(id, &record),
            None => self.unknown(&code),
        }
    }

    fn say(&self, verdict: Verdict, why: String) -> Validation {
        Validation::new(self.system, verdict, why)
    }

    /// A code that some loaded release has.
    fn known(&self, id: ConceptId, record: &ConceptRecord) -> Validation {
        let key = self.bundle.text(record.key);
        let mut said = if record.present.get() & self.release.bit == 0 {
            self.of_another_release(key, record)
        } else if !self.release.days.contains(self.date) {
            self.outside_of_releases()
        } else {
            self.in_release(id, record)
        };
        said.code = Some(Code::dotted(self.system, key));
        said.display = Some(title(self.bundle, record, self.release).to_owned());
        said.valid_in = self
            .holding(record)
            .map(|other| ValidIn {
                version: other.version.clone(),
                effective: days(other),
            })
            .collect();
        said
    }

    /// The releases that have a concept, oldest first.
    fn holding(&self, record: &ConceptRecord) -> impl Iterator<Item = &LoadedRelease> {
        let (system, present) = (self.system, record.present.get());
        self.bundle
            .releases()
            .iter()
            .filter(move |other| other.system == system && present & other.bit != 0)
    }

    fn of_another_release(&self, key: &str, record: &ConceptRecord) -> Validation {
        let (system, version) = (self.system, &self.release.version);
        let mut holding = self.holding(record);
        match lookup::status(record, self.release) {
            Status::Future => {
                let first = holding.next().map_or("a later one", |r| &r.version);
                let why = format!("{system} {version} does not have it yet; {first} does");
                self.say(Verdict::NotYetEffective, why)
            }
            Status::Active | Status::Retired => {
                let before = holding.take_while(|other| other.bit < self.release.bit);
                let last = before.last().map_or("an earlier one", |r| &r.version);
                let why = format!("{system} {version} no longer has it; {last} does");
                let mut said = self.say(Verdict::Terminated, why);
                said.replaced_by = self
                    .replacements
                    .get_or_init(|| Replacements::of(self.bundle))
                    .after(self.bundle, system, key, self.release);
                said
            }
        }
    }

    /// The day lies before, between or behind the releases.
    fn outside_of_releases(&self) -> Validation {
        let days = self.release.days;
        let why = match days.last {
            Some(last) if self.date > last => format!(
                "{} {} ended on {last}, and no later loaded release is in force on {}",
                self.system, self.release.version, self.date
            ),
            _ => format!(
                "{} {}, the first loaded release, begins on {}",
                self.system, self.release.version, days.first
            ),
        };
        self.say(Verdict::NoRelease, why)
    }

    fn in_release(&self, id: ConceptId, record: &ConceptRecord) -> Validation {
        let property = |property| self.bundle.property(id, property, self.release.bit);
        let (added, last) = (property(Property::Added), property(Property::LastDay));
        let effective: Days = (added.map(str::to_owned), last.map(str::to_owned));
        let day = |text: Option<&str>| text.and_then(|text| text.parse::<Date>().ok());
        let mut said = match (day(added), day(last)) {
            (_, Some(last)) if self.date > last => {
                self.say(Verdict::Terminated, format!("its last day was {last}"))
            }
            (Some(first), _) if self.date < first => self.say(
                Verdict::NotYetEffective,
                format!("its first day is {first}"),
            ),
            _ => self.by_kind(id, record, property(Property::Kind).unwrap_or("")),
        };
        said.effective = effective;
        said
    }

    fn by_kind(&self, id: ConceptId, record: &ConceptRecord, kind: &str) -> Validation {
        if record.billable.get() & self.release.bit != 0 {
            let why = format!("{} {} has it", self.system, self.release.version);
            return self.say(Verdict::Valid, why);
        }
        match (self.system, kind) {
            (CodeSystem::Hcpcs, "modifier") => {
                let why = "it is a modifier, which stands with a code".to_owned();
                return self.say(Verdict::Valid, why);
            }
            (CodeSystem::Icd11Mms, "extension") => {
                let why =
                    "it is an extension code, which follows a stem code and an `&`".to_owned();
                return self.say(Verdict::NeedsStem, why);
            }
            _ => {}
        }
        let below = needs(self.bundle, id, self.release);
        let lacks_seventh = self.system == CodeSystem::Icd10Cm
            && below.is_some_and(|needs| record.code_len + needs.characters == 7)
            && self.below(id).all(|(_, child)| child.code_len == 7);
        let mut said = if lacks_seventh {
            self.say(
                Verdict::Incomplete,
                "it needs its seventh character".to_owned(),
            )
        } else if self.system == CodeSystem::Icd10Pcs {
            self.say(
                Verdict::Incomplete,
                "it is a table: the fourth to seventh characters are missing".to_owned(),
            )
        } else {
            let why = match below {
                Some(needs) if needs.characters == needs.most => {
                    format!("it is a header: {} more characters are needed", needs.most)
                }
                Some(needs) => format!(
                    "it is a header: {} to {} more characters are needed",
                    needs.characters, needs.most
                ),
                None => "it is a heading and no code to report".to_owned(),
            };
            self.say(Verdict::Header, why)
        };
        said.complete_with = if self.system == CodeSystem::Icd10Pcs {
            self.pcs_completions(self.bundle.text(record.key))
                .unwrap_or_default()
        } else {
            self.completions(id)
        };
        said
    }

    /// The concepts directly below one, in the release.
    fn below(&self, id: ConceptId) -> impl Iterator<Item = (ConceptId, ConceptRecord)> {
        children(self.bundle, id)
            .map(|child| (child, self.bundle.concept(child)))
            .filter(|(_, child)| child.present.get() & self.release.bit != 0)
    }

    fn completions(&self, id: ConceptId) -> Vec<Completion> {
        self.below(id)
            .take(MOST_COMPLETIONS)
            .map(|(child, record)| Completion {
                code: Code::dotted(self.system, self.bundle.text(record.key)),
                display: self
                    .seventh_meaning(child, &record)
                    .unwrap_or_else(|| title(self.bundle, &record, self.release))
                    .to_owned(),
                billable: record.billable.get() & self.release.bit != 0,
            })
            .collect()
    }

    /// What the seventh character of a code says, by the nearest heading that defines them.
    fn seventh_meaning(&self, id: ConceptId, record: &ConceptRecord) -> Option<&str> {
        let character = *self.bundle.text(record.key).as_bytes().get(6)?;
        let mut at = Some(id);
        while let Some(id) = at {
            let record = self.bundle.concept(id);
            let defined = self.bundle.seventh_of(&record);
            if !defined.is_empty() {
                let value = defined.iter().find(|value| value.character == character)?;
                return Some(self.bundle.text(value.meaning));
            }
            at = self.bundle.parent(&record).filter(|parent| *parent < id);
        }
        None
    }

    /// The values that may follow an ICD-10-PCS stub.
    fn pcs_completions(&self, stub: &str) -> Option<Vec<Completion>> {
        match self.bundle.pcs().next(stub, self.release.bit) {
            PcsNext::Values(choice) => Some(
                choice
                    .values
                    .iter()
                    .map(|value| Completion {
                        code: format!("{stub}{}", value.character),
                        display: format!("{}: {}", choice.axis, value.label),
                        billable: choice.position == 7,
                    })
                    .collect(),
            ),
            PcsNext::Complete | PcsNext::Impossible { .. } => None,
        }
    }

    /// A text of the system's shape that no loaded release has.
    fn unknown(&self, code: &Code) -> Validation {
        let printed = code.to_string();
        if let Some(whole) = self.with_placeholders(code.as_str()) {
            let mut said = self.say(
                Verdict::NeedsPlaceholder,
                "`X` must fill the places before its seventh character".to_owned(),
            );
            said.complete_with = vec![whole];
            return said.with_code(printed);
        }
        let elsewhere = self.elsewhere(code.as_str());
        if !elsewhere.is_empty() {
            let mut said = self.say(
                Verdict::WrongSystem,
                format!("{} has no such code, but another system does", self.system),
            );
            said.elsewhere = elsewhere;
            return said.with_code(printed);
        }
        let mut why = format!("no loaded release of {} has it", self.system);
        let mut possible = None;
        if self.system == CodeSystem::Icd10Pcs
            && let PcsNext::Impossible { possible: len } =
                self.bundle.pcs().next(code.as_str(), self.release.bit)
            && len > 0
        {
            possible = code.as_str().get(..len);
            let _ = write!(why, "; only its first {len} characters begin a code");
        }
        let mut said = self.unknown_but_like(code.as_str(), why);
        said.complete_with = possible
            .and_then(|stub| self.pcs_completions(stub))
            .unwrap_or_default();
        said.with_code(printed)
    }

    /// Says that there is no such code, and which it looks like.
    fn unknown_but_like(&self, plain: &str, mut why: String) -> Validation {
        let mut like: Vec<LooksLike> = nearest(self.bundle, self.release, plain)
            .into_iter()
            .map(|child| LooksLike {
                slip: Code::parse_stub(self.system, &child.code)
                    .ok()
                    .and_then(|code| Slip::between(plain, code.as_str())),
                code: child.code,
                display: child.display,
                billable: child.billable,
            })
            .collect();
        // What a slip explains comes before what only stands nearby.
        like.sort_by_key(|like| like.slip.is_none());
        if let Some((first, slip)) = like.first().and_then(|like| Some((like, like.slip?))) {
            let _ = write!(why, "; it looks like {}: {}", first.code, slip.words());
        }
        let mut said = self.say(Verdict::Unknown, why);
        said.looks_like = like;
        said
    }

    /// The billable ICD-10-CM code that `key` is with `X` before its last character.
    fn with_placeholders(&self, key: &str) -> Option<Completion> {
        if self.system != CodeSystem::Icd10Cm || !(4..7).contains(&key.len()) {
            return None;
        }
        let (stem, last) = key.split_at_checked(key.len() - 1)?;
        let whole = format!("{stem}{}{last}", "X".repeat(7 - key.len()));
        let id = self.bundle.find(self.system, &whole)?;
        let record = self.bundle.concept(id);
        (record.billable.get() & self.release.bit != 0).then(|| Completion {
            code: Code::dotted(self.system, &whole),
            display: title(self.bundle, &record, self.release).to_owned(),
            billable: true,
        })
    }

    /// A text that cannot be a code of the system: a stub, a code of another system, a slip.
    fn not_a_code(&self, text: &str, why: String) -> Validation {
        let plain: String = text
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(16)
            .map(|c| c.to_ascii_uppercase())
            .collect();
        if self.system == CodeSystem::Icd10Pcs
            && (1..7).contains(&plain.len())
            && let Some(values) = self.pcs_completions(&plain)
        {
            let missing = 7 - plain.len();
            let mut said = self.say(
                Verdict::Incomplete,
                format!("{missing} more characters are needed"),
            );
            said.complete_with = values;
            return said.with_code(plain);
        }
        let elsewhere = self.elsewhere(&plain);
        if !elsewhere.is_empty() {
            let mut said = self.say(Verdict::WrongSystem, why);
            said.elsewhere = elsewhere;
            return said;
        }
        if plain.is_empty() {
            return self.say(Verdict::Unknown, why);
        }
        self.unknown_but_like(&plain, why)
    }

    /// The other systems that have `key` as a code.
    fn elsewhere(&self, key: &str) -> Vec<Elsewhere> {
        self.bundle
            .systems()
            .filter(|system| *system != self.system)
            .filter_map(|system| {
                let release = self.bundle.release_for(system, self.date)?;
                let record = self.bundle.concept(self.bundle.find(system, key)?);
                let holds =
                    record.level == Level::Code.number() && record.present.get() & release.bit != 0;
                holds.then(|| Elsewhere {
                    system: system.id(),
                    code: Code::dotted(system, key),
                    display: title(self.bundle, &record, release).to_owned(),
                })
            })
            .collect()
    }

    /// Several ICD-11 codes that stand together: valid when each of them is.
    fn cluster(&self, text: &str) -> Validation {
        let cluster = match Cluster::parse(text) {
            Ok(cluster) => cluster,
            Err(error) => return self.say(Verdict::Unknown, error.to_string()),
        };
        let printed = cluster.to_string();
        for code in cluster.codes() {
            let said = self.verdict(code.as_str());
            // An extension code is in its place here, and a stem code need not be a leaf.
            if !matches!(
                said.verdict,
                Verdict::Valid | Verdict::NeedsStem | Verdict::Header
            ) {
                let why = format!("`{code}`: {}", said.why);
                return Validation { why, ..said }.with_code(printed);
            }
        }
        let why = format!(
            "{} {} has every code of it",
            self.system, self.release.version
        );
        self.say(Verdict::Valid, why).with_code(printed)
    }
}
