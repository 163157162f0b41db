//! From a text to the tokens that the index holds.

use std::collections::HashMap;

use codesets::vocab::{Vocabulary, WordForm};
use frostem::{Algorithm, Stemmer};

use super::fold::{Word, words};
use super::numerals;

/// Words that carry no meaning of their own in a term or a query.
const STOP_WORDS: [&str; 24] = [
    "of", "the", "and", "in", "to", "a", "an", "by", "for", "on", "at", "as", "is", "are", "was",
    "be", "or", "due", "with", "from", "into", "its", "that", "which",
];

/// Words that a term may have and a query need not: they name the absence of detail.
const FILLERS: [&str; 5] = ["unspecified", "nos", "nec", "unspec", "specified"];

/// Runs of words that name the absence of detail together.
const FILLER_RUNS: [&[&str]; 3] = [
    &["not", "elsewhere", "classified"],
    &["not", "otherwise", "specified"],
    &["not", "specified", "as"],
];

/// Words that are left as they are: their stem is another word's.
const NOT_STEMMED: [&str; 10] = [
    "organism",
    "organic",
    "generic",
    "general",
    "universal",
    "iris",
    "pubis",
    "species",
    "nucleus",
    "mania",
];

/// A token of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The canonical stem.
    pub text: String,
    /// Byte offset of its word in the source.
    pub start: usize,
    /// Byte offset behind its word in the source.
    pub end: usize,
    /// Whether a query may leave it out: nonessential modifiers and words like `unspecified`.
    pub optional: bool,
    /// Whether the text says that it is absent: `without gangrene`, `not specified as recurrent`.
    pub denied: bool,
}

/// How a word stands in its text.
#[derive(Clone, Copy, Default)]
struct Standing {
    /// It names the absence of detail.
    filler: bool,
    /// It is said to be absent.
    denied: bool,
}

/// Turns texts into tokens by one vocabulary.
#[derive(Debug)]
pub struct Analyzer {
    spelling: HashMap<String, String>,
    words: HashMap<String, Vec<String>>,
}

impl Analyzer {
    /// An analyzer that spells and equates words as `vocabulary` says.
    pub fn new(vocabulary: &Vocabulary) -> Analyzer {
        let spelling: HashMap<String, String> = vocabulary
            .spelling
            .iter()
            .map(|WordForm { word, canonical }| (word.clone(), canonical.clone()))
            .collect();
        let mut analyzer = Analyzer {
            spelling,
            words: HashMap::new(),
        };
        let mut equal = HashMap::new();
        for WordForm { word, canonical } in &vocabulary.words {
            let stems: Vec<String> = canonical.split_whitespace().map(stem).collect();
            equal.insert(word.clone(), stems);
        }
        analyzer.words = equal;
        analyzer
    }

    /// The tokens of `text`, in order; words without meaning of their own are left out
    /// unless the text has no others.
    pub fn tokens(&self, text: &str) -> Vec<Token> {
        self.tokens_of_words(&words(text))
    }

    /// The tokens of words that were already split off.
    pub fn tokens_of_words(&self, words: &[Word]) -> Vec<Token> {
        let mut tokens = self.meaningful_tokens(words);
        if tokens.is_empty() {
            for word in words {
                self.push_tokens(word, None, Standing::default(), false, &mut tokens);
            }
        }
        tokens
    }

    /// The tokens of words that carry meaning; none for `with` or `of the`.
    pub fn meaningful_tokens(&self, words: &[Word]) -> Vec<Token> {
        let mut tokens = Vec::with_capacity(words.len());
        let mut previous: Option<&str> = None;
        let mut absent = false;
        let mut denied = false;
        for (index, word) in words.iter().enumerate() {
            // "Without complications" names the absence of detail up to the next clause.
            absent = match word.text.as_str() {
                "without" => index > 0,
                "with" | "and" => false,
                _ => absent && !word.after_comma,
            };
            let before = denied && !matches!(word.text.as_str(), "with" | "without");
            let before = before && !word.after_comma;
            denied = before || word.text == "not";
            if !self.is_stopped(words, index, previous) {
                let standing = Standing {
                    filler: absent || in_filler_run(words, index),
                    denied: before || (absent && word.text != "without"),
                };
                let last = index + 1 == words.len();
                self.push_tokens(word, previous, standing, last, &mut tokens);
            }
            previous = Some(&word.text);
        }
        tokens
    }

    /// The canonical stems of `text` alone, in order.
    pub fn stems(&self, text: &str) -> Vec<String> {
        self.tokens(text)
            .into_iter()
            .map(|token| token.text)
            .collect()
    }

    fn is_stopped(&self, words: &[Word], index: usize, previous: Option<&str>) -> bool {
        let Some(word) = words.get(index) else {
            return false;
        };
        if word.text == "a" {
            // `A` names a kind in "vitamin A" and "Deficiency, vitamin, A".
            let last = index + 1 == words.len();
            let capital = word.capitals && index > 0;
            return !(previous.is_some_and(numerals::names_kinds)
                || (index > 0 && (last || capital)));
        }
        STOP_WORDS.contains(&word.text.as_str())
    }

