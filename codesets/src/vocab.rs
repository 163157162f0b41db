//! The vocabulary tables: how people write what the publishers print.
//!
//! Each table is a reviewed tab-separated file in `codesets/vocab`, one row a
//! fact, each row with its kind of source. They travel inside every bundle, so
//! that a bundle answers the same whichever program opens it.

use crate::{Parsed, RowError, RowProblem};

/// The vocabulary files that ship with the program: name and text.
pub const FILES: [(&str, &str); 12] = [
    (
        "abbreviations.tsv",
        include_str!("../vocab/abbreviations.tsv"),
    ),
    ("broader.tsv", include_str!("../vocab/broader.tsv")),
    ("drugs.tsv", include_str!("../vocab/drugs.tsv")),
    ("eponyms.tsv", include_str!("../vocab/eponyms.tsv")),
    ("procedures.tsv", include_str!("../vocab/procedures.tsv")),
    ("spelling.tsv", include_str!("../vocab/spelling.tsv")),
    (
        "synonyms-clinical.tsv",
        include_str!("../vocab/synonyms-clinical.tsv"),
    ),
    (
        "synonyms-lay.tsv",
        include_str!("../vocab/synonyms-lay.tsv"),
    ),
    (
        "synonyms-patterns.tsv",
        include_str!("../vocab/synonyms-patterns.tsv"),
    ),
    (
        "synonyms-rare.tsv",
        include_str!("../vocab/synonyms-rare.tsv"),
    ),
    (
        "synonyms-sites.tsv",
        include_str!("../vocab/synonyms-sites.tsv"),
    ),
    ("words.tsv", include_str!("../vocab/words.tsv")),
];

/// One sense of an abbreviation.
#[derive(Clone, Debug, PartialEq)]
pub struct Abbreviation {
    /// The abbreviation as it is written: `T2DM`, `n/v`.
    pub short: String,
    /// What it stands for, in the words of the code book.
    pub long: String,
    /// How likely this sense is when nothing else is said, above 0 and up to 1.
    pub prior: f32,
    /// Words that favour this sense when they stand in the same phrase.
    pub context: Vec<String>,
    /// Whether the sense holds only for capitals: `ALL`, not `all`.
    pub capitals_only: bool,
    /// The kind of source.
    pub source: String,
}

/// A phrase and what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Synonym {
    /// The phrase as people write it.
    pub phrase: String,
    /// The same in the words of the code book.
    pub means: String,
    /// Whether the two are interchangeable; otherwise the phrase only may be read so.
    pub interchangeable: bool,
    /// The class of the row: `eponym`, `lay`, `brand` ….
    pub class: String,
    /// The kind of source.
    pub source: String,
}

/// A word and the word that stands for it on both sides of the search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordForm {
    /// The word.
    pub word: String,
    /// The word or words it is replaced by.
    pub canonical: String,
}

/// Every vocabulary table, read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vocabulary {
    /// Clinical shorthand, one row a sense.
    pub abbreviations: Vec<Abbreviation>,
    /// Phrases: eponyms, lay words, older and newer names, procedures.
    pub synonyms: Vec<Synonym>,
    /// Brand, street and alternate names of drugs.
    pub drugs: Vec<Synonym>,
    /// Single words canonical on both sides: `renal`, `kidney`.
    pub words: Vec<WordForm>,
    /// Words and words that hold them: `scalp`, `head`.
    pub broader: Vec<WordForm>,
    /// British and variant spellings.
    pub spelling: Vec<WordForm>,
}

impl Vocabulary {
    /// Reads the vocabulary from its files; rows that cannot be read are returned with their file.
    pub fn read<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> (Vocabulary, Vec<(String, RowError)>) {
        let mut vocabulary = Vocabulary::default();
        let mut errors = Vec::new();
        for (name, text) in files {
            let problems = vocabulary.read_file(name, text);
            errors.extend(problems.into_iter().map(|error| (name.to_owned(), error)));
        }
        (vocabulary, errors)
    }

    /// The vocabulary that ships with the program.
    pub fn shipped() -> Vocabulary {
        Vocabulary::read(FILES).0
    }

