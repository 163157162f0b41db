//! Characters and words: folding to plain ASCII, and where a word begins and ends.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A word of a text, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The word folded: lower case, ASCII where a letter has an ASCII form, no possessive.
    pub text: String,
    /// Byte offset of the word's first character in the source.
    pub start: usize,
    /// Byte offset behind the word's last character in the source.
    pub end: usize,
    /// Whether the word stands in parentheses: a nonessential modifier.
    pub in_parentheses: bool,
    /// Whether the source wrote the word in capitals only.
    pub capitals: bool,
    /// Whether a comma or a semicolon stands between the word and the one before.
    pub after_comma: bool,
}

/// Folds `text`: compatibility forms resolved, marks removed, lower case, Greek letters spelled out.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)) {
        push_folded(c, &mut folded);
    }
    folded
}

fn push_folded(c: char, into: &mut String) {
    let spelled = match c {
        'ß' => "ss",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        'ø' | 'Ø' => "o",
        'ł' | 'Ł' => "l",
        'α' | 'Α' => "alpha",
        'β' | 'Β' => "beta",
        'γ' | 'Γ' => "gamma",
        'δ' | 'Δ' => "delta",
        'ε' | 'Ε' => "epsilon",
        'κ' | 'Κ' => "kappa",
        'λ' | 'Λ' => "lambda",
        'μ' => "mu",
        'ω' | 'Ω' => "omega",
        '\u{2018}' | '\u{2019}' | '\u{02bc}' => "'",
        '\u{2010}'..='\u{2015}' | '\u{2212}' => "-",
        _ => {
            into.extend(c.to_lowercase());
            return;
        }
    };
    into.push_str(spelled);
}

/// Splits `text` into words.
///
/// Letters and digits make words; a dot or comma between digits belongs to the
/// number (`1.5`, `1,400`); a possessive is cut (`Crohn's` is `crohn`); a plural
/// in parentheses (`disease(s)`) is no word of its own.
pub fn words(text: &str) -> Vec<Word> {
    let mut found = Vec::new();
    let mut depth = 0usize;
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            c if c.is_alphanumeric() => {
                let mut end = start + c.len_utf8();
                while let Some(&(at, next)) = chars.peek() {
                    let goes_on = next.is_alphanumeric()
                        || is_combining_mark(next)
                        || is_apostrophe_in(text, at, next)
                        || is_point_in_number(text, at, next);
                    if !goes_on {
                        break;
                    }
                    end = at + next.len_utf8();
                    chars.next();
                }
                let source = &text[start..end];
                if is_plural_mark(text, start, source) {
                    continue;
                }
                let text_here = without_possessive(&fold(source));
                if joins_non(text, &found, start) {
                    if let Some(last) = found.last_mut() {
                        last.text.push_str(&text_here);
                        last.end = end;
                    }
                    continue;
                }
                let after_comma = found
                    .last()
                    .and_then(|last| text.get(last.end..start))
                    .is_some_and(|gap| gap.contains([',', ';']));
                found.push(Word {
                    after_comma,
                    text: text_here,
                    start,
                    end,
                    in_parentheses: depth > 0,
                    capitals: !source.chars().any(char::is_lowercase),
                });
            }
            _ => {}
        }
    }
    found
}

/// Whether the word at `start` belongs to a `non` before it: `non-communicating`, `non communicating`.
fn joins_non(text: &str, found: &[Word], start: usize) -> bool {
    found.last().is_some_and(|last| {
        last.text == "non"
            && text
                .get(last.end..start)
                .is_some_and(|gap| matches!(gap, "-" | " " | "\u{2010}" | "\u{2011}"))
    })
}

fn is_apostrophe_in(text: &str, at: usize, c: char) -> bool {
    matches!(c, '\'' | '\u{2019}')
        && text[at + c.len_utf8()..]
            .chars()
            .next()
            .is_some_and(char::is_alphabetic)
}

fn is_point_in_number(text: &str, at: usize, c: char) -> bool {
    let after = &text.as_bytes()[at + c.len_utf8()..];
    let before = at.checked_sub(1).and_then(|i| text.as_bytes().get(i));
    if !before.is_some_and(u8::is_ascii_digit) {
        return false;
    }
    match c {
        '.' => after.first().is_some_and(u8::is_ascii_digit),
        // A thousands comma stands before exactly three digits.
        ',' => {
            after.len() >= 3
                && after[..3].iter().all(u8::is_ascii_digit)
                && !after.get(3).is_some_and(u8::is_ascii_digit)
        }
        _ => false,
    }
}

fn is_plural_mark(text: &str, start: usize, word: &str) -> bool {
    matches!(word, "s" | "es" | "ies")
        && text[..start].ends_with('(')
        && text[..start - 1].ends_with(char::is_alphanumeric)
}

fn without_possessive(word: &str) -> String {
    let cut = word.strip_suffix("'s").unwrap_or(word);
    if cut.contains([',', '\'']) {
        cut.replace([',', '\''], "")
    } else {
        cut.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found: Vec<String> = words(text).into_iter().map(|word| word.text).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn words_end_where_a_reader_says_they_do() {
        check("Crohn's disease(s)", &["crohn", "disease"]);
        check(
            "n/v, birth weight 1,400 g; BMI 35.0-35.9",
            &[
                "n", "v", "birth", "weight", "1400", "g", "bmi", "35.0", "35.9",
            ],
        );
        check(
            "Ménière’s α-thalassemia",
            &["meniere", "alpha", "thalassemia"],
        );
        check("😀 (acute) O'Brien", &["acute", "obrien"]);
    }

    #[test]
    fn a_non_joins_the_word_it_denies() {
        check(
            "Non-pressure ulcer, non communicating",
            &["nonpressure", "ulcer", "noncommunicating"],
        );
    }

    #[test]
    fn parentheses_mark_nonessential_modifiers() {
        let marked: Vec<bool> = words("Abscess (acute) [x] skin")
            .iter()
            .map(|w| w.in_parentheses)
            .collect();
        assert_eq!(marked, [false, true, true, false]);
    }
}
