//! Misspelled questions, made from questions that are answered right.

use super::{Question, QuestionSet};

/// The shortest word that is misspelled.
const SHORTEST: usize = 5;

/// A small generator of numbers that are spread evenly and the same on every machine
/// (SplitMix64; Steele, Lea and Flood, 2014).
struct Spread(u64);

impl Spread {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, most: usize) -> usize {
        let drawn = self.next() % u64::try_from(most.max(1)).unwrap_or(1);
        usize::try_from(drawn).unwrap_or(0)
    }

    fn letter(&mut self) -> char {
        let place = u8::try_from(self.below(26)).unwrap_or(0);
        char::from(b'a' + place)
    }
}

/// Up to `most` of `right`, drawn by `seed`, each with one edit in one word of five letters or
/// more: a letter left out, added, replaced, or swapped with the next.
pub fn misspelled(right: Vec<Question>, most: usize, seed: u64) -> QuestionSet {
    let mut spread = Spread(seed);
    let mut pool = right;
    let mut questions = Vec::with_capacity(most.min(pool.len()));
    while questions.len() < most && !pool.is_empty() {
        let mut question = pool.swap_remove(spread.below(pool.len()));
        if let Some(query) = with_typo(&question.query, &mut spread) {
            question.query = query;
            questions.push(question);
        }
    }
    QuestionSet {
        name: "typos".to_owned(),
        questions,
    }
}

/// `text` with one edit, if it has a word for it.
fn with_typo(text: &str, spread: &mut Spread) -> Option<String> {
    let words: Vec<(usize, &str)> = text
        .split(|c: char| !c.is_ascii_alphabetic())
        .filter(|word| word.len() >= SHORTEST)
        .map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
        .collect();
    let (start, word) = *words.get(spread.below(words.len()))?;
    let mut letters: Vec<char> = word.chars().collect();
    loop {
        let at = spread.below(letters.len());
        match spread.below(4) {
            0 => {
                letters.remove(at);
            }
            1 => letters.insert(at, spread.letter()),
            2 => letters[at] = spread.letter(),
            _ if at + 1 < letters.len() => letters.swap(at, at + 1),
            _ => continue,
        }
        let edited: String = letters.iter().collect();
        if edited != word {
            let end = start + word.len();
            return Some(format!("{}{edited}{}", &text[..start], &text[end..]));
        }
        letters = word.chars().collect();
    }
}

#[cfg(test)]
mod tests {
    use codesets::CodeSystem;
    use proptest::prelude::*;

    use super::misspelled;
    use crate::eval::Question;
    use indexer::text::edits_between;

    fn question(query: &str) -> Question {
        Question {
            line: 1,
            query: query.to_owned(),
            gold: vec!["A00".to_owned()],
            system: CodeSystem::Icd10Cm,
        }
    }

    proptest! {
        #[test]
        fn one_edit_is_made(word in "[a-z]{5,20}", seed in any::<u64>()) {
            let set = misspelled(vec![question(&word)], 1, seed);
            prop_assert_eq!(set.questions.len(), 1);
            prop_assert_eq!(edits_between(&set.questions[0].query, &word, 2).map(|edits| edits > 0), Some(true));
        }
    }

    #[test]
    fn short_words_are_left_alone() {
        assert!(
            misspelled(vec![question("gout left toe")], 5, 1)
                .questions
                .is_empty()
        );
    }

    #[test]
    fn the_same_seed_makes_the_same_questions() {
        let right = || {
            vec![
                question("cholera"),
                question("asthma attack"),
                question("scurvy"),
            ]
        };
        assert_eq!(misspelled(right(), 2, 7), misspelled(right(), 2, 7));
    }
}
