//! The axes on which sibling codes differ: side, trimester, encounter, intent, fetus.
//!
//! Codes of one category whose titles are alike but for such words make a
//! group: finishing a code is choosing within its group.

use super::digest;

/// A word that chooses a value on an axis, or says that none is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AxisWord {
    /// Right side.
    Right,
    /// Left side.
    Left,
    /// Both sides.
    Both,
    /// `trimester`; the ordinal before it is the value.
    Trimester,
    /// First, second, third.
    Ordinal(u8),
    /// Initial encounter.
    Initial,
    /// Subsequent encounter.
    Subsequent,
    /// Sequela.
    Sequela,
    /// Closed fracture.
    Closed,
    /// Open fracture.
    Open,
    /// Routine healing.
    Routine,
    /// Delayed healing.
    Delayed,
    /// Nonunion.
    Nonunion,
    /// Malunion.
    Malunion,
    /// Accidental.
    Accidental,
    /// Intentional self-harm.
    SelfHarm,
    /// Assault.
    Assault,
    /// Undetermined intent.
    Undetermined,
    /// Adverse effect.
    AdverseEffect,
    /// Underdosing.
    Underdosing,
    /// `fetus`; the number behind it is the value.
    Fetus,
    /// A word that only goes with the others: `encounter`, `eye`, `unspecified`.
    Filler,
}

/// What the canonical `stem` says on an axis.
pub fn axis_word(stem: &str) -> Option<AxisWord> {
    use AxisWord as W;
    let word = match stem {
        "right" => W::Right,
        "left" => W::Left,
        "bilater" | "both" => W::Both,
        "trimest" => W::Trimester,
        "1st" => W::Ordinal(1),
        "2nd" => W::Ordinal(2),
        "3rd" => W::Ordinal(3),
        "initi" => W::Initial,
        "subsequ" => W::Subsequent,
        "sequela" => W::Sequela,
        "close" => W::Closed,
        "open" => W::Open,
        "routin" => W::Routine,
        "delay" => W::Delayed,
        "nonunion" => W::Nonunion,
        "malunion" => W::Malunion,
        "accident" | "unintent" => W::Accidental,
        "harm" | "suicid" | "suicide" | "intent" => W::SelfHarm,
        "assault" => W::Assault,
        "undetermin" => W::Undetermined,
        "advers" => W::AdverseEffect,
        "underdos" => W::Underdosing,
        "fetus" | "fetal" => W::Fetus,
        "unspecifi" | "specifi" | "encount" | "side" | "eye" | "ear" | "unilater" | "heal"
        | "self" | "applic" | "not" | "type" | "iiia" | "iiib" | "iiic" | "effect" => W::Filler,
        _ => return None,
    };
    Some(word)
}

/// The digest of what a title says apart from the axes, within its category.
///
/// `category` is the part of the code that siblings share. Order and repeats of
/// words do not matter; numbers count only where no fetus is numbered.
pub fn skeleton<'a>(category: &str, stems: impl Iterator<Item = &'a str>) -> u64 {
    let all: Vec<&str> = stems.collect();
    let counts_fetuses = all.contains(&"fetus");
    let mut kept: Vec<&str> = all
        .into_iter()
        .filter(|stem| axis_word(stem).is_none())
        .filter(|stem| {
            !(counts_fetuses && (*stem == "other" || stem.bytes().all(|b| b.is_ascii_digit())))
        })
        // The seventh characters of fractures name the Gustilo types they are for.
        .filter(|stem| !matches!(*stem, "fractur" | "2" | "1"))
        .collect();
    kept.sort_unstable();
    kept.dedup();
    digest(format!("{category} {}", kept.join(" ")).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::skeleton;

    #[test]
    fn titles_that_differ_on_axes_share_a_skeleton() {
        let of = |text: &str| skeleton("M16", text.split(' '));
        assert_eq!(
            of("unilater osteoarthr right hip"),
            of("unilater osteoarthr unspecifi hip")
        );
        assert_ne!(of("osteoarthr right hip"), of("osteoarthr right knee"));
    }
}
