//! Several conditions in one line: "T2DM w/ foot ulcer, SOB, lt radial fx".
//!
//! A line that no single code answers well is cut into statements at its
//! commas, semicolons and line ends, or, where there are none, at its `and`s.
//! Words that name no code alone ("DVT, left leg") stay with the words before
//! them, and parts that one code names together ("keratosis, seborrheic") are
//! no statements of their own.

use super::plan::DENIALS;
use super::rank::{Feature, set_statement};
use super::searcher::{Found, Hit};

/// A line of which one code covers this much is one statement.
const COVERED: f32 = 0.72;
/// The share of itself that the answer to a statement covers.
const LEAST_COVERED: f32 = 0.88;
/// The share of its own words that a statement joined to what follows it must cover.
const LEAST_JOINED: f32 = 0.75;
/// How much more statements must cover than the whole does.
const LEAST_GAIN: f32 = 0.2;
/// The share of a part that the best answer to the whole line covers when it speaks of it.
pub(super) const SPOKEN_OF: f32 = 0.5;
/// The most statements of a line that are answered.
const MOST_STATEMENTS: usize = 8;

/// How a statement begins that is only thought of.
const UNCERTAIN: [&str; 9] = [
    "r/o",
    "rule out",
    "?",
    "possible",
    "probable",
    "suspected",
    "query",
    "likely",
    "concern for",
];

/// How much of what was asked the best hit covers, by its term or its title.
pub(super) fn covered(hits: &[Hit]) -> f32 {
    hits.first().map_or(0.0, |hit| {
        hit.features.get(Feature::Query) + hit.features.get(Feature::TitleEvidence)
    })
}

/// Whether a line that `hits` answer may hold several statements.
pub(super) fn may_be_several(hits: &[Hit]) -> bool {
    covered(hits) < COVERED
}

/// Where `text` may be cut, as byte ranges in order; empty when nothing cuts it.
pub(super) fn cuts(text: &str) -> Vec<(usize, usize)> {
    let marks = |c: char| matches!(c, ',' | ';' | '\n' | '\r' | '|' | '\u{2022}');
    let mut parts = by_marks(text, marks);
    if parts.len() < 2 {
        parts = by_words(text);
    }
    parts.truncate(MOST_STATEMENTS);
    if parts.len() < 2 { Vec::new() } else { parts }
}

fn by_marks(text: &str, marks: impl Fn(char) -> bool) -> Vec<(usize, usize)> {
    let mut parts = Vec::new();
    let mut start = 0;
    let ends = text.char_indices().filter(|(at, c)| {
        // A comma or a point between digits belongs to the number.
        let next = text[at + c.len_utf8()..].chars().next();
        marks(*c) && !next.is_some_and(|next| next.is_ascii_digit())
            || *c == '.' && next.is_some_and(char::is_whitespace) && ends_a_word(&text[..*at])
    });
    for (at, c) in ends {
        push(text, start, at, &mut parts);
        start = at + c.len_utf8();
    }
    push(text, start, text.len(), &mut parts);
    parts
}

/// Whether a point behind `text` ends a statement: it is no abbreviation's (`St. Louis`).
fn ends_a_word(text: &str) -> bool {
    let letters = text.chars().rev().take_while(|c| c.is_alphanumeric());
    letters.count() > 3
}

fn by_words(text: &str) -> Vec<(usize, usize)> {
    let mut parts = Vec::new();
    let (mut start, mut at) = (0, 0);
    for chunk in text.split_inclusive(char::is_whitespace) {
        let word = chunk.trim().to_ascii_lowercase();
        if matches!(word.as_str(), "and" | "&" | "+" | "plus") {
            push(text, start, at, &mut parts);
            start = at + chunk.len();
        }
        at += chunk.len();
    }
    push(text, start, text.len(), &mut parts);
    parts
}

fn push(text: &str, start: usize, end: usize, into: &mut Vec<(usize, usize)>) {
    let part = &text[start..end];
    if part.chars().any(char::is_alphanumeric) {
        into.push((start, end));
    }
}

