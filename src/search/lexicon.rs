//! The vocabulary made ready for queries: what a run of words may also mean.

use std::collections::HashMap;

use codesets::vocab::Vocabulary;
use indexer::text::{Analyzer, words};

/// Where a reading comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The table of abbreviations.
    Abbreviation,
    /// The synonym tables.
    Synonym,
    /// The drug names.
    Drug,
}

impl Origin {
    /// The identifier in answers.
    pub const fn id(self) -> &'static str {
        match self {
            Origin::Abbreviation => "abbreviation",
            Origin::Synonym => "synonym",
            Origin::Drug => "drug",
        }
    }
}

/// The classes of synonyms that name procedures, supplies and devices.
const PROCEDURAL: [&str; 5] = ["procedure", "imaging", "supply", "device", "approach"];

/// One thing that a phrase may mean.
#[derive(Clone, Debug)]
pub struct Sense {
    /// Where the reading comes from.
    pub origin: Origin,
    /// The meaning in the words of the code book.
    pub means: Box<str>,
    /// The canonical stems of the meaning.
    pub stems: Box<[Box<str>]>,
    /// How likely the sense is, up to 1.
    pub prior: f32,
    /// Stems of words that favour the sense.
    pub context: Box<[Box<str>]>,
    /// Whether the phrase must be typed in capitals.
    pub capitals_only: bool,
    /// Whether phrase and meaning are interchangeable.
    pub interchangeable: bool,
    /// Whether the sense is one of procedures, supplies and devices: it says nothing of diagnoses.
    pub procedural: bool,
}

/// Phrases and their senses, keyed by words as typed and by stems.
#[derive(Debug, Default)]
pub struct Lexicon {
    by_words: HashMap<Box<str>, Vec<Sense>>,
    by_stems: HashMap<Box<str>, Vec<Sense>>,
    broader: HashMap<Box<str>, Vec<Box<str>>>,
    longest_words: usize,
    longest_stems: usize,
}

impl Lexicon {
    /// Reads `vocabulary` with the analyzer that queries use.
    pub fn new(vocabulary: &Vocabulary, analyzer: &Analyzer) -> Lexicon {
        let mut lexicon = Lexicon::default();
        let boxed = |texts: Vec<String>| -> Box<[Box<str>]> {
            texts.into_iter().map(String::into_boxed_str).collect()
        };
        for row in &vocabulary.abbreviations {
            let key: Vec<String> = words(&row.short)
                .into_iter()
                .map(|word| word.text)
                .collect();
            let sense = Sense {
                origin: Origin::Abbreviation,
                means: row.long.as_str().into(),
                stems: boxed(analyzer.stems(&row.long)),
                prior: row.prior,
                context: boxed(
                    row.context
                        .iter()
                        .flat_map(|word| analyzer.stems(word))
                        .collect(),
                ),
                capitals_only: row.capitals_only,
                interchangeable: true,
                procedural: false,
            };
            lexicon.longest_words = lexicon.longest_words.max(key.len());
            lexicon
                .by_words
                .entry(key.join(" ").into())
                .or_default()
                .push(sense);
        }
        let synonyms = vocabulary.synonyms.iter().map(|row| (Origin::Synonym, row));
        let drugs = vocabulary.drugs.iter().map(|row| (Origin::Drug, row));
        for (origin, row) in synonyms.chain(drugs) {
            let key = analyzer.stems(&row.phrase);
            let stems = analyzer.stems(&row.means);
            if key == stems {
                continue;
            }
            let sense = Sense {
                origin,
                means: row.means.as_str().into(),
                stems: boxed(stems),
                prior: 1.0,
                context: Box::default(),
                capitals_only: false,
                interchangeable: row.interchangeable,
                procedural: PROCEDURAL.contains(&row.class.as_str()),
            };
            lexicon.longest_stems = lexicon.longest_stems.max(key.len());
            lexicon
                .by_stems
                .entry(key.join(" ").into())
                .or_default()
                .push(sense);
        }
        for row in &vocabulary.broader {
            for stem in analyzer.stems(&row.word).into_iter().take(1) {
                let broader = lexicon.broader.entry(stem.into()).or_default();
                broader.extend(analyzer.stems(&row.canonical).into_iter().map(String::into_boxed_str));
            }
        }
        lexicon
    }

    /// The stems of words that hold what `stem` names: `head` for `scalp`.
    pub fn broader(&self, stem: &str) -> &[Box<str>] {
        self.broader.get(stem).map_or(&[], Vec::as_slice)
    }

    /// The senses of words as typed, joined by blanks.
    pub fn of_words(&self, words: &str) -> &[Sense] {
        self.by_words.get(words).map_or(&[], Vec::as_slice)
    }

    /// The senses of stems joined by blanks.
    pub fn of_stems(&self, stems: &str) -> &[Sense] {
        self.by_stems.get(stems).map_or(&[], Vec::as_slice)
    }

    /// The most words that a key by words has.
    pub fn longest_words(&self) -> usize {
        self.longest_words
    }

    /// The most stems that a key by stems has.
    pub fn longest_stems(&self) -> usize {
        self.longest_stems
    }
}
