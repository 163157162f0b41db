//! The texts of a search's answer: titles with marks, what a word may become, an identifier.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use super::wire::Word;
use crate::answers::{ResultAnswer, Span};

/// The most words that a beginning may become.
const MOST_WORDS: usize = 20;

/// `text` as HTML, the words that were met marked as WHO marks them.
pub(super) fn highlighted(text: &str, spans: &[Span]) -> String {
    let mut html = String::with_capacity(text.len() + 32 * spans.len());
    for (place, character) in text.chars().enumerate() {
        if spans.iter().any(|(first, _)| *first == place) {
            html.push_str("<em class='found'>");
        }
        match character {
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '&' => html.push_str("&amp;"),
            _ => html.push(character),
        }
        if spans.iter().any(|(_, end)| *end == place + 1) {
            html.push_str("</em>");
        }
    }
    html
}

/// The words of the titles found that the last word of `text` may become, the commonest first,
/// and whether there are more of them.
pub(super) fn words(text: &str, results: &[ResultAnswer]) -> (Vec<Word>, bool) {
    let is_letter = |c: char| c.is_alphanumeric() || c == '-';
    let typed = text.rsplit(|c| !is_letter(c)).next().unwrap_or("");
    let typed = typed.to_lowercase();
    if typed.is_empty() {
        return (Vec::new(), false);
    }
    let mut counts: HashMap<String, usize> = HashMap::new();
    for result in results {
        for word in result.display.split(|c| !is_letter(c)) {
            let word = word.to_lowercase();
            if word.starts_with(&typed) {
                *counts.entry(word).or_default() += 1;
            }
        }
    }
    let mut words: Vec<(usize, String)> = counts
        .into_iter()
        .map(|(word, count)| (count, word))
        .collect();
    words.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let chopped = words.len() > MOST_WORDS;
    words.truncate(MOST_WORDS);
    let words = words.into_iter().map(|(_, label)| Word {
        label,
        dont_change_result: false,
    });
    (words.collect(), chopped)
}

/// A new identifier in the form of a UUID, version 4; it says nothing of the words.
pub(super) fn search_id() -> String {
    let random = || RandomState::new().hash_one(0u8);
    let (high, low) = (random(), random());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0x0fff,
        0x8000 | (low >> 48 & 0x3fff),
        low & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    use super::{highlighted, search_id};

    #[test]
    fn markup_of_titles_is_no_markup() {
        assert_eq!(
            highlighted("a <b> & rot", &[(8, 11)]),
            "a &lt;b&gt; &amp; <em class='found'>rot</em>"
        );
    }

    #[test]
    fn identifiers_have_the_form_of_uuids() {
        let id = search_id();
        let lengths: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
        assert_ne!(id, search_id());
    }
}
