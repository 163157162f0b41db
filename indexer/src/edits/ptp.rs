//! PTP tables: the pairs of all of them, and what each table says of a pair.
//!
//! A pair's value is the number of its *history*: for every table the number of
//! a list of facts (effective, deletion, indicator, rationale), in the order of
//! that table's rows. Lists and facts are shared: millions of pairs have a few
//! thousand histories of a few hundred facts.
//!
//! A row's number in its table is the count of the table's rows of earlier
//! pairs; a count is kept for every 16th pair and the rest is added up.

use codesets::edit::{ModifierIndicator, ProcedureCode, PtpEdit};
use zerocopy::little_endian::{U16, U32};

use super::EditTablesError;
use super::pairs::{PairCode, PairRank, Pairs};
use super::records::{PtpFact, day_of, index};
use super::sections::{Section, Sections};
use super::texts::{count, text};

/// A count of rows is kept for every so many pairs.
pub(super) const COUNT_EVERY: usize = 16;

/// The PTP tables, ready to answer.
#[derive(Clone, Copy)]
pub struct Ptp<'a> {
    sections: &'a Sections,
    pairs: Pairs<'a>,
    narrow: &'a [U16],
    wide: &'a [U32],
    histories: &'a [U32],
    list_starts: &'a [U32],
    list_facts: &'a [U32],
    facts: &'a [PtpFact],
    rows_before: &'a [U32],
    tables: usize,
}

/// A row of a PTP table and its number there, from 0.
#[derive(Clone, Copy, Debug)]
pub struct PtpFound<'a> {
    /// What the row says.
    pub edit: PtpEdit<'a>,
    /// Its number among the table's rows.
    pub row: u32,
}

impl<'a> Ptp<'a> {
    pub(super) fn read(sections: &'a Sections, tables: usize) -> Ptp<'a> {
        let histories: &[U32] = sections.records(Section::Histories);
        let is_narrow = tables == 0 || histories.len() / tables <= 1 << 16;
        Ptp {
            sections,
            pairs: Pairs::read(sections),
            narrow: if is_narrow {
                sections.records(Section::PairValues)
            } else {
                &[]
            },
            wide: if is_narrow {
                &[]
            } else {
                sections.records(Section::PairValues)
            },
            histories,
            list_starts: sections.records(Section::ListStarts),
            list_facts: sections.records(Section::ListFacts),
            facts: sections.records(Section::Facts),
            rows_before: sections.records(Section::RowsBefore),
            tables,
        }
    }

    /// Checks what opening can check without reading every pair.
    pub(super) fn check(sections: &Sections, tables: usize) -> Result<(), EditTablesError> {
        Pairs::check(sections)?;
        let histories = sections.check_lengths::<U32>(Section::Histories)?;
        if tables == 0 && histories != 0 || tables != 0 && histories % tables != 0 {
            return Err(EditTablesError::damaged(
                "the histories do not fit the tables",
            ));
        }
        let pairs = if tables == 0 || histories / tables <= 1 << 16 {
            sections.check_lengths::<U16>(Section::PairValues)?
        } else {
            sections.check_lengths::<U32>(Section::PairValues)?
        };
        let rows_before = sections.check_lengths::<U32>(Section::RowsBefore)?;
        if rows_before != pairs.div_ceil(COUNT_EVERY) * tables {
            return Err(EditTablesError::damaged(
                "the counts of rows do not fit the pairs",
            ));
        }
        sections.check_lengths::<PtpFact>(Section::Facts)?;
        sections.check_lengths::<U32>(Section::ListFacts)?;
        sections.check_lengths::<U32>(Section::ListStarts)?;
        let starts: &[U32] = sections.records(Section::ListStarts);
        if !starts.is_sorted_by_key(|start| start.get()) {
            return Err(EditTablesError::damaged(
                "the lists of facts are not in order",
            ));
        }
        Ok(())
    }

    /// Reads every pair and checks that it leads to facts.
    pub(super) fn verify(&self) -> Result<(), EditTablesError> {
        let pairs = self.pairs.verify()?;
        if pairs as usize != self.narrow.len().max(self.wide.len()) {
            return Err(EditTablesError::damaged("the values do not fit the pairs"));
        }
        let lists = self.list_starts.len().saturating_sub(1);
        let sound = self.histories.iter().all(|list| index(*list) < lists)
            && self
                .list_facts
                .iter()
                .all(|fact| index(*fact) < self.facts.len())
            && self.facts.iter().all(|fact| {
                day_of(fact.effective).is_some()
                    && ModifierIndicator::from_digit(fact.indicator).is_some()
            });
        let last = histories_of(self).unwrap_or(0);
        let known = (0..pairs).all(|rank| self.history(PairRank(rank)).is_some_and(|h| h < last));
        if sound && (known || pairs == 0) {
            Ok(())
        } else {
            Err(EditTablesError::damaged("a pair leads to no facts"))
        }
    }

    /// How many pairs there are over all tables, each order of columns counted by itself.
    pub fn pair_count(&self) -> usize {
        self.narrow.len().max(self.wide.len())
    }

    /// Where `code` stands among the pairs: once a line, before [`Ptp::pair`].
    pub fn locate(&self, code: ProcedureCode) -> PairCode {
        self.pairs.locate(code)
    }

    /// The pair, if any table has it with the columns in this order.
    #[inline]
    pub fn pair(&self, column1: PairCode, column2: PairCode) -> Option<PairRank> {
        self.pairs.rank(column1, column2)
    }

    /// Every ordered pair among `codes` that any table has: the place of the
    /// column 1 code, that of the column 2 code, and the pair, in the order of places.
    ///
    /// All pairs of a code are tested before any of them is followed: the tests
    /// do not wait for each other, and a claim has few pairs to follow.
    pub fn among(&self, codes: &[PairCode]) -> impl Iterator<Item = (usize, usize, PairRank)> {
        codes.iter().enumerate().flat_map(move |(one, column1)| {
            let chunks = (0..).step_by(64).zip(codes.chunks(64));
            chunks.flat_map(move |(first, chunk)| {
                let mask = self.pairs.mask(*column1, chunk);
                let two = set_bits(mask).map(move |bit| first + bit);
                two.filter_map(move |two| {
                    let pair = self.pairs.rank(*column1, *codes.get(two)?)?;
                    Some((one, two, pair))
                })
            })
        })
    }

    /// Whether table `table` (its place among the PTP tables) has any row of the pair, in force or not.
    #[inline]
    pub fn is_in(&self, table: usize, pair: PairRank) -> bool {
        let list = self.list_of(table, pair);
        // List 0 is the empty one.
        list.is_some_and(|list| list != 0)
    }

    /// The rows that table `table` (its place among the PTP tables) has of a pair, in the file's order.
    pub fn rows(
        &self,
        table: usize,
        (column1, column2): (ProcedureCode, ProcedureCode),
        pair: PairRank,
    ) -> impl Iterator<Item = PtpFound<'a>> + use<'a> {
        let facts = self.facts_of(table, pair);
        let first = if facts.is_empty() {
            0
        } else {
            self.first_row(table, pair)
        };
        let ptp = *self;
        (first..).zip(facts).filter_map(move |(row, fact)| {
            let fact = ptp.facts.get(index(*fact))?;
            Some(PtpFound {
                edit: PtpEdit {
                    column1,
                    column2,
                    prior_to_1996: fact.prior_to_1996 != 0,
                    effective: day_of(fact.effective)?,
                    deletion: day_of(fact.deletion),
                    indicator: ModifierIndicator::from_digit(fact.indicator)?,
                    rationale: text(ptp.sections, fact.rationale),
                },
                row,
            })
        })
    }

    /// The pairs in which `code` is column 1, with their column 2 codes in order.
    pub fn of_column1(
        &self,
        code: ProcedureCode,
    ) -> impl Iterator<Item = (ProcedureCode, PairRank)> + use<'a> {
        self.pairs.of_column1(self.locate(code))
    }

