//! The initials of a term: how an abbreviation that no table holds was probably made.

use super::words;

/// Words that initials usually leave out.
const LEFT_OUT: [&str; 14] = [
    "of",
    "the",
    "and",
    "in",
    "to",
    "a",
    "an",
    "by",
    "for",
    "on",
    "with",
    "due",
    "or",
    "unspecified",
];

/// The fewest and most letters of initials that say something.
pub const INITIALS: std::ops::RangeInclusive<usize> = 3..=6;

/// The ways to take the initials of `text`, each once.
///
/// An Index entry is turned round too: `Syndrome, Zollinger-Ellison` is `zes`.
/// Words in parentheses and brackets have no part.
pub fn initials(text: &str) -> Vec<String> {
    let kept: Vec<(usize, char, bool)> = words(text)
        .into_iter()
        .filter(|word| !word.in_parentheses)
        .filter_map(|word| {
            let first = word.text.chars().next()?;
            Some((word.start, first, LEFT_OUT.contains(&word.text.as_str())))
        })
        .collect();
    if kept.len() > 2 * INITIALS.end() {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut add = |letters: String| {
        if INITIALS.contains(&letters.len()) && !found.contains(&letters) {
            found.push(letters);
        }
    };
    add(kept
        .iter()
        .filter(|(_, _, out)| !out)
        .map(|(_, c, _)| *c)
        .collect());
    add(kept.iter().map(|(_, c, _)| *c).collect());
    let commas: Vec<usize> = text.match_indices(", ").map(|(at, _)| at).collect();
    if !commas.is_empty() && commas.len() <= 3 {
        let part = |start: usize| commas.iter().filter(|comma| **comma < start).count();
        let mut turned = kept;
        turned.sort_by_key(|(start, _, _)| (std::cmp::Reverse(part(*start)), *start));
        add(turned
            .iter()
            .filter(|(_, _, out)| !out)
            .map(|(_, c, _)| *c)
            .collect());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_of_titles_and_index_entries() {
        assert_eq!(initials("Lymphocytic choriomeningitis virus"), ["lcv"]);
        assert!(initials("Syndrome, Zollinger-Ellison").contains(&"zes".to_owned()));
        assert_eq!(initials("Shortness of breath"), ["sob"]);
        assert!(initials("Gout").is_empty());
    }
}
