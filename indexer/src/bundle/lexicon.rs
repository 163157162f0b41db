//! The lexicon of a bundle: what a run of words may also mean, ready to be looked up.
//!
//! `lexicon.fst` maps a key to a run of `senses.bin` (start in the high half,
//! length in the low half of the value). Keys of abbreviations are words as
//! typed, keys of synonyms canonical stems; both joined by blanks, with one
//! byte before them that tells them apart.

use std::collections::BTreeMap;

use codesets::vocab::Vocabulary;
use zerocopy::little_endian::F32;

use super::records::SenseRecord;
use super::writer::{Folder, Strings, WriteError};
use crate::text::{Analyzer, words};

/// The most words or stems of a key; longer phrases are whole sentences.
pub const LONGEST_KEY: usize = 10;

/// The byte before a key of words as typed.
pub(super) const BY_WORDS: u8 = b'w';
/// The byte before a key of stems.
pub(super) const BY_STEMS: u8 = b's';
/// The byte before a key of one stem with broader words.
pub(super) const BROADER: u8 = b'b';

/// The classes of synonyms that name procedures, supplies and devices.
const PROCEDURAL: [&str; 5] = ["procedure", "imaging", "supply", "device", "approach"];

/// Writes the lexicon of `vocabulary`.
pub(super) fn write(
    folder: &Folder<'_>,
    vocabulary: &Vocabulary,
    analyzer: &Analyzer,
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
    for row in &vocabulary.abbreviations {
        let key: Vec<String> = words(&row.short).into_iter().map(|word| word.text).collect();
        let context: Vec<String> = row.context.iter().flat_map(|word| analyzer.stems(word)).collect();
        let flags = SenseRecord::INTERCHANGEABLE
            | if row.capitals_only { SenseRecord::CAPITALS_ONLY } else { 0 };
        let sense = SenseRecord {
            means: strings.add(&row.long)?,
            stems: strings.add(&analyzer.stems(&row.long).join(" "))?,
            context: strings.add(&context.join(" "))?,
            prior: F32::new(row.prior),
            origin: SenseRecord::ABBREVIATION,
            flags,
        };
        add(BY_WORDS, &key, sense);
    }
    let synonyms = vocabulary.synonyms.iter().map(|row| (SenseRecord::SYNONYM, row));
    let drugs = vocabulary.drugs.iter().map(|row| (SenseRecord::DRUG, row));
    for (origin, row) in synonyms.chain(drugs) {
        let key = analyzer.stems(&row.phrase);
        let stems = analyzer.stems(&row.means);
        if key == stems {
            continue;
        }
        let interchangeable = if row.interchangeable { SenseRecord::INTERCHANGEABLE } else { 0 };
        let procedural = if PROCEDURAL.contains(&row.class.as_str()) { SenseRecord::PROCEDURAL } else { 0 };
        let sense = SenseRecord {
            means: strings.add(&row.means)?,
            stems: strings.add(&stems.join(" "))?,
            context: strings.add("")?,
            prior: F32::new(1.0),
            origin,
            flags: interchangeable | procedural,
        };
        add(BY_STEMS, &key, sense);
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
        };
        add(BROADER, &key, sense);
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
