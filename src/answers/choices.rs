//! The choices that finish a code: side, encounter, stage and the like.
//!
//! A hit that is a header, or says `unspecified`, is seldom what a coder wants
//! in the end. Each group names one thing still to be said, and for each way to
//! say it the billable code that comes of it while everything else stays as it is.

use codesets::Code;
use indexer::book::Level;
use indexer::bundle::{Bundle, ConceptId, LoadedRelease};
use indexer::text::words;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use super::has_word;
use crate::lookup;
use crate::search::axes::{Axes, Axis};
use crate::search::{Answer, Hit, Searcher, children};

/// How many hits are looked at for one that is not finished.
const MOST_HITS: usize = 5;
/// The most options of a group; a list that is longer is read in the code book.
const MOST_OPTIONS: usize = 24;

/// One thing that is still to be said of a hit, and the ways to say it.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct GroupAnswer {
    /// The system's identifier.
    pub system: &'static str,
    /// The code of the hit, with its dot.
    pub of: String,
    /// What is to be said: `laterality`, `trimester`, `encounter`, `wound`, `healing`,
    /// `intent`, `fetus`, `stage`, `type` or `detail`.
    pub axis: &'static str,
    /// The ways to say it, in the axis' own order or that of the book.
    pub options: Vec<OptionAnswer>,
}

/// A way to say it.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OptionAnswer {
    /// What is said: `right`, `initial`, `stage 3`.
    pub value: String,
    /// The billable code that comes of it, with its dot.
    pub code: String,
    /// Its title.
    pub display: String,
}

/// The choices that finish the first hit of `answer`; where it needs none, those of the first
/// hit behind it that is a header or unspecified.
pub fn groups(searcher: &Searcher, answer: &Answer, date: Date) -> Vec<GroupAnswer> {
    let mut groups = Vec::new();
    for (place, hit) in answer.hits.iter().take(MOST_HITS).enumerate() {
        let bundle = &**searcher.bundle();
        let record = bundle.concept(hit.concept);
        let system = bundle.system_of(&record);
        let Some(release) = bundle.release_for(system, date) else {
            continue;
        };
        let finishing = Finishing {
            searcher,
            bundle,
            release,
        };
        if place == 0 || finishing.is_open(hit.concept) {
            groups = finishing.groups(hit);
        }
        if !groups.is_empty() {
            break;
        }
    }
    groups
}

/// A bundle seen from the release whose codes may be chosen.
struct Finishing<'a> {
    searcher: &'a Searcher,
    bundle: &'a Bundle,
    release: &'a LoadedRelease,
}

