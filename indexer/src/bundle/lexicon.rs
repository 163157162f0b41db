//! The lexicon of a bundle: what a run of words may also mean, ready to be looked up.
//!
//! `lexicon.fst` maps a key to a run of `senses.bin` (start in the high half,
//! length in the low half of the value). Keys of abbreviations are words as
//! typed, keys of synonyms canonical stems; both joined by blanks, with one
//! byte before them that tells them apart.

use std::collections::{BTreeMap, HashMap, HashSet};

use codesets::vocab::Vocabulary;
use codesets::{CodeSystem, TermKind};
use zerocopy::little_endian::F32;

use super::records::SenseRecord;
use super::writer::{Folder, Strings, WriteError};
use crate::book::{Book, IndexPhrase, Level};
use crate::text::{Analyzer, initials, words};

/// The most words or stems of a key; longer phrases are whole sentences.
pub const LONGEST_KEY: usize = 10;

/// The byte before a key of words as typed.
pub(super) const BY_WORDS: u8 = b'w';
/// The byte before a key of stems.
pub(super) const BY_STEMS: u8 = b's';
/// The byte before a key of one stem with broader words.
pub(super) const BROADER: u8 = b'b';

/// The byte before a key of initials.
pub(super) const BY_INITIALS: u8 = b'i';

/// How much a reading by initials is trusted before its words are looked at.
const INITIALS_PRIOR: f32 = 0.4;
/// The most terms kept for the same initials: past that they say nothing.
const MOST_SAME_INITIALS: usize = 2;

/// The classes of synonyms that name procedures, supplies and devices.
const PROCEDURAL: [&str; 5] = ["procedure", "imaging", "supply", "device", "approach"];

/// The share of an abbreviation's prior that a meaning has which a synonym row leads on to.
const ONWARD_SHARE: f32 = 0.8;
/// The most meanings that one meaning leads on to.
const MOST_ONWARD: usize = 2;

/// What the synonym rows make of a phrase, by its stems: a meaning of an abbreviation or a drug
/// may be such a phrase itself (`SOS` is a sinusoidal obstruction syndrome, that a hepatic
/// veno-occlusive disease).
fn onward<'a>(vocabulary: &'a Vocabulary, analyzer: &Analyzer) -> HashMap<String, Vec<&'a str>> {
    let mut found: HashMap<String, Vec<&str>> = HashMap::new();
    for row in &vocabulary.synonyms {
        if PROCEDURAL.contains(&row.class.as_str()) {
            continue;
        }
        let stems = analyzer.stems(&row.phrase).join(" ");
        if stems == analyzer.stems(&row.means).join(" ") {
            continue;
        }
        let meanings = found.entry(stems).or_default();
        if meanings.len() < MOST_ONWARD {
            meanings.push(&row.means);
        }
    }
    found
}

