//! What ranking knows of each token beyond its text, worked out once for a bundle.

use indexer::bundle::Bundle;
use indexer::text::{AxisWord, axis_word};

/// Words that change what a code is for; a title with one of them answers only
/// a query that says so. Each list is one idea; stems as the analyzer makes them.
const IDEAS: [&[&str]; 17] = [
    &[
        "newborn", "neonat", "perinat", "infant", "fetus", "fetal", "birth",
    ],
    &[
        "pregnanc",
        "pregnant",
        "childbirth",
        "puerperium",
        "obstetr",
        "gestat",
        "antepartum",
        "matern",
        "trimest",
        "labor",
        "deliveri",
        "postpartum",
    ],
    &["histori"],
    &["famili"],
    &["screen"],
    &["exposur", "contact"],
    &["encount", "aftercar", "follow"],
    &["poison", "toxic", "overdos"],
    &["advers", "underdos"],
    &["fear", "phobia"],
    &[
        "procedur",
        "postprocedur",
        "intraop",
        "surgeri",
        "postop",
        "complic",
    ],
    &["secondari", "metastasi"],
    &["congenit"],
    &["drug", "induc"],
    &["traumat"],
    &["situ"],
    &["vaccin", "immun"],
];

/// The ideas that make a code stand for something beside a condition: history, family,
/// screening, exposure, an encounter, fear of it.
pub(super) const INSTEAD: u32 = 1 << 2 | 1 << 3 | 1 << 4 | 1 << 9;

/// Words that a header's default code may add to the header's title: they say that nothing
/// more is known.
const NOTHING_MORE: [&str; 15] = [
    "unspecified",
    "unspecifi",
    "without",
    "uncompl",
    "not",
    "elsewher",
    "classifi",
    "specifi",
    "otherwis",
    "site",
    "type",
    "organ",
    "organism",
    "intract",
    "part",
];

/// What a default code may say it is without.
const WITHOUT: [&str; 8] = [
    "complic", "mention", "exacerb", "current", "status", "acut", "obstruct", "gangren",
];

/// A word that features look at by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mark {
    #[default]
    None,
    Fracture,
    Healing,
    Union,
    Encounter,
    Other,
    Unspecified,
    Without,
    Week,
    Elsewhere,
    Disease,
}

/// What is known of one token.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct TokenTraits {
    /// The ideas it names, a bit each.
    pub(super) ideas: u32,
    /// What it says on an axis.
    pub(super) axis: Option<AxisWord>,
    /// What it is, if features look at it by name.
    pub(super) mark: Mark,
    /// Its value, if it is a number.
    pub(super) number: Option<f32>,
    /// Whether it says that nothing more is known.
    pub(super) nothing_more: bool,
    /// Whether it may follow a `without` that says so.
    pub(super) after_without: bool,
}

/// The traits of every token of a bundle, by token number.
#[derive(Debug)]
pub(super) struct Traits(Vec<TokenTraits>);

impl Traits {
    /// Works out the traits of every token.
    pub(super) fn new(bundle: &Bundle) -> Traits {
        let of = |stem: &str| TokenTraits {
            ideas: ideas(stem),
            axis: axis_word(stem),
            mark: mark(stem),
            number: stem
                .starts_with(|c: char| c.is_ascii_digit())
                .then(|| stem.parse().ok())
                .flatten(),
            nothing_more: NOTHING_MORE.contains(&stem),
            after_without: WITHOUT.contains(&stem),
        };
        Traits(
            bundle
                .tokens()
                .iter()
                .map(|token| of(bundle.text(token.text)))
                .collect(),
        )
    }

    /// The traits of a token.
    pub(super) fn of(&self, token: u32) -> TokenTraits {
        self.0.get(token as usize).copied().unwrap_or_default()
    }
}

fn ideas(stem: &str) -> u32 {
    let mut found = 0;
    for (bit, idea) in IDEAS.iter().enumerate() {
        if idea.contains(&stem) {
            found |= 1 << bit;
        }
    }
    found
}

fn mark(stem: &str) -> Mark {
    match stem {
        "fractur" => Mark::Fracture,
        "heal" => Mark::Healing,
        "union" => Mark::Union,
        "encount" => Mark::Encounter,
        "other" => Mark::Other,
        "unspecifi" | "unspecified" => Mark::Unspecified,
        "without" | "uncompl" => Mark::Without,
        "week" | "wk" | "wks" => Mark::Week,
        "elsewher" => Mark::Elsewhere,
        "diseas" => Mark::Disease,
        _ => Mark::None,
    }
}