impl Finishing<'_> {
    fn groups(&self, hit: &Hit) -> Vec<GroupAnswer> {
        let said = self.searcher.axes_of(hit.concept);
        let siblings: Vec<(ConceptId, Axes)> = self
            .searcher
            .siblings(hit.concept)
            .into_iter()
            .filter(|(id, _)| self.is_billable(*id))
            .collect();
        let mut groups: Vec<GroupAnswer> = Axis::ALL
            .into_iter()
            .filter_map(|axis| self.along(hit.concept, said, axis, &siblings))
            .collect();
        groups.extend(self.below(hit, &siblings));
        groups
    }

    /// The group of one axis: for each value the sibling that keeps what is said on the others.
    fn along(
        &self,
        of: ConceptId,
        said: Axes,
        axis: Axis,
        siblings: &[(ConceptId, Axes)],
    ) -> Option<GroupAnswer> {
        let mut options = Vec::new();
        for (value, name) in axis.values() {
            let mut wanted = said.with(axis, *value);
            // A later encounter heals as it should unless more is said.
            if axis == Axis::Encounter && *value == 2 && said.value(Axis::Healing) == 0 {
                wanted = wanted.with(Axis::Healing, 1);
            }
            let mut best: Option<(f32, ConceptId)> = None;
            for (id, axes) in siblings {
                let fits = axes.value(axis) == *value
                    && axes.keeps(wanted, axis)
                    && (*value != 0 || has_word(self.title(*id), "unspecified"));
                let agreement = axes.agreement(wanted);
                if fits && best.is_none_or(|(known, _)| agreement > known) {
                    best = Some((agreement, *id));
                }
            }
            if let Some((_, id)) = best {
                options.push(self.option((*name).to_owned(), id));
            }
        }
        let own = self.code(of);
        let is_choice = options.len() > 1 && options.iter().any(|option| option.code != own);
        is_choice.then(|| self.group(of, axis.id(), options))
    }

    /// The group of what stands below the header that the hit is, stands for or is the rest of.
    fn below(&self, hit: &Hit, siblings: &[(ConceptId, Axes)]) -> Option<GroupAnswer> {
        let header = self.header_of(hit)?;
        let named = self.title(header);
        let mut options = Vec::new();
        let mut is_new = false;
        for child in children(self.bundle, header) {
            let Some(code) = self.finished(child) else {
                continue;
            };
            is_new |= siblings.iter().all(|(id, _)| *id != code);
            let title = self.title(child);
            options.push(self.option(added(named, title).to_owned(), code));
            if options.len() > MOST_OPTIONS {
                return None;
            }
        }
        let axis = ["stage", "type"].into_iter().find(|axis| {
            let with = options
                .iter()
                .filter(|option| has_word(&option.value, axis));
            with.count() > 1
        });
        (is_new && options.len() > 1)
            .then(|| self.group(hit.concept, axis.unwrap_or("detail"), options))
    }

    fn header_of(&self, hit: &Hit) -> Option<ConceptId> {
        if hit.default_of.is_some() {
            return hit.default_of;
        }
        if !self.is_billable(hit.concept) {
            return Some(hit.concept);
        }
        let parent = self.bundle.parent(&self.bundle.concept(hit.concept))?;
        let is_code = self.bundle.concept(parent).level == Level::Code.number();
        (is_code && has_word(self.title(hit.concept), "unspecified")).then_some(parent)
    }

    /// The code that is billed for `id`: itself, or the default code of a header.
    fn finished(&self, id: ConceptId) -> Option<ConceptId> {
        if self.is_billable(id) {
            return Some(id);
        }
        self.searcher.default_of(id, self.release)
    }

    /// Whether more could be said: a header, or a title with `unspecified`.
    fn is_open(&self, id: ConceptId) -> bool {
        !self.is_billable(id) || has_word(self.title(id), "unspecified")
    }

    fn is_billable(&self, id: ConceptId) -> bool {
        let record = self.bundle.concept(id);
        self.bundle.system_of(&record) == self.release.system
            && record.billable.get() & self.release.bit != 0
    }

    fn title(&self, id: ConceptId) -> &str {
        lookup::title(self.bundle, &self.bundle.concept(id), self.release)
    }

    fn code(&self, id: ConceptId) -> String {
        let record = self.bundle.concept(id);
        Code::dotted(self.release.system, self.bundle.text(record.key))
    }

    fn option(&self, value: String, id: ConceptId) -> OptionAnswer {
        OptionAnswer {
            value,
            code: self.code(id),
            display: self.title(id).to_owned(),
        }
    }

    fn group(&self, of: ConceptId, axis: &'static str, options: Vec<OptionAnswer>) -> GroupAnswer {
        GroupAnswer {
            system: self.release.system.id(),
            of: self.code(of),
            axis,
            options,
        }
    }
}

/// What `title` adds to the title of the header above it: all of it where it begins otherwise.
fn added<'a>(header: &str, title: &'a str) -> &'a str {
    let (above, own) = (words(header), words(title));
    let same = above
        .iter()
        .zip(&own)
        .take_while(|(above, own)| above.text == own.text)
        .count();
    let rest = own
        .get(same)
        .and_then(|word| title.get(word.start..))
        .unwrap_or(title);
    rest.trim()
}

#[cfg(test)]
mod tests {
    use super::added;

    #[test]
    fn an_option_is_what_its_title_adds() {
        let header = "Chronic kidney disease (CKD)";
        let of = |title| added(header, title);
        assert_eq!(
            of("Chronic kidney disease, stage 2 (mild)"),
            "stage 2 (mild)"
        );
        assert_eq!(of("End stage renal disease"), "End stage renal disease");
        assert_eq!(of("Chronic kidney disease"), "Chronic kidney disease");
    }
}