    fn push_tokens(
        &self,
        word: &Word,
        previous: Option<&str>,
        standing: Standing,
        last: bool,
        into: &mut Vec<Token>,
    ) {
        let Standing { filler, denied } = standing;
        let optional = filler || word.in_parentheses || FILLERS.contains(&word.text.as_str());
        let mut push = |text: String| {
            into.push(Token {
                text,
                start: word.start,
                end: word.end,
                optional,
                denied,
            });
        };
        let spelled = self.spelling.get(&word.text).unwrap_or(&word.text);
        if let Some(digits) = numerals::digits(
            spelled,
            previous,
            last && word.capitals && previous.is_some(),
        ) {
            push(digits.to_owned());
            return;
        }
        if let Some((number, arm)) = chromosome_arm(&word.text) {
            push(number.to_owned());
            for word in [arm, "arm", "chromosome"] {
                for stem in self.canonical(word) {
                    push(stem);
                }
            }
            return;
        }
        for stem in self.canonical(&word.text) {
            push(stem);
        }
    }

    /// The canonical stems of one folded word: usually one.
    pub fn canonical(&self, word: &str) -> Vec<String> {
        let spelled = self.spelling.get(word).map_or(word, String::as_str);
        if let Some(stems) = self.words.get(spelled) {
            return stems.clone();
        }
        let one = singular(spelled);
        if let Some(stems) = one.as_deref().and_then(|one| self.words.get(one)) {
            return stems.clone();
        }
        if spelled.contains(' ') {
            return spelled.split_whitespace().map(stem).collect();
        }
        vec![stem(spelled)]
    }
}

/// The chromosome and the arm that `7p` or `18q` names.
fn chromosome_arm(word: &str) -> Option<(&str, &'static str)> {
    let (number, arm) = match word.strip_suffix('p') {
        Some(number) => (number, "short"),
        None => (word.strip_suffix('q')?, "long"),
    };
    let is_autosome = number
        .parse::<u8>()
        .is_ok_and(|number| (1..=22).contains(&number));
    is_autosome.then_some((number, arm))
}

/// Whether the word at `index` is part of a run that names the absence of detail.
fn in_filler_run(words: &[Word], index: usize) -> bool {
    FILLER_RUNS.iter().any(|run| {
        (0..run.len()).any(|place| {
            index.checked_sub(place).is_some_and(|start| {
                words.get(start..start + run.len()).is_some_and(|here| {
                    here.iter()
                        .map(|word| word.text.as_str())
                        .eq(run.iter().copied())
                })
            })
        })
    })
}

/// The singular of a regular English plural, if `word` looks like one.
fn singular(word: &str) -> Option<String> {
    if word.len() < 4
        || !word.ends_with('s')
        || word.ends_with("ss")
        || word.ends_with("us")
        || word.ends_with("is")
    {
        return None;
    }
    if let Some(base) = word.strip_suffix("ies") {
        return Some(format!("{base}y"));
    }
    for ending in ["sses", "shes", "ches", "xes", "zes"] {
        if word.ends_with(ending) {
            return word.strip_suffix("es").map(str::to_owned);
        }
    }
    word.strip_suffix('s').map(str::to_owned)
}

/// Endings that make a disease of an organ: a stem without them would be the organ.
const DISEASE_ENDINGS: [&str; 14] = [
    "itis", "itides", "osis", "iasis", "ectomy", "ostomy", "otomy", "algia", "emia", "uria", "oma",
    "opathy", "ectasis", "plasty",
];

/// The Snowball English stem; words with digits are left alone.
fn stem(word: &str) -> String {
    if DISEASE_ENDINGS.iter().any(|ending| word.ends_with(ending))
        || word.len() < 4
        || NOT_STEMMED.contains(&word)
        || word.bytes().any(|b| b.is_ascii_digit())
    {
        return word.to_owned();
    }
    Stemmer::new(Algorithm::English).stem(word).into_owned()
}

#[cfg(test)]
mod tests {
    use super::Analyzer;
    use codesets::vocab::{Vocabulary, WordForm};

    fn analyzer() -> Analyzer {
        let form = |word: &str, canonical: &str| WordForm {
            word: word.to_owned(),
            canonical: canonical.to_owned(),
        };
        Analyzer::new(&Vocabulary {
            words: vec![form("renal", "kidney"), form("footdrop", "foot drop")],
            spelling: vec![form("oesophagus", "esophagus")],
            ..Vocabulary::default()
        })
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(analyzer().stems(text).join(" "), expected);
    }

    #[test]
    fn words_of_one_meaning_become_one_token() {
        check("Renal failures", "kidney failur");
        check("kidney failure", "kidney failur");
        check("Footdrop", "foot drop");
        check("oesophagus", "esophagus");
    }

    #[test]
    fn numerals_and_letters_that_name_kinds_are_kept() {
        check("type II diabetes", "type 2 diabet");
        check("Deficiency of vitamin A", "defici vitamin a");
        check("a fracture of the arm", "fractur arm");
        check("IV infiltration", "iv infiltr");
    }

    #[test]
    fn an_arm_of_a_chromosome_is_said_in_words() {
        check("7p monosomy", "7 short arm chromosom monosomi");
        check("deletion 18q", "delet 18 long arm chromosom");
        check("23p, 5q13", "23p 5q13");
    }

    #[test]
    fn nonessential_words_are_optional() {
        let optional: Vec<bool> = analyzer()
            .tokens("Abscess (acute) site unspecified")
            .iter()
            .map(|t| t.optional)
            .collect();
        assert_eq!(optional, [false, true, false, true]);
    }
}