/// Writes the lexicon of `vocabulary`.
pub(super) fn write(
    folder: &Folder<'_>,
    vocabulary: &Vocabulary,
    analyzer: &Analyzer,
    books: &[Book],
    phrases: &[IndexPhrase],
    strings: &mut Strings,
) -> Result<(), WriteError> {
    let mut senses: BTreeMap<Vec<u8>, Vec<SenseRecord>> = BTreeMap::new();
    let mut add = |kind: u8, key: &[String], sense: SenseRecord| {
        if (1..=LONGEST_KEY).contains(&key.len()) {
            let mut bytes = vec![kind];
            bytes.extend_from_slice(key.join(" ").as_bytes());
            senses.entry(bytes).or_default().push(sense);
        }
    };
    // `w/` means "with", which carries no meaning of its own.
    let meaning = |text: &str| -> String {
        let tokens = analyzer.meaningful_tokens(&words(text));
        let stems: Vec<String> = tokens.into_iter().map(|token| token.text).collect();
        stems.join(" ")
    };
    let onward = onward(vocabulary, analyzer);
    for row in &vocabulary.abbreviations {
        let key: Vec<String> = words(&row.short)
            .into_iter()
            .map(|word| word.text)
            .collect();
        let context: Vec<String> = row
            .context
            .iter()
            .flat_map(|word| analyzer.stems(word))
            .collect();
        let flags = SenseRecord::INTERCHANGEABLE
            | if row.capitals_only {
                SenseRecord::CAPITALS_ONLY
            } else {
                0
            };
        let sense = SenseRecord {
            means: strings.add(&row.long)?,
            stems: strings.add(&meaning(&row.long))?,
            context: strings.add(&context.join(" "))?,
            prior: F32::new(row.prior),
            origin: SenseRecord::ABBREVIATION,
            flags,
            system: 0,
        };
        add(BY_WORDS, &key, sense);
        // What stands for words that a synonym row leads on from leads on with them.
        for further in onward
            .get(&analyzer.stems(&row.long).join(" "))
            .into_iter()
            .flatten()
        {
            let sense = SenseRecord {
                means: strings.add(further)?,
                stems: strings.add(&meaning(further))?,
                prior: F32::new(row.prior * ONWARD_SHARE),
                ..sense
            };
            add(BY_WORDS, &key, sense);
        }
    }
    let synonyms = vocabulary
        .synonyms
        .iter()
        .map(|row| (SenseRecord::SYNONYM, row));
    let drugs = vocabulary.drugs.iter().map(|row| (SenseRecord::DRUG, row));
    for (origin, row) in synonyms.chain(drugs) {
        let key = analyzer.stems(&row.phrase);
        let stems = analyzer.stems(&row.means);
        if key == stems {
            continue;
        }
        let interchangeable = if row.interchangeable {
            SenseRecord::INTERCHANGEABLE
        } else {
            0
        };
        let procedural = if PROCEDURAL.contains(&row.class.as_str()) {
            SenseRecord::PROCEDURAL
        } else {
            0
        };
        let sense = SenseRecord {
            means: strings.add(&row.means)?,
            stems: strings.add(&stems.join(" "))?,
            context: strings.add("")?,
            prior: F32::new(1.0),
            origin,
            flags: interchangeable | procedural,
            system: 0,
        };
        add(BY_STEMS, &key, sense);
        if origin == SenseRecord::DRUG {
            for further in onward.get(&stems.join(" ")).into_iter().flatten() {
                let sense = SenseRecord {
                    means: strings.add(further)?,
                    stems: strings.add(&analyzer.stems(further).join(" "))?,
                    flags: 0,
                    ..sense
                };
                add(BY_STEMS, &key, sense);
            }
        }
    }
    for row in &vocabulary.broader {
        let key = analyzer.stems(&row.word);
        let sense = SenseRecord {
            means: strings.add(&row.canonical)?,
            stems: strings.add(&analyzer.stems(&row.canonical).join(" "))?,
            context: strings.add("")?,
            prior: F32::new(1.0),
            origin: SenseRecord::SYNONYM,
            flags: 0,
            system: 0,
        };
        add(BROADER, &key, sense);
    }
    for IndexPhrase {
        system,
        phrase,
        means,
    } in phrases
    {
        let key = analyzer.stems(phrase);
        let stems = analyzer.stems(means);
        if key == stems {
            continue;
        }
        let sense = SenseRecord {
            means: strings.add(means)?,
            stems: strings.add(&stems.join(" "))?,
            context: strings.add("")?,
            prior: F32::new(1.0),
            origin: SenseRecord::SYNONYM,
            flags: 0,
            system: system.number(),
        };
        add(BY_STEMS, &key, sense);
    }
    let diagnoses = books.iter().filter(|book| {
        matches!(
            book.system,
            CodeSystem::Icd10Cm | CodeSystem::Icd11Mms | CodeSystem::Icd10Who
        )
    });
    for book in diagnoses {
        for (letters, texts) in initials_of(book, vocabulary) {
            for text in texts {
                let sense = SenseRecord {
                    means: strings.add(text)?,
                    // The term is read when it is needed: there are many, and few are asked for.
                    stems: strings.add("")?,
                    context: strings.add("")?,
                    prior: F32::new(INITIALS_PRIOR),
                    origin: SenseRecord::INITIALS,
                    flags: 0,
                    system: book.system.number(),
                };
                senses
                    .entry([&[BY_INITIALS], letters.as_bytes()].concat())
                    .or_default()
                    .push(sense);
            }
        }
    }
    let mut records = Vec::new();
    let mut map = BTreeMap::new();
    for (key, run) in senses {
        map.insert(key, (records.len() as u64) << 32 | run.len() as u64);
        records.extend(run);
    }
    folder.table("senses.bin", &records)?;
    folder.map("lexicon.fst", &map)
}

/// The terms of a system of diagnoses by their initials, where no abbreviation has those letters.
fn initials_of<'a>(book: &'a Book, vocabulary: &Vocabulary) -> BTreeMap<String, Vec<&'a str>> {
    let taken: HashSet<String> = vocabulary
        .abbreviations
        .iter()
        .map(|row| row.short.to_lowercase())
        .collect();
    let mut found: BTreeMap<String, Vec<(u8, usize, &str)>> = BTreeMap::new();
    for entry in &book.entries {
        if entry.level != Level::Code || entry.key.len() > 6 {
            continue;
        }
        let titles = std::iter::once((0, entry.title.as_str()));
        let others = entry.terms.iter().filter_map(|(_, term)| match term.kind {
            TermKind::InclusionTerm => Some((1, term.text.as_str())),
            TermKind::IndexEntry => Some((2, term.text.as_str())),
            TermKind::Title | TermKind::ShortTitle | TermKind::TableEntry | TermKind::Synonym => {
                None
            }
        });
        for (kind, text) in titles.chain(others) {
            for letters in initials(text) {
                if !taken.contains(&letters) {
                    found
                        .entry(letters)
                        .or_default()
                        .push((kind, text.len(), text));
                }
            }
        }
    }
    found
        .into_iter()
        .map(|(letters, mut texts)| {
            texts.sort_unstable();
            texts.dedup();
            texts.truncate(MOST_SAME_INITIALS);
            (
                letters,
                texts.into_iter().map(|(_, _, text)| text).collect(),
            )
        })
        .collect()
}