    /// The pairs in which `code` is column 2, with their column 1 codes in order.
    pub fn of_column2(
        &self,
        code: ProcedureCode,
    ) -> impl Iterator<Item = (ProcedureCode, PairRank)> + use<'a> {
        self.pairs.of_column2(self.locate(code))
    }

    /// Every pair of every table, column 1 before column 2, in order.
    pub fn all(&self) -> impl Iterator<Item = (ProcedureCode, ProcedureCode, PairRank)> + use<'a> {
        self.pairs.all()
    }

    #[inline]
    fn history(&self, pair: PairRank) -> Option<usize> {
        let rank = pair.0 as usize;
        match self.narrow.get(rank) {
            Some(value) => Some(usize::from(value.get())),
            None => self.wide.get(rank).map(|value| index(*value)),
        }
    }

    #[inline]
    fn list_of(&self, table: usize, pair: PairRank) -> Option<usize> {
        let history = self.history(pair)?;
        let list = self.histories.get(history * self.tables + table)?;
        Some(index(*list))
    }

    fn facts_of(&self, table: usize, pair: PairRank) -> &'a [U32] {
        let read = || {
            let list = self.list_of(table, pair)?;
            let start = index(*self.list_starts.get(list)?);
            let end = index(*self.list_starts.get(list + 1)?);
            self.list_facts.get(start..end)
        };
        read().unwrap_or_default()
    }

    /// How many rows the table has before those of `pair`.
    fn first_row(&self, table: usize, pair: PairRank) -> u32 {
        let rank = pair.0 as usize;
        let counted = rank / COUNT_EVERY;
        let before = self.rows_before.get(counted * self.tables + table);
        let since = count(counted * COUNT_EVERY)..pair.0;
        let added: usize = since
            .map(|earlier| self.facts_of(table, PairRank(earlier)).len())
            .sum();
        before.map_or(0, |before| before.get()) + count(added)
    }
}

fn histories_of(ptp: &Ptp<'_>) -> Option<usize> {
    ptp.histories.len().checked_div(ptp.tables)
}

/// The places of a mask's set bits.
fn set_bits(mut mask: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = mask.trailing_zeros();
        mask &= mask.wrapping_sub(1);
        (bit < 64).then_some(bit as usize)
    })
}