/// How many bytes at the beginning of a part say that the rest is only thought of.
///
/// A code for it comes after what is certain (Guidelines IV.H: uncertain diagnoses of
/// outpatients are not coded).
pub(super) fn uncertainty(part: &str) -> usize {
    let bare = part.trim_start();
    let before = part.len() - bare.len();
    let said = |said: &&&str| {
        bare.get(..said.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(said))
    };
    UNCERTAIN
        .iter()
        .find(said)
        .map_or(0, |said| before + said.len())
}

/// Whether a part only says what is not the case.
pub(super) fn is_denied(part: &str) -> bool {
    let first = part.split_whitespace().next().unwrap_or("");
    let part = part.trim_end();
    let ruled_out = part
        .len()
        .checked_sub("ruled out".len())
        .and_then(|at| part.get(at..))
        .is_some_and(|end| end.eq_ignore_ascii_case("ruled out"));
    ruled_out || DENIALS.contains(&first.to_ascii_lowercase().as_str())
}

/// Whether `found` answers a part well enough for it to stand alone.
pub(super) fn stands_alone(found: &Found) -> bool {
    found.hits.first().is_some_and(|hit| {
        covered(&found.hits) >= LEAST_COVERED && hit.features.get(Feature::ExactWords) > 0.0
    })
}

/// Whether `found` answers a part and what follows it together.
pub(super) fn holds_together(found: &Found) -> bool {
    covered(&found.hits) >= LEAST_JOINED
}

/// Joins the answers of statements: the best of each in the order of the line, then the second
/// of each, and so on. `None` when they cover no more than the `whole` did.
pub(super) fn join(whole: &Found, statements: Vec<(String, Found)>) -> Option<Found> {
    #[expect(clippy::cast_precision_loss, reason = "at most eight")]
    let count = statements.len() as f32;
    let mean: f32 = statements
        .iter()
        .map(|(_, found)| covered(&found.hits))
        .sum::<f32>()
        / count;
    let doubtful = statements
        .iter()
        .filter(|(_, found)| !stands_alone(found))
        .count();
    // A list of many may hold one that is not understood.
    if statements.is_empty()
        || doubtful * 3 > statements.len()
        || mean < covered(&whole.hits) + LEAST_GAIN
    {
        return None;
    }
    let mut joined = Found {
        plan: whole.plan.clone(),
        hits: Vec::new(),
        exact: true,
    };
    joined.plan.variants.clear();
    let mut lists = Vec::with_capacity(statements.len());
    for (place, (text, mut found)) in statements.into_iter().enumerate() {
        let readings = joined.plan.variants.len();
        for hit in &mut found.hits {
            hit.variant += readings;
            hit.statement = u8::try_from(place).ok();
        }
        joined.plan.statements.push(text);
        joined.plan.variants.append(&mut found.plan.variants);
        joined.exact &= found.exact;
        lists.push(found.hits.into_iter());
    }
    loop {
        let before = joined.hits.len();
        let mut any = false;
        for list in &mut lists {
            let Some(hit) = list.next() else { continue };
            any = true;
            if joined.hits.iter().all(|known| known.concept != hit.concept) {
                joined.hits.push(hit);
            }
        }
        if !any {
            break;
        }
        debug_assert!(joined.hits.len() >= before);
    }
    for (place, hit) in joined.hits.iter_mut().enumerate() {
        set_statement(&mut hit.features, place);
        hit.score = hit.features.score();
    }
    Some(joined)
}

#[cfg(test)]
mod tests {
    use super::cuts;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let parts: Vec<&str> = cuts(text)
            .into_iter()
            .map(|(start, end)| text[start..end].trim())
            .collect();
        assert_eq!(parts, expected);
    }

    #[test]
    fn lines_are_cut_at_marks_or_else_at_words() {
        check("T2DM, SOB; fx and pain", &["T2DM", "SOB", "fx and pain"]);
        check("gout and asthma", &["gout", "asthma"]);
        check("weight 1,400 g", &[]);
        check("gout", &[]);
        check(", ,", &[]);
    }
}
