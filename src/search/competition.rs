//! What lets several systems compete in one list: a word is more at home in some kinds of
//! books than in others.
//!
//! Titles of supplies are long and those of conditions short, so that their scores alone
//! would let "wheelchair" lead with a dependence on one. Where several kinds of books
//! answer, each has a share in the rarest word of the query, counted by the term, so that
//! the size of a book does not matter, and falls behind by what it lacks to the largest
//! share. Systems of one kind are treated alike, and one kind alone keeps its scores.

use codesets::CodeSystem;

use super::plan::Plan;

/// How many kinds of books there are.
const KINDS: usize = 3;

/// What a book lists: conditions, procedures, or supplies, drugs and services.
const fn kind(system: CodeSystem) -> usize {
    match system {
        CodeSystem::Icd10Cm | CodeSystem::Icd11Mms | CodeSystem::Icd10Who | CodeSystem::Icd9Cm => 0,
        CodeSystem::Icd10Pcs | CodeSystem::Cpt => 1,
        CodeSystem::Hcpcs => 2,
    }
}

/// A system that answers: how many terms it has, and in how many of them a token is.
pub(super) struct Competitor<'a> {
    pub(super) system: CodeSystem,
    pub(super) terms: u32,
    pub(super) holding: &'a dyn Fn(u32) -> u32,
}

/// How much less at home the query's rarest word is in the books of each kind than in those
/// where it is most: 0 to -1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Homes([f32; KINDS]);

impl Homes {
    /// The shares for the likeliest reading of `plan`; `None` when there is nothing to share,
    /// because all systems are of one kind or no word is known.
    pub(super) fn of(plan: &Plan, competitors: &[Competitor<'_>]) -> Option<Homes> {
        let first = kind(competitors.first()?.system);
        if competitors.iter().all(|one| kind(one.system) == first) {
            return None;
        }
        let reading = plan.variants.first()?;
        let rarest = reading
            .slots
            .iter()
            .map(|slot| {
                let count = |one: &Competitor<'_>| -> u32 {
                    let counts = slot
                        .alternatives
                        .iter()
                        .map(|(token, _)| (one.holding)(*token));
                    counts.max().unwrap_or(0)
                };
                competitors.iter().map(count).collect::<Vec<u32>>()
            })
            .filter(|counts| counts.iter().any(|count| *count > 0))
            .min_by_key(|counts| counts.iter().sum::<u32>())?;
        let (mut holding, mut terms) = ([0.0f32; KINDS], [0.0f32; KINDS]);
        for (one, count) in competitors.iter().zip(rarest) {
            #[expect(clippy::cast_precision_loss, reason = "a share needs few digits")]
            let (count, all) = (count as f32, one.terms as f32);
            holding[kind(one.system)] += count;
            terms[kind(one.system)] += all;
        }
        let mut shares = [0.0f32; KINDS];
        for place in 0..KINDS {
            shares[place] = holding[place] / terms[place].max(1.0);
        }
        let all: f32 = shares.iter().sum();
        let most = shares.iter().copied().fold(0.0, f32::max);
        Some(Homes(shares.map(|share| (share - most) / all)))
    }

    /// What books of the kind of `system` lack.
    pub(super) fn lack(&self, system: CodeSystem) -> f32 {
        self.0[kind(system)]
    }
}
