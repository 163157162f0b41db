//! Finding a word from a misspelling: shortened forms of both sides meet.
//!
//! The symmetric-delete method (Garbe, 2012): two words within one or two edits
//! share a form from which one or two letters are missing. Only the first
//! [`PREFIX`] letters take part, which keeps the table small; the full words are
//! compared afterwards.

use super::digest;

/// How many leading letters take part.
const PREFIX: usize = 7;

/// How many edits are looked for in a word of `len` letters.
pub fn most_edits(len: usize) -> usize {
    match len {
        0..=3 => 0,
        4..=6 => 1,
        _ => 2,
    }
}

/// Digests of `word` and of its forms with letters missing, sorted, each once.
pub fn deletions(word: &str) -> Vec<u32> {
    if !word.is_ascii() || word.bytes().any(|b| b.is_ascii_digit()) {
        return Vec::new();
    }
    let edits = most_edits(word.len());
    if edits == 0 {
        return Vec::new();
    }
    let prefix = &word.as_bytes()[..word.len().min(PREFIX)];
    let mut forms = vec![prefix.to_vec()];
    let mut from = 0;
    for _ in 0..edits {
        let to = forms.len();
        for index in from..to {
            for letter in 0..forms[index].len() {
                let mut shorter = forms[index].clone();
                shorter.remove(letter);
                forms.push(shorter);
            }
        }
        from = to;
    }
    let mut digests: Vec<u32> = forms
        .iter()
        .map(|form| {
            let wide = digest(form);
            #[expect(
                clippy::cast_possible_truncation,
                reason = "both halves are folded together"
            )]
            let folded = (wide ^ (wide >> 32)) as u32;
            folded
        })
        .collect();
    digests.sort_unstable();
    digests.dedup();
    digests
}

/// The number of insertions, deletions, substitutions and swaps of neighbours
/// between `a` and `b`, or `None` above `most`.
pub fn edits_between(a: &str, b: &str, most: usize) -> Option<usize> {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let width = b.len() + 1;
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..width).collect();
    for (i, &x) in a.iter().enumerate() {
        let mut row = vec![i + 1; width];
        for (j, &y) in b.iter().enumerate() {
            let mut cost = (last[j] + usize::from(x != y))
                .min(last[j + 1] + 1)
                .min(row[j] + 1);
            if i > 0 && j > 0 && x == b[j - 1] && a[i - 1] == y {
                cost = cost.min(before[j - 1] + 1);
            }
            row[j + 1] = cost;
        }
        if row.iter().all(|cost| *cost > most) {
            return None;
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().filter(|cost| *cost <= most)
}

#[cfg(test)]
mod tests {
    use super::{deletions, edits_between};

    #[test]
    fn a_slip_shares_a_form_with_its_word() {
        for (wrong, right) in [
            ("diabtes", "diabetes"),
            ("pnuemonia", "pneumonia"),
            ("fractrue", "fracture"),
            ("hyprtnsion", "hypertension"),
        ] {
            let known = deletions(right);
            assert!(
                deletions(wrong).iter().any(|d| known.contains(d)),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_swap_of_neighbours_is_one_edit() {
        assert_eq!(edits_between("pnuemonia", "pneumonia", 2), Some(1));
        assert_eq!(edits_between("asthma", "asma", 2), Some(2));
        assert_eq!(edits_between("asthma", "sepsis", 2), None);
    }
}
