//! Highlights: the words of a term that met the query.

use indexer::bundle::Bundle;

use crate::search::plan::Variant;

/// A span of a text: the first character and the one behind the last, counted in
/// Unicode characters (scalar values), not in bytes and not in UTF-16 units.
pub type Span = (usize, usize);

/// The spans of `text` whose words fill a slot of `variant`, in order, none overlapping.
pub(super) fn of_term(bundle: &Bundle, text: &str, variant: &Variant) -> Vec<Span> {
    let mut met: Vec<(usize, usize)> = Vec::new();
    for token in bundle.analyzer().tokens(text) {
        let id = bundle.token_ids().get(&token.text);
        let fills = variant
            .slots
            .iter()
            .flat_map(|slot| &slot.alternatives)
            .any(|(other, _)| Some(u64::from(*other)) == id);
        if fills && met.last() != Some(&(token.start, token.end)) {
            met.push((token.start, token.end));
        }
    }
    in_characters(text, met)
}

/// The span of a dotted code that the typed `code` (without dots) covers.
pub(super) fn of_code(dotted: &str, code: &str) -> Vec<Span> {
    let mut rest = code.len();
    let covered = dotted
        .chars()
        .take_while(|c| {
            let more = rest > 0;
            rest -= usize::from(more && *c != '.');
            more
        })
        .count();
    vec![(0, covered)]
}

/// Byte spans as spans of characters; those that overlap become one.
fn in_characters(text: &str, mut spans: Vec<(usize, usize)>) -> Vec<Span> {
    spans.sort_unstable();
    let mut found: Vec<Span> = Vec::with_capacity(spans.len());
    let mut at_byte = 0;
    let mut at_character = 0;
    let mut behind = 0;
    for (start, end) in spans {
        let start = start.max(behind);
        let (Some(before), Some(within)) = (text.get(at_byte..start), text.get(start..end)) else {
            continue;
        };
        let first = at_character + before.chars().count();
        at_character = first + within.chars().count();
        at_byte = end;
        behind = end;
        found.push((first, at_character));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{in_characters, of_code};

    #[test]
    fn spans_count_characters() {
        let text = "Ménière's disease 😀 ear";
        let bytes = |word: &str| {
            let start = text.find(word).unwrap();
            (start, start + word.len())
        };
        let spans = in_characters(
            text,
            vec![bytes("disease"), bytes("ear"), bytes("Ménière's")],
        );
        assert_eq!(spans, [(0, 9), (10, 17), (20, 23)]);
    }

    #[test]
    fn a_typed_code_covers_the_dot_it_reaches_over() {
        assert_eq!(of_code("E11.621", "E11"), [(0, 3)]);
        assert_eq!(of_code("E11.621", "E116"), [(0, 5)]);
        assert_eq!(of_code("E11.621", "E11621"), [(0, 7)]);
    }
}
