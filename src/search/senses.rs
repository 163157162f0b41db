//! The senses of a phrase: which one whoever asks has chosen, and which others there are.
//!
//! `MS` is multiple sclerosis, mitral stenosis or musculoskeletal. A query is
//! read in the likeliest way; the answer names the other senses, and asking
//! again with one of them chosen reads the phrase as that and nothing else.

use indexer::bundle::Bundle;
use indexer::bundle::records::SenseRecord;
use indexer::text::words;

use super::plan::{Reading, ReadingKind};

/// A phrase of the query, and what it shall be read as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChosenSense {
    from: String,
    to: String,
}

impl ChosenSense {
    /// The choice that `from` be read as `to`; `None` where one of them has no word.
    ///
    /// What is chosen need not be in the vocabulary: words of the code book will do.
    pub fn new(from: &str, to: &str) -> Option<ChosenSense> {
        let (from, to) = (folded(from), folded(to));
        (!from.is_empty() && !to.is_empty()).then_some(ChosenSense { from, to })
    }

    /// The phrase, folded.
    pub fn from(&self) -> &str {
        &self.from
    }

    /// What it shall be read as, folded.
    pub fn to(&self) -> &str {
        &self.to
    }

    /// How many words the phrase has.
    pub(super) fn len(&self) -> usize {
        self.from.split(' ').count()
    }

    /// The sense of the vocabulary that was chosen, where it is one.
    pub(super) fn sense<'a>(&self, bundle: &'a Bundle) -> Option<&'a SenseRecord> {
        let mut senses = senses(bundle, &self.from).into_iter();
        senses.find(|sense| folded(bundle.text(sense.means)) == self.to)
    }

    /// Whether `reading` is what was chosen.
    pub(super) fn is_read(&self, reading: &Reading) -> bool {
        reading.from == self.from && folded(&reading.to) == self.to
    }
}

/// What the words of `reading` may mean apart from what they were read as: the likeliest first.
pub fn others(bundle: &Bundle, reading: &Reading) -> Vec<String> {
    if !matches!(reading.kind, ReadingKind::Expanded(_)) {
        return Vec::new();
    }
    let mut senses = senses(bundle, &reading.from);
    senses.sort_by(|a, b| b.prior.get().total_cmp(&a.prior.get()));
    let mut known = vec![folded(&reading.to)];
    let mut others = Vec::new();
    for sense in senses {
        let means = bundle.text(sense.means);
        let key = folded(means);
        if !key.is_empty() && !known.contains(&key) {
            known.push(key);
            others.push(means.to_owned());
        }
    }
    others
}

/// The senses of words as typed, folded: by the vocabulary, else by initials.
fn senses<'a>(bundle: &'a Bundle, from: &str) -> Vec<&'a SenseRecord> {
    let listed: Vec<&SenseRecord> = bundle.senses_of_words(from).collect();
    if listed.is_empty() {
        bundle.senses_of_initials(from).collect()
    } else {
        listed
    }
}

fn folded(text: &str) -> String {
    let words: Vec<String> = words(text).into_iter().map(|word| word.text).collect();
    words.join(" ")
}
