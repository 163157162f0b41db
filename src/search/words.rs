//! Words the index does not know: misspelled, clipped, joined or split.

use indexer::bundle::Bundle;
use indexer::text::{deletions, edits_between, most_edits};

use fst::{Automaton, IntoStreamer, Streamer};

/// The most words that one unknown word is taken for.
const MOST_GUESSES: usize = 4;

/// How names of drugs end (stems of the International Nonproprietary Names).
const DRUG_ENDINGS: [&str; 24] = [
    "pine",
    "pril",
    "sartan",
    "olol",
    "mab",
    "nib",
    "mycin",
    "micin",
    "cillin",
    "azole",
    "statin",
    "oxetine",
    "prazole",
    "cycline",
    "floxacin",
    "gliptin",
    "gliflozin",
    "tide",
    "vir",
    "xaban",
    "triptan",
    "azepam",
    "caine",
    "idone",
];

/// How an unknown word was understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GuessKind {
    /// A misspelling.
    Corrected,
    /// The beginning or the skeleton of a longer word.
    Clipped,
    /// Two words written as one.
    Split,
}

/// A known word, or words, that an unknown one may stand for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Guess {
    /// The known words, as the terms write them.
    pub word: String,
    /// How they were found.
    pub kind: GuessKind,
    /// How much the guess is trusted, up to 1.
    pub trust: f32,
}

/// Whether a term of the bundle has `word` as written.
pub(super) fn is_known(bundle: &Bundle, word: &str) -> bool {
    bundle
        .words()
        .get(word)
        .is_some_and(|id| terms_with(bundle, id) > 0)
}

/// The known words that `word` may stand for, best first.
pub(super) fn guesses(bundle: &Bundle, word: &str) -> Vec<Guess> {
    if word.len() < 3 || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return Vec::new();
    }
    let mut guesses = split(bundle, word);
    guesses.extend(ending(bundle, word));
    guesses.extend(corrections(bundle, word));
    if guesses.iter().all(|guess| guess.trust < 0.9) {
        guesses.extend(clipped(bundle, word));
    }
    guesses.sort_by(|a, b| {
        b.trust
            .total_cmp(&a.trust)
            .then_with(|| a.word.cmp(&b.word))
    });
    guesses.dedup_by(|a, b| a.word == b.word);
    guesses.truncate(MOST_GUESSES);
    guesses
}

fn terms_with(bundle: &Bundle, id: u64) -> u32 {
    usize::try_from(id)
        .ok()
        .and_then(|id| bundle.spellings().get(id))
        .map_or(0, |record| record.terms.get())
}

/// More terms with a word make it a likelier guess: up to 0.1 of trust.
fn commonness(terms: u32) -> f32 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a logarithm of a count needs few digits"
    )]
    let terms = terms.max(1) as f32;
    (terms.ln() / 100.0).min(0.1)
}

fn split(bundle: &Bundle, word: &str) -> Vec<Guess> {
    let mut best: Option<(u32, String)> = None;
    for at in 3..word.len().saturating_sub(2) {
        let (left, right) = word.split_at(at);
        let counts =
            [left, right].map(|part| bundle.words().get(part).map(|id| terms_with(bundle, id)));
        if let [Some(left_terms), Some(right_terms)] = counts {
            let terms = left_terms.min(right_terms);
            if terms >= 3 && best.as_ref().is_none_or(|(known, _)| terms > *known) {
                best = Some((terms, format!("{left} {right}")));
            }
        }
    }
    best.into_iter()
        .map(|(_, word)| Guess {
            word,
            kind: GuessKind::Split,
            trust: 0.85,
        })
        .collect()
}

/// The longest known word that `word` ends with: `spondylodiscitis` is a discitis.
fn ending(bundle: &Bundle, word: &str) -> Option<Guess> {
    (3..word.len().saturating_sub(5)).find_map(|at| {
        let end = word.get(at..)?;
        is_known(bundle, end).then_some(())?;
        Some(Guess {
            word: end.to_owned(),
            kind: GuessKind::Clipped,
            trust: 0.7,
        })
    })
}

/// Words within one or two edits, found by their shortened forms.
fn corrections(bundle: &Bundle, word: &str) -> Vec<Guess> {
    let mut most = most_edits(word.len());
    if DRUG_ENDINGS.iter().any(|ending| word.ends_with(ending)) {
        // Two edits make one drug another: amlodipine, felodipine.
        most = most.min(1);
    }
    if most == 0 {
        return Vec::new();
    }
    let records = bundle.deletions();
    let mut candidates: Vec<u32> = Vec::new();
    for digest in deletions(word) {
        let start = records.partition_point(|record| record.digest.get() < digest);
        let same = records[start..]
            .iter()
            .take_while(|record| record.digest.get() == digest);
        candidates.extend(same.map(|record| record.word.get()));
    }
    candidates.sort_unstable();
    candidates.dedup();
    let mut found = Vec::new();
    for id in candidates {
        let Some(record) = bundle.spellings().get(id as usize) else {
            continue;
        };
        if record.terms.get() == 0 {
            continue;
        }
        let known = bundle.text(record.text);
        let Some(edits) = edits_between(word, known, most) else {
            continue;
        };
        let same_start = known.as_bytes().first() == word.as_bytes().first();
        let base = match (edits, same_start) {
            (0 | 1, true) => 0.88,
            (0 | 1, false) => 0.72,
            (_, true) => 0.66,
            (_, false) => 0.4,
        };
        found.push(Guess {
            word: known.to_owned(),
            kind: GuessKind::Corrected,
            trust: base + commonness(record.terms.get()),
        });
    }
    found
}

/// Words that begin with `word`, or whose letters hold it in order from the first on.
fn clipped(bundle: &Bundle, word: &str) -> Vec<Guess> {
    let mut found = Vec::new();
    let prefix = fst::automaton::Str::new(word).starts_with();
    let mut stream = bundle.words().search(prefix).into_stream();
    while let Some((known, id)) = stream.next() {
        push_clipped(bundle, known, id, 0.78, &mut found);
    }
    if found.is_empty() && word.len() >= 3 {
        let head = word.get(..1).unwrap_or(word);
        let skeleton = fst::automaton::Str::new(head)
            .starts_with()
            .intersection(fst::automaton::Subsequence::new(word));
        let mut stream = bundle.words().search(skeleton).into_stream();
        while let Some((known, id)) = stream.next() {
            push_clipped(bundle, known, id, 0.62, &mut found);
        }
    }
    found.sort_by(|a: &Guess, b| b.trust.total_cmp(&a.trust));
    found.truncate(MOST_GUESSES);
    found
}

fn push_clipped(bundle: &Bundle, known: &[u8], id: u64, base: f32, into: &mut Vec<Guess>) {
    let Ok(known) = std::str::from_utf8(known) else {
        return;
    };
    if known.bytes().any(|b| b.is_ascii_digit()) || terms_with(bundle, id) == 0 {
        return;
    }
    into.push(Guess {
        word: known.to_owned(),
        kind: GuessKind::Clipped,
        trust: base + commonness(terms_with(bundle, id)),
    });
}