    fn read_file(&mut self, name: &str, text: &str) -> Vec<RowError> {
        match name {
            "abbreviations.tsv" => take(&mut self.abbreviations, rows(text, 5, abbreviation)),
            "broader.tsv" => take(&mut self.broader, rows(text, 4, word_form)),
            "words.tsv" => take(&mut self.words, rows(text, 4, word_form)),
            "spelling.tsv" => take(&mut self.spelling, rows(text, 3, word_form)),
            "drugs.tsv" => take(&mut self.drugs, rows(text, 4, drug)),
            _ => take(&mut self.synonyms, rows(text, 5, synonym)),
        }
    }
}

fn take<T>(into: &mut Vec<T>, parsed: Parsed<T>) -> Vec<RowError> {
    into.extend(parsed.rows);
    parsed.errors
}

/// Splits a table into its rows, leaving out the header, comments and blank lines.
fn rows<T>(text: &str, width: usize, read: impl Fn(&[&str]) -> Result<T, RowProblem>) -> Parsed<T> {
    let mut parsed = Parsed::default();
    for (line, row) in (1..).zip(text.lines()) {
        if line == 1 || row.trim().is_empty() || row.starts_with('#') {
            continue;
        }
        let fields: Vec<&str> = row.split('\t').map(str::trim).collect();
        let result = if fields.len() == width {
            read(&fields)
        } else {
            Err(RowProblem::field(
                "row",
                row,
                "the header's number of fields",
            ))
        };
        match result {
            Ok(value) => parsed.rows.push(value),
            Err(problem) => parsed.errors.push(RowError { line, problem }),
        }
    }
    parsed
}

fn abbreviation(fields: &[&str]) -> Result<Abbreviation, RowProblem> {
    let [short, long, prior, context, source] = *fields else {
        return Err(RowProblem::field("row", "", "five fields"));
    };
    let value: f32 = prior
        .parse()
        .ok()
        .filter(|value| *value > 0.0 && *value <= 1.0)
        .ok_or_else(|| RowProblem::field("prior", prior, "a number above 0 and up to 1"))?;
    Ok(Abbreviation {
        short: filled("short", short)?,
        long: filled("long", long)?,
        prior: value,
        capitals_only: context.split_whitespace().any(|word| word == "=case"),
        context: context
            .split_whitespace()
            .filter(|word| *word != "=case")
            .map(str::to_lowercase)
            .collect(),
        source: filled("source", source)?,
    })
}

fn synonym(fields: &[&str]) -> Result<Synonym, RowProblem> {
    let [phrase, means, direction, class, source] = *fields else {
        return Err(RowProblem::field("row", "", "five fields"));
    };
    let interchangeable = match direction {
        "=" => true,
        ">" => false,
        other => return Err(RowProblem::field("direction", other, "`=` or `>`")),
    };
    Ok(Synonym {
        phrase: filled("phrase", phrase)?,
        means: filled("means", means)?,
        interchangeable,
        class: filled("class", class)?,
        source: filled("source", source)?,
    })
}

fn drug(fields: &[&str]) -> Result<Synonym, RowProblem> {
    let [name, generic, class, source] = *fields else {
        return Err(RowProblem::field("row", "", "four fields"));
    };
    Ok(Synonym {
        phrase: filled("name", name)?,
        means: filled("generic", generic)?,
        interchangeable: true,
        class: filled("class", class)?,
        source: filled("source", source)?,
    })
}

fn word_form(fields: &[&str]) -> Result<WordForm, RowProblem> {
    let [word, canonical, ..] = *fields else {
        return Err(RowProblem::field("row", "", "two fields or more"));
    };
    Ok(WordForm {
        word: filled("word", word)?.to_lowercase(),
        canonical: filled("canonical", canonical)?.to_lowercase(),
    })
}

fn filled(field: &'static str, text: &str) -> Result<String, RowProblem> {
    if text.is_empty() {
        return Err(RowProblem::field(field, text, "some text"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{FILES, Vocabulary};

    #[test]
    fn every_row_that_ships_can_be_read() {
        let (vocabulary, errors) = Vocabulary::read(FILES);
        assert_eq!(errors, []);
        assert!(!vocabulary.abbreviations.is_empty());
    }
}
