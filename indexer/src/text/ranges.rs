//! Ranges of numbers in a title: `33.0-33.9`, `70 or greater`, `less than 500 grams`.

use super::words;

/// A range of numbers and the words that write its ends; an open end has no word.
#[derive(Clone, Debug, PartialEq)]
pub struct NumberRange {
    /// The lower end as written, or empty.
    pub first: String,
    /// The upper end as written, or empty.
    pub last: String,
    /// Both ends; an open one is 0 or very large.
    pub numbers: (f32, f32),
}

/// A number beyond all that titles name.
const OPEN_END: f32 = 1.0e9;

/// The ranges that `text` names.
pub fn ranges_in(text: &str) -> Vec<NumberRange> {
    let words = words(text);
    let number = |index: usize| {
        words
            .get(index)
            .and_then(|word| word.text.parse::<f32>().ok())
    };
    let said = |index: usize, wanted: &[&str]| {
        words
            .get(index)
            .is_some_and(|word| wanted.contains(&word.text.as_str()))
    };
    let mut ranges = Vec::new();
    for index in 0..words.len() {
        let Some(value) = number(index) else {
            continue;
        };
        let here = words[index].text.clone();
        let gap = words
            .get(index + 1)
            .and_then(|next| text.get(words[index].end..next.start))
            .unwrap_or("");
        let dashed = matches!(gap.trim(), "-" | "\u{2013}") || gap.trim() == "%-";
        let upper = if dashed {
            number(index + 1).zip(words.get(index + 1))
        } else if said(index + 1, &["to", "through"]) {
            number(index + 2).zip(words.get(index + 2))
        } else {
            None
        };
        if let Some((last, word)) = upper.filter(|(last, _)| *last >= value) {
            ranges.push(NumberRange {
                first: here,
                last: word.text.clone(),
                numbers: (value, last),
            });
        } else if said(index + 1, &["or"]) && said(index + 2, &["greater", "more", "over"]) {
            ranges.push(NumberRange {
                first: here,
                last: String::new(),
                numbers: (value, OPEN_END),
            });
        } else if said(index + 1, &["or"]) && said(index + 2, &["less", "under"]) {
            ranges.push(NumberRange {
                first: String::new(),
                last: here,
                numbers: (0.0, value),
            });
        } else if index >= 2 && said(index - 1, &["than"]) && said(index - 2, &["less"]) {
            ranges.push(NumberRange {
                first: String::new(),
                last: here,
                numbers: (0.0, value - 0.001),
            });
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::ranges_in;

    #[track_caller]
    fn check(text: &str, expected: &[(f32, f32)]) {
        let found: Vec<(f32, f32)> = ranges_in(text)
            .into_iter()
            .map(|range| range.numbers)
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn closed_and_open_ranges() {
        check("Body mass index [BMI] 33.0-33.9, adult", &[(33.0, 33.9)]);
        check(
            "Extremely low birth weight newborn, 750-999 grams",
            &[(750.0, 999.0)],
        );
        check(
            "Body mass index [BMI] 70 or greater, adult",
            &[(70.0, 1.0e9)],
        );
        check("Burns involving 10-19% of body surface", &[(10.0, 19.0)]);
        check("Type 2 diabetes", &[]);
    }
}
